"""Two Reaches side by side, on the common refinement of their classes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netsim.bits.reach import Answer, Reach
from netsim.bits.sets import Numbers
from netsim.bits.table import Table
from netsim.ir.objects import Family
from netsim.ir.policy import Direction
from netsim.ir.traffic import NONE

#: A class in the old and in the new Reach; None where the endpoints are in one of the two only.
Joint = tuple[int | None, int | None]

NOTHING: Answer = (NONE, NONE)

Flags = NDArray[np.bool_]


#: What no destination is; what stands for all of them.
NONE_ALONE, ALL_ALONE = -1, -2


class Kind(NamedTuple):
    """A difference that many pairs may share.

    Attributes:
        source, destination: One such pair, by number; the destination is that of all.
        was, now: Common numbers of traffic sets.
        egress, ingress: Equal for pairs with the same rules behind what that direction said and says.
    """

    source: int
    destination: int
    was: int
    now: int
    egress: int
    ingress: int


class Comparison:
    """Which of many destinations sources reach differently, in one family.

    Traffic sets of the two are numbered in common, 0 for nothing, so that rows are compared as arrays. Where a source's
    egress group says the same in both, only destinations are looked at whose ingress group does not.

    Shapes:
        sources, destinations: lists of joints; rows are ``(destinations,)``, ``int32``.
    """

    def __init__(
        self, answers: "Common", family: Family, sources: Sequence[Joint], destinations: Sequence[Joint]
    ) -> None:
        """``answers`` number traffic sets; those of one diff are numbered alike in every family."""
        self.answers = answers
        self._sides = tuple(
            _Side(reach, family, [joint[at] for joint in sources], [joint[at] for joint in destinations])
            for at, reach in enumerate(answers.reaches)
        )
        self._opens_alike = self._alike(Direction.EGRESS)
        self._accepts_alike = self._alike(Direction.INGRESS)
        self._unlike = np.flatnonzero(~self._accepts_alike)
        self._everyone = np.arange(len(destinations))

    def changed(self, source: int) -> tuple[NDArray[np.intp], Numbers, Numbers]:
        """Return the destinations, by index, whose traffic from a source differs, with what it was and is."""
        asked = self._unlike if self._opens_alike[source] else self._everyone
        was, now = (self.answers.of(at, side.row(source, asked)) for at, side in enumerate(self._sides))
        found = np.flatnonzero(was != now)
        return asked[found], was[found], now[found]

    def every(self, sources: Sequence[int], alone: Sequence[int]) -> tuple[list[Kind], list[tuple[int, list[int]]]]:
        """Return the kinds of differences between sources and destinations, and those of each source, by number.

        Args:
            alone: For each source a destination that is of a kind of its own, ``NONE_ALONE``, or ``ALL_ALONE``.
        """
        found = [(source, *self.changed(source)) for source in sources]
        counts = [len(at) for _, at, _, _ in found]
        if not sum(counts):
            return [], []
        starts = np.repeat(np.asarray(sources), counts)
        ends, was, now = (np.concatenate([own[part] for own in found]) for part in (1, 2, 3))
        cases = [self._cases(direction, starts, ends) for direction in (Direction.EGRESS, Direction.INGRESS)]
        own = np.asarray(alone)[starts]
        kinds = _numbered(ends, was, now, *cases, np.where((own == ALL_ALONE) | (own == ends), starts, -1))
        _, first = np.unique(kinds, return_index=True)
        fields = (each[first].tolist() for each in (starts, ends, was, now, *cases))
        by_source = np.split(kinds, np.cumsum(counts)[:-1])
        return list(map(Kind, *fields)), [
            (source, own.tolist()) for source, own in zip(sources, by_source, strict=True)
        ]

    def rows(self, source: int, old: Numbers, new: Numbers) -> Iterator[tuple[int, int, int]]:
        """Yield where two rows of a source differ, with what each says; rows that ``changed`` does not know of."""
        was, now = (
            self.answers.of(at, np.where(side.ends & side.starts[source], row, 0))
            for at, (side, row) in enumerate(zip(self._sides, (old, new), strict=True))
        )
        for at in np.flatnonzero(was != now).tolist():
            yield at, int(was[at]), int(now[at])

    def _cases(self, direction: Direction, sources: NDArray[np.intp], destinations: NDArray[np.intp]) -> Numbers:
        return _numbered(*(side.cases(direction, sources, destinations) for side in self._sides))

    def _alike(self, direction: Direction) -> Flags:
        """Return of which subjects a direction says the same in both: those whose two groups have equal rows."""
        old, new = self._sides
        pairs = old.groups(direction).astype(np.int64) << 32 | new.groups(direction)
        distinct, inverse = np.unique(pairs, return_inverse=True)
        equal = [self._equal(direction, int(pair) >> 32, int(pair) & 0xFFFFFFFF) for pair in distinct]
        there = old.subjects(direction) & new.subjects(direction)
        return np.asarray(equal, dtype=np.bool_)[inverse] & there if equal else there

    def _equal(self, direction: Direction, old: int, new: int) -> bool:
        one, other = (self.answers.of(at, self._sides[at].said(direction, g)) for at, g in enumerate((old, new)))
        both = self._sides[0].peers(direction) & self._sides[1].peers(direction)
        return bool(((one == other) | ~both).all())


def _numbered(*columns: NDArray[np.signedinteger]) -> Numbers:
    """Return numbers from 0 on for the distinct rows of some columns of 32-bit numbers."""
    numbers: Numbers = np.zeros(len(columns[0]), dtype=np.int32)
    for column in columns:
        _, inverse = np.unique(numbers.astype(np.int64) << 32 | (column.astype(np.int64) + 1), return_inverse=True)
        numbers = inverse.astype(np.int32)
    return numbers


class Common:
    """The traffic sets of two Reaches, numbered in common: as they are, as far as one was edited from the other."""

    def __init__(self, old: Reach, new: Reach) -> None:
        self.reaches = (old, new)
        self._same = new.sets.shared_with(old.sets)
        self._answers: list[Answer] = []
        self._numbers: dict[Answer, int] = {}
        self._of: list[Numbers] = [np.arange(self._same, dtype=np.int32)] * 2
        if not self._same:
            self._common(NOTHING)

    def __getitem__(self, number: int) -> Answer:
        return self.reaches[0].traffic(number) if number < self._same else self._answers[number - self._same]

    def of(self, at: int, numbers: Numbers) -> Numbers:
        """Return the common numbers of traffic sets of the old (0) or the new (1) Reach."""
        reach = self.reaches[at]
        if len(self._of[at]) < len(reach.sets.answers):
            added = [self._common(reach.traffic(n)) for n in range(len(self._of[at]), len(reach.sets.answers))]
            self._of[at] = np.concatenate([self._of[at], np.asarray(added, dtype=np.int32)])
        found: Numbers = self._of[at][numbers]
        return found

    def _common(self, answer: Answer) -> int:
        number = self._numbers.setdefault(answer, self._same + len(self._answers))
        if number == self._same + len(self._answers):
            self._answers.append(answer)
        return number


@dataclass(slots=True, init=False)
class _Side:
    """One of the two, seen from the joints; a class that is not in it is class 0, and marked.

    Shapes:
        starts, ends: whether each source, each destination is in it.
    """

    starts: Flags
    ends: Flags
    _reach: Reach
    _egress: Table
    _ingress: Table
    _sources: Numbers
    _destinations: Numbers
    _opened: dict[int, Numbers]

    def __init__(
        self, reach: Reach, family: Family, sources: Sequence[int | None], destinations: Sequence[int | None]
    ) -> None:
        self._reach = reach
        self._egress, self._ingress = reach.tables[Direction.EGRESS, family], reach.tables[Direction.INGRESS, family]
        self.starts, self._sources = _members(sources)
        self.ends, self._destinations = _members(destinations)
        self._opened = {}

    def subjects(self, direction: Direction) -> Flags:
        """Return which of the ends that a direction is asked of are in it."""
        return self.starts if direction is Direction.EGRESS else self.ends

    def peers(self, direction: Direction) -> Flags:
        """Return which of the far ends are in it."""
        return self.ends if direction is Direction.EGRESS else self.starts

    def groups(self, direction: Direction) -> Numbers:
        """Return the group of each subject."""
        if direction is Direction.EGRESS:
            return self._egress.group_of[self._sources]
        return self._ingress.group_of[self._destinations]

    def said(self, direction: Direction, group: int) -> Numbers:
        """Return what a group says of each far end."""
        if direction is Direction.INGRESS:
            return self._ingress.row(group)[self._sources]
        if group not in self._opened:
            self._opened[group] = self._egress.row(group)[self._destinations]
        return self._opened[group]

    def row(self, source: int, asked: NDArray[np.intp]) -> Numbers:
        """Return what a source may open to the destinations that are asked about."""
        member = int(self._sources[source])
        opened = self.said(Direction.EGRESS, int(self._egress.group_of[member]))[asked]
        accepted = self._ingress.column(member)[self._ingress.group_of[self._destinations[asked]]]
        there = self.ends[asked] & self.starts[source]
        return np.where(there, self._reach.sets.meet(opened, accepted), 0).astype(np.int32)

    def cases(self, direction: Direction, sources: NDArray[np.intp], destinations: NDArray[np.intp]) -> Numbers:
        """Return, for pairs of a source and a destination, which the rules of one direction tell apart."""
        one, other = self._sources[sources], self._destinations[destinations]
        subjects, peers = (one, other) if direction is Direction.EGRESS else (other, one)
        table = self._egress if direction is Direction.EGRESS else self._ingress
        groups = table.group_of[subjects]
        found: Numbers = np.zeros(len(groups), dtype=np.int32)
        order = np.argsort(groups, kind="stable")
        for own in np.split(order, np.flatnonzero(np.diff(groups[order])) + 1) if len(order) else ():
            found[own] = table.matches.of(int(groups[own[0]]), peers[own])
        return found


def _members(members: Sequence[int | None]) -> tuple[Flags, Numbers]:
    present = np.asarray([member is not None for member in members], dtype=np.bool_)
    return present, np.asarray([member or 0 for member in members], dtype=np.int32)
