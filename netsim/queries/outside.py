"""Addresses that the snapshot does not name, as CIDRs."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, summarize_address_range

from netsim.cluster import Compiled
from netsim.ir.objects import Address, Family, Network
from netsim.lower.space import AddressRange

#: Every address: what `internet` means, less what the snapshot names.
INTERNET: tuple[Network, ...] = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))


def outside_classes(cluster: Compiled, blocks: Sequence[Network]) -> Mapping[int, tuple[AddressRange, ...]]:
    """Return the classes of outside addresses that lie in these blocks, each with its addresses there.

    A class of which the snapshot's own pods and nodes hold every address is left out.
    """
    asked = tuple(blocks)
    return cluster.once(("outside", asked), lambda: dict(_outside(cluster, asked)))


def _outside(cluster: Compiled, blocks: Sequence[Network]) -> Iterator[tuple[int, tuple[AddressRange, ...]]]:
    by_family = {family: [b for b in blocks if b.version == family] for family in Family}
    named = cluster.lasting("named addresses", lambda: {family: _named(cluster, family) for family in Family})
    for number, member in enumerate(cluster.program.classes):
        if member.family is not None:
            ranges = tuple(_inside(member.ranges, by_family[member.family]))
            if ranges and not _all_named(ranges, named[member.family]):
                yield number, ranges


def _named(cluster: Compiled, family: Family) -> list[int]:
    """Return the addresses that the snapshot names, as numbers, sorted."""
    return sorted({int(a) for e in cluster.program.endpoints for a in e.addresses if a.version == family})


def _inside(ranges: Iterable[AddressRange], blocks: Sequence[Network]) -> Iterable[AddressRange]:
    for start, end in ranges:
        for block in blocks:
            low, high = max(start, int(block.network_address)), min(end, int(block.broadcast_address))
            if low <= high:
                yield low, high


def _all_named(ranges: Sequence[AddressRange], named: Sequence[int]) -> bool:
    size = sum(end - start + 1 for start, end in ranges)
    return size <= len(named) and size == sum(
        bisect_right(named, end) - bisect_left(named, start) for start, end in ranges
    )


def cidrs(family: Family, ranges: Iterable[AddressRange]) -> tuple[Network, ...]:
    """Return address ranges as CIDRs, sorted, neighbours merged first."""
    merged: list[AddressRange] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    found: list[Network] = []
    for start, end in merged:
        found += _summarised(family, start, end)
    return tuple(found)


def _summarised(family: Family, start: int, end: int) -> Iterable[Network]:
    return summarize_address_range(address_of(family, start), address_of(family, end))


def address_of(family: Family, number: int) -> Address:
    """Return an address by its number."""
    return ip_address(number if family is Family.IPV4 else number.to_bytes(16))


def sorting_key(name: str) -> tuple[int, int, int, str]:
    """Return the sorting key of an end of a row: workloads, pods and nodes by name, then blocks by number."""
    address, _, length = name.partition("/")
    try:
        parsed = ip_address(address)
    except ValueError:
        return (0, 0, 0, name)
    return (parsed.version, int(parsed), int(length), "")
