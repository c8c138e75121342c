"""What differs between many ends, family by family: rows told once where the families agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from netsim.bits.columns import Column, Flags, Indices, numbered, parts
from netsim.bits.compare import SAME, Found
from netsim.bits.sets import Numbers

#: No family in particular: those that two ends have in common agree.
ALL_FAMILIES = -1


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """What there is to know of the ends of a comparison, beside their classes: units, then blocks of addresses.

    Attributes:
        units: How many units there are.
        names: Equal for units of one name; of no block.
        families: A bit for each family.
        endpoints: The first endpoint, in the old and in the new input; what blocks have is nobody else's.
        lone: 0; for a unit that is in one input only a number of its own.

    Shapes:
        each ``(ends,)``.
    """

    units: int
    names: Numbers
    families: Numbers
    endpoints: tuple[Numbers, Numbers]
    lone: Numbers


class Alike(NamedTuple):
    """Rows that differ in one way for one reason.

    Attributes:
        row: One of them.
        itself: Whether the two ends are one endpoint, in the old and in the new input.
    """

    row: int
    itself: tuple[bool, bool]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What differs, by column.

    Attributes:
        families: The family, by its bit's place.
        shifts: What differs, by number.

    Shapes:
        each ``(rows,)``.
    """

    sources: Numbers
    destinations: Numbers
    families: Numbers
    shifts: Numbers
    egress: Numbers
    ingress: Numbers

    @staticmethod
    def of(found: Found, family: int, shifts: Numbers) -> "Rows":
        """Return what was found in one family."""
        families: Numbers = np.full(len(found), family, dtype=np.int32)
        return Rows(found.sources, found.destinations, families, shifts, found.egress, found.ingress)

    @staticmethod
    def joined(some: Sequence["Rows"]) -> "Rows":
        """Return the rows of several, one after the other."""
        return some[0] if len(some) == 1 else Rows(*map(np.concatenate, zip(*(r.columns for r in some), strict=True)))

    def __len__(self) -> int:
        return len(self.sources)

    @property
    def columns(self) -> tuple[Numbers, ...]:
        """All of it."""
        return (self.sources, self.destinations, self.families, self.shifts, self.egress, self.ingress)

    def taken(self, which: Indices | Flags) -> "Rows":
        """Return some of the rows."""
        return Rows(*(column[which] for column in self.columns))

    def connecting(self, sources: Ends, destinations: Ends) -> "Rows":
        """Return the rows of two ends that may connect in the row's family (S2.11), and are not one."""
        out, into = self.sources >= sources.units, self.destinations >= destinations.units
        own = np.where(out | into, *self.families_of(sources, destinations))
        may = (own >> self.families & 1).astype(np.bool_) & ~(out & into)
        return self.taken(may & (sources.names[self.sources] != destinations.names[self.destinations]))

    def families_of(self, sources: Ends, destinations: Ends) -> tuple[Numbers, Numbers]:
        """Return the families of both ends of each row; and those in which they may connect: of either, if of none."""
        one, other = sources.families[self.sources], destinations.families[self.destinations]
        common = one & other
        return common, np.where(common != 0, common, one | other).astype(np.int32)

    def merged(self, sources: Ends, destinations: Ends) -> tuple["Rows", Numbers]:
        """Return the rows of units, told once where a pair's families agree; and of which family each is told."""
        if not len(self):
            return self, self.families
        pairs = numbered(self.sources, self.destinations)[0]
        order = np.argsort(pairs, kind="stable")
        rows, firsts = self.taken(order), np.flatnonzero(np.diff(pairs[order], prepend=-1))
        _, own = rows.taken(firsts).families_of(sources, destinations)
        counts = np.diff(firsts, append=len(rows))
        agree = np.minimum.reduceat(rows.shifts, firsts) == np.maximum.reduceat(rows.shifts, firsts)
        agree &= counts == np.bitwise_count(own)
        kept = np.repeat(~agree, counts)
        kept[firsts] = True
        told = np.where(np.repeat(agree, counts), np.int32(ALL_FAMILIES), rows.families).astype(np.int32)
        return rows.taken(kept), told[kept]

    def alike(self, sources: Ends, destinations: Ends) -> tuple[list[Alike], Numbers]:
        """Return rows that differ in one way for one reason, one of each; and of which of these each row is.

        Of an end that is in one input only the reason is that it is; otherwise it is what either direction says.
        """
        start, end = sources.lone[self.sources], destinations.lone[self.destinations]
        lone = (start | end) != 0
        itself = [
            (one[self.sources] == other[self.destinations]) & ~lone
            for one, other in zip(sources.endpoints, destinations.endpoints, strict=True)
        ]
        unasked = np.where((self.egress < SAME) & ~lone, np.arange(len(self)), -1)
        reasons = (np.where(lone, 0, column) for column in (self.families, self.shifts, self.egress, self.ingress))
        numbers, firsts = numbered(*reasons, itself[0].astype(np.int8) * 2 + itself[1], start, end, unasked)
        return [Alike(int(row), (bool(itself[0][row]), bool(itself[1][row]))) for row in firsts.tolist()], numbers

    def split(self, sources: Ends, destinations: Ends) -> tuple[Indices, Indices, Indices]:
        """Return which rows are between units, to addresses, from addresses."""
        out, into = self.sources >= sources.units, self.destinations >= destinations.units
        return np.flatnonzero(~(out | into)), np.flatnonzero(into), np.flatnonzero(out)

    def blocks(self, rows: Indices, units: Column, blocks: Column) -> list[tuple[int, list[int]]]:
        """Return, of rows that tell the same of a unit and some blocks, the first, and the blocks.

        Args:
            units, blocks: The unit and the block of every row.
        """
        if not len(rows):
            return []
        found = parts(units[rows], self.families[rows], self.shifts[rows])
        return [(int(rows[own[0]]), blocks[rows[own]].tolist()) for own in found]
