"""Many destinations asked about at once: what a source does not reach costs next to nothing to pass over."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netsim.bits.reach import Reach
from netsim.bits.sets import Numbers, TrafficSets
from netsim.ir.objects import Family
from netsim.ir.policy import Direction

#: The nodes of a source and of a destination; None where one is not known.
Nodes = tuple[str | None, str | None]

#: What this many egress groups open is kept; sources of one group are seldom asked about far apart.
MOST_KEPT = 256


class Targets:
    """What classes reach of many destinations, which are classes, too, and may repeat.

    Shapes:
        indices are places in ``members``, sorted.
    """

    def __init__(self, reach: Reach, members: Sequence[int], family: Family) -> None:
        self.members: Numbers = np.asarray(members, dtype=np.int32)
        self._reach = reach
        self._family = family
        self._egress, self._ingress = reach.tables[Direction.EGRESS, family], reach.tables[Direction.INGRESS, family]
        self._groups = self._ingress.group_of[self.members]
        self._opened: dict[int, tuple[NDArray[np.intp], Numbers, Numbers]] = {}

    def reached(self, source: int) -> tuple[NDArray[np.intp], Numbers]:
        """Return the destinations that the class reaches, by index, and the number of the traffic to each."""
        at, opened, groups = self._of_group(int(self._egress.group_of[source]))
        numbers = self._reach.sets.meet(opened, self._ingress.column(source)[groups])
        some = np.flatnonzero(numbers)
        return at[some], numbers[some]

    def row(self, source: int) -> Numbers:
        """Return the number of the traffic to each destination."""
        row: Numbers = np.full(len(self.members), TrafficSets.NOTHING, dtype=np.int32)
        at, numbers = self.reached(source)
        row[at] = numbers
        return row

    def from_host(self, source: int, nodes: Sequence[Nodes]) -> Numbers:
        """Return the row of a host, which may be on the very node of a destination (S2.9).

        Args:
            nodes: For each destination, what is known of the two nodes; what differs is decided once for each group.
        """
        numbers = self.row(source)
        known: dict[tuple[int, int, Nodes], int] = {}
        for at, key in enumerate(zip(numbers.tolist(), self._groups.tolist(), nodes, strict=True)):
            if key not in known:
                number, _, (one, other) = key
                known[key] = self._reach.exception(number, source, int(self.members[at]), self._family, one, other)
            numbers[at] = known[key]
        return numbers

    def _of_group(self, group: int) -> tuple[NDArray[np.intp], Numbers, Numbers]:
        """Return the destinations to which an egress group opens something, what it is, and their ingress groups."""
        if group not in self._opened:
            if len(self._opened) >= MOST_KEPT:
                self._opened.clear()
            opened = self._egress.row(group)[self.members]
            at = np.flatnonzero(opened)
            self._opened[group] = at, opened[at], self._groups[at]
        return self._opened[group]


class Members:
    """Some classes, which may repeat, asked about in any family as sources and as destinations."""

    def __init__(self, reach: Reach, members: Sequence[int]) -> None:
        self._reach = reach
        self._members = members
        self._targets: dict[Family, Targets] = {}

    def reached(self, source: int, family: Family) -> list[tuple[int, int]]:
        """Return those that a class reaches, by index, with the number of the traffic."""
        at, numbers = self._of(family).reached(source)
        return list(zip(at.tolist(), numbers.tolist(), strict=True))

    def opened(self, source: int, family: Family) -> Numbers:
        """Return the number of the traffic that a class may open to each of them."""
        return self._of(family).row(source)

    def accepted(self, destination: int, family: Family) -> Numbers:
        """Return the number of the traffic that each of them may open to a class."""
        return self._reach.column(destination, family)[self._of(family).members]

    def _of(self, family: Family) -> Targets:
        if family not in self._targets:
            self._targets[family] = Targets(self._reach, self._members, family)
        return self._targets[family]


def distinct(rows: Sequence[Numbers], without: int | None = None) -> list[tuple[int, tuple[int, ...]]]:
    """Return the first index of each distinct column of some rows of one length, with the column, by index.

    Args:
        without: An index that is left out.
    """
    size = len(rows[0])
    kept = np.arange(size) if without is None else np.delete(np.arange(size), without)
    keys = np.zeros(len(kept), dtype=np.int64)
    for row in rows:
        keys = keys * (int(row.max(initial=0)) + 1) + row[kept]
    firsts = np.sort(np.unique(keys, return_index=True)[1])
    return [(int(kept[first]), tuple(int(row[kept[first]]) for row in rows)) for first in firsts]
