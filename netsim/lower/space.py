"""The address space of one family, cut by all blocks that rules mention."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netsim.ir.objects import Address, Family, Network
from netsim.ir.policy import AddressPeer

#: An inclusive range of addresses as integers.
AddressRange = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Space:
    """Regions of addresses that no block tells apart.

    Attributes:
        starts: The first address of each segment, sorted; a segment ends before the next begins.
        region_of: For each segment, the region that it belongs to.
        inside: For each region, the numbers of the blocks that it lies in, sorted.
    """

    family: Family
    starts: tuple[int, ...]
    region_of: tuple[int, ...]
    inside: tuple[tuple[int, ...], ...]

    def region(self, address: Address) -> int:
        """Return the region of one address."""
        return self.region_of[bisect_right(self.starts, int(address)) - 1]

    def ranges(self) -> tuple[tuple[AddressRange, ...], ...]:
        """Return each region's addresses, sorted, neighbours merged."""
        ends = [*(start - 1 for start in self.starts[1:]), last_address(self.family)]
        merged: list[list[AddressRange]] = [[] for _ in self.inside]
        for start, end, region in zip(self.starts, ends, self.region_of, strict=True):
            own = merged[region]
            if own and own[-1][1] == start - 1:
                own[-1] = (own[-1][0], end)
            else:
                own.append((start, end))
        return tuple(tuple(own) for own in merged)


def last_address(family: Family) -> int:
    """Return the highest address of a family as an integer."""
    return (1 << (32 if family is Family.IPV4 else 128)) - 1


def cut(family: Family, blocks: Iterable[tuple[int, Iterable[AddressRange]]]) -> Space:
    """Return the space cut by numbered blocks, each given as disjoint ranges that do not touch."""
    opens: dict[int, list[int]] = {}
    closes: dict[int, list[int]] = {}
    for number, ranges in blocks:
        for first, last in ranges:
            opens.setdefault(first, []).append(number)
            closes.setdefault(last + 1, []).append(number)
    starts = sorted({0, *opens, *closes} - {last_address(family) + 1})
    regions: dict[tuple[int, ...], int] = {}
    region_of = []
    current: set[int] = set()
    for start in starts:
        current.difference_update(closes.get(start, ()))
        current.update(opens.get(start, ()))
        region_of.append(regions.setdefault(tuple(sorted(current)), len(regions)))
    return Space(family, tuple(starts), tuple(region_of), tuple(regions))


def merged(ranges: Iterable[AddressRange]) -> Iterator[AddressRange]:
    """Yield sorted disjoint ranges, neighbours as one."""
    last: AddressRange | None = None
    for each in ranges:
        if last is not None and each[0] == last[1] + 1:
            last = last[0], each[1]
            continue
        if last is not None:
            yield last
        last = each
    if last is not None:
        yield last


def block_ranges(block: AddressPeer) -> Iterator[AddressRange]:
    """Yield the block's addresses without its excepts, which may overlap each other (S2.6)."""
    start, end = _bounds(block.block)
    for first, last in sorted(_bounds(hole) for hole in block.excepts):
        if start < first:
            yield start, first - 1
        start = max(start, last + 1)
    if start <= end:
        yield start, end


def address_ranges(addresses: Iterable[Address]) -> Iterator[AddressRange]:
    """Yield single addresses as ranges, neighbours merged."""
    numbers = sorted({int(address) for address in addresses})
    for at, number in enumerate(numbers):
        if at == 0 or numbers[at - 1] != number - 1:
            first = number
        if at + 1 == len(numbers) or numbers[at + 1] != number + 1:
            yield first, number


def _bounds(network: Network) -> AddressRange:
    return int(network.network_address), int(network.broadcast_address)
