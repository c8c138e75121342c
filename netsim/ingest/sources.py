"""The texts that an input holds."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import IO

from netsim.errors import Problem
from netsim.ingest.folders import bounded, path_files, unreadable
from netsim.ingest.git_source import git_files
from netsim.ingest.limits import DEFAULT_LIMITS, Limits, too_large
from netsim.ingest.rendered import Rendered, is_rendered, rendered
from netsim.ingest.text import Text, decode


@dataclass(frozen=True, slots=True)
class Fetched:
    """An input that has been read and not yet looked into: its files, and what of it cannot be read.

    It can go to another process, or another machine, and says there what it would have said here.
    """

    files: tuple[Rendered, ...]
    problems: tuple[Problem, ...] = ()


#: A path, ``-`` for standard input, ``git:REV:PATH``, ``kustomize:PATH``, ``helm:PATH?...``, an open file, or one of
#: these fetched before. A ``Path`` is never one of the others.
Source = str | PathLike[str] | IO[str] | IO[bytes] | Fetched


def fetch(source: Source, *, stdin: IO[bytes] | None = None, limits: Limits = DEFAULT_LIMITS) -> Fetched:
    """Return an input read."""
    problems: list[Problem] = []
    if isinstance(source, str) and is_rendered(source):
        found = tuple(rendered(source, problems))
    else:
        read = files(source, problems, stdin=stdin, limits=limits)
        found = tuple(Rendered(file=file, content=raw) for file, raw in read)
    return Fetched(found, tuple(problems))


def texts(
    source: Source, problems: list[Problem], *, stdin: IO[bytes] | None = None, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Text]:
    """Yield the texts of an input, those of a folder sorted by folder and name.

    What cannot be read (NS101), is no text (NS102) or is too large (NS104) is added to ``problems``; all else is
    yielded.

    Args:
        stdin: What ``-`` reads; the process's standard input where None.
    """
    if isinstance(source, Fetched):
        problems.extend(source.problems)
        yield from _decoded(source.files, problems, limits)
        return
    if isinstance(source, str) and is_rendered(source):
        yield from _decoded(rendered(source, problems), problems, limits)
        return
    for file, raw in files(source, problems, stdin=stdin, limits=limits):
        text = decode(file, raw, problems)
        if text is not None:
            yield text


def _decoded(found: Iterable[Rendered], problems: list[Problem], limits: Limits) -> Iterator[Text]:
    for each in found:
        if len(each.content) > limits.bytes:
            problems.append(too_large(each.file, len(each.content), limits))
        elif text := decode(each.file, each.content, problems):
            text.namespace = each.namespace
            yield text


def files(
    source: Source, problems: list[Problem], *, stdin: IO[bytes] | None, limits: Limits
) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each file of an input; ``texts`` says the rest."""
    if isinstance(source, Fetched):
        problems.extend(source.problems)
        yield from ((each.file, each.content) for each in source.files)
    elif isinstance(source, PathLike):
        yield from path_files(Path(source), problems, limits)
    elif not isinstance(source, str):
        yield from _open_file(str(getattr(source, "name", "<input>")), source, problems, limits)
    elif source == "-":
        yield from _open_file("<stdin>", stdin or sys.stdin.buffer, problems, limits)
    elif source.startswith("git:"):
        yield from git_files(source, problems, limits)
    else:
        yield from path_files(Path(source), problems, limits)


def _open_file(
    name: str, file: IO[str] | IO[bytes], problems: list[Problem], limits: Limits
) -> Iterator[tuple[str, bytes]]:
    try:
        raw = bounded(file, limits)
    except UnicodeError as error:
        problems.append(Problem(file=name, code="NS102", message=str(error), hint="open the file in binary mode"))
    except (OSError, ValueError) as error:
        problems.append(unreadable(name, error))
    else:
        if raw is None:
            problems.append(too_large(name, None, limits))
        else:
            yield name, raw
