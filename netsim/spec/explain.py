"""For a denial, each rule that nearly matched and the first condition of it that failed."""

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from netsim.ir.policy import (
    AddressPeer,
    Direction,
    DomainPeer,
    NamedPort,
    NodePeer,
    Peer,
    PodPeer,
    Policy,
    PortMatch,
    Ports,
    Rule,
)
from netsim.ir.profile import Profile
from netsim.ir.snapshot import Snapshot
from netsim.ir.verdict import Condition, Endpoint, Flow, Mismatch, Reason, Side, Verdict, Why
from netsim.spec.judge import rules_of
from netsim.spec.labels import satisfies
from netsim.spec.peers import rule_means
from netsim.spec.ports import rule_carries
from netsim.spec.world import World


def explained(verdict: Verdict, snapshot: Snapshot, profile: Profile) -> Verdict:
    """Return the verdict with the near misses of every policy that denied filled in."""
    world = World(snapshot, profile)
    return replace(
        verdict,
        egress=explained_side(verdict.egress, verdict.flow, world),
        ingress=explained_side(verdict.ingress, verdict.flow, world),
    )


def explained_side(side: Side, flow: Flow, world: World) -> Side:
    """Return what one direction says of a flow, with the near misses of every policy that denied."""
    return replace(
        side, reasons=tuple(_with_mismatches(reason, side.direction, flow, world) for reason in side.reasons)
    )


def _with_mismatches(reason: Reason, direction: Direction, flow: Flow, world: World) -> Reason:
    if reason.why is not Why.NO_RULE or reason.policy is None:
        return reason
    return replace(reason, mismatches=tuple(near_misses(reason.policy, direction, flow, world)))


def near_misses(policy: Policy, direction: Direction, flow: Flow, world: World) -> Iterator[tuple[Rule, Mismatch]]:
    """Yield each rule of the policy that does not match, with the first condition that failed.

    Peers are tried before ports. Where several peers or ports fail, the one that fails last is told: the peer of
    which the most conditions hold is the likeliest to have been meant.
    """
    for rule in rules_of(policy, direction):
        peer = flow.source if direction is Direction.INGRESS else flow.destination
        if rule_means(rule.peers, peer, flow.family, world) is not True and rule.peers is not None:
            misses = [_peer_miss(number, p, peer, rule, flow, world) for number, p in enumerate(rule.peers)]
            yield rule, _nearest(misses, rule)
        elif not rule_carries(rule.ports, flow, world) and rule.ports is not None:
            misses = [_port_miss(number, entry, flow, world) for number, entry in enumerate(rule.ports)]
            yield rule, _nearest(misses, rule)


def _nearest(misses: list[Mismatch], rule: Rule) -> Mismatch:
    if not misses:
        return Mismatch(condition=Condition.NOBODY, at="", wanted="nobody", found="", place=rule.place)
    order = list(_NEARNESS)
    return max(misses, key=lambda miss: order.index(miss.condition))


#: From the farthest miss to the nearest.
_NEARNESS = (
    Condition.NOBODY,
    Condition.NOT_A_POD,
    Condition.NO_ADDRESS,
    Condition.IDENTITY,
    Condition.ADDRESS,
    Condition.NODE,
    Condition.NAME,
    Condition.NAMESPACE,
    Condition.POD,
    Condition.EXCEPT,
    Condition.PROTOCOL,
    Condition.NAMED_PORT,
    Condition.PORT,
)


def _peer_miss(number: int, peer: Peer, endpoint: Endpoint, rule: Rule, flow: Flow, world: World) -> Mismatch:
    at = f"{'from' if rule.direction is Direction.INGRESS else 'to'}[{number}]"
    match peer:
        case PodPeer():
            condition, wanted, found = _pods_miss(peer, endpoint, world)
        case AddressPeer():
            condition, wanted, found = _block_miss(peer, endpoint, flow, world)
        case NodePeer():
            condition, wanted, found = Condition.NODE, str(peer.nodes), ""
        case DomainPeer():
            condition, wanted, found = Condition.NAME, peer.name, ""
        case _:
            assert_never(peer)
    pods = peer if isinstance(peer, PodPeer) else None
    return Mismatch(condition=condition, at=at, wanted=wanted, found=found, peer=pods, place=peer.place)


def _pods_miss(peer: PodPeer, endpoint: Endpoint, world: World) -> tuple[Condition, str, str]:
    if not world.is_pod(endpoint):
        return Condition.NOT_A_POD, f"{peer.namespaces},{peer.pods}".strip(","), ""
    if endpoint.host_network and not peer.host_network:
        return Condition.NOT_A_POD, f"{peer.namespaces},{peer.pods}".strip(","), "hostNetwork"
    namespace = world.snapshot.namespaces[endpoint.namespace]
    for condition, selector, labels in (
        (Condition.NAMESPACE, peer.namespaces, namespace.labels),
        (Condition.POD, peer.pods, endpoint.labels),
    ):
        for requirement in selector.requirements:
            if not satisfies(requirement, labels):
                value = labels.get(requirement.key)
                return condition, str(requirement), "" if value is None else f"{requirement.key}={value}"
    raise AssertionError("a peer that matches has no miss")


def _block_miss(peer: AddressPeer, endpoint: Endpoint, flow: Flow, world: World) -> tuple[Condition, str, str]:
    addresses = world.addresses(endpoint, flow.family) or ()
    if not addresses or peer.block.version != flow.family:
        return Condition.NO_ADDRESS, str(peer.block), str(flow.family)
    if not world.in_blocks(endpoint):  # S2.6: this network knows it by what it is, not by its address
        return Condition.IDENTITY, str(peer.block), "a pod" if world.is_pod(endpoint) else "a node"
    found = ", ".join(str(address) for address in addresses)
    holes = [hole for hole in peer.excepts if any(address in hole for address in addresses)]
    if holes:
        return Condition.EXCEPT, str(holes[0]), found
    return Condition.ADDRESS, str(peer.block), found


def _port_miss(number: int, entry: PortMatch, flow: Flow, world: World) -> Mismatch:
    at = f"ports[{number}]"
    match entry:
        case Ports():
            port = f"{entry.first}" if entry.first == entry.last else f"{entry.first}-{entry.last}"
            if entry.protocol is not flow.protocol:
                condition, wanted, found = Condition.PROTOCOL, str(entry.protocol), str(flow.protocol)
            else:
                condition, wanted, found = Condition.PORT, port, str(flow.port)
        case NamedPort():
            condition, wanted, found = Condition.NAMED_PORT, entry.name, _declared(entry, flow, world)
        case _:
            assert_never(entry)
    return Mismatch(condition=condition, at=at, wanted=wanted, found=found, place=entry.place)


def _declared(entry: NamedPort, flow: Flow, world: World) -> str:
    if not world.is_pod(flow.destination):
        return ""
    named = [f"{p.number}/{p.protocol}" for p in flow.destination.ports if p.name == entry.name]
    return ", ".join(sorted(named))
