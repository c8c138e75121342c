"""Two Reaches side by side, on the common refinement of their classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netsim.bits.columns import Flags, Indices, flags, numbered
from netsim.bits.reach import Answer, Reach
from netsim.bits.sets import Numbers
from netsim.bits.table import Table
from netsim.ir.objects import Family
from netsim.ir.policy import Direction
from netsim.ir.traffic import NONE

#: A class in the old and in the new Reach; None where the endpoints are in one of the two only.
Joint = tuple[int | None, int | None]

NOTHING: Answer = (NONE, NONE)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Pairs of a source and a destination between which something differs, by column.

    Attributes:
        was, now: Common numbers of traffic sets.
        egress, ingress: What a direction said and says, and by which rules: equal for pairs of which it is the same;
            ``SAME`` where the direction says what it said, ``UNASKED`` where that hangs on the very endpoints.

    Shapes:
        each ``(pairs,)``.
    """

    sources: Numbers
    destinations: Numbers
    was: Numbers
    now: Numbers
    egress: Numbers
    ingress: Numbers

    def __len__(self) -> int:
        return len(self.sources)

    def taken(self, which: Indices | Flags) -> "Found":
        """Return some of the pairs."""
        return Found(*(column[which] for column in self.columns))

    @property
    def columns(self) -> tuple[Numbers, ...]:
        """All of it."""
        return (self.sources, self.destinations, self.was, self.now, self.egress, self.ingress)

    @staticmethod
    def joined(some: Sequence["Found"]) -> "Found":
        """Return the pairs of several, one after the other."""
        return Found(*map(np.concatenate, zip(*(own.columns for own in some), strict=True)))

    def spread(self, sources: Sequence[Sequence[int]], destinations: Sequence[Sequence[int]]) -> "Found":
        """Return the pairs of what each source and each destination stands for."""
        (starts, ours, mine), (ends, theirs, yours) = _members_of(sources), _members_of(destinations)
        widths = yours[self.destinations]
        counts = mine[self.sources] * widths
        pairs = np.repeat(np.arange(len(self)), counts)
        within = np.arange(len(pairs)) - np.repeat(np.cumsum(counts) - counts, counts)
        across, down = np.divmod(within, widths[pairs])
        _, _, *said = self.taken(pairs).columns
        return Found(ours[starts[self.sources[pairs]] + across], theirs[ends[self.destinations[pairs]] + down], *said)


#: What this many egress groups open is kept: sources of one group are asked about one after the other.
MOST_KEPT = 64

#: Cases: the direction says what it said; which rules are behind it was not asked.
SAME, UNASKED = 0, -1


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
        self._both = self._sides[0].ends & self._sides[1].ends

    def changed(self, source: int) -> tuple[Indices, Numbers, Numbers, Flags, Flags]:
        """Return the destinations, by index, whose traffic from a source differs, with what it was and is.

        And of which of them egress, and ingress, does not say what it said; of none that is in one of the two only.
        """
        asked = self._asked(source)
        old, new = (
            [self.answers.of(at, numbers) for numbers in side.row(source, asked)] for at, side in enumerate(self._sides)
        )
        some = np.flatnonzero(old[2] != new[2])
        found = asked[some]
        there = self._both[found] & bool(self._sides[0].starts[source] and self._sides[1].starts[source])
        egress, ingress = ((one[some] != other[some]) & there for one, other in zip(old[:2], new[:2], strict=True))
        return found, old[2][some], new[2][some], egress, ingress

    def _asked(self, source: int) -> Indices:
        """Return the destinations of which a direction may not say to a source what it said."""
        if self._opens_alike[source]:
            return self._unlike
        if not all(side.starts[source] for side in self._sides):
            return self._everyone
        was, now = (self.answers.of(at, side.opened(source)) for at, side in enumerate(self._sides))
        return np.flatnonzero((was != now) | ~self._accepts_alike)

    def every(self, sources: Sequence[int]) -> Found:
        """Return all that differs between some sources and the destinations."""
        asked = sorted(sources, key=self._sides[0].groups(Direction.EGRESS).tolist().__getitem__)
        found = [self.changed(source) for source in asked]
        if not found:
            return Found(*(np.zeros(0, dtype=np.int32) for _ in range(6)))
        starts = np.repeat(np.asarray(asked, dtype=np.int32), [len(own[0]) for own in found])
        ends, was, now, *differ = (np.concatenate(column) for column in zip(*found, strict=True))
        egress, ingress = (
            self._cases(direction, starts, ends, flags)
            for direction, flags in zip((Direction.EGRESS, Direction.INGRESS), differ, strict=True)
        )
        return Found(starts, ends.astype(np.int32), was, now, egress, ingress)

    def _cases(self, direction: Direction, sources: Numbers, destinations: Numbers, differ: Flags) -> Numbers:
        found: Numbers = np.full(len(sources), SAME, dtype=np.int32)
        at = np.flatnonzero(differ)
        said = (side.cases(direction, sources[at], destinations[at]) for side in self._sides)
        found[at] = SAME + 1 + numbered(*said)[0]
        return found

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

    def differing(self, source: int, rows: Sequence[Numbers], there: Sequence[Sequence[bool]]) -> Found:
        """Return where a source's old and new row differ: nothing is said of who is not there."""
        was, now = (self.of(at, np.where(flags(there[at]), row, 0)) for at, row in enumerate(rows))
        found = np.flatnonzero(was != now)
        starts, cases = (np.full(len(found), number, dtype=np.int32) for number in (source, UNASKED))
        return Found(starts, found.astype(np.int32), was[found], now[found], cases, cases)

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
            if len(self._opened) >= MOST_KEPT:
                self._opened.clear()
            self._opened[group] = self._egress.row(group)[self._destinations]
        return self._opened[group]

    def opened(self, source: int) -> Numbers:
        """Return what egress allows a source with every destination."""
        return self.said(Direction.EGRESS, int(self._egress.group_of[self._sources[source]]))

    def row(self, source: int, asked: Indices) -> tuple[Numbers, Numbers, Numbers]:
        """Return what egress, ingress and both say of a source and the destinations that are asked about."""
        member = int(self._sources[source])
        opened = self.opened(source)[asked]
        accepted = self._ingress.column(member)[self._ingress.group_of[self._destinations[asked]]]
        met = self._reach.sets.meet(opened, accepted)
        there = self.ends[asked] & self.starts[source]
        return opened, accepted, np.where(there, met, 0).astype(np.int32)

    def cases(self, direction: Direction, sources: Numbers, destinations: Numbers) -> Numbers:
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


def _members_of(some: Sequence[Sequence[int]]) -> tuple[Numbers, Numbers, Numbers]:
    """Return where the members of each start in the list of all, that list, and how many each has."""
    counts: Numbers = np.asarray([len(own) for own in some], dtype=np.int32)
    every: Numbers = np.asarray([member for own in some for member in own], dtype=np.int32)
    return (np.cumsum(counts) - counts).astype(np.int32), every, counts
