"""Every error as one tree: each has a code, an exit status and, where there is one, the way out."""

from collections.abc import Iterable
from dataclasses import dataclass

_LONGEST = 1_000


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Problem:
    """One thing that is wrong with an input.

    ``str`` writes ``shop.yaml:31:9: NS114 `spec.ingress[0].ports[0].endPort` 8080 is below `port` 9090``, and the
    hint on a line of its own.

    Args:
        file, line, column: Where; ``line`` and ``column`` count from 1 and are 0 where the input has none.
        code: A stable code, ``NS101`` and up; ``netsim explain CODE`` says what it means.
        field: The field's path in the object, as kubectl writes it; empty where no field is meant.
        message: Which rule is broken, with the values at hand.
        subject: The object: ``NetworkPolicy shop/cart``.
        hint: The way out.
    """

    file: str
    line: int = 0
    column: int = 0
    code: str
    subject: str = ""
    field: str = ""
    message: str
    hint: str = ""

    def __post_init__(self) -> None:
        # They quote the input, which may hold anything.
        for part in ("subject", "field", "message"):
            if len(text := getattr(self, part)) > _LONGEST:
                object.__setattr__(self, part, f"{text[:_LONGEST]}...")

    def __str__(self) -> str:
        where = ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])
        field = f"`{self.field}` " if self.field else ""
        subject = f" ({self.subject})" if self.subject else ""
        hint = f"\n    hint: {self.hint}" if self.hint else ""
        return f"{where}: {self.code} {field}{self.message}{subject}{hint}"


class NetsimError(Exception):
    """The root: something that the user can act on. ``exit_status`` is the command's."""

    exit_status = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n    hint: {self.hint}" if self.hint else self.message


class InputError(NetsimError):
    """Inputs that the API server, or strict field checking, would refuse; all their problems together, sorted."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(NetsimError):
    """A question that cannot be asked: an unknown peer, a bad port, options that exclude each other."""


class UnknownPeerError(UsageError):
    """A peer that names nothing in a snapshot."""


class UnknownPortError(UsageError):
    """A port that a destination does not have, by the name or the number that was asked about."""


class MissingProgramError(NetsimError):
    """A program of the user's machine that an answer needs (``dot``, ``git``) is not on PATH."""


class InternalError(NetsimError):
    """A bug of ours, never the user's: two forms of one definition disagree."""

    exit_status = 70
