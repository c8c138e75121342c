"""How many lines a listing has, without making them."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from netsim.bits.reach import Answer as Traffics
from netsim.bits.reach import Reach
from netsim.bits.tally import Tally
from netsim.ir.objects import Family
from netsim.ir.policy import Direction
from netsim.ir.traffic import Traffic
from netsim.queries.listing import Lister, common
from netsim.queries.units import Unit

#: How many lines have some allowed traffic (True), and how many are unknown only (False).
Count = Counter[bool]


@dataclass(frozen=True, slots=True)
class Totals:
    """How many lines there are: with some allowed traffic, and unknown only.

    Attributes:
        inner: Between units. ``outer``: with addresses outside and with what enters by a controller.
    """

    inner: tuple[int, int]
    outer: tuple[int, int]

    @property
    def allowed(self) -> int:
        """How many have some allowed traffic."""
        return self.inner[0] + self.outer[0]

    @property
    def unknown(self) -> int:
        """How many are unknown only."""
        return self.inner[1] + self.outer[1]


def between_units(listing: Lister) -> Count:
    """Count the lines between units: by classes and groups, not by pairs."""
    found: Count = Counter()
    hosts = [unit for unit in listing.sources.units if listing.is_host(unit)]
    for host in hosts:  # a host may be on its destination's node (S2.9): one by one
        found += _of_host(listing, host)
    sources = _grouped((unit for unit in listing.sources.units if not listing.is_host(unit)), lambda u: u.families)
    destinations = _grouped(listing.destinations.units, lambda u: (u.families, listing.wanted_at(u)))
    tallies: dict[tuple[Family, ...], Tally] = {}
    for one, ours in sources.items():
        for (other, wanted), theirs in destinations.items():
            families = tuple(common(one, other))
            if families not in tallies:
                tallies[families] = Tally(listing.reach, families)
            for numbers, weight in _tallied(tallies[families], ours, theirs):
                for line in _lines(listing.reach, numbers, wanted):
                    found[bool(line[0])] += weight
    return found


def _of_host(listing: Lister, host: Unit) -> Count:
    found: Count = Counter()
    for at, number, _ in listing.reached(host):
        unit = listing.destinations.units[at]
        traffic, unknown = listing.cut(number, unit)
        if unit.name != host.name and (traffic or unknown):
            found[bool(traffic)] += 1
    return found


def _tallied(tally: Tally, ours: Sequence[Unit], theirs: Sequence[Unit]) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield what units may open to other units than themselves, and how many pairs of them."""
    itself = {unit.name for unit in ours} & {unit.name for unit in theirs}
    tally.pairs([unit.member for unit in ours], [unit.member for unit in theirs])
    tally.without([unit.member for unit in ours if unit.name in itself])
    return tally.numbers()


def _lines(reach: Reach, numbers: Sequence[int], wanted: Traffic) -> Iterator[Traffics]:
    """Yield the lines of a pair, of which one number is known by family: one where the families agree."""
    for number in numbers[:1] if len(set(numbers)) == 1 else numbers:
        traffic, unknown = reach.traffic(number)
        if traffic & wanted or unknown & wanted:
            yield traffic & wanted, unknown & wanted


def with_outside(listing: Lister) -> Count:
    """Count the lines with addresses outside: by groups, on which all hangs."""
    found: Count = Counter()
    for direction, units in (
        (Direction.EGRESS, listing.sources.units),
        (Direction.INGRESS, listing.destinations.units),
    ):
        for unit, count in _alike(listing, direction, units):
            named = unit if direction is Direction.INGRESS else None
            for family in unit.families & {*listing.reach.program.families}:
                for _, (traffic, _) in listing.outside(direction, unit.member, family, named):
                    found[bool(traffic)] += count
    return found


def _alike(listing: Lister, direction: Direction, units: Iterable[Unit]) -> Iterator[tuple[Unit, int]]:
    """Yield one of the units that fare alike with addresses outside, and how many there are."""
    group_of = listing.reach.program.group_of[direction]
    inward = direction is Direction.INGRESS
    alike = _grouped(units, lambda u: (group_of[u.member], u.families, listing.wanted_at(u) if inward else None))
    yield from ((own[0], len(own)) for own in alike.values())


Key = TypeVar("Key", bound=Hashable)


def _grouped(units: Iterable[Unit], key: Callable[[Unit], Key]) -> dict[Key, list[Unit]]:
    found: dict[Key, list[Unit]] = {}
    for unit in units:
        found.setdefault(key(unit), []).append(unit)
    return found
