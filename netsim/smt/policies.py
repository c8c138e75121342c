"""Claims about policies themselves: what could be deleted, what never decides, what selects nobody, what overlaps.

Contracts: ``redundant`` returns an irreducible set whose deletion changes no answer for any connection that could
exist; a policy or rule of which the solver gave up is kept, and told. ``shadowed`` returns rules that decide no
connection. ``contradicted`` returns rules that deny, each with a connection that they match and an earlier rule allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from netsim.ir.policy import Action, Direction, Peer, PodPeer, Policy, Rule, Tier
from netsim.ir.proof import Part, Witness
from netsim.smt import terms
from netsim.smt.decode import witness
from netsim.smt.encode import Encoder, Flow, Possible
from netsim.smt.endpoints import Endpoint
from netsim.smt.question import Outside, Question, Side, flows
from netsim.smt.solve import Satisfiable, Solver
from netsim.smt.terms import Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Redundant:
    """What could be deleted together, and what nothing is known of because the solver gave up."""

    parts: tuple[Part, ...]
    unknown: tuple[Part, ...] = ()


def parts_of(policies: Sequence[Policy]) -> list[Part]:
    """Return every policy, and then every rule."""
    rules = [Part(policy, rule) for policy in policies for rule in policy.rules]
    return [*(Part(policy) for policy in policies), *rules]


def redundant(side: Side, question: Question, candidates: Sequence[Part] | None = None) -> Redundant:
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
    return Redundant(parts=tuple(off), unknown=tuple(unknown))


def removable(side: Side, question: Question) -> Redundant:
    """Return the parts each of which alone could be deleted; rules only of policies that could not."""
    compared = [_Compared(side, question, flow, chosen) for flow, chosen in flows([side], question)]
    found: dict[Satisfiable, list[Part]] = {answer: [] for answer in Satisfiable}
    for part in parts_of(side.policies):
        if part.rule is None or Part(part.policy) not in found[Satisfiable.NO]:
            found[_differs_without(compared, [part])].append(part)
    return Redundant(parts=tuple(found[Satisfiable.NO]), unknown=tuple(found[Satisfiable.UNKNOWN]))


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
        ends = {Direction.EGRESS: self._flow.source, Direction.INGRESS: self._flow.destination}
        return terms.any_of(
            ends[direction].selected(policy.subject.namespaces, policy.subject.pods) for direction in directions
        )


def _differs(one: Possible, other: Possible) -> Term:
    return terms.any_of([terms.differ(one.allowed, other.allowed), terms.differ(one.denied, other.denied)])


def shadowed(side: Side, question: Question) -> tuple[Part, ...]:
    """Return the rules that decide no connection: others always do before them.

    Of a NetworkPolicy, whose rules only ever allow, none decides before another: its rules that match nothing at all
    are meant, and those that only repeat others are ``redundant``.
    """
    decides: dict[Part, bool] = {Part(policy, rule): False for policy in side.policies for rule in policy.rules}
    for flow, solver, encoder in _asked(side, question):
        del flow
        for direction in Direction:
            for each in encoder.decisions(direction):
                part = Part(each.policy, each.rule)
                if not decides[part] and solver.ask(each.term).answer is not Satisfiable.NO:
                    decides[part] = True
    return tuple(part for part, does in decides.items() if not does)


def contradicted(side: Side, question: Question) -> Iterator[tuple[Part, Part, Witness]]:
    """Yield each rule that denies, an earlier one that allows, and a connection of both that the latter decides."""
    seen: set[tuple[Part, Part]] = set()
    for flow, solver, encoder in _asked(side, question):
        for direction in Direction:
            decisions = encoder.decisions(direction)
            allows = [each for each in decisions if each.rule.action is Action.ALLOW and each.policy.tier is Tier.ADMIN]
            for policy, rule in _denials(side.policies, direction):
                matched = terms.all_of([encoder.selected(policy, _subject(flow, direction)), encoder.matches(rule)[1]])
                for allow in allows:
                    pair = Part(policy, rule), Part(allow.policy, allow.rule)
                    if pair in seen or (allow.policy.priority > policy.priority and policy.tier is Tier.ADMIN):
                        continue
                    found = solver.ask(matched, allow.term)
                    if found.model is not None:
                        seen.add(pair)
                        yield *pair, witness(flow, found.model)


def _denials(policies: Sequence[Policy], direction: Direction) -> Iterator[tuple[Policy, Rule]]:
    for policy in policies:
        for rule in policy.rules:
            if rule.action is Action.DENY and rule.direction is direction and policy.tier is Tier.ADMIN:
                yield policy, rule


def vacuous(side: Side, question: Question) -> tuple[Part, ...]:
    """Return the policies that select no pod, and the rules that name peers, of which none means anybody."""
    found: list[Part] = []
    for policy in side.policies:
        if _selecting(side, question, [policy.subject]) is Satisfiable.NO:
            found.append(Part(policy))
        found += [
            Part(policy, rule)
            for rule in policy.rules
            if rule.peers is not None and all(_is_nobody(side, question, peer) for peer in rule.peers)
        ]
    return tuple(found)


def _is_nobody(side: Side, question: Question, peer: Peer) -> bool:
    return isinstance(peer, PodPeer) and _selecting(side, question, [peer]) is Satisfiable.NO


def disjoint(side: Side, question: Question, one: Policy, other: Policy) -> Satisfiable:
    """Return whether some pod that could exist is selected by both policies."""
    return _selecting(side, question, [one.subject, other.subject])


def _selecting(side: Side, question: Question, peers: Sequence[PodPeer]) -> Satisfiable:
    """Return whether some pod among the sources of the question is meant by all of some peers."""
    unknown = False
    for flow, chosen in flows([side], replace(question, destinations=(Outside(()),), families=question.families[:1])):
        solver = Solver([*flow.source.constraints, *chosen[:1]], question.timeout)
        found = solver.ask(*(flow.source.selected(each.namespaces, each.pods) for each in peers))
        if found.answer is Satisfiable.YES:
            return Satisfiable.YES
        unknown = unknown or found.answer is Satisfiable.UNKNOWN
    return Satisfiable.UNKNOWN if unknown else Satisfiable.NO


def _subject(flow: Flow, direction: Direction) -> Endpoint:
    return flow.source if direction is Direction.EGRESS else flow.destination


def _asked(side: Side, question: Question) -> Iterator[tuple[Flow, Solver, Encoder]]:
    for flow, chosen in flows([side], question):
        solver = Solver([*flow.constraints, *chosen, flow.carries(question.traffic)], question.timeout)
        yield flow, solver, Encoder(policies=side.policies, profile=side.profile, flow=flow, names=side.snapshot.names)
