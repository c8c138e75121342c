"""The ends of an intent: endpoints and outside addresses, put together where neither rules nor the intent tell them
apart."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from netsim.ir.objects import Address, ContainerPort, Family, Network, Node, Pod
from netsim.ir.policy import NamedPort, PortMatch
from netsim.ir.traffic import ALL, PORT_PROTOCOLS, Traffic
from netsim.ir.verdict import Endpoint
from netsim.lower.program import Program
from netsim.lower.space import AddressRange, cut

#: Numbers of parties of an intent.
Parties = frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Endpoints that are alike, or outside addresses that are.

    Attributes:
        members: Their class in each program that is asked.
        parties: The parties of the intent that mean them.
        endpoints: Their numbers, sorted; none for outside addresses, which ``address`` is one of.
        declared: Their ports of which the intent uses the names.
    """

    members: tuple[int, ...]
    parties: Parties
    endpoints: tuple[int, ...] = ()
    address: Address | None = None
    families: frozenset[Family]
    declared: frozenset[ContainerPort] = frozenset()

    def traffic(self, ports: tuple[PortMatch, ...] | None) -> Traffic:
        """Return what some ports mean towards these endpoints; a name means what they declare (S2.8)."""
        if ports is None:
            return ALL
        return Traffic.of(each for match in ports for each in self._of(match))

    def _of(self, match: PortMatch) -> Iterator[tuple]:  # type: ignore[type-arg]
        if not isinstance(match, NamedPort):
            yield match.protocol, match.first, match.last
            return
        for port in self.declared:
            if port.name == match.name and match.protocol in (None, port.protocol) and port.protocol in PORT_PROTOCOLS:
                yield port.protocol, port.number, port.number


def _attached(endpoint: Endpoint) -> frozenset[tuple[str, str]]:
    """Return the secondary networks that an endpoint is on: what is denied on the pod network may be allowed there."""
    return frozenset(each.definition for each in endpoint.attachments) if isinstance(endpoint, Pod) else frozenset()


@dataclass(slots=True)
class Ends:
    """The ends that can be, of programs with the same endpoints.

    Attributes:
        names: The port names that the intent uses.
        asks_nodes: Whether endpoints of different nodes are to be told apart.
    """

    programs: Sequence[Program]
    names: Collection[str] = ()
    _named: dict[Family, set[int]] = field(default_factory=dict)

    def of_endpoints(self, parties: Mapping[int, Parties]) -> tuple[End, ...]:
        """Return the ends of some endpoints, each given with the parties that mean it."""
        found: dict[object, list[int]] = {}
        for number in sorted(parties):
            endpoint = self.programs[0].endpoints[number]
            own = (self._families(endpoint), self._declared(endpoint), _attached(endpoint))
            key = (self._members(number), parties[number], *own)
            found.setdefault(key, []).append(number)
        return tuple(
            End(members=key[0], parties=key[1], families=key[2], declared=key[3], endpoints=tuple(numbers))  # type: ignore[index]
            for key, numbers in found.items()
        )

    def _members(self, number: int) -> tuple[int, ...]:
        return tuple(program.class_of[number] for program in self.programs)

    def _families(self, endpoint: Endpoint) -> frozenset[Family]:
        own = endpoint.addresses if isinstance(endpoint, Pod | Node) else ()
        return frozenset(Family(a.version) for a in own) or frozenset(self.programs[0].families)

    def _declared(self, endpoint: Endpoint) -> frozenset[ContainerPort]:
        ports = endpoint.ports if self.names and isinstance(endpoint, Pod) else ()
        return frozenset(port for port in ports if port.name in self.names)

    def outside(self, blocks: Sequence[tuple[int, Network]], *, every: bool) -> Iterator[End]:
        """Yield the ends of addresses that the snapshot does not name.

        Args:
            blocks: Blocks, each with the number of the party that means it.
            every: Those that no party means, too.
        """
        for family in self.programs[0].families:
            own = [(party, block) for party, block in blocks if block.version == family]
            space = cut(family, list(_by_party(own)))
            for inside, ranges in zip(space.inside, space.ranges(), strict=True):
                if inside or every:
                    yield from self._of_region(family, frozenset(inside), ranges)

    def _of_region(self, family: Family, parties: Parties, ranges: Sequence[AddressRange]) -> Iterator[End]:
        for members, own in self._classes(family, ranges):
            address = self._free(family, own)
            if address is not None:
                yield End(members=members, parties=parties, address=address, families=frozenset({family}))

    def _classes(
        self, family: Family, ranges: Sequence[AddressRange]
    ) -> Iterator[tuple[tuple[int, ...], Sequence[AddressRange]]]:
        """Yield the classes that some addresses are of, in each program, with the addresses."""
        found: list[tuple[tuple[int, ...], Sequence[AddressRange]]] = [((), ranges)]
        for program in self.programs:
            outer = [(number, each) for number, each in enumerate(program.classes) if each.family is family]
            found = [
                ((*members, number), common)
                for members, own in found
                for number, each in outer
                if (common := tuple(_common(own, each.ranges)))
            ]
        yield from found

    def _free(self, family: Family, ranges: Sequence[AddressRange]) -> Address | None:
        """Return the first of some addresses that no endpoint has."""
        if family not in self._named:
            endpoints = self.programs[0].endpoints
            self._named[family] = {int(a) for e in endpoints for a in e.addresses if a.version == family}
        named = self._named[family]
        for start, end in ranges:
            number = next((n for n in range(start, min(end, start + len(named)) + 1) if n not in named), None)
            if number is not None:
                return ip_address(number if family is Family.IPV4 else number.to_bytes(16))
        return None


def _by_party(blocks: Iterable[tuple[int, Network]]) -> Iterator[tuple[int, list[AddressRange]]]:
    """Yield the addresses of each party, disjoint, neighbours merged."""
    ranges: dict[int, list[AddressRange]] = {}
    for party, block in blocks:
        ranges.setdefault(party, []).append((int(block.network_address), int(block.broadcast_address)))
    for party, own in ranges.items():
        merged: list[AddressRange] = []
        for start, end in sorted(own):
            if merged and start <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        yield party, merged


def _common(one: Sequence[AddressRange], other: Sequence[AddressRange]) -> Iterator[AddressRange]:
    """Yield the addresses that are in both of two sorted lists of disjoint ranges."""
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start <= end:
            yield start, end
        if one[i][1] == end:
            i += 1
        else:
            j += 1
