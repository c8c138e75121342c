"""Which rules of a group match a class: what is the same of two classes is said of both for the same reasons."""

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

from netsim.bits.rows import Rows
from netsim.bits.sets import Numbers
from netsim.lower.program import Group, Sort


class Matches:
    """Numbers for the cases that the groups of one direction and family tell apart.

    Two classes are one case to a group iff they are of one sort, the same rules match them, surely or perhaps, and
    the port names of those rules mean the same on them.
    """

    def __init__(self, groups: tuple[Group, ...], rows: Rows) -> None:
        self._groups, self._rows = groups, rows
        self._known: dict[int, tuple[Numbers, Numbers]] = {}
        self._numbers: dict[Hashable, int] = {}

    def of(self, group: int, members: Numbers) -> Numbers:
        """Return the case of each class to a group: equal numbers are one case, of one group."""
        if group not in self._known:
            self._known[group] = self._computed(group)
        classes, cases = self._known[group]
        found: Numbers = np.asarray([self._number((group, sort)) for sort in Sort], dtype=np.int32)[
            self._rows.sorts[members]
        ]
        if len(classes):
            at = np.minimum(classes.searchsorted(members), len(classes) - 1)
            hit: NDArray[np.bool_] = classes[at] == members
            found[hit] = cases[at[hit]]
        return found

    def _computed(self, group: int) -> tuple[Numbers, Numbers]:
        classes, cases = self._rows.matching(self._groups[group])
        distinct, inverse = np.unique(cases * np.int32(len(Sort)) + self._rows.sorts[classes], return_inverse=True)
        numbers = [self._number((group, *divmod(key, len(Sort)))) for key in distinct.tolist()]
        return classes, np.asarray(numbers, dtype=np.int32)[inverse]

    def _number(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))
