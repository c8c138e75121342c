"""The smallest set of edits that meets every requirement, or the requirements that cannot be met together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import z3

from netsim.smt.solve import TIMEOUT, Satisfiable, Solver
from netsim.smt.terms import Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Smallest:
    """What was found.

    Attributes:
        chosen: The names of the variables that hold; None where the requirements cannot be met together.
        core: Then the labels of requirements that cannot; none where the solver gave up.
    """

    chosen: frozenset[str] | None
    core: tuple[str, ...] = ()


def smallest(
    required: Mapping[str, Sequence[Term]], costs: Sequence[Sequence[tuple[Term, int]]], timeout: int = TIMEOUT
) -> Smallest:
    """Return the variables of a solution of least cost.

    Args:
        required: What must hold, by label.
        costs: What holding a term costs, each list more important than all that follow it.
        timeout: Milliseconds.
    """
    optimize = z3.Optimize()
    optimize.set("timeout", timeout)
    optimize.set("priority", "lex")
    labels: dict[str, str] = {}
    for label, terms in required.items():
        for term in terms:
            mark = f"required {len(labels)}"
            labels[mark] = label
            optimize.assert_and_track(_term(term), mark)
    for rank, cost in enumerate(costs):
        for term, weight in cost:
            optimize.add_soft(z3.Not(_term(term)), weight, id=f"cost{rank}")
    answer = optimize.check()
    if answer == z3.sat:
        model = optimize.model()
        held = {each.name() for each in model.decls() if z3.is_true(model[each])}
        return Smallest(chosen=frozenset(held - labels.keys()))
    core = optimize.unsat_core() if answer == z3.unsat else ()
    return Smallest(chosen=None, core=tuple(sorted({labels[str(each).strip("|")] for each in core})))


def conflicting(
    required: Mapping[str, Sequence[Term]], always: Sequence[Term] = (), timeout: int = TIMEOUT
) -> tuple[str, ...] | None:
    """Return labels whose requirements cannot be met together, none of which could be left out; None where all can.

    Args:
        required: What must hold, by label.
        always: What must hold beside it.
        timeout: Milliseconds for each question; what is not answered counts as met.
    """
    solver = Solver(always, timeout)

    def met(labels: Sequence[str]) -> bool:
        terms = (term for label in labels for term in required[label])
        return solver.ask(*terms).answer is not Satisfiable.NO

    kept = list(required)
    if met(kept):
        return None
    for label in required:
        fewer = [each for each in kept if each != label]
        kept = kept if met(fewer) else fewer
    return tuple(kept)


def _term(term: Term) -> Term:
    return z3.BoolVal(term) if isinstance(term, bool) else term
