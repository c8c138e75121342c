"""What could reach each workload, and what it could reach, beyond the pods that exist."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Annotated, Literal, NotRequired, TypedDict

from netsim.bits.reach import Answer as Traffics
from netsim.cluster import Compiled
from netsim.ingest.ports import Asked, asked
from netsim.ir.objects import Family
from netsim.ir.policy import Direction
from netsim.ir.shapes import TrafficShape
from netsim.ir.still import still
from netsim.ir.traffic import NONE, Traffic
from netsim.lower.program import Sort
from netsim.queries.cases import Cases
from netsim.queries.distinct import Case, PotentialPeer, Says, differing
from netsim.queries.focus import Peers, every_pod
from netsim.queries.networks import reach
from netsim.queries.peers import choose
from netsim.queries.potential import Supposition
from netsim.queries.reach import Reachability, ReachabilityShape
from netsim.queries.units import Unit, units

ENTIRE_CLUSTER = "entire-cluster"


class ExposureShape(TypedDict):
    """What a workload may open to pods that could be, or accept from them."""

    workload: str
    direction: Annotated[str, Direction]
    peer: str
    traffic: TrafficShape | Literal["none"]
    unknown: NotRequired[TrafficShape]
    named: NotRequired[list[str]]
    but_named: NotRequired[list[str]]


class UnprotectedShape(TypedDict):
    """A workload, and a direction that no policy speaks of."""

    workload: str
    direction: Annotated[str, Direction]


class ExposedShape(ReachabilityShape):
    """Which connections are allowed, and what is left open to pods that could be."""

    exposure: list[ExposureShape]
    unprotected: list[UnprotectedShape]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a workload may open to pods that could be, or accept from them.

    Of the rows that fit a pod the most specific ones hold for it: it may do what any of them says. A row is left out
    where the rows that it makes more specific say the same.

    Attributes:
        peer: None for the entire cluster: every pod that no other row of the workload fits.
        named: What else is allowed on ports that the peer would declare by these names, ``TCP http``, where no rule
            mentions their numbers. ``but_named``: what of ``traffic`` is not.
        existing: Whether the pods are named by the values of labels, in one namespace, and some pod there is one: then
            the listing says it. Also where further labels change nothing.
    """

    workload: str
    direction: Direction
    peer: PotentialPeer | None
    traffic: Traffic
    unknown: Traffic = NONE
    named: tuple[str, ...] = ()
    but_named: tuple[str, ...] = ()
    existing: bool = False

    def to_dict(self) -> ExposureShape:
        """Return the row as JSON values."""
        shape: ExposureShape = {
            "workload": self.workload,
            "direction": self.direction.value,
            "peer": str(self.peer or ENTIRE_CLUSTER),
            "traffic": self.traffic.to_json() if self.traffic else "none",
        }
        if self.unknown:
            shape["unknown"] = self.unknown.to_json()
        if self.named:
            shape["named"] = list(self.named)
        if self.but_named:
            shape["but_named"] = list(self.but_named)
        return shape


@dataclass(frozen=True, kw_only=True)
class Exposed(Reachability):
    """A listing, and what it leaves open to pods that could be.

    Attributes:
        exposure: By workload and direction, the entire cluster first.
        unprotected: The workloads and directions that no policy speaks of.
    """

    exposure: tuple[Exposure, ...]
    unprotected: tuple[tuple[str, Direction], ...]

    def facts(self) -> ExposedShape:
        """Return the listing and its exposure as JSON values; peers that exist are in the listing."""
        return {
            **super().facts(),
            "exposure": [row.to_dict() for row in self.exposure if not row.existing],
            "unprotected": [{"workload": name, "direction": each.value} for name, each in self.unprotected],
        }


@still()
def exposure(
    cluster: Compiled,
    *,
    source: Peers = None,
    destination: Peers = None,
    workload: Peers = None,
    port: int | str | None = None,
    pods: bool = False,
) -> Exposed:
    """Return every allowed connection, as ``reach`` does, with what it leaves open to pods that could be.

    Args:
        source, destination, workload: The rows of these peers, and the exposure of those of them that are pods.
        port: Count this traffic alone.
        pods: Pod by pod instead of workload by workload.
    """
    listing = reach(cluster, source=source, destination=destination, workload=workload, port=port, pods=pods)
    chosen = units(cluster, _chosen((source, destination, workload), cluster), by_pod=pods)
    work = _Work(cluster, chosen, None if port is None else asked(port))
    rows = tuple(work.rows())
    own = {entry.name: getattr(listing, entry.name) for entry in fields(Reachability)}
    own["assumptions"] = (*listing.assumptions, *work.bounds())
    return Exposed(
        **own,
        exposure=rows,
        unprotected=tuple((unit.name, each) for unit in chosen for each in _BOTH if work.open(unit, each)),
    )


def _chosen(named: Sequence[Peers], cluster: Compiled) -> tuple[int, ...]:
    texts = [text for peers in named if peers for text in ([peers] if isinstance(peers, str) else peers)]
    if not texts:
        return every_pod(cluster.program)
    found = {number for text in texts for number in choose(text, cluster).endpoints}
    return tuple(sorted(found & set(every_pod(cluster.program))))


_BOTH = (Direction.EGRESS, Direction.INGRESS)


@dataclass(slots=True)
class _Work:
    """The work of one question; used once, then dropped."""

    cluster: Compiled
    units: tuple[Unit, ...]
    wanted: Asked | None
    cases: Cases = field(init=False)
    _supposed: Compiled = field(init=False)
    _listed: dict[object, tuple[tuple[Case | None, Says], ...]] = field(default_factory=dict)
    _said: dict[object, Says] = field(default_factory=dict)

    def __post_init__(self) -> None:
        program = self.cluster.program
        supposition = Supposition(program.snapshot)
        self.cases = Cases(program, supposition)
        for direction in _BOTH:
            for group in sorted({program.group_of[direction][unit.member] for unit in self.units}):
                self.cases.of(direction, group)
        snapshot = supposition.supposed(self.cases.namespaces)
        self._supposed = Compiled(snapshot, program.profile, frozenset(program.families))

    def bounds(self) -> Iterator[str]:
        """Yield what is not told apart for its number."""
        for name in self.cases.bounded:
            where = f"namespace {name}" if name else "namespaces yet to be made"
            yield f"in {where} the rules tell too many pods apart: exposure combines no more than two rules' peers"

    def open(self, unit: Unit, direction: Direction) -> bool:
        """Return whether no policy speaks of a unit in one direction."""
        return self.cluster.program.group_of[direction][unit.member] == 0

    def rows(self) -> Iterator[Exposure]:
        """Yield the rows of every unit, egress first."""
        for unit in self.units:
            for direction in _BOTH:
                yield from (_row(unit, direction, case, says) for case, says in self._of(unit, direction))

    def _of(self, unit: Unit, direction: Direction) -> tuple[tuple[Case | None, Says], ...]:
        wanted = self._wanted(unit, direction)
        key = (unit.member, direction, unit.families, wanted)
        if key not in self._listed:
            cases = self.cases.of(direction, self.cluster.program.group_of[direction][unit.member])
            said = [self._cut(says, wanted) for says in self._answers(unit, direction, cases)]
            whole = _entire(cases, said)
            start: list[tuple[Case | None, Says]] = [(None, whole)] if whole[0] or whole[1] or whole[2][0] else []
            self._listed[key] = (*start, *differing(cases, said, whole))
        return self._listed[key]

    def _wanted(self, unit: Unit, direction: Direction) -> Traffic | None:
        """Return the traffic that is asked about; a port name is the destination's (S2.8)."""
        if self.wanted is None:
            return None
        inward = direction is Direction.INGRESS
        return self.wanted.traffic(self.cluster.program.endpoints[unit.endpoints[0]] if inward else None)

    def _cut(self, says: Says, wanted: Traffic | None) -> Says:
        if wanted is None or self.wanted is None:
            return says
        name = self.wanted.name
        opened, closed = (tuple(each for each in names if each.partition(" ")[2] == name) for names in says[2])
        return says[0] & wanted, says[1] & wanted, (opened, closed)

    def _answers(self, unit: Unit, direction: Direction, cases: Sequence[Case]) -> Iterator[Says]:
        """Yield what is said of each case."""
        program = self._supposed.program
        families = sorted(unit.families & frozenset(program.families))
        bare = [program.class_of[case.potential.number] for case in cases]
        columns = [self._numbers(unit, direction, family, bare) for family in families]
        if self.cases.supposition.names and direction is Direction.EGRESS:
            named = [program.class_of[case.potential.twin or 0] for case in cases]
            columns += [self._numbers(unit, direction, family, named) for family in families]
        for numbers in zip(*columns, strict=True):
            if numbers not in self._said:
                self._said[numbers] = self._says(numbers[: len(families)], numbers[len(families) :])
            yield self._said[numbers]

    def _numbers(self, unit: Unit, direction: Direction, family: Family, others: Sequence[int]) -> list[int]:
        """Return the numbers of the traffic between a unit and some classes."""
        reach, program = self._supposed.reachability, self._supposed.program
        member = program.class_of[unit.endpoints[0]]
        if direction is Direction.INGRESS:
            return [int(number) for number in reach.column(member, family)[others]]
        found = [int(number) for number in reach.row(member, family)[others]]
        if program.classes[member].sort is not Sort.HOST:
            return found
        ends = zip(found, others, strict=True)
        return [reach.exception(number, member, other, family, None, None) for number, other in ends]  # S2.9

    def _says(self, bare: Sequence[int], named: Sequence[int]) -> Says:
        traffic, unknown = _agreed([self._supposed.reachability.traffic(number) for number in bare])
        if not named:
            return traffic, unknown, ((), ())
        twin, _ = _agreed([self._supposed.reachability.traffic(number) for number in named])
        return traffic, unknown, (self._names(twin - traffic), self._names(traffic - twin))

    def _names(self, traffic: Traffic) -> tuple[str, ...]:
        """Return the names of the twins' ports that some traffic is to."""
        ports = (port for port in self.cases.supposition.names if (port.protocol, port.number) in traffic)
        return tuple(sorted(f"{port.protocol} {port.name}" for port in ports))


def _entire(cases: Sequence[Case], said: Sequence[Says]) -> Says:
    """Return what holds where no row says more: for a pod of which no rule says anything, if there can be one."""
    general = [(case, says) for case, says in zip(cases, said, strict=True) if case.peer.namespace is None]
    fewest = [case for case, _ in general if not case.signature] or [case for case, _ in general]
    least = [says for case, says in general if case in fewest and not any(other.covers(case) for other in fewest)]
    opened = set.intersection(*(set(names[0]) for _, _, names in least))
    closed = set.union(*(set(names[1]) for _, _, names in least))
    names = tuple(sorted(opened)), tuple(sorted(closed))
    return (*_agreed([(traffic, unknown) for traffic, unknown, _ in least]), names)


def _agreed(answers: Sequence[Traffics]) -> Traffics:
    """Return what all allow, and what some may allow."""
    surely, possibly = answers[0][0], answers[0][0] | answers[0][1]
    for allowed, unknown in answers[1:]:
        surely, possibly = surely & allowed, possibly | allowed | unknown
    return surely, possibly - surely


def _row(unit: Unit, direction: Direction, case: Case | None, says: Says) -> Exposure:
    traffic, unknown, (named, but_named) = says
    return Exposure(
        workload=unit.name,
        direction=direction,
        peer=case.peer if case else None,
        traffic=traffic,
        unknown=unknown,
        named=named,
        but_named=but_named,
        existing=case is not None and case.existing,
    )
