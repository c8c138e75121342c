"""Where something was said."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in an input.

    Units:
        ``line`` and ``column`` count from 1; 0 means that the input has no lines (a dict).
        ``file`` is written as a user would open it: a path, ``<stdin>`` or ``git:REV:path``.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        numbers = [str(n) for n in (self.line, self.column) if n]
        return ":".join([self.file, *numbers])


NOWHERE = Place("<none>")
