"""What intents want of every connection between endpoints that exist: what must be let through, and what must not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from netsim.cluster import Compiled
from netsim.ir.intents import Claim, Intent
from netsim.ir.objects import Family, Node, Pod
from netsim.ir.traffic import NONE, Traffic
from netsim.ir.verdict import Endpoint, Flow
from netsim.queries.intents.ends import End, Ends
from netsim.queries.intents.meaning import Meanings, port_names

#: What a party of an intent means, by the number of the intent, its side and the party.
_Party = tuple[int, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two ends that nothing tells apart from others of theirs, and a connection's family.

    Attributes:
        sources, destinations: The classes of the two in each cluster that is asked.
        allow, deny: What intents want to be let through, and not to be, each with the intent's number.
    """

    source: Endpoint
    destination: Endpoint
    family: Family
    sources: tuple[int, ...]
    destinations: tuple[int, ...]
    allow: tuple[tuple[int, Traffic], ...]
    deny: tuple[tuple[int, Traffic], ...]

    def wanted(self, before: Traffic) -> Traffic:
        """Return what is to be let through: as before, but for what intents speak of."""
        return (before | _sum(self.allow)) - _sum(self.deny)

    def traffic(self, clusters: Sequence[Compiled], at: int) -> tuple[Traffic, Traffic]:
        """Return what is surely let through in one of the clusters, and what perhaps."""
        reach = clusters[at].reachability
        return reach.traffic(reach.cell(self.sources[at], self.destinations[at], self.family))

    def flow(self, traffic: Traffic) -> Iterator[Flow]:
        """Yield a connection for each range of some traffic."""
        for protocol, first, _ in traffic:
            yield Flow(
                source=self.source, destination=self.destination, protocol=protocol, port=first, family=self.family
            )


def pairs(clusters: Sequence[Compiled], intents: Sequence[Intent]) -> Iterator[Pair]:
    """Yield every two ends between which there are connections; ends that no cluster tells apart once.

    Args:
        clusters: They differ in policies alone.
    """
    cluster = clusters[0]
    ends, parties = _ends(clusters, intents)
    sides = [_Sides(number, intent, parties) for number, intent in enumerate(intents)]
    for source, destination in product(ends, ends):
        if not (source.endpoints or destination.endpoints):
            continue
        two = _two(cluster, source, destination)
        if two is None:
            continue
        spoken = [(side, side.speaks_of(source, destination, _nodes(two))) for side in sides]
        for family in _families(source, destination):
            yield Pair(
                source=two[0],
                destination=two[1],
                family=family,
                sources=source.members,
                destinations=destination.members,
                allow=tuple((s.number, t) for s, t in spoken if t and s.intent.claim is Claim.ALLOW),
                deny=tuple((s.number, t) for s, t in spoken if t and s.intent.claim is not Claim.ALLOW),
            )


def _ends(clusters: Sequence[Compiled], intents: Sequence[Intent]) -> tuple[list[End], list[_Party]]:
    cluster = clusters[0]
    meanings = Meanings(cluster)
    parties: list[_Party] = []
    endpoints: dict[int, set[int]] = {}
    blocks = []
    for number, intent in enumerate(intents):
        for side, given in (("from", intent.sources), ("to", intent.destinations)):
            for index, party in enumerate(given):
                meaning = meanings.of([party])
                parties.append((number, side, index))
                for endpoint in meaning.endpoints:
                    endpoints.setdefault(endpoint, set()).add(len(parties) - 1)
                blocks += [(len(parties) - 1, block) for _, block in meaning.blocks]
    used = [
        ports
        for intent in intents
        for ports in (intent.ports, *(p.ports for p in (*intent.sources, *intent.destinations)))
    ]
    ends = Ends([each.program for each in clusters], port_names(used))
    own = {number: frozenset(endpoints.get(number, ())) for number in range(len(cluster.program.endpoints))}
    return [*ends.of_endpoints(own), *ends.outside(blocks, every=True)], parties


@dataclass(frozen=True, slots=True)
class _Sides:
    """One intent, by the parties of its two sides as ends hold them."""

    number: int
    intent: Intent
    parties: Sequence[_Party]

    def speaks_of(self, source: End, destination: End, nodes: tuple[bool, bool]) -> Traffic:
        """Return the traffic between two ends that the intent is about; ``nodes`` is which of them are nodes."""
        intent = self.intent
        ones, others = self._of(source, "from"), self._of(destination, "to")
        spoken = destination.traffic(intent.ports)
        match intent.claim:
            case Claim.ALLOW | Claim.DENY:
                return spoken if ones and others else NONE
            case Claim.ONLY_FROM:
                if not others or nodes[0]:
                    return NONE
                return spoken - _sum((0, destination.traffic(intent.sources[n].ports)) for n in ones)
            case Claim.ONLY_TO:
                if not ones or nodes[1]:
                    return NONE
                return spoken - _sum((0, destination.traffic(intent.destinations[n].ports)) for n in others)

    def _of(self, end: End, side: str) -> list[int]:
        own = (self.parties[number] for number in end.parties)
        return [index for number, which, index in own if (number, which) == (self.number, side)]


def _sum(parts: Iterator[tuple[int, Traffic]] | Sequence[tuple[int, Traffic]]) -> Traffic:
    total = NONE
    for _, traffic in parts:
        total = total | traffic
    return total


def _families(source: End, destination: End) -> tuple[Family, ...]:
    """Return the families of connections between two ends (S2.11)."""
    common = source.families & destination.families
    both = source.endpoints and destination.endpoints
    return tuple(sorted(common or (source.families | destination.families if both else ())))


def _two(cluster: Compiled, source: End, destination: End) -> tuple[Endpoint, Endpoint] | None:
    """Return an endpoint of each end, two where there are two; None where both are one pod."""
    ones, others = _endpoints(cluster, source), _endpoints(cluster, destination)
    other = next((each for each in others if each is not ones[0]), None)
    if other is not None:
        return ones[0], other
    if len(ones) > 1:
        return ones[1], others[0]
    return (ones[0], others[0]) if isinstance(ones[0], Pod) and ones[0].template else None


def _nodes(two: tuple[Endpoint, Endpoint]) -> tuple[bool, bool]:
    return isinstance(two[0], Node), isinstance(two[1], Node)


def _endpoints(cluster: Compiled, end: End) -> list[Endpoint]:
    if end.address is not None:
        return [end.address]
    return [cluster.program.endpoints[number] for number in end.endpoints[:2]]
