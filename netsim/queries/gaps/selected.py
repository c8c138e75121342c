"""Selectors that mean nobody, everybody, or whoever wants to be meant."""

from collections.abc import Iterator

from netsim.ir.finding import Finding
from netsim.ir.labels import EVERYTHING, NAME_LABEL, Operator, Selector
from netsim.ir.policy import PodPeer
from netsim.queries.gaps.facts import Facts, finding, listed, of_rule, pod_peers


def selections(facts: Facts) -> Iterator[Finding]:
    """Yield policies and peers whose selectors are not what they seem."""
    for policy in facts.cluster.snapshot.policies:
        if facts.pods and not facts.meant(policy.subject):
            message = (
                f"selects no pod: `{policy.subject.pods}`" if policy.subject.pods != EVERYTHING else "selects no pod"
            )
            yield finding("selects-nothing", about=f"{policy.kind} {policy}", place=policy.place, message=message)
    for policy, rule in facts.every_rule:
        for peer in pod_peers(rule):
            if facts.pods and not facts.meant(peer):
                yield of_rule("peer-selects-nothing", policy, rule, f"means no pod: {_written(peer)}", part=peer)
    for policy, rule in facts.rules:
        for peer in pod_peers(rule):
            if not _is_named(peer.namespaces) and peer.namespaces != EVERYTHING:
                told = f"knows namespaces by `{peer.namespaces}`, which whoever labels one sets"
                yield of_rule("spoofable-namespace-label", policy, rule, told, part=peer)
            if peer.pods == EVERYTHING and not _is_own(peer.namespaces, policy.namespace):
                told = (
                    "means every pod of every namespace" if peer.namespaces == EVERYTHING else "means every pod there"
                )
                yield of_rule("whole-namespace-allowed", policy, rule, f"{told}: {_written(peer)}", part=peer)
    yield from _uneven(facts)


def _is_named(spaces: Selector) -> bool:
    """Return whether a selector knows namespaces by the name that the API server keeps (S2.5)."""
    return any(each.key == NAME_LABEL and each.operator is Operator.IN for each in spaces.requirements)


def _is_own(spaces: Selector, namespace: str | None) -> bool:
    return any(
        each.key == NAME_LABEL and each.operator is Operator.IN and each.values == (namespace,)
        for each in spaces.requirements
    )


def _written(peer: PodPeer) -> str:
    spaces = f"namespaces `{peer.namespaces}`" if peer.namespaces != EVERYTHING else "every namespace"
    return f"pods `{peer.pods}` in {spaces}" if peer.pods != EVERYTHING else spaces


def _uneven(facts: Facts) -> Iterator[Finding]:
    """Yield workloads whose pods are not selected alike."""
    subjects = {(str(policy), policy.subject) for policy in facts.cluster.snapshot.policies}
    peers = {(f"{policy} {rule}", peer) for policy, rule in facts.rules for peer in pod_peers(rule)}
    seen: dict[int, set[str]] = {}
    for name, peer in sorted(subjects | peers, key=lambda pair: pair[0]):
        for number in facts.meant(peer):
            seen.setdefault(number, set()).add(name)
    workloads: dict[str, list[int]] = {}
    for number, pod in enumerate(facts.pods):
        workloads.setdefault(str(pod.workload), []).append(number)
    for numbers in workloads.values():
        first = seen.get(numbers[0], set())
        other = next((n for n in numbers if seen.get(n, set()) != first), None)
        if other is not None:
            pod = facts.pods[numbers[0]]
            told = listed(first ^ seen.get(other, set()))
            yield finding(
                "uneven-replicas",
                about=f"{pod.workload.kind} {pod.workload.namespace}/{pod.workload.name}",
                place=pod.place,
                message=f"{pod.name} and {facts.pods[other].name} are told apart by {told}",
                evidence=(("pods", f"{pod}, {facts.pods[other]}"),),
            )
