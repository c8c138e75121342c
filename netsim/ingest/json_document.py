"""One object of a JSON text: a view of the text, read only as far as it is asked for."""

import json
import math
from functools import cache, lru_cache
from typing import Any, TypeVar

import msgspec

from netsim.errors import Problem
from netsim.ingest.document import Document, Path
from netsim.ingest.json_layout import JsonLayout
from netsim.ingest.refusals import MAX_DEPTH, TOO_DEEP, is_too_deep, problem, repeated_key
from netsim.ingest.schema import prepared
from netsim.ingest.yaml_scalars import integral
from netsim.ir.place import Place

T = TypeVar("T")


class JsonDocument(Document):
    """An object as a view of its text.

    Args:
        raw: The object's text.
        start: Where it starts.
        number: The number of the input.
        kind: The API version and the kind.
        problems: Is told, by the first call of ``tree``, of what only a full reading finds: numbers out of range
            (NS102), keys that stand twice (NS103), nesting without end (NS104). None where that was done before.
    """

    __slots__ = ("_problems", "_raw", "_readable", "_start")

    def __init__(
        self, raw: msgspec.Raw, start: Place, number: int, kind: tuple[str, str], problems: list[Problem] | None
    ) -> None:
        self.input = number
        self.file = start.file
        self.line = start.line
        self.api_version, self.kind = kind
        self._raw = raw
        self._start = start
        self._problems = problems
        self._readable = True

    def typed(self, model: type[T]) -> T:
        try:
            found: T = _decoder(model).decode(self._raw)  # type: ignore[arg-type]
        except (msgspec.ValidationError, RecursionError):
            # In the tree 8e1 is an integer, as it is for kubectl.
            return msgspec.convert(self.tree(), model)
        return found

    def tree(self) -> dict[str, Any]:
        if self._problems is None:
            tree: Any = _decoder(Any).decode(self._raw) if self._readable else None
        else:
            tree, found = examined(self._raw, self._start)
            self._problems.extend(found)
            self._problems = None
            self._readable = tree is not None
        return tree if isinstance(tree, dict) else {}

    def place(self, path: Path = ()) -> Place:
        if not path:
            return self._start
        return _layout(self).place(path)

    def layout(self) -> JsonLayout:
        """Return where every field stands; it takes twenty times the room of the text."""
        return JsonLayout(_text(self._raw), self._start)


@lru_cache(maxsize=4)  # the fields of one object are asked for one after another
def _layout(document: JsonDocument) -> JsonLayout:
    return document.layout()


def examined(raw: msgspec.Raw, start: Place) -> tuple[Any, list[Problem]]:
    """Return the value, None where it cannot be read, and what is wrong with it: NS102, NS103, NS104."""
    try:
        tree = _decoder(Any).decode(raw)
    except RecursionError:
        return None, [problem(start, "NS104", TOO_DEEP)]
    except msgspec.DecodeError as error:
        # The cause is our own hook's, and holds the number alone.
        text, number = _text(raw), str(error.__cause__ or "")
        place = JsonLayout(text, start).at(max(text.find(number), 0))
        return None, [problem(place, "NS102", f"{number or 'a number'} is out of range")]
    if _may_be_deep(raw) and is_too_deep(tree):
        return None, [problem(start, "NS104", TOO_DEEP)]
    # Written again as short as can be, the value is the text as short as can be only if no key was lost. The reverse
    # does not hold, of `1e3` and of escapes.
    if msgspec.json.encode(tree) == msgspec.json.format(memoryview(raw), indent=-1):
        return tree, []
    return tree, _repeated(_text(raw), start)


def _may_be_deep(raw: msgspec.Raw) -> bool:
    data = bytes(raw)
    return data.count(b"{") + data.count(b"[") > MAX_DEPTH


def _text(raw: msgspec.Raw) -> str:
    return str(memoryview(raw), "utf-8")


@cache
def _decoder(model: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(prepared(model), float_hook=_number)


def _number(text: str) -> int | float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return integral(value)


def _repeated(text: str, start: Place) -> list[Problem]:
    try:
        json.loads(text, object_pairs_hook=_unique, parse_int=len, parse_float=len)
    except _RepeatedKeyError:
        # The standard library says that there is one; where they are is worth a slow walk only now.
        return [repeated_key(*each) for each in JsonLayout(text, start).repeated()]
    return []


class _RepeatedKeyError(Exception):
    """Some object has a key twice."""


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) < len(pairs):
        raise _RepeatedKeyError
