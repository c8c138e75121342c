"""Claims over every connection that could exist: each holds, is refuted by a witness, or is unknown.

Contract: a claim holds iff the formula that would refute it is unsatisfiable even where everything unknown goes against
it; it is refuted iff a connection refutes it whatever the unknown is; it is unknown otherwise, or where the solver gave
up. Every witness has been replayed through the definition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from netsim.ir.labels import EVERYTHING, Selector
from netsim.ir.objects import Address, Family, Namespace, Network, Pod
from netsim.ir.policy import Policy
from netsim.ir.profile import Profile
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import ALL, Traffic
from netsim.ir.verdict import Verdict
from netsim.smt import terms
from netsim.smt.decode import Witness, replayed, witness
from netsim.smt.encode import Encoder, Flow, Possible
from netsim.smt.endpoints import AnyAddress, AnyPod, Endpoint, KnownPod
from netsim.smt.solve import TIMEOUT, Satisfiable, Solver
from netsim.smt.terms import Term
from netsim.smt.universe import Universe, universe


@dataclass(frozen=True, slots=True, kw_only=True)
class Pods:
    """Every pod that could exist and that selectors over its namespace and its own labels select.

    ``namespaces`` are those that it may be in; None: every one, and new ones.
    """

    spaces: Selector = EVERYTHING
    pods: Selector = EVERYTHING
    namespaces: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """Every address in some blocks that the snapshot does not name."""

    blocks: tuple[Network, ...]


#: One end of the connections that a claim is about; a Pod is itself.
End = Pods | Outside | Pod


class Outcome(Enum):
    """What became of a claim."""

    HOLDS = "holds"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What became of a claim.

    Attributes:
        witness: The connection that refutes it.
        verdicts: What the definition says of the witness: under each of the policy sets that the claim is about.
        reason: Why it is unknown.
    """

    outcome: Outcome
    witness: Witness | None = None
    verdicts: tuple[Verdict, ...] = ()
    reason: str = ""


HOLDS = Proof(outcome=Outcome.HOLDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A set of policies, and the snapshot that it belongs to."""

    snapshot: Snapshot
    profile: Profile
    policies: tuple[Policy, ...]

    @property
    def namespaces(self) -> Mapping[str, Namespace]:
        """Those that exist."""
        return self.snapshot.namespaces


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which connections a claim is about.

    Attributes:
        families: The address families that are asked about.
        traffic: The protocols and ports.
        pod_blocks: Where pods that could exist have their addresses; empty: nowhere that an ipBlock matches.
        timeout: Milliseconds for each call of the solver.
    """

    sources: tuple[End, ...] = (Pods(), Outside(()))
    destinations: tuple[End, ...] = (Pods(), Outside(()))
    families: tuple[Family, ...] = (Family.IPV4,)
    traffic: Traffic = ALL
    pod_blocks: tuple[Network, ...] = ()
    timeout: int = TIMEOUT


#: A formula that refutes a claim: given what may become of a connection under each side.
Refutation = Callable[[Sequence[Possible]], Term]


def isolated(side: Side, question: Question) -> Proof:
    """Prove that no connection of the question is allowed."""
    return _prove(
        [side], question, may=lambda one: one[0].allowed, must=lambda one: terms.negation(one[0].denied), wanted=(True,)
    )


def reachable(side: Side, question: Question) -> Proof:
    """Prove that every connection of the question is allowed."""
    return _prove(
        [side],
        question,
        may=lambda one: one[0].denied,
        must=lambda one: terms.negation(one[0].allowed),
        wanted=(False,),
    )


def contains(outer: Side, inner: Side, question: Question) -> Proof:
    """Prove that every connection that ``inner`` allows is allowed by ``outer``."""
    return _prove(
        [outer, inner],
        question,
        may=lambda two: terms.all_of([two[1].allowed, two[0].denied]),
        must=lambda two: terms.all_of([terms.negation(two[1].denied), terms.negation(two[0].allowed)]),
        wanted=(False, True),
    )


def equivalent(old: Side, new: Side, question: Question) -> Proof:
    """Prove that both sides allow the same connections."""
    found = contains(old, new, question)
    return contains(new, old, question) if found.outcome is Outcome.HOLDS else found


def _prove(
    sides: Sequence[Side], question: Question, *, may: Refutation, must: Refutation, wanted: tuple[bool, ...]
) -> Proof:
    """Look for a connection that refutes a claim.

    Args:
        may, must: That a connection may refute it, and that it does so whatever is unknown.
        wanted: Whether the witness is allowed, under each side.
    """
    unknown = ""
    for flow, chosen in flows(sides, question):
        possible = [
            Encoder(policies=side.policies, profile=side.profile, flow=flow, names=side.snapshot.names).verdict()
            for side in sides
        ]
        solver = Solver([*flow.constraints, *chosen, flow.carries(question.traffic)], question.timeout)
        found = solver.ask(must(possible))
        if found.model is not None:
            seen = witness(flow, found.model)
            verdicts = tuple(
                replayed(seen, side.snapshot, side.profile, policies=side.policies, wanted=want)
                for side, want in zip(sides, wanted, strict=True)
            )
            return Proof(outcome=Outcome.REFUTED, witness=seen, verdicts=verdicts)
        if found.answer is Satisfiable.UNKNOWN:
            unknown = unknown or found.reason
        elif (doubt := solver.ask(may(possible))).answer is not Satisfiable.NO:
            unknown = unknown or doubt.reason or "it hangs on what the input does not say"
    return Proof(outcome=Outcome.UNKNOWN, reason=unknown) if unknown else HOLDS


def flows(sides: Sequence[Side], question: Question) -> Iterator[tuple[Flow, list[Term]]]:
    """Yield a symbolic connection for each pair of ends and family, with what restricts the ends."""
    every = _universe(sides, question)
    named = _named_addresses(sides)
    for family in question.families:
        for source in question.sources:
            for destination in question.destinations:
                ends = (source, destination)
                if all(isinstance(end, Outside) for end in ends):
                    continue
                if family != question.families[0] and not _hangs_on_family(ends, question):
                    continue
                found = [
                    _endpoint(end, name, every, family, named)
                    for end, name in zip(ends, ("source", "destination"), strict=True)
                ]
                yield Flow(found[0][0], found[1][0], family), [found[0][1], found[1][1]]


def _hangs_on_family(ends: Sequence[End], question: Question) -> bool:
    """May the address of some end be told from others? Pods without addresses are alike in every family."""
    return bool(question.pod_blocks) or not all(isinstance(end, Pods) for end in ends)


def _universe(sides: Sequence[Side], question: Question) -> Universe:
    namespaces: dict[str, Namespace] = {}
    for side in sides:
        namespaces.update(side.namespaces)
    selectors = [(end.spaces, end.pods) for end in (*question.sources, *question.destinations) if isinstance(end, Pods)]
    policies = [policy for side in sides for policy in side.policies]
    return universe(policies, namespaces, selectors, question.pod_blocks)


def _named_addresses(sides: Sequence[Side]) -> list[Address]:
    pods = [address for side in sides for pod in side.snapshot.pods for address in pod.addresses]
    nodes = [address for side in sides for node in side.snapshot.nodes for address in node.addresses]
    return sorted({*pods, *nodes}, key=lambda address: (address.version, int(address)))


def _endpoint(end: End, name: str, every: Universe, family: Family, named: Sequence[Address]) -> tuple[Endpoint, Term]:
    match end:
        case Pods():
            pod = AnyPod(name, every, family, end.namespaces)
            return pod, pod.selected(end.spaces, end.pods)
        case Outside():
            return AnyAddress(name, family, end.blocks, named), True
        case Pod():
            return KnownPod(end, every.namespaces[end.namespace], family), True
    assert_never(end)
