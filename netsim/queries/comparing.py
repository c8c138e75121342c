"""The work of one diff: what differs for each source; what many sources share is found once."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from netsim.bits.compare import ALL_ALONE, NONE_ALONE, Common, Comparison, Kind
from netsim.bits.reach import Answer as Traffics
from netsim.bits.sets import Numbers
from netsim.bits.targets import Targets
from netsim.cluster import Compiled
from netsim.ingest.ports import Asked
from netsim.ir.objects import Family, Network, Pod
from netsim.ir.traffic import Protocol, Traffic
from netsim.lower.program import Sort
from netsim.queries.blame import Blame, Cases, Cause, End, Samples, in_order, object_of
from netsim.queries.changes import Change
from netsim.queries.listing import relation
from netsim.queries.outside import address_of, cidrs, sorting_key
from netsim.queries.pairs import Pair, Region, Sides
from netsim.queries.units import Unit

#: The nodes of two ends that surely share none.
APART = ("one", "other")


@dataclass(frozen=True, slots=True, eq=False)
class _Shift:
    """What traffic was and is, cut to what is asked about, and a port of each run of ports that fares otherwise."""

    was: Traffics
    now: Traffics
    samples: Samples


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A target of which a source's traffic differs in one family; sources share it where the reasons are the same.

    ``source`` is one of them.
    ``cases``, of egress and ingress, are equal for pairs with the same rules behind them; None for a source that is a
    host, where it hangs on the very nodes.
    """

    source: Pair | Region
    at: int
    family: Family
    shift: _Shift
    cases: Cases


#: What differs at a destination, in which family where families do not agree, and why.
_Difference = tuple[str, _Shift, Family | None, tuple[Cause, ...]]


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
    _blame: Blame = field(init=False)
    _answers: Common = field(init=False)
    _keys: dict[Hashable, Pair | Region] = field(init=False)
    _others: dict[Hashable, Pair] = field(init=False)
    _ends: Sequence[Pair | Region] = field(init=False)
    _place: Mapping[str, int] = field(init=False)
    _shifts: dict[object, _Shift | None] = field(default_factory=dict)
    _because: dict[object, tuple[tuple[Cause, ...], bool]] = field(default_factory=dict)
    _interned: dict[tuple[Cause, ...], tuple[Cause, ...]] = field(default_factory=dict)
    _made: dict[object, _Difference] = field(default_factory=dict)
    _cidrs: dict[object, tuple[Network, ...]] = field(default_factory=dict)
    _changed: dict[Pair, tuple[Cause, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._blame = Blame(self.old, self.new)
        self._answers = Common(self.old.reachability, self.new.reachability)
        self._ends = [*self.targets.pairs, *self.targets.regions]
        self._place = {pair.name: at for at, pair in enumerate(self.targets.pairs)}

    def changes(self) -> Iterator[Change]:
        """Yield every change, unsorted."""
        several = Counter(unit.name for pair in self.sources.pairs for unit in {pair.old, pair.new} if unit)
        key_of = [self._sharing(pair, several) for pair in self.sources.pairs]
        self._keys = dict(zip(reversed(key_of), reversed(self.sources.pairs), strict=True))
        self._others = dict(zip(key_of, self.sources.pairs, strict=True))
        self._keys.update((region, region) for region in self.sources.regions)
        entries: dict[Hashable, list[_Entry]] = {}
        for family in self.old.program.families:
            self._compare(family, entries)
        shared: dict[Hashable, list[_Difference]] = {}
        for key, pair in zip(key_of, self.sources.pairs, strict=True):
            if key not in shared:
                shared[key] = list(self._of_pair(pair, entries.get(key, ())))
            yield from _told(pair.name, shared[key])
        for cidr, own in self._from_outside(entries):
            yield from _told(str(cidr), own)

    def _sharing(self, pair: Pair, several: Mapping[str, int]) -> Hashable:
        """Return what is equal for sources of which the same differs for the same reasons."""
        alone = (
            None in pair.joint
            or self._is_host(pair)
            or any(several[unit.name] > 1 for unit in (pair.old, pair.new) if unit)
            or bool(self._labels(pair))
        )
        return pair.name if alone else (pair.joint, _families(pair, pair))

    def _is_host(self, end: Pair | Region) -> bool:
        if isinstance(end, Region):
            return False
        sides = ((self.old, end.old), (self.new, end.new))
        return any(unit and cluster.program.classes[unit.member].sort is Sort.HOST for cluster, unit in sides)

    def _compare(self, family: Family, entries: dict[Hashable, list[_Entry]]) -> None:
        """Add the targets of which each source's traffic differs in a family."""
        starts = [(k, e) for k, e in self._keys.items() if isinstance(e, Pair) or e.family is family]
        joints = [end.joint for _, end in starts], [end.joint for end in self._ends]
        comparison = Comparison(self._answers, family, *joints)
        hosts = [number for number, (_, end) in enumerate(starts) if self._is_host(end)]
        inner = sorted({*range(len(starts))}.difference(hosts))
        kinds, by_source = comparison.every(inner, [self._alone(*start) for start in starts])
        made = [self._entry(self._teller(*starts[kind.source], kind.destination), family, kind) for kind in kinds]
        for number, own in by_source:
            found = [entry for kind in own if (entry := made[kind]) is not None]
            entries.setdefault(starts[number][0], []).extend(found)
        for number in hosts:
            key, end = starts[number]
            if isinstance(end, Pair):
                for at, was, now in comparison.rows(number, *self._host_rows(end, family)):
                    entry = self._entry(end, family, Kind(number, at, was, now, 0, 0))
                    entries.setdefault(key, []).extend([entry] if entry else [])

    def _alone(self, key: Hashable, end: Pair | Region) -> int:
        """Return which target of a source no other source can speak for: itself; all where it shares with nobody."""
        if isinstance(end, Region):
            return NONE_ALONE
        return self._place.get(end.name, NONE_ALONE) if key != end.name else ALL_ALONE

    def _teller(self, key: Hashable, end: Pair | Region, at: int) -> Pair | Region:
        """Return of whom a difference is told: not of the target itself, which is never listed, where others share."""
        return self._others[key] if isinstance(end, Pair) and self._place.get(end.name) == at else end

    def _entry(self, source: Pair | Region, family: Family, kind: Kind) -> _Entry | None:
        end = self._ends[kind.destination]
        if isinstance(end, Region) and end.family is not family:
            return None
        shift = self._shift(kind.destination, kind.was, kind.now)
        if shift is None:
            return None
        cases = None if self._is_host(source) else (kind.egress, kind.ingress)
        return _Entry(source, kind.destination, family, shift, cases)

    def _host_rows(self, source: Pair, family: Family) -> Iterator[Numbers]:
        """Yield what a source that may be on its targets' very nodes opens (S2.9), in the old and the new input."""
        for at, (cluster, unit) in enumerate(((self.old, source.old), (self.new, source.new))):
            targets = Targets(cluster.reachability, [end.joint[at] or 0 for end in self._ends], family)
            units = [(end.new if at else end.old) if isinstance(end, Pair) else None for end in self._ends]
            nodes = [relation(unit, other) if unit and other else APART for other in units]
            yield targets.from_host(unit.member if unit else 0, nodes)

    def _shift(self, at: int, was: int, now: int) -> _Shift | None:
        """Return what changed, cut to the port that is asked about, or None for nothing of it.

        A port name is the destination's (S2.8).
        """
        end = self._ends[at]
        one = other = None
        if self.wanted is not None:
            pair = end if isinstance(end, Pair) else None
            one = _wanted(self.wanted, self.old, pair.old if pair else None)
            other = _wanted(self.wanted, self.new, pair.new if pair else None)
        old, new = self._answers[was], self._answers[now]
        key = (was, now, one, other) if self.wanted is None else (old, new, one, other)
        if key not in self._shifts:
            before, after = _cut(old, one), _cut(new, other)
            self._shifts[key] = _Shift(before, after, tuple(_samples(before, after))) if before != after else None
        return self._shifts[key]

    def _of_pair(self, source: Pair, entries: Iterable[_Entry]) -> Iterator[_Difference]:
        """Yield what differs of a source and of all that share with it: targets, then addresses."""
        count = len(self.targets.pairs)
        inner = [entry for entry in entries if entry.at < count]
        if len(self.old.program.families) == 1:
            yield from map(self._told, inner)
        else:
            by_target: dict[int, list[_Entry]] = {}
            for entry in inner:
                by_target.setdefault(entry.at, []).append(entry)
            for at in sorted(by_target):
                yield from self._between(source, by_target[at])
        outer: dict[tuple[Family, int], list[_Entry]] = {}
        for entry in entries:
            if entry.at >= count and entry.family in _families(source, source):
                outer.setdefault((entry.family, id(entry.shift)), []).append(entry)
        found = (change for same in outer.values() for change in self._to_outside(same))
        yield from sorted(found, key=lambda each: sorting_key(each[0]))

    def _between(self, source: Pair, entries: Sequence[_Entry]) -> Iterator[_Difference]:
        """Yield what differs at one target: once where it is alike in all families in which the two may connect."""
        target = self._ends[entries[0].at]
        if isinstance(target, Pair):
            families = _families(source, target)
            own = [entry for entry in entries if entry.family in families]
            told = {(entry.shift.was, entry.shift.now) for entry in own}
            alike = len(told) == 1 and {entry.family for entry in own} == families
            yield from (self._told(entry, None if alike else entry.family) for entry in own[: 1 if alike else None])

    def _told(self, entry: _Entry, family: Family | None = None) -> _Difference:
        key = (id(entry), family)
        if key not in self._made:
            target = self._ends[entry.at]
            name = target.name if isinstance(target, Pair) else ""
            self._made[key] = (name, entry.shift, family, self._causes(entry.source, target, entry))
        return self._made[key]

    def _to_outside(self, same: Sequence[_Entry]) -> Iterator[_Difference]:
        because = self._causes(same[0].source, self._ends[same[0].at], same[0])
        for cidr in self._blocks(same[0].family, [self._ends[entry.at] for entry in same]):
            yield str(cidr), same[0].shift, None, because

    def _from_outside(
        self, entries: Mapping[Hashable, Sequence[_Entry]]
    ) -> Iterator[tuple[Network, list[_Difference]]]:
        """Yield the blocks of addresses of which something differs, with what does."""
        same: dict[tuple[int, Family, int], tuple[_Entry, list[Region]]] = {}
        for region in self.sources.regions:
            for entry in entries.get(region, ()):
                target = self._ends[entry.at]
                if isinstance(target, Pair) and entry.family in _families(target, target):
                    same.setdefault((entry.at, entry.family, id(entry.shift)), (entry, []))[1].append(region)
        found: dict[Network, list[_Difference]] = {}
        for entry, regions in sorted(same.values(), key=lambda own: own[0].at):
            target = self._ends[entry.at]
            because = self._causes(regions[0], target, entry)
            if isinstance(target, Pair):
                made = (target.name, entry.shift, None, because)
                for cidr in self._blocks(entry.family, regions):
                    found.setdefault(cidr, []).append(made)
        yield from found.items()

    def _blocks(self, family: Family, regions: Sequence[Pair | Region]) -> tuple[Network, ...]:
        key = (family, *map(id, regions))
        if key not in self._cidrs:
            ranges = (entry for region in regions if isinstance(region, Region) for entry in region.ranges)
            self._cidrs[key] = cidrs(family, ranges)
        return self._cidrs[key]

    def _causes(self, source: Pair | Region, target: Pair | Region, entry: _Entry) -> tuple[Cause, ...]:
        """Return what made a difference: one tuple where it is the same."""
        if None in source.joint or None in target.joint:
            found = come_or_gone(self.old, self.new, source, target)
        else:
            ends = [(_end(source, at), _end(target, at)) for at in (0, 1)]
            itself = [one == other for one, other in ends]
            key = (entry.family, entry.cases, id(entry.shift), *itself)
            if entry.cases is None or key not in self._because:
                cases = None if any(itself) else entry.cases
                self._because[key] = self._blame.of(ends[0], ends[1], entry.shift.samples, entry.family, cases)
            found, of_labels = self._because[key]
            if of_labels:
                found = in_order([*found, *self._labels(source), *self._labels(target)])
        return self._interned.setdefault(found, found)

    def _labels(self, end: Pair | Region) -> tuple[Cause, ...]:
        """Return the workload and the namespace of an end where they are not the same in both inputs."""
        if isinstance(end, Region) or end.old is None or end.new is None:
            return ()
        if end not in self._changed:
            one = self.old.program.endpoints[end.old.endpoints[0]]
            other = self.new.program.endpoints[end.new.endpoints[0]]
            if isinstance(one, Pod) and isinstance(other, Pod):
                self._changed[end] = tuple(self._blame.changed.labels(one, other))
            else:
                self._changed[end] = ()
        return self._changed[end]


def _cut(answer: Traffics, wanted: Traffic | None) -> Traffics:
    return answer if wanted is None else (answer[0] & wanted, answer[1] & wanted)


def _wanted(asked: Asked, cluster: Compiled, target: Unit | None) -> Traffic:
    return asked.traffic(cluster.program.endpoints[target.endpoints[0]] if target else None)


def _families(source: Pair, target: Pair) -> frozenset[Family]:
    """Return the families in which the two may connect, in either input (S2.11)."""
    one, other = (
        frozenset().union(*(unit.families for unit in (pair.old, pair.new) if unit)) for pair in (source, target)
    )
    return one & other or one | other


def _told(source: str, found: Iterable[_Difference]) -> Iterator[Change]:
    """Yield what differs of a source, which may share it with others; not of the source and itself."""
    for destination, shift, family, because in found:
        if destination != source:
            yield Change(
                source=source,
                destination=destination,
                old=shift.was[0],
                new=shift.now[0],
                old_unknown=shift.was[1],
                new_unknown=shift.now[1],
                family=family,
                because=because,
            )


def _samples(was: Traffics, now: Traffics) -> Iterator[tuple[Protocol, int]]:
    """Yield a port of each run of ports whose answer is not what it was."""
    for one, other in ((was[0], now[0]), (now[0], was[0]), (was[1], now[1]), (now[1], was[1])):
        for protocol, first, _ in one - other:
            yield protocol, first


def _end(end: Pair | Region, at: int) -> End:
    if isinstance(end, Region):
        return address_of(end.family, end.ranges[0][0])
    unit = end.new if at else end.old
    if unit is None:
        raise ValueError(f"{end.name} is in one input only")
    return unit.endpoints[0]


def come_or_gone(old: Compiled, new: Compiled, *ends: Pair | Region) -> tuple[Cause, ...]:
    """Return the workloads that are in one input only: they explain their connections."""
    found = []
    for end in ends:
        if isinstance(end, Pair) and (end.old is None or end.new is None):
            cluster, unit, side, what = (new, end.new, "new", "added") if end.new else (old, end.old, "old", "removed")
            pod = cluster.program.endpoints[unit.endpoints[0]] if unit else None
            if isinstance(pod, Pod):
                found.append(Cause(object_of(pod), None, None, pod.place, side, what))
    return tuple(dict.fromkeys(found))
