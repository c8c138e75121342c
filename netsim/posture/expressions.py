"""Validations in CEL: ValidatingAdmissionPolicy, Kyverno's ValidatingPolicy, Gatekeeper's K8sNativeValidation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from netsim.ir.admission import NotEvaluatedError, Outcome, Review, Ruling
from netsim.posture import cel
from netsim.posture.faults import items, mapping
from netsim.posture.matching import request_of


def validated(
    name: str,
    source: Mapping[str, Any],
    review: Review,
    *,
    params: Any = None,
    variables: Mapping[str, Any] | None = None,
) -> Ruling:
    """Return what ``matchConditions``, ``variables`` and ``validations`` say of an object.

    Args:
        source: What holds the three, and ``failurePolicy``, which says what an error of an expression means.
        variables: Those that are there beside the source's own.
    """
    data: dict[str, Any] = {
        "object": review.object,
        "oldObject": None,
        "params": params,
        "request": request_of(review),
        "namespaceObject": {"metadata": {"name": review.namespace, "labels": dict(review.labels)}},
        "variables": dict(variables or {}),
    }
    known = _Known(data=data, fails=str(source.get("failurePolicy") or "Fail") == "Fail")
    if (conditions := _met(source, known)) is not Outcome.PASS:
        return Ruling(rule=name, outcome=conditions, why="; ".join(known.doubts))
    for each in items(source.get("variables")):
        known.define(mapping(each))
    return _judged(name, source, known)


@dataclass(slots=True)
class _Known:
    """What expressions are evaluated over, for one object.

    Attributes:
        fails: Whether an error of an expression refuses the object.
        unknown: The variables that were not evaluated, and why.
        doubts: Why something was not evaluated, or failed.
    """

    data: dict[str, Any]
    fails: bool
    unknown: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    def asked(self, expression: str) -> Any:
        """Return what an expression evaluates to.

        Raises:
            CelError: It fails on this object.
            NotEvaluatedError: It cannot be evaluated here.
        """
        for variable, why in self.unknown.items():
            if re.search(rf"\bvariables\.{re.escape(variable)}\b", expression):
                raise NotEvaluatedError(why)
        return cel.value(expression, self.data)

    def define(self, variable: Mapping[str, Any]) -> None:
        """Add a variable; one without a value is absent, so that it fails where it is asked for, and only there."""
        name = str(variable.get("name"))
        try:
            found = self.asked(str(variable.get("expression")))
        except cel.CelError:
            return
        except NotEvaluatedError as error:
            self.unknown[name] = str(error)
            return
        self.data["variables"] = {**self.data["variables"], name: found}

    def says(self, expression: str) -> Outcome:
        """Return whether an expression holds; an error is what the failure policy says."""
        try:
            return Outcome.PASS if self.asked(expression) is True else Outcome.FAIL
        except cel.CelError as error:
            self.doubts.append(f"an expression fails: {error}")
            return Outcome.FAIL if self.fails else Outcome.SKIP
        except NotEvaluatedError as error:
            self.doubts.append(str(error))
            return Outcome.UNKNOWN


def _met(source: Mapping[str, Any], known: _Known) -> Outcome:
    """Return whether a policy is about an object: PASS if so; one condition that is false exempts, whatever others say.

    A condition that fails with an error refuses the object, or exempts it, as the failure policy says.
    """
    said = []
    for each in items(source.get("matchConditions")):
        doubts = len(known.doubts)
        found = known.says(str(mapping(each).get("expression")))
        if found is Outcome.FAIL and len(known.doubts) == doubts:
            return Outcome.SKIP
        said.append(found)
    return next((each for each in (Outcome.UNKNOWN, Outcome.FAIL, Outcome.SKIP) if each in said), Outcome.PASS)


def _judged(name: str, source: Mapping[str, Any], known: _Known) -> Ruling:
    """Return the first validation that fails; else that one is unknown; else that all hold."""
    unknown = ""
    for number, each in enumerate(map(mapping, items(source.get("validations")))):
        known.doubts.clear()
        found = known.says(str(each.get("expression")))
        if found is Outcome.FAIL:
            why = known.doubts[0] if known.doubts else _message(each, known)
            return Ruling(rule=f"{name}/validations[{number}]", outcome=found, why=why)
        if found is Outcome.UNKNOWN:
            unknown = unknown or known.doubts[0]
    return Ruling(rule=name, outcome=Outcome.UNKNOWN if unknown else Outcome.PASS, why=unknown)


def _message(validation: Mapping[str, Any], known: _Known) -> str:
    """Return the message of a validation: what its expression says, if that is a text, else what is written."""
    written = str(validation.get("message") or f"failed expression: {validation.get('expression')}")
    try:
        said = known.asked(str(validation["messageExpression"])) if validation.get("messageExpression") else written
    except (cel.CelError, NotEvaluatedError):
        return written
    return said if isinstance(said, str) and said.strip() and "\n" not in said else written
