"""Policies of every kind: tiers of ordered rules."""

from dataclasses import dataclass, field
from enum import Enum, IntEnum

from netsim.ir.labels import Selector
from netsim.ir.objects import Network
from netsim.ir.place import Place
from netsim.ir.traffic import Protocol


class Direction(Enum):
    """Ingress governs what a pod accepts, egress what it opens."""

    INGRESS = "ingress"
    EGRESS = "egress"


class Tier(IntEnum):
    """The order of decision (S1.3); after BASELINE comes the default, allowed.

    NETWORK keeps pods of different networks apart, before any policy is asked.
    """

    NETWORK = 1
    ADMIN = 2
    NETWORK_POLICY = 3
    BASELINE = 4


class Action(Enum):
    """What a rule does with what it matches; ClusterNetworkPolicy's Accept is ALLOW."""

    ALLOW = "allow"
    DENY = "deny"
    PASS = "pass"


@dataclass(frozen=True, slots=True, kw_only=True)
class PodPeer:
    """The pods that match ``pods`` in the namespaces that match ``namespaces`` (S2.4).

    A rule that speaks of its own namespace alone holds ``namespace_named(...)`` in ``namespaces``.
    ``host_network`` is false for the kinds that never mean hostNetwork pods (S3.1), whatever the profile.
    """

    namespaces: Selector
    pods: Selector
    host_network: bool = True
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPeer:
    """The addresses in ``block`` and in none of ``excepts`` (S2.6); host bits are masked."""

    block: Network
    excepts: tuple[Network, ...] = ()
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePeer:
    """The nodes whose labels match, by their addresses (S3.5)."""

    nodes: Selector
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainPeer:
    """The addresses that a domain name resolves to; ``*.`` in front stands for one or more labels (S3.5)."""

    name: str
    place: Place = field(compare=False)


Peer = PodPeer | AddressPeer | NodePeer | DomainPeer


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Ports ``first`` to ``last``, inclusive, of one protocol (S2.7).

    ``ranged`` tells an ``endPort`` from a single port: a plugin without endPort applies ``first`` alone.
    """

    protocol: Protocol
    first: int
    last: int
    ranged: bool = False
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPort:
    """The port that the destination pod declares under ``name`` (S2.8); ``protocol`` None means the declared one."""

    protocol: Protocol | None
    name: str
    place: Place = field(compare=False)


PortMatch = Ports | NamedPort


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: it matches what some peer and some port match.

    ``peers`` None is every peer, addresses included; an empty tuple is nobody. ``ports`` likewise.
    ``index`` is its place in the manifest's list: ``ingress[0]``; ``name`` is what the kinds that have names for rules
    call it.
    """

    direction: Direction
    index: int
    action: Action
    peers: tuple[Peer, ...] | None
    ports: tuple[PortMatch, ...] | None
    name: str | None = field(default=None, compare=False)
    place: Place = field(compare=False)

    def __str__(self) -> str:
        return f"{self.direction.value}[{self.index}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy of any kind.

    ``subject`` selects the pods that it applies to; ``isolates`` are the directions in which being selected is
    enough to deny what no rule allows (S2.1, S2.2); empty outside the NETWORK_POLICY tier.
    ``priority``: lower first, within a tier (S3.3); 0 where the kind has none.
    ``rules`` keep the order of the manifest; those of a direction that the policy does not govern are left out.
    """

    kind: str
    namespace: str | None
    name: str
    tier: Tier
    priority: int = 0
    subject: PodPeer
    isolates: frozenset[Direction] = frozenset()
    rules: tuple[Rule, ...]
    place: Place = field(compare=False)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name
