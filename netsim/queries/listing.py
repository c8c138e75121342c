"""The lines of a listing: sources that reach the same share them, and each is made once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from netsim.bits.reach import Answer as Traffics
from netsim.bits.reach import Reach
from netsim.bits.sets import TrafficSets
from netsim.bits.targets import Nodes, Targets
from netsim.cluster import Compiled
from netsim.ingest.ports import Asked
from netsim.ir.objects import Family, Network
from netsim.ir.policy import Direction
from netsim.ir.traffic import ALL, NONE, Traffic
from netsim.lower.program import Sort
from netsim.lower.space import AddressRange
from netsim.queries.outside import cidrs, outside_classes
from netsim.queries.peers import Chosen
from netsim.queries.units import Unit, met_nodes, units


@dataclass(frozen=True, slots=True)
class Line:
    """What one source reaches at one destination."""

    destination: str
    traffic: Traffic
    unknown: Traffic
    family: Family | None
    network: str | None = None


@dataclass(frozen=True, slots=True)
class Ends:
    """One end of a listing: units, and outside addresses by class."""

    units: tuple[Unit, ...]
    outside: Mapping[int, tuple[AddressRange, ...]]

    @staticmethod
    def of(cluster: Compiled, chosen: Chosen, *, pods: bool) -> "Ends":
        """Return what is chosen of a cluster."""
        return Ends(units(cluster, chosen.endpoints, by_pod=pods), outside_classes(cluster, chosen.blocks))


#: Traffic to a destination: its index, the number of the traffic set, the family where families do not agree.
Reached = tuple[int, int, Family | None]

#: Addresses outside that fare alike, and how.
Outer = tuple[tuple[Network, Traffics], ...]


@dataclass(slots=True)
class Lister:
    """The work of one listing; used once, then dropped.

    Attributes:
        sources, destinations: Who is listed, and what of.
        wanted: The traffic that is asked about; None for all.
    """

    reach: Reach
    sources: Ends
    destinations: Ends
    wanted: Asked | None
    _targets: dict[Family, Targets] = field(init=False)
    _lines: dict[Reached, Line | None] = field(default_factory=dict)
    _to_outside: dict[object, tuple[Line, ...]] = field(default_factory=dict)
    _far: dict[tuple[Direction, Family], list[int]] = field(default_factory=dict)
    _cidrs: dict[object, Outer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        inside = [unit.member for unit in self.destinations.units]
        self._targets = {family: Targets(self.reach, inside, family) for family in self.reach.program.families}

    def from_units(self) -> Iterator[tuple[str, tuple[Line, ...]]]:
        """Yield each unit that reaches something, by name, with the sorted lines of what it reaches."""
        shared: dict[object, tuple[Line, ...]] = {}
        for unit in self.sources.units:
            key = unit if self.is_host(unit) else (unit.member, unit.families)
            if key not in shared:
                inner = [line for entry in self.reached(unit) if (line := self._line(entry)) is not None]
                shared[key] = (*inner, *self._outer_lines(unit))
            if _some_other(unit.name, shared[key]):
                yield unit.name, shared[key]

    def is_host(self, unit: Unit) -> bool:
        """Return whether a unit is known by its addresses alone."""
        return self.reach.program.classes[unit.member].sort is Sort.HOST

    def reached(self, source: Unit) -> Iterable[Reached]:
        """Return what some pod of the source may open to some pod of each destination, in their order."""
        families = self.reach.program.families
        rows = {family: self._row(source, family) for family in families}
        if len(families) == 1:
            return ((at, number, None) for at, number in rows[families[0]])
        found: dict[int, dict[Family, int]] = {}
        for family in families:
            for at, number in rows[family]:
                found.setdefault(at, {})[family] = number
        return (
            entry for at in sorted(found) for entry in _by_family(at, source, self.destinations.units[at], found[at])
        )

    def _row(self, source: Unit, family: Family) -> Iterable[tuple[int, int]]:
        targets = self._targets[family]
        if not self.is_host(source):
            at, numbers = targets.reached(source.member)
            return zip(at.tolist(), numbers.tolist(), strict=True)
        # A host may be on its destination's node (S2.9), which classes do not tell.
        row = targets.from_host(source.member, [relation(source, unit) for unit in self.destinations.units])
        return ((at, number) for at, number in enumerate(row.tolist()) if number != TrafficSets.NOTHING)

    def _line(self, entry: Reached) -> Line | None:
        if entry not in self._lines:
            at, number, family = entry
            unit = self.destinations.units[at]
            traffic, unknown = self.cut(number, unit)
            self._lines[entry] = Line(unit.name, traffic, unknown, family) if traffic or unknown else None
        return self._lines[entry]

    def cut(self, number: int, destination: Unit | None) -> Traffics:
        """Return a traffic set, cut to the port that is asked about; a port name is the destination's (S2.8)."""
        traffic, unknown = self.reach.traffic(number)
        if self.wanted is None:
            return traffic, unknown
        wanted = self.wanted_at(destination)
        return traffic & wanted, unknown & wanted

    def wanted_at(self, destination: Unit | None) -> Traffic:
        """Return the traffic that is asked about at a destination."""
        if self.wanted is None:
            return ALL
        return self.wanted.traffic(self.reach.program.endpoints[destination.endpoints[0]] if destination else None)

    def _outer_lines(self, source: Unit) -> tuple[Line, ...]:
        program = self.reach.program
        key = (program.group_of[Direction.EGRESS][source.member], source.families)
        if key not in self._to_outside:
            self._to_outside[key] = tuple(
                Line(str(cidr), *answer, None)
                for family in sorted(source.families & {*program.families})
                for cidr, answer in self.outside(Direction.EGRESS, source.member, family, None)
            )
        return self._to_outside[key]

    def from_outside(self) -> Iterator[tuple[Network, tuple[Line, ...]]]:
        """Yield each block of addresses that reaches something, with the sorted lines of what it reaches."""
        found: dict[Network, list[Line]] = {}
        for family in self.reach.program.families:
            for unit in self.destinations.units:
                if family in unit.families:
                    made: dict[Traffics, Line] = {}
                    for cidr, answer in self.outside(Direction.INGRESS, unit.member, family, unit):
                        if answer not in made:
                            made[answer] = Line(unit.name, *answer, None)
                        found.setdefault(cidr, []).append(made[answer])
        yield from ((cidr, tuple(lines)) for cidr, lines in found.items())

    def outside(self, direction: Direction, member: int, family: Family, destination: Unit | None) -> Outer:
        """Return the addresses outside that a class may open something to, or accept something from.

        Sorted, neighbours of equal traffic merged. Addresses are governed by nothing, so all hangs on the group of
        the class; ``destination`` tells what a port name is at.
        """
        ends = self.destinations if direction is Direction.EGRESS else self.sources
        group = self.reach.program.group_of[direction][member]
        wanted = None if self.wanted is None else self.wanted_at(destination)
        key = (direction, family, group, wanted)
        if key not in self._cidrs:
            members = self._outside_of(direction, family)
            numbers = self.reach.said(direction, group, members, family)
            alike = (direction, family, wanted, numbers.tobytes())
            if alike not in self._cidrs:
                found = dict(zip(members, numbers.tolist(), strict=True))
                self._cidrs[alike] = tuple(self._addresses(ends, family, found, destination))
            self._cidrs[key] = self._cidrs[alike]
        return self._cidrs[key]

    def _outside_of(self, direction: Direction, family: Family) -> list[int]:
        """Return the classes of outside addresses on the far end of a direction, sorted."""
        if (direction, family) not in self._far:
            ends = self.destinations if direction is Direction.EGRESS else self.sources
            classes = self.reach.program.classes
            self._far[direction, family] = sorted(n for n in ends.outside if classes[n].family is family)
        return self._far[direction, family]

    def _addresses(
        self, ends: Ends, family: Family, numbers: Mapping[int, int], destination: Unit | None
    ) -> list[tuple[Network, Traffics]]:
        by_answer: dict[Traffics, list[AddressRange]] = {}
        for member, number in numbers.items():
            by_answer.setdefault(self.cut(number, destination), []).extend(ends.outside[member])
        by_answer.pop((NONE, NONE), None)
        found = [(cidr, answer) for answer, ranges in by_answer.items() for cidr in cidrs(family, ranges)]
        return sorted(found, key=lambda entry: int(entry[0].network_address))


def _some_other(name: str, lines: tuple[Line, ...]) -> bool:
    """Return whether some line is not about the source itself: in two families there may be two that are."""
    return any(line.destination != name for line in lines[:3])


def relation(source: Unit, destination: Unit) -> Nodes:
    """Return what is known of the nodes of two units, by two names that are equal iff they share one."""
    one, other = met_nodes(source, destination)
    return ("one", "one") if one is not None and one == other else (one, other)


def _by_family(at: int, source: Unit, destination: Unit, numbers: Mapping[Family, int]) -> Iterator[Reached]:
    """Yield what is said in the families that two units have in common: once where these agree."""
    exact = {
        family: numbers.get(family, TrafficSets.NOTHING) for family in common(source.families, destination.families)
    }
    agree = len(set(exact.values())) == 1
    for family, number in list(exact.items())[: 1 if agree else None]:
        if number != TrafficSets.NOTHING:
            yield at, number, None if agree else family


def common(one: frozenset[Family], other: frozenset[Family]) -> list[Family]:
    """Return the families in which connections are listed: those of both ends, all where they share none (S2.11)."""
    return sorted(one & other or one | other)
