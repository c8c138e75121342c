"""Every allowed connection between workloads, and with the outside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from netsim.bits.reach import Answer as Traffics
from netsim.bits.reach import Reach, Targets
from netsim.bits.sets import TrafficSets
from netsim.cluster import Compiled
from netsim.ingest.ports import Asked, asked
from netsim.ir.objects import Family, Network
from netsim.ir.traffic import NONE, Traffic
from netsim.lower.program import Program, Sort
from netsim.lower.space import AddressRange
from netsim.queries.answer import Listing, frame, warnings_of
from netsim.queries.assumptions import of_listing
from netsim.queries.controllers import INGRESS_CONTROLLER
from netsim.queries.entries import WayIn, Ways
from netsim.queries.focus import Focus, Peers, every_pod, products
from netsim.queries.outside import cidrs, outside_classes
from netsim.queries.peers import Chosen
from netsim.queries.units import Unit, met_nodes, units


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One line of a listing.

    Attributes:
        traffic: What is allowed. ``unknown``: what may be allowed.
        family: Set where the address families of the two do not agree; None otherwise.
        network: The network that it is on; None where the input names none but the pod network.
    """

    source: str
    destination: str
    traffic: Traffic
    unknown: Traffic = NONE
    family: Family | None = None
    network: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reachability(Listing):
    """Which connections are allowed, listed by source.

    Iterating yields a Connection for each pair with some traffic that is allowed or unknown, sorted: workloads, then
    addresses. A workload's connections to itself are left out; pod by pod, those between its pods are listed.

    Attributes:
        entries: The ways into the cluster that lead to what is listed, whether policies allow them or not.
        listed: For each source, the lines of what it reaches; sources that reach the same share one tuple.
    """

    kind: ClassVar[str] = "Reachability"

    listed: tuple[tuple[str, tuple["Line", ...]], ...]
    entries: tuple[WayIn, ...] = ()
    summary_only: bool = False

    def __iter__(self) -> Iterator[Connection]:
        for source, lines in self.listed:
            for line in lines:
                if line.destination != source:
                    yield Connection(
                        source=source,
                        destination=line.destination,
                        traffic=line.traffic,
                        unknown=line.unknown,
                        family=line.family,
                        network=line.network,
                    )

    def __len__(self) -> int:
        return self.counted[0] + self.counted[1]

    @property
    def counted(self) -> tuple[int, int]:
        """How many lines have some allowed traffic, and how many are unknown only."""
        tallies: dict[int, tuple[int, int]] = {}
        allowed = unknown = 0
        for source, lines in self.listed:
            if id(lines) not in tallies:
                yes = sum(bool(line.traffic) for line in lines)
                tallies[id(lines)] = yes, len(lines) - yes
            own = [line for line in lines if line.destination == source]
            yes = sum(bool(line.traffic) for line in own)
            allowed += tallies[id(lines)][0] - yes
            unknown += tallies[id(lines)][1] - (len(own) - yes)
        return allowed, unknown

    @property
    def networked(self) -> bool:
        """Whether rows say which network they are on."""
        return any(line.network for _, lines in self.listed for line in lines[:1])

    def facts(self) -> Mapping[str, Any]:
        """Return the listing as JSON values; with ``summary_only``, the counts alone."""
        if self.summary_only:
            return {"summary": self.summary}
        return {
            "summary": self.summary,
            "connections": [_row_dict(row, row.traffic) for row in self if row.traffic],
            "unknown": [_row_dict(row, row.unknown) for row in self if row.unknown],
            "entries": [way.to_dict() for way in self.entries],
        }

    def to_frame(self) -> Any:
        """Return the listing as a pandas DataFrame: from, to, traffic, unknown, family; network where it is set."""
        columns = ("from", "to", "traffic", "unknown", "family", *(("network",) if self.networked else ()))
        rows = (
            (
                row.source,
                row.destination,
                str(row.traffic),
                str(row.unknown),
                str(row.family) if row.family else None,
                row.network,
            )[: len(columns)]
            for row in self
        )
        return frame(columns, rows)


def _row_dict(row: Connection, traffic: Traffic) -> dict[str, Any]:
    family = {"family": str(row.family)} if row.family else {}
    network = {"network": row.network} if row.network else {}
    return {"from": row.source, "to": row.destination, "traffic": traffic.to_json(), **family, **network}


@dataclass(frozen=True, slots=True)
class Line:
    """What one source reaches at one destination."""

    destination: str
    traffic: Traffic
    unknown: Traffic
    family: Family | None
    network: str | None = None


def reach(
    cluster: Compiled,
    *,
    source: Peers = None,
    destination: Peers = None,
    workload: Peers = None,
    port: int | str | None = None,
    pods: bool = False,
    summary: bool = False,
) -> Reachability:
    """Return every allowed connection.

    Args:
        source, destination: List those of these peers alone; nodes are listed only where they are named here.
        workload: List those of which either end is one of these peers.
        port: Count this traffic alone.
        pods: Pod by pod instead of workload by workload.
        summary: The counts alone.
    """
    program = cluster.program
    wanted = None if port is None else asked(port)
    focus = Focus(source=source, destination=destination, workload=workload)
    chosen = [product for (product,) in products(focus, program)]
    listings = [
        _Listing(
            cluster.reachability, _ends(program, sources, pods=pods), _ends(program, destinations, pods=pods), wanted
        )
        for sources, destinations in chosen
    ]
    ways = Ways(cluster, by_pod=pods, products=chosen, wanted=wanted)
    everyone = units(program, every_pod(program), by_pod=pods)
    return Reachability(
        listed=_in_order(listings, _entered(ways)),
        endpoints=len(everyone),
        classes=len({unit.member for unit in everyone}),
        policies=len(program.policies),
        entries=() if summary else ways.rows(),
        summary_only=summary,
        assumptions=(*of_listing(cluster), *ways.assumptions()),
        warnings=(*warnings_of(cluster.snapshot), *ways.notices()),
    )


def _entered(ways: Ways) -> tuple[Line, ...]:
    """Return what the controller reaches that is not in the input."""
    return tuple(Line(unit.name, *opened, None) for unit, opened in sorted(ways.opened().items(), key=_by_name))


def _by_name(entry: tuple[Unit, Traffics]) -> str:
    return entry[0].name


def _in_order(listings: Sequence["_Listing"], entered: tuple[Line, ...]) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    """Return the rows of listings without a common source: workloads, what enters by controllers, then addresses."""
    inner = sorted((rows for listing in listings for rows in listing.from_units()), key=lambda rows: rows[0])
    outer = sorted((rows for listing in listings for rows in listing.from_outside()), key=lambda rows: _order(rows[0]))
    controller = [(INGRESS_CONTROLLER, entered)] if entered else []
    return (*inner, *controller, *((str(cidr), lines) for cidr, lines in outer))


def _order(cidr: Network) -> tuple[int, int, int]:
    return cidr.version, int(cidr.network_address), cidr.prefixlen


@dataclass(frozen=True, slots=True)
class _Ends:
    """One end of a listing: units, and outside addresses by class."""

    units: tuple[Unit, ...]
    outside: Mapping[int, tuple[AddressRange, ...]]


def _ends(program: Program, chosen: Chosen, *, pods: bool) -> _Ends:
    return _Ends(units(program, chosen.endpoints, by_pod=pods), outside_classes(program, chosen.blocks))


@dataclass(slots=True)
class _Listing:
    """The work of one listing; used once, then dropped."""

    reach: Reach
    sources: _Ends
    destinations: _Ends
    wanted: Asked | None
    _targets: Targets = field(init=False)
    _outer: dict[Family, tuple[list[int], Targets]] = field(init=False)
    _lines: dict[tuple[int, str, Family | None], Line] = field(default_factory=dict)
    _cidrs: dict[object, tuple[tuple[Network, Traffics], ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._targets = self.reach.targets([unit.member for unit in self.destinations.units])
        outer = {family: self._members(self.destinations, family) for family in self.reach.program.families}
        self._outer = {family: (members, self.reach.targets(members)) for family, members in outer.items()}

    def from_units(self) -> Iterator[tuple[str, tuple[Line, ...]]]:
        """Yield each unit that reaches something, by name, with the sorted lines of what it reaches."""
        shared: dict[object, tuple[Line, ...]] = {}
        for unit in self.sources.units:
            host = self.reach.program.classes[unit.member].sort is Sort.HOST
            key = unit if host else (unit.member, unit.families)
            if key not in shared:
                shared[key] = tuple(self._of_unit(unit))
            if any(line.destination != unit.name for line in shared[key]):
                yield unit.name, shared[key]

    def _of_unit(self, source: Unit) -> Iterator[Line]:
        if self.reach.program.classes[source.member].sort is Sort.HOST:
            yield from self._of_host(source)
        else:
            found: dict[int, dict[Family, int]] = {}
            for family in self.reach.program.families:
                for at, number in self._targets.reached(source.member, family):
                    found.setdefault(at, {})[family] = number
            for at in sorted(found):
                yield from self._to_unit(source, self.destinations.units[at], found[at])
        yield from self._to_outside(source)

    def _of_host(self, source: Unit) -> Iterator[Line]:
        """Yield what a host reaches: it may be on its destination's node (S2.9), so unit by unit."""
        for unit in self.destinations.units:
            numbers = {
                family: self._with_nodes(source, unit, family, self.reach.cell(source.member, unit.member, family))
                for family in self.reach.program.families
            }
            yield from self._to_unit(source, unit, numbers)

    def _to_unit(self, source: Unit, unit: Unit, numbers: Mapping[Family, int]) -> Iterator[Line]:
        exact = {family: numbers.get(family, TrafficSets.NOTHING) for family in _common(source, unit)}
        agree = len(set(exact.values())) == 1
        for family, number in list(exact.items())[:1] if agree else exact.items():
            key = (number, unit.name, None if agree else family)
            if key not in self._lines:
                self._lines[key] = Line(unit.name, *self._cut(number, unit), key[2])
            line = self._lines[key]
            if line.traffic or line.unknown:
                yield line

    def _cut(self, number: int, destination: Unit | None) -> Traffics:
        """Return a traffic set, cut to the port that is asked about; a port name is the destination's (S2.8)."""
        traffic, unknown = self.reach.traffic(number)
        if self.wanted is None:
            return traffic, unknown
        wanted = self.wanted.traffic(self.reach.program.endpoints[destination.endpoints[0]] if destination else None)
        return traffic & wanted, unknown & wanted

    def _with_nodes(self, source: Unit, unit: Unit, family: Family, number: int) -> int:
        """Return what some pod of the one may open to some pod of the other: they may be on one node (S2.9)."""
        one, other = met_nodes(source, unit)
        return self.reach.exception(number, source.member, unit.member, family, one, other)

    def _to_outside(self, source: Unit) -> Iterator[Line]:
        for family in sorted(source.families & self._outer.keys()):
            members, targets = self._outer[family]
            numbers = {members[at]: number for at, number in targets.reached(source.member, family)}
            for cidr, answer in self._addresses(self.destinations, family, numbers, None):
                yield Line(str(cidr), *answer, None)

    def from_outside(self) -> Iterator[tuple[Network, tuple[Line, ...]]]:
        """Yield each block of addresses that reaches something, with the sorted lines of what it reaches."""
        found: dict[Network, list[Line]] = {}
        for family in self.reach.program.families:
            numbers: dict[int, dict[int, int]] = {}
            for member in self._members(self.sources, family):
                for at, number in self._targets.reached(member, family):
                    if family in self.destinations.units[at].families:
                        numbers.setdefault(at, {})[member] = number
            for at in sorted(numbers):
                unit = self.destinations.units[at]
                for cidr, answer in self._addresses(self.sources, family, numbers[at], unit if self.wanted else None):
                    found.setdefault(cidr, []).append(Line(unit.name, *answer, None))
        yield from ((cidr, tuple(lines)) for cidr, lines in found.items())

    def _members(self, ends: _Ends, family: Family) -> list[int]:
        return [member for member in ends.outside if self.reach.program.classes[member].family is family]

    def _addresses(
        self, ends: _Ends, family: Family, numbers: Mapping[int, int], destination: Unit | None
    ) -> tuple[tuple[Network, Traffics], ...]:
        """Return outside addresses as CIDRs with the traffic of each, sorted, neighbours of equal traffic merged."""
        key = (id(ends), destination and destination.name, *sorted(numbers.items()))
        if key not in self._cidrs:
            by_answer: dict[Traffics, list[AddressRange]] = {}
            for member, number in numbers.items():
                by_answer.setdefault(self._cut(number, destination), []).extend(ends.outside[member])
            by_answer.pop((NONE, NONE), None)
            found = [(cidr, answer) for answer, ranges in by_answer.items() for cidr in cidrs(family, ranges)]
            self._cidrs[key] = tuple(sorted(found, key=lambda entry: int(entry[0].network_address)))
        return self._cidrs[key]


def _common(source: Unit, destination: Unit) -> list[Family]:
    return sorted(source.families & destination.families or source.families | destination.families)
