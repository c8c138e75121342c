"""Labels that open doors: rules that somebody meets who may not change them."""

from collections.abc import Iterable, Iterator

from netsim.ir.access import Request
from netsim.ir.finding import Finding
from netsim.ir.labels import EVERYTHING, Labels, Selector
from netsim.ir.objects import Namespace
from netsim.ir.policy import Direction, Policy, Rule
from netsim.queries.gaps.facts import Facts, listed, of_rule, pod_peers
from netsim.queries.gaps.selected import is_named
from netsim.queries.makers import MAKES_PODS
from netsim.queries.rights import request_of, who_can
from netsim.spec.labels import selects

_FREE = "any"


class Rights:
    """Who may do what, each question asked once."""

    def __init__(self, facts: Facts) -> None:
        self._cluster = facts.cluster
        self._known: dict[Request, frozenset[str]] = {}
        self._makers: dict[str, frozenset[str]] = {}

    def who(self, verb: str, resource: str, group: str, namespace: str | None) -> frozenset[str]:
        """Return who may make a request."""
        request = request_of(verb, resource, group=group, namespace=namespace)
        if request not in self._known:
            self._known[request] = frozenset(who_can(self._cluster, request).subjects)
        return self._known[request]

    def makers(self, namespace: str) -> frozenset[str]:
        """Return who may make pods of any label in a namespace."""
        if namespace not in self._makers:
            self._makers[namespace] = frozenset().union(
                *(self.who(verb, name, group, namespace) for name, group, verbs in MAKES_PODS for verb in verbs)
            )
        return self._makers[namespace]

    def owners(self, policy: Policy) -> frozenset[str]:
        """Return who may change a policy, or make one that opens as much."""
        if policy.namespace is None:
            return frozenset()
        verbs = ("create", "update", "patch")
        networking = "networking.k8s.io"
        return frozenset().union(*(self.who(v, "networkpolicies", networking, policy.namespace) for v in verbs))

    @property
    def labellers(self) -> frozenset[str]:
        """Return who may label some namespace."""
        return frozenset().union(*(self.who(verb, "namespaces", "", None) for verb in ("create", "update", "patch")))


def doors(facts: Facts) -> Iterator[Finding]:
    """Yield the ingress rules that somebody meets by a label; none where the input says nothing of rights."""
    if not facts.cluster.snapshot.bindings:
        return
    rights = Rights(facts)
    for policy, rule in facts.rules:
        if rule.direction is Direction.INGRESS and facts.meant(policy.subject):
            yield from _of_pods(facts, rights, policy, rule)
            yield from _of_namespaces(rights, policy, rule)


def _of_pods(facts: Facts, rights: Rights, policy: Policy, rule: Rule) -> Iterator[Finding]:
    owners = rights.owners(policy)
    for number, peer in enumerate(pod_peers(rule)):
        labels = example(peer.pods)
        if labels is None or peer.pods == EVERYTHING:  # who means every pod there has opened the door himself
            continue
        found: dict[str, list[str]] = {}
        for namespace in _meant(facts.cluster.snapshot.namespaces.values(), peer.namespaces):
            for subject in rights.makers(namespace.name) - owners:
                found.setdefault(subject, []).append(namespace.name)
        if found:
            who = listed(f"{subject} in {listed(names, 2)}" for subject, names in found.items())
            told = f"is met by pods that others may create: {who}"
            yield of_rule(
                "door-by-pod",
                policy,
                rule,
                told,
                at=peer.place,
                identity=f"peer {number}",
                subjects=listed(found),
                labels=_written(labels),
            )


def _of_namespaces(rights: Rights, policy: Policy, rule: Rule) -> Iterator[Finding]:
    who = rights.labellers - rights.owners(policy)
    for number, peer in enumerate(pod_peers(rule)):
        if peer.namespaces == EVERYTHING or is_named(peer.namespaces):
            continue
        labels = example(peer.namespaces)
        if who and labels is not None:
            told = f"is met by namespaces that others may label: {listed(who)}"
            yield of_rule(
                "door-by-namespace",
                policy,
                rule,
                told,
                at=peer.place,
                identity=f"peer {number}",
                subjects=listed(who),
                labels=_written(labels),
            )


def _meant(namespaces: Iterable[Namespace], spaces: Selector) -> list[Namespace]:
    return [namespace for namespace in namespaces if selects(spaces, namespace.labels)]


def example(selector: Selector) -> Labels | None:
    """Return labels that a selector selects; None where there are none. Keys do not hang on each other."""
    found: dict[str, str] = {}
    for key in {each.key for each in selector.requirements}:
        own = Selector.of(each for each in selector.requirements if each.key == key)
        mentioned = sorted({value for each in own.requirements for value in each.values})
        fresh = next(
            text
            for text in (_FREE, f"{_FREE}-other", *(f"{_FREE}{n}" for n in range(len(mentioned))))
            if text not in mentioned
        )
        tried: list[dict[str, str]] = [*({key: value} for value in mentioned), {}, {key: fresh}]
        met = next((labels for labels in tried if selects(own, labels)), None)
        if met is None:
            return None
        found |= met
    return found


def _written(labels: Labels) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
