"""Which endpoints a peer means (S2.4, S2.6)."""

from typing import assert_never

from netsim.ir.objects import Family
from netsim.ir.policy import AddressPeer, DomainPeer, NodePeer, Peer, PodPeer
from netsim.ir.truth import Truth, any_of
from netsim.ir.verdict import Endpoint
from netsim.spec.labels import selects
from netsim.spec.world import World


def rule_means(peers: tuple[Peer, ...] | None, endpoint: Endpoint, family: Family, world: World) -> Truth:
    """Return whether some peer means the endpoint: peers are ORed (S2.4), none written means everybody (S2.3)."""
    if peers is None:
        return True
    return any_of(peer_matches(peer, endpoint, family, world) for peer in peers)


def peer_matches(peer: Peer, endpoint: Endpoint, family: Family, world: World) -> Truth:
    """Return whether one peer means the endpoint on a connection of this family."""
    match peer:
        case PodPeer():
            return pods_match(peer, endpoint, world)
        case AddressPeer():
            return block_matches(peer, endpoint, family, world)
        case NodePeer():
            return nodes_match(peer, endpoint, world)
        case DomainPeer():
            return domain_matches(peer, endpoint, family, world)
    assert_never(peer)


def pods_match(peer: PodPeer, endpoint: Endpoint, world: World) -> bool:
    """Return whether the endpoint is a pod that both selectors select: they are ANDed (S2.4)."""
    if not world.is_pod(endpoint):  # S2.4: selectors match pods only, not even {} matches an address
        return False
    if endpoint.host_network and not peer.host_network:  # S3.1: the cluster-wide kinds never mean them
        return False
    namespace = world.snapshot.namespaces[endpoint.namespace]
    return selects(peer.namespaces, namespace.labels) and selects(peer.pods, endpoint.labels)


def block_matches(peer: AddressPeer, endpoint: Endpoint, family: Family, world: World) -> Truth:
    """Return whether the endpoint's address is in the block and in none of its excepts (S2.6).

    Unknown where the endpoint's address is not known, or where it has several that do not agree.
    """
    if peer.block.version != family:  # S2.6: families never match each other
        return False
    if not world.in_blocks(endpoint):
        return False
    addresses = world.addresses(endpoint, family)
    if addresses is None:
        return True if peer.block.prefixlen == 0 and not peer.excepts else None
    inside = {address in peer.block and not any(address in hole for hole in peer.excepts) for address in addresses}
    return None if len(inside) == 2 else inside == {True}


def nodes_match(peer: NodePeer, endpoint: Endpoint, world: World) -> Truth:
    """Return whether the endpoint's address is one of a selected node's (S3.5).

    Unknown for a hostNetwork pod whose node is not known, unless every node is meant.
    """
    nodes = world.snapshot.nodes
    if world.is_pod(endpoint):
        return False
    if world.is_host(endpoint):
        labels = next((node.labels for node in nodes if node.name == world.node_of(endpoint)), None)
        if labels is None:
            return True if not peer.nodes.requirements else None
        return selects(peer.nodes, labels)
    return any(endpoint in node.addresses and selects(peer.nodes, node.labels) for node in nodes)


def domain_matches(peer: DomainPeer, endpoint: Endpoint, family: Family, world: World) -> Truth:
    """Return whether the endpoint's address is one that the name resolves to (S3.5).

    Unknown where no table says what the name resolves to; pods are not what it is taken to mean then.
    """
    names = world.snapshot.names
    if world.is_pod(endpoint) and not world.profile.blocks_match_pods:
        return False
    meant = None if names is None else [name for name in names if name_covers(peer.name, name)]
    if not meant or names is None:
        return False if world.is_pod(endpoint) else None
    addresses = world.addresses(endpoint, family)
    if addresses is None:
        return None
    inside = {any(address in names[name] for name in meant) for address in addresses}
    return None if len(inside) == 2 else inside == {True}


def name_covers(pattern: str, name: str) -> bool:
    """Return whether a pattern covers a name: itself, or with ``*.`` in front one or more labels more (S3.5)."""
    pattern, name = pattern.lower().rstrip("."), name.lower().rstrip(".")
    return name.endswith(pattern[1:]) and name != pattern[2:] if pattern.startswith("*.") else name == pattern
