"""JSON, ``netsim/v1``: what ``Answer.to_dict`` says; a listing row by row, so that a million rows need no memory."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from netsim.ir.traffic import Traffic
from netsim.queries import Diff, Reachability
from netsim.queries.answer import SCHEMA, Answer, notice_dict
from netsim.queries.changes import Change, Changes, change_dict
from netsim.queries.listing import Line
from netsim.render.rows import rows


def whole(answer: Answer) -> Iterator[str]:
    """Yield an answer that is small."""
    yield from json.JSONEncoder(indent=2).iterencode(answer.to_dict())
    yield "\n"


def listed(answer: Answer) -> Iterator[str]:
    """Yield an answer of many rows: each top-level key on its own line, and each row of a list."""
    start = "{\n"
    for name, value in answer.to_dict().items():
        yield start
        yield from _list(name, _elements(value)) if isinstance(value, list) else [f"  {_text(name)}: {_text(value)}"]
        start = ",\n"
    yield "\n}\n"


def reach(answer: Reachability) -> Iterator[str]:
    """Yield a listing, one row a line, as ``listed`` would."""
    if answer.summary_only:
        yield from listed(answer)
        return
    yield f'{{\n  "schema": {_text(SCHEMA)},\n  "kind": {_text(answer.kind)},\n  "summary": {_text(answer.summary)}'
    for name, chunks in (
        ("connections", rows(answer, _head, _allowed, _BETWEEN)),
        ("unknown", rows(answer, _head, _unknown, _BETWEEN)),
        ("entries", _elements([way.to_dict() for way in answer.entries])),
        ("assumptions", _elements(answer.assumptions)),
        ("warnings", _elements([notice_dict(notice) for notice in answer.warnings])),
    ):
        yield ",\n"
        yield from _list(name, chunks)
    yield "\n}\n"


def diff(answer: Diff) -> Iterator[str]:
    """Yield a diff as ``listed`` would, its changes as they come."""
    start = "{\n"
    for name, value in replace(answer, changes=()).to_dict().items():
        yield start
        if name == "changes":
            yield from _list(name, _changes(Changes.of(answer.changes)))
        elif name == "summary":
            yield f'  "summary": {_text(answer.summary)}'
        elif isinstance(value, list):
            yield from _list(name, _elements(value))
        else:
            yield f"  {_text(name)}: {_text(value)}"
        start = ",\n"
    yield "\n}\n"


def _changes(changes: Changes) -> Iterator[str]:
    """Yield changes; what follows their ends is the same of many, and made once."""
    sources, destinations = ([f"{start}{_text(name)}, " for name in changes.names] for start in ('{"from": ', '"to": '))
    tails = [_tail_of(kind) for kind in changes.kinds]
    between = ""
    for chunk in changes.rows.chunks():
        yield between + _BETWEEN.join([sources[a] + destinations[b] + tails[kind] for a, b, kind in chunk])
        between = _BETWEEN


def _tail_of(kind: Change) -> str:
    rest = {name: value for name, value in change_dict(kind).items() if name not in ("from", "to")}
    return _text(rest)[1:]


_BETWEEN = ",\n    "


def _text(value: Any) -> str:
    return json.dumps(value)


def _elements(values: Sequence[Any]) -> Iterator[str]:
    """Yield the elements of a list as one text, or nothing."""
    if values:
        yield _BETWEEN.join(map(_text, values))


def _list(name: str, chunks: Iterable[str]) -> Iterator[str]:
    """Yield a list whose elements come joined, in chunks."""
    empty = True
    for chunk in chunks:
        if empty:
            yield f'  "{name}": [\n    '
            empty = False
        yield chunk
    yield f'  "{name}": []' if empty else "\n  ]"


def _head(source: str) -> str:
    return f'{{"from": {_text(source)}, '


def _allowed(line: Line) -> str | None:
    return _tail(line, line.traffic)


def _unknown(line: Line) -> str | None:
    return _tail(line, line.unknown)


def _tail(line: Line, traffic: Traffic) -> str | None:
    if not traffic:
        return None
    family = f', "family": {_text(str(line.family))}' if line.family else ""
    network = f', "network": {_text(line.network)}' if line.network else ""
    return f'"to": {_text(line.destination)}, "traffic": {_text(traffic.to_json())}{family}{network}}}'
