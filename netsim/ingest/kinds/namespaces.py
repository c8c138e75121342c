"""Namespace."""

from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import Metadata, crown_jewel, texts
from netsim.ingest.schema import Model
from netsim.ingest.validation import dns_label
from netsim.ir.objects import Namespace


class WrittenNamespace(Model, frozen=True):
    """A namespace; only its name and labels matter."""

    metadata: Metadata | None = None


def _check(_namespace: WrittenNamespace, _reading: Reading) -> None:
    """Nothing: the metadata is all there is."""


def _read(namespace: WrittenNamespace, reading: Reading) -> Namespace:
    labels = texts(namespace.metadata.labels) if namespace.metadata else {}
    marked = crown_jewel(namespace.metadata, ("metadata",), reading)
    return Namespace(name=reading.name, labels=labels, crown_jewel=marked, place=reading.place())


NAMESPACE = Kind(
    api_versions=("v1",),
    name="Namespace",
    namespaced=False,
    naming=dns_label,
    model=WrittenNamespace,
    check=_check,
    read=_read,
)
