"""What a pod and its containers give to who runs code in them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product

from netsim.graph.catalogue import catalogue
from netsim.graph.horn import Rule
from netsim.graph.pods import Container, Fact, PodFacts, token_account
from netsim.graph.world import ETCD_KEY, UNKNOWN_NODE, World
from netsim.ir.attack import Certainty, Guard, StepKind

#: The facts that hold of nearly every container: to say that they do explains nothing.
_USUAL = frozenset({"root", "user-namespace:host"})


def pod_rules(facts: PodFacts) -> Iterator[Rule]:
    """Yield the containers that whoever takes a pod runs code in."""
    for container in facts.containers:
        if container.runs:
            yield Rule(f"container:{facts.name}/{container.name}", (f"pod:{facts.name}",))
    if not facts.containers:  # a kind whose pods nobody knows the containers of
        yield Rule(f"net:{facts.name}", (f"pod:{facts.name}",))


def container_rules(world: World, fact: str, rest: str) -> Iterator[Rule]:
    """Yield what follows from running code in a container, by its vertex."""
    name, _, own = rest.rpartition("/")
    facts = world.pods.get(name)
    container = next((each for each in facts.containers if each.name == own), None) if facts else None
    if facts is None or container is None:
        return
    here = (fact,)
    yield Rule(f"net:{name}", here)
    for kind in _kinds():
        for chosen in _satisfied(kind, container):
            yield from _taken(world, kind, facts, here, chosen)
    yield from _neighbours(facts, container, here)
    yield from _credentials(facts, container, here)
    flaws = world.objects.flaws(facts.pod.node or "")
    if flaws:
        yield Rule(f"flaw:{facts.pod.node}", here, "esc.cve", Certainty.EXPLOIT, because=flaws)


@cache
def _kinds() -> tuple[StepKind, ...]:
    """Return the steps that rest on named facts of a container alone."""
    special = ("ctr.shared-pid", "esc.cve")
    return tuple(
        kind
        for kind in catalogue().kinds.values()
        if kind.source == "container"
        and kind.needs
        and kind.id not in special
        and not kind.id.startswith(("tok.", "cred."))
    )


def _satisfied(kind: StepKind, container: Container) -> Iterator[tuple[Fact, ...]]:
    """Yield the facts of each way in which a container has all that a step needs."""
    options = []
    for need in kind.needs:
        found = [fact for name in need.split("|") for fact in container.facts.get(name, ())]
        if not found:
            return
        options.append(found if len(found) < 4 else found[:4])
    yield from product(*options)


def _taken(
    world: World, kind: StepKind, facts: PodFacts, here: tuple[str, ...], chosen: Sequence[Fact]
) -> Iterator[Rule]:
    sure = all(fact.sure for fact in chosen) and not facts.runtime_class
    certainty = kind.certainty if sure else max(kind.certainty, Certainty.LIKELY)
    telling = [fact for fact in chosen if fact.name not in _USUAL] or list(chosen)
    guards = tuple(
        dict.fromkeys(Guard("pod", facts.owner, fact.setting, facts.place) for fact in telling if fact.setting)
    )
    because = tuple(dict.fromkeys(fact.why or fact.setting for fact in telling))
    gate = (f"may.logs:{facts.name}",) if kind.id == "esc.varlog-symlink" else ()
    for head in _targets(world, kind, facts):
        yield Rule(head, here, kind.id, certainty, guards, because, gate)
    if kind.id == "esc.host-read" and world.runs_etcd(facts.pod.node):
        yield Rule(ETCD_KEY, here, "", certainty, guards, because)


def _targets(world: World, kind: StepKind, facts: PodFacts) -> Iterable[str]:
    node = facts.pod.node or UNKNOWN_NODE
    match kind.target:
        case "account":
            return tuple(
                f"sa:{world.pods[other].pod.namespace}/{account}"
                for other in world.by_node.get(node, (facts.name,))
                for account in token_account(world.pods[other])
            )
        case "node-processes":
            return (f"processes:{node}",)
        case "node-services":
            return (f"nodeservices:{node}",)
        case "traffic":
            return (f"traffic:{node}",)
        case _:
            return (f"node:{node}",)


def _neighbours(facts: PodFacts, container: Container, here: tuple[str, ...]) -> Iterator[Rule]:
    guard = Guard("pod", facts.owner, "shareProcessNamespace", facts.place)
    for other in facts.containers:
        shared = facts.shared_pid and container.runs and other.runs
        aimed = other.name == container.target or container.name == other.target
        if other.name != container.name and (shared or aimed):
            guards = (guard,) if shared else ()
            yield Rule(f"container:{facts.name}/{other.name}", here, "ctr.shared-pid", guards=guards)


def _credentials(facts: PodFacts, container: Container, here: tuple[str, ...]) -> Iterator[Rule]:
    space = facts.pod.namespace
    for held in container.held:
        guard = Guard("pod", facts.owner, held.setting, held.place)
        head = f"external:{held.what}" if held.step == "tok.audience" else f"sa:{space}/{held.what}"
        yield Rule(head, here, held.step, guards=(guard,), because=(held.setting,))
    for secret in container.secrets:
        guard = Guard("pod", facts.owner, f"Secret {secret}", facts.place)
        yield Rule(f"secret:{space}/{secret}", here, "cred.secret-use", guards=(guard,))
