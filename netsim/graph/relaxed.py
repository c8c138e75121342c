"""What could be connected to if somebody changed labels or policies: more than that may hold, never less.

What an attacker may change is taken to be as he likes it: labels are chosen to fit the one rule that lets him through,
and policies of a namespace that he may write let everything pass. Tiers above and below NetworkPolicy are taken to pass
what they say nothing of.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from netsim.graph.network import Unit
from netsim.graph.pods import PodFacts
from netsim.graph.world import World
from netsim.ir.labels import EVERYTHING, NAME_LABEL, Operator, Selector
from netsim.ir.objects import Pod
from netsim.ir.policy import Action, AddressPeer, Direction, NamedPort, PodPeer, Rule, Tier
from netsim.ir.policy import Ports as PortRange
from netsim.spec.labels import selects


@dataclass(frozen=True, slots=True)
class Freedom:
    """What of a pod can be changed: the labels of its namespace, its own labels, the policies of its namespace."""

    space: bool = False
    labels: bool = False
    policies: bool = False

    def __bool__(self) -> bool:
        return self.space or self.labels or self.policies


@dataclass(slots=True)
class Relaxed:
    """The relation between pods of which something can be changed; answers are kept in the world, for every closure."""

    world: World

    def opens(self, source: PodFacts, own: Freedom, unit: Unit, other: Freedom) -> bool:
        """Return whether a pod could connect to a declared port of a unit."""
        # No rule tells the pods of one class and namespace apart, whatever their labels are changed to.
        space = self.world.by_number[unit.endpoints[0]].pod.namespace
        key = (*alike(self.world, source), unit.member, space, own, other, unit.ports)
        known = self.world.relaxed
        if key not in known:
            destination = self.world.by_number[unit.endpoints[0]]
            out = self._side(Direction.EGRESS, source, own, destination, other)
            into = self._side(Direction.INGRESS, destination, other, source, own)
            known[key] = any(out(port) and into(port) for port in unit.ports)
        return known[key]

    def _side(self, direction: Direction, subject: PodFacts, own: Freedom, peer: PodFacts, other: Freedom) -> "_Side":
        return _Side(self.world, direction, subject, own, peer, other)


@dataclass(frozen=True, slots=True)
class _Side:
    """One direction: what the subject's policies say of the peer."""

    world: World
    direction: Direction
    subject: PodFacts
    own: Freedom
    peer: PodFacts
    other: Freedom

    def __call__(self, port: tuple[str, int]) -> bool:
        """Return whether a port of the destination could be open."""
        if self.own.policies or self.subject.pod.host_network:
            return True
        rules, isolated = self._rules()
        if not isolated:
            return True
        target = (self.peer if self.direction is Direction.EGRESS else self.subject).pod
        return any(self._matches(rule) and _admits(rule, target, port) for rule in rules)

    def _rules(self) -> tuple[list[Rule], bool]:
        if self.own.labels:
            policies = [
                policy
                for policy in self.world.snapshot.policies
                if policy.namespace == self.subject.pod.namespace and self.direction in policy.isolates
            ]
            rules = [rule for policy in policies for rule in policy.rules if rule.direction is self.direction]
            return rules, any(policy.subject.pods == EVERYTHING for policy in policies)
        program = self.world.program
        member = program.class_of[self.subject.number]
        group = program.groups[self.direction][program.group_of[self.direction][member]]
        allowing = [each.rule for each in group.rules if each.action is Action.ALLOW and each.tier is not Tier.NETWORK]
        return allowing, group.isolated

    def _matches(self, rule: Rule) -> bool:
        return rule.peers is None or any(self._is(peer) for peer in rule.peers)

    def _is(self, peer: object) -> bool:
        pod = self.peer.pod
        match peer:
            case PodPeer():
                space = self.world.snapshot.namespaces[pod.namespace]
                named = {NAME_LABEL: pod.namespace}
                fits = could(peer.namespaces, named) if self.other.space else selects(peer.namespaces, space.labels)
                return fits and (could(peer.pods, {}) if self.other.labels else selects(peer.pods, pod.labels))
            case AddressPeer():
                return any(
                    address in peer.block and not any(address in each for each in peer.excepts)
                    for address in pod.addresses
                    if address.version == peer.block.version
                )
            case _:
                return False


def _admits(rule: Rule, target: Pod, port: tuple[str, int]) -> bool:
    protocol, number = port
    if rule.ports is None:
        return True
    for entry in rule.ports:
        if isinstance(entry, PortRange):
            if entry.protocol.value == protocol and entry.first <= number <= entry.last:
                return True
        elif isinstance(entry, NamedPort) and _named(target, entry.name) == (protocol, number):
            return True
    return False


def _named(target: Pod, name: str) -> tuple[str, int] | None:
    return next(((p.protocol.value, p.number) for p in target.ports if p.name == name), None)


def could(selector: Selector, fixed: dict[str, str]) -> bool:
    """Return whether some labels match a selector, of which these are fixed."""
    by_key: dict[str, list[tuple[Operator, tuple[str, ...]]]] = {}
    for each in selector.requirements:
        by_key.setdefault(each.key, []).append((each.operator, each.values))
    for key, terms in by_key.items():
        choices = [set(v) for op, v in terms if op is Operator.IN]
        values = set.intersection(*choices) if choices else None
        refused = {value for op, v in terms if op is Operator.NOT_IN for value in v}
        absent = any(op is Operator.DOES_NOT_EXIST for op, _ in terms)
        present = values is not None or any(op is Operator.EXISTS for op, _ in terms)
        if key in fixed:
            if absent or (values is not None and fixed[key] not in values) or fixed[key] in refused:
                return False
        elif (absent and present) or (values is not None and not values - refused):
            return False
    return True


#: Pods that are one source: of one class and namespace, with their labels in somebody's hands or not.
_Alike = tuple[int, str, bool]


def alike(world: World, facts: PodFacts) -> tuple[int, str]:
    """Return what pods share that no change tells apart: their class and their namespace."""
    return world.program.class_of[facts.number], facts.pod.namespace


@dataclass(slots=True)
class Changed:
    """What came to hold in one closure: where somebody stands, and what somebody may change.

    Pods that are taken already, and those that were told to be open, are not told again: without this, whoever may
    change everything would open every pod from every other. What is told first is nearest, or nearly so.

    Attributes:
        standing: The first pod of those that are alike.
        taken: The pods that are taken, by number.
    """

    world: World
    standing: dict[_Alike, PodFacts] = field(default_factory=dict)
    here: set[str] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    spaces: set[str] = field(default_factory=set)
    policies: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    _relaxed: Relaxed = field(init=False)
    _left: list[Unit] = field(init=False)

    def __post_init__(self) -> None:
        self._relaxed = Relaxed(self.world)
        self._left = list(self.world.units)

    def learn(self, fact: str) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Take in a fact; yield the pods that are open because of it, by number, with all that this needs."""
        kind, _, rest = fact.partition(":")
        sources: Collection[_Alike] = self.standing
        aimed = ""
        match kind:
            case "pod":
                self.taken.add(self.world.pods[rest].number)
                return
            case "net":
                self.here.add(rest)
                sources = self._stand(rest)
            case "podlabels":
                self.labels.add(rest)
                sources = self._stand(rest) if rest in self.here else ()
            case "relabel":
                self.spaces.add(rest)
                aimed = rest
            case "netpol":
                self.policies.add(rest)
                aimed = rest
            case _:
                return
        if self.spaces or self.policies or self.labels:
            for each in tuple(sources):
                yield from self._from(each, aimed)

    def _stand(self, name: str) -> tuple[_Alike, ...]:
        """Stand in a pod; return what is new by it, nothing where one like it came before."""
        facts = self.world.pods[name]
        own = (*alike(self.world, facts), name in self.labels)
        if own in self.standing:
            return ()
        self.standing[own] = facts
        return (own,)

    def _from(self, standing: _Alike, aimed: str) -> Iterator[tuple[int, tuple[str, ...]]]:
        source, labels = self.standing[standing], standing[-1]
        name = self.world.vertex(source.number).partition(":")[2]
        own, needed = self._freedom(source.pod, labels=labels, name=name)
        left = []
        for unit in self._left:
            opened = False
            if self.taken.issuperset(unit.endpoints):
                continue
            space = self.world.by_number[unit.endpoints[0]].pod.namespace
            if not aimed or aimed in (space, source.pod.namespace):
                other, more = self._freedom(self.world.by_number[unit.endpoints[0]].pod, labels=False, name="")
                if (own or other) and self._relaxed.opens(source, own, unit, other):
                    for premises in self._least(source, unit, (own, needed), (other, more)):
                        opened = True
                        yield from ((number, (f"net:{name}", *premises)) for number in unit.endpoints)
            if not opened:
                left.append(unit)
        self._left = left

    def _least(
        self, source: PodFacts, unit: Unit, own: tuple[Freedom, tuple[str, ...]], other: tuple[Freedom, tuple[str, ...]]
    ) -> Iterator[tuple[str, ...]]:
        """Yield the first of: what is open anyway, by the one side's changes, by the other's, by both."""
        nothing: tuple[Freedom, tuple[str, ...]] = (Freedom(), ())
        for (one, needs), (another, more) in ((nothing, nothing), (own, nothing), (nothing, other), (own, other)):
            if self._relaxed.opens(source, one, unit, another):
                premises = tuple(dict.fromkeys((*needs, *more)))
                if premises:
                    yield premises
                return

    def _freedom(self, pod: Pod, *, labels: bool, name: str) -> tuple[Freedom, tuple[str, ...]]:
        space, policies = pod.namespace in self.spaces, pod.namespace in self.policies
        if policies:  # more than labels could do
            return Freedom(policies=True, space=space), (
                f"netpol:{pod.namespace}",
                *([f"relabel:{pod.namespace}"] if space else []),
            )
        found = [f"relabel:{pod.namespace}"] if space else []
        found += [f"podlabels:{name}"] if labels else []
        return Freedom(space=space, labels=labels), tuple(found)
