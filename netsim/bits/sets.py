"""Traffic sets by number, and the numbers of their intersections."""

import numpy as np
from numpy.typing import NDArray

from netsim.bits.decide import Answer
from netsim.lower.atoms import Atoms

Numbers = NDArray[np.int32]


class TrafficSets:
    """Interned traffic sets, three-valued: what is allowed and what is unknown.

    Number 0 is nothing, number 1 is everything.

    Shapes:
        The table of known intersections is ``(sets, sets)``, ``int32``, -1 where not yet asked.
    """

    NOTHING, EVERYTHING = 0, 1

    def __init__(self, everything: int) -> None:
        self.answers: list[Answer] = []
        self._number: dict[Answer, int] = {}
        self._meets: Numbers = np.full((2, 2), -1, dtype=np.int32)
        self._trunk: tuple[TrafficSets, int] | None = None
        self.number((0, 0))
        self.number((everything, 0))

    def recut(self, old: Atoms, new: Atoms) -> "TrafficSets":
        """Return the same sets under the same numbers, over atoms that are cut further."""
        found = TrafficSets(new.everything)
        found._trunk = self, len(self.answers)
        found.answers = [(new.recut(old, allowed), new.recut(old, unknown)) for allowed, unknown in self.answers]
        found._number = {answer: number for number, answer in enumerate(found.answers)}
        found._meets = self._meets.copy()
        return found

    def shared_with(self, other: "TrafficSets") -> int:
        """Return how many sets have the same number in both, from 0 on: those from before this one was cut further."""
        if self is other:
            return len(self.answers)
        return self._trunk[1] if self._trunk is not None and self._trunk[0] is other else 0

    def number(self, answer: Answer) -> int:
        """Return the number of a traffic set."""
        found = self._number.setdefault(answer, len(self.answers))
        if found == len(self.answers):
            self.answers.append(answer)
        return found

    def meet(self, left: Numbers, right: Numbers) -> Numbers:
        """Return, element by element, the number of the intersection (S1.2)."""
        self._grow()
        found: Numbers = self._meets[left, right]
        if found.size and found.min() < 0:
            missing = found < 0
            self._fill(left[missing], right[missing])
            found = self._meets[left, right]
        return found

    def met(self, one: int, other: int) -> int:
        """Return the number of the intersection of two sets."""
        size = len(self._meets)
        found = int(self._meets[one, other]) if one < size and other < size else -1
        return found if found >= 0 else self.number(_meet(self.answers[one], self.answers[other]))

    def _fill(self, left: Numbers, right: Numbers) -> None:
        """Enter intersections that are not known; of many, marking them costs less than hashing them."""
        if 16 * len(left) < self._meets.size:
            pairs = set(zip(left.tolist(), right.tolist(), strict=True))
        else:
            asked = np.zeros(self._meets.shape, dtype=bool)
            asked[left, right] = True
            pairs = {(a, b) for a, b in np.argwhere(asked).tolist()}
        for a, b in pairs:
            self._meets[a, b] = self._meets[b, a] = self.number(_meet(self.answers[a], self.answers[b]))

    def _grow(self) -> None:
        size = len(self._meets)
        if len(self.answers) > size:
            wide = 2 * len(self.answers)
            grown: Numbers = np.full((wide, wide), -1, dtype=np.int32)
            grown[:size, :size] = self._meets
            self._meets = grown


def _meet(left: Answer, right: Answer) -> Answer:
    """Return Kleene's conjunction, atom by atom: unknown where both may hold and not both surely do."""
    allowed = left[0] & right[0]
    possible = (left[0] | left[1]) & (right[0] | right[1])
    return allowed, possible & ~allowed
