"""What an isolation rests on: policies without any one of which, the others deleted, some connection is allowed.

Contract: the claim holds under the core alone, and under no part of it that lacks one member. What allows may only be
missed by what denies before it, so that deleting is not monotone: it is tried again until nothing more can go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from netsim.ir.policy import Policy
from netsim.ir.proof import Support
from netsim.smt import terms
from netsim.smt.claims import isolated
from netsim.smt.encode import Encoder, Flow
from netsim.smt.question import Question, Side, flows
from netsim.smt.solve import Satisfiable, Solver
from netsim.smt.terms import Term


def core(side: Side, question: Question) -> tuple[Support, ...]:
    """Return what a proved isolation rests on, in the order of the policies."""
    asked = [_Switched(side, question, flow, chosen) for flow, chosen in flows([side], question)]
    kept = _irreducible(side.policies, lambda policies: all(each.isolated(policies) for each in asked))
    return tuple(
        Support(
            policy=policy,
            without=isolated(_without(side, kept, policy), question).witness,
            alone=isolated(_without(side, side.policies, policy), question).outcome,
        )
        for policy in kept
    )


def _without(side: Side, policies: Sequence[Policy], one: Policy) -> Side:
    return replace(side, policies=tuple(each for each in policies if each is not one))


def _irreducible(policies: Sequence[Policy], holds: Callable[[Sequence[Policy]], bool]) -> list[Policy]:
    """Return policies under which a claim holds, none of which could be deleted alone."""
    kept = list(policies)
    size = len(kept)
    while size:
        before = len(kept)
        for start in range((len(kept) - 1) // size * size, -1, -size):  # those at the end first, so that places stay
            fewer = kept[:start] + kept[start + size :]
            if holds(fewer):
                kept = fewer
        size = min(size // 2, len(kept)) if size > 1 else int(len(kept) < before)
    return kept


class _Switched:
    """One symbolic connection, under policies that the solver is told are there."""

    def __init__(self, side: Side, question: Question, flow: Flow, chosen: Sequence[Term]) -> None:
        self._on = {policy: terms.variable(f"on.{policy.kind} {policy}") for policy in side.policies}
        encoder = Encoder(
            policies=side.policies,
            profile=side.profile,
            flow=flow,
            names=side.snapshot.names,
            switch=lambda policy, rule: True if rule else self._on[policy],
        )
        self._solver = Solver([*flow.constraints, *chosen, flow.carries(question.traffic)], question.timeout)
        self._solver.add(encoder.verdict().allowed)

    def isolated(self, policies: Sequence[Policy]) -> bool:
        """Return whether surely nothing is allowed under these alone."""
        there = set(policies)
        switches = (term if policy in there else terms.negation(term) for policy, term in self._on.items())
        return self._solver.ask(*switches).answer is Satisfiable.NO
