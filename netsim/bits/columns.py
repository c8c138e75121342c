"""Rows of numbers, held by column: a million of three take twelve megabytes, where as many values take hundreds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from netsim.bits.sets import Numbers

Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]
Column = NDArray[np.signedinteger]

#: This many rows are turned into Python's numbers at once.
CHUNK = 1 << 14

_MOST = 1 << 62


def array(numbers: Sequence[int]) -> Numbers:
    """Return numbers as a column."""
    return np.asarray(numbers, dtype=np.int32)


def flags(values: Sequence[bool]) -> Flags:
    """Return truths as a column."""
    return np.asarray(values, dtype=np.bool_)


def where(marked: NDArray[np.bool_]) -> Indices:
    """Return the places that are marked."""
    return np.flatnonzero(marked)


def numbered(*columns: Column) -> tuple[Numbers, Indices]:
    """Return a number from 0 on for each row of some columns, equal for equal rows; and the first row of each."""
    keys, bound = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        least = int(column.min(initial=0))
        width = int(column.max(initial=0)) - least + 1
        if bound * width > _MOST:
            keys = np.unique(keys, return_inverse=True)[1].astype(np.int64)
            bound = len(keys)
        keys, bound = keys * width + (column - least), bound * width
    _, firsts, numbers = np.unique(keys, return_index=True, return_inverse=True)
    return numbers.astype(np.int32), firsts


def parts(*columns: Column) -> list[Indices]:
    """Return the rows that are equal in some columns together, each time in their order."""
    numbers, firsts = numbered(*columns)
    order = np.argsort(numbers, kind="stable")
    return np.split(order, np.cumsum(np.bincount(numbers))[:-1]) if len(firsts) else []


@dataclass(frozen=True, slots=True, eq=False)
class Triples:
    """Rows of a source, a destination and a kind, all of them numbers.

    Shapes:
        each ``(rows,)``, ``int32``.
    """

    sources: Numbers
    destinations: Numbers
    kinds: Numbers

    @staticmethod
    def of(rows: Iterable[tuple[int, int, int]]) -> "Triples":
        """Return rows by column."""
        columns: Numbers = np.asarray([*rows], dtype=np.int32).reshape(-1, 3)
        return Triples(columns[:, 0], columns[:, 1], columns[:, 2])

    @staticmethod
    def joined(some: Sequence["Triples"]) -> "Triples":
        """Return the rows of several, one after the other."""
        if len(some) == 1:
            return some[0]
        return Triples(
            np.concatenate([own.sources for own in some]),
            np.concatenate([own.destinations for own in some]),
            np.concatenate([own.kinds for own in some]),
        )

    def __len__(self) -> int:
        return len(self.kinds)

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        return chain.from_iterable(self.chunks())

    def chunks(self) -> Iterator[Iterable[tuple[int, int, int]]]:
        """Yield the rows, some thousands at once."""
        for start in range(0, len(self), CHUNK):
            own = self.taken(slice(start, start + CHUNK))
            yield zip(own.sources.tolist(), own.destinations.tolist(), own.kinds.tolist(), strict=True)

    def taken(self, which: Indices | Flags | slice) -> "Triples":
        """Return some of the rows."""
        return Triples(self.sources[which], self.destinations[which], self.kinds[which])

    def renumbered(self, names: Sequence[int], kinds: Sequence[int]) -> "Triples":
        """Return the rows with other numbers for their ends, and for their kinds."""
        place = array(names)
        return Triples(place[self.sources], place[self.destinations], array(kinds)[self.kinds])

    def counts(self, kinds: int) -> list[int]:
        """Return how many rows there are of each of so many kinds."""
        found: list[int] = np.bincount(self.kinds, minlength=kinds).tolist()
        return found

    def of_kinds(self, wanted: Sequence[bool]) -> Indices:
        """Return which rows are of the kinds that are wanted."""
        return np.flatnonzero(flags(wanted)[self.kinds])

    def distinct_sources(self) -> list[int]:
        """Return the sources that there are."""
        found: list[int] = np.unique(self.sources).tolist()
        return found

    def distinct_destinations(self) -> list[int]:
        """Return the destinations that there are."""
        found: list[int] = np.unique(self.destinations).tolist()
        return found

    def onto(self, wanted: Sequence[bool]) -> "Triples":
        """Return the rows whose destination is wanted."""
        return self.taken(flags(wanted)[self.destinations])

    def with_ends(self, wanted: Sequence[bool]) -> tuple[tuple[list[int], "Triples"], tuple[list[int], "Triples"]]:
        """Return the rows without a wanted end, with their places; and those that have one, with theirs."""
        marked = flags(wanted)[self.sources] | flags(wanted)[self.destinations]
        without, having = np.flatnonzero(~marked), np.flatnonzero(marked)
        return (without.tolist(), self.taken(without)), (having.tolist(), self.taken(having))

    def in_order(self, names: Sequence[int], kinds: Sequence[int]) -> "Triples":
        """Return the rows sorted by the ranks of their ends, then of their kinds; equal ones in their order."""
        place, rank = array(names), array(kinds)
        width = int(place.max(initial=0)) + 1
        keys = place[self.sources].astype(np.int64) * width + place[self.destinations]
        keys = keys * (int(rank.max(initial=0)) + 1) + rank[self.kinds]
        return self.taken(np.argsort(keys, kind="stable"))

    def by_kind(self, kinds: Sequence[int]) -> "Triples":
        """Return the rows sorted by the ranks of their kinds; those of one rank in their order."""
        return self.taken(np.argsort(array(kinds)[self.kinds], kind="stable"))

    def runs(self, kinds: Sequence[int]) -> list[tuple[int, "Triples"]]:
        """Return the rows of each rank of kinds, where they are sorted by it, with the rank."""
        ranks = array(kinds)[self.kinds]
        starts = [0, *(np.flatnonzero(np.diff(ranks)) + 1).tolist(), len(ranks)]
        spans = ((start, end) for start, end in pairwise(starts) if start < end)
        return [(int(ranks[start]), self.taken(slice(start, end))) for start, end in spans]

    def refined(
        self, sources: Sequence[int], destinations: Sequence[int], kinds: Sequence[int]
    ) -> tuple[list[tuple[int, int, int]], Numbers]:
        """Return, of numbers for ends and kinds, those that occur together; and which of these each row has."""
        own = Triples(array(sources)[self.sources], array(destinations)[self.destinations], array(kinds)[self.kinds])
        numbers, firsts = numbered(own.sources, own.destinations, own.kinds)
        return list(own.taken(firsts)), numbers

    def parted(self, values: Sequence[int], numbers: Numbers) -> tuple[list[tuple[int, int]], "Triples"]:
        """Return the kinds that there are, each with a value that its rows have; and the rows of these kinds.

        Args:
            numbers: Which of the values each row has.
        """
        own = array(values)[numbers]
        kinds, firsts = numbered(self.kinds, own)
        told = list(zip(self.kinds[firsts].tolist(), own[firsts].tolist(), strict=True))
        return told, Triples(self.sources, self.destinations, kinds)

    def merged(self, other: "Triples", places: tuple[Sequence[int], Sequence[int]]) -> "Triples":
        """Return the rows of both by their places, which are given for each of the two."""
        both = Triples.joined([self, other])
        return both.taken(np.argsort(np.concatenate([array(own) for own in places]), kind="stable"))
