"""Claims about policies themselves: what could be deleted, what never decides, what selects nobody, what overlaps.

Contracts: ``redundant`` returns an irreducible set whose deletion changes no answer for any connection that could
exist; a policy or rule of which the solver gave up is kept, and told. ``shadowed`` returns rules that decide no
connection. ``contradicted`` returns rules that deny, each with a connection that they match and an earlier rule of
their tier allows; each such connection has been replayed through the definition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from netsim.errors import InternalError
from netsim.ir.policy import Action, Direction, Peer, PodPeer, Policy, Tier
from netsim.ir.profile import Baseline
from netsim.ir.proof import Part, Witness
from netsim.smt import terms
from netsim.smt.decode import replayed, witness
from netsim.smt.encode import Decision, Encoder, Flow, Possible
from netsim.smt.endpoints import Endpoint
from netsim.smt.question import Outside, Question, Side, flows
from netsim.smt.solve import Satisfiable, Solver
from netsim.smt.terms import Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The policies and rules that a claim is found to hold of, and those of which the solver gave up."""

    parts: tuple[Part, ...]
    unknown: tuple[Part, ...] = ()


def parts_of(policies: Sequence[Policy]) -> list[Part]:
    """Return every policy, and then every rule."""
    rules = [Part(policy, rule) for policy in policies for rule in policy.rules]
    return [*(Part(policy) for policy in policies), *rules]


def redundant(side: Side, question: Question, candidates: Sequence[Part] | None = None) -> Parts:
    """Return an irreducible set of parts that could be deleted together without changing any answer.

    Args:
        candidates: Try these alone, in this order; every policy and then every rule where None.
    """
    compared = [_Compared(side, question, flow, chosen) for flow, chosen in flows([side], question)]
    off: list[Part] = []
    unknown: list[Part] = []
    for part in parts_of(side.policies) if candidates is None else candidates:
        if part.rule is not None and Part(part.policy) in off:
            continue
        match _differs_without(compared, [*off, part]):
            case Satisfiable.NO:
                off.append(part)
            case Satisfiable.UNKNOWN:
                unknown.append(part)
    return Parts(parts=tuple(off), unknown=tuple(unknown))


def removable(side: Side, question: Question) -> Parts:
    """Return the parts each of which alone could be deleted; rules only of policies that could not."""
    compared = [_Compared(side, question, flow, chosen) for flow, chosen in flows([side], question)]
    found: dict[Satisfiable, list[Part]] = {answer: [] for answer in Satisfiable}
    for part in parts_of(side.policies):
        if part.rule is None or Part(part.policy) not in found[Satisfiable.NO]:
            found[_differs_without(compared, [part])].append(part)
    return Parts(parts=tuple(found[Satisfiable.NO]), unknown=tuple(found[Satisfiable.UNKNOWN]))


def _differs_without(compared: Sequence[_Compared], off: Sequence[Part]) -> Satisfiable:
    """Return whether some answer changes where these parts are deleted, the last of them at last."""
    unknown = False
    for each in compared:
        found = each.differs_without(off)
        if found is Satisfiable.YES:
            return found
        unknown = unknown or found is Satisfiable.UNKNOWN
    return Satisfiable.UNKNOWN if unknown else Satisfiable.NO


class _Compared:
    """All policies beside those that the solver is told are there, on one symbolic connection."""

    def __init__(self, side: Side, question: Question, flow: Flow, chosen: Sequence[Term]) -> None:
        self._switches = {part: terms.variable(f"on.{part.name}") for part in parts_of(side.policies)}
        self._solver = Solver([*flow.constraints, *chosen, flow.carries(question.traffic)], question.timeout)
        self._flow = flow
        self._profile = side.profile
        whole, chosen_ones = (
            Encoder(
                policies=side.policies, profile=side.profile, flow=flow, names=side.snapshot.names, switch=switch
            ).verdict()
            for switch in (lambda _policy, _rule: True, lambda policy, rule: self._switches[Part(policy, rule)])
        )
        self._solver.add(_differs(whole, chosen_ones))

    def differs_without(self, off: Sequence[Part]) -> Satisfiable:
        """Return whether some answer changes where these parts are deleted."""
        gone = set(off)
        on = [terms.negation(term) if part in gone else term for part, term in self._switches.items()]
        # Only connections that the last of them could have to do with can differ by it.
        return self._solver.ask(*on, self._concerns(off[-1])).answer

    def _concerns(self, part: Part) -> Term:
        policy, rule = part.policy, part.rule
        directions = {rule.direction} if rule else {*policy.isolates, *(each.direction for each in policy.rules)}
        if policy.isolates and rule is None and self._profile.baseline is Baseline.UNSELECTED:
            directions = set(Direction)  # S4.3: what isolates in one direction matters in the other, too
        ends = {Direction.EGRESS: self._flow.source, Direction.INGRESS: self._flow.destination}
        return terms.any_of(
            ends[direction].selected(policy.subject.namespaces, policy.subject.pods) for direction in directions
        )


def _differs(one: Possible, other: Possible) -> Term:
    return terms.any_of([terms.differ(one.allowed, other.allowed), terms.differ(one.denied, other.denied)])


def shadowed(side: Side, question: Question) -> Parts:
    """Return the rules that decide no connection: others always do before them.

    Of a NetworkPolicy, whose rules only ever allow, none decides before another: its rules that match nothing at all
    are meant, and those that only repeat others are ``redundant``.
    """
    decides = {Part(policy, rule): Satisfiable.NO for policy in side.policies for rule in policy.rules}
    for _, solver, encoder in _asked(side, question):
        for direction in Direction:
            for each in encoder.decisions(direction):
                part = Part(each.policy, each.rule)
                if decides[part] is not Satisfiable.YES:
                    decides[part] = _worse(decides[part], solver.ask(each.term).answer)
    return _parts(decides)


def _worse(known: Satisfiable, answer: Satisfiable) -> Satisfiable:
    """Return what is known once one more connection was asked about: one that is found outweighs all others."""
    return known if answer is Satisfiable.NO else answer


def _parts(met: Mapping[Part, Satisfiable]) -> Parts:
    """Return the parts that no connection, or no pod, meets."""
    return Parts(
        parts=tuple(part for part, answer in met.items() if answer is Satisfiable.NO),
        unknown=tuple(part for part, answer in met.items() if answer is Satisfiable.UNKNOWN),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A rule that denies, and an earlier one that allows.

    Attributes:
        witness: A connection that both match; None where the solver gave up.
        exception: All that the earlier one decides is a part, and not the whole, of what the later one denies.
    """

    denies: Part
    allows: Part
    witness: Witness | None
    exception: bool = False


def contradicted(side: Side, question: Question) -> Iterator[Contradiction]:
    """Yield each rule that denies with each earlier rule of its tier that allows a connection which it matches."""
    found: dict[tuple[Part, Part], Witness | None] = {}
    asked = list(_asked(side, question))
    for flow, solver, encoder in asked:
        for direction in Direction:
            for denies, matched in _denials(side.policies, flow, encoder, direction):
                for allow in _allowing_before(denies.policy, encoder.decisions(direction)):
                    pair = denies, Part(allow.policy, allow.rule)
                    if found.get(pair) is not None:
                        continue
                    answer = solver.ask(matched, allow.term)
                    if answer.model is not None:
                        found[pair] = _contradicts(side, direction, *pair, witness(flow, answer.model))
                    elif answer.answer is Satisfiable.UNKNOWN:
                        found[pair] = None
    for (denies, allows), seen in found.items():
        exception = seen is not None and _is_exception(side, asked, denies, allows)
        yield Contradiction(denies=denies, allows=allows, witness=seen, exception=exception)


def _is_exception(side: Side, asked: Sequence[tuple[Flow, Solver, Encoder]], denies: Part, allows: Part) -> bool:
    """Return whether one rule surely takes a part, and not the whole, out of what another denies."""
    leaves = False
    direction = denies.rule.direction if denies.rule else Direction.INGRESS
    for flow, solver, encoder in asked:
        denied = next(term for part, term in _denials(side.policies, flow, encoder, direction) if part == denies)
        allowed = terms.any_of(
            each.term for each in encoder.decisions(direction) if Part(each.policy, each.rule) == allows
        )
        if solver.ask(allowed, terms.negation(denied)).answer is not Satisfiable.NO:
            return False
        leaves = leaves or solver.ask(denied, terms.negation(allowed)).answer is Satisfiable.YES
    return leaves


def _denials(
    policies: Sequence[Policy], flow: Flow, encoder: Encoder, direction: Direction
) -> Iterator[tuple[Part, Term]]:
    """Yield the rules of a direction that deny, each with that it matches a connection of who it is about."""
    for policy in policies:
        for rule in policy.rules:
            if rule.action is Action.DENY and rule.direction is direction and policy.tier is not Tier.NETWORK:
                subject = encoder.selected(policy, _subject(flow, direction))
                yield Part(policy, rule), terms.all_of([subject, encoder.matches(rule)[1]])


def _allowing_before(policy: Policy, decisions: Sequence[Decision]) -> Iterator[Decision]:
    """Yield what allows in a policy's tier, but for policies that are asked after it."""
    for each in decisions:
        other = each.policy
        if each.rule.action is Action.ALLOW and other.tier is policy.tier and other.priority <= policy.priority:
            yield each


def _contradicts(side: Side, direction: Direction, denies: Part, allows: Part, seen: Witness) -> Witness:
    """Return a witness, of which the definition says that the one rule decides and that the other alone denies it."""
    rules = (denies.rule,) if denies.rule else ()
    policies = (side.policies, (replace(denies.policy, rules=rules),))
    whole, alone = (replayed(seen, side.snapshot, side.profile, policies=each) for each in policies)
    decided = whole.egress if direction is Direction.EGRESS else whole.ingress
    if alone.allowed is not False or not any(reason.rule == allows.rule for reason in decided.reasons):
        raise InternalError(f"the solver's witness {seen.flow} is not one of {denies.name} and {allows.name}")
    return seen


def vacuous(side: Side, question: Question) -> Parts:
    """Return the policies that select no pod, and the rules that name peers, of which none means anybody."""
    met: dict[Part, Satisfiable] = {}
    pods = _Pods(side, question)
    for policy in side.policies:
        met[Part(policy)] = pods.meant([policy.subject])
        for rule in policy.rules:
            if rule.peers is not None:
                met[Part(policy, rule)] = _means_somebody(pods, rule.peers)
    return _parts(met)


def _means_somebody(pods: _Pods, peers: Sequence[Peer]) -> Satisfiable:
    if not all(isinstance(peer, PodPeer) for peer in peers):
        return Satisfiable.YES
    found = Satisfiable.NO
    for peer in peers:
        found = _worse(found, pods.meant([peer])) if isinstance(peer, PodPeer) else found
        if found is Satisfiable.YES:
            break
    return found


def overlapping(side: Side, question: Question) -> Iterator[tuple[Policy, Policy, Satisfiable]]:
    """Yield every two policies of which some pod that could exist is, or may be, selected by both."""
    pods = _Pods(side, question)
    for one, other in combinations(side.policies, 2):
        found = pods.meant([one.subject, other.subject])
        if found is not Satisfiable.NO:
            yield one, other, found


class _Pods:
    """The pods that are among the sources of a question."""

    def __init__(self, side: Side, question: Question) -> None:
        alone = replace(question, destinations=(Outside(()),), families=question.families[:1])
        self._asked = [
            (flow.source, Solver([*flow.source.constraints, *chosen[:1]], question.timeout))
            for flow, chosen in flows([side], alone)
        ]

    def meant(self, peers: Sequence[PodPeer]) -> Satisfiable:
        """Return whether some pod is meant by all of some peers."""
        known = Satisfiable.NO
        for source, solver in self._asked:
            terms_of = (source.selected(each.namespaces, each.pods) for each in peers)
            known = _worse(known, solver.ask(*terms_of).answer)
            if known is Satisfiable.YES:
                break
        return known


def _subject(flow: Flow, direction: Direction) -> Endpoint:
    return flow.source if direction is Direction.EGRESS else flow.destination


def _asked(side: Side, question: Question) -> Iterator[tuple[Flow, Solver, Encoder]]:
    for flow, chosen in flows([side], question):
        solver = Solver([*flow.constraints, *chosen, flow.carries(question.traffic)], question.timeout)
        yield flow, solver, Encoder(policies=side.policies, profile=side.profile, flow=flow, names=side.snapshot.names)
