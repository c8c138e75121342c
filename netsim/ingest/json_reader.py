"""JSON texts to documents: one object, several one after another, or lists of them."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import UNSET

from netsim.errors import Problem
from netsim.ingest.json_document import JsonDocument, examined
from netsim.ingest.lists import is_list, item_type, type_of
from netsim.ingest.refusals import MAX_DEPTH, TOO_DEEP, no_object, problem
from netsim.ingest.text import EXACT_LIMIT, Text
from netsim.ir.place import Place

#: The number of the byte at which a value starts, and its text.
Value = tuple[int, msgspec.Raw]

_SEPARATOR = re.compile(rb"[ \t\r\n,]*")
_ITEMS = re.compile(rb'"items"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*')
#: By the first character of what is no object: something of the same type.
_SAMPLES: dict[bytes, Any] = {b"[": [], b'"': "", b"t": True, b"f": False, b"n": None}


class _Head(msgspec.Struct, rename="camel"):
    """What is asked of every object: what it is, and its items if it is a list."""

    api_version: Any = None
    kind: Any = None
    items: list[msgspec.Raw] | msgspec.UnsetType | None = UNSET


class _Bare(msgspec.Struct, rename="camel"):
    """What is asked of an object whose ``items`` are no list."""

    api_version: Any = None
    kind: Any = None


_HEAD = msgspec.json.Decoder(_Head)
_BARE = msgspec.json.Decoder(_Bare)


def read_json(text: Text, values: list[Value], number: int, problems: list[Problem]) -> Iterator[JsonDocument]:
    """Yield the objects of a text, lists taken apart; NS102 where something is no object.

    Args:
        values: Those of the text, as ``json_values`` returns them.
        number: The number of the input.
    """
    reader = _Reader(text, number, problems)
    for offset, raw in values:
        yield from reader.read(offset, raw)


class _Reader:
    """Reads one text, from its start to its end."""

    def __init__(self, text: Text, number: int, problems: list[Problem]) -> None:
        self._data = text.data
        self._number = number
        self._problems = problems
        self._is_ascii = text.is_ascii
        self._exact = len(text.data) <= EXACT_LIMIT
        self._place = Place(text.file, 1, 1)
        self._at = 0

    def read(self, offset: int, raw: msgspec.Raw) -> Iterator[JsonDocument]:
        """Yield the objects of one value; those of a small text are read in full first, for what only that finds."""
        if self._exact:
            tree, found = examined(raw, self._advance(offset))
            self._problems += found
            if tree is None and found:
                return
        yield from self._objects(offset, raw, ("", ""), ())

    def _objects(
        self, offset: int, raw: msgspec.Raw, inherited: tuple[str, str], path: tuple[str | int, ...]
    ) -> Iterator[JsonDocument]:
        place = self._advance(offset)
        head = _head(raw)
        if head is None:
            self._problems.append(no_object(_SAMPLES.get(self._data[offset : offset + 1], 0), place, path[-2:]))
            return
        kind = type_of(head.api_version, head.kind, inherited)
        items = _items(head)
        if items is None or not is_list(kind[1]):
            yield JsonDocument(raw, place, self._number, kind, None if self._exact else self._problems)
        elif len(path) >= MAX_DEPTH:
            self._problems.append(problem(place, "NS104", TOO_DEEP))
        else:
            yield from self._listed(items, self._first(items, offset, len(raw)), item_type(*kind), path)

    def _listed(
        self, items: list[msgspec.Raw], at: int, inherited: tuple[str, str], path: tuple[str | int, ...]
    ) -> Iterator[JsonDocument]:
        data, number = self._data, self._number
        unread = None if self._exact else self._problems
        for index, item in enumerate(items):
            at = _end(_SEPARATOR, data, at)
            head = _head(item)
            if head is None or head.items is not UNSET or head.kind == "List":
                yield from self._objects(at, item, inherited, (*path, "items", index))
            else:  # the rule, with nothing between it and its reader
                kind = type_of(head.api_version, head.kind, inherited)
                yield JsonDocument(item, self._advance(at), number, kind, unread)
            at += len(item)

    def _first(self, items: list[msgspec.Raw], offset: int, length: int) -> int:
        """Return the byte at which the first item of the list at ``offset`` starts."""
        for match in _ITEMS.finditer(self._data, offset, offset + length) if items else ():
            if self._data.startswith(bytes(items[0]), match.end()):
                return match.end()
        return offset

    def _advance(self, offset: int) -> Place:
        """Return where a byte stands; bytes are asked for in their order, so that every line is counted once."""
        data, last = self._data, self._place
        passed = data.count(b"\n", self._at, offset)
        start = data.rfind(b"\n", self._at, offset) + 1 if passed else self._at
        width = offset - start if self._is_ascii else len(data[start:offset].decode(errors="replace"))
        self._at = offset
        self._place = Place(last.file, last.line + passed, width + (1 if passed else last.column))
        return self._place


def _head(raw: msgspec.Raw) -> _Head | None:
    """Return the API version, the kind and, if they are a list, the items of an object; None of what is no object."""
    try:
        return _HEAD.decode(raw)
    except msgspec.ValidationError:
        return _bare_head(raw)


def _bare_head(raw: msgspec.Raw) -> _Head | None:
    try:
        bare = _BARE.decode(raw)
    except msgspec.ValidationError:
        return None
    return _Head(bare.api_version, bare.kind)


def _items(head: _Head) -> list[msgspec.Raw] | None:
    """Return the items of what is a list, if its kind says so; only of the kind List may they be absent."""
    absent = head.items is UNSET and head.kind != "List"
    return None if absent else head.items or []


def _end(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    match = pattern.match(data, at)
    return match.end() if match else at
