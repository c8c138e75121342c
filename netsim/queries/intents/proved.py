"""Intents over more kinds of pods that could exist than can be tried: the solver is asked of every one at once.

What exists is asked as ever; the solver is asked of the connections of which an end is a pod that could exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from netsim.errors import InternalError
from netsim.ir.intents import Claim, Party, SelectedPeer
from netsim.ir.objects import Namespace, Pod
from netsim.ir.place import NOWHERE
from netsim.ir.policy import PodPeer
from netsim.ir.proof import Outcome, Witness
from netsim.ir.verdict import Endpoint
from netsim.queries.focus import every_pod
from netsim.queries.intents.breaches import told
from netsim.queries.intents.claims import Question
from netsim.queries.intents.imagined import braced, declaring, named_spaces, space_name
from netsim.queries.intents.meaning import Meaning
from netsim.queries.intents.results import Checked, Reason, Result
from netsim.queries.outside import INTERNET
from netsim.queries.symbolic import is_host
from netsim.spec import explained, judge

if TYPE_CHECKING:  # z3 is imported on first use, so that `netsim --help` stays fast
    from netsim.ir.objects import Network
    from netsim.queries.query import Verdict
    from netsim.smt import claims
    from netsim.smt import question as asking
    from netsim.smt.question import End, On


def proved(question: Question, *, with_addresses: bool) -> Checked:
    """Return what is said of an intent over every pod that could exist.

    Args:
        with_addresses: Whether the answer may hang on the addresses that those pods get.
    """
    found = question.unanswered.judged(question.breaches())
    if found.result is Result.FAILS:
        return found
    asked = _Asked(question)
    for blocks in ((), INTERNET) if with_addresses else ((),):
        possible = asked.checked(blocks)
        if possible.result is Result.FAILS and blocks:  # where pods have addresses, nobody said
            possible = replace(possible, result=Result.UNKNOWN, reason=Reason.ADDRESSES)
        if possible.result is Result.FAILS:
            return possible
        found = possible if found.holds else found
    if asked.nodes:
        return replace(found, result=Result.UNKNOWN, reason=Reason.NODES)
    return asked.vacuous() or found if found.holds else found


@dataclass(slots=True)
class _Side:
    """One side of an intent: pods that could exist, and what does.

    Attributes:
        nodes: Whether nodes, hostNetwork pods or controllers that are not in the input are meant.
    """

    possible: tuple[End, ...]
    existing: tuple[End, ...]
    nodes: bool


@dataclass(slots=True)
class _Asked:
    """An intent, asked of the solver; used once, then dropped."""

    question: Question
    _sources: _Side = field(init=False)
    _destinations: _Side = field(init=False)

    def __post_init__(self) -> None:
        question, claim = self.question, self.question.intent.claim
        self._sources = self._side(question.intent.sources, question.sources, every=claim is Claim.ONLY_FROM)
        self._destinations = self._side(
            question.intent.destinations, question.destinations, every=claim is Claim.ONLY_TO
        )

    @property
    def nodes(self) -> bool:
        """Whether what a node may do is meant, with a pod that could exist at the other end."""
        sources, destinations = self._sources, self._destinations
        return bool((sources.nodes and destinations.possible) or (destinations.nodes and sources.possible))

    def checked(self, pod_blocks: tuple[Network, ...]) -> Checked:
        """Return what is said of the connections of which an end is a pod that could exist in some blocks."""
        from netsim.smt import claims

        prove = claims.reachable if self.question.intent.claim is Claim.ALLOW else claims.isolated
        found = self.question.unanswered
        for asked in self._questions(pod_blocks):
            proof = prove(self._policies(), asked)
            if proof.witness is not None:
                return replace(found, result=Result.FAILS, counterexample=self._shown(proof.witness, proof))
            if proof.outcome is Outcome.UNKNOWN:
                reason = Reason.MAYBE if proof.reason == claims.NOT_SAID else Reason.GAVE_UP
                found = replace(found, result=Result.UNKNOWN, reason=reason)
        return found

    def vacuous(self) -> Checked | None:
        """Return that no connection is meant at all, not even a permitted one."""
        found = self.question.answer()
        if found.result is not Result.VACUOUS:
            return None
        if any(self._is_met(replace(asked, but_from=(), but_to=())) for asked in self._questions(())):
            return None
        for side, reason in ((self._sources, Reason.NO_SOURCE), (self._destinations, Reason.NO_DESTINATION)):
            if not (side.existing or side.nodes or self._is_somebody(side)):
                return replace(found, reason=reason)
        return replace(found, reason=Reason.NO_CONNECTION, hint="")

    def _is_somebody(self, side: _Side) -> bool:
        from netsim.smt.question import Outside
        from netsim.smt.question import Question as Claimed

        asked = Claimed(sources=side.possible, destinations=(Outside(INTERNET),))
        return bool(side.possible) and self._is_met(asked)

    def _is_met(self, asked: asking.Question) -> bool:
        """Return whether some connection is asked about, or may be."""
        from netsim.smt.claims import spoken
        from netsim.smt.solve import Satisfiable

        return spoken(self._policies(), asked) is not Satisfiable.NO

    def _policies(self) -> asking.Side:
        from netsim.smt.question import Side

        cluster = self.question.cluster
        return Side(snapshot=cluster.snapshot, profile=cluster.profile, policies=cluster.snapshot.policies)

    def _questions(self, pod_blocks: tuple[Network, ...]) -> Iterator[asking.Question]:
        from netsim.smt.question import Question as Claimed

        intent, sources, destinations = self.question.intent, self._sources, self._destinations
        for ones, others in (
            (sources.possible, (*destinations.possible, *destinations.existing)),
            (sources.existing, destinations.possible),
        ):
            if ones and others:
                yield Claimed(
                    sources=ones,
                    destinations=others,
                    but_from=self._permitted(intent.sources) if intent.claim is Claim.ONLY_FROM else (),
                    but_to=self._permitted(intent.destinations) if intent.claim is Claim.ONLY_TO else (),
                    families=tuple(self.question.cluster.program.families),
                    ports=intent.ports,
                    pod_blocks=pod_blocks,
                )

    def _side(self, parties: Sequence[Party], meaning: Meaning, *, every: bool) -> _Side:
        from netsim.smt.question import Outside, Pods

        program = self.question.cluster.program
        numbers = every_pod(program) if every else tuple(meaning.endpoints)
        known, nodes = self._known(numbers)
        blocks = INTERNET if every else tuple(block for _, block in meaning.blocks)
        outside: tuple[End, ...] = (Outside(blocks),) if blocks and self.question.outside else ()
        return _Side(
            possible=(Pods(),) if every else tuple(dict.fromkeys(_selected(parties))),
            existing=(*known, *outside),
            nodes=nodes or (meaning.controller is not None and not every),
        )

    def _known(self, numbers: Iterable[int]) -> tuple[tuple[End, ...], bool]:
        """Return the pods among some endpoints, and whether others are among them."""
        from netsim.smt.question import Known

        cluster = self.question.cluster
        endpoints = [cluster.program.endpoints[number] for number in sorted(numbers)]
        pods = tuple(each for each in endpoints if isinstance(each, Pod) and not is_host(cluster, each))
        return (Known(pods),) if pods else (), len(pods) < len(endpoints)

    def _permitted(self, parties: Sequence[Party]) -> tuple[End | On, ...]:
        """Return what an ``ONLY_`` claim permits."""
        from netsim.smt.question import On, Outside

        found: list[End | On] = []
        for party in parties:
            meaning = self.question.meanings.of([party])
            known, _ = self._known(meaning.endpoints)
            blocks = tuple(block for _, block in meaning.blocks)
            ends = (*_selected([party]), *known, *((Outside(blocks),) if blocks else ()))
            found += ends if party.ports is None else (On(end, party.ports) for end in ends)
        return tuple(found)

    def _shown(self, witness: Witness, proof: claims.Proof) -> Verdict:
        """Return the definition's verdict on a witness whose pods are called by their labels.

        Raises:
            InternalError: The verdict is another than that on the witness as the solver made it.
        """
        cluster = self.question.cluster
        named = named_spaces(peer.namespaces for peer in self._peers()) | cluster.snapshot.namespaces.keys()
        spaces = {space.name: _called(space, named) for space in witness.namespaces}
        flow = replace(
            witness.flow,
            source=_shown(witness.flow.source, spaces),
            destination=_shown(witness.flow.destination, spaces),
        )
        world = replace(
            cluster.snapshot,
            namespaces={**cluster.snapshot.namespaces, **{space.name: space for space in spaces.values()}},
        )
        verdict = judge(world, cluster.profile, flow)
        if verdict.allowed is not proof.verdicts[0].allowed:
            raise InternalError(f"{flow}: {verdict.allowed} != {proof.verdicts[0].allowed}")
        return told(explained(verdict, world, cluster.profile))

    def _peers(self) -> Iterator[PodPeer]:
        intent = self.question.intent
        for policy in self.question.cluster.snapshot.policies:
            yield policy.subject
            yield from (peer for rule in policy.rules for peer in rule.peers or () if isinstance(peer, PodPeer))
        for party in (*intent.sources, *intent.destinations):
            if isinstance(party.peer, SelectedPeer):
                yield party.peer.pods


def _selected(parties: Iterable[Party]) -> Iterator[End]:
    from netsim.smt.question import Pods

    for party in parties:
        if isinstance(party.peer, SelectedPeer):
            yield Pods(spaces=party.peer.pods.namespaces, pods=party.peer.pods.pods)


def _called(space: Namespace, named: Iterable[str]) -> Namespace:
    return replace(space, name=space_name(space.labels, set(named)))


def _shown(end: Endpoint, spaces: dict[str, Namespace]) -> Endpoint:
    """Return an end of a witness, called by its labels where it is a pod that could exist."""
    if not isinstance(end, Pod) or end.place is not NOWHERE:
        return end
    namespace = spaces[end.namespace].name if end.namespace in spaces else end.namespace
    at = f" at {end.addresses[0]}" if end.addresses else ""
    name = braced(end.labels, "any pod") + at
    workload = replace(end.workload, namespace=namespace)
    # A template, for it stands for every pod of these labels: two of them are two pods.
    return declaring(replace(end, namespace=namespace, name=name, workload=workload, template=True), end.ports)
