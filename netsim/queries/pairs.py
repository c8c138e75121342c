"""The ends of two inputs side by side: workloads by name, addresses by the common refinement of their regions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from netsim.cluster import Compiled
from netsim.ir.objects import Family, Network, Pod
from netsim.lower.program import Program
from netsim.lower.space import AddressRange
from netsim.queries.outside import outside_classes
from netsim.queries.peers import Chosen
from netsim.queries.units import Unit, units


@dataclass(frozen=True, slots=True)
class Pair:
    """One unit in both inputs, or in one of them."""

    name: str
    old: Unit | None
    new: Unit | None

    @property
    def joint(self) -> tuple[int | None, int | None]:
        """Its classes."""
        return (self.old.member if self.old else None, self.new.member if self.new else None)


def pairs(old: Sequence[Unit], new: Sequence[Unit], renamed: Mapping[str, str]) -> tuple[Pair, ...]:
    """Return the units of two inputs side by side, sorted by name.

    A workload that has one unit in one of them is compared with each of its units in the other; one that is split in
    both is compared unit by unit, by name. One that was renamed goes by its new name.
    """
    before, after = _by_key(_called(unit, renamed) for unit in old), _by_key(new)
    found: list[Pair] = []
    for key in before.keys() | after.keys():
        ours, theirs = before.get(key, []), after.get(key, [])
        if len(ours) == 1 and theirs:
            found += (Pair(unit.name, ours[0], unit) for unit in theirs)
        elif len(theirs) == 1 and ours:
            found += (Pair(unit.name, unit, theirs[0]) for unit in ours)
        else:
            before_it, after_it = {u.name: u for u in ours}, {u.name: u for u in theirs}
            found += (Pair(n, before_it.get(n), after_it.get(n)) for n in before_it.keys() | after_it.keys())
    return tuple(sorted(found, key=lambda pair: pair.name))


def _called(unit: Unit, renamed: Mapping[str, str]) -> Unit:
    if unit.key not in renamed:
        return unit
    key = renamed[unit.key]
    return replace(unit, key=key, name=key + unit.name.removeprefix(unit.key))


def _by_key(found: Iterable[Unit]) -> dict[str, list[Unit]]:
    grouped: dict[str, list[Unit]] = {}
    for unit in found:
        grouped.setdefault(unit.key, []).append(unit)
    return grouped


@dataclass(frozen=True, slots=True)
class Region:
    """Outside addresses that neither input tells apart."""

    family: Family
    ranges: tuple[AddressRange, ...]
    joint: tuple[int, int]


def regions(old: Compiled, new: Compiled, blocks: Sequence[Network]) -> tuple[Region, ...]:
    """Return the common refinement of the outside addresses of two inputs, in these blocks."""
    found: list[Region] = []
    for family in old.program.families:
        met: dict[tuple[int, int], list[AddressRange]] = {}
        for start, end, joint in _overlaps(_segments(old, family, blocks), _segments(new, family, blocks)):
            met.setdefault(joint, []).append((start, end))
        found += (Region(family, tuple(ranges), joint) for joint, ranges in met.items())
    return tuple(found)


Segment = tuple[int, int, int]


def _segments(cluster: Compiled, family: Family, blocks: Sequence[Network]) -> list[Segment]:
    """Return a family's outside addresses as (first, last, class), sorted, disjoint."""
    classes = outside_classes(cluster, [block for block in blocks if block.version == family])
    return sorted((start, end, member) for member, ranges in classes.items() for start, end in ranges)


def _overlaps(old: Sequence[Segment], new: Sequence[Segment]) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Yield where two lists of segments overlap, each with the classes of both."""
    i = j = 0
    while i < len(old) and j < len(new):
        start, end = max(old[i][0], new[j][0]), min(old[i][1], new[j][1])
        if start <= end:
            yield start, end, (old[i][2], new[j][2])
        if old[i][1] <= end:
            i += 1
        else:
            j += 1


@dataclass(frozen=True, slots=True)
class Sides:
    """All that one end of a comparison may be."""

    pairs: tuple[Pair, ...]
    regions: tuple[Region, ...]


def side_by_side(
    old: Compiled, new: Compiled, chosen: tuple[Chosen, Chosen], renamed: Mapping[str, str], *, by_pod: bool
) -> Sides:
    """Return what is chosen in two inputs, side by side; blocks are asked about in both.

    A workload that was renamed is chosen on both sides where it is on one.
    """
    chosen = with_renamed(old.program, new.program, chosen, renamed)
    before, after = (
        units(cluster, own.endpoints, by_pod=by_pod) for cluster, own in zip((old, new), chosen, strict=True)
    )
    blocks = tuple(dict.fromkeys([*chosen[0].blocks, *chosen[1].blocks]))
    return Sides(pairs(before, after, renamed), regions(old, new, blocks))


def with_renamed(
    old: Program, new: Program, chosen: tuple[Chosen, Chosen], renamed: Mapping[str, str]
) -> tuple[Chosen, Chosen]:
    """Return what is chosen on two sides, with what is there called otherwise of what is chosen on the other side."""
    if not renamed:
        return chosen
    back = {name: key for key, name in renamed.items()}
    one = _with(old, chosen[0], {back[name] for name in _names(new, chosen[1]) if name in back})
    other = _with(new, chosen[1], {renamed[name] for name in _names(old, chosen[0]) if name in renamed})
    return one, other


def _names(program: Program, chosen: Chosen) -> set[str]:
    pods = (program.endpoints[number] for number in chosen.endpoints)
    return {str(pod.workload) for pod in pods if isinstance(pod, Pod)}


def _with(program: Program, chosen: Chosen, names: Set[str]) -> Chosen:
    if not names:
        return chosen
    endpoints = enumerate(program.endpoints)
    found = {number for number, each in endpoints if isinstance(each, Pod) and str(each.workload) in names}
    return replace(chosen, endpoints=tuple(sorted({*chosen.endpoints, *found})))
