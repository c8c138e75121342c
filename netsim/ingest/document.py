"""One API object as it was written: its values, and where each of them stands."""

from abc import ABC, abstractmethod
from typing import Any, TypeVar

from netsim.errors import Problem
from netsim.ingest.text import DEFAULT_NAMESPACE
from netsim.ir.place import Place

T = TypeVar("T")

#: A field's path below the object's root: ``("spec", "ingress", 0, "ports", 1, "endPort")``.
Path = tuple[str | int, ...]


def written(path: Path) -> str:
    """Return a path as kubectl writes it: ``spec.ingress[0].ports[1].endPort``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text


class Document(ABC):
    """One object of an input, not yet understood.

    Attributes:
        input: The number of the input (the argument) that it came from; a later input overrides an earlier one.
        file: The file, as a user would open it.
        line: The line on which the object starts, from 1; 0 where the input has no lines.
        api_version, kind: As written; empty where absent or no text.
    """

    __slots__ = ("_namespace", "api_version", "file", "input", "kind", "line")

    input: int
    file: str
    line: int
    api_version: str
    kind: str

    @property
    def namespace(self) -> str:
        """Where the object lives if it does not say it."""
        return getattr(self, "_namespace", DEFAULT_NAMESPACE)

    def live_in(self, namespace: str) -> None:
        """Let the object live in a namespace if it does not say another."""
        self._namespace = namespace

    @abstractmethod
    def typed(self, model: type[T]) -> T:
        """Return the object read into a msgspec Struct type.

        Raises:
            msgspec.ValidationError: Some value has the wrong type (the first one found).
        """

    @abstractmethod
    def tree(self) -> dict[str, Any]:
        """Return the object as plain dicts, lists and scalars, with the scalars that kubectl would read."""

    @abstractmethod
    def place(self, path: Path = ()) -> Place:
        """Return where the field stands, or where the nearest enclosing field that is present stands."""

    def problem(self, code: str, path: Path, message: str, *, subject: str = "", hint: str = "") -> Problem:
        """Return a problem with the field at ``path``."""
        place = self.place(path)
        return Problem(
            file=place.file,
            line=place.line,
            column=place.column,
            code=code,
            subject=subject,
            field=written(path),
            message=message,
            hint=hint,
        )
