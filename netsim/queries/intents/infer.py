"""Today's reachability as intents: a first file, which holds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import ClassVar, TypedDict

from netsim.cluster import Compiled
from netsim.ir.objects import Pod
from netsim.ir.traffic import ALL, NONE, Traffic
from netsim.lower.program import Sort
from netsim.queries.answer import Answer, assumptions_of, warnings_of
from netsim.queries.controllers import INGRESS_CONTROLLER
from netsim.queries.focus import every_pod
from netsim.queries.intents.names import exact
from netsim.queries.networks import reach
from netsim.queries.outside import INTERNET as EVERYWHERE
from netsim.queries.outside import sorting_key
from netsim.queries.peers import choose
from netsim.queries.reach import Connection
from netsim.queries.units import Unit, units

INTERNET = "internet"
#: A set of more peers than this gets a name, however seldom it is used.
MOST_UNNAMED = 3

#: Peers as an intent file names them.
Peers = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Nobody but these peers reaches some workloads, each by some traffic; or these workloads reach nobody else."""

    workloads: Peers
    permits: tuple[tuple[Peers, Traffic], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Some peers reach others by some traffic."""

    sources: Peers
    destinations: Peers
    traffic: Traffic


class InferredShape(TypedDict):
    """How much there is."""

    accepted: int
    opened: int
    needs: int


@dataclass(frozen=True, kw_only=True)
class Inferred(Answer):
    """What holds today.

    Attributes:
        accepted: Who alone reaches workloads. ``opened``: what outside addresses alone workloads reach.
        needs: What is allowed.
        groups: Names for sets of peers, by set.
        open: Workloads that everybody reaches at every port, of which there is nothing to say. ``opening``: those that
            reach every outside address at every port.
    """

    kind: ClassVar[str] = "Intents"

    accepted: tuple[Bound, ...]
    opened: tuple[Bound, ...]
    needs: tuple[Need, ...]
    groups: Mapping[Peers, str]
    open: Peers
    opening: Peers

    def facts(self) -> InferredShape:
        """Return how much there is."""
        return {"accepted": len(self.accepted), "opened": len(self.opened), "needs": len(self.needs)}


def infer(cluster: Compiled) -> Inferred:
    """Return intents that hold: who alone reaches each workload, what it alone reaches outside, and what is needed."""
    work = _Work(cluster)
    accepted, opened, needs = tuple(work.accepted()), tuple(work.opened()), tuple(work.needs())
    return Inferred(
        accepted=accepted,
        opened=opened,
        needs=needs,
        groups=_groups(accepted, opened, needs),
        open=work.open,
        opening=work.opening,
        assumptions=assumptions_of(cluster),
        warnings=warnings_of(cluster),
    )


#: Traffic by its two ends.
Between = dict[tuple[str, str], Traffic]


@dataclass(slots=True)
class _Work:
    """The work of one inference; used once, then dropped.

    Attributes:
        open, opening: As in the answer.
    """

    cluster: Compiled
    open: Peers = field(init=False)
    opening: Peers = field(init=False)
    _texts: Mapping[str, str] = field(init=False)
    _units: Mapping[str, Unit] = field(init=False)
    _outer: Mapping[str, tuple[str, ...]] = field(init=False)
    _alone: Counter[str] = field(init=False)
    _most: Between = field(default_factory=dict)
    _least: Between = field(default_factory=dict)

    def __post_init__(self) -> None:
        program = self.cluster.program
        found = units(self.cluster, every_pod(program), by_pod=False)
        self._units = {unit.name: unit for unit in found}
        known = exact(program)
        keys = {unit.key for unit in found}
        # The short name, where it means that workload alone.
        self._texts = {key: short if known.get(short := key.partition("[")[0]) == known[key] else key for key in keys}
        named = {str(ip_network(address)) for endpoint in program.endpoints for address in endpoint.addresses}
        # A block of one address that an endpoint has holds nobody outside; to an intent it would mean the endpoint.
        self._read([row for row in reach(self.cluster) if row.source not in named and row.destination not in named])
        for view in (self.cluster, *self.cluster.secondary.values()):
            self._read_own(view)
        self._outer = {self._texts[unit.key]: self._blocks(unit) for unit in found}
        inner = set(self._texts.values())
        self.open = tuple(
            t for t in self._sorted() if all(self._all(s, t) for s in {*inner, *self._outer[t]} if s != t)
        )
        self.opening = tuple(t for t in self._sorted() if all(self._all(t, block) for block in self._outer[t]))

    def _all(self, source: str, destination: str) -> bool:
        return self._least.get((source, destination)) == ALL

    def _blocks(self, unit: Unit) -> tuple[str, ...]:
        """Return every address that a unit may have to do with, as an intent file names them."""
        return tuple(self._peer(str(block)) for block in EVERYWHERE if block.version in unit.families)

    def _sorted(self) -> list[str]:
        return sorted(self._texts.values())

    def _read(self, rows: Sequence[Connection]) -> None:
        """Take the rows of a listing: the most that is allowed between two workloads, the least between their pods."""
        met: dict[tuple[str, str], list[Connection]] = {}
        for row in rows:
            met.setdefault((self._peer(row.source), self._peer(row.destination)), []).append(row)
        self._alone = Counter(unit.key for unit in self._units.values())
        sizes: dict[str, int] = {}
        for unit in self._units.values():
            sizes[self._texts[unit.key]] = sizes.get(self._texts[unit.key], 0) + 1
        for ends, own in met.items():
            least = ALL
            for row in own:
                self._add(self._most, ends, row.traffic | row.unknown if row.unknown else row.traffic)
                surely = self._surely(row)
                least = surely if least is ALL else least & surely
            pairs = sizes.get(ends[0], 1) * sizes.get(ends[1], 1) - (sizes[ends[0]] if ends[0] == ends[1] else 0)
            if len(own) == pairs and not any(row.family for row in own):
                self._add(self._least, ends, least)

    def _surely(self, row: Connection) -> Traffic:
        """Return what any pod of the one may open to any of the other: two may be on one node, not all (S2.9)."""
        one, other = self._units.get(row.source), self._units.get(row.destination)
        program = self.cluster.program
        if one is None or other is None or program.classes[one.member].sort is not Sort.HOST:
            return row.traffic
        return self._cell(self.cluster, one, other)[0]

    def _cell(self, view: Compiled, one: Unit, other: Unit) -> tuple[Traffic, Traffic]:
        """Return what is allowed in every family, and what may be in some."""
        surely, perhaps = ALL, NONE
        for family in sorted(one.families & other.families or one.families | other.families):
            answer = view.reachability.traffic(view.reachability.cell(one.member, other.member, family))
            surely, perhaps = surely & answer[0], perhaps | answer[0] | answer[1]
        return surely, perhaps

    def _read_own(self, view: Compiled) -> None:
        """Take what pods of one kind may open to each other, which a listing leaves out."""
        for unit in units(view, every_pod(view.program), by_pod=False):
            endpoint = view.program.endpoints[unit.endpoints[0]]
            if len(unit.endpoints) > 1 or (isinstance(endpoint, Pod) and endpoint.template):
                text = self._texts[unit.key]
                surely, perhaps = self._cell(view, unit, unit)
                self._add(self._most, (text, text), perhaps)
                if view is self.cluster and self._alone[unit.key] == 1:
                    self._add(self._least, (text, text), surely)

    def _add(self, to: Between, ends: tuple[str, str], traffic: Traffic) -> None:
        known = to.get(ends, NONE)
        if traffic != known and traffic:
            to[ends] = known | traffic if known else traffic

    def _peer(self, name: str) -> str:
        """Return how an intent file names an end of a row."""
        if name in self._units:
            return self._texts[self._units[name].key]
        if name in map(str, EVERYWHERE) and len(self.cluster.program.families) == 1:
            return INTERNET
        return self._texts.get(name.partition("{")[0], name)

    def accepted(self) -> Iterator[Bound]:
        """Yield who alone reaches each workload, workloads that fare alike together."""
        own: dict[str, dict[str, Traffic]] = {text: {} for text in self._sorted() if text not in self.open}
        for (source, destination), traffic in self._most.items():
            if destination in own:
                own[destination][source] = traffic
        yield from _bounds(own)

    def opened(self) -> Iterator[Bound]:
        """Yield what each workload alone reaches outside."""
        inner = {*self._texts.values()}
        own: dict[str, dict[str, Traffic]] = {text: {} for text in self._sorted() if text not in self.opening}
        for (source, destination), traffic in self._most.items():
            if source in own and destination not in inner:
                own[source][destination] = traffic
        yield from _bounds(own)

    def needs(self) -> Iterator[Need]:
        """Yield what is allowed, by traffic and by who is reached."""
        clients: dict[tuple[str, Traffic], list[str]] = {}
        known = not choose(INGRESS_CONTROLLER, self.cluster).endpoints
        for (source, destination), traffic in self._least.items():
            said = destination not in self.open and not (source in self.opening and destination in self._outer[source])
            if said and (source != INGRESS_CONTROLLER or known):
                clients.setdefault((destination, traffic), []).append(source)
        alike: dict[tuple[Peers, Traffic], list[str]] = {}
        for (destination, traffic), sources in sorted(clients.items(), key=_by_name):
            alike.setdefault((_ordered(sources), traffic), []).append(destination)
        for (peers, traffic), destinations in alike.items():
            yield Need(sources=peers, destinations=_ordered(destinations), traffic=traffic)


def _by_name(entry: tuple[tuple[str, Traffic], list[str]]) -> tuple[object, ...]:
    (name, traffic), _ = entry
    return sorting_key(name), traffic.ranges


def _bounds(own: Mapping[str, Mapping[str, Traffic]]) -> Iterator[Bound]:
    alike: dict[tuple[tuple[Peers, Traffic], ...], list[str]] = {}
    for workload, permits in own.items():
        by_traffic: dict[Traffic, list[str]] = {}
        for peer, traffic in permits.items():
            by_traffic.setdefault(traffic, []).append(peer)
        entries = sorted(((_ordered(peers), traffic) for traffic, peers in by_traffic.items()), key=_first)
        alike.setdefault(tuple(entries), []).append(workload)
    for entries_of, workloads in alike.items():
        yield Bound(workloads=_ordered(workloads), permits=entries_of)


def _first(entry: tuple[Peers, Traffic]) -> tuple[object, ...]:
    return sorting_key(entry[0][0]), entry[1].ranges


def _ordered(peers: Iterable[str]) -> Peers:
    return tuple(sorted(peers, key=sorting_key))


def _groups(accepted: Sequence[Bound], opened: Sequence[Bound], needs: Sequence[Need]) -> dict[Peers, str]:
    """Return names for the sets of peers that are large, or stand in several places."""
    used: dict[Peers, list[str]] = {}
    for bound in accepted:
        for peers, _ in bound.permits:
            used.setdefault(peers, []).append(f"clients of {bound.workloads[0]}")
        used.setdefault(bound.workloads, []).append(f"{bound.workloads[0]} and alike")
    for bound in opened:
        used.setdefault(bound.workloads, []).append(f"{bound.workloads[0]} and alike")
        for peers, _ in bound.permits:
            used.setdefault(peers, []).append(f"outside for {bound.workloads[0]}")
    for need in needs:
        used.setdefault(need.sources, []).append(f"clients of {need.destinations[0]}")
        used.setdefault(need.destinations, []).append(f"{need.destinations[0]} and alike")
    named: dict[Peers, str] = {}
    taken: set[str] = set()
    for peers, places in used.items():
        if len(peers) > MOST_UNNAMED or (len(peers) > 1 and len(places) > 1):
            named[peers] = _unique(_slug(places[0]), taken)
    return named


def _slug(text: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in text).split())


def _unique(name: str, taken: set[str]) -> str:
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    taken.add(found)
    return found
