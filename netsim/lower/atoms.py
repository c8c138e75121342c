"""Protocols and ports, cut by all rules: sets of traffic as bits."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from netsim.ir.traffic import FIRST_PORT, LAST_PORT, PORT_PROTOCOLS, Protocol, Traffic


@dataclass(frozen=True, slots=True)
class Atoms:
    """Traffic that no rule tells apart, numbered from 0 over all protocols.

    Attributes:
        starts: For each protocol, the first ports of its atoms, sorted; an atom ends before the next begins.
        offset: For each protocol, the number of its first atom.
        count: How many atoms there are; a traffic set is an ``int`` of that many bits.
    """

    starts: Mapping[Protocol, tuple[int, ...]]
    offset: Mapping[Protocol, int]
    count: int

    @property
    def everything(self) -> int:
        """Every atom."""
        return (1 << self.count) - 1

    def bits(self, protocol: Protocol, first: int, last: int) -> int:
        """Return the set of ports ``first`` to ``last``, both of which must be boundaries (``cut`` knew them)."""
        starts, offset = self.starts[protocol], self.offset[protocol]
        low, high = bisect_left(starts, first), bisect_left(starts, last + 1)
        return (1 << (offset + high)) - (1 << (offset + low))

    def atom(self, protocol: Protocol, port: int) -> int:
        """Return the atom, as a set of one, that holds the port."""
        index = bisect_left(self.starts[protocol], port + 1) - 1
        return 1 << (self.offset[protocol] + index)

    def traffic(self, bits: int) -> Traffic:
        """Return a traffic set as protocols and port ranges."""
        return Traffic.of(self.parts(bits))

    def recut(self, old: "Atoms", bits: int) -> int:
        """Return a traffic set of other atoms, of which each is the union of some of these."""
        found = 0
        for protocol, first, last in old.parts(bits):
            found |= self.bits(protocol, first, last)
        return found

    def parts(self, bits: int) -> Iterable[tuple[Protocol, int, int]]:
        """Yield a traffic set as runs of ports."""
        for protocol in PORT_PROTOCOLS:
            starts, offset = self.starts[protocol], self.offset[protocol]
            own = bits >> offset & ((1 << len(starts)) - 1)
            while own:  # one run of neighbouring atoms a turn
                low = (own & -own).bit_length() - 1
                high = low + (~(own >> low) & ((own >> low) + 1)).bit_length() - 1
                end = starts[high] - 1 if high < len(starts) else LAST_PORT
                yield protocol, starts[low], end
                own = own >> high << high


def cut(ranges: Iterable[tuple[Protocol, int, int]]) -> Atoms:
    """Return the atoms of these port ranges.

    # INVARIANT: atoms are disjoint and together hold every port of every protocol.
    """
    bounds: dict[Protocol, set[int]] = {protocol: {FIRST_PORT} for protocol in PORT_PROTOCOLS}
    for protocol, first, last in ranges:
        bounds[protocol].update((first, last + 1))
    starts = {protocol: tuple(sorted(bounds[protocol] - {LAST_PORT + 1})) for protocol in PORT_PROTOCOLS}
    offset, count = {}, 0
    for protocol in PORT_PROTOCOLS:
        offset[protocol] = count
        count += len(starts[protocol])
    return Atoms(starts, offset, count)
