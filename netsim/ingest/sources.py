"""The texts that an input holds."""

import sys
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import IO

from netsim.errors import Problem
from netsim.ingest.folders import bounded, path_files, unreadable
from netsim.ingest.git_source import git_files
from netsim.ingest.limits import DEFAULT_LIMITS, Limits, too_large
from netsim.ingest.rendered import is_rendered, rendered
from netsim.ingest.text import Text, decode

#: A path, ``-`` for standard input, ``git:REV:PATH``, ``kustomize:PATH``, ``helm:PATH?...``, or an open file.
#: A ``Path`` is never one of the others.
Source = str | PathLike[str] | IO[str] | IO[bytes]


def texts(
    source: Source, problems: list[Problem], *, stdin: IO[bytes] | None = None, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Text]:
    """Yield the texts of an input, those of a folder sorted by folder and name.

    What cannot be read (NS101), is no text (NS102) or is too large (NS104) is added to ``problems``; all else is
    yielded.

    Args:
        stdin: What ``-`` reads; the process's standard input where None.
    """
    if isinstance(source, str) and is_rendered(source):
        yield from _rendered(source, problems, limits)
        return
    for file, raw in files(source, problems, stdin=stdin, limits=limits):
        text = decode(file, raw, problems)
        if text is not None:
            yield text


def _rendered(source: str, problems: list[Problem], limits: Limits) -> Iterator[Text]:
    for each in rendered(source, problems):
        if len(each.content) > limits.bytes:
            problems.append(too_large(each.file, len(each.content), limits))
        elif text := decode(each.file, each.content, problems):
            text.namespace = each.namespace
            yield text


def files(
    source: Source, problems: list[Problem], *, stdin: IO[bytes] | None, limits: Limits
) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each file of an input; ``texts`` says the rest."""
    if isinstance(source, PathLike):
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
