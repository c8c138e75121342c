"""Who reaches a destination, and who could: by a pod, by a namespace's labels, by an edit of a policy.

Each way is one that the solver found and the definition confirmed; each comes with who may take it, by RBAC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypedDict

from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ingest.ports import asked
from netsim.ir.labels import EVERYTHING, NAME_LABEL, Labels, Selector, namespace_named
from netsim.ir.objects import Pod
from netsim.ir.place import NOWHERE
from netsim.ir.policy import Action, Direction, NamedPort, PodPeer, Policy, Rule, Tier
from netsim.ir.proof import Outcome, Witness
from netsim.ir.shapes import PlaceShape
from netsim.ir.snapshot import Notice
from netsim.ir.traffic import ALL
from netsim.queries.answer import Answer, assumptions_of, warnings_of
from netsim.queries.judged import FlowShape, flow_dict
from netsim.queries.makers import Holder, HolderShape, holders, labelling, making_pods, writing
from netsim.queries.networks import reach
from netsim.queries.proof import Over, objects
from netsim.queries.prove import NETWORKS
from netsim.queries.reach import Connection, ConnectionShape
from netsim.queries.rights import subject_of
from netsim.queries.symbolic import ends

if TYPE_CHECKING:  # z3 is imported on first use, so that `netsim --help` stays fast
    from netsim.smt.question import Known, Question, Side


class By(StrEnum):
    """By what somebody could come to reach a destination."""

    POD = "pod"
    """A pod with these labels, in a namespace as it is."""
    LABELS = "namespace-labels"
    """Other labels of a namespace, and a pod in it."""
    NEW_NAMESPACE = "new-namespace"
    POLICY_EDIT = "policy-edit"
    """A rule more that allows, or one less that denies."""
    POLICY_DELETION = "policy-deletion"
    NEW_POLICY = "new-policy"


class WayShape(PlaceShape):
    """One way to come to reach a destination: what has to be made or changed, and who may do so."""

    by: Annotated[str, By]
    namespace: str | None
    namespace_labels: dict[str, str]
    pod_labels: dict[str, str] | None
    flow: FlowShape
    objects: list[dict[str, Any]]
    policy: str | None
    kind: str | None
    holders: list[HolderShape]


class WhoCouldShape(TypedDict):
    """Who reaches a destination, and by what others could."""

    to: str
    port: str
    subject: str | None
    now: list[ConnectionShape]
    ways: list[WayShape]
    unknown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to come to reach a destination.

    Attributes:
        witness: A connection that is allowed then.
        policy: The one that is edited, deleted or, in its namespace, made.
        holders: Who may do so, and how; nobody where no role gives it.
    """

    by: By
    witness: Witness
    policy: Policy | None = None
    holders: tuple[Holder, ...] = ()

    @property
    def namespace(self) -> str | None:
        """Where the pod is that connects; None where no pod does."""
        source = self.witness.flow.source
        return source.namespace if isinstance(source, Pod) else None

    @property
    def labels(self) -> Labels:
        """Those that its namespace needs, beside its name; none where it is as it is."""
        found = (space.labels for space in self.witness.namespaces if space.name == self.namespace)
        return {key: value for labels in found for key, value in labels.items() if key != NAME_LABEL}

    def to_dict(self) -> WayShape:
        """Return it as JSON values."""
        source = self.witness.flow.source
        place = self.policy.place if self.policy and self.by is not By.NEW_POLICY else None
        return {
            "by": str(self.by),
            "namespace": self.namespace if self.by is not By.NEW_NAMESPACE else None,
            "namespace_labels": dict(self.labels),
            "pod_labels": dict(source.labels) if isinstance(source, Pod) else None,
            "flow": flow_dict(self.witness.flow),
            "objects": list(objects(self.witness)),
            "policy": str(self.policy) if place else None,
            "kind": self.policy.kind if self.policy else None,
            "file": place.file if place else None,
            "line": place.line if place else None,
            "holders": [holder.to_dict() for holder in self.holders],
        }


@dataclass(frozen=True, kw_only=True)
class WhoCould(Answer):
    """Who reaches a destination, and by what others could.

    Attributes:
        now: Who does.
        subject: The only one whose rights were asked about; empty for everybody.
        unknown: Why there may be ways that are not listed; empty where there are none.
    """

    kind: ClassVar[str] = "WhoCould"

    destination: str
    port: str
    subject: str = ""
    now: tuple[Connection, ...]
    ways: tuple[Way, ...]
    unknown: str = ""

    def __iter__(self) -> Iterator[Way]:
        return iter(self.ways)

    def __len__(self) -> int:
        return len(self.ways)

    def by(self, *kinds: By) -> tuple[Way, ...]:
        """Return the ways of some kinds."""
        return tuple(way for way in self.ways if way.by in kinds)

    def facts(self) -> WhoCouldShape:
        """Return it as JSON values."""
        return {
            "to": self.destination,
            "port": self.port,
            "subject": self.subject or None,
            "now": [{"from": row.source, "to": row.destination, "traffic": row.traffic.to_json()} for row in self.now],
            "ways": [way.to_dict() for way in self.ways],
            "unknown": self.unknown,
        }


#: Said where the input names nobody who may do anything.
NO_RIGHTS = "the input holds no bindings: who may make pods, label namespaces or edit policies is not known"


def who_could(
    cluster: Compiled,
    destination: str,
    *,
    port: int | str,
    protocol: str | None = None,
    subject: str | None = None,
) -> WhoCould:
    """Return who reaches a destination, and who could come to reach it.

    Args:
        subject: List the ways that this one may take alone: ``ServiceAccount:ns/name``, ``User:name``, ``Group:name``.

    Raises:
        UsageError: A peer, the port or the subject means nothing, or what no policy applies to.
    """
    who = subject_of(subject) if subject else None
    written = f"{port}/{protocol}" if protocol and "/" not in str(port) else str(port)
    rows = tuple(row for row in reach(cluster, destination=destination, port=written) if row.traffic)
    unknown = NETWORKS if cluster.snapshot.networks else ""
    found: tuple[Way, ...] = ()
    if not unknown:
        search = _Search(cluster, destination, written)
        ways = (replace(way, holders=holders(cluster, search.requests(way), who)) for way in search.ways())
        found = tuple(way for way in ways if way.holders or who is None)
        unknown = search.gave_up
    notices = () if cluster.snapshot.bindings else (Notice(NO_RIGHTS, None),)
    return WhoCould(
        destination=destination,
        port=written,
        subject=str(who or ""),
        now=rows,
        ways=found,
        unknown=unknown,
        assumptions=(*assumptions_of(cluster), *_ASSUMED),
        warnings=(*notices, *warnings_of(cluster)),
    )


_ASSUMED = (
    "pods that could exist are made by controllers, do not use their node's network, and no ipBlock matches them",
    "who holds a role is counted, and not who could come to hold one: `netsim blast` follows that",
)


@dataclass(slots=True)
class _Search:
    """The search for ways to a destination; used once, then dropped."""

    cluster: Compiled
    destination: str
    port: str
    gave_up: str = ""
    _known: Known = field(init=False)

    def __post_init__(self) -> None:
        from netsim.smt.question import Known

        found = [end for end in ends(self.cluster, self.destination, Over.PODS) if isinstance(end, Known)]
        if not found:
            raise UsageError(f"`{self.destination}` means no pod", hint="name pods, a workload, a Service or labels")
        self._known = Known(tuple(pod for end in found for pod in end.pods))

    def ways(self) -> Iterator[Way]:
        """Yield the ways, without who may take them."""
        open_from: set[str | None] = set()
        for witness in self._openings(self._side(), EVERYTHING):
            way = Way(by=By.NEW_NAMESPACE if witness.namespaces else By.POD, witness=witness)
            open_from.add(None if witness.namespaces else way.namespace)
            yield way
        yield from self._by_labels(open_from)
        yield from self._by_policies()

    def requests(self, way: Way) -> Iterator[Any]:
        """Yield the requests each of which takes a way, or its first step."""
        match way.by:
            case By.POD:
                yield from making_pods(way.namespace or "")
            case By.LABELS:
                yield from labelling(way.namespace)
            case By.NEW_NAMESPACE:
                yield from labelling(None)
            case By.POLICY_EDIT if way.policy:
                yield from writing(way.policy, "update", "patch")
            case By.POLICY_DELETION if way.policy:
                yield from writing(way.policy, "delete")
            case By.NEW_POLICY if way.policy:
                yield from writing(way.policy, "create")

    def _side(self, policies: Iterable[Policy] | None = None) -> Side:
        from netsim.smt.question import Side

        snapshot = self.cluster.snapshot
        own = snapshot.policies if policies is None else tuple(policies)
        return Side(snapshot=snapshot, profile=self.cluster.profile, policies=own)

    def _question(self, sources: Sequence[Any]) -> Question:
        from netsim.smt.question import Question

        wanted = asked(self.port)
        named = None if wanted.name is None else (NamedPort(protocol=wanted.protocol, name=wanted.name, place=NOWHERE),)
        return Question(
            sources=tuple(sources),
            destinations=(self._known,),
            families=tuple(self.cluster.program.families),
            traffic=ALL if named else wanted.traffic(None),
            ports=named,
        )

    def _openings(self, side: Side, spaces: Selector) -> Iterator[Witness]:
        """Yield a connection from each namespace of some from which a pod could make one."""
        from netsim.smt.claims import openings
        from netsim.smt.question import Pods

        for proof in openings(side, self._question([Pods(spaces=spaces)])):
            if proof.witness is None:
                self.gave_up = proof.reason
            else:
                yield proof.witness

    def _by_labels(self, open_from: set[str | None]) -> Iterator[Way]:
        """Yield the namespaces from which a pod could connect only once they have other labels."""
        if not self._tells_labels():
            return
        snapshot = self.cluster.snapshot
        for name in snapshot.namespaces:
            if name in open_from or any(pod.namespace == name for pod in self._known.pods):
                continue
            others = {key: each for key, each in snapshot.namespaces.items() if key != name}
            pods = tuple(pod for pod in snapshot.pods if pod.namespace != name)
            side = replace(self._side(), snapshot=replace(snapshot, namespaces=others, pods=pods))
            for witness in self._openings(side, namespace_named(name)):
                yield Way(by=By.LABELS, witness=witness)

    def _tells_labels(self) -> bool:
        """Return whether some rule tells namespaces apart by labels that can be changed."""
        policies = self.cluster.snapshot.policies
        peers = [peer for policy in policies for rule in policy.rules for peer in rule.peers or ()]
        selectors = [peer.namespaces for peer in peers if isinstance(peer, PodPeer)]
        selectors += [policy.subject.namespaces for policy in policies]
        return any(each.key != NAME_LABEL for selector in selectors for each in selector.requirements)

    def _by_policies(self) -> Iterator[Way]:
        policies = self.cluster.snapshot.policies
        for policy in policies:
            others = [each for each in policies if each is not policy]
            edited = _opened(policy)
            for by, after in ((By.POLICY_EDIT, [*others, edited] if edited else None), (By.POLICY_DELETION, others)):
                witness = self._newly(after) if after is not None else None
                if witness is not None:
                    yield Way(by=by, witness=witness, policy=policy)
        for namespace in dict.fromkeys(pod.namespace for pod in self._known.pods):
            made = _letting_in(namespace)
            witness = self._newly([*policies, made])
            if witness is not None:
                yield Way(by=By.NEW_POLICY, witness=witness, policy=made)

    def _newly(self, policies: Iterable[Policy]) -> Witness | None:
        """Return a connection that other policies allow, and these do not."""
        from netsim.queries.outside import INTERNET
        from netsim.smt.claims import contains
        from netsim.smt.question import Outside, Pods

        question = self._question([Pods(), Outside(INTERNET)])
        proof = contains(self._side(), self._side(policies), question)
        if proof.outcome is Outcome.UNKNOWN:
            self.gave_up = proof.reason
        return proof.witness


def _opened(policy: Policy) -> Policy | None:
    """Return a policy that is edited to let everything through; None where it stops nothing."""
    if policy.tier is Tier.NETWORK_POLICY:
        extra = [_anybody(direction, len(policy.rules)) for direction in Direction if direction in policy.isolates]
        return replace(policy, rules=(*policy.rules, *extra)) if extra else None
    if policy.tier is Tier.NETWORK:
        return None
    kept = tuple(rule for rule in policy.rules if rule.action is not Action.DENY)
    return replace(policy, rules=kept) if len(kept) < len(policy.rules) else None


def _anybody(direction: Direction, index: int) -> Rule:
    return Rule(direction=direction, index=index, action=Action.ALLOW, peers=None, ports=None, place=NOWHERE)


def _letting_in(namespace: str) -> Policy:
    """Return a NetworkPolicy that lets everybody into every pod of a namespace."""
    return Policy(
        kind="NetworkPolicy",
        namespace=namespace,
        name="new",
        tier=Tier.NETWORK_POLICY,
        subject=PodPeer(namespaces=namespace_named(namespace), pods=EVERYTHING, place=NOWHERE),
        isolates=frozenset({Direction.INGRESS}),
        rules=(_anybody(Direction.INGRESS, 0),),
        place=NOWHERE,
    )
