"""Snapshot and profile to Program: endpoints numbered, selectors resolved, traffic and endpoints classed."""

from collections.abc import Iterator

from netsim.ir.objects import Family, Node, Pod
from netsim.ir.policy import AddressPeer, Direction, Peer, PodPeer, Policy, Ports
from netsim.ir.profile import Profile
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import Protocol
from netsim.lower import atoms
from netsim.lower.classes import classify
from netsim.lower.groups import group
from netsim.lower.program import EndpointClass, Program, families_asked, port_names

__all__ = ["lower"]


def lower(snapshot: Snapshot, profile: Profile, families: frozenset[Family] = frozenset()) -> Program:
    """Return the program of a snapshot: the same policies, with nothing left to look up.

    Args:
        families: Families to ask about beside those that the snapshot uses.
    """
    pods = (pod for pod in snapshot.pods if not pod.finished)  # S2.12
    endpoints: tuple[Pod | Node, ...] = (*pods, *snapshot.nodes)
    names = frozenset(name for policy in snapshot.policies for rule in policy.rules for name in port_names(rule))
    asked = tuple(sorted(families | _families(snapshot))) or (Family.IPV4,)
    peers = tuple(dict.fromkeys((peer, f) for peer in _peers(snapshot.policies) for f in families_asked(peer)))
    class_of, classes, terms = classify(snapshot, profile, peers, names, asked, endpoints)
    number_of: dict[Peer, list[int]] = {}
    for number, (peer, _) in enumerate(peers):
        number_of.setdefault(peer, []).append(number)
    grouped = {d: group(d, snapshot.policies, classes, terms, number_of, profile) for d in Direction}
    return Program(
        snapshot=snapshot,
        profile=profile,
        endpoints=endpoints,
        class_of=class_of,
        classes=classes,
        families=asked,
        terms=terms,
        mentioned=frozenset(r.key for p in number_of if isinstance(p, PodPeer) for r in p.pods.requirements),
        atoms=atoms.cut(_port_ranges(snapshot.policies, classes)),
        groups={direction: groups for direction, (groups, _) in grouped.items()},
        group_of={direction: group_of for direction, (_, group_of) in grouped.items()},
        policies=snapshot.policies,
    )


def _peers(policies: tuple[Policy, ...]) -> Iterator[Peer]:
    for policy in policies:
        yield policy.subject
        for rule in policy.rules:
            yield from rule.peers or ()


def _families(snapshot: Snapshot) -> frozenset[Family]:
    """Return the families that any address or block of the snapshot is of (S2.11)."""
    used = {address.version for pod in snapshot.pods for address in pod.addresses}
    used |= {address.version for node in snapshot.nodes for address in node.addresses}
    used |= {peer.block.version for peer in _peers(snapshot.policies) if isinstance(peer, AddressPeer)}
    return frozenset(Family(version) for version in used)


def _port_ranges(
    policies: tuple[Policy, ...], classes: tuple[EndpointClass, ...]
) -> Iterator[tuple[Protocol, int, int]]:
    for policy in policies:
        for rule in policy.rules:
            for entry in rule.ports or ():
                if isinstance(entry, Ports):
                    yield entry.protocol, entry.first, entry.first
                    yield entry.protocol, entry.first, entry.last
    for member in classes:
        for _, protocol, number in member.named:
            yield protocol, number, number
