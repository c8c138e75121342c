"""Labels that open doors: rules that somebody meets who may not change them."""

from collections.abc import Iterable, Iterator

from netsim.ir.access import Request
from netsim.ir.finding import Finding
from netsim.ir.labels import EVERYTHING, NAME_LABEL, Labels, Operator, Requirement, Selector
from netsim.ir.objects import Namespace
from netsim.ir.policy import Direction, Policy, Rule
from netsim.queries.gaps.facts import Facts, listed, of_rule, pod_peers
from netsim.queries.makers import labelling, making_pods, writing
from netsim.spec.labels import selects

_FREE = "any"


class Rights:
    """Who may do what, each question asked once."""

    def __init__(self, facts: Facts) -> None:
        self._access = facts.cluster.access
        self._known: dict[Request, frozenset[str]] = {}

    def who(self, requests: Iterable[Request]) -> frozenset[str]:
        """Return who may make one of some requests."""
        return frozenset().union(*map(self._who, requests))

    def _who(self, request: Request) -> frozenset[str]:
        if request not in self._known:
            self._known[request] = frozenset(map(str, self._access.who_can(request)))
        return self._known[request]

    def owners(self, policy: Policy) -> frozenset[str]:
        """Return who may change a policy, or make one that opens as much."""
        return self.who(writing(policy, "create", "update", "patch"))


def doors(facts: Facts) -> Iterator[Finding]:
    """Yield the ingress rules that somebody meets by a label; none where the input says nothing of rights."""
    if not facts.cluster.snapshot.bindings:
        return
    rights = Rights(facts)
    for policy, rule in facts.rules:
        if rule.direction is Direction.INGRESS and facts.meant(policy.subject):
            yield from _of_pods(facts, rights, policy, rule)
            yield from _of_namespaces(facts, rights, policy, rule)


def _of_pods(facts: Facts, rights: Rights, policy: Policy, rule: Rule) -> Iterator[Finding]:
    owners = rights.owners(policy)
    for peer in pod_peers(rule):
        labels = example(peer.pods)
        if labels is None or peer.pods == EVERYTHING:  # who means every pod there has opened the door himself
            continue
        found: dict[str, list[str]] = {}
        for namespace in _meant(facts.cluster.snapshot.namespaces.values(), peer.namespaces):
            for subject in rights.who(making_pods(namespace.name)) - owners:
                found.setdefault(subject, []).append(namespace.name)
        if found:
            who = listed(f"{subject} in {listed(names, 2)}" for subject, names in found.items())
            told = f"is met by pods that others may create: {who}"
            yield of_rule(
                "door-by-pod",
                policy,
                rule,
                told,
                part=peer,
                subjects=listed(found),
                labels=_written(labels),
            )


def _of_namespaces(facts: Facts, rights: Rights, policy: Policy, rule: Rule) -> Iterator[Finding]:
    owners = rights.owners(policy)
    for peer in pod_peers(rule):
        if peer.namespaces == EVERYTHING:
            continue
        found: dict[str, list[str]] = {}
        shown: Labels | None = None
        for name, labels in _relabelled(facts.cluster.snapshot.namespaces.values(), peer.namespaces):
            for subject in rights.who(labelling(name)) - owners:
                found.setdefault(subject, []).append(name or "a new one")
                shown = shown or labels
        if shown is not None:
            who = listed(f"{subject}: {listed(names, 2)}" for subject, names in found.items())
            yield of_rule(
                "door-by-namespace",
                policy,
                rule,
                f"is met by namespaces that others may label: {who}",
                part=peer,
                subjects=listed(found),
                labels=_written(shown),
            )


def _relabelled(existing: Iterable[Namespace], spaces: Selector) -> Iterator[tuple[str | None, Labels]]:
    """Yield the namespaces that a selector does not mean and other labels would make it mean, with these; None: new.

    The name is a label that nobody can set (S2.5).
    """
    named = [each for each in spaces.requirements if each.key == NAME_LABEL]
    free = [each for each in spaces.requirements if each.key != NAME_LABEL]
    labels = example(Selector.of(free))
    if labels is None:
        return
    known = tuple(existing)
    for namespace in known if free else ():
        if selects(Selector.of(named), namespace.labels) and not selects(spaces, namespace.labels):
            yield namespace.name, labels
    others = Requirement(NAME_LABEL, Operator.NOT_IN, tuple(sorted(namespace.name for namespace in known)))
    name = example(Selector.of([*named, others, Requirement(NAME_LABEL, Operator.EXISTS)]))
    if name is not None:
        yield None, {**labels, **(name if named else {})}


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
