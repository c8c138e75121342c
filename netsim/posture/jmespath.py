"""JMESPath, as far as policies use it: fields, projections, filters, comparisons, and the common functions.

A function that is not here makes the whole expression one that was not evaluated: nothing is taken for null.

Source: jmespath.org/specification; kyverno.io/docs, "JMESPath", for the functions that Kyverno adds.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from netsim.ir.admission import NotEvaluatedError
from netsim.posture.quantities import number_of


class Known(dict[str, Any]):
    """What is known of a request: a name that is not in it is not null, but unknown."""


#: An expression that was read: from the value that it is applied to, to what it says.
Reading = Callable[[Any], Any]
_TOKEN = re.compile(
    r"""\s*(?:(?P<raw>'(?:\\.|[^'\\])*')|(?P<literal>`(?:\\.|[^`\\])*`)|(?P<quoted>"(?:\\.|[^"\\])*")
    |(?P<name>[A-Za-z_]\w*)|(?P<number>-?\d+)
    |(?P<sign>\|\||&&|==|!=|<=|>=|\[\?|\[\]|[.\[\]{}()@,:|*<>!&]))""",
    re.VERBOSE,
)
_POWERS = {"|": 1, "||": 2, "&&": 3, **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 5)}
_POWERS |= {"[]": 9, "[?": 21, ".": 40, "[": 55}
#: What binds less than this ends a projection.
_END_OF_PROJECTION = 10
_DOT, _NOT = 40, 45


def search(expression: str, value: Any) -> Any:
    """Return what an expression says of a value; None is null.

    Raises:
        NotEvaluatedError: It cannot be read, or uses what is not known here.
    """
    return _read(expression)(value)


@cache
def _read(expression: str) -> Reading:
    reader = _Reader(_tokens(expression), expression)
    found = reader.expression(0)
    if reader.kind != "end":
        raise reader.unread()
    return found


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, position = [], 0
    text = expression.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise NotEvaluatedError(f"the expression {expression} cannot be read")
        kind = match.lastgroup or ""
        found.append((match[kind] if kind == "sign" else kind, match[kind]))
        position = match.end()
    return [*found, ("end", "")]


@dataclass(slots=True)
class _Reader:
    """One expression being read, by the power with which each sign binds what stands left of it."""

    tokens: list[tuple[str, str]]
    text: str
    at: int = 0

    @property
    def kind(self) -> str:
        """The kind of the next token; of a sign, the sign itself."""
        return self.tokens[self.at][0]

    def unread(self) -> NotEvaluatedError:
        """Return the error that the expression cannot be read."""
        return NotEvaluatedError(f"the expression {self.text} cannot be read")

    def take(self, *kinds: str) -> str:
        """Return the text of the next token, which has to be of one of these kinds."""
        kind, text = self.tokens[self.at]
        if kinds and kind not in kinds:
            raise self.unread()
        self.at += 1
        return text

    def expression(self, power: int) -> Reading:
        """Read as much as binds more than a power."""
        left = self._first()
        while _POWERS.get(self.kind, 0) > power:
            left = self._next(left, self.take())
        return left

    def _first(self) -> Reading:
        kind, text = self.tokens[self.at]
        if kind in ("[", "[]", "[?"):
            return self._next(_itself, self.take()) if self._is_step() else self._list(_itself)
        self.at += 1
        if kind in _ATOMS:
            return self._call(text) if (kind, self.kind) == ("name", "(") else _ATOMS[kind](text)
        match kind:
            case "!":
                inner = self.expression(_NOT)
                return lambda value: not _is_true(inner(value))
            case "(":
                inner = self.expression(0)
                self.take(")")
                return inner
            case "{":
                return self._hash(_itself)
            case "*":
                return self._projected(_values)
            case _:
                raise self.unread()

    def _is_step(self) -> bool:
        """Is what a bracket opens an index or a projection, and no list of expressions?"""
        kind = self.kind
        follows = self.tokens[self.at + 1][0] if kind == "[" else ""
        return kind != "[" or follows in ("number", ":") or (follows == "*" and self.tokens[self.at + 2][0] == "]")

    def _next(self, left: Reading, sign: str) -> Reading:
        match sign:
            case ".":
                return self._after_dot(left)
            case "|":
                right = self.expression(_POWERS[sign])
                return lambda value: right(left(value))
            case "||":
                right = self.expression(_POWERS[sign])
                return lambda value: own if _is_true(own := left(value)) else right(value)
            case "&&":
                right = self.expression(_POWERS[sign])
                return lambda value: right(value) if _is_true(own := left(value)) else own
            case "[]":
                return _chained(left, self._projected(_flat))
            case "[?":
                condition = self.expression(0)
                self.take("]")
                return _chained(left, self._projected(lambda own: _filtered(own, condition)))
            case "[":
                return _chained(left, self._bracket())
            case _:
                right = self.expression(_POWERS[sign])
                return lambda value: _compared(left(value), sign, right(value))

    def _after_dot(self, left: Reading) -> Reading:
        match self.kind:
            case "[":
                return self._list(left)
            case "{":
                self.take()
                return self._hash(left)
            case "*":
                self.take()
                return _chained(left, self._projected(_values))
            case _:
                right = self.expression(_DOT)
                return _chained(left, right)

    def _bracket(self) -> Reading:
        if self.kind == "*":
            self.take()
            self.take("]")
            return self._projected(lambda own: own if isinstance(own, list) else None)
        index = int(self.take("number"))
        self.take("]")
        return lambda own: own[index] if isinstance(own, list) and -len(own) <= index < len(own) else None

    def _projected(self, items: Callable[[Any], Any]) -> Reading:
        """Read what follows a projection, which is asked of each of its items; what is null is left out."""
        rest: Reading = _itself
        while _POWERS.get(self.kind, 0) >= _END_OF_PROJECTION:
            rest = self._next(rest, self.take())

        def reading(own: Any) -> Any:
            found = items(own)
            return None if found is None else [each for item in found if (each := rest(item)) is not None]

        return reading

    def _list(self, left: Reading) -> Reading:
        self.take("[")
        parts = [self.expression(0)]
        while self.kind == ",":
            self.take()
            parts.append(self.expression(0))
        self.take("]")
        return lambda value: None if (own := left(value)) is None else [each(own) for each in parts]

    def _hash(self, left: Reading) -> Reading:
        parts: dict[str, Reading] = {}
        while True:
            name = self.take("name", "quoted").strip('"')
            self.take(":")
            parts[name] = self.expression(0)
            if self.take(",", "}") == "}":
                break
        return lambda value: None if (own := left(value)) is None else {n: each(own) for n, each in parts.items()}

    def _call(self, name: str) -> Reading:
        self.take("(")
        arguments = []
        while self.kind != ")":
            arguments.append(self.expression(0))
            if self.kind == ",":
                self.take()
        self.take(")")
        if name not in _FUNCTIONS:
            raise NotEvaluatedError(f"the function {name} is not evaluated here")
        run = _FUNCTIONS[name]

        def reading(value: Any) -> Any:
            try:
                return run(*(each(value) for each in arguments))
            except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
                raise NotEvaluatedError(f"the function {name} was asked of what it does not take: {error}") from error

        return reading


def _itself(value: Any) -> Any:
    return value


def _constant(value: Any) -> Reading:
    return lambda _: value


def _literal(text: str) -> Any:
    inner = text[1:-1].replace("\\`", "`")
    try:
        return json.loads(inner)
    except ValueError:
        return inner.strip()


def _field(name: str) -> Reading:
    def reading(value: Any) -> Any:
        if isinstance(value, Known) and name not in value:
            raise NotEvaluatedError(f"the variable {name} is not known here")
        return value.get(name) if isinstance(value, Mapping) else None

    return reading


#: What is an expression by itself.
_ATOMS: Mapping[str, Callable[[str], Reading]] = {
    "name": _field,
    "quoted": lambda text: _field(json.loads(text)),
    "raw": lambda text: _constant(text[1:-1].replace("\\'", "'")),
    "literal": lambda text: _constant(_literal(text)),
    "@": lambda _: _itself,
}


def _chained(left: Reading, right: Reading) -> Reading:
    return lambda value: None if (own := left(value)) is None else right(own)


def _values(own: Any) -> list[Any] | None:
    return list(own.values()) if isinstance(own, Mapping) else None


def _flat(own: Any) -> list[Any] | None:
    if not isinstance(own, list):
        return None
    return [inner for each in own for inner in (each if isinstance(each, list) else [each])]


def _filtered(own: Any, condition: Reading) -> list[Any] | None:
    return [each for each in own if _is_true(condition(each))] if isinstance(own, list) else None


def _is_true(value: Any) -> bool:
    return value is not None and value is not False and value not in ("", [], {})


def _compared(one: Any, sign: str, other: Any) -> bool | None:
    if sign in ("==", "!="):
        same = one == other and isinstance(one, bool) is isinstance(other, bool)
        return same is (sign == "==")
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in (one, other)):
        return None
    return bool({"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[sign])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _type(value: Any) -> str:
    kinds = {bool: "boolean", str: "string", list: "array", dict: "object", type(None): "null"}
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), "number")


def _sum(values: Sequence[Any]) -> Any:
    return sum(values)


def _number(value: Any) -> Any:
    found = number_of(value)
    return int(found) if found is not None and found.is_integer() else found


def _pattern(form: str, text: Any) -> bool:
    return re.search(form, str(text)) is not None


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "contains": lambda own, item: item in own,
    "ends_with": lambda own, end: own.endswith(end),
    "join": lambda glue, own: glue.join(own),
    "keys": lambda own: list(own.keys()),
    "values": lambda own: list(own.values()),
    "length": len,
    "max": lambda own: max(own) if own else None,
    "min": lambda own: min(own) if own else None,
    "not_null": lambda *own: next((each for each in own if each is not None), None),
    "reverse": lambda own: own[::-1],
    "sort": sorted,
    "starts_with": lambda own, start: own.startswith(start),
    "sum": _sum,
    "to_array": lambda own: own if isinstance(own, list) else [own],
    "to_number": _number,
    "to_string": _text,
    "type": _type,
    # Kyverno's own.
    "add": lambda a, b: _number(a) + _number(b),
    "subtract": lambda a, b: _number(a) - _number(b),
    "base64_decode": lambda own: base64.b64decode(own, validate=True).decode(),
    "base64_encode": lambda own: base64.b64encode(own.encode()).decode(),
    "equal_fold": lambda a, b: a.casefold() == b.casefold(),
    "parse_json": json.loads,
    "regex_match": _pattern,
    "replace_all": lambda own, old, new: own.replace(old, new),
    "split": lambda own, by: own.split(by),
    "to_lower": lambda own: own.lower(),
    "to_upper": lambda own: own.upper(),
    "trim": lambda own, these: own.strip(these),
    "trim_prefix": lambda own, start: own.removeprefix(start),
    "truncate": lambda own, length: own[:length],
}
