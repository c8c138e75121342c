"""How many pairs of classes meet in which traffic, counted without a look at each pair."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netsim.bits.reach import Reach
from netsim.bits.sets import Numbers
from netsim.bits.table import Counts, Sparse
from netsim.ir.objects import Family
from netsim.ir.policy import Direction
from netsim.lower.program import Sort

Weights = NDArray[np.float64]

#: This many exceptions are worked on at once: what stands between is then small.
CHUNK = 1 << 20

#: Up to this many possible keys, membership is looked up in a table of bits; beyond, by binary search.
MOST_MARKED = 1 << 27


class Tally:
    """Adds up pairs of classes by what egress and ingress say of them, in some families at once.

    Both tables are a base and exceptions, so the sum over all pairs is the sum over the bases, corrected where egress
    is an exception, where ingress is, and where both are: the work follows the exceptions, not the pairs.

    Shapes:
        weights are ``(classes,)``, ``float64``, whole numbers: sums are exact below 2 ** 53.
    """

    def __init__(self, reach: Reach, families: Sequence[Family]) -> None:
        self._reach = reach
        self._egress, self._opened = _together(reach, Direction.EGRESS, families)
        self._ingress, self._accepted = _together(reach, Direction.INGRESS, families)
        self._width = len(self._accepted)
        self._found: list[tuple[Counts, Weights]] = []

    def pairs(self, sources: Sequence[int], destinations: Sequence[int]) -> None:
        """Add every pair of a source's class and a destination's, which may repeat."""
        count = len(self._egress.sorts)
        ours, theirs = (
            np.bincount(each, minlength=count).astype(float) for each in (_array(sources), _array(destinations))
        )
        self._bases(ours, theirs)
        self._of_egress(ours, theirs)
        self._of_ingress(ours, theirs)
        self._of_both(ours, theirs)

    def without(self, members: Sequence[int]) -> None:
        """Take away the pair of each of these classes with itself."""
        own = _array(members)
        opened = self._egress.cells(self._egress.group_of[own], own)
        accepted = self._ingress.cells(self._ingress.group_of[own], own)
        self._add(opened, accepted, np.full(len(own), -1.0))

    def numbers(self) -> Iterator[tuple[tuple[int, ...], int]]:
        """Yield the traffic sets that pairs meet in, a number a family, and how many pairs do; forget them."""
        keys, weights = _merged(self._found)
        self._found.clear()
        some = np.flatnonzero(np.rint(weights))
        opened, accepted = np.divmod(keys[some], self._width)
        met = self._reach.sets.meet(self._opened[opened], self._accepted[accepted])
        for numbers, weight in zip(met.tolist(), np.rint(weights[some]).tolist(), strict=True):
            yield tuple(numbers), int(weight)

    def _add(self, opened: Numbers, accepted: Numbers, weights: Weights) -> None:
        if len(weights):
            self._found.append(
                _summed(opened.astype(np.int64) * self._width + accepted, weights, len(self._opened) * self._width)
            )

    def _bases(self, sources: Weights, destinations: Weights) -> None:
        egress, ingress = self._egress, self._ingress
        by_source, by_destination = _by_group(egress, sources), _by_group(ingress, destinations)
        for one in Sort:
            for other in Sort:
                opened = _weighed(egress.base[:, other], by_source[:, one])
                accepted = _weighed(ingress.base[:, one], by_destination[:, other])
                a, b = np.flatnonzero(opened), np.flatnonzero(accepted)
                self._add(np.repeat(a, len(b)), np.tile(b, len(a)), np.outer(opened[a], accepted[b]).ravel())

    def _of_egress(self, sources: Weights, destinations: Weights) -> None:
        """Correct where egress is an exception, as if ingress were none."""
        by_group = _by_group(self._egress, sources)
        for own in _exceptions(self._egress, by_group, destinations):
            for sort in np.flatnonzero(by_group.any(axis=0)):
                weights = by_group[own.groups, sort] * destinations[own.members]
                accepted = self._ingress.base[self._ingress.group_of[own.members], sort]
                self._add(own.values, accepted, weights)
                self._add(own.bases, accepted, -weights)

    def _of_ingress(self, sources: Weights, destinations: Weights) -> None:
        """Correct where ingress is an exception, as if egress were none."""
        by_group = _by_group(self._ingress, destinations)
        for own in _exceptions(self._ingress, by_group, sources):
            for sort in np.flatnonzero(by_group.any(axis=0)):
                weights = by_group[own.groups, sort] * sources[own.members]
                opened = self._egress.base[self._egress.group_of[own.members], sort]
                self._add(opened, own.values, weights)
                self._add(opened, own.bases, -weights)

    def _of_both(self, sources: Weights, destinations: Weights) -> None:
        """Correct where both are exceptions: join the two on the groups of both ends."""
        egress, ingress = self._egress, self._ingress
        width = len(ingress.base)

        def facing_ingress(own: _Exceptions) -> Counts:
            return own.groups.astype(np.int64) * width + ingress.group_of[own.members]

        def facing_egress(own: _Exceptions) -> Counts:
            return egress.group_of[own.members].astype(np.int64) * width + own.groups

        out = _joined(egress, _by_group(egress, sources), destinations, facing_ingress, None)
        known = _among(out.keys, len(egress.base) * width)
        into = _joined(ingress, _by_group(ingress, destinations), sources, facing_egress, known)
        for left, right in _matches(out.keys, into.keys):
            weights = out.weights[left] * into.weights[right]
            group, facing = np.divmod(out.keys[left], width)
            opened, accepted = egress.base[group, out.sorts_of[left]], ingress.base[facing, into.sorts_of[right]]
            self._add(out.values[left], into.values[right], weights)
            self._add(out.values[left], accepted, -weights)
            self._add(opened, into.values[right], -weights)
            self._add(opened, accepted, weights)


def _together(reach: Reach, direction: Direction, families: Sequence[Family]) -> tuple[Sparse, Numbers]:
    """Return the table of some families at once, and what its numbers mean: ``(numbers, families)``.

    Only numbers that occur are numbered: tables that are indexed by them are small.
    """
    tables = [reach.tables[direction, family] for family in families]
    first, bound = tables[0], len(reach.sets.answers)
    if len(tables) == 1:
        known, base, values = _numbered(first.base, first.values, bound)
        own = Sparse(base, first.group_of, first.sorts, (first.ends, first.classes, values))
        return own, known.astype(np.int32).reshape(-1, 1)
    keys = [_owners(table).astype(np.int64) * len(first.sorts) + table.classes for table in tables]
    every = np.unique(np.concatenate(keys))
    groups, members = np.divmod(every, len(first.sorts))
    bases = np.zeros(first.base.shape, dtype=np.int64)
    says = np.zeros(len(every), dtype=np.int64)
    for table, own_keys in zip(tables, keys, strict=True):
        said = table.base[groups, first.sorts[members]]
        said[every.searchsorted(own_keys)] = table.values
        bases, says = bases * bound + table.base, says * bound + said
    known, base, values = _numbered(bases, says, bound ** len(tables))
    ends = np.concatenate(([0], np.cumsum(np.bincount(groups, minlength=len(base)))))
    parts = [known // bound**power % bound for power in reversed(range(len(tables)))]
    own = Sparse(base, first.group_of, first.sorts, (ends, members.astype(np.int32), values))
    return own, np.stack(parts, axis=1).astype(np.int32)


def _numbered(
    base: NDArray[np.signedinteger], values: NDArray[np.signedinteger], bound: int
) -> tuple[Counts, Numbers, Numbers]:
    """Return the distinct ones of two arrays' numbers, and the arrays with the place of each instead.

    Where few numbers are possible, nothing is sorted.
    """
    if bound > MOST_MARKED:
        known, inverse = np.unique(np.concatenate([base.ravel(), values]), return_inverse=True)
        numbered = inverse.astype(np.int32)
        return known.astype(np.int64), numbered[: base.size].reshape(base.shape), numbered[base.size :]
    place: Numbers = np.zeros(bound, dtype=np.int32)
    place[base] = place[values] = 1
    known = np.flatnonzero(place).astype(np.int64)
    place[known] = np.arange(len(known), dtype=np.int32)
    return known, place[base], place[values]


def _owners(table: Sparse) -> Numbers:
    """Return the group of each exception."""
    return np.repeat(np.arange(len(table.base), dtype=np.int32), np.diff(table.ends))


def _array(numbers: Sequence[int]) -> Numbers:
    return np.asarray(numbers, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class _Exceptions:
    """Some exceptions of a table: the group, the class, what it says of it, and what it says of most."""

    groups: Numbers
    members: Numbers
    values: Numbers
    bases: Numbers


def _exceptions(table: Sparse, by_group: Weights, weights: Weights) -> Iterator[_Exceptions]:
    """Yield the exceptions of groups of some weight at classes of some weight, a chunk at a time."""
    owners = _owners(table)
    wanted = by_group.sum(axis=1) > 0
    for start in range(0, len(owners), CHUNK):
        groups, members = owners[start : start + CHUNK], table.classes[start : start + CHUNK]
        some = np.flatnonzero(wanted[groups] & (weights[members] != 0))
        groups, members = groups[some], members[some]
        values = table.values[start : start + CHUNK][some]
        yield _Exceptions(groups, members, values, table.base[groups, table.sorts[members]])


@dataclass(frozen=True, slots=True)
class _Joined:
    """Exceptions by the groups of both ends, what is said and the sort of the class: the weights of each, by key."""

    keys: Counts
    values: Numbers
    sorts_of: Numbers
    weights: Weights


def _joined(
    table: Sparse,
    by_group: Weights,
    weights: Weights,
    key: Callable[[_Exceptions], Counts],
    known: Callable[[Counts], NDArray[np.bool_]] | None,
) -> _Joined:
    bound = int(table.values.max(initial=0)) + 1
    found: list[tuple[Counts, Weights]] = []
    for own in _exceptions(table, by_group, weights):
        keys = key(own)
        some = slice(None) if known is None else np.flatnonzero(known(keys))
        members = own.members[some]
        wide = (keys[some] * bound + own.values[some]) * len(Sort) + table.sorts[members]
        found.append(_summed(wide, weights[members]))
    wide, summed = _merged(found)
    keys, sorts = np.divmod(wide, len(Sort))
    keys, values = np.divmod(keys, bound)
    return _Joined(keys, values.astype(np.int32), sorts.astype(np.int32), summed)


def _matches(left: Counts, right: Counts) -> Iterator[tuple[Counts, Counts]]:
    """Yield where two sorted lists of keys hold the same key, by index, a chunk at a time."""
    starts = right.searchsorted(left)
    counts = right.searchsorted(left, "right") - starts
    total = np.cumsum(counts)
    begin = 0
    while begin < len(left):
        done = int(total[begin - 1]) if begin else 0
        end = max(begin + 1, int(total.searchsorted(done + CHUNK, "right")))
        own = counts[begin:end]
        within = np.arange(own.sum()) - np.repeat(np.cumsum(own) - own, own)
        yield np.repeat(np.arange(begin, end), own), np.repeat(starts[begin:end], own) + within
        begin = end


def _among(keys: Counts, bound: int) -> Callable[[Counts], NDArray[np.bool_]]:
    """Return a test of which of many numbers below ``bound`` are among sorted keys."""
    if bound <= MOST_MARKED:
        marked = np.zeros(bound, dtype=np.bool_)
        marked[keys] = True
        return lambda asked: marked[asked]
    return lambda asked: keys[np.minimum(keys.searchsorted(asked), len(keys) - 1)] == asked if len(keys) else asked < 0


def _by_group(table: Sparse, weights: Weights) -> Weights:
    """Return the weight of each group's classes, by sort: ``(groups, sorts)``."""
    keys = table.group_of.astype(np.int64) * len(Sort) + table.sorts
    return _weighed(keys, weights, len(table.base) * len(Sort)).reshape(-1, len(Sort))


def _summed(keys: Counts, weights: Weights, bound: int | None = None) -> tuple[Counts, Weights]:
    """Return the distinct keys, sorted, and the weight of each: where keys are many and small, without sorting."""
    if bound is not None and bound <= 8 * len(keys):
        table = _weighed(keys, weights)
        some = np.flatnonzero(table)
        return some.astype(np.int64), table[some]
    distinct, inverse = np.unique(keys, return_inverse=True)
    return distinct, _weighed(inverse, weights, len(distinct))


def _weighed(keys: NDArray[np.signedinteger], weights: Weights, least: int = 0) -> Weights:
    """Return the sum of the weights of each number, for ``least`` numbers or more."""
    return np.asarray(np.bincount(keys, weights, minlength=least), dtype=np.float64)


def _merged(found: Sequence[tuple[Counts, Weights]]) -> tuple[Counts, Weights]:
    """Return several sums as one."""
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float64)
    return _summed(np.concatenate([keys for keys, _ in found]), np.concatenate([weights for _, weights in found]))
