"""What the questions about attacks share: where somebody starts, what he is after, what is assumed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, NotRequired, TypedDict

from netsim.access import Identity
from netsim.cluster import Compiled
from netsim.errors import UnknownPeerError, UsageError
from netsim.graph.catalogue import catalogue
from netsim.graph.expand import Expansion
from netsim.graph.groups import secrets
from netsim.graph.horn import Closure, Fact, Limits, Rule, closure
from netsim.graph.vertices import SHOWN, kind_of
from netsim.graph.world import UNKNOWN_NODE, Entry, World
from netsim.ir.access import Request
from netsim.ir.attack import CERTAINTIES, Certainty, Guard, Severity, Step
from netsim.ir.audit import AuditLevel, AuditPolicy, AuditRequest
from netsim.ir.objects import Pod
from netsim.ir.shapes import EndsShape, PlaceShape
from netsim.posture.auditcover import forms_of
from netsim.posture.auditpolicy import policy_of, recorded
from netsim.queries.entries import WayIn, Ways
from netsim.queries.peers import choose

#: The annotation that marks a crown jewel: a pod, a workload, a namespace, a Secret.
JEWEL = "netsim.dev/crown-jewel"

#: Goals of which there is one.
_SINGLE = ("cluster-admin", "etcd", "cluster", "metadata", "connections", "apiserver")
_LEVELS = {"certain": Certainty.CERTAIN, "likely": Certainty.LIKELY, "exploit": Certainty.EXPLOIT}


def world_of(cluster: Compiled) -> World:
    """Return the cluster as an attacker sees it, with its ways in from outside."""
    world = cluster.attack
    if world.entries is tuple:
        found: list[tuple[Entry, ...]] = []

        def entries() -> Sequence[Entry]:
            if not found:
                found.append(tuple(_entries(cluster)))
            return found[0]

        world.entries = entries
    return world


def _entries(cluster: Compiled) -> Iterable[Entry]:
    """Yield the ways in, one for each port that is open, with the pods that policies let be reached by it."""
    ways = Ways(cluster, by_pod=True)
    numbers = {cluster.attack.vertex(n).partition(":")[2]: n for n in cluster.attack.by_number}
    merged: dict[str, tuple[dict[int, bool], tuple[str, ...], tuple[Guard, ...]]] = {}
    for row in ways.rows():
        number = numbers.get(row.destination)
        if row.allowed is False or number is None:
            continue
        for vertex in _opened(cluster, row, number):
            pods, because, guards = merged.get(vertex, ({}, (), ()))
            pods[number] = pods.get(number, False) or row.allowed is True
            guard = Guard("service", f"{row.kind} {row.name}", "", row.place)
            merged[vertex] = (pods, (*because, f"{row.kind} {row.name}: {row.via}"), (*guards, guard))
    for vertex, (pods, because, guards) in sorted(merged.items()):
        own = tuple(dict.fromkeys(guards))
        # Where several objects open one port, to change one of them closes nothing.
        yield Entry(vertex, tuple(sorted(pods.items())), tuple(dict.fromkeys(because)), own if len(own) == 1 else ())


def _opened(cluster: Compiled, row: WayIn, number: int) -> Iterable[str]:
    """Yield the vertices by which a way in leads to a pod: a Service's port, or ports of its node."""
    if row.opened:
        return (f"service:{row.opened}",)
    pod = cluster.attack.by_number[number].pod
    node = pod.node or UNKNOWN_NODE
    return (
        f"hostport:{node}:{port.number if pod.host_network else port.host_port}/{port.protocol}"
        for port in pod.ports
        if (pod.host_network or port.host_port) and (port.protocol, port.number) in row.traffic
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A start, or a goal: what was asked, and the facts that it means.

    Attributes:
        facts: Each a start by itself, or as a goal enough by itself.
        together: What is enough for a goal, all of it.
    """

    text: str
    facts: tuple[Fact, ...]
    together: tuple[Fact, ...] = ()


def start_of(cluster: Compiled, text: str) -> Asked:
    """Return where an attacker starts: a pod, a workload, an account, a user, a node, ``internet``.

    Raises:
        UnknownPeerError: It names nothing.
        UsageError: It is nothing that anybody can hold.
    """
    world = world_of(cluster)
    text = text.strip()
    if text == "internet":
        return Asked(text, ("internet",))
    if text.startswith("node:"):
        _known_node(world, text)
        return Asked(text, (text,))
    if text.startswith(("sa:", "user:", "group:")):
        if world.subject(text) not in world.access.subjects and not _is_account(world, text):
            raise UnknownPeerError(
                f"no binding and no account names `{text}`", hint="`netsim who-can` lists who is named"
            )
        return Asked(text, (text, "apiserver"))
    if text.startswith("container:"):
        return Asked(text, (text,))
    return Asked(text, _pods(cluster, text.removeprefix("pod:")))


def _known_node(world: World, text: str) -> None:
    name = text.removeprefix("node:")
    if name not in world.nodes and name not in world.by_node:
        known = ", ".join(sorted(world.nodes)[:5]) or "none"
        raise UnknownPeerError(f"there is no node `{name}`", hint=f"the input holds {known}")


def _is_account(world: World, text: str) -> bool:
    namespace, _, name = text.removeprefix("sa:").partition("/")
    return name in world.account_names.get(namespace, ())


def _pods(cluster: Compiled, text: str) -> tuple[Fact, ...]:
    chosen = choose(text, cluster)
    world = cluster.attack
    pods = [n for n in chosen.endpoints if isinstance(cluster.program.endpoints[n], Pod)]
    nodes = [n for n in chosen.endpoints if n not in pods]
    if not pods and not nodes:
        hint = "name a pod, a workload, sa:NS/NAME, user:NAME, node:NAME or internet"
        raise UsageError(f"`{text}` is nothing that somebody could take", hint=hint)
    names = {number: name for name, number in world.node_numbers.items()}
    return (*(world.vertex(n) for n in pods), *(f"node:{names[n]}" for n in nodes))


def goal_of(cluster: Compiled, text: str) -> Asked:
    """Return what an attacker is after.

    ``cluster-admin``, ``node`` (any), ``node:NAME``, ``etcd``, ``secret:NS/NAME``, ``secrets:NS`` (any of a namespace),
    ``all-secrets``, ``namespace-admin:NS``, ``crown-jewels``, an account, a pod or a workload.

    Raises:
        UnknownPeerError: It names nothing.
    """
    world = world_of(cluster)
    text = text.strip()
    if text in ("node", "any-node", "node:*"):
        return Asked(text, tuple(f"node:{name}" for name in dict.fromkeys((*world.node_names, UNKNOWN_NODE))))
    if text.startswith("node:"):
        _known_node(world, text)
        return Asked(text, (text,))
    if text == "crown-jewels":
        return Asked(text, tuple(_jewels(world)))
    if text.startswith("namespace-admin:"):
        _known_namespace(world, text)
        return Asked(text, (text, "cluster-admin"))
    if text == "all-secrets":
        return Asked(text, ("secrets@*",), tuple(each for space in world.namespaces for each in secrets(world, space)))
    if text.startswith("secrets:"):
        space = _known_namespace(world, text)
        return Asked(text, (f"secrets@{space}", *secrets(world, space)))
    if text in _SINGLE or (":" in text and kind_of(text) in SHOWN and not text.startswith("pod:")):
        _known(world, text)
        whole = text.startswith("secret:") and not world.secret_names  # any that can be read may be this one
        return Asked(text, (text, f"secrets@{text[7:].partition('/')[0]}") if whole else (text,))
    return Asked(text, _pods(cluster, text.removeprefix("pod:")))


def _known_namespace(world: World, text: str) -> str:
    space = text.partition(":")[2]
    if space not in world.namespaces:
        raise UnknownPeerError(
            f"no object is in a namespace `{space}`", hint=f"the input has {', '.join(world.namespaces) or 'none'}"
        )
    return space


def _known(world: World, text: str) -> None:
    """Refuse a goal that nothing in the input names: that no path leads to it would say nothing."""
    kind, _, name = text.partition(":")
    space, _, own = name.partition("/")
    match kind:
        case "sa" if not _is_account(world, text):
            raise UnknownPeerError(f"there is no account `{name}`", hint="write sa:NAMESPACE/NAME")
        case "user" | "group" if world.subject(text) not in world.access.subjects and not name.startswith("system:"):
            raise UnknownPeerError(f"no binding names `{text}`", hint="`netsim who-can` lists who is named")
        case "secret" if world.secret_names and own not in world.secret_names.get(space, ()):
            hint = f"`secrets:{space}` asks for any of the namespace; a Secret counts without its values, too"
            raise UnknownPeerError(f"the input holds no Secret `{name}`, and no pod names it", hint=hint)
        case "container" if not world.has_container(text):
            raise UnknownPeerError(f"there is no container `{name}`", hint="write container:NAMESPACE/POD/NAME")


def _jewels(world: World) -> Iterable[Fact]:
    marked = [name for name, facts in world.pods.items() if facts.pod.crown_jewel]
    secrets = [
        f"secret:{manifest.namespace or 'default'}/{manifest.name}"
        for manifest in world.objects.of_kind("Secret")
        if ((manifest.body.get("metadata") or {}).get("annotations") or {}).get(JEWEL) == "true"
    ]
    spaces = [f"namespace-admin:{name}" for name, each in world.snapshot.namespaces.items() if each.crown_jewel]
    found = [*(f"pod:{name}" for name in marked), *secrets, *spaces]
    if not found:
        raise UnknownPeerError(
            "nothing in the input is marked as a crown jewel",
            hint=f'annotate workloads, Secrets or namespaces with {JEWEL}: "true"',
        )
    return found


def level_of(text: str) -> Certainty:
    """Return a level of certainty by its name.

    Raises:
        UsageError: There is no such level.
    """
    if text not in _LEVELS:
        raise UsageError(f"there is no level `{text}`", hint=f"take {', '.join(_LEVELS)}")
    return _LEVELS[text]


def run(world: World, start: Asked, limits: Limits, goal: Asked | None = None) -> Closure:
    """Return all that follows from a start; with a goal, until it holds, as the fact ``goal``."""
    expand = Expansion(world, exploits=limits.certainty is Certainty.EXPLOIT)
    ends = {fact: Rule("goal", (fact,)) for fact in goal.facts} if goal else {}
    if goal and goal.together:
        ends.setdefault(goal.together[0], Rule("goal", goal.together))

    def rules(fact: Fact) -> Iterable[Rule]:
        own = expand(fact)
        return (*own, ends[fact]) if fact in ends else own

    return closure(start.facts, rules, limits)


@dataclass(slots=True)
class Detection:
    """What an audit policy says of the requests of steps; without one, nothing is known."""

    policies: tuple[AuditPolicy, ...]
    world: World

    @staticmethod
    def of(world: World) -> "Detection":
        """Return what the policies of the input say."""
        return Detection(tuple(policy_of(manifest.body) for manifest in world.objects.audit_policies), world)

    def level(self, step: Step) -> str | None:
        """Return the level at which a step is logged: the highest that any of its requests has; None if not asked.

        A request that may look otherwise, as a session over WebSocket, has the level of its quietest form.
        """
        if not self.policies or catalogue().kinds[step.id].source != "subject":
            return None
        caller = self.world.caller(step.source)
        if caller is None:
            return None
        if not step.asked:
            return AuditLevel.NONE.label if _past_the_server(step) else None
        levels = [
            min(recorded(policy, seen(caller, form)).level for form in forms_of(request))
            for policy in self.policies
            for request in step.asked
        ]
        return max(levels).label


def _past_the_server(step: Step) -> bool:
    """Return whether a step without a request to the API server asks a kubelet, which writes no audit log."""
    return any("via kubelet" in text for move in catalogue().kinds[step.id].moves for text in move)


def seen(caller: Identity, request: Request) -> AuditRequest:
    """Return what the audit log sees of a request."""
    return AuditRequest(
        user=caller.user,
        groups=caller.groups,
        verb=request.verb,
        group=request.group,
        resource=request.resource,
        subresource=request.subresource,
        namespace=request.namespace,
        name=request.name,
    )


def assumptions(world: World, steps: Collection[Step]) -> tuple[str, ...]:
    """Return what the proofs take for granted, as texts; sorted."""
    found = set()
    ids = {step.id for step in steps}
    if any(step.certainty is Certainty.LIKELY for step in steps):
        found.add(
            "likely steps: containers run as root where nothing else is said, "
            "and files of nodes lie where they usually do"
        )
    if any(step.certainty is Certainty.EXPLOIT for step in steps):
        found.add(
            "steps that need an exploit: whatever listens on a declared port that may be connected to can be taken"
        )
    if ids and not world.objects.api_endpoints:
        found.add(
            "the input holds no endpoints of default/kubernetes: the API server was taken to be in reach "
            "of whoever may open TCP 443 or 6443 to some address"
        )
    if world.release is None and any(".pod-exec" in each or ".pod-attach" in each for each in ids):
        found.add(
            "the release of Kubernetes is not known: rights that count before 1.35 alone were counted "
            "(--kubernetes says which it is)"
        )
    closed = [each for each in sorted({step.target for step in steps}) if world.kubeconfigs.get(each) == ()]
    if closed:
        found.add(f"whom a kubeconfig names is not known, and was left out: {', '.join(closed)}")
    bare = sum(facts.pod.node is None for facts in world.pods.values())
    if bare:
        found.add(
            f"{bare} {'pod names' if bare == 1 else 'pods name'} no node: what it runs on is called node:(unknown)"
        )
    if any(each.startswith("rbac.relabel") or each == "rbac.netpol-write" for each in ids):
        found.add("labels and policies that can be changed were taken to be changed to whatever opens the most")
    if "rbac.workload-node" in ids:
        found.add(
            "admission beside Pod Security and the policies of the input was not looked at, nor what mutates objects"
            if world.creations.policies
            else "admission beside Pod Security was not looked at: the input holds no policy that refuses"
        )
    return tuple(sorted(found))


class GuardShape(PlaceShape):
    """What can be changed so that a step is gone; ``setting`` is null for the whole object."""

    kind: str
    object: str
    setting: str | None


_NumberedShape = TypedDict("_NumberedShape", {"step": NotRequired[int], "with": list[str]})


class AttackStepShape(EndsShape, _NumberedShape):
    """One attack move, with its number where others refer to it, and the audit level at which it is recorded."""

    id: str
    title: str
    certainty: Annotated[str, CERTAINTIES]
    severity: Annotated[str, Severity]
    mitre: list[str]
    mitigation: str
    guards: list[GuardShape]
    because: list[str]
    logged: NotRequired[str]


def steps_dict(step: Step, logged: str | None, number: int | None = None) -> AttackStepShape:
    """Return a step as JSON values."""
    kind = catalogue().kinds[step.id]
    told: AttackStepShape = {
        "id": step.id,
        "title": kind.title,
        "from": step.source,
        "to": step.target,
        "with": list(step.with_),
        "certainty": step.certainty.name.lower(),
        "severity": kind.severity.value,
        "mitre": list(kind.mitre),
        "mitigation": kind.mitigation,
        "guards": [guard_dict(guard) for guard in step.guards],
        "because": list(step.because),
    }
    if logged is not None:
        told["logged"] = logged
    return told if number is None else {"step": number, **told}


def guard_dict(guard: Guard) -> GuardShape:
    """Return what can be changed as JSON values."""
    return {
        "kind": guard.kind,
        "object": guard.object,
        "setting": guard.setting or None,
        "file": guard.place.file,
        "line": guard.place.line or None,
    }
