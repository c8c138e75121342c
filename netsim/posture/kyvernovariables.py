"""Kyverno's variables and conditions: what stands in double braces, and what is compared with it."""

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from netsim.ir.admission import NotEvaluatedError, Review
from netsim.posture.faults import items, mapping
from netsim.posture.jmespath import Known, search
from netsim.posture.matching import request_of
from netsim.posture.patterns import RANGE, is_scalar_match, written
from netsim.posture.quantities import number_of

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?P<rest>[-+].+)?")
_VARIABLE = re.compile(r"\{\{\s*(?P<query>.+?)\s*\}\}")


def known_of(review: Review) -> Known:
    """Return what is known of a request to create an object: not who asks."""
    request = Known(request_of(review), object=review.object, oldObject=None)
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
    match str(condition.get("operator")):
        case "Equals" | "Equal":
            return _equal(key, value)
        case "NotEquals" | "NotEqual":
            return not _equal(key, value)
        case "In" | "AnyIn":
            return any(_among(key, value))
        case "AllIn":
            return all(_among(key, value))
        case "NotIn" | "AllNotIn":
            return not any(_among(key, value))
        case "AnyNotIn":
            return not all(_among(key, value))
        case "GreaterThan" | "GreaterThanOrEquals" | "LessThan" | "LessThanOrEquals" as operator:
            return _compared(key, value, operator)
        case other:
            raise NotEvaluatedError(f"the operator {other} is not evaluated here")


def _equal(key: Any, value: Any) -> bool:
    """Are two values the same, as quantities, durations and numbers are, or does the second as a pattern match?"""
    if isinstance(key, bool) or isinstance(value, bool):
        return key is value
    if not isinstance(key, int | float | str) or not isinstance(value, int | float | str):
        return bool(key == value)
    own, other = number_of(key), number_of(value)
    if own is not None and other is not None:
        return own == other
    return isinstance(key, str) and isinstance(value, str) and fnmatchcase(key, value.replace("[", "[[]"))


def _among(key: Any, value: Any) -> Iterator[bool]:
    """Yield of each value of a key whether it is among those of a list, a range, or a list that is written as JSON."""
    listed = value if isinstance(value, list) else [value]
    if isinstance(value, str) and value.startswith("["):
        try:
            listed = json.loads(value)
        except ValueError:
            listed = [value]
    for own in key if isinstance(key, list) else [key]:
        if isinstance(value, str) and RANGE.fullmatch(value):
            yield is_scalar_match(own, value)
        else:
            yield any(_alike(written(own), written(each)) for each in listed)


def _alike(own: str, other: str) -> bool:
    """Are two texts the same, each of which may be a pattern?"""
    return own == other or any(fnmatchcase(a, b.replace("[", "[[]")) for a, b in ((own, other), (other, own)))


def _compared(key: Any, value: Any, operator: str) -> bool:
    own, bound = number_of(key), number_of(value)
    if own is None or bound is None:
        return _compared_versions(str(key), str(value), operator)
    return _ordered(own, bound, operator)


def _compared_versions(key: str, value: str, operator: str) -> bool:
    own, bound = _VERSION.fullmatch(key), _VERSION.fullmatch(value)
    if own is None or bound is None:
        return False  # as Kyverno does with what is no number
    if own["rest"] or bound["rest"]:
        raise NotEvaluatedError(f"the versions {key} and {value} are not compared here")
    numbers = [tuple(map(int, each.group(1, 2, 3))) for each in (own, bound)]
    return _ordered(numbers[0], numbers[1], operator)


def _ordered(own: Any, bound: Any, operator: str) -> bool:
    more = own > bound if operator.startswith("Greater") else own < bound
    return bool(more or (operator.endswith("Equals") and own == bound))
