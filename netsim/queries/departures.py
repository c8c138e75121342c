"""Whether other networks would say something else: one question under every profile that is shipped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

from netsim.ir.profile import Profile
from netsim.ir.snapshot import Snapshot
from netsim.ir.truth import Truth, agreed
from netsim.knowledge import profile, profile_names
from netsim.queries.switches import Question, switches
from netsim.spec import judge

#: A question about more flows than this is asked under its own profile alone.
MOST_FLOWS = 100


@dataclass(frozen=True, slots=True)
class Departure:
    """A profile under which the verdict is another.

    Attributes:
        switch, value: The switch of it that alone makes the difference; None where it takes several.
    """

    profile: str
    allowed: Truth
    switch: str | None
    value: object


def departures(
    own: Profile, snapshot: Snapshot, questions: Sequence[Question], allowed: Truth
) -> tuple[Departure, ...]:
    """Return the shipped profiles under which the flows' common verdict is not ``allowed``, by name.

    Args:
        own: The profile under which it is.
        snapshot: The cluster's, or that with a namespace more in it.
    """
    if len(questions) > MOST_FLOWS:
        return ()
    return tuple(_departing(_Asked(snapshot, own, questions), own, allowed))


def _departing(asked: "_Asked", own: Profile, allowed: Truth) -> Iterator[Departure]:
    for name in profile_names():
        other = profile(name)
        found = asked.under(other)
        if found is not allowed:
            alone = (switch for switch in _switches(own, other) if asked.under(_with(own, other, switch)) is found)
            switch = next(alone, None)
            yield Departure(name, found, switch, getattr(other, switch) if switch else None)


class _Asked:
    """Flows, each distinct reading of which is judged once."""

    def __init__(self, snapshot: Snapshot, own: Profile, questions: Sequence[Question]) -> None:
        self._snapshot = snapshot
        self._own = replace(own, name="")
        self._questions = questions
        self._switches = switches(questions)
        self._known: dict[Profile, Truth] = {}

    def under(self, network: Profile) -> Truth:
        """Return the verdict that all flows share; unknown where they do not agree."""
        key = replace(self._own, **{switch: getattr(network, switch) for switch in self._switches})
        if key not in self._known:
            self._known[key] = agreed(judge(self._snapshot, key, *question).allowed for question in self._questions)
        return self._known[key]


def _switches(own: Profile, other: Profile) -> list[str]:
    names = (field.name for field in fields(Profile) if field.name != "name")
    return [name for name in names if getattr(own, name) != getattr(other, name)]


def _with(own: Profile, other: Profile, switch: str) -> Profile:
    return replace(own, **{switch: getattr(other, switch)})
