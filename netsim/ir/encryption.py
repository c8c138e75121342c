"""An EncryptionConfiguration as it was written: entries, providers, keys."""

from dataclasses import dataclass

#: A field's path below the root of the file.
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key of a provider; ``value`` is None where the secret is missing or no base64."""

    name: str
    value: bytes | None
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One way to store a value.

    Attributes:
        kind: ``aescbc``, ``aesgcm``, ``secretbox``, ``kms`` or ``identity``.
        keys: Of the first three.
        name, version: Of a KMS plugin; ``version`` is ``v1`` where nothing is said.
    """

    kind: str
    keys: tuple[Key, ...] = ()
    name: str = ""
    version: str = ""
    path: Path

    @property
    def encrypts(self) -> bool:
        """Is what it writes anything but plain text?"""
        return self.kind != "identity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Resources, and their providers in order: the first one writes, and all read."""

    resources: tuple[str, ...]
    providers: tuple[Provider, ...]
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """How a value lies in etcd: its provider's kind, and the name and bytes of the key; ``identity`` is plain text.

    A KMS plugin keeps its keys to itself: ``key`` is None.
    """

    kind: str = "identity"
    name: str = ""
    version: str = ""
    key: bytes | None = None

    def __str__(self) -> str:
        """As ``aescbc key1``, ``kms v2 vault``, ``plaintext``."""
        if self.kind == "identity":
            return "plaintext"
        return " ".join(filter(None, (self.kind, self.version, self.name)))
