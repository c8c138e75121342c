"""Objects as YAML for the eye, with the lines of each of a policy's rules."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: Scalars that mean the same with and without quotes.
_PLAIN = re.compile(r"[A-Za-z_/][\w./-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"})

#: What a server adds, and nobody wants to read.
_NOISE = frozenset({"managedFields", "uid", "resourceVersion", "creationTimestamp", "generation", "selfLink"})

#: The object once more, as kubectl applied it.
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

#: A line of text with the path of the field that it shows.
Line = tuple[str, tuple[str | int, ...]]


def text_of(body: Mapping[str, Any]) -> tuple[str, dict[str, tuple[int, int]]]:
    """Return an object as YAML, and for each rule, ``ingress[0]``, its first and last line, from 0."""
    metadata = body.get("metadata")
    shown = {key: value for key, value in body.items() if key != "status"}
    if isinstance(metadata, Mapping):
        shown["metadata"] = {key: value for key, value in metadata.items() if key not in _NOISE}
        notes = metadata.get("annotations")
        if isinstance(notes, Mapping) and _APPLIED in notes:
            shown["metadata"]["annotations"] = {key: value for key, value in notes.items() if key != _APPLIED}
    lines = list(_mapping(shown, (), 0))
    spans: dict[str, tuple[int, int]] = {}
    for number, (_, path) in enumerate(lines):
        if len(path) >= 3 and path[0] == "spec" and path[1] in ("ingress", "egress"):
            rule = f"{path[1]}[{path[2]}]"
            spans[rule] = (spans.get(rule, (number, number))[0], number)
    return "\n".join(line for line, _ in lines), spans


def _mapping(value: Mapping[str, Any], path: tuple[str | int, ...], depth: int) -> Iterator[Line]:
    for key, child in value.items():
        own = (*path, str(key))
        start = "  " * depth + _scalar(str(key)) + ":"
        if isinstance(child, Mapping) and child:
            yield start, own
            yield from _mapping(child, own, depth + 1)
        elif _is_list(child) and child:
            yield start, own
            yield from _list(child, own, depth)
        else:
            yield f"{start} {_scalar(child)}", own


def _list(value: Sequence[Any], path: tuple[str | int, ...], depth: int) -> Iterator[Line]:
    for index, child in enumerate(value):
        own = (*path, index)
        start = "  " * depth + "- "
        if isinstance(child, Mapping) and child:
            for at, (line, deeper) in enumerate(_mapping(child, own, depth + 1)):
                yield (start + line[len(start) :] if at == 0 else line), deeper
        elif _is_list(child) and child:
            yield start.rstrip(), own
            yield from _list(child, own, depth + 1)
        else:
            yield start + _scalar(child), own


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _scalar(value: object) -> str:
    """Return a scalar as YAML writes it: plain where that is sure to mean the same, else in JSON's quotes."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
