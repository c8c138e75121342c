"""The flags that a program is started with: from argument lists, shell text and environment variables."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_TRUE = frozenset({"", "1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})
_CONTINUED = re.compile(r"\\\r?\n")
#: In a unit, lines of comments amid a command are passed over.
_COMMENTED = re.compile(r"(\\\r?\n)((?:[ \t]*[#;][^\n]*\n)+)")
_SEPARATORS = frozenset({"&&", "||", ";", "|", "&"})
_BEFORE = _SEPARATORS | {"exec", "sudo", "nohup", "env", "command", "time", "then", "do", "else", "{", "("}
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=")
_REDIRECTED = re.compile(r"\d*[<>]|&>")
_START = re.compile(r"^\s*(?:ExecStart(?:Pre|Post)?\s*=\s*[-@:+!|]*|\$ )")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """Flags by name, without dashes; of one that is repeated, the last value counts.

    Attributes:
        stray: Arguments that are neither flags nor their values.
        twice: The environment variables that say again what a flag says.
    """

    program: str
    values: Mapping[str, str] = field(default_factory=dict)
    stray: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """Return the value of a flag."""
        return self.values.get(name, default)

    def is_on(self, name: str) -> bool:
        """Is a flag given, and true?"""
        return name in self.values and self.values[name] in _TRUE

    def is_neither(self, name: str) -> bool:
        """Is a switch given a value that is neither true nor false?"""
        return name in self.values and self.values[name] not in _TRUE | _FALSE

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
    stray: list[str] = []
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            break
        if not argument.startswith("-") or argument == "-":
            stray.append(argument)
            continue
        name, equals, value = argument.lstrip("-").partition("=")
        if program.startswith("kube-"):  # whose flags take underscores for dashes
            name = name.replace("_", "-")
        if not equals and name not in switches and rest and not rest[0].startswith("-"):
            value = rest.pop(0)
        values[name] = value
    return Flags(program=program, values=values, stray=tuple(stray))


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
    if "ExecStart" in text:
        text = _COMMENTED.sub(lambda match: match[1] + "\\\n" * match[2].count("\n"), text)
    joined = _CONTINUED.sub(lambda match: "\0" * match.group().count("\n"), text)
    line = 1
    for each in joined.split("\n"):
        yield from ((line, program, arguments) for program, arguments in _of_line(each.replace("\0", " "), programs))
        line += 1 + each.count("\0")


def _of_line(line: str, programs: frozenset[str]) -> Iterator[tuple[str, list[str]]]:
    if not any(program in line for program in programs):
        return
    start = _START.sub("", line)
    try:
        words = shlex.split(start, comments=True)
    except ValueError:
        words = start.split()
    for index, word in enumerate(words):
        if " " in word and index and words[index - 1] == "-c":  # a shell, which starts it
            yield from _of_line(word, programs)
            return
        name = word.rpartition("/")[2]
        if name in programs and _is_start(words, index):
            yield name, list(_arguments(words[index + 1 :]))
            return


def _is_start(words: Sequence[str], index: int) -> bool:
    """Is a word a program that is started, and not an argument that is called so?"""
    if words[index].rpartition("/")[0].endswith("bin"):  # as behind `docker run IMAGE`
        return index == 0 or not words[index - 1].startswith("-")
    before = index - 1
    while before >= 0 and _ASSIGNED.match(words[before]):
        before -= 1
    if before >= 1 and words[before - 1] in ("-u", "-g") and "sudo" in words[:before]:
        before -= 2
    return before < 0 or words[before] in _BEFORE or words[before].endswith(";")


def _arguments(words: Sequence[str]) -> Iterator[str]:
    """Yield the words up to where the command ends, or is redirected."""
    for word in words:
        if word in _SEPARATORS or _REDIRECTED.match(word):
            return
        yield word.removesuffix(";")
        if word.endswith(";"):
            return
