"""Plain values as YAML: block style, texts quoted wherever another reader could take them for something else."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

#: A text that no reader of YAML takes for anything but a text.
_PLAIN = re.compile(r"[A-Za-z/][\w./-]*(?:[ ][\w./-]+)*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"})


def dumped(value: Any) -> str:
    """Return a value as a document."""
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _item(f"{_scalar(str(key))}:", item, "  ")
    elif isinstance(value, list | tuple) and value:
        for item in value:
            lines = list(_lines(item))
            yield f"- {lines[0]}"
            yield from (f"  {line}" for line in lines[1:])
    else:
        yield _scalar(value)


def _item(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping | list | tuple) and value:
        yield head
        # A list below a key stands at the key's own column, as kubectl writes it.
        below = "" if isinstance(value, list | tuple) else indent
        yield from (f"{below}{line}" for line in _lines(value))
    else:
        yield f"{head} {_scalar(value)}"


def _scalar(value: Any) -> str:
    match value:
        case str() if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        case Mapping():
            return "{}"
        case list() | tuple():
            return "[]"
        case _:
            return json.dumps(value)
