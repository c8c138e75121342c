"""Environment variables as units, scripts and environment files set them for etcd."""

import re
import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath

_CONTINUED = re.compile(r"\\\r?\n")
_OF_ETCD = re.compile(r"(ETCD_[A-Z0-9_]+)=(.*)", re.DOTALL)
_ASSIGNMENT = re.compile(r"(?:export\s+)?[A-Za-z_]\w*=")
_SETS = re.compile(r"^\s*(?:Environment\s*=|export\s)\s*")
_FILE = re.compile(r"^\s*EnvironmentFile\s*=\s*-?(\S+)", re.MULTILINE)


def exported(text: str) -> dict[str, str]:
    """Return the variables that a unit or a script gives to what it starts; not those that it keeps for itself."""
    found: dict[str, str] = {}
    for line in _lines(text):
        rest = _SETS.sub("", line)
        words = _words(rest)
        leading = [word for number, word in enumerate(words) if all(map(_ASSIGNMENT.match, words[: number + 1]))]
        if rest != line or len(leading) < len(words):
            found |= _of_etcd(leading)
    return found


def assigned(text: str) -> dict[str, str]:
    """Return the variables of an environment file."""
    return _of_etcd([word for line in _lines(text) for word in _words(_SETS.sub("", line))])


def is_environment(text: str) -> bool:
    """Is a text an environment file of etcd: nothing but assignments, one of them of etcd's?"""
    lines = list(_lines(text))
    return any(_OF_ETCD.match(_SETS.sub("", line)) for line in lines) and all(map(_ASSIGNMENT.match, lines))


def environment_files(text: str) -> Iterator[str]:
    """Yield the names, without their folders, of the environment files that a unit reads."""
    yield from (PurePosixPath(path).name for path in _FILE.findall(text))


def _of_etcd(words: list[str]) -> dict[str, str]:
    return {match[1]: match[2] for word in words if (match := _OF_ETCD.fullmatch(word))}


def _lines(text: str) -> Iterator[str]:
    joined = _CONTINUED.sub(" ", text)
    yield from (line.strip() for line in joined.splitlines() if line.strip() and line.strip()[0] not in "#;[")


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return line.split()
