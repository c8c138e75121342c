"""What a change does to the ways into a cluster."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from netsim.bits.compare import NOTHING
from netsim.bits.reach import Answer as Traffics
from netsim.cluster import Compiled
from netsim.ingest.ports import Asked
from netsim.ir.objects import Family, Pod
from netsim.ir.place import Place
from netsim.ir.shapes import PlaceShape
from netsim.ir.traffic import NONE, Traffic
from netsim.lower.space import AddressRange
from netsim.queries.blame import Cause, Changed
from netsim.queries.changes import CauseShape, Change, Changes, MovedShape, unknown_dict
from netsim.queries.entered import edited, objects_of
from netsim.queries.entries import WayIn, Ways
from netsim.queries.focus import Product
from netsim.queries.moved import Moved, Risk
from netsim.queries.outside import cidrs
from netsim.queries.risk import block_of, key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance(Moved):
    """One way into the cluster that lets in what it did not, or no longer what it did.

    Attributes:
        kind, name: The object that it is: ``Ingress shop/web``, ``LoadBalancer shop/web``.
        via: How it leads to the workload, on the new side where it is there.
        risks: Why it deserves a look, the gravest first.
        because: What did it, sorted.
        place: Where the object stands, on the new side where it is there.
    """

    kind: str
    name: str
    source: str
    destination: str
    old: Traffic
    new: Traffic
    old_unknown: Traffic = NONE
    new_unknown: Traffic = NONE
    via: str
    risks: tuple[Risk, ...] = ()
    because: tuple[Cause, ...] = ()
    place: Place

    @property
    def key(self) -> str:
        """What it is known by in a baseline."""
        return f"way in {self.kind} {self.name} {self.ends}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The ways into two clusters, as far as they are asked about."""

    old: Ways
    new: Ways
    renamed: Mapping[str, str]

    @staticmethod
    def of(
        old: Compiled,
        new: Compiled,
        products: tuple[Sequence[Product], Sequence[Product]],
        wanted: Asked | None,
        *,
        by_pod: bool,
        renamed: Mapping[str, str],
    ) -> "Sides":
        """Return the ways into two clusters."""
        before, after = (
            Ways(cluster, by_pod=by_pod, products=own, wanted=wanted)
            for cluster, own in zip((old, new), products, strict=True)
        )
        return Sides(old=before, new=after, renamed=renamed)


def entrances(sides: Sides, changes: Changes) -> Iterator[Entrance]:
    """Yield where the ways in differ, each with what did it, in the order of their objects.

    Args:
        changes: The connections that differ: what opened or closed one to a workload did it to the ways in, too.
    """
    old, new = _let_in(sides.old.rows(), sides.renamed), _let_in(sides.new.rows(), {})
    if old == new:
        return
    work = _Causes(sides, changes)
    ours, theirs = _by_key(old), _by_key(new)
    for key in sorted({*ours, *theirs}):
        before, after = ours.get(key, []), theirs.get(key, [])
        if before != after:
            yield from (replace(each, because=work.of(each)) for each in _compared(before, after))


#: The kind and the name of the object, and the workload that it leads to.
_Key = tuple[str, str, str]


def _by_key(rows: Iterable[WayIn]) -> dict[_Key, list[WayIn]]:
    found: dict[_Key, list[WayIn]] = {}
    for row in rows:
        found.setdefault((row.kind, row.name, row.destination), []).append(row)
    return found


def _let_in(rows: Iterable[WayIn], renamed: Mapping[str, str]) -> list[WayIn]:
    """Return the ways in that are not blocked, with workloads called as in the new input."""
    let_in = [row for row in rows if row.allowed is not False]
    if not renamed:
        return let_in
    return [
        replace(row, source=_called(row.source, renamed), destination=_called(row.destination, renamed))
        for row in let_in
    ]


def _called(name: str, renamed: Mapping[str, str]) -> str:
    key = key_of(name)
    return renamed.get(key, key) + name.removeprefix(key)


def _compared(old: Sequence[WayIn], new: Sequence[WayIn]) -> Iterator[Entrance]:
    """Yield the differences of one object's ways to one workload: those by name, then those by addresses."""
    names = sorted({row.source for row in (*old, *new) if block_of(row.source) is None})
    for name in names:
        was, now = (_opened(row for row in rows if row.source == name) for rows in (old, new))
        if was != now:
            yield _entrance(old, new, name, was, now)
    for family in Family:
        alike: dict[tuple[Traffics, Traffics], list[AddressRange]] = {}
        for span, was, now in _pieces(_spans(old, family), _spans(new, family)):
            if was != now:
                alike.setdefault((was, now), []).append(span)
        for (was, now), spans in alike.items():
            for cidr in cidrs(family, spans):
                yield _entrance(old, new, str(cidr), was, now)


def _entrance(old: Sequence[WayIn], new: Sequence[WayIn], source: str, was: Traffics, now: Traffics) -> Entrance:
    rows = new if now != NOTHING else old
    return Entrance(
        kind=rows[0].kind,
        name=rows[0].name,
        source=source,
        destination=rows[0].destination,
        old=was[0],
        new=now[0],
        old_unknown=was[1],
        new_unknown=now[1],
        via="; ".join(dict.fromkeys(row.via for row in rows)),
        place=rows[0].place,
    )


def _opened(rows: Iterable[WayIn]) -> Traffics:
    """Return what some rows let in together, surely and perhaps."""
    surely, perhaps = NONE, NONE
    for row in rows:
        if row.allowed:
            surely |= row.traffic
        else:
            perhaps |= row.traffic
    return surely, perhaps - surely


#: The first address, the last, and the row.
_Span = tuple[int, int, WayIn]


def _spans(rows: Iterable[WayIn], family: Family) -> list[_Span]:
    found = []
    for row in rows:
        block = block_of(row.source)
        if block is not None and block.version == family:
            found.append((int(block.network_address), int(block.broadcast_address), row))
    return found


def _pieces(old: Sequence[_Span], new: Sequence[_Span]) -> Iterator[tuple[AddressRange, Traffics, Traffics]]:
    """Yield the addresses that neither side tells apart, with what each lets in from there."""
    starts = sorted({edge for first, last, _ in (*old, *new) for edge in (first, last + 1)})
    for first, after in pairwise(starts):
        was, now = (_opened(row for a, b, row in spans if a <= first <= b) for spans in (old, new))
        yield (first, after - 1), was, now


@dataclass(slots=True)
class _Causes:
    """What did it to ways in; used once, then dropped."""

    sides: Sides
    changes: Changes
    _objects: tuple[Mapping[str, tuple[object, Place]], Mapping[str, tuple[object, Place]]] = field(init=False)
    _onto: dict[str, list[Change]] = field(default_factory=dict)
    _hung: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        old, new = self.sides.old.cluster.snapshot, self.sides.new.cluster.snapshot
        self._objects = objects_of(old), objects_of(new)
        for door in (*self.sides.old.doors, *self.sides.new.doors):
            self._hung.setdefault((door.kind, door.name), set()).update(door.objects)

    def of(self, entrance: Entrance) -> tuple[Cause, ...]:
        """Return the objects that it hangs on and that differ, and what did the same to connections; else the pods."""
        hanging = self._hung[entrance.kind, entrance.name]
        found = [*edited(hanging, *self._objects), *self._of_connections(entrance)]
        return tuple(sorted(set(found or self._of_pods(entrance)), key=lambda c: (c.object, c.rule or "", c.side)))

    def _of_connections(self, entrance: Entrance) -> Iterator[Cause]:
        name = entrance.destination
        if name not in self._onto:
            self._onto[name] = [*self.changes.onto(name)]
        for change in self._onto[name]:
            if _meet(change.source, entrance.source):
                yield from change.because

    def _of_pods(self, entrance: Entrance) -> Iterator[Cause]:
        """Yield the workload that it leads to, where it is not the same on both sides."""
        changed = Changed(self.sides.old.cluster, self.sides.new.cluster)
        key = key_of(entrance.destination)
        back = {new: old for old, new in self.sides.renamed.items()}
        one, other = self._pod(self.sides.old, back.get(key, key)), self._pod(self.sides.new, key)
        if one and other:
            yield from changed.labels(one, other)

    def _pod(self, ways: Ways, key: str) -> Pod | None:
        pods = ways.cluster.snapshot.pods
        return next((pod for pod in pods if key == (str(pod) if ways.by_pod else str(pod.workload))), None)


def _meet(one: str, other: str) -> bool:
    """Return whether two sources of rows are one workload, or share addresses."""
    block, beside = block_of(one), block_of(other)
    if block is None or beside is None:
        return one == other
    return block.overlaps(beside)


class EntranceShape(MovedShape, PlaceShape):
    """A way into the cluster that is not what it was."""

    kind: str
    name: str
    via: str


def entrance_dict(entrance: Entrance, because: list[CauseShape]) -> EntranceShape:
    """Return a way in as JSON values."""
    return {
        "kind": entrance.kind,
        "name": entrance.name,
        "from": entrance.source,
        "to": entrance.destination,
        "old": entrance.old.to_json() if entrance.old else None,
        "new": entrance.new.to_json() if entrance.new else None,
        **unknown_dict(entrance),
        "change": entrance.change,
        "via": entrance.via,
        "risks": list(entrance.risks),
        "because": because,
        "file": entrance.place.file,
        "line": entrance.place.line or None,
    }
