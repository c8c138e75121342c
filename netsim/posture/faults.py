"""What is wrong with a file, before it becomes a finding: a row of a catalogue, and a field."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from netsim.ingest.document import Path, written
from netsim.ingest.manifests import Manifest
from netsim.ir.finding import Check, Finding, Severity
from netsim.ir.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row of a catalogue that applies to a field.

    Attributes:
        check: The name of the row.
        path: The field; the root where the whole file is meant.
        message: What was found, with the values at hand; the row's title where empty.
        evidence: What proves it.
        line: Of a text: the line, from 1; 0 where the field says it.
        severity: Where it is not that of the row.
        hint: Where it is not the help of the row.
    """

    check: str
    path: Path = ()
    message: str = ""
    evidence: tuple[tuple[str, str], ...] = ()
    line: int = 0
    severity: Severity | None = None
    hint: str = ""


class About(Protocol):
    """What faults are found in."""

    @property
    def subject(self) -> str:
        """The object as findings name it."""

    def place(self, path: Path = ()) -> Place:
        """Return where a field stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InText:
    """A text, or a part of it: a command line. Every field of it stands on its ``line``."""

    subject: str
    file: str
    line: int = 0

    def place(self, path: Path = ()) -> Place:  # noqa: ARG002 - as everything is asked that faults are found in
        """Return where it stands."""
        return Place(self.file, self.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """An object under a name of its own, or a part of it: ``path`` is the part."""

    subject: str
    manifest: Manifest
    path: Path = ()

    def place(self, path: Path = ()) -> Place:
        """Return where a field of the part stands."""
        return self.manifest.place((*self.path, *path))


def findings(faults: Iterable[Fault], about: Manifest | About, catalogue: Mapping[str, Check]) -> Iterator[Finding]:
    """Yield the finding of each fault of a manifest or a text, at the line of its field."""
    named = subject(about) if isinstance(about, Manifest) else about.subject
    above = about.path if isinstance(about, Within) else ()
    for fault in faults:
        check, place = catalogue[fault.check], about.place(fault.path)
        field = written((*above, *fault.path)) if fault.path else ""
        message = fault.message or _inside(check.title)
        yield Finding(
            code=check.code,
            severity=fault.severity or check.severity,
            object=named,
            file=place.file,
            line=fault.line or place.line,
            message=f"`{field}` {message}" if field and fault.message else message,
            why=check.description,
            hint=fault.hint or check.help,
            evidence=fault.evidence,
            identity=field,
        )


def _inside(title: str) -> str:
    """Return a title as the end of a sentence: only a word that is no name loses its capital."""
    first, _, rest = title.partition(" ")
    return f"{first.lower() if first == first.capitalize() else first} {rest}"


def subject(manifest: Manifest) -> str:
    """Return an object as findings name it: ``Deployment shop/web``, ``EncryptionConfiguration``."""
    name = "/".join(filter(None, (manifest.namespace, manifest.name)))
    return f"{manifest.kind} {name}".strip()


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a value where it is a mapping, and an empty one where it is not."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """Return a value where it is a list, and an empty one where it is not."""
    return value if isinstance(value, list) else []
