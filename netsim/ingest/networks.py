"""Which pods are on which network, once everything has been read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netsim.errors import Problem
from netsim.ingest.kinds.kind import DeclaredNetwork, PolicyElsewhere
from netsim.ingest.kinds.selectors import matches
from netsim.ingest.refusals import problem
from netsim.ir.labels import EVERYTHING, NAME_LABEL, Operator, Requirement, Selector
from netsim.ir.networks import Network
from netsim.ir.objects import Definition, Namespace, Pod
from netsim.ir.place import Place
from netsim.ir.policy import Action, Direction, NodePeer, Peer, PodPeer, Policy, Rule, Tier
from netsim.ir.snapshot import Notice

#: Without this label OVN-Kubernetes leaves the pods of a namespace on the pod network, whatever is declared for it.
READY = "k8s.ovn.org/primary-user-defined-network"
_READY = Requirement(READY, Operator.EXISTS)

_NEGATED = {
    Operator.IN: Operator.NOT_IN,
    Operator.NOT_IN: Operator.IN,
    Operator.EXISTS: Operator.DOES_NOT_EXIST,
    Operator.DOES_NOT_EXIST: Operator.EXISTS,
}


@dataclass(slots=True)
class Networks:
    """What the declarations and the pods say of networks, put together; used once, then dropped.

    Attributes:
        networks: Those beside the pod network, primary ones first, then by label.
        isolation: For each primary one, the policy that keeps its pods and all others apart.
    """

    declared: Sequence[DeclaredNetwork]
    elsewhere: Sequence[PolicyElsewhere]
    namespaces: Mapping[str, Namespace]
    pods: Sequence[Pod]
    problems: list[Problem]
    networks: tuple[Network, ...] = ()
    isolation: tuple[Policy, ...] = ()
    notices: list[Notice] = field(default_factory=list)
    _primary_of: dict[str, DeclaredNetwork] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {(each.kind, each.namespace, each.name) for each in self.declared}
        # A dump of a cluster holds the definitions that were generated from the networks that it holds, too.
        declared = [each for each in self.declared if each.owner not in known]
        primary = [each for each in declared if each.primary]
        secondary = [each for each in declared if not each.primary]
        found = [*self._primary(primary), *self._secondary(secondary)]
        self.networks = tuple(sorted(found, key=lambda network: (not network.primary, network.label)))
        self.pods = [self._on_primary(pod) for pod in self.pods]
        self._note_waiting()

    def _primary(self, declared: Sequence[DeclaredNetwork]) -> Iterator[Network]:
        policies = []
        for label, own in _by_label(declared).items():
            members = frozenset(name for each in own for name in self._claimed(each, label))
            if members:
                policies.append(_isolation(own, self._inside(own[0], members)))
                yield Network(label=label, primary=True, namespaces=members, place=own[0].place)
        self.isolation = tuple(policies)

    def _claimed(self, network: DeclaredNetwork, label: str) -> Iterator[str]:
        """Yield the namespaces whose pods are on a primary network: each is on one, and has the label that it needs."""
        selected = self._selected(network)
        if not selected:
            self.notices.append(Notice(f"{label} selects no namespace: no pod is on it", network.place))
        for name in selected:
            if READY not in self.namespaces[name].labels:
                message = (
                    f"{label} is not for namespace {name}, which lacks the label {READY}: its pods stay as they are"
                )
                self.notices.append(Notice(message, network.place))
                continue
            first = self._primary_of.setdefault(name, network)
            if _label(first) == label:
                yield name
            else:
                message = f"{label} is a second primary network of namespace {name}: {_label(first)} is one already"
                hint = f"see {first.place}; give one of them the role Secondary, or another namespace"
                self.problems.append(problem(network.place, "NS120", message, hint=hint))

    def _inside(self, network: DeclaredNetwork, members: frozenset[str]) -> Selector:
        """Return a selector of a network's namespaces: its own, which also speaks of those that could exist."""
        if network.namespaces is not None:
            own = Selector.of([*network.namespaces.requirements, _READY])
            if members == {name for name, each in self.namespaces.items() if matches(own, each.labels)}:
                return own
        return Selector((Requirement(NAME_LABEL, Operator.IN, tuple(sorted(members))),))

    def _selected(self, network: DeclaredNetwork) -> list[str]:
        if network.namespaces is None:
            return [network.namespace]
        return [name for name, each in self.namespaces.items() if matches(network.namespaces, each.labels)]

    def _secondary(self, declared: Sequence[DeclaredNetwork]) -> Iterator[Network]:
        grouped = _by_label(declared)
        known = {name for own in grouped.values() for name in self._definitions(own)}
        missing = {name: pod for name, pod in sorted(_asking(self.pods).items()) if name not in known}
        for name, first in missing.items():
            message = f"{first} asks for the network {'/'.join(name)}, which the input does not declare"
            self.notices.append(Notice(message, first.place))
            grouped.setdefault(f"NetworkAttachmentDefinition {name[1]}", []).append(_undeclared(name, first.place))
        for label, own in grouped.items():
            definitions = self._definitions(own)
            policies = [each.policy for each in self.elsewhere if definitions & set(each.definitions)]
            yield Network(
                label=label,
                primary=False,
                definitions=definitions,
                policies=tuple(sorted(policies, key=lambda policy: (policy.namespace or "", policy.name))),
                place=own[0].place,
            )
        self._note_aimless(known | missing.keys())

    def _definitions(self, own: Iterable[DeclaredNetwork]) -> frozenset[Definition]:
        # OVN-Kubernetes makes a definition of the network's name in each of its namespaces.
        return frozenset((name, each.name) for each in own for name in self._selected(each))

    def _note_aimless(self, known: set[Definition]) -> None:
        for each in self.elsewhere:
            for name in each.definitions:
                if name not in known:
                    message = (
                        f"{each.policy.kind} {each.policy} is for {'/'.join(name)}, which is no secondary network here"
                    )
                    self.notices.append(Notice(message, each.place))

    def _note_waiting(self) -> None:
        for name, namespace in self.namespaces.items():
            if READY in namespace.labels and name not in self._primary_of:
                message = f"namespace {name} awaits a primary network, and the input has none for it: "
                self.notices.append(Notice(f"{message}its pods were taken to be on the pod network", namespace.place))

    def _on_primary(self, pod: Pod) -> Pod:
        """Return the pod with the addresses that it has on its primary network, and without the attachment to it."""
        if not pod.attachments and pod.namespace not in self._primary_of:
            return pod
        rest = tuple(each for each in pod.attachments if not each.primary)
        if pod.host_network or pod.namespace not in self._primary_of:
            return replace(pod, attachments=rest) if rest != pod.attachments else pod
        own = tuple(address for each in pod.attachments if each.primary for address in each.addresses)
        return replace(pod, addresses=own, attachments=rest)


def _by_label(declared: Iterable[DeclaredNetwork]) -> dict[str, list[DeclaredNetwork]]:
    grouped: dict[str, list[DeclaredNetwork]] = {}
    for each in sorted(declared, key=lambda each: (each.kind, each.shared, each.namespace, each.name)):
        grouped.setdefault(_label(each), []).append(each)
    return grouped


def _label(network: DeclaredNetwork) -> str:
    return f"{network.kind} {network.shared}"


def _asking(pods: Iterable[Pod]) -> dict[Definition, Pod]:
    """Return the definitions that pods name, each with the first pod that does."""
    found: dict[Definition, Pod] = {}
    for pod in pods:
        for each in pod.attachments:
            if not each.primary and not pod.host_network:
                found.setdefault(each.definition, pod)
    return found


def _undeclared(name: Definition, place: Place) -> DeclaredNetwork:
    return DeclaredNetwork(
        kind="NetworkAttachmentDefinition",
        namespace=name[0],
        name=name[1],
        shared=name[1],
        primary=False,
        place=place,
    )


def _isolation(own: Sequence[DeclaredNetwork], inside: Selector) -> Policy:
    """Return the policy that denies whatever goes between the pods of a primary network and those of any other.

    Addresses outside, nodes and hostNetwork pods are on no such network: its pods meet them through its gateway. It
    lets in no node but a pod's own, whose kubelet probes it; that exception is S2.9's.

    Source:
        OVN-Kubernetes, end-to-end tests of network segmentation; the enhancement proposal of user-defined networks.
    """
    first = own[0]
    apart: tuple[Peer, ...] = tuple(
        PodPeer(namespaces=Selector((_not(each),)), pods=EVERYTHING, host_network=False, place=first.place)
        for each in inside.requirements
    )
    hosts = NodePeer(nodes=EVERYTHING, place=first.place)
    namespace, _, name = first.shared.rpartition("/")
    return Policy(
        kind=first.kind,
        namespace=namespace or None,
        name=name,
        tier=Tier.NETWORK,
        subject=PodPeer(namespaces=inside, pods=EVERYTHING, host_network=False, place=first.place),
        rules=tuple(
            Rule(direction=direction, index=0, action=Action.DENY, peers=peers, ports=None, place=first.place)
            for direction, peers in ((Direction.INGRESS, (*apart, hosts)), (Direction.EGRESS, apart))
        ),
        place=first.place,
    )


def _not(requirement: Requirement) -> Requirement:
    return Requirement(requirement.key, _NEGATED[requirement.operator], requirement.values)
