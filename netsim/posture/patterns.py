"""Kyverno's patterns: does an object match one?

Source: kyverno.io/docs, "validate rules": wildcards, operators, anchors; what they leave open is as Kyverno's engine
does it: of a list, one pattern is asked of each item; a global or existence anchor asks nothing of what is absent.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from netsim.ir.admission import NotEvaluatedError
from netsim.posture.quantities import number_of

_ANCHOR = re.compile(r"(?P<sign>[=^X<+]?)\((?P<key>.+)\)")
_OPERATED = re.compile(r"(?P<sign>>=|<=|>|<|!)?\s*(?P<operand>.*)", re.DOTALL)
#: A range of numbers or quantities, or all outside of one.
RANGE = re.compile(r"(?P<low>-?[\d.]+\w*)\s*(?P<out>!?)-\s*(?P<high>-?[\d.]+\w*)")


class Mismatch(Exception):  # noqa: N818 - it is an answer, and no error
    """A value is not what the pattern asks for: ``path`` says where."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Skipped(Exception):  # noqa: N818 - it is an answer, and no error
    """A condition of the pattern does not hold: nothing is asked of the value."""


def check(value: Any, pattern: Any, path: str = "") -> None:
    """Return where a value matches a pattern.

    Raises:
        Mismatch: It does not.
        Skipped: The pattern's conditions exempt it.
        NotEvaluatedError: The pattern holds a variable.
    """
    match pattern:
        case Mapping():
            if not isinstance(value, Mapping):
                raise Mismatch(path)
            _check_mapping(value, pattern, path)
        case list():
            _check_list(value, pattern, path)
        case _:
            # What is asked of a list by one value is asked of each item.
            if not all(is_scalar_match(each, pattern) for each in (value if isinstance(value, list) else [value])):
                raise Mismatch(path)


def _check_mapping(value: Mapping[str, Any], pattern: Mapping[str, Any], path: str) -> None:
    anchored = {key: found for key in pattern if (found := _ANCHOR.fullmatch(str(key)))}
    # Conditions first: where one does not hold, nothing else is asked.
    for key, found in anchored.items():
        if found["sign"] in ("", "<"):
            _condition(value, found, pattern[key])
    for key in sorted(pattern, key=lambda key: key not in anchored and not _has_anchor(pattern[key])):
        found = anchored.get(key)
        if found is None:
            _check_field(value, str(key), pattern[key], f"{path}/{key}")
        else:
            _check_anchor(value, found, pattern[key], f"{path}/{found['key']}")


def _has_anchor(pattern: Any) -> bool:
    """Holds a pattern an anchor, at whatever depth?"""
    if isinstance(pattern, Mapping):
        return any(_ANCHOR.fullmatch(str(key)) or _has_anchor(each) for key, each in pattern.items())
    return isinstance(pattern, list) and any(map(_has_anchor, pattern))


def _condition(value: Mapping[str, Any], found: re.Match[str], wanted: Any) -> None:
    key = next((own for own in value if value[own] is not None and fnmatchcase(str(own), found["key"])), None)
    if key is None:
        if found["sign"] == "<":  # a global condition is about the values that are there
            return
        raise Skipped
    try:
        check(value[key], wanted)
    except Mismatch as other:
        raise Skipped from other


def _check_anchor(value: Mapping[str, Any], found: re.Match[str], wanted: Any, path: str) -> None:
    held = value.get(found["key"])
    match found["sign"]:
        case "=":
            if held is not None:
                check(held, wanted, path)
        case "X":
            if held is not None:
                raise Mismatch(path)
        case "^":
            if held is not None:
                _check_existence(held, wanted, path)
        case _:
            pass  # a condition, which holds, or a default of a mutation


def _check_existence(held: Any, wanted: Any, path: str) -> None:
    """Some item of a list matches each item of the pattern."""
    for each in wanted if isinstance(wanted, list) else [wanted]:
        if not isinstance(held, list) or not any(_matches(item, each) for item in held):
            raise Mismatch(path)


def _matches(value: Any, pattern: Any) -> bool:
    try:
        check(value, pattern)
    except (Mismatch, Skipped):
        return False
    return True


def _check_field(value: Mapping[str, Any], key: str, wanted: Any, path: str) -> None:
    if "*" in key or "?" in key:
        keys = [own for own in value if fnmatchcase(str(own), key)]
        if not keys:
            raise Mismatch(path)
        for own in keys:
            check(value[own], wanted, path)
    elif wanted == "*":
        if value.get(key) is None:
            raise Mismatch(path)
    else:
        check(value.get(key), wanted, path)


def _check_list(value: Any, pattern: list[Any], path: str) -> None:
    if not isinstance(value, list):
        raise Mismatch(path)
    skipped = 0
    for wanted in pattern:
        for index, item in enumerate(value):
            try:
                check(item, wanted, f"{path}/{index}")
            except Skipped:
                skipped += 1
    if value and skipped == len(value) * len(pattern):
        raise Skipped


def is_scalar_match(value: Any, pattern: Any) -> bool:
    """Does a value match a pattern that is a text, a number, a truth value or null?

    Raises:
        NotEvaluatedError: The pattern holds a variable.
    """
    match pattern:
        case bool():
            return isinstance(value, bool) and value is pattern
        case int() | float():
            number = number_of(value)
            return not isinstance(value, bool) and number is not None and number == pattern
        case None:
            return value in (None, "", 0, False)
        case str() if "{{" in pattern:
            raise NotEvaluatedError(f"the variable {pattern} is not known here")
        case str():
            return any(_all(value, part) for part in pattern.split("|"))
        case _:
            return False


def _all(value: Any, pattern: str) -> bool:
    return all(_operated(value, part.strip()) for part in pattern.split("&"))


def _operated(value: Any, pattern: str) -> bool:
    if found := RANGE.fullmatch(pattern):
        number, low, high = number_of(value), number_of(found["low"]), number_of(found["high"])
        if number is None or low is None or high is None:
            return False
        return (low <= number <= high) is not bool(found["out"])
    found = _OPERATED.fullmatch(pattern)
    sign, operand = (found["sign"] or "", found["operand"]) if found else ("", pattern)
    if isinstance(value, Mapping | list) or value is None:
        return False
    if sign in ("", "!"):
        return _equal(value, operand) is not (sign == "!")
    number, bound = number_of(value), number_of(operand)
    if number is None or bound is None:
        return False
    return {">": number > bound, "<": number < bound, ">=": number >= bound, "<=": number <= bound}[sign]


def _equal(value: Any, pattern: str) -> bool:
    text = written(value)
    # `*` and `?` are the only wildcards: a bracket is itself.
    if fnmatchcase(text, pattern.replace("[", "[[]")):
        return True
    number, wanted = number_of(value), number_of(pattern)
    return number is not None and number == wanted


def written(value: Any) -> str:
    """Return a scalar as the text that it is compared by."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
