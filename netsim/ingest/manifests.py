"""The objects of the inputs, whole: for the analyses that need more of them than a Snapshot keeps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from netsim.ingest.document import Document, Path
from netsim.ingest.schema import Model
from netsim.ir.place import Place
from netsim.ir.snapshot import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One object as it was written.

    Attributes:
        api_version, kind: As written; empty where absent.
        namespace: As written; empty where absent, for only a server knows which kinds live in one.
        name: As written; empty where absent, as in a configuration file, or where the server is to make it.
    """

    api_version: str
    kind: str
    namespace: str
    name: str
    document: Document

    @property
    def group(self) -> str:
        """The API group; empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def body(self) -> dict[str, Any]:
        """The object as plain dicts, lists and scalars; read anew at each call from a JSON input."""
        return self.document.tree()

    def place(self, path: Path = ()) -> Place:
        """Return where the field stands, or where the nearest enclosing field that is present stands."""
        return self.document.place(path)


class _Metadata(Model, frozen=True):
    name: str | None = None
    namespace: str | None = None


class _Named(Model, frozen=True):
    metadata: _Metadata | None = None


class Manifests:
    """The objects that count, in the order of the inputs: of those that stand in several inputs the last."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str, str, int], Manifest] = {}
        self._replaced: list[Notice] = []

    def keep(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield the documents, each kept on its way."""
        for serial, document in enumerate(documents, start=1):
            self._keep(document, serial)
            yield document

    def all(self) -> tuple[Manifest, ...]:
        """Return what was kept."""
        return tuple(self._kept.values())

    def notices(self) -> tuple[Notice, ...]:
        """Return which objects took the place of another one that is not the same."""
        return tuple(self._replaced)

    def _keep(self, document: Document, serial: int) -> None:
        if not document.kind:
            return
        metadata = _metadata(document)
        manifest = Manifest(
            api_version=document.api_version,
            kind=document.kind,
            namespace=metadata.namespace or "",
            name=metadata.name or "",
            document=document,
        )
        # What has no name is no second form of anything.
        number = 0 if manifest.name else serial
        key = (manifest.group, manifest.kind, manifest.namespace, manifest.name, number)
        old = self._kept.get(key)
        if old is not None and old.body != manifest.body:
            name = "/".join(filter(None, (manifest.namespace, manifest.name)))
            message = f"{manifest.kind} {name} replaces the one at {old.place()}, of which nothing more is told"
            self._replaced.append(Notice(message, manifest.place()))
        self._kept[key] = manifest


def _metadata(document: Document) -> _Metadata:
    try:
        return document.typed(_Named).metadata or _Metadata()
    except (msgspec.ValidationError, RecursionError):
        return _Metadata()
