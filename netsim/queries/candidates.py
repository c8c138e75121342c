"""Which policies may have a say in a flow: the few whose selectors mean one of its ends, found without asking all."""

from collections.abc import Mapping, Sequence

from netsim.cluster import Compiled
from netsim.ir.labels import NAME_LABEL, Operator, Requirement, Selector
from netsim.ir.objects import Pod
from netsim.ir.policy import Policy
from netsim.ir.verdict import Flow
from netsim.queries.controllers import entering, is_unknown
from netsim.spec.labels import selects

#: Policies by the one namespace that they are about, with their numbers; under None those about several.
ByNamespace = Mapping[str | None, Sequence[tuple[int, Policy]]]


def candidates(cluster: Compiled, flow: Flow) -> tuple[Policy, ...]:
    """Return every policy that may select an end of the flow, whatever the profile, in the snapshot's order.

    What keeps networks apart is not asked of the controller that is not in the input: nobody knows its network.
    """
    by_namespace = cluster.once("policies by namespace", lambda: _by_namespace(cluster.snapshot.policies))
    found: dict[int, Policy] = {}
    for pod in (flow.source, flow.destination):
        if isinstance(pod, Pod):
            namespace = cluster.snapshot.namespaces.get(pod.namespace)
            labels = namespace.labels if namespace else {NAME_LABEL: pod.namespace}
            near = (*by_namespace.get(labels[NAME_LABEL], ()), *by_namespace.get(None, ()))
            found.update(
                (number, policy)
                for number, policy in near
                if selects(policy.subject.namespaces, labels) and selects(policy.subject.pods, pod.labels)
            )
    asked = (found[number] for number in sorted(found))
    return tuple(entering(asked) if is_unknown(flow.source) else asked)


def _by_namespace(policies: Sequence[Policy]) -> ByNamespace:
    found: dict[str | None, list[tuple[int, Policy]]] = {}
    for number, policy in enumerate(policies):
        found.setdefault(_only(policy.subject.namespaces), []).append((number, policy))
    return found


def _only(namespaces: Selector) -> str | None:
    """Return the one namespace that a selector means by its name (S2.5); None where it may mean several."""
    match namespaces.requirements:
        case (Requirement(key=key, operator=Operator.IN, values=(name,)),) if key == NAME_LABEL:
            return name
    return None
