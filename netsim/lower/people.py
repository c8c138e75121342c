"""The endpoints of a program by what peers ask of them: each index is made when it is first asked for."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from netsim.ir.labels import Operator
from netsim.ir.objects import Address, Family, Namespace, Node, Pod
from netsim.ir.policy import AddressPeer, PodPeer
from netsim.ir.profile import Profile
from netsim.lower.index import meets
from netsim.lower.space import AddressRange, block_ranges, last_address


@dataclass(slots=True)
class People:
    """The endpoints of a snapshot, by number; they stay the same while policies are edited.

    Attributes:
        hosts: Those that count as hosts, which pod selectors do not see.
    """

    endpoints: Sequence[Pod | Node]
    hosts: frozenset[int]
    profile: Profile
    _labelled: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    _addressed: dict[Family, tuple[list[int], list[int]]] = field(default_factory=dict)
    _inside: dict[str, list[int]] = field(default_factory=dict)
    _nodes: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, endpoint in enumerate(self.endpoints):
            if isinstance(endpoint, Node):
                self._nodes[endpoint.name] = endpoint
            elif number not in self.hosts:
                self._inside.setdefault(endpoint.namespace, []).append(number)

    def pods(self, peer: PodPeer, namespaces: Mapping[str, Namespace]) -> set[int]:
        """Return the pods that a peer means (S2.4)."""
        chosen = [name for name, each in namespaces.items() if meets(peer.namespaces, each.labels)]
        found = self._asked(peer, chosen)
        if peer.host_network:
            return found
        return {number for number in found if not getattr(self.endpoints[number], "host_network", False)}  # S3.1

    def _asked(self, peer: PodPeer, chosen: Sequence[str]) -> set[int]:
        inside = (number for name in chosen for number in self._inside.get(name, ()))
        lists = [r for r in peer.pods.requirements if r.operator is Operator.IN]
        if not lists or len(chosen) == 1:
            return {number for number in inside if meets(peer.pods, self.endpoints[number].labels)}
        named = frozenset(chosen)
        postings = self._by_value(lists[0].key)
        return {
            number
            for value in lists[0].values
            for number in postings.get(value, ())
            if getattr(self.endpoints[number], "namespace", None) in named
            and meets(peer.pods, self.endpoints[number].labels)
        }

    def _by_value(self, key: str) -> Mapping[str, Sequence[int]]:
        if key not in self._labelled:
            found: dict[str, list[int]] = {}
            for number in (number for own in self._inside.values() for number in own):
                value = self.endpoints[number].labels.get(key)
                if value is not None:
                    found.setdefault(value, []).append(number)
            self._labelled[key] = found
        return self._labelled[key]

    def addressed(self, peer: AddressPeer) -> tuple[set[int], set[int]]:
        """Return the endpoints whose addresses surely, and perhaps, lie in a block (S2.6)."""
        family, ranges = Family(peer.block.version), tuple(block_ranges(peer))
        sure: set[int] = set()
        maybe: set[int] = set()
        if self.profile.blocks_match_pods:
            for number in self._near(family, ranges) - self.hosts:
                own = [int(a) for a in self.endpoints[number].addresses if a.version == family]
                (sure if all(_within(each, ranges) for each in own) else maybe).add(number)
        if self.profile.blocks_match_nodes:
            whole = ranges == ((0, last_address(family)),)
            for number in self.hosts:
                inside = [_within(int(a), ranges) for a in self._of_host(number) if a.version == family]
                if not self._of_host(number):
                    (sure if whole else maybe).add(number)
                elif any(inside):
                    (sure if all(inside) else maybe).add(number)
        return sure, maybe

    def _of_host(self, number: int) -> tuple[Address, ...]:
        """Return the addresses of a host: of a hostNetwork pod, those of its node, too (S2.10)."""
        endpoint = self.endpoints[number]
        node = None if isinstance(endpoint, Node) else self._nodes.get(endpoint.node or "")
        return endpoint.addresses + (node.addresses if node else ())

    def _near(self, family: Family, ranges: Iterable[AddressRange]) -> set[int]:
        """Return the endpoints with some address in the ranges."""
        if family not in self._addressed:
            found = sorted(
                (int(address), number)
                for number, endpoint in enumerate(self.endpoints)
                for address in endpoint.addresses
                if address.version == family
            )
            self._addressed[family] = [address for address, _ in found], [number for _, number in found]
        addresses, numbers = self._addressed[family]
        return {
            number
            for first, last in ranges
            for number in numbers[bisect_left(addresses, first) : bisect_right(addresses, last)]
        }


def _within(address: int, ranges: Iterable[AddressRange]) -> bool:
    return any(first <= address <= last for first, last in ranges)
