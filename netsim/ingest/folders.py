"""The files that a path names: itself, or the manifests below it."""

import os
from collections.abc import Iterator
from pathlib import Path

from netsim.errors import Problem

_SUFFIXES = (".yaml", ".yml", ".json")


def path_files(path: Path, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of a file or, sorted by folder and name, of the manifests below a folder.

    A file that is named is read whatever its name; hidden folders are left out. NS101 says what cannot be read.
    """
    if path.is_dir():
        yield from _folder(path, problems)
    else:
        yield from _file(path, problems)


def is_manifest(name: str) -> bool:
    """Is a file of this name read where only its folder is named?"""
    return name.endswith(_SUFFIXES)


def unreadable(file: str, why: object, *, hint: str = "") -> Problem:
    """Return the problem of an input that cannot be read."""
    return Problem(file=file, code="NS101", message=f"cannot be read: {why}", hint=hint)


def without_manifests(folder: str) -> Problem:
    """Return the problem of a folder that holds nothing to read."""
    return unreadable(folder, f"no file below this folder ends in {', '.join(_SUFFIXES)}")


def _file(path: Path, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        problems.append(unreadable(str(path), getattr(error, "strerror", None) or error))
    else:
        yield str(path), content


def _folder(folder: Path, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
    def refused(error: OSError) -> None:
        problems.append(unreadable(str(error.filename), error.strerror))

    found = len(problems)
    # Links to folders are not followed (kubectl does not either, and they may be loops); links to files are read.
    for parent, folders, names in os.walk(folder, onerror=refused):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(parent, name) for name in sorted(names) if is_manifest(name)):
            if not path.is_fifo():
                found += 1
                yield from _file(path, problems)
    if not found:
        problems.append(without_manifests(str(folder)))
