"""The arrow from inputs to documents."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from netsim.errors import Problem
from netsim.ingest.cache import File
from netsim.ingest.document import Document, Path
from netsim.ingest.json_reader import read_json
from netsim.ingest.json_values import json_values
from netsim.ingest.limits import DEFAULT_LIMITS, Limits
from netsim.ingest.refusals import MAX_DEPTH, TOO_DEEP, no_object
from netsim.ingest.sources import Source, texts
from netsim.ingest.text import DEFAULT_NAMESPACE, Text, decode
from netsim.ingest.trees import Origin, documents_of
from netsim.ingest.yaml_reader import read_yaml
from netsim.ingest.yaml_scalars import json_value, key_text
from netsim.ir.place import Place

_GIVEN = "<documents>"
#: As for kubectl, what starts with an object's first key is JSON to its end; of ``{a: b}`` YAML has to speak.
_JSON = re.compile(rb"[ \t\r\n]*(?:\{[ \t\r\n]*[\"}]|(\[))")


@dataclass(frozen=True, slots=True)
class Given:
    """Objects as Python mappings; they have no lines."""

    documents: Sequence[Mapping[str, Any]]


Input = Source | Given

#: From so many bytes on, reading YAML takes long enough to say that JSON takes a fifth of it.
SLOW_YAML = 20_000_000
#: Is told the name and the size of a file.
Slow = Callable[[str, int], None]


def read_documents(
    inputs: Sequence[Input],
    problems: list[Problem],
    *,
    stdin: IO[bytes] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    slow: Slow | None = None,
) -> Iterator[Document]:
    """Yield every object of the inputs, in their order, lists taken apart; one at a time, so that few are kept.

    Args:
        inputs: Paths of files and folders, ``-``, ``git:REV:PATH``, open files, ``Given`` mappings.
        problems: Is told of all that cannot be read, with codes NS101 to NS104; it is complete at the end. Nothing is
            raised, and the rest is yielded all the same.
        stdin: What ``-`` reads; the process's standard input where None.
        limits: How much of an input is read before it is refused.
        slow: Is told of a large file of YAML before it is read.
    """
    for number, each in enumerate(inputs):
        if isinstance(each, Given):
            yield from _of_given(each, number, problems)
            continue
        for text in texts(each, problems, stdin=stdin, limits=limits):
            for document in _of_text(text, number, problems, limits, slow):
                if text.namespace != DEFAULT_NAMESPACE:
                    document.live_in(text.namespace)
                yield document


def documents_of_files(
    files: Iterable[File], problems: list[Problem], limits: Limits, slow: Slow | None
) -> Iterator[Document]:
    """Yield every object of files that have been read, as ``read_documents`` does."""
    for number, name, raw in files:
        if text := decode(name, raw, problems):
            yield from _of_text(text, number, problems, limits, slow)


def _of_text(text: Text, number: int, problems: list[Problem], limits: Limits, slow: Slow | None) -> Iterator[Document]:
    start = _JSON.match(text.data)
    values, fault = json_values(text) if start else ([], None)
    if start is None or (fault and start[1]):
        if slow and len(text.data) > SLOW_YAML:
            slow(text.file, len(text.data))
        yield from read_yaml(text, number, problems, limits)
        return
    yield from read_json(text, values, number, problems)
    if fault:
        problems.append(fault)


class _NoLayout:
    """The layout of what has no lines."""

    def position(self, tree: Any, path: Path) -> tuple[int, int]:  # noqa: ARG002 - as every layout is asked
        return 0, 0


def _of_given(given: Given, number: int, problems: list[Problem]) -> Iterator[Document]:
    origin = Origin(input=number, file=_GIVEN, layout=_NoLayout())
    for document in given.documents:
        try:
            tree = _plain(document)
        except _TooDeepError:
            problems.append(Problem(file=_GIVEN, code="NS104", message=TOO_DEEP))
        except ValueError as error:
            problems.append(Problem(file=_GIVEN, code="NS107", message=str(error)))
        else:
            if isinstance(tree, dict):
                yield from documents_of(tree, origin, problems)
            else:
                problems.append(no_object(tree, Place(_GIVEN)))


class _TooDeepError(Exception):
    """A value that nests too deep, or contains itself."""


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a copy in dicts, lists and scalars, as JSON would have it.

    Raises:
        ValueError: Some value is none of JSON.
    """
    if depth > MAX_DEPTH:
        raise _TooDeepError
    match value:
        case str() | bool() | int() | float() | None:
            return json_value(value)
        case Mapping():
            return {key_text(key): _plain(item, depth + 1) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item, depth + 1) for item in value]
        case date():
            # What most readers of YAML make of an unquoted one.
            return value.isoformat()
        case _:
            raise ValueError(f"a {type(value).__name__} is no value of JSON")
