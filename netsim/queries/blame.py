"""Which rules stand behind an allowed or a denied flow, and behind the change of one."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from netsim.bits.compare import SAME
from netsim.cluster import Compiled
from netsim.ir.objects import Address, Family, Network, Pod
from netsim.ir.place import Place
from netsim.ir.policy import Action, AddressPeer, Direction, Policy, Rule
from netsim.ir.traffic import Protocol
from netsim.ir.truth import Truth
from netsim.ir.verdict import Endpoint, Flow, Reason, Side, Why
from netsim.lower.program import Program, Sort
from netsim.spec.judge import side
from netsim.spec.world import World


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """What stands behind a connection or a change.

    Attributes:
        object: The object, with its kind: ``NetworkPolicy shop/cart``, ``Deployment shop/cart``.
        policy, rule: The policy and the rule where the object is a policy; ``rule`` is None where the policy isolates
            without a rule that matches.
        side: ``old`` or ``new``: in which input of a diff it stands; empty elsewhere.
        what: What it does: ``isolates``; ``allows``, ``denies`` or ``passes``, with ``may`` in front where that is
            not sure; ``removed``, ``added``, ``changed``.
        name: What the policy calls the rule, where it gives it a name.
    """

    object: str
    policy: str | None
    rule: str | None
    place: Place
    side: str
    what: str
    name: str | None = field(default=None, compare=False)


#: An endpoint of the snapshot, by number, or an address outside.
End = int | Address

#: A source and a destination.
Ends = tuple[End, End]

#: A number for each case of egress and of ingress: equal where the same rules match; None where that is not known.
Cases = tuple[int, int] | None

#: Protocols and ports.
Samples = tuple[tuple[Protocol, int], ...]


class Places:
    """The classes of outside addresses, by address."""

    def __init__(self, program: Program) -> None:
        self._named = {address for endpoint in program.endpoints for address in endpoint.addresses}
        self._starts: dict[int, list[tuple[int, int]]] = {}
        for number, member in enumerate(program.classes):
            for start, _ in member.ranges:
                self._starts.setdefault(int(member.family or 0), []).append((start, number))
        for starts in self._starts.values():
            starts.sort()

    def of(self, address: Address) -> int | None:
        """Return the class of an address; None where it is an endpoint's: rules may ask for more of it."""
        starts = self._starts.get(address.version)
        if starts is None or address in self._named:
            return None
        return starts[bisect_right(starts, int(address), key=itemgetter(0)) - 1][1]


class Sides:
    """What the definition says of flows in one cluster, asking only the policies that apply, each case once."""

    def __init__(self, cluster: Compiled, where: str = "") -> None:
        """``where`` is the ``side`` of the causes: the cluster's place in a diff."""
        self._cluster = cluster
        self.world = World(cluster.snapshot, cluster.profile)
        self._where = where
        self._known: dict[object, tuple[Truth, tuple[Cause, ...]]] = {}
        self._cases: dict[tuple[Direction, Family, int, int], int] = {}
        self._excepts: dict[tuple[Direction, int], tuple[Network, ...]] = {}

    def case(self, direction: Direction, source: End, destination: End, family: Family) -> object:
        """Return all that one direction asks of a flow's ends: flows of one case get one answer; None: none is asked.

        That is the group of the subject and which of its rules match the peer; where that is an address, the excepts
        that it lies in; where it is a host, its class and the two nodes (S2.9).
        """
        subject, peer = (source, destination) if direction is Direction.EGRESS else (destination, source)
        program = self._cluster.program
        group = program.group_of[direction][program.class_of[subject]] if isinstance(subject, int) else 0
        if group == 0:
            return None
        if not isinstance(peer, int):
            return self._of_address(direction, family, group, peer)
        member = program.class_of[peer]
        if program.classes[member].sort is Sort.POD:
            return "itself" if peer == subject else ("matching", self._matching(direction, family, group, member))
        return group, member, *(self.world.node_of(self.endpoint(end)) for end in (peer, subject))

    def _of_address(self, direction: Direction, family: Family, group: int, peer: Address) -> object:
        places = self._cluster.once("outside places", lambda: Places(self._cluster.program))
        member = places.of(peer)
        if member is None:
            return group, peer
        holes = tuple(hole for hole in self._holes(direction, group) if peer in hole)
        return "outside", self._matching(direction, family, group, member), holes

    def _holes(self, direction: Direction, group: int) -> tuple[Network, ...]:
        """Return the excepts that the rules of a group mention: what is in one misses by another condition."""
        if (direction, group) not in self._excepts:
            rules = self._cluster.program.groups[direction][group].rules
            peers = (peer for rule in rules for peer in rule.rule.peers or () if isinstance(peer, AddressPeer))
            self._excepts[direction, group] = tuple(dict.fromkeys(hole for peer in peers for hole in peer.excepts))
        return self._excepts[direction, group]

    def _matching(self, direction: Direction, family: Family, group: int, member: int) -> int:
        key = (direction, family, group, member)
        if key not in self._cases:
            self._cases[key] = self._cluster.reachability.tables[direction, family].case(group, member)
        return self._cases[key]

    def says(
        self, direction: Direction, source: End, destination: End, protocol: Protocol, port: int, family: Family
    ) -> tuple[Truth, tuple[Cause, ...]]:
        """Return what one direction says of a flow, with the rules behind it."""
        case = self.case(direction, source, destination, family)
        if case is None:
            return True, ()
        key = (direction, case, protocol, port, family)
        if key not in self._known:
            one, other = self.endpoint(source), self.endpoint(destination)
            flow = Flow(source=one, destination=other, protocol=protocol, port=port, family=family)
            found = self.judged(direction, source, destination, flow)
            self._known[key] = (found.allowed, tuple(causes(found, self._where)))
        return self._known[key]

    def judged(self, direction: Direction, source: End, destination: End, flow: Flow) -> Side:
        """Return what one direction says of a flow between these ends."""
        return side(direction, flow, self.applying(direction, source, destination), self.world)

    def applying(self, direction: Direction, source: End, destination: End) -> list[Policy]:
        """Return the policies that govern one direction of flows between these ends."""
        subject = source if direction is Direction.EGRESS else destination
        program = self._cluster.program
        if not isinstance(subject, int):
            return []
        return program.applying(direction, program.class_of[subject])

    def endpoint(self, end: End) -> Endpoint:
        """Return an end as a value."""
        return self._cluster.program.endpoints[end] if isinstance(end, int) else end


def causes(found: Side, where: str = "") -> Iterator[Cause]:
    """Yield what stands behind one direction's say: the rules that match, and who isolates where none does."""
    for reason in found.reasons:
        if reason.policy is not None:
            yield _cause(reason.policy, reason.rule, where, _deed(reason))


def _deed(reason: Reason) -> str:
    if reason.rule is None:
        return "isolates"
    sure = reason.why in (Why.RULE, Why.PASSED)
    return DEEDS[reason.rule.action][0 if sure else 1]


#: What a rule does where it surely matches, and where it may.
DEEDS = {
    Action.ALLOW: ("allows", "may allow"),
    Action.DENY: ("denies", "may deny"),
    Action.PASS: ("passes", "may pass"),
}


def _cause(policy: Policy, rule: Rule | None, where: str, what: str) -> Cause:
    place = rule.place if rule else policy.place
    told, name = (str(rule), rule.name) if rule else (None, None)
    return Cause(f"{policy.kind} {policy}", str(policy), told, place, where, what, name)


class Blame:
    """What made verdicts change between two clusters."""

    def __init__(self, old: Compiled, new: Compiled) -> None:
        self._old, self._new = Sides(old, "old"), Sides(new, "new")
        self.changed = Changed(old, new)
        self._known: dict[object, tuple[tuple[Cause, ...], bool]] = {}

    def of(
        self, old: Ends, new: Ends, samples: Samples, family: Family, cases: Cases = None
    ) -> tuple[tuple[Cause, ...], bool]:
        """Return what made the verdicts of some flows change, sorted, and whether what policies select did, too.

        A direction that says the same as before is not to blame. Of one that changed, the policies behind either
        verdict that are not the same object in both inputs are named; where all are the same, the change lies in what
        they select: the labels of a workload or of a namespace.

        Args:
            old, new: The flows' source and destination in either cluster.
            samples: The flows' protocols and ports.
            cases: What tells the ends apart for egress and for ingress, where that is known; ``SAME`` where a direction
                says what it said.
        """
        found: list[Cause] = []
        of_labels = False
        for at, direction in enumerate((Direction.EGRESS, Direction.INGRESS)):
            case: object = cases[at] if cases else self._case(direction, old, new, family)
            if cases and case == SAME:
                continue
            key = (direction, case, id(samples) if cases else samples, family)
            if key not in self._known:
                self._known[key] = self._of_direction(direction, old, new, samples, family)
            found += self._known[key][0]
            of_labels = of_labels or self._known[key][1]
        return in_order(found), of_labels

    def _case(self, direction: Direction, old: Ends, new: Ends, family: Family) -> object:
        return self._old.case(direction, *old, family), self._new.case(direction, *new, family)

    def _of_direction(
        self, direction: Direction, old: Ends, new: Ends, samples: Samples, family: Family
    ) -> tuple[tuple[Cause, ...], bool]:
        found: list[Cause] = []
        of_labels = False
        for protocol, port in samples:
            one, why = self._old.says(direction, *old, protocol, port, family)
            other, because = self._new.says(direction, *new, protocol, port, family)
            if one is not other:
                edited = [cause for cause in (*why, *because) if self.changed.policy(cause.object)]
                found += edited
                of_labels = of_labels or not edited
        return tuple(found), of_labels


def in_order(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Return the distinct causes, sorted."""
    return tuple(sorted(set(causes), key=lambda c: (c.object, c.rule or "", c.side, c.place)))


class Changed:
    """Which objects are not the same in two snapshots."""

    def __init__(self, old: Compiled, new: Compiled) -> None:
        self._old, self._new = old.snapshot, new.snapshot
        kept = {id(policy) for policy in old.snapshot.policies} & {id(policy) for policy in new.snapshot.policies}
        before, after = (
            {f"{policy.kind} {policy}": policy for policy in side.policies if id(policy) not in kept}
            for side in (old.snapshot, new.snapshot)
        )
        self._policies = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}

    def policy(self, name: str) -> bool:
        """Return whether the policy is new, gone or edited."""
        return name in self._policies

    def labels(self, before: Pod, after: Pod) -> Iterator[Cause]:
        """Yield the workload and the namespace of a pod where they are not the same in both snapshots."""
        one = self._old.namespaces[before.namespace]
        other = self._new.namespaces[after.namespace]
        if one.labels != other.labels:
            yield Cause(f"Namespace {other.name}", None, None, other.place, "new", "changed")
        if _told(before) != _told(after):
            yield Cause(object_of(after), None, None, after.place, "new", "changed")


def object_of(pod: Pod) -> str:
    """Return a pod's workload with its kind in front: ``Deployment shop/cart``."""
    return f"{pod.workload.kind} {pod.workload.namespace}/{pod.workload.name}"


def _told(pod: Pod) -> object:
    """Return what rules may ask of a pod."""
    return pod.labels, pod.ports, pod.addresses, pod.node, pod.host_network
