"""Claims over every connection that could exist: each holds, is refuted by a witness, or is unknown.

Contract: a claim holds iff the formula that would refute it is unsatisfiable even where everything unknown goes against
it; it is refuted iff a connection refutes it whatever the unknown is; it is unknown otherwise, or where the solver gave
up. Every witness has been replayed through the definition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import assert_never

from netsim.errors import InternalError
from netsim.ir.labels import Selector
from netsim.ir.objects import Pod
from netsim.ir.policy import Direction
from netsim.ir.proof import Outcome, Witness
from netsim.ir.truth import Truth
from netsim.ir.verdict import Verdict
from netsim.smt import terms
from netsim.smt.alike import Homes, Touched, groups, touched
from netsim.smt.decode import replayed, witness
from netsim.smt.encode import Encoder, Flow, Possible, joined
from netsim.smt.endpoints import AnyPod, Endpoint
from netsim.smt.question import End, Known, Pods, Question, Side, flows
from netsim.smt.solve import Model, Satisfiable, Solver
from netsim.smt.terms import Term


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


#: A formula that refutes a claim: given what may become of a connection under each side.
Refutation = Callable[[Sequence[Possible]], Term]
#: What the definition says of a witness under each side, and whether that refutes the claim.
Refuted = Callable[[Sequence[Truth]], bool]


def isolated(side: Side, question: Question) -> Proof:
    """Prove that no connection of the question is allowed."""
    return _prove(
        [side],
        question,
        may=lambda one: one[0].allowed,
        must=lambda one: terms.negation(one[0].denied),
        refuted=lambda said: said[0] is True,
    )


def reachable(side: Side, question: Question) -> Proof:
    """Prove that every connection of the question is allowed."""
    return _prove(
        [side],
        question,
        may=lambda one: one[0].denied,
        must=lambda one: terms.negation(one[0].allowed),
        refuted=lambda said: said[0] is False,
    )


def contains(outer: Side, inner: Side, question: Question) -> Proof:
    """Prove that every connection that ``inner`` allows is allowed by ``outer``."""
    return _compare(
        outer,
        inner,
        question,
        may=lambda two: _only(two[1], two[0]),
        must=lambda two: _surely_only(two[1], two[0]),
        refuted=lambda said: said[0] is False and said[1] is True,
    )


def equivalent(old: Side, new: Side, question: Question) -> Proof:
    """Prove that both sides allow the same connections."""
    return _compare(
        old,
        new,
        question,
        may=lambda two: terms.any_of([_only(two[0], two[1]), _only(two[1], two[0])]),
        must=lambda two: terms.any_of([_surely_only(two[0], two[1]), _surely_only(two[1], two[0])]),
        refuted=lambda said: None not in said and said[0] is not said[1],
    )


class Explicit(Enum):
    """What is asked of the connections that some rule of one side allows, and not only that nothing denies."""

    PERMITTED = "the other allows them"
    FORBIDDEN = "the other allows none of them"
    SHARED = "some rule of the other allows them, too"


def explicitly(one: Side, other: Side, question: Question, asked: Explicit) -> Proof:
    """Prove something of every connection that some rule of ``one`` allows.

    What may match for lack of an address counts as matched.
    """
    for flow, chosen in flows([one, other], question):
        solver = Solver([*flow.constraints, *chosen, flow.carries(question.traffic)], question.timeout)
        first, second = (
            Encoder(policies=side.policies, profile=side.profile, flow=flow, names=side.snapshot.names)
            for side in (one, other)
        )
        found = solver.ask(first.explicit(), _against(second, asked))
        if found.model is not None:
            return _refuted(
                [one, other],
                witness(flow, found.model),
                lambda said: said[0] is not False and said[1] in _LEFT[asked],
            )
        if found.answer is Satisfiable.UNKNOWN:
            return Proof(outcome=Outcome.UNKNOWN, reason=found.reason)
    return HOLDS


#: What the other side may say of a witness.
_LEFT: Mapping[Explicit, tuple[Truth, ...]] = {
    Explicit.PERMITTED: (False,),
    Explicit.FORBIDDEN: (True, None),
    Explicit.SHARED: (True, None, False),
}


def _against(encoder: Encoder, asked: Explicit) -> Term:
    match asked:
        case Explicit.PERMITTED:
            return terms.negation(encoder.verdict().allowed)
        case Explicit.FORBIDDEN:
            return encoder.verdict().allowed
        case Explicit.SHARED:
            return terms.negation(encoder.explicit())
    assert_never(asked)


def _only(one: Possible, other: Possible) -> Term:
    """Return that the one may allow what the other may deny."""
    return terms.all_of([one.allowed, other.denied])


def _surely_only(one: Possible, other: Possible) -> Term:
    return terms.all_of([terms.negation(one.denied), terms.negation(other.allowed)])


def _compare(
    one: Side, other: Side, question: Question, *, may: Refutation, must: Refutation, refuted: Refuted
) -> Proof:
    """Look for a connection of which two sides do not say the same, where what is written of its subject differs.

    Asked first is of each group of subjects whether the side that is theirs says the same by itself, for which only the
    policies that apply to them are encoded; the whole is asked of those alone of which it may not.
    """
    found = HOLDS
    changed = touched(one.policies, other.policies, one.profile)
    differing = {direction: _differing(one, other, question, may, direction, changed) for direction in changed}
    left = {direction: changed[direction] for direction, places in differing.items() if places is not None}
    # Where nearly everything differs, both directions are asked about at once: there is nothing to leave out.
    most = sum(map(len, left.values())) > len(one.policies) and len(left) > 1
    for direction in (None,) if most else tuple(left):
        places = None if direction is None else differing[direction]
        narrow = question if direction is None or places is None else _narrowed(question, one, direction, places)
        proof = _prove([one, other], narrow, may=may, must=must, refuted=refuted, of=(direction, left), differ=changed)
        if proof.outcome is Outcome.REFUTED:
            return proof
        found = found if proof.outcome is Outcome.HOLDS else proof
    return found


def _differing(
    one: Side, other: Side, question: Question, may: Refutation, direction: Direction, changed: Touched
) -> Homes | None:
    """Return where touched subjects live of whom one direction by itself may refute a claim; None: nowhere.

    Elsewhere it is not in doubt, and both sides say the same of it, or what one says is inside the other.
    """
    found: list[Homes] = []
    for places, policies in groups((one.policies, other.policies), changed[direction], one.namespaces):
        sides = [replace(side, policies=own) for side, own in zip((one, other), policies, strict=True)]
        own_subjects = {policy.subject for side in sides for policy in side.policies}
        there = tuple(subject for subject in changed[direction] if subject in own_subjects)
        if _may_differ(sides, _narrowed(question, one, direction, places), may, direction, {direction: there}):
            found.append(places)
    if not found:
        return None
    return Homes(frozenset().union(*(each.names for each in found)), new=any(each.new for each in found))


def _may_differ(
    sides: Sequence[Side], question: Question, may: Refutation, direction: Direction, changed: Touched
) -> bool:
    for flow, chosen in flows(sides, question):
        possible = [
            Encoder(policies=side.policies, profile=side.profile, flow=flow, names=side.snapshot.names).side(direction)
            for side in sides
        ]
        about = (_is_touched(flow, direction, changed), flow.carries(question.traffic))
        solver = Solver([*flow.constraints, *chosen, *about], question.timeout)
        if solver.ask(may(possible)).answer is not Satisfiable.NO:
            return True
    return False


def _prove(
    sides: Sequence[Side],
    question: Question,
    *,
    may: Refutation,
    must: Refutation,
    refuted: Refuted,
    of: tuple[Direction | None, Touched] | None = None,
    differ: Iterable[Direction] = Direction,
) -> Proof:
    """Look for a connection that refutes a claim.

    Args:
        may, must: That a connection may refute it, and that it does so whatever is unknown.
        of: Only connections whose subject in this direction is touched; None: in either.
        differ: The directions that the sides do not write alike. What one says may be inside what another says, so
            that nothing need be asked of such a direction, and it is not the same.
    """
    unknown = ""
    for flow, chosen in flows(sides, question):
        about = [] if of is None else [_is_touched(flow, *of)]
        if about == [False]:
            continue
        possible = _possible(sides, flow, differ)
        solver = Solver([*flow.constraints, *chosen, *about, flow.carries(question.traffic)], question.timeout)
        found = solver.ask(must(possible))
        if found.model is not None:
            return _refuted(sides, witness(flow, _leanest(solver, flow, found.model, must(possible))), refuted)
        if found.answer is Satisfiable.UNKNOWN:
            unknown = unknown or found.reason
        elif (doubt := solver.ask(may(possible))).answer is not Satisfiable.NO:
            unknown = unknown or doubt.reason or NOT_SAID
    return Proof(outcome=Outcome.UNKNOWN, reason=unknown) if unknown else HOLDS


def _leanest(solver: Solver, flow: Flow, model: Model, *asked: Term) -> Model:
    """Return choices with as few labels and declared ports as can be, none of which could be left out alone."""
    wanted = [*asked]
    for term in (*flow.source.extras, *flow.destination.extras):
        found = solver.ask(*wanted, terms.negation(term)) if model.holds(term) else None
        if found is None or found.model is not None:
            wanted.append(terms.negation(term))
        model = model if found is None or found.model is None else found.model
    return model


def openings(side: Side, question: Question) -> Iterator[Proof]:
    """Yield a connection that is surely allowed from each namespace that a pod that could exist may be in.

    As refutations of ``isolated``; new namespaces count as one. Where the solver gives up, an unknown one is yielded.
    """
    seen: set[str | None] = set()
    for flow, chosen in flows([side], question):
        possible = Encoder(policies=side.policies, profile=side.profile, flow=flow, names=side.snapshot.names).verdict()
        solver = Solver([*flow.constraints, *chosen, flow.carries(question.traffic)], question.timeout)
        solver.add(terms.negation(possible.denied))
        for space in seen:
            solver.add(terms.negation(_lives_in(flow.source, space)))
        while (found := solver.ask()).model is not None:
            seen_there = witness(flow, _leanest(solver, flow, found.model))
            yield _refuted([side], seen_there, lambda said: said[0] is True)
            source = seen_there.flow.source
            space = source.namespace if isinstance(source, Pod) and not seen_there.namespaces else None
            seen.add(space)
            solver.add(terms.negation(_lives_in(flow.source, space)))
        if found.answer is Satisfiable.UNKNOWN:
            yield Proof(outcome=Outcome.UNKNOWN, reason=found.reason)


def _lives_in(endpoint: Endpoint, space: str | None) -> Term:
    """Return that a pod that could exist is in an existing namespace, or in a new one where None."""
    if not isinstance(endpoint, AnyPod):
        raise InternalError(f"a {type(endpoint).__name__} is in no namespace that could be chosen")
    return endpoint.new if space is None else endpoint.spaces.get(space, False)


def spoken(side: Side, question: Question) -> Satisfiable:
    """Return whether there is any connection that a question is about."""
    unknown = False
    for flow, chosen in flows([side], question):
        found = Solver([*flow.constraints, *chosen, flow.carries(question.traffic)], question.timeout).ask()
        if found.answer is Satisfiable.YES:
            return found.answer
        unknown = unknown or found.answer is Satisfiable.UNKNOWN
    return Satisfiable.UNKNOWN if unknown else Satisfiable.NO


#: Why a claim is unknown though the solver did not give up.
NOT_SAID = "it hangs on what the input does not say"


def _refuted(sides: Sequence[Side], seen: Witness, refuted: Refuted) -> Proof:
    verdicts = tuple(replayed(seen, side.snapshot, side.profile, policies=side.policies) for side in sides)
    said = [verdict.allowed for verdict in verdicts]
    if not refuted(said):
        raise InternalError(f"the solver's witness {seen.flow} does not refute: it is {said} by the definition")
    return Proof(outcome=Outcome.REFUTED, witness=seen, verdicts=verdicts)


def _possible(sides: Sequence[Side], flow: Flow, changed: Iterable[Direction]) -> list[Possible]:
    """Return what may become of a connection under each side; directions in which all say the same are built once."""
    encoders = [
        Encoder(policies=side.policies, profile=side.profile, flow=flow, names=side.snapshot.names) for side in sides
    ]
    differ = set(changed)
    shared = {direction: encoders[0].side(direction) for direction in Direction if direction not in differ}
    return [
        joined(*(shared.get(direction) or encoder.side(direction) for direction in Direction)) for encoder in encoders
    ]


def _narrowed(question: Question, side: Side, direction: Direction, places: Homes) -> Question:
    """Return the question of subjects in some namespaces alone."""
    spaces = places.within(side.namespaces)

    def within(ends: Iterable[End]) -> Iterator[End]:
        for end in ends:
            if isinstance(end, Pods):
                yield replace(end, spaces=Selector.of([*end.spaces.requirements, spaces]))
            elif isinstance(end, Known):
                pods = tuple(pod for pod in end.pods if pod.namespace in places.names)
                yield from [Known(pods)] if pods else []

    if direction is Direction.EGRESS:
        return replace(question, sources=tuple(within(question.sources)))
    return replace(question, destinations=tuple(within(question.destinations)))


def _is_touched(flow: Flow, direction: Direction | None, changed: Touched) -> Term:
    if direction is None:
        return terms.any_of(_is_touched(flow, each, changed) for each in changed)
    subject = flow.source if direction is Direction.EGRESS else flow.destination
    return terms.any_of(subject.selected(each.namespaces, each.pods) for each in changed[direction])
