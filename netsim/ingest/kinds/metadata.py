"""What all objects have: names, labels, annotations, owners."""

from functools import lru_cache
from typing import Any, cast

from netsim.ingest.document import Path
from netsim.ingest.kinds.kind import Reading
from netsim.ingest.schema import Model
from netsim.ingest.validation import Rule, dns_label, label_key, label_value
from netsim.ir.labels import Labels

#: Labels or annotations as they are written: null is the empty text, as Go reads it.
Texts = dict[str, str | None]


class OwnerReference(Model, frozen=True):
    """What an object belongs to."""

    kind: str | None = None
    name: str | None = None
    controller: bool | None = None


class Metadata(Model, frozen=True):
    """The metadata of kinds that are read in part; with a ``uid``, a server wrote the object."""

    uid: str | None = None
    name: str | None = None
    generate_name: str | None = None
    namespace: str | None = None
    labels: Texts | None = None
    annotations: Texts | None = None
    owner_references: tuple[OwnerReference | None, ...] | None = None


class WholeOwnerReference(OwnerReference, forbid_unknown_fields=True, frozen=True):
    """An owner reference with all its fields."""

    api_version: str | None = None
    uid: str | None = None
    block_owner_deletion: bool | None = None


class WholeMetadata(Metadata, forbid_unknown_fields=True, frozen=True):
    """The metadata of kinds that are read whole; ``clusterName`` and ``selfLink`` are of older servers."""

    owner_references: tuple[WholeOwnerReference | None, ...] | None = None
    finalizers: list[str | None] | None = None
    resource_version: str | None = None
    generation: int | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    managed_fields: Any = None
    self_link: str | None = None
    cluster_name: str | None = None


_ROOT: Path = ("metadata",)
#: The annotation by which a namespace, a workload or a pod says that it is worth the most.
CROWN_JEWEL = "netsim.dev/crown-jewel"
_FINALIZERS = frozenset({"foregroundDeletion", "kubernetes", "orphan"})


def texts(written: Texts | None) -> Labels:
    """Return labels with null read as the empty text."""
    if not written or None in written.values():
        return {key: value or "" for key, value in (written or {}).items()}
    return cast("Labels", written)


def fine_labels(written: Texts | None) -> Labels | None:
    """Return ``texts`` of labels, the same object for equal ones; None where the API server would refuse some."""
    return _fine(tuple(written.items())) if written else {}


@lru_cache(maxsize=2**12)  # replicas mostly stand near each other
def _fine(items: tuple[tuple[str, str | None], ...]) -> Labels | None:
    if any(label_key(key) or (value and label_value(value)) for key, value in items):
        return None
    return texts(dict(items))


def crown_jewel(metadata: Metadata | None, path: Path, reading: Reading) -> bool:
    """Return whether the annotations say that this is a crown jewel; warn where they say neither yes nor no."""
    said = (metadata.annotations or {}).get(CROWN_JEWEL) if metadata else None
    if said not in (None, "true", "false"):
        reading.warn((*path, "annotations"), f'{CROWN_JEWEL}: "{said}" is neither "true" nor "false", and was ignored')
    return said == "true"


def check_metadata(metadata: Metadata, naming: Rule, reading: Reading) -> None:
    """Note the rules for names, labels and annotations that the object breaks."""
    _check_names(metadata, naming, reading)
    check_labels(metadata.labels, (*_ROOT, "labels"), reading)
    for key in metadata.annotations or ():
        if wrong := label_key(key.lower()):
            reading.refuse("NS110", (*_ROOT, "annotations"), f'annotation key "{key}" {wrong}', key=key)


def _check_names(metadata: Metadata, naming: Rule, reading: Reading) -> None:
    if not metadata.name and not metadata.generate_name:
        reading.refuse("NS108", (*_ROOT, "name"), "is required", hint="give the object a name")
    if metadata.name and (wrong := naming(metadata.name)):
        reading.refuse("NS109", (*_ROOT, "name"), f'"{metadata.name}" {wrong}', hint=_name_hint(metadata.name, naming))
    # A generated name ends in characters that the server adds, so that the prefix may end in `-`.
    if metadata.generate_name and (wrong := naming(metadata.generate_name + "a")):
        reading.refuse("NS109", (*_ROOT, "generateName"), f'"{metadata.generate_name}" {wrong}')
    if reading.namespace and (wrong := dns_label(reading.namespace)):
        reading.refuse("NS109", (*_ROOT, "namespace"), f'"{reading.namespace}" {wrong}')


def has_fine_names(metadata: Metadata, naming: Rule, namespace: str) -> bool:
    """Would the API server take an object's name, the start of a generated one and its namespace?"""
    return not (
        not metadata.name
        or naming(metadata.name)
        or (metadata.generate_name and naming(metadata.generate_name + "a"))
        or (namespace and dns_label(namespace))
    )


def _name_hint(name: str, naming: Rule) -> str:
    meant = name.strip().lower().replace("_", "-").replace(" ", "-")
    return "" if naming(meant) else f"write {meant}"


def check_labels(labels: Texts | None, path: Path, reading: Reading) -> None:
    """Note the labels that the API server would refuse."""
    for key, value in (labels or {}).items():
        if wrong := label_key(key):
            reading.refuse("NS110", path, f'key "{key}" {wrong}', key=key)
        if value and (wrong := label_value(value)):
            reading.refuse("NS111", path, f'value "{value}" of `{key}` {wrong}', key=key)


def check_whole_metadata(metadata: WholeMetadata, reading: Reading) -> None:
    """Note what is wrong with owners and finalizers, which only kinds that are read whole are asked for."""
    for index, owner in enumerate(metadata.owner_references or ()):
        at: Path = (*_ROOT, "ownerReferences", index)
        for field, value in _owner_fields(owner or WholeOwnerReference()):
            if not value:
                reading.refuse("NS108", (*at, field), "is required of an owner")
    controllers = [owner for owner in metadata.owner_references or () if owner and owner.controller]
    if len(controllers) > 1:
        reading.refuse(
            "NS120", (*_ROOT, "ownerReferences"), f"marks {len(controllers)} owners as `controller`, not one"
        )
    for index, name in enumerate(metadata.finalizers or ()):
        if name not in _FINALIZERS and ("/" not in (name or "") or label_key(name or "")):
            message = f'"{name or ""}" is neither a standard finalizer nor a qualified name'
            reading.refuse("NS109", (*_ROOT, "finalizers", index), message, hint="write it as `domain/name`")


def _owner_fields(owner: WholeOwnerReference) -> tuple[tuple[str, str | None], ...]:
    return ("apiVersion", owner.api_version), ("kind", owner.kind), ("name", owner.name), ("uid", owner.uid)
