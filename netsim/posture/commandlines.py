"""The flags that a program is started with: from argument lists, shell text and environment variables."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_TRUE = frozenset({"", "1", "t", "T", "true", "TRUE", "True"})
_CONTINUED = re.compile(r"\\\r?\n")
_SEPARATORS = frozenset({"&&", "||", ";", "|", "&"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """Flags by name, without dashes; of one that is repeated, the last value counts."""

    program: str
    values: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        """Return the value of a flag."""
        return self.values.get(name, default)

    def is_on(self, name: str) -> bool:
        """Is a flag given, and true?"""
        return name in self.values and self.values[name] in _TRUE

    def urls(self, name: str, default: str = "") -> tuple[str, ...]:
        """Return the values of a flag that holds a list."""
        return tuple(each.strip() for each in self.get(name, default).split(",") if each.strip())


def flags_of(program: str, arguments: Sequence[str], switches: frozenset[str] = frozenset()) -> Flags:
    """Return the flags of an argument list.

    Args:
        arguments: Without the program itself; ``--flag=value``, ``--flag value``, ``-flag``, and ``--flag`` alone.
        switches: The flags that take no following value: a boolean one is only ever set by ``=``.
    """
    values: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            break
        if not argument.startswith("-") or argument == "-":
            continue
        name, equals, value = argument.lstrip("-").partition("=")
        if not equals and name not in switches and rest and not rest[0].startswith("-"):
            value = rest.pop(0)
        values[name] = value
    return Flags(program=program, values=values)


def of_environment(program: str, prefix: str, variables: Mapping[str, str]) -> Flags:
    """Return the flags that environment variables stand for: ``ETCD_CERT_FILE`` is ``cert-file``."""
    found = {
        name.removeprefix(prefix).lower().replace("_", "-"): value
        for name, value in variables.items()
        if name.startswith(prefix)
    }
    return Flags(program=program, values=found)


def commands(text: str, programs: frozenset[str]) -> Iterator[tuple[int, str, list[str]]]:
    """Yield each start of one of some programs in a shell script, a systemd unit, or a bare command line.

    Yields:
        The line, from 1, on which it starts; the program's name; its arguments.
    """
    joined = _CONTINUED.sub(lambda match: "\0" * match.group().count("\n"), text)
    line = 1
    for each in joined.split("\n"):
        yield from ((line, program, arguments) for program, arguments in _of_line(each.replace("\0", " "), programs))
        line += 1 + each.count("\0")


def _of_line(line: str, programs: frozenset[str]) -> Iterator[tuple[str, list[str]]]:
    if not any(program in line for program in programs):
        return
    start = re.sub(r"^\s*(?:ExecStart(?:Pre|Post)?\s*=\s*[-@:+!]*|\$ )", "", line)
    try:
        words = shlex.split(start, comments=True)
    except ValueError:
        words = start.split()
    for index, word in enumerate(words):
        name = word.rpartition("/")[2]
        if name in programs and (index == 0 or words[index - 1] in _SEPARATORS | {"exec", "sudo", "nohup"}):
            following = words[index + 1 :]
            end = next((number for number, each in enumerate(following) if each in _SEPARATORS), len(following))
            yield name, following[:end]
            return
