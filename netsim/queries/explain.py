"""Why each pair of ends may exchange what it may, and why no more."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, ClassVar, NotRequired, TypedDict

from netsim.bits.targets import Targets
from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ingest.ports import Asked, asked
from netsim.ir.objects import Family, Network, Node
from netsim.ir.policy import Direction
from netsim.ir.shapes import EndsShape, NamedShape, PlaceShape, TrafficShape, named
from netsim.ir.still import still
from netsim.ir.traffic import ALL, Traffic
from netsim.ir.verdict import Side
from netsim.lower.program import Sort
from netsim.lower.space import AddressRange
from netsim.queries.answer import BetweenShape, Listing, ListingSummary, between, warnings_of
from netsim.queries.assumptions import of_listing
from netsim.queries.blame import Cause, End, Ends, causes
from netsim.queries.controllers import INGRESS_CONTROLLER
from netsim.queries.entries import Ways
from netsim.queries.focus import Focus, Peers, products
from netsim.queries.judged import SideShape, side_dict
from netsim.queries.outside import address_of, cidrs, outside_classes, sorting_key
from netsim.queries.peers import Chosen
from netsim.queries.reasons import Part, Reasons, in_order
from netsim.queries.units import Unit, every_unit, met_nodes, units

#: More pairs than this, one by one, nobody reads.
MOST_PAIRS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One pair of ends.

    Attributes:
        parts: All traffic, or all that is asked about, in classes of one verdict for the same reasons.
        family: Set where the address families of the two do not agree; None otherwise.
        network: The network that they are on; None where the input names none but the pod network.
    """

    source: str
    destination: str
    parts: tuple[Part, ...]
    family: Family | None = None
    network: str | None = None

    @property
    def allowed(self) -> Traffic:
        """The traffic that is allowed."""
        return _union(part for part in self.parts if part.allowed)

    @property
    def unknown(self) -> Traffic:
        """The traffic that may be allowed."""
        return _union(part for part in self.parts if part.allowed is None)

    @property
    def denied(self) -> Traffic:
        """The traffic that is denied."""
        return _union(part for part in self.parts if part.allowed is False)


def _union(parts: Iterable[Part]) -> Traffic:
    return Traffic.of(entry for part in parts for entry in part.traffic)


class GroundShape(NamedShape, PlaceShape):
    """A rule or a policy that stands behind something."""

    policy: str | None
    rule: str | None
    what: str


class GroundsShape(TypedDict):
    """Some traffic that is allowed, and what stands behind it in each direction."""

    traffic: TrafficShape
    egress: list[GroundShape]
    ingress: list[GroundShape]


class DeniedShape(TypedDict):
    """Some traffic that is denied, and what each direction says."""

    traffic: TrafficShape
    egress: SideShape
    ingress: SideShape


class BecauseShape(TypedDict):
    """What stands behind traffic that is allowed, or may be."""

    because: NotRequired[list[GroundsShape]]


class ExplanationShape(EndsShape, BetweenShape, BecauseShape):
    """Some traffic from one to another, why it is allowed, and why no more is."""

    traffic: TrafficShape
    denied: list[DeniedShape]


class ExplainedShape(TypedDict):
    """Which connections are allowed, and why; ``denied`` where both ends were named."""

    summary: ListingSummary
    connections: list[ExplanationShape]
    unknown: list[ExplanationShape]
    denied: list[ExplanationShape] | None


@dataclass(frozen=True, kw_only=True)
class Explained(Listing):
    """The pairs of a listing with the reasons behind each, sorted: workloads, then addresses.

    Addresses that fare alike are one block only where the reasons are the same, too.

    Attributes:
        every_pair: Whether pairs without allowed traffic are explained, too: where both ends were named.
    """

    kind: ClassVar[str] = "Reachability"

    pairs: tuple[Explanation, ...]
    every_pair: bool

    def __iter__(self) -> Iterator[Explanation]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def counted(self) -> tuple[int, int]:
        """How many pairs have some allowed traffic, and how many are unknown only."""
        allowed = sum(bool(pair.allowed) for pair in self.pairs)
        return allowed, sum(_is_row(pair) for pair in self.pairs) - allowed

    def facts(self) -> ExplainedShape:
        """Return the pairs as JSON values: those with traffic that is allowed, may be, and none of either."""
        told = _Rows()
        rows, without = [pair for pair in self.pairs if _is_row(pair)], [p for p in self.pairs if not _is_row(p)]
        return {
            "summary": self.summary,
            "connections": [told.row(pair, pair.allowed) for pair in rows if pair.allowed],
            "unknown": [told.row(pair, pair.unknown) for pair in rows if pair.unknown],
            "denied": [told.row(pair, pair.denied) for pair in without] if self.every_pair else None,
        }


class _Rows:
    """Pairs as JSON values; what many of them say alike is made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, bool], tuple[Side, Any]] = {}

    def row(self, pair: Explanation, traffic: Traffic) -> ExplanationShape:
        """Return a pair as it is listed under some traffic of one verdict."""
        allowing = [part for part in pair.parts if part.allowed is not False and part.traffic & traffic]
        grounds = [self._told(part, self._grounds) for part in allowing]
        because: BecauseShape = {"because": grounds} if grounds else {}
        return {
            "from": pair.source,
            "to": pair.destination,
            "traffic": traffic.to_json(),
            **between(pair.family, pair.network),
            **because,
            "denied": [self._told(part, side_dict) for part in pair.parts if part.allowed is False],
        }

    def _told(self, part: Part, tell: Callable[[Side], Any]) -> Any:
        return {
            "traffic": part.traffic.to_json(),
            "egress": self._once(part.egress, tell),
            "ingress": self._once(part.ingress, tell),
        }

    def _once(self, side: Side, tell: Callable[[Side], Any]) -> Any:
        key = (id(side), tell is side_dict)
        if key not in self._made:
            self._made[key] = side, tell(side)  # which is kept, so that no other side gets its identity
        return self._made[key][1]

    @staticmethod
    def _grounds(side: Side) -> list[GroundShape]:
        return [_cause_dict(cause) for cause in causes(side)]


def _cause_dict(cause: Cause) -> GroundShape:
    return {
        "policy": cause.policy,
        "rule": cause.rule,
        **named(cause.name),
        "file": cause.place.file,
        "line": cause.place.line or None,
        "what": cause.what,
    }


@still()
def explain(
    cluster: Compiled,
    *,
    source: Peers = None,
    destination: Peers = None,
    workload: Peers = None,
    port: int | str | None = None,
    pods: bool = False,
) -> Explained:
    """Return what is behind each connection that ``reach`` lists of the same arguments.

    Where both ends are named, pairs without a row are explained, too.

    Raises:
        UsageError: Both ends are named, and they are too many.
    """
    every_pair = source is not None and destination is not None
    focus = Focus(source=source, destination=destination, workload=workload)
    work = _Work(cluster, None if port is None else asked(port), by_pod=pods, every_pair=every_pair)
    chosen = [product for (product,) in products(focus, cluster)]
    found = [pair for product in chosen for pair in work.pairs(*product)]
    ways = Ways(cluster, by_pod=pods, products=chosen, wanted=work.wanted)
    found += (pair for pair in _entered(ways) if every_pair or _is_row(pair))
    everyone = every_unit(cluster, by_pod=pods)
    return Explained(
        pairs=tuple(sorted(found, key=_order)),
        every_pair=every_pair,
        endpoints=len(everyone),
        classes=len({unit.member for unit in everyone}),
        policies=len(cluster.snapshot.policies),
        assumptions=(*of_listing(cluster), *ways.assumptions()),
        warnings=(*warnings_of(cluster), *ways.notices()),
    )


def _entered(ways: Ways) -> Iterator[Explanation]:
    """Yield what a controller may open that is not in the input, and what of it policies deny."""
    for unit, told in ways.told():
        parts = (
            Part(traffic=traffic, allowed=allowed, egress=egress, ingress=ingress, likeness=unit.name)
            for traffic, allowed, egress, ingress in told
        )
        yield Explanation(source=INGRESS_CONTROLLER, destination=unit.name, parts=in_order(parts))


def _order(pair: Explanation) -> tuple[object, ...]:
    return sorting_key(pair.source), sorting_key(pair.destination), str(pair.family)


#: A block of addresses outside, and how it fares with a unit.
Outer = tuple[Network, tuple[Part, ...]]


class _Work:
    """The work of one explanation; used once, then dropped."""

    def __init__(self, cluster: Compiled, wanted: Asked | None, *, by_pod: bool, every_pair: bool) -> None:
        self._cluster = cluster
        self._program = cluster.program
        self._reach = cluster.reachability
        self.wanted = wanted
        self._by_pod = by_pod
        self._every_pair = every_pair
        self._reasons = Reasons(cluster)
        self._outer: dict[object, tuple[Outer, ...]] = {}
        self._outside: dict[tuple[Network, ...], Mapping[int, tuple[AddressRange, ...]]] = {}

    def pairs(self, sources: Chosen, destinations: Chosen) -> Iterator[Explanation]:
        """Yield the pairs to explain, unsorted."""
        ones, others = (
            units(self._cluster, chosen.endpoints, by_pod=self._by_pod) for chosen in (sources, destinations)
        )
        found = chain(
            self._of_units(ones, others),
            self._with_outside(ones, Direction.EGRESS, destinations.blocks),
            self._with_outside(others, Direction.INGRESS, sources.blocks),
        )
        return (pair for pair in found if self._every_pair or _is_row(pair))

    def _of_units(self, ones: Sequence[Unit], others: Sequence[Unit]) -> Iterator[Explanation]:
        if self._every_pair and len(ones) * len(others) > MOST_PAIRS:
            raise UsageError(
                f"that is {len(ones) * len(others):,} pairs to explain",
                hint="narrow --from or --to; with one of them alone, only pairs with allowed traffic are explained",
            )
        members = [unit.member for unit in others]
        targets = [Targets(self._reach, members, family) for family in self._program.families]
        for one in ones:
            for at in self._reached(one, targets, len(others)):
                if one.name != others[at].name:
                    yield from self._between(one, others[at])

    def _reached(self, source: Unit, targets: Sequence[Targets], count: int) -> Iterable[int]:
        """Return the destinations of which some traffic may be allowed, by index; all where all are asked about."""
        # A host may be on its destination's node (S2.9), which classes do not tell.
        if self._every_pair or self._program.classes[source.member].sort is Sort.HOST:
            return range(count)
        return {at for own in targets for at in own.reached(source.member)[0].tolist()}

    def _with_outside(
        self, own: Sequence[Unit], direction: Direction, blocks: tuple[Network, ...]
    ) -> Iterator[Explanation]:
        """Yield each unit with the blocks of addresses that it may reach, or that may reach it."""
        for unit in own:
            for block, parts in self._with(unit, direction, blocks):
                source, destination = unit.name, str(block)
                if direction is Direction.INGRESS:
                    source, destination = destination, source
                yield Explanation(source=source, destination=destination, parts=parts)

    def _between(self, one: Unit, other: Unit) -> Iterator[Explanation]:
        ends = self._met(one, other)
        families = sorted(one.families & other.families or one.families | other.families)
        found = {family: self._parts(*ends, family) for family in families}
        alike = len({_likeness(parts) for parts in found.values()}) == 1
        for family, parts in list(found.items())[: 1 if alike else None]:
            yield Explanation(source=one.name, destination=other.name, parts=parts, family=None if alike else family)

    def _parts(self, source: End, destination: End, family: Family) -> tuple[Part, ...]:
        """Return the classes of traffic between two ends, cut to the port that is asked about."""
        parts = self._reasons.parts(source, destination, family)
        if self.wanted is None:
            return parts
        wanted = self._wanted_at(destination)
        cut = (replace(part, traffic=part.traffic & wanted) for part in parts)
        return in_order(part for part in cut if part.traffic)

    def _wanted_at(self, destination: End) -> Traffic:
        """Return the traffic that is asked about; a port name is the destination's (S2.8)."""
        endpoint = self._program.endpoints[destination] if isinstance(destination, int) else None
        return ALL if self.wanted is None else self.wanted.traffic(endpoint)

    def _with(self, unit: Unit, direction: Direction, blocks: tuple[Network, ...]) -> tuple[Outer, ...]:
        """Return the addresses in some blocks, and how they fare as peers of a unit, of which the group alone asks."""
        group = self._program.group_of[direction][unit.member]
        sort = self._program.classes[unit.member].sort
        wanted = self._wanted_at(unit.endpoints[0]) if direction is Direction.INGRESS else None
        key = (direction, blocks, group, sort, unit.families, wanted)
        if key not in self._outer:
            self._outer[key] = tuple(self._blocks(unit, direction, blocks))
        return self._outer[key]

    def _blocks(self, unit: Unit, direction: Direction, blocks: tuple[Network, ...]) -> Iterator[Outer]:
        if blocks not in self._outside:
            self._outside[blocks] = outside_classes(self._cluster, blocks)
        alike: dict[object, tuple[Family, list[AddressRange], tuple[Part, ...]]] = {}
        for member, ranges in self._outside[blocks].items():
            family = self._program.classes[member].family
            if family is not None and family in unit.families:
                peer, own = address_of(family, ranges[0][0]), unit.endpoints[0]
                source, destination = (own, peer) if direction is Direction.EGRESS else (peer, own)
                parts = self._parts(source, destination, family)
                alike.setdefault((family, _likeness(parts)), (family, [], parts))[1].extend(ranges)
        for family, found, parts in alike.values():
            if parts:
                yield from ((cidr, parts) for cidr in cidrs(family, found))

    def _met(self, source: Unit, destination: Unit) -> Ends:
        """Return an endpoint of each: on one node where some are, on none that is known where that is open (S2.9)."""
        one, other = met_nodes(source, destination)
        if one is None:
            return self._on(source, None), self._on(destination, None)
        shared = one if one == other else None
        return self._on(source, shared), self._on(destination, shared)

    def _on(self, unit: Unit, node: str | None) -> int:
        """Return an endpoint of a unit on a node, the first where none is."""
        endpoints = ((number, self._program.endpoints[number]) for number in unit.endpoints)
        on_node = (number for number, e in endpoints if (e.name if isinstance(e, Node) else e.node) == node)
        return next(on_node, unit.endpoints[0])


def _is_row(pair: Explanation) -> bool:
    """Return whether some traffic of the pair is allowed or may be."""
    return any(part.allowed is not False for part in pair.parts)


def _likeness(parts: Iterable[Part]) -> object:
    return tuple((part.traffic, part.likeness) for part in parts)
