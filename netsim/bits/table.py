"""One direction in one family: for each group, the traffic set of each peer class; sparse."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netsim.bits.decide import carried, decide
from netsim.bits.sets import Numbers, TrafficSets
from netsim.ir.objects import Family
from netsim.ir.policy import Direction
from netsim.lower.program import Group, Named, Program, Sort

Words = NDArray[np.uint64]


class Table:
    """What each group says of each class.

    A group says one thing of most classes: of all pods, of all hosts, of all addresses outside. ``base`` holds that;
    the classes of which it says something else are kept by row and by column.

    Shapes:
        base: ``(groups, 3)``, ``int32``: traffic-set numbers by ``Sort``.
        group_of: ``(classes,)``, ``int32``: the group of each class as a subject.
        rows, columns: compressed: the exceptions of each group, of each class.
    """

    def __init__(self, program: Program, direction: Direction, family: Family, sets: TrafficSets) -> None:
        self.group_of: Numbers = np.asarray(program.group_of[direction], dtype=np.int32)
        self._sorts: Numbers = np.asarray([member.sort for member in program.classes], dtype=np.int32)
        self._rows = rows = _Rows(program, family, sets)
        self._entered: dict[tuple[int, int], int] = {}
        self._groups = program.groups[direction]
        computed = [rows.row(group) for group in program.groups[direction]]
        self.base: Numbers = np.asarray([base for base, _, _ in computed], dtype=np.int32)
        counts = [len(classes) for _, classes, _ in computed]
        owners = np.repeat(np.arange(len(computed), dtype=np.int32), counts)
        classes = np.concatenate([classes for _, classes, _ in computed]).astype(np.int32)
        values = np.concatenate([values for _, _, values in computed]).astype(np.int32)
        self._row_ends = np.concatenate(([0], np.cumsum(counts)))
        self._classes, self._values = classes, values
        order = np.argsort(classes, kind="stable")
        self._column_ends = np.concatenate(([0], np.cumsum(np.bincount(classes, minlength=len(self._sorts)))))
        self._column_groups, self._column_values = owners[order], values[order]

    def row(self, group: int) -> Numbers:
        """Return what a group says of every class."""
        found: Numbers = self.base[group][self._sorts]
        start, end = self._row_ends[group], self._row_ends[group + 1]
        found[self._classes[start:end]] = self._values[start:end]
        return found

    def column(self, member: int) -> Numbers:
        """Return what every group says of a class."""
        found: Numbers = self.base[:, self._sorts[member]].copy()
        start, end = self._column_ends[member], self._column_ends[member + 1]
        found[self._column_groups[start:end]] = self._column_values[start:end]
        return found

    def cell(self, group: int, member: int) -> int:
        """Return what a group says of a class."""
        start, end = self._row_ends[group], self._row_ends[group + 1]
        at = start + int(np.searchsorted(self._classes[start:end], member))
        if at < end and self._classes[at] == member:
            return int(self._values[at])
        return int(self.base[group, self._sorts[member]])

    def entered(self, group: int, member: int) -> int:
        """Return what a group says of a class of its subjects' own node, which no NetworkPolicy keeps out (S2.9)."""
        if (group, member) not in self._entered:
            self._entered[group, member] = self._rows.own_node(self._groups[group], member)
        return self._entered[group, member]


class _Rows:
    """Computes rows: finds the distinct sets of matching rules, decides each once, scatters the answers."""

    def __init__(self, program: Program, family: Family, sets: TrafficSets) -> None:
        self._program = program
        self._sets = sets
        self._sorts = np.asarray([member.sort for member in program.classes], dtype=np.int32)
        self._all_pods = int((self._sorts == Sort.POD).sum())
        applies = [term.family is None or term.family is family for term in program.terms]
        self._sure = [_array(term.sure if on else ()) for term, on in zip(program.terms, applies, strict=True)]
        self._maybe = [_array(term.maybe if on else ()) for term, on in zip(program.terms, applies, strict=True)]
        self._declaring: dict[str, list[int]] = {}
        for number, member in enumerate(program.classes):
            for name in {entry[0] for entry in member.named}:
                self._declaring.setdefault(name, []).append(number)

    def row(self, group: Group) -> tuple[tuple[int, int, int], Numbers, Numbers]:
        """Return what the group says of most classes by sort, and the classes of which it says something else."""
        everybody = [number for number, rule in enumerate(group.rules) if rule.terms is None]
        all_pods = sorted({*everybody, *self._rules_of_all_pods(group)})
        base = tuple(
            self._decided(group, [(n, True) for n in (all_pods if sort is Sort.POD else everybody)], ())
            for sort in Sort
        )
        classes, masks = self._matching(group, frozenset(everybody))
        values = self._values(group, classes, masks)
        different = values != np.asarray(base, dtype=np.int32)[self._sorts[classes]]
        return (base[0], base[1], base[2]), classes[different], values[different]

    def own_node(self, group: Group, member: int) -> int:
        """Return the traffic-set number of a class of the subjects' own node."""
        matching = []
        for number, rule in enumerate(group.rules):
            sure = rule.terms is None or any(_holds(self._sure[term], member) for term in rule.terms)
            if sure or any(_holds(self._maybe[term], member) for term in rule.terms or ()):
                matching.append((number, sure))
        return self._decided(group, matching, (), own_node=True)

    def _rules_of_all_pods(self, group: Group) -> list[int]:
        """Return the rules with a peer that means every pod class; only they make pods differ from addresses."""
        return [
            number
            for number, rule in enumerate(group.rules)
            if rule.terms is not None and any(self._means_all_pods(term) for term in rule.terms)
        ]

    def _means_all_pods(self, term: int) -> bool:
        members = self._sure[term]
        return len(members) >= self._all_pods and int((self._sorts[members] == Sort.POD).sum()) == self._all_pods

    def _matching(self, group: Group, everybody: frozenset[int]) -> tuple[Numbers, Words]:
        """Return the classes that some term of the group touches, sorted, and which rules match each.

        Shapes:
            masks: ``(classes, 2 * words)``: bit r of the first half is set iff rule r matches for sure, of the
            second half iff it matches perhaps.
        """
        words = max(1, -(-len(group.rules) // 64))
        members: list[Numbers] = [_array(self._declarers(group))]
        bits: list[tuple[int, int]] = [(0, 0)]
        for number, rule in enumerate(group.rules):
            word, bit = divmod(number, 64)
            for term in rule.terms or ():
                for half, found in ((0, self._sure[term]), (words, self._maybe[term])):
                    if len(found):
                        members.append(found)
                        bits.append((half + word, 1 << bit))
        classes: Numbers = np.unique(np.concatenate(members))
        masks: Words = np.zeros((len(classes), 2 * words), dtype=np.uint64)
        for (word, value), found in zip(bits, members, strict=True):
            masks[np.searchsorted(classes, found), word] |= np.uint64(value)
        for number in everybody:
            masks[:, number // 64] |= np.uint64(1 << number % 64)
        return classes, masks

    def _declarers(self, group: Group) -> list[int]:
        """Return the classes on which an egress rule's port names may resolve: each may carry something else."""
        if group.direction is Direction.INGRESS:
            return []
        return sorted({member for name in group.names for member in self._declaring.get(name, ())})

    def _values(self, group: Group, classes: Numbers, masks: Words) -> Numbers:
        """Return the traffic-set number of each class, deciding each distinct mask and named-port table once."""
        if not len(classes):
            return _array(())
        distinct, inverse = _distinct(masks)
        matching = [_unpacked(mask) for mask in distinct.tolist()]
        names = group.names if group.direction is Direction.EGRESS else frozenset()
        if not names:
            decided = [self._decided(group, rules, ()) for rules in matching]
            return np.asarray(decided, dtype=np.int32)[inverse]
        cache: dict[tuple[int, tuple[Named, ...]], int] = {}
        values = []
        for number, mask in zip(classes.tolist(), inverse.tolist(), strict=True):
            named = tuple(entry for entry in self._program.classes[number].named if entry[0] in names)
            if (mask, named) not in cache:
                cache[mask, named] = self._decided(group, matching[mask], named)
            values.append(cache[mask, named])
        return np.asarray(values, dtype=np.int32)

    def _decided(
        self,
        group: Group,
        matching: Sequence[tuple[int, bool]],
        named: tuple[Named, ...],
        *,
        own_node: bool = False,
    ) -> int:
        atoms = self._program.atoms
        table = group.named if group.direction is Direction.INGRESS else named
        profile = self._program.profile
        traffic = {number: carried(group.rules[number], table, atoms, profile) for number, _ in matching}
        return self._sets.number(decide(group, matching, traffic, atoms.everything, own_node=own_node))


def _distinct(masks: Words) -> tuple[Words, NDArray[np.intp]]:
    """Return the distinct rows, and which of them each row is."""
    used = np.flatnonzero(masks.any(axis=0))
    if len(used) > 1:
        distinct, inverse = np.unique(masks, axis=0, return_inverse=True)
        return distinct, inverse.reshape(-1)
    # One word tells all rows apart, as in almost every group: sorting numbers is many times faster than sorting rows.
    column = int(used[0]) if len(used) else 0
    values, inverse = np.unique(masks[:, column], return_inverse=True)
    rows: Words = np.zeros((len(values), masks.shape[1]), dtype=np.uint64)
    rows[:, column] = values
    return rows, inverse


def _unpacked(mask: Sequence[int]) -> list[tuple[int, bool]]:
    """Return the numbers of the rules that match, in order, and whether for sure."""
    words = len(mask) // 2
    found = []
    for word in range(words):
        sure, maybe = mask[word], mask[words + word]
        both = sure | maybe
        while both:
            bit = (both & -both).bit_length() - 1
            found.append((64 * word + bit, bool(sure >> bit & 1)))
            both &= both - 1
    return found


def _holds(numbers: Numbers, number: int) -> bool:
    at = int(np.searchsorted(numbers, number))
    return at < len(numbers) and int(numbers[at]) == number


def _array(numbers: Sequence[int]) -> Numbers:
    return np.asarray(numbers, dtype=np.int32)
