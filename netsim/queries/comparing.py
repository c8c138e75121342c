"""The work of one diff: what differs, by rows of numbers; a reason is looked for once for rows that are alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from netsim.bits.columns import Triples, array, numbered, where
from netsim.bits.compare import Common, Comparison, Found, Joint
from netsim.bits.differing import ALL_FAMILIES, Ends, Rows
from netsim.bits.reach import Answer as Traffics
from netsim.bits.sets import Numbers
from netsim.bits.targets import Targets
from netsim.cluster import Compiled
from netsim.ingest.ports import Asked
from netsim.ir.objects import Family
from netsim.ir.traffic import Protocol, Traffic
from netsim.lower.program import Sort
from netsim.queries.blame import Cause, Samples
from netsim.queries.causing import Causing
from netsim.queries.changes import Change, Changes
from netsim.queries.listing import relation
from netsim.queries.outside import cidrs
from netsim.queries.pairs import Pair, Region, Sides
from netsim.queries.units import Unit

#: The nodes of two ends that surely share none.
APART = ("one", "other")

#: What is the name, and the first endpoint, of no unit, among the sources and among the targets.
NOBODY = (-1, -2)

#: What is asked about at a target, in the old and in the new input; None for all.
_Cut = tuple[Traffic | None, Traffic | None]


@dataclass(frozen=True, slots=True)
class _Shift:
    """What traffic was and is, cut to what is asked about, and a port of each run of ports that fares otherwise."""

    was: Traffics
    now: Traffics
    samples: Samples


@dataclass(slots=True)
class Comparing:
    """The work of one diff; used once, then dropped.

    Attributes:
        sources, targets: What is compared. ``wanted``: the traffic that is asked about; None for all.
    """

    old: Compiled
    new: Compiled
    sources: Sides
    targets: Sides
    wanted: Asked | None
    _answers: Common = field(init=False)
    _starts: Sequence[Pair | Region] = field(init=False)
    _ends: Sequence[Pair | Region] = field(init=False)
    _facts: tuple[Ends, Ends] = field(init=False)
    _numbers: dict[tuple[Traffics, Traffics], int] = field(default_factory=dict)
    _shifts: list[_Shift] = field(default_factory=list)
    _names: dict[str, int] = field(default_factory=dict)
    _kinds: dict[tuple[int, int, int], int] = field(default_factory=dict)
    _cidrs: dict[tuple[int, ...], tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._answers = Common(self.old.reachability, self.new.reachability)
        self._starts = [*self.sources.pairs, *self.sources.regions]
        self._ends = [*self.targets.pairs, *self.targets.regions]
        self._facts = self._ends_of(self.sources, 0), self._ends_of(self.targets, 1)

    def changes(self) -> Changes:
        """Return every change, unsorted."""
        sources, targets = self._facts
        found = [self._compared(place, family) for place, family in enumerate(self.old.program.families)]
        rows = Rows.joined(found).connecting(sources, targets)
        within, into, out = rows.split(sources, targets)
        (inner, told), outer = rows.taken(within).merged(sources, targets), [rows.taken(into), rows.taken(out)]
        every = Rows.joined([inner, *outer])
        causing = Causing(self.old, self.new, self._starts, self._ends, [shift.samples for shift in self._shifts])
        reasons, why = causing.of(every, sources, targets)
        made = Triples.joined([self._inner(inner, told, why[: len(inner)]), Triples.of(self._outer(every, why))])
        kinds = [self._change(shift, family, reasons[number]) for shift, family, number in self._kinds]
        return Changes([*self._names], kinds, made)

    def _ends_of(self, sides: Sides, at: int) -> Ends:
        """Return what there is to know of the sources (0) or the targets (1)."""
        pairs, regions = sides.pairs, sides.regions
        places = {family: place for place, family in enumerate(self.old.program.families)}
        bits = [sum(1 << places[family] for family in _families(pair) if family in places) for pair in pairs]
        old, new = (
            [unit.endpoints[0] if unit else NOBODY[at] for unit in units] + [NOBODY[at]] * len(regions)
            for units in ([pair.old for pair in pairs], [pair.new for pair in pairs])
        )
        return Ends(
            units=len(pairs),
            names=array([self._name(pair.name) for pair in pairs] + [NOBODY[at]] * len(regions)),
            families=array(bits + [1 << places[region.family] for region in regions]),
            endpoints=(array(old), array(new)),
            lone=array([None in pair.joint and 1 + number for number, pair in enumerate(pairs)] + [0] * len(regions)),
        )

    def _name(self, name: str) -> int:
        return self._names.setdefault(name, len(self._names))

    def _compared(self, place: int, family: Family) -> Rows:
        """Return what differs in a family, by class first: endpoints of one class fare alike, hosts excepted."""
        hosts = [number for number, pair in enumerate(self.sources.pairs) if self._is_host(pair)]
        starts, ends = self._by_joint(self._starts, family, without=hosts), self._by_joint(self._ends, family)
        comparison = Comparison(self._answers, family, [*starts], [*ends])
        found = comparison.every(range(len(starts))).spread([*starts.values()], [*ends.values()])
        found = Found.joined([found, *(self._of_host(number, family) for number in hosts)])
        shifts = self._shifted(found)
        some = where(shifts >= 0)
        return Rows.of(found.taken(some), place, shifts[some])

    def _by_joint(
        self, ends: Sequence[Pair | Region], family: Family, without: Sequence[int] = ()
    ) -> Mapping[Joint, list[int]]:
        """Return the ends that may be met in a family, by their classes."""
        found: dict[Joint, list[int]] = {}
        excepted = set(without)
        for number, end in enumerate(ends):
            if number not in excepted and (isinstance(end, Pair) or end.family is family):
                found.setdefault(end.joint, []).append(number)
        return found

    def _is_host(self, pair: Pair) -> bool:
        sides = ((self.old, pair.old), (self.new, pair.new))
        return any(unit and cluster.program.classes[unit.member].sort is Sort.HOST for cluster, unit in sides)

    def _of_host(self, number: int, family: Family) -> Found:
        """Return what differs of a source that may be on its targets' very nodes (S2.9)."""
        source = self.sources.pairs[number]
        rows, there = [], []
        for at, (cluster, unit) in enumerate(((self.old, source.old), (self.new, source.new))):
            targets = Targets(cluster.reachability, [end.joint[at] or 0 for end in self._ends], family)
            units = [(end.new if at else end.old) if isinstance(end, Pair) else None for end in self._ends]
            nodes = [relation(unit, other) if unit and other else APART for other in units]
            rows.append(targets.from_host(unit.member if unit else 0, nodes))
            there.append([unit is not None and end.joint[at] is not None for end in self._ends])
        return self._answers.differing(number, rows, there)

    def _shifted(self, found: Found) -> Numbers:
        """Return the number of what changed, cut to the port that is asked about; negative for nothing of it.

        A port name is the destination's (S2.8).
        """
        if self.wanted is None:
            numbers, firsts = numbered(found.was, found.now)
            return array([self._shift(int(found.was[at]), int(found.now[at])) for at in firsts])[numbers]
        cuts = [self._wanted_at(self.wanted, end) for end in self._ends]
        known = {cut: number for number, cut in enumerate(dict.fromkeys(cuts))}
        numbers, firsts = numbered(found.was, found.now, array([known[cut] for cut in cuts])[found.destinations])
        return array(
            [self._shift(int(found.was[at]), int(found.now[at]), cuts[int(found.destinations[at])]) for at in firsts]
        )[numbers]

    def _wanted_at(self, asked: Asked, end: Pair | Region) -> _Cut:
        pair = end if isinstance(end, Pair) else None
        return _wanted(asked, self.old, pair.old if pair else None), _wanted(
            asked, self.new, pair.new if pair else None
        )

    def _shift(self, was: int, now: int, cut: _Cut = (None, None)) -> int:
        before, after = _cut(self._answers[was], cut[0]), _cut(self._answers[now], cut[1])
        if before == after:
            return -1
        if (before, after) not in self._numbers:
            self._numbers[before, after] = len(self._shifts)
            self._shifts.append(_Shift(before, after, tuple(_samples(before, after))))
        return self._numbers[before, after]

    def _inner(self, rows: Rows, told: Numbers, why: Numbers) -> Triples:
        """Return the changes between units, each told of a family."""
        numbers, firsts = numbered(rows.shifts, told, why)
        kinds = [self._kind(int(rows.shifts[at]), int(told[at]), int(why[at])) for at in firsts]
        sources, targets = self._facts
        return Triples(sources.names[rows.sources], targets.names[rows.destinations], array(kinds)[numbers])

    def _outer(self, rows: Rows, why: Numbers) -> Iterator[tuple[int, int, int]]:
        """Yield the changes to and from addresses, those together that fare alike: for the reason of the first."""
        sources, targets = self._facts
        _, into, out = rows.split(sources, targets)
        for first, blocks in rows.blocks(into, rows.sources, rows.destinations):
            kind = self._kind(int(rows.shifts[first]), ALL_FAMILIES, int(why[first]))
            for name in self._blocks(1, blocks):
                yield int(sources.names[rows.sources[first]]), name, kind
        for first, blocks in rows.blocks(out, rows.destinations, rows.sources):
            kind = self._kind(int(rows.shifts[first]), ALL_FAMILIES, int(why[first]))
            for name in self._blocks(0, blocks):
                yield name, int(targets.names[rows.destinations[first]]), kind

    def _blocks(self, at: int, numbers: Sequence[int]) -> tuple[int, ...]:
        """Return the names of some of the sources' (0) or the targets' (1) blocks of addresses, neighbours merged."""
        key = (at, *numbers)
        if key not in self._cidrs:
            found = [end for number in numbers if isinstance(end := (self._starts, self._ends)[at][number], Region)]
            merged = cidrs(found[0].family, (entry for region in found for entry in region.ranges))
            self._cidrs[key] = tuple(self._name(str(cidr)) for cidr in merged)
        return self._cidrs[key]

    def _kind(self, shift: int, family: int, why: int) -> int:
        return self._kinds.setdefault((shift, family, why), len(self._kinds))

    def _change(self, shift: int, family: int, because: tuple[Cause, ...]) -> Change:
        """Return what changes have in common."""
        was, now = self._shifts[shift].was, self._shifts[shift].now
        return Change(
            source="",
            destination="",
            old=was[0],
            new=now[0],
            old_unknown=was[1],
            new_unknown=now[1],
            family=None if family == ALL_FAMILIES else self.old.program.families[family],
            because=because,
        )


def _cut(answer: Traffics, wanted: Traffic | None) -> Traffics:
    return answer if wanted is None else (answer[0] & wanted, answer[1] & wanted)


def _wanted(asked: Asked, cluster: Compiled, target: Unit | None) -> Traffic:
    return asked.traffic(cluster.program.endpoints[target.endpoints[0]] if target else None)


def _families(pair: Pair) -> frozenset[Family]:
    """Return the families of a unit, in either input."""
    return frozenset().union(*(unit.families for unit in (pair.old, pair.new) if unit))


def _samples(was: Traffics, now: Traffics) -> Iterator[tuple[Protocol, int]]:
    """Yield a port of each run of ports whose answer is not what it was."""
    for one, other in ((was[0], now[0]), (now[0], was[0]), (was[1], now[1]), (now[1], was[1])):
        for protocol, first, _ in one - other:
            yield protocol, first
