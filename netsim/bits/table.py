"""One direction in one family: for each group, the traffic set of each peer class; sparse."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from netsim.bits.matches import Matches
from netsim.bits.rows import Row, Rows
from netsim.bits.sets import Numbers, TrafficSets
from netsim.ir.objects import Family
from netsim.ir.policy import Direction
from netsim.lower.program import Program

Counts = NDArray[np.int64]


class Sparse:
    """What each group says of each class, as numbers.

    A group says one thing of most classes: of most pods, of most hosts, of most addresses outside. ``base`` holds
    that; the classes of which it says something else are kept by row, and by column once somebody asks for one.

    Shapes:
        base: ``(groups, 3)``, ``int32``: by ``Sort``.
        group_of: ``(classes,)``, ``int32``: the group of each class as a subject.
        sorts: ``(classes,)``, ``int32``.
        ends: ``(groups + 1,)``, ``int64``: where the exceptions of each group end in ``classes`` and ``values``.
        classes, values: ``(exceptions,)``, ``int32``: sorted within a group.
    """

    def __init__(
        self, base: Numbers, group_of: Numbers, sorts: Numbers, exceptions: tuple[Counts, Numbers, Numbers]
    ) -> None:
        self.base, self.group_of, self.sorts = base, group_of, sorts
        self._exceptions = exceptions

    @property
    def ends(self) -> Counts:
        """Where the exceptions of each group end."""
        return self._exceptions[0]

    @property
    def classes(self) -> Numbers:
        """The classes of the exceptions."""
        return self._exceptions[1]

    @property
    def values(self) -> Numbers:
        """What is said of the exceptions."""
        return self._exceptions[2]

    @cached_property
    def _columns(self) -> tuple[Counts, Numbers, Numbers]:
        """The exceptions by class: where each class's end, their groups, their values."""
        owners = np.repeat(np.arange(len(self.base), dtype=np.int32), np.diff(self.ends))
        order = _stable_order(self.classes, len(self.sorts))
        ends = np.concatenate(([0], np.cumsum(np.bincount(self.classes, minlength=len(self.sorts)))))
        return ends, owners[order], self.values[order]

    def row(self, group: int) -> Numbers:
        """Return what a group says of every class."""
        found: Numbers = self.base[group][self.sorts]
        start, end = self.ends[group], self.ends[group + 1]
        found[self.classes[start:end]] = self.values[start:end]
        return found

    def part(self, group: int, members: Numbers) -> Numbers:
        """Return what a group says of some classes, sorted and distinct."""
        found: Numbers = self.base[group][self.sorts[members]]
        if len(members):
            own = slice(self.ends[group], self.ends[group + 1])
            start, end = self.classes[own].searchsorted((members[0], members[-1] + 1))
            classes, values = self.classes[own][start:end], self.values[own][start:end]
            at = members.searchsorted(classes)
            hit = members[at] == classes
            found[at[hit]] = values[hit]
        return found

    def column(self, member: int) -> Numbers:
        """Return what every group says of a class."""
        ends, groups, values = self._columns
        found: Numbers = self.base[:, self.sorts[member]].copy()
        start, end = ends[member], ends[member + 1]
        found[groups[start:end]] = values[start:end]
        return found

    def cell(self, group: int, member: int) -> int:
        """Return what a group says of a class."""
        start, end = self.ends[group], self.ends[group + 1]
        at = start + self.classes[start:end].searchsorted(member)
        if at < end and self.classes[at] == member:
            return int(self.values[at])
        return int(self.base[group, self.sorts[member]])

    def cells(self, groups: Numbers, members: Numbers) -> Numbers:
        """Return what each of some groups says of the class beside it: a binary search in all rows at once."""
        found: Numbers = self.base[groups, self.sorts[members]]
        low, end = self.ends[groups], self.ends[groups + 1]
        high = end.copy()
        while (open_ := low < high).any():
            middle = (low + high) >> 1
            below = open_ & (self.classes[np.minimum(middle, len(self.classes) - 1)] < members)
            low = np.where(below, middle + 1, low)
            high = np.where(open_ & ~below, middle, high)
        hit = np.flatnonzero(low < end)
        hit = hit[self.classes[low[hit]] == members[hit]]
        found[hit] = self.values[low[hit]]
        return found


class Table(Sparse):
    """What the groups of a program say, as numbers of traffic sets."""

    def __init__(self, program: Program, direction: Direction, family: Family, sets: TrafficSets) -> None:
        self._ask(program, direction, family, sets)
        rows = [self._computing.row(group) for group in self._groups]
        base: Numbers = np.asarray([row.base for row in rows], dtype=np.int32)
        group_of: Numbers = np.asarray(program.group_of[direction], dtype=np.int32)
        super().__init__(base, group_of, self._computing.sorts, compressed(rows))

    def _ask(self, program: Program, direction: Direction, family: Family, sets: TrafficSets) -> None:
        self._computing = Rows(program, family, sets)
        self._groups = program.groups[direction]
        self._entered: dict[tuple[int, int], int] = {}

    def case(self, group: int, member: int) -> int:
        """Return a number for the group and what of it matches a class; another group's cases have other numbers."""
        return int(self.matches.of(group, np.asarray([member], dtype=np.int32))[0])

    @cached_property
    def matches(self) -> Matches:
        """Which rules match which classes."""
        return Matches(self._groups, self._computing)

    def entered(self, group: int, member: int) -> int:
        """Return what a group says of a class of its subjects' own node, which no NetworkPolicy keeps out (S2.9)."""
        if (group, member) not in self._entered:
            self._entered[group, member] = self._computing.own_node(self._groups[group], member)
        return self._entered[group, member]


def compressed(rows: Sequence[Row]) -> tuple[Counts, Numbers, Numbers]:
    """Return the exceptions of rows, in their order, as a ``Sparse`` holds them."""
    ends = np.concatenate(([0], np.cumsum([len(row.classes) for row in rows], dtype=np.int64)))
    classes: Numbers = np.concatenate([row.classes for row in rows]).astype(np.int32, copy=False)
    values: Numbers = np.concatenate([row.values for row in rows]).astype(np.int32, copy=False)
    return ends, classes, values


def _stable_order(numbers: Numbers, bound: int) -> NDArray[np.intp]:
    """Return what sorts numbers below ``bound``, equal ones in their order.

    numpy sorts 16-bit numbers by radix, 10 times as fast as wider ones: low halves first, then high ones.
    """
    order = np.argsort((numbers & 0xFFFF).astype(np.uint16), kind="stable")
    if bound > 1 << 16:
        order = order[np.argsort((numbers[order] >> 16).astype(np.uint16), kind="stable")]
    return order
