"""Policies lowered: everything numbered, selectors resolved, nothing left to look up by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from netsim.ir.objects import Family, Node, Pod
from netsim.ir.policy import (
    Action,
    AddressPeer,
    Direction,
    DomainPeer,
    NamedPort,
    NodePeer,
    Peer,
    PodPeer,
    Policy,
    Rule,
    Tier,
)
from netsim.ir.profile import Profile
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import Protocol
from netsim.lower.atoms import Atoms
from netsim.lower.space import AddressRange


class Sort(IntEnum):
    """What the endpoints of a class are to a rule."""

    POD = 0
    """Selected by labels, governed by policies."""
    HOST = 1
    """A node, or a hostNetwork pod that counts as one: known by its addresses, governed by nothing."""
    OUTSIDE = 2
    """Addresses that the snapshot does not name."""


#: A declared port whose name some rule mentions: name, protocol, number.
Named = tuple[str, Protocol, int]


@dataclass(frozen=True, slots=True)
class EndpointClass:
    """Endpoints that no rule tells apart.

    Attributes:
        named: Their declared ports of which some rule uses the name, sorted.
        family, ranges: For OUTSIDE, the addresses; None and empty otherwise.
        governed: Whether policies that select them apply to them (S2.1).
    """

    sort: Sort
    named: tuple[Named, ...] = ()
    family: Family | None = None
    ranges: tuple[AddressRange, ...] = ()
    governed: bool = True


@dataclass(frozen=True, slots=True)
class Term:
    """One distinct peer, and the classes that it means: for sure, or perhaps (an address that is not known).

    Attributes:
        family: The only family of connections in which it matches anything; None for all.
    """

    peer: Peer
    family: Family | None
    sure: tuple[int, ...]
    maybe: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupRule:
    """One rule of a group.

    Attributes:
        policy: The policy's number in the snapshot.
        rank: Its place in its tier; policies of one rank may be asked in any order (S3.3).
        terms: The numbers of its peers' terms; None is everybody.
    """

    policy: int
    rule: Rule
    tier: Tier
    rank: tuple[int, str]
    action: Action
    terms: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Group:
    """Classes of subjects with the same ordered list of applicable rules in one direction.

    Attributes:
        policies: The policies that apply, by number, in the order in which they are asked.
        isolated: Whether some NetworkPolicy isolates the subjects in this direction (S2.1).
        named: For ingress, the subjects' declared ports that the rules' names resolve on (S2.8); empty for egress,
            where they resolve on the peer.
    """

    direction: Direction
    policies: tuple[int, ...]
    rules: tuple[GroupRule, ...]
    isolated: bool
    named: tuple[Named, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The port names that the rules mention."""
        return frozenset(name for rule in self.rules for name in port_names(rule.rule))


def port_names(rule: Rule) -> tuple[str, ...]:
    """Return the port names that a rule mentions."""
    return tuple(entry.name for entry in rule.ports or () if isinstance(entry, NamedPort))


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A snapshot under a profile, lowered.

    Attributes:
        endpoints: Every endpoint that the snapshot names: its pods that are not finished, then its nodes.
        class_of: For each endpoint, its class.
        classes: The endpoints' classes, then one class for each region of outside addresses.
        families: The address families that the snapshot uses, sorted; IPv4 where it names no address.
        mentioned: The label keys of pods that some rule mentions.
        groups: For each direction, the groups; number 0 is of those whom nothing governs.
        group_of: For each direction, the group of each class.
        policies: By number. Some that an edit took away may be among them; they are in no group.
    """

    snapshot: Snapshot
    profile: Profile
    endpoints: tuple[Pod | Node, ...]
    class_of: Sequence[int]
    classes: tuple[EndpointClass, ...]
    families: tuple[Family, ...]
    terms: tuple[Term, ...]
    mentioned: frozenset[str]
    atoms: Atoms
    groups: Mapping[Direction, tuple[Group, ...]]
    group_of: Mapping[Direction, Sequence[int]]
    policies: tuple[Policy, ...]

    def applying(self, direction: Direction, member: int) -> list[Policy]:
        """Return the policies that govern one direction of a class, in the snapshot's order."""
        group = self.groups[direction][self.group_of[direction][member]]
        found = [self.policies[number] for number in sorted(group.policies)]
        return found if self.policies is self.snapshot.policies else sorted(found, key=key_of)


def key_of(policy: Policy) -> tuple[str, str, str]:
    """Return what a policy is known by; snapshots hold policies in this order."""
    return policy.kind, policy.namespace or "", policy.name


def families_asked(peer: Peer) -> tuple[Family | None, ...]:
    """Return the families in which a peer must be asked apart; None where every family is alike to it."""
    match peer:
        case AddressPeer():
            return (Family(peer.block.version),)
        case DomainPeer():
            return tuple(Family)
        case PodPeer() | NodePeer():
            return (None,)
