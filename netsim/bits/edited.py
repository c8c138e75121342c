"""A table after an edit: the rows of old groups stay as they are, those of new groups are computed."""

from functools import cached_property

import numpy as np

from netsim.bits.rows import Row
from netsim.bits.sets import Numbers, TrafficSets
from netsim.bits.table import Counts, Table, compressed
from netsim.ir.objects import Family
from netsim.ir.policy import Direction
from netsim.lower.program import Program


class Edited(Table):
    """A table over the classes and groups of a program that was edited from another, whose table it asks.

    Nothing that the other holds is copied: what a group that was there says of a class is what it said of the class
    that this one parted from. However many edits follow each other, the table asked is the one that was computed whole.

    Shapes:
        origin: ``(classes,)``, ``int32``: the class of the whole table that each class comes from.
    """

    def __init__(
        self,
        program: Program,
        direction: Direction,
        family: Family,
        sets: TrafficSets,
        edited: tuple[Table, Numbers],
    ) -> None:
        """``edited`` is the table of the program that was edited, and of each new class the one that it parted from."""
        self._ask(program, direction, family, sets)
        old, parted = edited
        known = len(old.sorts)
        step = np.concatenate([np.arange(known, dtype=np.int32), parted])
        for at in range(known, len(step)):  # a class may have parted from one that had just parted itself
            step[at] = step[step[at]]
        self._whole: Table = old
        self._origin: Numbers = step
        self._rows: list[Row] = []
        if isinstance(old, Edited):
            self._whole, self._origin = old._whole, old._origin[step]  # noqa: SLF001 - of its own kind
            self._rows = [_extended(row, step[known:], known) for row in old._rows]  # noqa: SLF001 - of its own kind
        count = len(self._whole.base) + len(self._rows)
        self._rows += [self._computing.row(group) for group in self._groups[count:]]
        added = np.asarray([row.base for row in self._rows], dtype=np.int32).reshape(-1, self._whole.base.shape[1])
        self.base = np.concatenate([self._whole.base, added])
        self.group_of = np.asarray(program.group_of[direction], dtype=np.int32)
        self.sorts = self._computing.sorts

    def row(self, group: int) -> Numbers:
        """Return what a group says of every class."""
        own = group - len(self._whole.base)
        if own < 0:
            return self._whole.row(group)[self._origin]
        found: Numbers = self.base[group][self.sorts]
        found[self._rows[own].classes] = self._rows[own].values
        return found

    def part(self, group: int, members: Numbers) -> Numbers:
        """Return what a group says of some classes, sorted and distinct."""
        return self.row(group)[members]

    def column(self, member: int) -> Numbers:
        """Return what every group says of a class."""
        added = [self.cell(group, member) for group in range(len(self._whole.base), len(self.base))]
        return np.concatenate([self._whole.column(int(self._origin[member])), np.asarray(added, dtype=np.int32)])

    def cell(self, group: int, member: int) -> int:
        """Return what a group says of a class."""
        own = group - len(self._whole.base)
        if own < 0:
            return self._whole.cell(group, int(self._origin[member]))
        row = self._rows[own]
        at = int(row.classes.searchsorted(member))
        if at < len(row.classes) and row.classes[at] == member:
            return int(row.values[at])
        return int(self.base[group, self.sorts[member]])

    def cells(self, groups: Numbers, members: Numbers) -> Numbers:
        """Return what each of some groups says of the class beside it."""
        old = groups < len(self._whole.base)
        found: Numbers = np.zeros(len(groups), dtype=np.int32)
        found[old] = self._whole.cells(groups[old], self._origin[members[old]])
        for at in np.flatnonzero(~old).tolist():
            found[at] = self.cell(int(groups[at]), int(members[at]))
        return found

    @property
    def ends(self) -> Counts:
        """Where the exceptions of each group end."""
        return self._together[0]

    @property
    def classes(self) -> Numbers:
        """The classes of the exceptions."""
        return self._together[1]

    @property
    def values(self) -> Numbers:
        """What is said of the exceptions."""
        return self._together[2]

    @cached_property
    def _together(self) -> tuple[Counts, Numbers, Numbers]:
        """The exceptions of all groups, for who asks for all of them."""
        return compressed([*(self._sparse(group) for group in range(len(self._whole.base))), *self._rows])

    def _sparse(self, group: int) -> Row:
        start, end = self._whole.ends[group], self._whole.ends[group + 1]
        row = Row((), self._whole.classes[start:end], self._whole.values[start:end])
        known = len(self._whole.sorts)
        return _extended(row, self._origin[known:], known)


def _extended(row: Row, parted: Numbers, known: int) -> Row:
    """Return a row with the classes, numbered from ``known`` on, that parted from others: the same is said of them."""
    if not len(row.classes) or not len(parted):
        return row
    at = np.minimum(row.classes.searchsorted(parted), len(row.classes) - 1)
    hit = np.flatnonzero(row.classes[at] == parted)
    classes: Numbers = np.concatenate([row.classes, (hit + known).astype(np.int32)])
    return Row(row.base, classes, np.concatenate([row.values, row.values[at[hit]]]))
