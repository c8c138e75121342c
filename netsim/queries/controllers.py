"""Who forwards what enters: pods of the input where they are recognised, a pod that nobody knows where not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import TypeGuard

from netsim.ingest.selectors import selector
from netsim.ir.entries import Entry, Gateway, KnownController
from netsim.ir.labels import NAME_LABEL
from netsim.ir.objects import Family, Namespace, Pod, Workload
from netsim.ir.place import NOWHERE
from netsim.ir.policy import AddressPeer, Direction, Policy, Rule, Tier
from netsim.ir.snapshot import Snapshot
from netsim.ir.verdict import Condition, Endpoint, Mismatch, Side
from netsim.knowledge import known_controllers
from netsim.lower.index import LabelIndex
from netsim.lower.program import Program
from netsim.queries.attachment import GATEWAY_KINDS

#: The controller that is not in the input, as answers name it.
INGRESS_CONTROLLER = "{ingress-controller}"

#: A pod without labels in a namespace that no policy can name: what a controller is that nobody knows.
CONTROLLER = Pod(
    namespace=INGRESS_CONTROLLER,
    name=INGRESS_CONTROLLER,
    labels={},
    workload=Workload(INGRESS_CONTROLLER, INGRESS_CONTROLLER, "Pod"),
    place=NOWHERE,
)

#: What implementations put on the pods of a Gateway (GEP-1762).
_OF_GATEWAY = "gateway.networking.k8s.io/gateway-name"


def with_controller(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with the unknown controller's namespace in it."""
    labels = {NAME_LABEL: INGRESS_CONTROLLER}
    added = Namespace(name=INGRESS_CONTROLLER, labels=labels, declared=False, place=NOWHERE)
    return replace(snapshot, namespaces={**snapshot.namespaces, INGRESS_CONTROLLER: added})


def is_unknown(endpoint: Endpoint) -> TypeGuard[Pod]:
    """Return whether an endpoint is the controller that is not in the input."""
    return isinstance(endpoint, Pod) and endpoint.namespace == INGRESS_CONTROLLER


#: What the unknown controller's way to a user-defined network rests on.
ON_ITS_NETWORK = (
    f"{INGRESS_CONTROLLER} is taken to be on the network of whom it leads to: where its pods are on the pod network, "
    "OVN-Kubernetes keeps them out of a primary user-defined one; add them to the input to know"
)


def crosses(endpoint: Endpoint, snapshot: Snapshot) -> bool:
    """Return whether an endpoint is on a primary network, of which nobody knows whether the controller is on it."""
    if not isinstance(endpoint, Pod) or endpoint.host_network:
        return False
    return any(network.primary and endpoint.namespace in network.namespaces for network in snapshot.networks)


def entering(policies: Iterable[Policy]) -> Iterator[Policy]:
    """Yield the policies that are asked of it: of what keeps networks apart it is taken to be on the right side."""
    return (policy for policy in policies if policy.tier is not Tier.NETWORK)


def possible(policies: Iterable[Policy], family: Family) -> tuple[Pod, ...]:
    """Return the unknown controller, once for each address of it that ingress rules of these policies tell apart.

    It has an address, which nobody knows: a verdict is known where every address gives the same one.
    """
    asked = [peer for policy in policies for peer in blocks(policy) if peer.block.version == family]
    if not asked:
        return (CONTROLLER,)
    starts = {0}
    for network in (network for peer in asked for network in (peer.block, *peer.excepts)):
        starts |= {int(network.network_address), int(network.broadcast_address) + 1}
    size = 32 if family is Family.IPV4 else 128
    addresses = [ip_address(start.to_bytes(size // 8)) for start in sorted(starts) if start < 1 << size]
    return tuple(replace(CONTROLLER, addresses=(each,)) for each in addresses)


def without_address(side: Side) -> Side:
    """Return what a direction says of the unknown controller without the address that it was asked about."""
    return replace(
        side, reasons=tuple(replace(r, mismatches=tuple(map(_nameless, r.mismatches))) for r in side.reasons)
    )


def _nameless(entry: tuple[Rule, Mismatch]) -> tuple[Rule, Mismatch]:
    rule, miss = entry
    return rule, replace(miss, found="") if miss.condition in (Condition.ADDRESS, Condition.EXCEPT) else miss


def blocks(policy: Policy) -> tuple[AddressPeer, ...]:
    """Return the blocks of addresses that ingress rules of a policy ask about."""
    ingress = (rule for rule in policy.rules if rule.direction is Direction.INGRESS)
    return tuple(peer for rule in ingress for peer in rule.peers or () if isinstance(peer, AddressPeer))


@dataclass(slots=True)
class Controllers:
    """The controllers that a program's pods are recognised as."""

    program: Program
    _index: LabelIndex = field(init=False)
    _found: Mapping[str, tuple[int, ...]] = field(init=False)
    _known: Sequence[KnownController] = field(init=False)

    def __post_init__(self) -> None:
        pods = ((n, e.labels) for n, e in enumerate(self.program.endpoints) if isinstance(e, Pod))
        self._index = LabelIndex(pods)
        self._known = known_controllers()
        self._found = {each.name: self._pods(each.pods) for each in self._known}

    def _pods(self, selectors: Iterable[str]) -> tuple[int, ...]:
        return tuple(sorted(set().union(*(self._index.select(selector(text)) for text in selectors))))

    @property
    def everyone(self) -> tuple[int, ...]:
        """The pods of all controllers, by number."""
        return tuple(sorted({number for found in self._found.values() for number in found}))

    def serving(self, entry: Entry, gateway: Gateway | None) -> tuple[int, ...]:
        """Return the pods that forward what an entry lets in, by number; none where they are not in the input.

        Args:
            gateway: For a route of the Gateway API, the Gateway that it is attached to, where the input holds it.
        """
        if gateway is not None and (own := self._of_gateway(gateway)):
            return own
        served = "Gateway" if entry.kind in GATEWAY_KINDS else entry.kind
        able = [each for each in self._known if served in each.kinds]
        name = self._controller(entry, gateway)
        if name is not None:
            able = [each for each in able if name in each.controllers]
        return tuple(sorted({number for each in able for number in self._found[each.name]}))

    def _of_gateway(self, gateway: Gateway) -> tuple[int, ...]:
        own = self._index.select(selector(f"{_OF_GATEWAY}={gateway.name}"))
        endpoints = self.program.endpoints
        return tuple(sorted(n for n in own if getattr(endpoints[n], "namespace", None) == gateway.namespace))

    def _controller(self, entry: Entry, gateway: Gateway | None) -> str | None:
        """Return what the class of an entry calls its controller; None where the input does not say."""
        classes = self.program.snapshot.classes
        if gateway is not None:
            wanted = [c for c in classes if c.kind == "GatewayClass" and c.name == gateway.class_name]
        elif entry.kind == "Ingress":
            ours = [c for c in classes if c.kind == "IngressClass"]
            wanted = [c for c in ours if (c.name == entry.class_name if entry.class_name else c.default)]
        else:
            wanted = []
        return wanted[0].controller if len(wanted) == 1 else None
