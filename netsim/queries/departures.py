"""Whether other networks would say something else: one question under every profile that is shipped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

from netsim.cluster import Compiled
from netsim.ir.policy import Policy
from netsim.ir.profile import Profile
from netsim.ir.snapshot import Snapshot
from netsim.ir.truth import Truth, agreed
from netsim.ir.verdict import Flow
from netsim.knowledge import profile, profile_names
from netsim.queries.candidates import candidates
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


def departures(cluster: Compiled, snapshot: Snapshot, flows: Sequence[Flow], allowed: Truth) -> tuple[Departure, ...]:
    """Return the shipped profiles under which the flows' common verdict is not ``allowed``, by name.

    Args:
        snapshot: The cluster's, or that with a namespace more in it.
    """
    if len(flows) > MOST_FLOWS:
        return ()
    asked = _Asked(snapshot, [(flow, candidates(cluster, flow)) for flow in flows])
    return tuple(_departing(asked, cluster.profile, allowed))


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

    def __init__(self, snapshot: Snapshot, flows: Sequence[tuple[Flow, Sequence[Policy]]]) -> None:
        self._snapshot = snapshot
        self._flows = flows
        self._known: dict[Profile, Truth] = {}

    def under(self, network: Profile) -> Truth:
        """Return the verdict that all flows share; unknown where they do not agree."""
        key = replace(network, name="")
        if key not in self._known:
            self._known[key] = agreed(judge(self._snapshot, key, *flow).allowed for flow in self._flows)
        return self._known[key]


def _switches(own: Profile, other: Profile) -> list[str]:
    names = (field.name for field in fields(Profile) if field.name != "name")
    return [name for name in names if getattr(own, name) != getattr(other, name)]


def _with(own: Profile, other: Profile, switch: str) -> Profile:
    return replace(own, **{switch: getattr(other, switch)})
