"""What a change opens and closes, and which rule did it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from netsim.bits.compare import NOTHING, Comparison, Joint
from netsim.bits.reach import Answer as Traffics
from netsim.cluster import Compiled
from netsim.ingest.ports import Asked, asked
from netsim.ir.objects import Family, Pod
from netsim.ir.snapshot import Notice
from netsim.ir.traffic import Protocol, Traffic
from netsim.lower.program import Sort
from netsim.queries.answer import warnings_of
from netsim.queries.assumptions import of_listing
from netsim.queries.blame import Blame, Cause, End, Samples, object_of
from netsim.queries.changes import Change
from netsim.queries.controllers import INGRESS_CONTROLLER
from netsim.queries.differences import Diff
from netsim.queries.entered import Entered, Entering
from netsim.queries.focus import Focus, Peers, products
from netsim.queries.outside import address_of, cidrs, sorting_key
from netsim.queries.pairs import Pair, Region, Sides, side_by_side
from netsim.queries.units import Unit, met_nodes

#: No workload was renamed.
_NOBODY: Mapping[str, str] = MappingProxyType({})


def diff(
    old: Compiled,
    new: Compiled,
    *,
    source: Peers = None,
    destination: Peers = None,
    workload: Peers = None,
    port: int | str | None = None,
    pods: bool = False,
    renamed: Mapping[str, str] = _NOBODY,
) -> Diff:
    """Return the connections that differ, each with the policy rule, or the object, that did it.

    Args:
        source, destination: Compare those of these peers alone, which may be in one input only.
        workload: Compare those of which either end is one of these peers.
        port: Compare this traffic alone.
        pods: Pod by pod instead of workload by workload.
        renamed: The new names of workloads that were renamed.
    """
    families = frozenset(old.program.families) | frozenset(new.program.families)
    before, after = old.over(families), new.over(families)
    focus = Focus(source=source, destination=destination, workload=workload)
    wanted = None if port is None else asked(port)
    found: list[Change] = []
    warnings = [*_warnings(old, new)]
    for one, other in products(focus, before.program, after.program):
        sources, targets = (
            side_by_side(before, after, chosen, renamed, by_pod=pods) for chosen in zip(one, other, strict=True)
        )
        found += _Work(before, after, sources, targets, wanted).changes()
        entering = Entering(before, after, (one, other), targets.pairs, wanted, by_pod=pods)
        found += (_entered(before, after, change) for change in entering.changes())
        warnings += entering.warnings()
    return Diff(
        changes=tuple(sorted(found, key=_order)),
        assumptions=of_listing(old, new),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _warnings(old: Compiled, new: Compiled) -> tuple[Notice, ...]:
    return tuple(dict.fromkeys([*warnings_of(old.snapshot), *warnings_of(new.snapshot)]))


def _order(change: Change) -> tuple[object, ...]:
    return sorting_key(change.source), sorting_key(change.destination), str(change.family)


@dataclass(slots=True)
class _Work:
    """The work of one diff; used once, then dropped."""

    old: Compiled
    new: Compiled
    sources: Sides
    targets: Sides
    wanted: Asked | None
    comparison: Comparison = field(init=False)
    blame: Blame = field(init=False)
    _samples: dict[tuple[Traffics, Traffics], Samples] = field(default_factory=dict)

    def __post_init__(self) -> None:
        joints = [*(pair.joint for pair in self.targets.pairs), *(region.joint for region in self.targets.regions)]
        self.comparison = Comparison(self.old.reachability, self.new.reachability, joints)
        self.blame = Blame(self.old, self.new)

    def changes(self) -> Iterator[Change]:
        """Yield every change, unsorted."""
        rows: dict[object, list[tuple[int, Family, Traffics, Traffics]]] = {}
        for pair in self.sources.pairs:
            key = pair if self._is_host(pair) else pair.joint
            if key not in rows:
                rows[key] = list(self._row(pair))
            yield from self._from_unit(pair, rows[key])
        yield from self._from_outside()

    def _row(self, source: Pair) -> Iterator[tuple[int, Family, Traffics, Traffics]]:
        for family in self.old.program.families:
            if self._is_host(source):
                yield from self._host_row(source, family)
            else:
                for at, was, now in self._changed(source.joint, family):
                    yield at, family, was, now

    def _changed(self, source: Joint, family: Family) -> Iterator[tuple[int, Traffics, Traffics]]:
        """Yield the targets, by index, whose traffic from the source differs, cut to the port that is asked about."""
        for at, was, now in self.comparison.changed(source, family):
            old, new = self._cut(at, was, now)
            if old != new:
                yield at, old, new

    def _cut(self, at: int, was: Traffics, now: Traffics) -> tuple[Traffics, Traffics]:
        """Return what was and is, cut to the port that is asked about; a port name is the destination's (S2.8)."""
        if self.wanted is None:
            return was, now
        pair = self.targets.pairs[at] if at < len(self.targets.pairs) else None
        one = _wanted(self.wanted, self.old, pair.old if pair else None)
        other = _wanted(self.wanted, self.new, pair.new if pair else None)
        return (was[0] & one, was[1] & one), (now[0] & other, now[1] & other)

    def _is_host(self, pair: Pair) -> bool:
        sides = ((self.old, pair.old), (self.new, pair.new))
        return any(unit and cluster.program.classes[unit.member].sort is Sort.HOST for cluster, unit in sides)

    def _host_row(self, source: Pair, family: Family) -> Iterator[tuple[int, Family, Traffics, Traffics]]:
        """Yield the row of a source that may be on its destinations' nodes (S2.9): pair by pair."""
        for at, target in enumerate(self.targets.pairs):
            was, now = self._cut(
                at,
                _of_units(self.old, source.old, target.old, family),
                _of_units(self.new, source.new, target.new, family),
            )
            if was != now:
                yield at, family, was, now
        for at, was, now in self._changed(source.joint, family):
            if at >= len(self.targets.pairs):
                yield at, family, was, now

    def _from_unit(self, source: Pair, row: Sequence[tuple[int, Family, Traffics, Traffics]]) -> Iterator[Change]:
        inner: dict[int, dict[Family, tuple[Traffics, Traffics]]] = {}
        outer: dict[tuple[Family, Traffics, Traffics], list[Region]] = {}
        for at, family, was, now in row:
            if at < len(self.targets.pairs):
                if family in _families(source, self.targets.pairs[at]):
                    inner.setdefault(at, {})[family] = (was, now)
            else:
                region = self.targets.regions[at - len(self.targets.pairs)]
                if region.family is family and family in _families(source, source):
                    outer.setdefault((family, was, now), []).append(region)
        for at, by_family in inner.items():
            target = self.targets.pairs[at]
            if target.name != source.name:
                yield from self._between(source, target, by_family)
        for (family, was, now), own in outer.items():
            because = self._because(source, own[0], family, was, now)
            for cidr in cidrs(family, (entry for region in own for entry in region.ranges)):
                yield _change(source.name, str(cidr), was, now, None, because)

    def _between(
        self, source: Pair, target: Pair, by_family: Mapping[Family, tuple[Traffics, Traffics]]
    ) -> Iterator[Change]:
        alike = len(set(by_family.values())) == 1 and by_family.keys() == _families(source, target)
        for family, (was, now) in list(by_family.items())[: 1 if alike else None]:
            because = self._because(source, target, family, was, now)
            yield _change(source.name, target.name, was, now, None if alike else family, because)

    def _from_outside(self) -> Iterator[Change]:
        pairs = self.targets.pairs
        for family in self.old.program.families:
            found: dict[tuple[int, Traffics, Traffics], list[Region]] = {}
            for region in self.sources.regions:
                if region.family is family:
                    for at, was, now in self._changed(region.joint, family):
                        if at < len(pairs) and family in _families(pairs[at], pairs[at]):
                            found.setdefault((at, was, now), []).append(region)
            for (at, was, now), own in found.items():
                because = self._because(own[0], pairs[at], family, was, now)
                for cidr in cidrs(family, (entry for region in own for entry in region.ranges)):
                    yield _change(str(cidr), pairs[at].name, was, now, None, because)

    def _because(
        self, source: Pair | Region, target: Pair | Region, family: Family, was: Traffics, now: Traffics
    ) -> tuple[Cause, ...]:
        if None in source.joint or None in target.joint:
            return _come_or_gone(self.old, self.new, source, target)
        if (was, now) not in self._samples:
            self._samples[was, now] = tuple(_samples(was, now))
        ends = [(_end(source, at), _end(target, at)) for at in (0, 1)]
        return self.blame.of(ends[0], ends[1], self._samples[was, now], family)


def _entered(old: Compiled, new: Compiled, entered: Entered) -> Change:
    """Return the change of what a controller that is not in the input may open."""
    pair, was, now, because = entered
    return _change(INGRESS_CONTROLLER, pair.name, was, now, None, (*_come_or_gone(old, new, pair), *because))


def _wanted(asked: Asked, cluster: Compiled, target: Unit | None) -> Traffic:
    return asked.traffic(cluster.program.endpoints[target.endpoints[0]] if target else None)


def _of_units(cluster: Compiled, source: Unit | None, target: Unit | None, family: Family) -> Traffics:
    if source is None or target is None:
        return NOTHING
    reach = cluster.reachability
    number = reach.cell(source.member, target.member, family)
    one, other = met_nodes(source, target)
    return reach.traffic(reach.exception(number, source.member, target.member, family, one, other))


def _families(source: Pair, target: Pair) -> frozenset[Family]:
    """Return the families in which the two may connect, in either input (S2.11)."""
    one, other = (
        frozenset().union(*(unit.families for unit in (pair.old, pair.new) if unit)) for pair in (source, target)
    )
    return one & other or one | other


def _change(
    source: str, target: str, was: Traffics, now: Traffics, family: Family | None, because: tuple[Cause, ...]
) -> Change:
    return Change(
        source=source,
        destination=target,
        old=was[0],
        new=now[0],
        old_unknown=was[1],
        new_unknown=now[1],
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


def _come_or_gone(old: Compiled, new: Compiled, *ends: Pair | Region) -> tuple[Cause, ...]:
    """Return the workloads that are in one input only: they explain their connections."""
    found = []
    for end in ends:
        if isinstance(end, Pair) and (end.old is None or end.new is None):
            cluster, unit, side, what = (new, end.new, "new", "added") if end.new else (old, end.old, "old", "removed")
            pod = cluster.program.endpoints[unit.endpoints[0]] if unit else None
            if isinstance(pod, Pod):
                found.append(Cause(object_of(pod), None, None, pod.place, side, what))
    return tuple(dict.fromkeys(found))
