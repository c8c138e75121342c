"""The ends of two inputs side by side: workloads by name, addresses by the common refinement of their regions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from netsim.cluster import Compiled
from netsim.ir.objects import Family, Network
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


def pairs(old: Sequence[Unit], new: Sequence[Unit]) -> tuple[Pair, ...]:
    """Return the units of two inputs side by side, sorted by name.

    A workload that has one unit in one of them is compared with each of its units in the other; one that is split in
    both is compared unit by unit, by name.
    """
    before, after = _by_key(old), _by_key(new)
    found: list[Pair] = []
    for key in before.keys() | after.keys():
        ours, theirs = before.get(key, []), after.get(key, [])
        if len(ours) == 1 and theirs:
            found += (Pair(unit.name, ours[0], unit) for unit in theirs)
        elif len(theirs) == 1 and ours:
            found += (Pair(unit.name, unit, theirs[0]) for unit in ours)
        else:
            named, renamed = {u.name: u for u in ours}, {u.name: u for u in theirs}
            found += (Pair(n, named.get(n), renamed.get(n)) for n in named.keys() | renamed.keys())
    return tuple(sorted(found, key=lambda pair: pair.name))


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
    classes = outside_classes(cluster.program, [block for block in blocks if block.version == family])
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


def side_by_side(old: Compiled, new: Compiled, chosen: tuple[Chosen, Chosen], *, by_pod: bool) -> Sides:
    """Return what is chosen in two inputs, side by side; blocks are asked about in both."""
    before, after = (
        units(cluster.program, own.endpoints, by_pod=by_pod) for cluster, own in zip((old, new), chosen, strict=True)
    )
    blocks = tuple(dict.fromkeys([*chosen[0].blocks, *chosen[1].blocks]))
    return Sides(pairs(before, after), regions(old, new, blocks))
