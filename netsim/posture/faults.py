"""What is wrong with a file, before it becomes a finding: a row of a catalogue, and a field."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from netsim.ingest.document import Path, written
from netsim.ingest.manifests import Manifest
from netsim.ir.finding import Check, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row of a catalogue that applies to a field.

    Attributes:
        check: The name of the row.
        path: The field; the root where the whole file is meant.
        message: What was found, with the values at hand; the row's title where empty.
        evidence: What proves it.
    """

    check: str
    path: Path = ()
    message: str = ""
    evidence: tuple[tuple[str, str], ...] = ()


def findings(faults: Iterable[Fault], manifest: Manifest, catalogue: Mapping[str, Check]) -> Iterator[Finding]:
    """Yield the finding of each fault of a manifest, at the line of its field."""
    for fault in faults:
        check, place, field = catalogue[fault.check], manifest.place(fault.path), written(fault.path)
        message = fault.message or f"{check.title[0].lower()}{check.title[1:]}"
        yield Finding(
            code=check.code,
            severity=check.severity,
            object=subject(manifest),
            file=place.file,
            line=place.line,
            message=f"`{field}` {message}" if field and fault.message else message,
            why=check.description,
            hint=check.help,
            evidence=fault.evidence,
            identity=field,
        )


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
