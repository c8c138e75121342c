"""Every single step, from each vertex by itself: whether anything leads there or not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from netsim.graph.catalogue import catalogue
from netsim.graph.expand import Expansion
from netsim.graph.horn import Fact, Limits, Rule, closure
from netsim.graph.proofs import placed
from netsim.graph.vertices import is_shown, kind_of, shown
from netsim.graph.world import API, ETCD_KEY, World
from netsim.ir.access import SubjectKind
from netsim.ir.attack import Certainty, Guard, Step

#: Facts that a step of one subject may need and that are not its own doing.
_ASSUMED = (API,)


@dataclass(slots=True)
class Listing:
    """The steps of one world, source by source; used once, then dropped."""

    world: World
    _expand: Expansion = field(init=False)

    def __post_init__(self) -> None:
        self._expand = Expansion(self.world, whole=True)

    def all(self, *, connections: bool = True) -> Iterator[Step]:
        """Yield every step; without ``connections``, none from pod to pod, of which there may be very many."""
        for entry in self.world.entries():
            if entry.endpoints:
                yield Step(
                    id="net.external",
                    source="internet",
                    target=entry.vertex,
                    certainty=self._certainty("net.external"),
                    guards=entry.guards,
                    because=entry.because,
                )
        yield from self._of_services()
        for name in self.world.pods:
            yield from self._of_pod(name, connections=connections)
        yield from self.held()

    def held(self) -> Iterator[Step]:
        """Yield every step of who or what holds something, none of them over the network."""
        for name, facts in self.world.pods.items():
            for container in facts.containers:
                yield from self._of_container(f"container:{name}/{container.name}")
        for name in self.world.node_names:
            yield from self._of_node(f"node:{name}")
        for secret in self.world.kubeconfigs:
            yield from self._steps(secret, [rule for rule in self._expand(secret) if rule.kind])
        for subject in self.subjects():
            yield from self.of_subject(subject)

    def _certainty(self, step: str) -> Certainty:
        return catalogue().kinds[step].certainty

    def subjects(self) -> Iterator[Fact]:
        """Yield every account, user and group that the input names, as facts; sorted."""
        accounts = (f"sa:{space}/{name}" for space, names in self.world.account_names.items() for name in names)
        yield from sorted(accounts)
        for subject in self.world.access.subjects:
            match subject.kind:
                case SubjectKind.USER:
                    yield f"user:{subject.name}"
                case SubjectKind.GROUP:
                    yield f"group:{subject.name}"
                case SubjectKind.ACCOUNT:
                    continue

    def of_subject(self, fact: Fact) -> Iterator[Step]:
        """Yield the steps that a subject may take by its rights alone."""
        yield from self._bound(fact)
        rules = [rule for rule in self._expand(fact) if not rule.kind]
        yield from self._steps(fact, [rule for rule in self._expand(fact) if rule.kind])
        for rule in rules:
            yield from self._steps(fact, self._held([rule.head, *_ASSUMED, *self._kubelets()]))

    def _kubelets(self) -> Iterator[Fact]:
        yield from (f"kubelet:{name}" for name in self.world.node_names)

    def _bound(self, fact: Fact) -> Iterator[Step]:
        caller = self.world.caller(fact)
        found = self.world.access.bindings_of(caller) if caller and not caller.master else ()
        for _, binding, role in found:
            if binding.shipped:
                continue
            scope = f"@{binding.namespace}" if binding.namespace else ""
            target = f"role:{role.namespace}/{role.name}" if role.namespace else f"clusterrole:{role.name}{scope}"
            yield Step(
                id="rbac.bound",
                source=fact,
                target=target,
                certainty=self._certainty("rbac.bound"),
                guards=(Guard("binding", str(binding), place=binding.place),),
                because=(str(binding),),
            )

    def _held(self, given: Iterable[Fact]) -> list[Rule]:
        """Return the steps that follow from some facts, without going on from what they lead to."""
        met: list[Rule] = []
        start = list(given)

        def inner(fact: Fact) -> Iterable[Rule]:
            if is_shown(fact):
                return ()
            own = list(self._expand(fact))
            met.extend(rule for rule in own if rule.kind)
            return own

        found = closure(start, inner, Limits())
        return [rule for rule in met if all(premise in found for premise in rule.premises)]

    def _steps(self, source: Fact, rules: Iterable[Rule]) -> Iterator[Step]:
        for rule in rules:
            for target in self._vertices(rule.head):
                yield Step(
                    id=rule.kind,
                    source=shown(source),
                    target=shown(target),
                    certainty=rule.certainty,
                    guards=rule.guards,
                    because=rule.because,
                    asked=tuple(placed(each, shown(target)) for each in rule.asked),
                )

    def _vertices(self, head: Fact) -> Iterator[Fact]:
        """Yield the vertices that a head stands for."""
        todo, seen = [head], {head}
        while todo:
            fact = todo.pop()
            if is_shown(fact):
                yield fact
                continue
            for rule in self._expand(fact):
                if not rule.kind and rule.head not in seen:
                    seen.add(rule.head)
                    todo.append(rule.head)

    def _of_container(self, fact: Fact) -> Iterator[Step]:
        own = [rule for rule in self._expand(fact) if rule.kind]
        gates = {gate for rule in own for gate in rule.gate} - {API}
        held = self._accounts_rights(own) if gates else frozenset()
        yield from self._steps(fact, [rule for rule in own if not set(rule.gate) - {API} or held.issuperset(rule.gate)])

    def _accounts_rights(self, rules: Iterable[Rule]) -> frozenset[Fact]:
        """Return what the accounts may do whose tokens are in a container."""
        tokens = [rule.head for rule in rules if rule.kind.startswith("tok.") and kind_of(rule.head) == "sa"]
        rights = [rule.head for token in tokens for rule in self._expand(token) if not rule.kind]

        def inner(fact: Fact) -> Iterable[Rule]:
            return () if is_shown(fact) else self._expand(fact)

        return frozenset(closure([*rights, API], inner, Limits()).why)

    def _of_pod(self, name: str, *, connections: bool) -> Iterator[Step]:
        world, fact = self.world, f"pod:{name}"
        number = world.pods[name].number
        member = world.program.class_of[number]
        for rule in (*self._expand(f"net:{name}"), *self._expand(f"at:{member}")):
            if rule.kind and rule.kind != "net.pod" and (ETCD_KEY not in rule.gate or self._opens_etcd(name)):
                yield from self._steps(fact, [rule])
        yield from self._connections(fact, number, member) if connections else ()

    def _opens_etcd(self, name: str) -> bool:
        """Return whether the containers of a pod hold a certificate with which etcd lets them in."""
        own = [f"container:{name}/{container.name}" for container in self.world.pods[name].containers]
        heads = [rule.head for fact in own for rule in self._expand(fact)]
        kept = [fact for fact in heads if kind_of(fact) == "secret"]
        return ETCD_KEY in heads or any(rule.head == ETCD_KEY for fact in kept for rule in self._expand(fact))

    def _connections(self, fact: Fact, number: int, member: int) -> Iterator[Step]:
        world = self.world
        for other, facts in world.by_number.items():
            if other != number and world.network.any_traffic(member, world.program.class_of[other]):
                guard = Guard("policy", facts.owner, "ingress", facts.pod.place)
                yield Step(
                    id="net.pod",
                    source=fact,
                    target=world.vertex(other),
                    certainty=self._certainty("net.pod"),
                    guards=(guard,),
                )

    def _of_services(self) -> Iterator[Step]:
        """Yield the containers behind each port of a Service, and behind the ports of pods and of nodes."""
        for vertex, targets in self.world.services.items():
            for number, protocol, port in targets:
                yield from self._listeners(vertex, "net.service", number, (protocol, port))
        for name, facts in self.world.pods.items():
            for own in facts.pod.ports:
                flow = (own.protocol.value, own.number)
                yield from self._listeners(f"podport:{name}:{flow[1]}/{flow[0]}", "net.podport", facts.number, flow)
                if own.host_port and facts.pod.node:
                    vertex = f"hostport:{facts.pod.node}:{own.host_port}/{flow[0]}"
                    yield from self._listeners(vertex, "net.hostport", facts.number, flow)

    def _listeners(self, vertex: Fact, step: str, number: int, flow: tuple[str, int]) -> Iterator[Step]:
        facts = self.world.by_number[number]
        name = self.world.vertex(number).partition(":")[2]
        declaring = [container for container in facts.containers if flow in container.ports]
        for container in declaring or [each for each in facts.containers if each.runs]:
            guard = Guard("policy", facts.owner, "ingress", facts.pod.place)
            yield Step(
                id=step,
                source=vertex,
                target=f"container:{name}/{container.name}",
                certainty=self._certainty(step),
                guards=(guard,),
            )

    def _of_node(self, fact: Fact) -> Iterator[Step]:
        yield from self._steps(fact, [rule for rule in self._expand(fact) if rule.kind])
