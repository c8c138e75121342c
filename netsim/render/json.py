"""JSON, ``netsim/v1``: what ``Answer.to_dict`` says; a listing row by row, so that a million rows need no memory."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from netsim.ir.traffic import Traffic
from netsim.queries import Reachability
from netsim.queries.answer import SCHEMA, Answer, notice_dict
from netsim.queries.reach import Line
from netsim.render.rows import rows


def whole(answer: Answer) -> Iterator[str]:
    """Yield an answer that is small."""
    yield from json.JSONEncoder(indent=2).iterencode(answer.to_dict())
    yield "\n"


def listed(answer: Answer) -> Iterator[str]:
    """Yield an answer of many rows: each top-level key on its own line, and each row of a list."""
    start = "{\n"
    for name, value in answer.to_dict().items():
        yield f"{start}  {_text(name)}: "
        yield (
            "[\n    " + _BETWEEN.join(map(_text, value)) + "\n  ]"
            if value and isinstance(value, list)
            else _text(value)
        )
        start = ",\n"
    yield "\n}\n"


def reach(answer: Reachability) -> Iterator[str]:
    """Yield a listing, one row a line."""
    if answer.summary_only:
        yield from whole(answer)
        return
    yield f'{{\n  "schema": {_text(SCHEMA)},\n  "kind": {_text(answer.kind)},\n'
    yield f'  "summary": {_text(answer.summary)},\n'
    yield from _list("connections", rows(answer, _head, _allowed, _BETWEEN))
    yield from _list("unknown", rows(answer, _head, _unknown, _BETWEEN))
    yield from _list("assumptions", [_BETWEEN.join(map(_text, answer.assumptions))])
    warnings = (_text(notice_dict(notice)) for notice in answer.warnings)
    yield from _list("warnings", [_BETWEEN.join(warnings)], "\n")
    yield "}\n"


_BETWEEN = ",\n    "


def _text(value: Any) -> str:
    return json.dumps(value)


def _list(name: str, chunks: Iterable[str], end: str = ",\n") -> Iterator[str]:
    """Yield a list whose elements come in chunks, of which the first may be empty only if it is the last."""
    empty = True
    for chunk in chunks:
        if chunk and empty:
            yield f'  "{name}": [\n    '
            empty = False
        yield chunk
    yield f'  "{name}": []{end}' if empty else f"\n  ]{end}"


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
    return f'"to": {_text(line.destination)}, "traffic": {_text(traffic.to_json())}{family}}}'
