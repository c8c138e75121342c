"""Asking Z3: satisfiable with a model, unsatisfiable, or unknown; a time-out is an answer of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import z3

from netsim.smt.terms import Term

#: Milliseconds for one question, where the caller says nothing.
TIMEOUT = 60_000


class Satisfiable(Enum):
    """What the solver found."""

    YES = "satisfiable"
    NO = "unsatisfiable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """The solver's answer; ``model`` where it is yes, ``reason`` where it is unknown."""

    answer: Satisfiable
    model: Model | None = None
    reason: str = ""


class Model:
    """The solver's choices."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def holds(self, term: Term) -> bool:
        """Return whether a term is true; what the solver did not need to choose is false."""
        return term if isinstance(term, bool) else z3.is_true(self._model.eval(term, model_completion=True))

    def value(self, number: Any) -> int:
        """Return what a number is."""
        return int(self._model.eval(number, model_completion=True).as_long())


class Solver:
    """One set of constraints, of which many questions are asked."""

    def __init__(self, constraints: Iterable[Term], timeout: int = TIMEOUT) -> None:
        """``timeout`` is in milliseconds, for each question."""
        self._never = False
        # QF_FD: finite domains, as all of ours are; the default solver takes four times as long.
        self._solver = z3.SolverFor("QF_FD")
        self._solver.set("timeout", timeout)
        for constraint in constraints:
            self.add(constraint)

    def add(self, constraint: Term) -> None:
        """Add a constraint, for good."""
        if constraint is False:
            self._never = True
        elif constraint is not True:
            self._solver.add(constraint)

    def ask(self, *terms: Term) -> Found:
        """Return whether the terms can hold together under the constraints."""
        if self._never or any(term is False for term in terms):
            return Found(Satisfiable.NO)
        self._solver.push()
        try:
            for term in terms:
                if term is not True:
                    self._solver.add(term)
            answer = self._solver.check()
            if answer == z3.sat:
                return Found(Satisfiable.YES, Model(self._solver.model()))
            if answer == z3.unsat:
                return Found(Satisfiable.NO)
            return Found(Satisfiable.UNKNOWN, reason=str(self._solver.reason_unknown()))
        finally:
            self._solver.pop()
