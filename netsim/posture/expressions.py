"""Validations in CEL: ValidatingAdmissionPolicy, Kyverno's ValidatingPolicy, Gatekeeper's K8sNativeValidation."""

from collections.abc import Mapping
from typing import Any

from netsim.ir.admission import NotEvaluatedError, Outcome, Review, Ruling
from netsim.posture import cel
from netsim.posture.faults import items, mapping


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
        "request": {
            "operation": "CREATE",
            "namespace": review.namespace,
            "name": review.name,
            "kind": {"group": review.group, "version": review.version, "kind": review.kind},
            "userInfo": {},
        },
        "namespaceObject": {"metadata": {"name": review.namespace, "labels": dict(review.labels)}},
        "variables": dict(variables or {}),
    }
    try:
        return _judged(name, source, data)
    except cel.CelError as error:
        fails = str(source.get("failurePolicy") or "Fail") == "Fail"
        return Ruling(rule=name, outcome=Outcome.FAIL if fails else Outcome.PASS, why=f"an expression fails: {error}")
    except NotEvaluatedError as error:
        return Ruling(rule=name, outcome=Outcome.UNKNOWN, why=str(error))


def _judged(name: str, source: Mapping[str, Any], data: dict[str, Any]) -> Ruling:
    for each in items(source.get("matchConditions")):
        if cel.value(str(mapping(each).get("expression")), data) is not True:
            return Ruling(rule=name, outcome=Outcome.SKIP)
    for each in items(source.get("variables")):
        _define(mapping(each), data)
    for number, each in enumerate(items(source.get("validations"))):
        expression = str(mapping(each).get("expression"))
        if cel.value(expression, data) is not True:
            message = mapping(each).get("message") or f"failed expression: {expression}"
            return Ruling(rule=f"{name}/validations[{number}]", outcome=Outcome.FAIL, why=str(message))
    return Ruling(rule=name, outcome=Outcome.PASS)


def _define(variable: Mapping[str, Any], data: dict[str, Any]) -> None:
    """Add a variable; one that has no value is absent, so that it fails where it is asked for, and only there."""
    try:
        found = cel.value(str(variable.get("expression")), data)
    except cel.CelError:
        return
    data["variables"] = {**data["variables"], str(variable.get("name")): found}
