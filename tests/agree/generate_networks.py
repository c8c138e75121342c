"""Networks beside the pod network, for generated clusters: declared as objects do it, and read as the input's are."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from netsim.ingest.kinds.kind import DeclaredNetwork, PolicyElsewhere
from netsim.ingest.networks import READY, Networks
from netsim.ir.labels import EVERYTHING, Operator, Requirement, Selector
from netsim.ir.objects import Attachment, Namespace, Pod
from netsim.ir.place import NOWHERE
from netsim.ir.policy import Policy
from netsim.ir.snapshot import Snapshot
from tests.agree.choices import MOSTLY, RARELY, Choices

#: Whether a cluster has more than pods, nodes and policies: most do not, so that these are tested alone, too.
SOMETIMES = (False, False, True)

#: Namespaces that a network for several is for.
_SEVERAL = (
    EVERYTHING,
    Selector((Requirement("env", Operator.EXISTS),)),
    Selector((Requirement("env", Operator.DOES_NOT_EXIST),)),
    Selector((Requirement("app", Operator.IN, ("a", "b")),)),
    Selector((Requirement("app", Operator.NOT_IN, ("a",)), Requirement("env", Operator.NOT_IN, ("b",)))),
)
#: A definition of a secondary network, which pods of both namespaces name.
FAST = ("web", "fast")


def with_networks(choices: Choices, snapshot: Snapshot, policy: Callable[[int], Policy]) -> Snapshot:
    """Return a snapshot with networks in it: primary ones, a secondary one with policies of its own, or both.

    Args:
        policy: Makes a NetworkPolicy of a number.
    """
    is_primary, is_secondary = choices.pick(((True, False), (True, False), (True, True), (False, True)))
    declared: list[DeclaredNetwork] = []
    elsewhere: list[PolicyElsewhere] = []
    if is_primary:
        snapshot, declared = primary(choices, snapshot)
    if is_secondary:
        declared.append(_declared("NetworkAttachmentDefinition", *FAST, primary=False))
        snapshot = replace(snapshot, pods=tuple(_attached(choices, pod) for pod in snapshot.pods))
        own = [replace(policy(100 + number), kind="MultiNetworkPolicy") for number in range(choices.pick((0, 1, 2)))]
        elsewhere = [PolicyElsewhere(policy=each, definitions=(FAST,), place=NOWHERE) for each in own]
    return joined(snapshot, declared, elsewhere)


def primary(choices: Choices, snapshot: Snapshot) -> tuple[Snapshot, list[DeclaredNetwork]]:
    """Return primary networks as they are declared, and a snapshot with what they ask of namespaces and pods."""
    declared = choices.pick(([_own("web")], [_several(choices)], [_own("web"), _own("db")]))
    namespaces = {name: _ready(choices, each) for name, each in snapshot.namespaces.items()}
    pods = tuple(_addressed(choices, pod) for pod in snapshot.pods)
    return replace(snapshot, namespaces=namespaces, pods=pods), declared


def joined(snapshot: Snapshot, declared: Sequence[DeclaredNetwork], elsewhere: Sequence[PolicyElsewhere]) -> Snapshot:
    """Return a snapshot whose pods are on the networks that are declared, as an input's are."""
    found = Networks(declared, elsewhere, snapshot.namespaces, snapshot.pods, [])
    policies = (*snapshot.policies, *found.isolation)
    return replace(snapshot, pods=tuple(found.pods), policies=policies, networks=found.networks)


def _own(namespace: str) -> DeclaredNetwork:
    return _declared("UserDefinedNetwork", namespace, "own", primary=True)


def _several(choices: Choices) -> DeclaredNetwork:
    network = _declared("ClusterUserDefinedNetwork", "", "several", primary=True)
    return replace(network, namespaces=choices.pick(_SEVERAL))


def _declared(kind: str, namespace: str, name: str, *, primary: bool) -> DeclaredNetwork:
    shared = f"{namespace}/{name}" if kind == "UserDefinedNetwork" else name
    return DeclaredNetwork(kind=kind, namespace=namespace, name=name, shared=shared, primary=primary, place=NOWHERE)


def _ready(choices: Choices, namespace: Namespace) -> Namespace:
    return replace(namespace, labels={**namespace.labels, READY: ""}) if choices.pick(MOSTLY) else namespace


def _addressed(choices: Choices, pod: Pod) -> Pod:
    """Return a pod whose address on a primary network is noted beside the one that only the kubelet uses; or is not."""
    if pod.host_network or not pod.addresses or choices.pick(RARELY):
        return pod
    own = Attachment(definition=("", "primary"), addresses=pod.addresses, primary=True)
    return replace(pod, attachments=(own,))


def _attached(choices: Choices, pod: Pod) -> Pod:
    if choices.pick(RARELY):
        return pod
    addresses = pod.addresses if choices.pick(MOSTLY) else ()
    return replace(pod, attachments=(*pod.attachments, Attachment(definition=FAST, addresses=addresses)))
