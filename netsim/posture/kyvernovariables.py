"""Kyverno's variables and conditions: what stands in double braces, and what is compared with it."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from netsim.ir.admission import NotEvaluatedError, Review
from netsim.posture.faults import items, mapping
from netsim.posture.jmespath import Known, search
from netsim.posture.quantities import number_of

_VARIABLE = re.compile(r"\{\{\s*(?P<query>.+?)\s*\}\}")


def known_of(review: Review) -> Known:
    """Return what is known of a request to create an object: not who asks."""
    kind = {"group": review.group, "version": review.version, "kind": review.kind}
    request = Known(
        object=review.object,
        oldObject=None,
        operation="CREATE",
        namespace=review.namespace,
        name=review.name,
        kind=kind,
    )
    return Known(request=request)


def with_context(known: Known, written: Any) -> Known:
    """Return what is known with the variables of a ``context``, each of which may use those before it.

    Raises:
        NotEvaluatedError: One of them asks the cluster, or a registry.
    """
    for each in map(mapping, items(written)):
        name = str(each.get("name"))
        if "variable" not in each:
            kind = ", ".join(sorted(key for key in map(str, each) if key != "name"))
            raise NotEvaluatedError(f"the context {name} is a {kind}, which is not evaluated here")
        known = Known(known | {name: _variable(mapping(each["variable"]), known)})
    return known


def _variable(written: Mapping[str, Any], known: Known) -> Any:
    value = substituted(written["value"], known) if "value" in written else None
    if query := written.get("jmesPath"):
        value = search(str(substituted(query, known)), known if value is None else value)
    return substituted(written.get("default"), known) if value is None else value


def elements(written: Any, known: Known) -> Iterator[tuple[Any, Known]]:
    """Yield each element of a loop's list, and what is known in its turn."""
    found = search(str(written).strip().removeprefix("{{").removesuffix("}}"), known)
    for index, element in enumerate(found if isinstance(found, list) else [] if found is None else [found]):
        if element is not None:
            yield element, Known(known | {"element": element, "elementIndex": index})


def substituted(value: Any, known: Known) -> Any:
    """Return a value with its variables replaced.

    Raises:
        NotEvaluatedError: One of them is not known here, or is null.
    """
    match value:
        case Mapping():
            return {key: substituted(item, known) for key, item in value.items()}
        case list():
            return [substituted(item, known) for item in value]
        case str() if found := _whole(value):
            return _asked(found["query"], known)
        case str():
            return _VARIABLE.sub(lambda found: str(_asked(found["query"], known)), value)
        case _:
            return value


def _whole(value: str) -> re.Match[str] | None:
    found = _VARIABLE.fullmatch(value.strip())
    return found if found and "}}" not in found["query"] else None


def _asked(query: str, known: Known) -> Any:
    value = search(query, known)
    if value is None:
        raise NotEvaluatedError(f"the variable {query} has no value")
    return value


def conditions(written: Any, known: Known) -> bool:
    """Do conditions hold: all of a list, and of `all` and `any` as they say?"""
    if isinstance(written, list):
        return all(_holds(mapping(each), known) for each in written)
    block = mapping(written)
    every = [_holds(mapping(each), known) for each in items(block.get("all"))]
    some = [_holds(mapping(each), known) for each in items(block.get("any"))]
    return all(every) and (not some or any(some))


def _holds(condition: Mapping[str, Any], known: Known) -> bool:
    key = substituted(condition.get("key"), known)
    value = substituted(condition.get("value"), known)
    keys = key if isinstance(key, list) else [key]
    values = value if isinstance(value, list) else [value]
    among = [any(_alike(own, each) for each in values) for own in keys]
    match str(condition.get("operator")):
        case "Equals" | "Equal":
            return key == value or _alike(key, value)
        case "NotEquals" | "NotEqual":
            return not (key == value or _alike(key, value))
        case "In" | "AnyIn":
            return any(among)
        case "AllIn":
            return all(among)
        case "NotIn" | "AllNotIn":
            return not any(among)
        case "AnyNotIn":
            return not all(among)
        case "GreaterThan" | "GreaterThanOrEquals" | "LessThan" | "LessThanOrEquals" as operator:
            return _compared(key, value, operator)
        case other:
            raise NotEvaluatedError(f"the operator {other} is not evaluated here")


def _alike(own: Any, other: Any) -> bool:
    return own == other or (isinstance(own, str) and isinstance(other, str) and fnmatchcase(own, other))


def _compared(key: Any, value: Any, operator: str) -> bool:
    own, bound = number_of(key), number_of(value)
    if own is None or bound is None:
        return False
    more = own > bound if operator.startswith("Greater") else own < bound
    return more or (operator.endswith("Equals") and own == bound)
