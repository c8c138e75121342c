"""One flow, and what is said of it."""

from dataclasses import dataclass
from enum import Enum

from netsim.ir.objects import Address, Family, Node, Pod
from netsim.ir.place import Place
from netsim.ir.policy import Direction, PodPeer, Policy, Rule, Tier
from netsim.ir.traffic import Protocol
from netsim.ir.truth import Truth

#: What can open or accept a connection.
Endpoint = Pod | Node | Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One connection to be opened: who, to whom, protocol and destination port (S1.1).

    ``port`` is 0 for a protocol without ports. ``family`` is the connection's (S2.11). ``by_service`` is whether a
    Service led there, which matters to a pod that is led to itself (S4.6).
    """

    source: Endpoint
    destination: Endpoint
    protocol: Protocol
    port: int
    family: Family
    by_service: bool = False


class Why(Enum):
    """Why a side of a verdict is as it is."""

    RULE = "a rule matches"
    MAYBE_RULE = "a rule may match"
    PASSED = "a rule passes to the next tier"
    TIE = "a rule matches, and one of equal priority says otherwise"
    NO_RULE = "isolated, and no rule matches"
    NOT_ISOLATED = "no policy applies"
    NOT_A_POD = "no policy applies to what is no pod"
    HOST_NETWORK = "no policy applies to a hostNetwork pod"
    ITSELF = "a pod always reaches itself"
    ITSELF_BY_SERVICE = "a pod may reach itself by a Service"
    OWN_NODE = "the pod's own node may always connect"
    MAYBE_OWN_NODE = "the source may be on the pod's own node"
    OTHER_PROTOCOL = "the standard leaves protocols without ports undefined"


class Condition(Enum):
    """The parts of a rule, in the order in which they are tried."""

    NAMESPACE = "namespace"
    POD = "pod"
    NOT_A_POD = "not a pod"
    ADDRESS = "address"
    EXCEPT = "except"
    NO_ADDRESS = "no address"
    IDENTITY = "identity"
    NODE = "node"
    NAME = "domain name"
    PROTOCOL = "protocol"
    PORT = "port"
    NAMED_PORT = "named port"
    NOBODY = "no peer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """The first condition of a rule that failed: what it wanted, what it found, where it stands.

    ``at`` is the field below the rule: ``from[0].podSelector``, ``ports[1]``. ``peer`` is the peer, where it is one
    that means pods.
    """

    condition: Condition
    at: str
    wanted: str
    found: str
    peer: PodPeer | None = None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A rule, or the lack of one, that determined a side.

    ``rule`` is None where the policy isolates and none of its rules matches; ``policy`` is None where no policy
    was asked. ``mismatches`` holds, for such a policy, the first failed condition of each of its rules.
    """

    why: Why
    policy: Policy | None = None
    rule: Rule | None = None
    mismatches: tuple[tuple[Rule, Mismatch], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one direction says of a flow; ``tier`` is the one that decided, None for the default and exceptions."""

    direction: Direction
    allowed: Truth
    tier: Tier | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Allowed iff egress is allowed for the source and ingress for the destination (S1.2)."""

    flow: Flow
    allowed: Truth
    egress: Side
    ingress: Side
