"""What the rules are asked about: a snapshot, read as one network reads it."""

from dataclasses import dataclass
from typing import TypeGuard

from netsim.ir.objects import Address, Family, Node, Pod
from netsim.ir.profile import HostNetwork, Profile
from netsim.ir.snapshot import Snapshot
from netsim.ir.verdict import Endpoint


@dataclass(frozen=True, slots=True)
class World:
    """A snapshot under one profile."""

    snapshot: Snapshot
    profile: Profile

    def is_pod(self, endpoint: Endpoint) -> TypeGuard[Pod]:
        """Return whether selectors see the endpoint as a pod (S2.4); a hostNetwork pod may be its node (S2.10)."""
        return isinstance(endpoint, Pod) and not self.is_host(endpoint)

    def is_host(self, endpoint: Endpoint) -> bool:
        """Return whether the endpoint is a node, or a hostNetwork pod that counts as its node (S2.10)."""
        if isinstance(endpoint, Pod):
            return endpoint.host_network and self.profile.host_network is HostNetwork.AS_NODE
        return isinstance(endpoint, Node)

    def in_blocks(self, endpoint: Endpoint) -> bool:
        """Return whether an ipBlock may match the endpoint; some networks know pods and nodes by identity (S2.6)."""
        if self.is_pod(endpoint):
            return self.profile.blocks_match_pods
        return self.profile.blocks_match_nodes or not self.is_host(endpoint)

    def is_governed(self, endpoint: Endpoint) -> TypeGuard[Pod]:
        """Return whether policies may apply to the endpoint: on some networks not to bare pods (S2.1)."""
        return self.is_pod(endpoint) and (self.profile.bare_pods_governed or endpoint.workload.kind != "Pod")

    def node_of(self, endpoint: Endpoint) -> str | None:
        """Return the name of the node that the endpoint is, or is on; None where that is not known."""
        match endpoint:
            case Pod():
                return endpoint.node
            case Node():
                return endpoint.name
            case _:
                return None

    def addresses(self, endpoint: Endpoint, family: Family) -> tuple[Address, ...] | None:
        """Return the endpoint's addresses of one family (S2.11); None where it has some that are not known."""
        match endpoint:
            case Pod() if self.is_host(endpoint):
                node = next((n for n in self.snapshot.nodes if n.name == endpoint.node), None)
                known = endpoint.addresses + (node.addresses if node else ())
            case Pod():
                # S2.12: a pod without an address matches no block, so it has none rather than an unknown one.
                return _of(family, endpoint.addresses)
            case Node():
                known = endpoint.addresses
            case _:
                return _of(family, (endpoint,))
        return _of(family, known) if known else None


def _of(family: Family, addresses: tuple[Address, ...]) -> tuple[Address, ...]:
    return tuple(address for address in addresses if address.version == family)
