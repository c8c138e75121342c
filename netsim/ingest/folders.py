"""The files that a path names: itself, or the manifests below it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from netsim.errors import Problem
from netsim.ingest.limits import Limits, too_large

_SUFFIXES = (".yaml", ".yml", ".json")
_CHUNK = 1 << 27


def path_files(path: Path, problems: list[Problem], limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of a file or, sorted by folder and name, of the manifests below a folder.

    A file that is named is read whatever its name; hidden folders are left out. NS101 says what cannot be read,
    NS104 what is too large, which is then not read at all.
    """
    if path.is_dir():
        yield from _folder(path, problems, limits)
    else:
        yield from _file(path, problems, limits)


def holds_manifests(path: Path) -> bool:
    """Return whether a path is a file, or a folder with something to read in or below it."""
    problems: list[Problem] = []
    return path.exists() and (not path.is_dir() or next(_names(path, problems), None) is not None)


def is_manifest(name: str) -> bool:
    """Is a file of this name read where only its folder is named?"""
    return name.endswith(_SUFFIXES)


def unreadable(file: str, why: object, *, hint: str = "") -> Problem:
    """Return the problem of an input that cannot be read."""
    return Problem(file=file, code="NS101", message=f"cannot be read: {why}", hint=hint)


def without_manifests(folder: str) -> Problem:
    """Return the problem of a folder that holds nothing to read."""
    return unreadable(folder, f"no file below this folder ends in {', '.join(_SUFFIXES)}")


def _file(path: Path, problems: list[Problem], limits: Limits) -> Iterator[tuple[str, bytes]]:
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            # Of a pipe or a device the size says nothing.
            content = bounded(file, limits) if size <= limits.bytes else None
    except (OSError, ValueError) as error:
        problems.append(unreadable(str(path), getattr(error, "strerror", None) or error))
    else:
        if content is None:
            problems.append(too_large(str(path), size if size > limits.bytes else None, limits))
        else:
            yield str(path), content


def bounded(file: IO[str] | IO[bytes], limits: Limits) -> bytes | None:
    """Return what an open file holds; None where that is more than is allowed."""
    parts: list[bytes] = []
    left = limits.bytes
    while part := file.read(min(left + 1, _CHUNK)):
        parts.append(part.encode() if isinstance(part, str) else part)
        left -= len(parts[-1])
        if left < 0:
            return None
    return b"".join(parts)


def _folder(folder: Path, problems: list[Problem], limits: Limits) -> Iterator[tuple[str, bytes]]:
    found = len(problems)
    for path in _names(folder, problems):
        found += 1
        yield from _file(path, problems, limits)
    if not found:
        problems.append(without_manifests(str(folder)))


def _names(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    def refused(error: OSError) -> None:
        problems.append(unreadable(str(error.filename), error.strerror))

    # Links to folders are not followed (kubectl does not either, and they may be loops); links to files are read.
    for parent, folders, names in os.walk(folder, onerror=refused):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(parent, name) for name in sorted(names) if is_manifest(name)):
            if not path.is_fifo():
                yield path
