"""The search for the smallest edit: what is wanted of some connections is solved, and tried on all of them.

Only connections that are not yet as they are wanted are ever encoded: first those that intents want otherwise, then
those that a solution changes and should not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import Any

from netsim.cluster import Compiled
from netsim.ir.intents import Intent, NamedPeer, SelectedPeer
from netsim.ir.labels import EVERYTHING
from netsim.ir.objects import Network, Pod
from netsim.ir.policy import AddressPeer, Direction, Peer, Tier
from netsim.ir.traffic import NONE, Traffic
from netsim.ir.verdict import Endpoint, Flow
from netsim.queries.fix.edits import Add, Drop, Edit, New, address_peer, edited, own_labels, pod_peer
from netsim.queries.fix.effects import Effects, peer_of, subject_of
from netsim.queries.fix.impossible import KEPT, Conflict, Need, impossible
from netsim.queries.fix.wanted import Pair, pairs
from netsim.queries.outside import INTERNET
from netsim.spec.isolation import selected
from netsim.spec.labels import selects
from netsim.spec.world import World

#: So often a solution is tried before nothing is said to be found.
MOST_ROUNDS = 40
#: More pairs of endpoints and classes than this are not looked at.
MOST_PAIRS = 400_000
_NOT_THESE = "no edit of these kinds does it"
#: What a rule for everybody costs, beside one for a pod.
_EVERYBODY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What became of a search: edits, or a conflict, or why there are none.

    Attributes:
        edits: None where none were found.
        blamed: Intents that could not be met together, by number, with what is to stay as it is.
        reason: Why none were found.
    """

    edits: tuple[Edit, ...] | None = None
    conflict: Conflict | None = None
    blamed: tuple[int, ...] = ()
    reason: str = ""


@dataclass(slots=True)
class Search:
    """The search in one cluster; used once, then dropped.

    Attributes:
        pod_blocks: Where pods have addresses; blocks of outside addresses that a rule allows leave them out.
    """

    cluster: Compiled
    intents: Sequence[Intent]
    pod_blocks: tuple[Network, ...] = ()
    _effects: Effects = field(init=False)
    _needs: dict[object, Need] = field(default_factory=dict)
    _names: dict[str, New] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._effects = Effects(self.cluster)

    def found(self) -> Found:
        """Return the smallest edits, a conflict, or that none were found."""
        kinds = len(self.cluster.program.classes) + len(self.cluster.program.endpoints)
        if kinds**2 > MOST_PAIRS:
            return Found(reason="the input has too many kinds of endpoints")
        conflict = next(self._conflicts(), None)
        if conflict is not None:
            return Found(conflict=conflict)
        edits: tuple[Edit, ...] = ()
        for _ in range(MOST_ROUNDS):
            before = len(self._needs)
            self._note(self.after(edits))
            if len(self._needs) == before:
                return Found(edits=edits) if not self._left(edits) else self._none(Found(reason=_NOT_THESE))
            solved = self._solved()
            if isinstance(solved, Found):
                return self._none(solved)
            edits = solved
        return Found(reason="the search was given up")

    def _none(self, found: Found) -> Found:
        """Return that nothing was found; that there is nothing, where it can be proved."""
        conflict = impossible(self._effects, tuple(self._needs.values()))
        return found if conflict is None else Found(conflict=conflict)

    def after(self, edits: Sequence[Edit]) -> Compiled:
        """Return the cluster once edits are made."""
        own = edited(self.cluster.snapshot.policies, edits)
        others = [p for p in self.cluster.snapshot.policies if p.tier is not Tier.NETWORK_POLICY or str(p) not in own]
        return Compiled(replace(self.cluster.snapshot, policies=(*others, *own.values())), self.cluster.profile)

    def differs(self, cluster: Compiled) -> Iterator[tuple[Pair, Traffic, Traffic]]:
        """Yield what a cluster does not let through and should, and lets through, perhaps, and should not."""
        both = (self.cluster, cluster)
        for pair in pairs(both, self.intents):
            before, unsure = pair.traffic(both, 0)
            wanted = pair.wanted(before)
            allowed, unknown = pair.traffic(both, 1)
            denied = _sum(traffic for _, traffic in pair.deny)
            lacking = NONE if self._is_of_pods(pair) else wanted - allowed
            beyond = (allowed - wanted) | (unknown - wanted - (unsure - denied))
            if lacking or beyond:
                yield pair, lacking, beyond

    def _conflicts(self) -> Iterator[Conflict]:
        for pair in pairs([self.cluster], self.intents):
            for one, wanted in pair.allow:
                for other, unwanted in pair.deny:
                    for flow in pair.flow(wanted & unwanted):
                        yield Conflict(flows=(flow,), intents=(one, other))

    def _left(self, edits: Sequence[Edit]) -> bool:
        return any(True for _ in self.differs(self.after(edits)))

    def _is_of_pods(self, pair: Pair) -> bool:
        """Return whether an end is an address at which pods may be, of which nothing is to be kept."""
        outside = [end for end in (pair.source, pair.destination) if not hasattr(end, "name")]
        return any(end in block for end in outside for block in self.pod_blocks)

    def _note(self, cluster: Compiled) -> None:
        """Note what is not as it is wanted, and what could make it so."""
        for pair, lacking, beyond in self.differs(cluster):
            before, _ = pair.traffic((self.cluster,), 0)
            for flow in pair.flow(lacking):
                self._need(flow, pair.wanted(before), let_through=True, label=_blamed(pair.allow, flow))
            for flow in pair.flow(beyond):
                self._need(flow, NONE, let_through=False, label=_blamed(pair.deny, flow))

    def _need(self, flow: Flow, traffic: Traffic, *, let_through: bool, label: str) -> None:
        ends = str(flow.source), str(flow.destination)  # a pod's labels are no key
        self._needs[ends, flow.protocol, flow.port, flow.family, let_through, label] = Need(flow, let_through, label)
        for direction in Direction:
            subject = subject_of(flow, direction)
            if not isinstance(subject, Pod) or not self._effects.hangs_on_edits(flow, direction):
                continue
            kinds = dict.fromkeys(self._subjects(subject))
            made = [self._named(New(subject.namespace, pods, direction)) for pods in kinds]
            self._effects.made.update(dict.fromkeys(made))
            if let_through:
                self._offer(flow, direction, traffic, made)

    def _named(self, new: New) -> New:
        """Return a new policy whose name no other policy has."""
        taken = {str(policy) for policy in self._effects.policies}
        while new.policy in taken or self._names.setdefault(new.policy, new) != new:
            new = replace(new, number=new.number + 1)
        return new

    def _subjects(self, pod: Pod) -> Iterator[Any]:
        """Yield the selectors by which a new policy may mean a pod: as an intent does, by its labels, with all."""
        labels = self.cluster.snapshot.namespaces[pod.namespace].labels
        for intent in self.intents:
            for party in (*intent.sources, *intent.destinations):
                if isinstance(party.peer, SelectedPeer):
                    peer = party.peer.pods
                    if selects(peer.namespaces, labels) and selects(peer.pods, pod.labels):
                        yield peer.pods
        yield own_labels(pod)
        yield EVERYTHING

    def _offer(self, flow: Flow, direction: Direction, traffic: Traffic, made: Iterable[New]) -> None:
        """Offer the rules that would let a connection through."""
        world = World(self.cluster.snapshot, self.cluster.profile)
        subject = subject_of(flow, direction)
        own = [p for p in self._effects.policies if direction in p.isolates and selected(p, subject, world)]
        for peer in self._peers(peer_of(flow, direction)):
            for policy in own:
                self._effects.added[Add(str(policy), direction, peer, traffic)] = None
            for new in made:
                self._effects.added[Add(new.policy, direction, peer, traffic, new)] = None

    def _peers(self, end: Endpoint) -> Iterator[Peer | None]:
        yield None
        if isinstance(end, Pod):
            yield pod_peer(end)
            return
        if hasattr(end, "name"):  # a node
            return
        for block in self._blocks():
            if end in block:
                yield address_peer(block, self.pod_blocks)

    def _blocks(self) -> Iterator[Network]:
        """Yield blocks of outside addresses that somebody has named; all of them where it is known where pods are."""
        for policy in self._effects.policies:
            for rule in policy.rules:
                yield from (peer.block for peer in rule.peers or () if isinstance(peer, AddressPeer))
        for intent in self.intents:
            for party in (*intent.sources, *intent.destinations):
                if isinstance(party.peer, NamedPeer):
                    yield from _block(party.peer.text)
        if self.pod_blocks or not self.cluster.profile.blocks_match_pods:
            yield from INTERNET

    def _solved(self) -> tuple[Edit, ...] | Found:
        from netsim.smt.repair import smallest

        effects = self._effects
        required: dict[str, list[Any]] = {}
        for need in self._needs.values():
            term = effects.is_let_through(need.flow) if need.let_through else effects.is_stopped(need.flow)
            required.setdefault(need.label, []).append(term)
        found = smallest(required, self._costs())
        if found.chosen is None:
            blamed = tuple(int(label) for label in found.core if label != KEPT)
            return Found(blamed=blamed, reason=_NOT_THESE if found.core else "the solver gave up")
        return tuple(self._used({effects.edits[name] for name in found.chosen}))

    def _used(self, chosen: set[Edit]) -> Iterator[Edit]:
        for edit in chosen:
            if not isinstance(edit, Add) or edit.new is None or edit.new in chosen:
                yield edit

    def _costs(self) -> list[list[tuple[Any, int]]]:
        """Return what edits cost: the policies that they touch, then the rules, then how much they mean."""
        from netsim.smt import terms

        effects = self._effects
        own = [(edit, terms.variable(name)) for name, edit in effects.edits.items()]
        policies = _any_by(own, lambda edit: edit.policy)
        rules = _any_by(own, _rule_of)
        return [[(term, 1) for term in policies], [(term, 1) for term in rules], [(t, self._width(e)) for e, t in own]]

    def _width(self, edit: Edit) -> int:
        match edit:
            case New():
                return 1 + sum(
                    pod.namespace == edit.namespace and selects(edit.pods, pod.labels)
                    for pod in self.cluster.snapshot.pods
                )
            case Add(peer=None):
                return _EVERYBODY
            case Add(peer=AddressPeer() as peer):
                return 2 + (32 if peer.block.version == 4 else 128) - peer.block.prefixlen
            case Add():
                return 1
            case Drop():
                return 3 if edit.peer is None and edit.port is None else 1


def _rule_of(edit: Edit) -> object:
    match edit:
        case Drop():
            return edit.policy, edit.rule
        case Add():  # rules of the same traffic are written as one
            return edit.policy, edit.direction, edit.traffic
        case New():
            return None


def _any_by(edits: Iterable[tuple[Edit, Any]], key: Any) -> list[Any]:
    from netsim.smt import terms

    found: dict[object, list[Any]] = {}
    for edit, term in edits:
        if (own := key(edit)) is not None:
            found.setdefault(own, []).append(term)
    return [terms.any_of(own) for own in found.values()]


def _blamed(wishes: Iterable[tuple[int, Traffic]], flow: Flow) -> str:
    return next((str(number) for number, traffic in wishes if (flow.protocol, flow.port) in traffic), KEPT)


def _block(text: str) -> Iterator[Network]:
    try:
        yield ip_network(text, strict=False)
    except ValueError:
        return


def _sum(parts: Iterable[Traffic]) -> Traffic:
    total = NONE
    for traffic in parts:
        total = total | traffic
    return total
