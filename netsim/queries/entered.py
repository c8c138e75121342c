"""What a change does to the connections of a controller that is not in the input."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netsim.bits.compare import NOTHING
from netsim.bits.reach import Answer as Traffics
from netsim.cluster import Compiled
from netsim.ingest.ports import Asked
from netsim.ir.objects import Service
from netsim.ir.place import NOWHERE, Place
from netsim.ir.snapshot import Notice, Snapshot
from netsim.ir.traffic import Protocol
from netsim.queries.blame import Cause, Changed, causes
from netsim.queries.entries import Ways
from netsim.queries.focus import Product
from netsim.queries.pairs import Pair
from netsim.queries.units import Unit

#: One pair of workloads, what may be opened to it before and after, and what made the difference.
Entered = tuple[Pair, Traffics, Traffics, tuple[Cause, ...]]


@dataclass(slots=True)
class Entering:
    """The work of comparing what enters two clusters; used once, then dropped."""

    old: Compiled
    new: Compiled
    products: tuple[Product, Product]
    pairs: Sequence[Pair]
    wanted: Asked | None
    by_pod: bool = field(kw_only=True)
    _ways: tuple[Ways, Ways] = field(init=False)
    _changed: Changed = field(init=False)
    _named: tuple[Mapping[str, tuple[object, Place]], Mapping[str, tuple[object, Place]]] = field(init=False)

    def __post_init__(self) -> None:
        old, new = (
            Ways(cluster, by_pod=self.by_pod, products=(product,), wanted=self.wanted)
            for cluster, product in zip((self.old, self.new), self.products, strict=True)
        )
        self._ways = (old, new)
        self._changed = Changed(self.old, self.new)
        self._named = objects_of(self.old.snapshot), objects_of(self.new.snapshot)

    def changes(self) -> Iterator[Entered]:
        """Yield the workloads to which the controller may not open what it might before."""
        before, after = (_by_name(ways) for ways in self._ways)
        for pair in self.pairs:
            was = before.get(pair.old.name, NOTHING) if pair.old else NOTHING
            now = after.get(pair.new.name, NOTHING) if pair.new else NOTHING
            if was != now:
                yield pair, was, now, tuple(self._because(pair, was, now))

    def warnings(self) -> tuple[Notice, ...]:
        """Return what there is to say of the ways into the new cluster that was not to be said of the old one."""
        known = {notice.message for notice in self._ways[0].notices()}
        return tuple(notice for notice in self._ways[1].notices() if notice.message not in known)

    def _because(self, pair: Pair, was: Traffics, now: Traffics) -> Iterator[Cause]:
        """Yield what made the difference: objects that lead there, policies, and else what they select."""
        if pair.old and pair.new:
            found = [*self._objects(pair), *self._policies(pair, was, now)]
            yield from dict.fromkeys(found or self._labels(pair.old, pair.new))
        else:
            yield from self._objects(pair)

    def _objects(self, pair: Pair) -> Iterator[Cause]:
        leading = {*_leading(self._ways[0], pair.old), *_leading(self._ways[1], pair.new)}
        yield from edited(leading, *self._named)

    def _policies(self, pair: Pair, was: Traffics, now: Traffics) -> Iterator[Cause]:
        for protocol, first, _ in (was[0] | was[1]) - now[0] | (now[0] | now[1]) - was[0]:
            for ways, unit, side in zip(self._ways, (pair.old, pair.new), ("old", "new"), strict=True):
                found = _behind(ways, unit, protocol, first, side) if unit else ()
                yield from (cause for cause in found if self._changed.policy(cause.object))

    def _labels(self, old: Unit, new: Unit) -> Iterator[Cause]:
        one, other = self.old.program.endpoints[old.endpoints[0]], self.new.program.endpoints[new.endpoints[0]]
        yield from self._changed.labels(one, other)  # type: ignore[arg-type]  # a way in leads to pods


def _by_name(ways: Ways) -> Mapping[str, Traffics]:
    return {unit.name: opened for unit, opened in ways.opened().items()}


def edited(
    names: Iterable[str], old: Mapping[str, tuple[object, Place]], new: Mapping[str, tuple[object, Place]]
) -> Iterator[Cause]:
    """Yield those of some objects that are not the same on both sides, sorted by name."""
    for name in sorted(set(names)):
        one, other = old.get(name), new.get(name)
        if one is None and other is not None:
            yield Cause(name, None, None, other[1], "new", "added")
        elif other is None and one is not None:
            yield Cause(name, None, None, one[1], "old", "removed")
        elif one and other and _bare(one[0]) != _bare(other[0]):
            yield Cause(name, None, None, other[1], "new", "changed")


def objects_of(snapshot: Snapshot) -> Mapping[str, tuple[object, Place]]:
    """Return what ways in hang on, by name with the kind in front."""
    found: dict[str, tuple[object, Place]] = {f"{e.kind} {e}": (e, e.place) for e in snapshot.entries}
    found |= {f"Gateway {each}": (each, each.place) for each in snapshot.gateways}
    found |= {f"Service {each}": (each, each.place) for each in snapshot.services}
    return found


def _bare(each: object) -> object:
    """Return a Service without its place, which does not matter to what it is."""
    return replace(each, place=NOWHERE) if isinstance(each, Service) else each


def _leading(ways: Ways, unit: Unit | None) -> Iterable[str]:
    """Return the objects by which the controller comes to a unit."""
    endpoints = set(unit.endpoints) if unit else set()
    doors = (door for door in ways.doors if door.unknown)
    return (name for door in doors if not endpoints.isdisjoint(door.targets) for name in door.objects)


def _behind(ways: Ways, unit: Unit, protocol: Protocol, port: int, side: str) -> Iterator[Cause]:
    for egress, ingress in ways.judge.sides(unit.endpoints[0], protocol, port):
        yield from causes(egress, side)
        yield from causes(ingress, side)
