"""JSON schemas of answers, made of the shapes that their ``facts`` return: what mypy holds the code to, told to others.

Source:
    JSON Schema, draft 2020-12.
"""

from collections.abc import Callable, Iterable, Mapping
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    TypedDict,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from netsim.queries.answer import SCHEMA, Answer, NoticeShape
from netsim.queries.fleet import LISTS, TEXTS, Fleet, Row

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


class _LastShape(TypedDict):
    """What every answer says last."""

    assumptions: list[str]
    warnings: list[NoticeShape]


def answers_schema(title: str, answers: Iterable[type[Answer]]) -> dict[str, Any]:
    """Return the schema of one answer of some kinds, as JSON values.

    It says what is there and nothing of what may come: a field that it does not name is no error.
    """
    work = _Work()
    options = [work.answer(answer) for answer in answers]
    return {"$schema": DRAFT, "title": title, **_either(options), "$defs": dict(sorted(work.parts.items()))}


class _Work:
    """The parts of one schema, each made once; used once, then dropped."""

    def __init__(self) -> None:
        self.parts: dict[str, Any] = {}

    def answer(self, answer: type[Answer]) -> dict[str, Any]:
        """Return the schema of an answer: its facts, between what every answer says first and last."""
        if answer is Fleet:
            return self._part(answer.__name__, self._row)
        shape = get_type_hints(answer.facts)["return"]
        return self._part(answer.__name__, lambda: _joined(_head(answer.kind), self._object(shape), self._last()))

    def _last(self) -> dict[str, Any]:
        return self._object(_LastShape)

    def _row(self) -> dict[str, Any]:
        """Return a cluster's row of a fleet, whose columns are data: one line of JSON lines."""
        columns = {column: self.of(_column(column)) for column in Row(cluster="").to_dict()}
        row = {"description": "What was found out about one cluster.", "properties": columns, "required": list(columns)}
        return _joined(_head("FleetRow"), row)

    def of(self, shape: Any) -> dict[str, Any]:
        """Return the schema of a type.

        Raises:
            TypeError: No JSON holds it.
        """
        arguments = get_args(shape)
        if shape in _PLAIN:
            return {"type": _PLAIN[shape]}
        if shape is Any:
            return {}
        if is_typeddict(shape):
            return self._part(_name(shape), lambda: self._object(shape))
        match get_origin(shape):
            case origin if origin is NotRequired:
                return self.of(arguments[0])
            case origin if origin is Annotated:
                return _among(self.of(arguments[0]), [str(getattr(each, "value", each)) for each in arguments[1]])
            case origin if origin is Literal:
                return {"enum": list(arguments)}
            case origin if origin in (Union, UnionType):
                return _either([self.of(each) for each in arguments])
            case origin if origin is list:
                return {"type": "array", "items": self.of(arguments[0])}
            case origin if origin in (dict, Mapping):
                return {"type": "object", "additionalProperties": self.of(arguments[1])}
        raise TypeError(f"no JSON holds {shape}")

    def _part(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if name not in self.parts:
            self.parts[name] = make()
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, shape: Any) -> dict[str, Any]:
        hints = get_type_hints(shape, include_extras=True)
        return {
            "type": "object",
            **({"description": shape.__doc__.replace("``", "`")} if shape.__doc__ else {}),
            "properties": {name: self.of(each) for name, each in hints.items()},
            "required": [name for name in hints if name in shape.__required_keys__],
        }


def _name(shape: type) -> str:
    """Return what a part is called: ``nearMiss`` of ``NearMissShape``, beside answers, which are ``Verdict``."""
    name = shape.__name__.removesuffix("Shape")
    return name[0].lower() + name[1:]


def _head(kind: str) -> dict[str, Any]:
    first = {"schema": {"const": SCHEMA}, "kind": {"const": kind}}
    return {"properties": first, "required": list(first)}


def _joined(*objects: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object that has the fields of several; the description is that of the second."""
    return {
        "type": "object",
        "description": objects[1]["description"],
        "properties": {name: field for each in objects for name, field in each["properties"].items()},
        "required": [name for each in objects for name in each["required"]],
    }


def _either(options: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what one of some schemas fits; plain types are one list."""
    if len(options) == 1:
        return options[0]
    if all(option.keys() == {"type"} for option in options):
        return {"type": [option["type"] for option in options]}
    return {"anyOf": options}


def _among(schema: dict[str, Any], values: list[str]) -> dict[str, Any]:
    """Return a schema of texts, null or lists of texts, whose texts are some of these alone."""
    if schema["type"] == "array":
        return {**schema, "items": _among(schema["items"], values)}
    return {"enum": [*values, None] if "null" in schema["type"] else values}


def _column(name: str) -> Any:
    if name in LISTS:
        return list[str]
    return str | None if name in TEXTS else int | None
