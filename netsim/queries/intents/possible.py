"""Intents over all pods that could exist.

``over_all_pods`` is the one seam: it answers that an intent holds, fails with a witness, or that it is unknown, with
the reason. Here labels are cut into the regions that the rules and the intent tell apart, a pod of each region is
supposed in a copy of the snapshot, and the intent is asked of that, as of any other. Where there are too many regions
to suppose a pod of each, the solver is asked (``proved``).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from netsim.cluster import Compiled
from netsim.ir.intents import Claim, Intent, Party, SelectedPeer
from netsim.ir.labels import NAME_LABEL, Labels
from netsim.ir.objects import Address, ContainerPort, Namespace, Pod, Workload
from netsim.ir.place import NOWHERE
from netsim.ir.policy import AddressPeer, DomainPeer, NamedPort, PodPeer, Policy, Ports, Tier
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import LAST_PORT, PORT_PROTOCOLS, Protocol
from netsim.lower.program import Program
from netsim.queries.intents.breaches import told
from netsim.queries.intents.claims import Question
from netsim.queries.intents.ends import Ends
from netsim.queries.intents.imagined import braced, declaring, named_spaces, space_name
from netsim.queries.intents.meaning import Meanings, port_names
from netsim.queries.intents.proved import proved
from netsim.queries.intents.results import Checked, Reason, Result
from netsim.queries.labelspace import label_space, unmentioned
from netsim.queries.query import Verdict
from netsim.spec import explained, judge
from netsim.spec.labels import selects

#: With more supposed pods than this the solver is asked.
MOST_SUPPOSED = 20_000
#: Port names that only open (NetworkPolicy) are all declared or none; of others every combination of so many is tried.
MOST_NAMES = 3

#: What is taken for granted of pods that could exist.
OF_ALL_PODS = ("pods that could exist are taken to be made by controllers, and not to use their node's network",)


def over_all_pods(question: Question) -> Checked:
    """Return what is said of an intent over all pods that could exist."""
    cluster, intent = question.cluster, question.intent
    if cluster.snapshot.networks:
        return replace(question.unanswered, result=Result.UNKNOWN, reason=Reason.NETWORKS)
    supposition = _Supposition(cluster.program, intent)
    addresses = tuple(_addresses(cluster))
    if supposition.bounded or supposition.size * (len(addresses) + 1) > MOST_SUPPOSED:
        return proved(question, with_addresses=bool(addresses))
    found = _asked(cluster, intent, supposition.snapshot(addresses=(None,)))
    if found.holds and addresses:
        with_addresses = _asked(cluster, intent, supposition.snapshot(addresses=addresses))
        if not with_addresses.holds:
            return replace(with_addresses, result=Result.UNKNOWN, reason=Reason.ADDRESSES, others=())
    return found


def _asked(cluster: Compiled, intent: Intent, snapshot: Snapshot) -> Checked:
    supposed = Compiled(snapshot, cluster.profile, frozenset(cluster.program.families))
    found = Question(supposed, Meanings(supposed, named=cluster), intent).answer()
    if found.counterexample is None:
        return found
    return replace(found, counterexample=_minimal(found.counterexample, supposed), others=())


def _minimal(verdict: Verdict, supposed: Compiled) -> Verdict:
    """Return the verdict on a pod that declares only the ports that it hangs on."""
    judged = verdict.deciding
    pod = judged.flow.destination
    if not isinstance(pod, Pod) or pod.place is not NOWHERE:
        return verdict
    kept = pod.ports
    for port in pod.ports:
        fewer = tuple(each for each in kept if each != port)
        flow = replace(judged.flow, destination=declaring(pod, fewer))
        again = judge(supposed.snapshot, supposed.profile, flow)
        if again.allowed is judged.allowed:
            judged, kept = again, fewer
    return told(explained(judged, supposed.snapshot, supposed.profile))


def _addresses(cluster: Compiled) -> Iterator[Address]:
    """Yield an address for each set of blocks that a pod's address may lie in, where rules ask for addresses (S2.6)."""
    peers = (peer for policy in cluster.program.policies for rule in policy.rules for peer in rule.peers or ())
    if cluster.profile.blocks_match_pods and any(isinstance(peer, AddressPeer | DomainPeer) for peer in peers):
        ends = Ends([cluster.program]).outside((), every=True)
        yield from (end.address for end in ends if end.address is not None)


@dataclass(slots=True)
class _Kind:
    """Pods that could exist and that nothing tells apart."""

    namespace: Namespace
    labels: Labels
    destination: bool


@dataclass(slots=True)
class _Supposition:
    """Pods that could exist, one for each kind that rules and an intent tell apart.

    Attributes:
        bounded: Whether there are more kinds than are told apart.
    """

    program: Program
    intent: Intent
    bounded: bool = False
    _kinds: list[_Kind] = field(init=False)
    _declared: tuple[tuple[ContainerPort, ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        self._kinds = list(self._all_kinds())
        self._declared = tuple(dict.fromkeys(self._all_declared()))

    @property
    def size(self) -> int:
        """How many pods are supposed, all without an address."""
        return sum(len(self._declared) if kind.destination else 1 for kind in self._kinds)

    def snapshot(self, *, addresses: Sequence[Address | None]) -> Snapshot:
        """Return the snapshot with a pod of each kind, once for each of these addresses."""
        pods = [
            _pod(kind, address, declared)
            for kind in self._kinds
            for address, declared in product(addresses, self._declared if kind.destination else ((),))
        ]
        given = self.program.snapshot
        namespaces = {**given.namespaces, **{kind.namespace.name: kind.namespace for kind in self._kinds}}
        return replace(given, namespaces=namespaces, pods=(*given.pods, *pods))

    def _all_kinds(self) -> Iterator[_Kind]:
        peers = tuple(dict.fromkeys([*_pod_peers(self.program.policies), *_selected(self._parties())]))
        for namespace in self._namespaces(peers):
            if not self._is_asked_about(namespace.labels):
                continue
            here = [peer for peer in peers if selects(peer.namespaces, namespace.labels)]
            space = label_space(tuple(dict.fromkeys(peer.pods for peer in here)), {})
            self.bounded = self.bounded or not space.whole
            for region in space.regions:
                source, destination = self._asked_about(namespace.labels, region.example)
                if source or destination:
                    yield _Kind(namespace, region.example, destination)

    def _parties(self) -> tuple[Party, ...]:
        return (*self.intent.sources, *self.intent.destinations)

    def _asked_about(self, namespace: Labels, pod: Labels) -> tuple[bool, bool]:
        """Return whether a kind is asked about as a source, and as a destination."""
        claim = self.intent.claim
        source = claim is Claim.ONLY_FROM or _means(self.intent.sources, namespace, pod)
        return source, claim is Claim.ONLY_TO or _means(self.intent.destinations, namespace, pod)

    def _is_asked_about(self, namespace: Labels) -> bool:
        """Return whether some pod of a namespace is asked about."""
        every = self.intent.claim in (Claim.ONLY_FROM, Claim.ONLY_TO)
        return every or any(selects(peer.namespaces, namespace) for peer in _selected(self._parties()))

    def _namespaces(self, peers: Sequence[PodPeer]) -> Iterator[Namespace]:
        """Yield the namespaces that exist, and one of each kind that could."""
        existing = self.program.snapshot.namespaces
        yield from existing.values()
        selectors = tuple(dict.fromkeys(peer.namespaces for peer in peers))
        named = named_spaces(selectors)
        names = (unmentioned(named | existing.keys(), "new"), *sorted(named - existing.keys()))
        space = label_space(selectors, {NAME_LABEL: names})
        self.bounded = self.bounded or not space.whole
        for region in space.regions:
            yield Namespace(name=space_name(region.example, names[1:]), labels=region.example, place=NOWHERE)

    def _all_declared(self) -> Iterator[tuple[ContainerPort, ...]]:
        """Yield what ports a destination may declare, as far as names mean something (S2.8)."""
        yield ()
        policies = self.program.policies
        opening = _names(policies, {Tier.NETWORK_POLICY}) | port_names([self.intent.ports])
        other = _names(policies, {Tier.ADMIN, Tier.BASELINE})
        self.bounded = self.bounded or len(other) > MOST_NAMES
        numbers = {protocol: self._told_apart(protocol) for protocol in PORT_PROTOCOLS}
        several = sorted(other)[:MOST_NAMES]
        for chosen in product((False, True), repeat=len(several)):
            extra = {name for name, use in zip(several, chosen, strict=True) if use}
            for names in (extra, opening | extra, opening - other | extra):
                for protocol in PORT_PROTOCOLS if names else ():
                    for number in numbers[protocol]:
                        yield tuple(ContainerPort(name, protocol, number) for name in sorted(names))

    def _told_apart(self, protocol: Protocol) -> tuple[int, ...]:
        """Return a port for each set of ports that neither rules nor the intent tell apart, each the first of its."""
        used = (self.intent.ports, *(party.ports for party in self._parties()))
        own = [match for ports in used for match in ports or () if isinstance(match, Ports)]
        cuts = {number for match in own for number in (match.first, match.last + 1)}
        return tuple(sorted({*self.program.atoms.starts[protocol], *cuts} - {LAST_PORT + 1}))


def _means(parties: Iterable[Party], namespace: Labels, pod: Labels) -> bool:
    return any(selects(p.namespaces, namespace) and selects(p.pods, pod) for p in _selected(parties))


def _selected(parties: Iterable[Party]) -> Iterator[PodPeer]:
    yield from (party.peer.pods for party in parties if isinstance(party.peer, SelectedPeer))


def _pod_peers(policies: Iterable[Policy]) -> Iterator[PodPeer]:
    for policy in policies:
        yield policy.subject
        yield from (peer for rule in policy.rules for peer in rule.peers or () if isinstance(peer, PodPeer))


def _names(policies: Iterable[Policy], tiers: Iterable[Tier]) -> frozenset[str]:
    entries = (entry for p in policies if p.tier in tiers for rule in p.rules for entry in rule.ports or ())
    return frozenset(entry.name for entry in entries if isinstance(entry, NamedPort))


def _pod(kind: _Kind, address: Address | None, declared: Sequence[ContainerPort]) -> Pod:
    name = braced(kind.labels, "any pod") + (f" at {address}" if address else "")
    pod = Pod(
        namespace=kind.namespace.name,
        name=name,
        labels=kind.labels,
        # A controller's: what no controller made has a kind of its own to some networks (S2.1).
        workload=Workload(kind.namespace.name, name, "Deployment"),
        addresses=(address,) if address else (),
        template=True,
        place=NOWHERE,
    )
    return declaring(pod, declared) if declared else pod
