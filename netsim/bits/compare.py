"""Two Reaches side by side, on the common refinement of their classes."""

from collections.abc import Sequence

import numpy as np

from netsim.bits.reach import Answer, Reach
from netsim.bits.sets import Numbers
from netsim.ir.objects import Family
from netsim.ir.traffic import NONE

#: A class in the old and in the new Reach; None where the endpoints are in one of the two only.
Joint = tuple[int | None, int | None]

NOTHING: Answer = (NONE, NONE)


class Comparison:
    """Which of many destinations a source reaches differently.

    Traffic sets of the two are numbered in common, so that rows are compared as arrays.

    Shapes:
        rows are ``(destinations,)``, ``int32``: common numbers of traffic sets, 0 for nothing.
    """

    def __init__(self, old: Reach, new: Reach, destinations: Sequence[Joint]) -> None:
        self._answers: list[Answer] = [NOTHING]
        self._numbers: dict[Answer, int] = {NOTHING: 0}
        self._sides = tuple(_Side(reach, [joint[at] for joint in destinations]) for at, reach in enumerate((old, new)))

    def changed(self, source: Joint, family: Family) -> list[tuple[int, Answer, Answer]]:
        """Return the destinations, by index, whose traffic from the source differs, with what it was and is."""
        old, new = (self._row(side, member, family) for side, member in zip(self._sides, source, strict=True))
        return [(int(at), self._answers[old[at]], self._answers[new[at]]) for at in np.flatnonzero(old != new)]

    def _row(self, side: "_Side", member: int | None, family: Family) -> Numbers:
        if member is None:
            return np.zeros(len(side.present), dtype=np.int32)
        numbers = side.reach.row(member, family)[side.members]
        common = np.asarray([self._common(side, n) for n in range(len(side.reach.sets.answers))], dtype=np.int32)
        row: Numbers = common[numbers]
        row[~side.present] = 0
        return row

    def _common(self, side: "_Side", number: int) -> int:
        known = side.common
        while len(known) <= number:
            answer = side.reach.traffic(len(known))
            known.append(self._numbers.setdefault(answer, len(self._answers)))
            if known[-1] == len(self._answers):
                self._answers.append(answer)
        return known[number]


class _Side:
    """One of the two: its Reach, the destinations' classes in it, and its traffic sets' common numbers so far."""

    def __init__(self, reach: Reach, members: Sequence[int | None]) -> None:
        self.reach = reach
        self.members = np.asarray([member or 0 for member in members], dtype=np.int32)
        self.present = np.asarray([member is not None for member in members], dtype=bool)
        self.common: list[int] = []
