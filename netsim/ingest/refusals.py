"""What is refused in YAML, in JSON and in dicts alike."""

from collections.abc import Iterable
from typing import Any

from netsim.errors import Problem
from netsim.ingest.document import Path, written
from netsim.ir.place import Place

#: Kubernetes' deepest objects, the schemas of CustomResourceDefinitions, stay far below.
MAX_DEPTH = 200

TOO_DEEP = f"more than {MAX_DEPTH} levels deep"
_OBJECT_HINT = "an object has apiVersion, kind and metadata; a list of objects is a `kind: List` with `items`"
_FIRST_KEYS = frozenset({"apiVersion", "kind", "metadata"})
TEMPLATE_HINT = "this looks like a template: render it first (`helm template`), and read what comes out"


def problem(place: Place, code: str, message: str, *, hint: str = "", field: Path = ()) -> Problem:
    """Return a problem with what stands at a place."""
    return Problem(
        file=place.file,
        line=place.line,
        column=place.column,
        code=code,
        field=written(field),
        message=message,
        hint=hint,
    )


def is_too_deep(tree: Any) -> bool:
    """Does a value without cycles nest more than MAX_DEPTH containers?"""
    level, depth = _containers([tree]), 0
    while level and depth < MAX_DEPTH:
        level = _containers(child for each in level for child in (each.values() if isinstance(each, dict) else each))
        depth += 1
    return bool(level)


def _containers(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, dict | list)]


def holds_objects(value: Any) -> bool:
    """Is a value an array of which some element looks like a Kubernetes object?"""
    return isinstance(value, list) and any(isinstance(each, dict) and "kind" in each for each in value)


def no_object(value: Any, place: Place, path: Path = ()) -> Problem:
    """Return the problem (NS102) of a document, or of the item of a list at ``path``, that is no mapping."""
    message = f"{'' if path else 'the document '}is {_described(value)}, no Kubernetes object"
    return problem(place, "NS102", message, hint=_OBJECT_HINT, field=path)


def repeated_key(key: str, first: Place, again: Place) -> Problem:
    """Return the problem (NS103) of a key that stands twice in one mapping."""
    message = f"the key `{key}` stands twice in one mapping, on line {first.line} and on line {again.line}"
    hint = "keep one: kubectl takes the last, and says nothing of the others"
    # The keys that start an object: whoever pastes two manifests into one file forgets what stands between.
    if key in _FIRST_KEYS and first.column == again.column == 1:
        hint = "write `---` on a line of its own between two objects"
    return problem(again, "NS103", message, hint=hint)


def _described(value: Any) -> str:
    match value:
        case None:
            return "null"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return "a text"
        case bool():
            return "a truth value"
        case _:
            return "a number"
