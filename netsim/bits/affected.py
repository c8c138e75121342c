"""Which classes some subjects meet otherwise after an edit."""

from collections.abc import Iterable

import numpy as np

from netsim.bits.compare import Common, Joint
from netsim.bits.reach import Reach
from netsim.bits.sets import Numbers
from netsim.ir.objects import Family
from netsim.ir.policy import Direction


class Affected:
    """Compares the rows, or the columns, of a few classes of a Reach and of one that was edited from it."""

    def __init__(self, old: Reach, new: Reach) -> None:
        self._old, self._new = old, new
        self._common = Common(old, new)

    def peers(self, direction: Direction, joints: Iterable[Joint]) -> frozenset[int]:
        """Return the classes, of those that the old Reach has, which differ as far ends of some subjects."""
        count = len(self._old.program.classes)
        found = np.zeros(count, dtype=np.bool_)
        for one, other in joints:
            for family in self._old.program.families:
                was = self._common.of(0, _said(self._old, direction, one, family))
                found |= was != self._common.of(1, _said(self._new, direction, other, family))[:count]
        return frozenset(np.flatnonzero(found).tolist())


def _said(reach: Reach, direction: Direction, member: int | None, family: Family) -> Numbers:
    """Return the numbers of the traffic of a class with every class; of one that is not there, nothing."""
    if member is None:
        return np.zeros(len(reach.program.classes), dtype=np.int32)
    return reach.row(member, family) if direction is Direction.EGRESS else reach.column(member, family)
