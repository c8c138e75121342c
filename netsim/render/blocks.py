"""Blocks of addresses, gathered for the eye: ``0.0.0.0/0 except 10.0.0.0/8`` instead of eight blocks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import collapse_addresses
from typing import TypeVar

from netsim.bits.columns import Triples
from netsim.ir.objects import Network
from netsim.queries import Reachability
from netsim.queries.changes import Change, Changes
from netsim.queries.entrances import Entrance
from netsim.queries.explain import Explanation
from netsim.queries.listing import Line
from netsim.queries.reach import Connection
from netsim.queries.risk import block_of as block

#: More blocks than this in one text are no easier to read than a row for each.
MOST_BLOCKS = 6


def gathered(blocks: Sequence[Network]) -> tuple[str, ...]:
    """Return disjoint blocks of one family in as few short texts as there are."""
    whole = cover(blocks)
    holes = _holes(whole, blocks)
    if 1 + len(holes) < len(blocks) and len(holes) <= MOST_BLOCKS:
        return (f"{whole} except {_listed(holes)}",)
    return (_listed(blocks),) if len(blocks) <= MOST_BLOCKS else tuple(str(entry) for entry in blocks)


def _listed(blocks: Iterable[Network]) -> str:
    return ", ".join(str(entry) for entry in blocks)


def cover(blocks: Sequence[Network]) -> Network:
    """Return the smallest block that holds them all; they are of one family."""
    whole = blocks[0]
    first = min(int(entry.network_address) for entry in blocks)
    last = max(int(entry.broadcast_address) for entry in blocks)
    while not int(whole.network_address) <= first <= last <= int(whole.broadcast_address):
        whole = whole.supernet()
    return whole


def _holes(whole: Network, blocks: Iterable[Network]) -> list[Network]:
    """Return what the whole holds beyond the blocks, sorted."""
    rest = [whole]
    for entry in blocks:
        rest = [piece for whole in rest for piece in _without(whole, entry)]
    return sorted(collapse_addresses(rest))  # type: ignore[type-var]


def _without(whole: Network, entry: Network) -> Iterable[Network]:
    if not whole.overlaps(entry):
        return (whole,)
    return () if whole == entry else whole.address_exclude(entry)  # type: ignore[arg-type]


#: A row's destination as it is shown, and its line.
Shown = tuple[str, Line]


@dataclass(slots=True)
class Gathering:
    """A listing with the blocks gathered that fare alike."""

    answer: Reachability
    _blocks: dict[int, Network | None] = field(default_factory=dict)
    _told: dict[int, object] = field(default_factory=dict)
    _rows: dict[tuple[int, ...], list[Shown]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[str, list[Shown]]]:
        """Yield each source as it is shown, with its rows."""
        outer: dict[object, tuple[list[Network], list[Shown]]] = {}
        for source, lines in self.answer.listed:
            own = [line for line in lines if line.destination != source]
            cidr = block(source)
            if cidr is not None:
                key = (cidr.version, *((line.destination, self._says(line)) for line in own))
                outer.setdefault(key, ([], self._of(own)))[0].append(cidr)
            elif own:
                yield source, self._of(own)
        for cidrs, rows in outer.values():
            yield from ((label, rows) for label in gathered(cidrs))

    def _of(self, lines: Sequence[Line]) -> list[Shown]:
        outer = [line for line in lines if self._block(line)]
        inner = [(line.destination, line) for line in lines if not self._block(line)]
        return [*inner, *self._gathered(outer)]

    def _says(self, line: Line) -> object:
        """Return all that a row says beside its ends."""
        if id(line) not in self._told:
            self._told[id(line)] = (line.traffic, line.unknown, line.family, line.network)
        return self._told[id(line)]

    def _block(self, line: Line) -> Network | None:
        if id(line) not in self._blocks:
            self._blocks[id(line)] = block(line.destination)
        return self._blocks[id(line)]

    def _gathered(self, lines: Sequence[Line]) -> list[Shown]:
        key = tuple(id(line) for line in lines)
        if key not in self._rows:
            alike: dict[object, list[tuple[Network, Line]]] = {}
            for line in lines:
                cidr = self._block(line)
                if cidr is not None:
                    alike.setdefault((cidr.version, self._says(line)), []).append((cidr, line))
            self._rows[key] = [
                (label, own[0][1]) for own in alike.values() for label in gathered([cidr for cidr, _ in own])
            ]
        return self._rows[key]


#: All that a row says beside its ends.
Likeness = TypeVar("Likeness")

#: What has a source and a destination by name.
Row = TypeVar("Row", Connection, Entrance, Explanation)


def as_rows(rows: Iterable[tuple[Row, Likeness]]) -> Iterator[tuple[Row, Likeness]]:
    """Yield rows, each with all that it says, with the blocks gathered of rows that say the same.

    A group stands where its first row stood.
    """
    groups: dict[object, tuple[list[Row], Likeness]] = {}
    for number, (row, says) in enumerate(rows):
        one, other = block(row.source), block(row.destination)
        if one:
            key: object = ("from", one.version, row.destination, says)
        else:
            key = ("to", other.version, row.source, says) if other else number
        groups.setdefault(key, ([], says))[0].append(row)
    for own, says in groups.values():
        yield from ((row, says) for row in _as_one(own))


def _as_one(own: Sequence[Row]) -> Iterator[Row]:
    sources = [cidr for row in own if (cidr := block(row.source))]
    destinations = [cidr for row in own if (cidr := block(row.destination))]
    if sources:
        yield from (replace(own[0], source=label) for label in gathered(sources))
    elif destinations:
        yield from (replace(own[0], destination=label) for label in gathered(destinations))
    else:
        yield own[0]


def gathered_entries(found: Iterable[Entrance]) -> list[Entrance]:
    """Return ways in that differ, with the blocks gathered that fare alike.

    A row of several blocks has the risks of the first, which is the gravest.
    """
    return [row for row, _ in as_rows((each, _says(each)) for each in found)]


def _says(each: Entrance) -> object:
    """Return all that a row says beside its ends and its risks."""
    traffics = (each.old, each.new, each.old_unknown, each.new_unknown, each.because)
    return (*traffics, each.kind, each.name, each.via)


def gathered_changes(changes: Changes) -> Changes:
    """Return connections that differ, with the blocks gathered that fare alike, as ``gathered_entries`` does."""
    blocks = list(map(block, changes.names))
    inner, outer = changes.rows.with_ends([each is not None for each in blocks])
    if not len(outer[1]):
        return changes
    says: dict[object, int] = {}
    alike = [says.setdefault(_said(kind), len(says)) for kind in changes.kinds]
    groups: dict[object, list[tuple[int, int, int, int]]] = {}
    for place, (source, destination, kind) in zip(outer[0], outer[1], strict=True):
        one, other = blocks[source], blocks[destination]
        key = (one.version, None, destination) if one else (other and other.version, source, None)
        groups.setdefault((*key, alike[kind]), []).append((place, source, destination, kind))
    names = {name: number for number, name in enumerate(changes.names)}
    places, rows = [], []
    for own in groups.values():
        place, source, destination, kind = own[0]
        end = 1 if blocks[source] else 2
        for label in gathered([each for row in own if (each := blocks[row[end]])]):
            number = names.setdefault(label, len(names))
            places.append(place)
            rows.append((number, destination, kind) if end == 1 else (source, number, kind))
    merged = inner[1].merged(Triples.of(rows), (inner[0], places))
    return Changes([*names], changes.kinds, merged)


def _said(kind: Change) -> object:
    """Return all that a row says beside its ends, its risks and its family, which its blocks tell."""
    return (kind.old, kind.new, kind.old_unknown, kind.new_unknown, kind.because, kind.network)
