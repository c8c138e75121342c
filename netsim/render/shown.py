"""The rows of a diff as people read them: each is made when it is written, for there may be a million."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import overload

from netsim.queries import Diff
from netsim.queries.changes import Change, Changes
from netsim.queries.entrances import Entrance
from netsim.queries.moved import Moved
from netsim.queries.risk import order
from netsim.render.blocks import gathered_changes, gathered_entries

#: A row of a review, with blocks of addresses gathered.
Row = Change | Entrance


@dataclass(frozen=True, slots=True)
class Shown(Sequence[Row]):
    """Rows in their order: stretches of connections and of ways in, each of rows of the same risks."""

    stretches: tuple[Changes | tuple[Entrance, ...], ...]

    def __len__(self) -> int:
        return sum(map(len, self.stretches))

    def __iter__(self) -> Iterator[Row]:
        return chain.from_iterable(self.stretches)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> "Shown": ...
    def __getitem__(self, at: int | slice) -> "Row | Shown":
        if isinstance(at, int):
            return self[at : at + 1 or None].stretches[0][0]
        start, stop, _ = at.indices(len(self))
        found: list[Changes | tuple[Entrance, ...]] = []
        for own in self.stretches:
            if own[max(0, start) : max(0, stop)]:
                found.append(own[max(0, start) : max(0, stop)])
            start, stop = start - len(own), stop - len(own)
        return Shown(tuple(found))

    @property
    def connections(self) -> int:
        """How many of the rows are of connections."""
        return sum(len(own) for own in self.stretches if isinstance(own, Changes))

    @property
    def kinds(self) -> Iterator[Row]:
        """One of all rows that are alike but for their ends."""
        for own in self.stretches:
            yield from (kind for kind, _ in own.alike) if isinstance(own, Changes) else own

    @property
    def sources(self) -> Iterator[str]:
        """The sources of rows, most of them once."""
        for own in self.stretches:
            yield from own.sources if isinstance(own, Changes) else (row.source for row in own)

    @property
    def destinations(self) -> Iterator[str]:
        """The destinations of rows, most of them once."""
        for own in self.stretches:
            yield from own.destinations if isinstance(own, Changes) else (row.destination for row in own)


@dataclass(frozen=True, slots=True)
class Lines(Sequence[str]):
    """A line for each row, written when it is asked for."""

    rows: Shown
    write: Callable[[Row], str]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[str]:
        return map(self.write, self.rows)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> "Lines": ...
    def __getitem__(self, at: int | slice) -> "str | Lines":
        return self.write(self.rows[at]) if isinstance(at, int) else Lines(self.rows[at], self.write)


def rows(answer: Diff) -> Shown:
    """Return the connections and ways in that differ, the gravest first, with the blocks gathered that fare alike.

    A way in by a controller that is not in the input is left out where its connection says as much.
    """
    changes = Changes.of(answer.changes)
    entries = gathered_entries(each for each in answer.entries if not _is_said(each, changes))
    found: dict[tuple[bool, ...], list[Changes | tuple[Entrance, ...]]] = {
        rank: [own] for rank, own in gathered_changes(changes).stretches(_order)
    }
    for rank in {_order(each): None for each in entries}:
        found.setdefault(rank, []).append(tuple(each for each in entries if _order(each) == rank))
    return Shown(tuple(own for rank in sorted(found) for own in found[rank]))


def _order(moved: Moved) -> tuple[bool, ...]:
    return order(moved.risks, opens=moved.opens)


def _is_said(entry: Entrance, changes: Changes) -> bool:
    same = (each for each in changes.onto(entry.destination) if each.source == entry.source)
    return any(each.change == entry.change for each in same)
