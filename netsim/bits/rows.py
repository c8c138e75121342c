"""What one group says of each class: the distinct sets of matching rules, each decided once, scattered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netsim.bits.decide import carried, decide
from netsim.bits.sets import Numbers, TrafficSets
from netsim.ir.objects import Family
from netsim.ir.policy import Direction
from netsim.lower.program import Group, GroupRule, Named, Program, Sort, Term

Words = NDArray[np.uint64]

#: Numbers of classes, as wide as numpy looks things up by.
Indices = NDArray[np.intp]

#: Up to this many rules, masks are told apart by counting; beyond, by sorting.
MOST_COUNTED = 12


@dataclass(frozen=True, slots=True)
class Row:
    """What a group says of every class.

    Attributes:
        base: By ``Sort``, what it says of most classes.
        classes, values: ``(exceptions,)``, ``int32``: the classes of which it says something else, sorted, and what.
    """

    base: tuple[int, ...]
    classes: Numbers
    values: Numbers


class Rows:
    """Computes rows in one family. The work follows the classes that a group's rules touch, not all classes."""

    def __init__(self, program: Program, family: Family, sets: TrafficSets) -> None:
        self.sorts: Numbers = np.asarray([member.sort for member in program.classes], dtype=np.int32)
        self._program = program
        self._family = family
        self._sets = sets
        self._sizes = np.bincount(self.sorts, minlength=len(Sort))
        self._terms: dict[int, tuple[Indices, Indices]] = {}
        self._carried: dict[tuple[int, tuple[Named, ...]], int] = {}
        self._declared: dict[frozenset[str], tuple[Numbers, list[tuple[Named, ...]]]] = {}
        self._scratch: Words = np.zeros((1, len(self.sorts)), dtype=np.uint64)

    def row(self, group: Group) -> Row:
        """Return what the group says."""
        everybody = sum(1 << number for number, rule in enumerate(group.rules) if rule.terms is None)
        untouched = self._decided(group, everybody, ())
        classes, masks = self._matching(group)
        if not len(classes):
            return Row((untouched,) * len(Sort), classes, classes)
        values = self._values(group, everybody, classes, masks)
        if 2 * len(classes) > int(self._sizes.max()):
            return self._by_majority(untouched, classes, values)
        different = values != untouched
        return Row((untouched,) * len(Sort), classes[different], values[different])

    def _by_majority(self, untouched: int, classes: Numbers, values: Numbers) -> Row:
        """Return a row whose base is what is said of most classes of a sort, touched or not."""
        whole: Numbers = np.full(len(self.sorts), untouched, dtype=np.int32)
        whole[classes] = values
        own = (whole[self.sorts == sort] for sort in Sort)
        base = tuple(int(np.bincount(found).argmax()) if len(found) else untouched for found in own)
        different = np.flatnonzero(whole != np.asarray(base, dtype=np.int32)[self.sorts]).astype(np.int32)
        return Row(base, different, whole[different])

    def own_node(self, group: Group, member: int) -> int:
        """Return the traffic-set number of a class of the subjects' own node, which no NetworkPolicy keeps out."""
        mask = 0
        for number, rule in enumerate(group.rules):
            found = [self._members(term) for term in rule.terms or ()]
            if rule.terms is None or any(_holds(sure, member) for sure, _ in found):
                mask |= 1 << number
            elif any(_holds(maybe, member) for _, maybe in found):
                mask |= 1 << len(group.rules) + number
        return self._decided(group, mask, (), own_node=True)

    def _members(self, number: int) -> tuple[Indices, Indices]:
        """Return the classes that a term means, surely and perhaps; none in the families of others."""
        if number not in self._terms:
            term: Term = self._program.terms[number]
            on = term.family in (None, self._family)
            self._terms[number] = (_indices(term.sure if on else ()), _indices(term.maybe if on else ()))
        return self._terms[number]

    def _matching(self, group: Group) -> tuple[Numbers, Words]:
        """Return the classes that some rule of the group touches, sorted, and which rules match each.

        Shapes:
            masks: ``(words, classes)``: bit r is set iff rule r matches for sure, bit ``rules + r`` iff it matches
            perhaps.
        """
        found: list[tuple[int, Indices]] = []
        for number, rule in enumerate(group.rules):
            for term in rule.terms or ():
                sure, maybe = self._members(term)
                if len(sure):
                    found.append((number, sure))
                if len(maybe):
                    found.append((len(group.rules) + number, maybe))
        declarers = self._declarers(group)
        words = 1 + max((bit // 64 for bit, _ in found), default=0)
        if words > len(self._scratch):
            self._scratch = np.zeros((words, len(self.sorts)), dtype=np.uint64)
        masks = self._scratch[:words]
        for bit, members in found:
            word = masks[bit // 64]
            word[members] |= np.uint64(1 << bit % 64)
        classes = self._touched(masks, [*(members for _, members in found), declarers])
        own: Words = masks[:, classes]
        masks[:, classes] = 0
        return classes, own

    def _touched(self, masks: Words, members: Sequence[Indices]) -> Numbers:
        """Return the classes of some lists, sorted: by a look at each class only where there are many in the lists."""
        if 8 * sum(map(len, members)) < len(self.sorts):
            return np.unique(np.concatenate(members)).astype(np.int32)
        touched: NDArray[np.bool_] = np.asarray(masks.any(axis=0) if len(masks) > 1 else masks[0] != 0)
        touched[members[-1]] = True
        return np.flatnonzero(touched).astype(np.int32)

    def _declarers(self, group: Group) -> Indices:
        """Return the classes on which an egress rule's port names may resolve: each may carry something else."""
        names = _resolved(group)
        return np.flatnonzero(self._named(names)[0]) if names else _indices(())

    def _named(self, names: frozenset[str]) -> tuple[Numbers, list[tuple[Named, ...]]]:
        """Return, for each class, the number of what it declares under these names; and what that is, from none on."""
        if names not in self._declared:
            known: dict[tuple[Named, ...], int] = {(): 0}
            numbers = [
                known.setdefault(tuple(entry for entry in member.named if entry[0] in names), len(known))
                for member in self._program.classes
            ]
            self._declared[names] = _array(numbers), list(known)
        return self._declared[names]

    def matching(self, group: Group) -> tuple[Numbers, Numbers]:
        """Return the classes that some rule of the group touches, sorted, and a number for what matches each."""
        classes, masks = self._matching(group)
        return classes, self._cases(group, classes, masks)[1] if len(classes) else classes

    def _values(self, group: Group, everybody: int, classes: Numbers, masks: Words) -> Numbers:
        """Return the traffic-set number of each class, deciding each case once."""
        cases, inverse = self._cases(group, classes, masks)
        return _array([self._decided(group, everybody | mask, named) for mask, named in cases])[inverse]

    def _cases(
        self, group: Group, classes: Numbers, masks: Words
    ) -> tuple[list[tuple[int, tuple[Named, ...]]], Numbers]:
        """Return the distinct masks with what is declared under the rules' port names, and which each class is."""
        small = len(masks) == 1 and len(group.rules) <= MOST_COUNTED
        distinct, inverse = _counted(masks[0]) if small else _sorted(masks)
        names = _resolved(group)
        if not names:
            return [(mask, ()) for mask in distinct], inverse
        numbers, tables = self._named(names)
        pairs, inverse = np.unique(inverse * len(tables) + numbers[classes], return_inverse=True)
        cases = (divmod(int(pair), len(tables)) for pair in pairs)
        return [(distinct[m], tables[t]) for m, t in cases], inverse.astype(np.int32)

    def _decided(self, group: Group, mask: int, named: tuple[Named, ...], *, own_node: bool = False) -> int:
        table = group.named if group.direction is Direction.INGRESS else named
        matching = list(_unpacked(mask, len(group.rules)))
        traffic = {number: self._carries(group.rules[number], table) for number, _ in matching}
        everything = self._program.atoms.everything
        return self._sets.number(decide(group, matching, traffic, everything, own_node=own_node))

    def _carries(self, rule: GroupRule, table: tuple[Named, ...]) -> int:
        key = (id(rule), table)  # a rule is one object in all groups of a program, which holds it
        if key not in self._carried:
            self._carried[key] = carried(rule, table, self._program.atoms, self._program.profile)
        return self._carried[key]


def _resolved(group: Group) -> frozenset[str]:
    """Return the port names that resolve on the peer: those of egress rules (S2.8)."""
    return group.names if group.direction is Direction.EGRESS else frozenset()


def _counted(masks: Words) -> tuple[list[int], Numbers]:
    """Return the distinct small masks, and which of them each is."""
    counts = np.bincount(masks.astype(np.int64))
    distinct = np.flatnonzero(counts)
    place: Numbers = np.zeros(len(counts), dtype=np.int32)
    place[distinct] = np.arange(len(distinct), dtype=np.int32)
    return distinct.tolist(), place[masks.astype(np.int64)]


def _sorted(masks: Words) -> tuple[list[int], Numbers]:
    """Return the distinct masks as numbers of any size, and which of them each column is."""
    if len(masks) == 1:  # sorting numbers is many times faster than sorting rows
        values, inverse = np.unique(masks[0], return_inverse=True)
        return values.tolist(), inverse.astype(np.int32)
    columns, inverse = np.unique(masks, axis=1, return_inverse=True)
    distinct = [sum(word << 64 * at for at, word in enumerate(column)) for column in columns.T.tolist()]
    return distinct, inverse.reshape(-1).astype(np.int32)


def _unpacked(mask: int, rules: int) -> Iterable[tuple[int, bool]]:
    """Yield the numbers of the rules that match, in order, and whether for sure."""
    sure, maybe = mask & (1 << rules) - 1, mask >> rules
    both = sure | maybe
    while both:
        number = (both & -both).bit_length() - 1
        yield number, bool(sure >> number & 1)
        both &= both - 1


def _holds(numbers: Indices, number: int) -> bool:
    at = int(np.searchsorted(numbers, number))
    return at < len(numbers) and int(numbers[at]) == number


def _array(numbers: Sequence[int]) -> Numbers:
    return np.asarray(numbers, dtype=np.int32)


def _indices(numbers: Sequence[int]) -> Indices:
    return np.asarray(numbers, dtype=np.intp)
