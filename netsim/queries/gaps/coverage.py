"""Who is left out: pods and namespaces that no policy restricts."""

from collections.abc import Iterator

from netsim.ir.finding import Finding
from netsim.ir.labels import EVERYTHING
from netsim.ir.place import Place
from netsim.ir.policy import Direction, Policy
from netsim.queries.gaps.facts import Facts, finding, listed, restricting
from netsim.spec.labels import selects


def coverage(facts: Facts) -> Iterator[Finding]:
    """Yield what is wrong with the policies of each namespace that has pods."""
    for name in facts.by_namespace:
        yield from _namespace(facts, name)


def _namespace(facts: Facts, name: str) -> Iterator[Finding]:
    numbers = facts.by_namespace[name]
    labels = facts.cluster.snapshot.namespaces[name].labels
    here = [p for p in facts.cluster.snapshot.policies if selects(p.subject.namespaces, labels)]
    restricted = {
        direction: [number for number in numbers if number in facts.isolating[direction]] for direction in Direction
    }
    place = facts.cluster.snapshot.namespaces[name].place
    if any(restricted.values()):
        yield from _pods(facts, numbers, restricted)
    spoken = {direction for policy in here for direction in restricting(policy)}
    if Direction.INGRESS not in spoken and Direction.EGRESS in spoken:
        yield _about(name, place, "ingress-open", "no policy restricts what its pods accept")
    elif not any(_is_default(policy, Direction.INGRESS) for policy in here):
        told = "no policy selects every pod for ingress" if spoken else "it has no policy"
        yield _about(name, place, "no-default-deny", told)
    if Direction.EGRESS not in spoken and Direction.INGRESS in spoken:
        yield _about(name, place, "egress-open", "no policy restricts what its pods open")


def _is_default(policy: Policy, direction: Direction) -> bool:
    return direction in restricting(policy) and policy.subject.pods == EVERYTHING


def _about(name: str, place: Place, check: str, message: str) -> Finding:
    return finding(check, about=f"Namespace {name}", place=place, message=message)


def _pods(facts: Facts, numbers: list[int], restricted: dict[Direction, list[int]]) -> Iterator[Finding]:
    """Yield the pods that policies of their namespace leave out, by workload."""
    left: dict[tuple[str, str], list[int]] = {}
    for number in numbers:
        free = [direction for direction in Direction if number not in restricted[direction]]
        spoken = [direction for direction in free if restricted[direction]]
        workload = str(facts.pods[number].workload)
        if len(free) == len(Direction):
            left.setdefault(("pod-unprotected", workload), []).append(number)
        elif spoken:
            left.setdefault((spoken[0].value, workload), []).append(number)
    for (check, _), own in left.items():
        pod = facts.pods[own[0]]
        about = f"{pod.workload.kind} {pod.workload.namespace}/{pod.workload.name}"
        evidence = (("pods", listed(str(facts.pods[number]) for number in own)),)
        if check == "pod-unprotected":
            message = "no policy selects it, in any direction"
            yield finding(check, about=about, place=pod.place, message=message, evidence=evidence)
        else:
            message = f"no policy restricts its {check}, as others do that of its neighbours"
            yield finding(
                "pod-half-protected", about=about, place=pod.place, message=message, evidence=evidence, identity=check
            )
