"""The rules that follow from each fact, made when a closure asks for them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from netsim.graph import acting, rbac
from netsim.graph.containers import container_rules, pod_rules
from netsim.graph.horn import Fact, Rule
from netsim.graph.nodes import node_rules
from netsim.graph.pods import PodFacts
from netsim.graph.relaxed import Changed
from netsim.graph.world import ADMIN, API, CONTROLLER, ETCD_KEY, MASTERS, World
from netsim.ir.attack import Certainty, Guard

#: The facts whose rules hang on what a closure has told already, or is told from outside.
_OF_RUN = frozenset({"at", "internet", "service", "hostport", "podport"})

#: The facts that change what can be connected to, or that nothing has to be connected to any more.
_CHANGES = frozenset({"net", "relabel", "netpol", "podlabels", "pod"})


@dataclass(slots=True)
class Expansion:
    """The rules of one closure: pods that one class may connect to are not told again of another.

    ``whole`` tells them again, where every rule is wanted. Without ``exploits`` no connection is a way.
    """

    world: World
    whole: bool = False
    exploits: bool = True
    _left: set[int] = field(init=False)
    _nodes: set[str] = field(init=False)
    _changed: Changed = field(init=False)

    def __post_init__(self) -> None:
        self._left = set(range(len(self.world.network.units)))
        self._nodes = set(self.world.nodes)
        self._changed = Changed(self.world)

    def __call__(self, fact: Fact) -> Iterable[Rule]:
        """Return the rules of which a fact is the first premise, or by then the last."""
        kind, _, rest = fact.partition(":")
        own = self._of(fact, kind, rest) if kind in _OF_RUN else self._kept(fact, kind, rest)
        if kind in _CHANGES and self.exploits and not self.whole:
            return (*own, *self._opened(fact))
        return own

    def _kept(self, fact: Fact, kind: str, rest: str) -> Iterable[Rule]:
        """Return rules that are the same in every closure: they are made once."""
        known = self.world.made.get(fact)
        if known is None:
            known = self.world.made[fact] = tuple(self._of(fact, kind, rest))
        return known

    def _opened(self, fact: Fact) -> Iterator[Rule]:
        """Yield the pods that are open once what can be changed is changed."""
        for number, premises in self._changed.learn(fact):
            facts = self.world.by_number[number]
            guard = Guard("policy", facts.owner, "ingress", facts.pod.place)
            yield Rule(self.world.vertex(number), premises, "net.pod", Certainty.EXPLOIT, (guard,))

    def _of(self, fact: Fact, kind: str, rest: str) -> Iterable[Rule]:
        world = self.world
        match kind:
            case "pod":
                return pod_rules(world.pods[rest]) if rest in world.pods else ()
            case "container":
                return container_rules(world, fact, rest)
            case "net":
                return _stands(world, rest)
            case "at":
                return self._connects(int(rest), fact)
            case "node":
                return (*node_rules(world, rest), *_node_asks(world, fact, rest))
            case "sa" | "user" | "group":
                return _acts(world, fact)
            case "role" | "clusterrole":
                return rbac.of_gained(world, fact)
            case _:
                return self._of_rest(fact, kind)

    def _of_rest(self, fact: Fact, kind: str) -> Iterable[Rule]:
        match kind:
            case "internet":
                return self._enters()
            case "service" | "hostport" | "podport":
                return self._behind(fact)
            case "cluster-admin":
                return tuple(Rule(head, (fact,)) for head in (MASTERS, "etcd", API))
            case "rights":
                return (*rbac.rules_of(self.world, fact), *acting.rules_of(self.world, fact))
            case "etcd":
                return (Rule("secrets@*", (fact,)),)
            case "secret":
                return _told(self.world, fact)
            case _:
                return rbac.rules_of(self.world, fact)

    def _connects(self, member: int, fact: Fact) -> Iterator[Rule]:
        world = self.world
        for number, sure in list(world.network.opened(member, self._left)) if self.exploits else ():
            if sure and not self.whole:
                self._left.discard(number)
            for endpoint in world.network.units[number].endpoints:
                owner = world.by_number[endpoint].owner
                yield Rule(
                    world.vertex(endpoint),
                    (fact,),
                    "net.pod",
                    Certainty.EXPLOIT,
                    (Guard("policy", owner, "ingress", world.by_number[endpoint].pod.place),),
                )
        for name, sure in world.network.kubelets(member, self._nodes):
            if sure and not self.whole:
                self._nodes.discard(name)
            yield Rule(f"kubelet:{name}", (fact,), "net.kubelet", Certainty.CERTAIN if sure else Certainty.LIKELY)

    def _enters(self) -> Iterator[Rule]:
        for entry in self.world.entries():
            if entry.endpoints:
                yield Rule(entry.vertex, ("internet",), "net.external", Certainty.CERTAIN, entry.guards, entry.because)

    def _behind(self, fact: Fact) -> Iterator[Rule]:
        step = {"service": "net.service", "hostport": "net.hostport", "podport": "net.podport"}[fact.partition(":")[0]]
        for entry in self.world.entries():
            if entry.vertex != fact:
                continue
            for endpoint, _ in entry.endpoints:
                owner = self.world.by_number[endpoint].owner
                guard = Guard("policy", owner, "ingress", self.world.by_number[endpoint].pod.place)
                yield Rule(self.world.vertex(endpoint), (fact,), step, Certainty.EXPLOIT, (guard,))


def _stands(world: World, name: str) -> Iterator[Rule]:
    """Yield what follows from running code in the network of a pod."""
    facts = world.pods[name]
    member = world.program.class_of[facts.number]
    here = f"net:{name}"
    yield Rule(f"at:{member}", (here,))
    answer = world.reaches_api(member)
    if answer is not False:
        guards = () if facts.pod.host_network else (_egress(facts),)
        yield Rule(API, (here,), "net.apiserver", Certainty.CERTAIN if answer else Certainty.LIKELY, guards)
    own = () if facts.pod.host_network else (_egress(facts),)
    yield from _asks_etcd(world, here, member, own)
    if world.reaches_metadata(member) is not False:
        # A limit of one hop, which is the cloud's setting and in no manifest, stops what is not in the node's network.
        sure = world.objects.cloud and facts.pod.host_network
        yield Rule("metadata", (here,), "net.metadata", Certainty.CERTAIN if sure else Certainty.LIKELY, own)


def _node_asks(world: World, fact: Fact, name: str) -> Iterator[Rule]:
    number = world.node_numbers.get(name)
    if number is None:
        return
    yield from _asks_etcd(world, fact, world.program.class_of[number], ())
    yield Rule("metadata", (fact,), "net.metadata", Certainty.CERTAIN if world.objects.cloud else Certainty.LIKELY)


def _egress(facts: PodFacts) -> Guard:
    return Guard("policy", facts.owner, "egress", facts.pod.place)


def _told(world: World, secret: Fact) -> Iterator[Rule]:
    """Yield what a Secret says: the key of a client of etcd, or whom a kubeconfig names."""
    space, _, name = secret.partition(":")[2].partition("/")
    if (space, name) in world.store.secrets:
        yield Rule(ETCD_KEY, (secret,))
    for identity in world.kubeconfigs.get(secret, ()):
        guard = Guard("secret", f"Secret {space}/{name}", "kubeconfig", world.objects.place("Secret", space, name))
        yield Rule(identity, (secret,), "cred.kubeconfig", Certainty.LIKELY, (guard,))


def _asks_etcd(world: World, here: Fact, member: int, guards: tuple[Guard, ...]) -> Iterator[Rule]:
    """Yield that etcd is read from where somebody stands: with a certificate, or without where none is asked for."""
    answer = world.reaches_etcd(member)
    if answer is False:
        return
    yield Rule("etcd", (here,), "net.etcd", Certainty.LIKELY, guards, gate=(ETCD_KEY,))
    sure = Certainty.CERTAIN if answer else Certainty.LIKELY
    for setting in world.store.open:
        yield Rule("etcd", (here,), "net.etcd", sure, (*guards, setting), ("etcd asks for no certificate",))


def _acts(world: World, fact: Fact) -> Iterator[Rule]:
    """Yield what follows from being a subject: its rights, where the API server can be reached."""
    caller = world.caller(fact)
    if caller is None:
        return
    profile = world.profiles.of(caller)
    if profile.scopes:
        yield Rule(f"rights:{profile.key}", (fact,), gate=(API,))
    if fact == "sa:{}/{}".format(*CONTROLLER):
        yield Rule(ADMIN, (fact,), "rbac.controller-account", Certainty.LIKELY, gate=(API,))
    for role, guard in world.cloud_roles.get(fact, ()):
        yield Rule(f"cloud:{role}", (fact,), "cred.cloud", Certainty.LIKELY, (guard,))
