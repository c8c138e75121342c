"""Flows that break an intent, found among classes and judged by the definition."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import product

from netsim.bits.sets import Numbers
from netsim.bits.targets import Members, distinct
from netsim.cluster import Compiled
from netsim.errors import InternalError
from netsim.ir.objects import Family, Node, Pod
from netsim.ir.traffic import Traffic
from netsim.ir.verdict import Endpoint, Flow
from netsim.ir.verdict import Verdict as Judged
from netsim.lower.program import Sort
from netsim.queries.intents.ends import End
from netsim.queries.judged import written
from netsim.queries.query import Verdict
from netsim.spec import explained, judge


class Wanted(Enum):
    """What is wanted of the traffic that an intent speaks of."""

    ALLOWED = True
    DENIED = False


@dataclass(frozen=True, slots=True)
class Breach:
    """A flow that is not what is wanted, with the definition's verdict; ``sure`` is false where it may be."""

    verdict: Verdict
    sure: bool


@dataclass(frozen=True, slots=True)
class _Kind:
    """Ends of one side of which the intent says the same, and their classes in each program."""

    ends: tuple[End, ...]
    targets: tuple[Members, ...]
    is_host: bool


#: Traffic that surely is not what is wanted, and traffic that may not be.
Broken = tuple[Traffic, Traffic]


@dataclass(slots=True)
class Search:
    """The search for breaches of one intent; used once, then dropped.

    Attributes:
        cluster: Whose connections are asked about. ``bound``: of the traffic that is spoken of, what is surely allowed
            here alone counts; None for no bound.
        speaks_of: The traffic that the intent speaks of, between two ends.
        network: What to call the network that the cluster is a view of; None for the pod network.
        spoke: Whether some traffic was asked about so far.
    """

    cluster: Compiled
    bound: Compiled | None
    wanted: Wanted
    speaks_of: Callable[[End, End], Traffic]
    network: str | None = None
    spoke: bool = False
    _broken: dict[object, Broken] = field(default_factory=dict)
    _spoken: dict[object, Traffic] = field(default_factory=dict)

    @property
    def clusters(self) -> tuple[Compiled, ...]:
        """What is asked: the cluster, then the bound."""
        return (self.cluster,) if self.bound is None else (self.cluster, self.bound)

    def breaches(self, sources: Sequence[End], destinations: Sequence[End]) -> Iterator[Breach]:
        """Yield what surely breaks the intent, and some of what may; none iff there is none."""
        ones, others = self._kinds(sources), self._kinds(destinations)
        for one in ones:
            for other in others:
                source, destination = one.ends[0], other.ends[0]
                spoken = self._spoken_of(source, destination)
                if spoken and (source.endpoints or destination.endpoints):
                    for family in self._families(source, destination):
                        yield from self._of_kinds(one, other, family, spoken)

    def _kinds(self, ends: Sequence[End]) -> list["_Kind"]:
        found: dict[object, list[End]] = {}
        for end in ends:
            key = (end.parties, end.declared, end.families, bool(end.endpoints), self._is_host(end))
            found.setdefault(key, []).append(end)
        return [_Kind(tuple(own), self._targets(own), is_host=self._is_host(own[0])) for own in found.values()]

    def _targets(self, ends: Sequence[End]) -> tuple[Members, ...]:
        return tuple(
            Members(each.reachability, [end.members[at] for end in ends]) for at, each in enumerate(self.clusters)
        )

    def _spoken_of(self, source: End, destination: End) -> Traffic:
        key = (source.parties, destination.parties, destination.declared)
        if key not in self._spoken:
            self._spoken[key] = self.speaks_of(source, destination)
        return self._spoken[key]

    def _families(self, source: End, destination: End) -> tuple[Family, ...]:
        """Return the families of connections between two ends (S2.11); pods without a common one are asked in each."""
        common = source.families & destination.families
        between_endpoints = source.endpoints and destination.endpoints
        return tuple(sorted(common or (source.families | destination.families if between_endpoints else ())))

    def _of_kinds(self, one: "_Kind", other: "_Kind", family: Family, spoken: Traffic) -> Iterator[Breach]:
        if one.is_host:  # S2.9: it may be on its destination's node, which classes do not tell
            for source, destination in product(one.ends, other.ends):
                for ends in _met(source, destination, self.cluster):
                    numbers = self._exact(source, destination, *ends, family)
                    yield from self._at(*ends, family, numbers, spoken)
        elif len(one.ends) <= len(other.ends):
            for source in one.ends:
                rows = [each.opened(n, family) for each, n in zip(other.targets, source.members, strict=True)]
                for index, numbers in self._hits(rows, self._same(source, other), spoken):
                    yield from self._at(*self._two(source, other.ends[index]), family, numbers, spoken)
        else:
            for destination in other.ends:
                rows = [each.accepted(n, family) for each, n in zip(one.targets, destination.members, strict=True)]
                for index, numbers in self._hits(rows, self._same(destination, one), spoken):
                    yield from self._at(*self._two(one.ends[index], destination), family, numbers, spoken)

    def _hits(
        self, rows: Sequence[Numbers], without: int | None, spoken: Traffic
    ) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield where the traffic of some rows surely breaks the intent, and once where each that may breaks it."""
        surely: set[tuple[int, ...]] = set()
        for index, numbers in distinct(rows, without):
            sure, maybe = self._broken_by(numbers, spoken)
            if sure:
                surely.add(numbers)
            elif maybe:
                yield index, numbers
        for index, numbers in enumerate(zip(*(row.tolist() for row in rows), strict=True)) if surely else ():
            if numbers in surely and index != without:
                yield index, numbers

    def _same(self, end: End, kind: "_Kind") -> int | None:
        """Return which end of a kind is the one pod that another end is."""
        return next((at for at, each in enumerate(kind.ends) if self._is_one(end, each)), None)

    def _at(
        self, one: Endpoint, other: Endpoint, family: Family, numbers: tuple[int, ...], spoken: Traffic
    ) -> Iterator[Breach]:
        broken = self._broken_by(numbers, spoken)
        if broken[0] or broken[1]:
            yield self._breach(one, other, family, broken)

    def _is_host(self, end: End) -> bool:
        members = zip(self.clusters, end.members, strict=True)
        return any(each.program.classes[member].sort is Sort.HOST for each, member in members)

    def _exact(self, source: End, end: End, one: Endpoint, other: Endpoint, family: Family) -> tuple[int, ...]:
        """Return the traffic between two endpoints by number, once their nodes are known."""
        found = []
        for each, member, target in zip(self.clusters, source.members, end.members, strict=True):
            number = each.reachability.cell(member, target, family)
            nodes = _node(one), _node(other)
            found.append(each.reachability.exception(number, member, target, family, *nodes))
        return tuple(found)

    def _is_one(self, source: End, end: End) -> bool:
        """Return whether two ends are one pod, which always reaches itself; a template stands for several (S2.9)."""
        return source.endpoints == end.endpoints and len(end.endpoints) == 1 and not _stands_for_many(self.cluster, end)

    def _two(self, source: End, destination: End) -> tuple[Endpoint, Endpoint]:
        """Return an endpoint of each end, two where there are two."""
        ones, others = _endpoints(self.cluster, source), _endpoints(self.cluster, destination)
        one = next(ones)
        other = next((each for each in others if each is not one), one)
        if other is one and not _stands_for_many(self.cluster, destination):
            one = next(ones, one)
        return one, other

    def _broken_by(self, numbers: tuple[int, ...], spoken: Traffic) -> Broken:
        key = (numbers, spoken)
        if key not in self._broken:
            self._broken[key] = self._compared(numbers, spoken)
        return self._broken[key]

    def _compared(self, numbers: tuple[int, ...], spoken: Traffic) -> Broken:
        allowed, unknown = self.cluster.reachability.traffic(numbers[0])
        if self.bound is not None:
            spoken = spoken & self.bound.reachability.traffic(numbers[1])[0]
        self.spoke = self.spoke or bool(spoken)
        match self.wanted:
            case Wanted.ALLOWED:
                lacking = spoken - allowed
                return lacking - unknown, lacking & unknown
            case Wanted.DENIED:
                return spoken & allowed, spoken & unknown

    def _breach(self, one: Endpoint, other: Endpoint, family: Family, broken: Broken) -> Breach:
        """Return a breach of some traffic, replayed through the definition.

        Raises:
            InternalError: The definition says something else.
        """
        sure = bool(broken[0])
        protocol, port, _ = next(iter(broken[0] if sure else broken[1]))
        flow = Flow(source=one, destination=other, protocol=protocol, port=port, family=family)
        verdict = judge(self.cluster.snapshot, self.cluster.profile, flow)
        expected = (not self.wanted.value) if sure else None
        if verdict.allowed is not expected:
            raise InternalError(f"{one} -> {other} {protocol} {port} {family}: {expected} != {verdict.allowed}")
        return Breach(told(explained(verdict, self.cluster.snapshot, self.cluster.profile), self.network), sure)


def told(judged: Judged, network: str | None = None) -> Verdict:
    """Return the definition's verdict on one flow as an answer."""
    flow = judged.flow
    return Verdict(
        source=written(flow.source),
        destination=written(flow.destination),
        port=f"{flow.port}/{flow.protocol}",
        allowed=judged.allowed,
        flows=(judged,),
        network=network,
    )


def _node(endpoint: Endpoint) -> str | None:
    if isinstance(endpoint, Pod):
        return endpoint.node
    return endpoint.name if isinstance(endpoint, Node) else None


def _stands_for_many(cluster: Compiled, end: End) -> bool:
    endpoint = cluster.program.endpoints[end.endpoints[0]]
    return isinstance(endpoint, Pod) and endpoint.template


def _endpoints(cluster: Compiled, end: End) -> Iterator[Endpoint]:
    if end.address is not None:
        yield end.address
    yield from (cluster.program.endpoints[number] for number in end.endpoints)


def _met(source: End, destination: End, cluster: Compiled) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Yield two endpoints for each way in which the nodes of two ends meet: one node, two nodes, not known (S2.9)."""
    seen: set[bool | None] = set()
    others = _by_node(destination, cluster)
    same = _stands_for_many(cluster, destination) if destination.endpoints else True
    for node, ones in _by_node(source, cluster).items():
        for other_node in _near(node, others):
            relation = None if node is None or other_node is None else node == other_node
            pair = next(((a, b) for a in ones for b in others[other_node] if a is not b or same), None)
            if relation not in seen and pair is not None:
                seen.add(relation)
                yield pair


#: Up to two endpoints on each node.
ByNode = dict[str | None, list[Endpoint]]


def _near(node: str | None, others: ByNode) -> Iterator[str | None]:
    """Yield a node, another one, and none that is known, as far as there are endpoints."""
    yield from (each for each in dict.fromkeys((node, None)) if each in others)
    elsewhere = next((each for each in others if each is not None and each != node), None)
    if elsewhere is not None:
        yield elsewhere


def _by_node(end: End, cluster: Compiled) -> ByNode:
    """Return endpoints on each node; outside addresses are on none of them."""
    if end.address is not None:
        return {"": [end.address]}
    found: ByNode = {}
    for number in end.endpoints:
        endpoint = cluster.program.endpoints[number]
        own = found.setdefault(_node(endpoint), [])
        if len(own) < 2:
            own.append(endpoint)
    return found
