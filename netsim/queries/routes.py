"""The attack paths that a diff compares: from the internet, and from whoever is named, to what matters most."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from netsim.cluster import Compiled
from netsim.errors import UnknownPeerError
from netsim.graph.vertices import kind_of
from netsim.ir.attack import CERTAINTIES, Certainty, Step, StepShape
from netsim.ir.place import NOWHERE, Place
from netsim.ir.shapes import EndsShape, PlaceShape
from netsim.queries.attack import goal_of
from netsim.queries.blast import BlastRadius, Fallen, blast
from netsim.queries.both import Both, Part

INTERNET = "internet"
#: Goals of every cluster, as ``netsim paths`` takes them, by the kind of what falls then.
_GOALS = {"cluster-admin": "cluster-admin", "node": "node", "etcd": "etcd"}


class RouteShape(EndsShape, PlaceShape):
    """That somebody comes to a goal, as far as it is compared."""

    certainty: Annotated[str, CERTAINTIES]
    kinds: list[str]
    steps: list[StepShape]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """That somebody comes to a goal, by the surest of ways, and of those the shortest.

    Attributes:
        source, target: As ``netsim paths`` takes them: ``internet``, ``cluster-admin``, ``node`` (any).
    """

    source: str
    target: str
    steps: tuple[Step, ...]
    certainty: Certainty

    @property
    def key(self) -> str:
        """What it is known by from run to run."""
        return f"{self.source} => {self.target}"

    @property
    def place(self) -> Place:
        """Where the last of its steps that rests on something written stands: what it was made possible by."""
        return next((step.place for step in reversed(self.steps) if step.place is not NOWHERE), NOWHERE)

    def to_dict(self) -> RouteShape:
        """Return the route as JSON values, as far as it is compared with that of another state."""
        return {
            "from": self.source,
            "to": self.target,
            "certainty": self.certainty.name.lower(),
            "kinds": [step.id for step in self.steps],
            "steps": [step.to_dict() for step in self.steps],
            "file": self.place.file,
            "line": self.place.line or None,
        }


def compared_routes(both: Both) -> tuple[Sequence[Route], Sequence[Route]]:
    """Return the routes of both sides, where the objects were kept whole and some differ.

    Raises:
        UnknownPeerError: Neither side knows an attacker.
    """
    if Part.PATHS not in both.parts or not both.whole:
        return (), ()
    for name in both.attackers:
        _check(both, name)
    if both.same:
        return (), ()
    old, new = (tuple(_of_side(side, both.attackers)) for side in (both.old, both.new))
    return old, new


def _check(both: Both, name: str) -> None:
    answers = [_radius(side, name) for side in (both.old, both.new)]
    for answer in answers:
        if not isinstance(answer, UnknownPeerError):
            return
    raise answers[-1]  # type: ignore[misc]


def _radius(side: Compiled, name: str) -> BlastRadius | UnknownPeerError:
    def ask() -> BlastRadius | UnknownPeerError:
        try:
            return blast(side, name)
        except UnknownPeerError as error:
            return error

    return side.once(("blast", name), ask)


def _of_side(side: Compiled, attackers: Iterable[str]) -> Iterator[Route]:
    jewels = _jewels(side)
    for name in dict.fromkeys((INTERNET, *attackers)):
        answer = _radius(side, name)
        if isinstance(answer, UnknownPeerError):
            continue
        reached: dict[str, Fallen] = {}
        for each in answer:  # the surest and shortest first
            goal = each.vertex if each.vertex in jewels else _GOALS.get(kind_of(each.vertex))
            if goal is not None:
                reached.setdefault(goal, each)
        for goal, each in reached.items():
            steps = answer.proof(each.vertex)
            yield Route(source=name, target=goal, steps=steps, certainty=each.certainty)


def _jewels(side: Compiled) -> frozenset[str]:
    try:
        return frozenset(goal_of(side, "crown-jewels").facts)
    except UnknownPeerError:
        return frozenset()
