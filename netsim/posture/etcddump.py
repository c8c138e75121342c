"""What etcd really holds: the values of a dump that no provider has encrypted.

Reads what ``etcdctl get /registry --prefix`` prints, and the same with ``-w json``.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass

PREFIX = b"k8s:enc:"
_REGISTRY = b"/registry/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A key of etcd, and how its value is stored: ``aescbc:v1:key1``; empty for plain text."""

    key: str
    provider: str


def values(dump: bytes) -> Iterator[Value]:
    """Yield every object of a dump.

    Raises:
        ValueError: The dump starts like JSON and is none.
    """
    pairs = _of_json(dump) if dump.lstrip().startswith(b"{") else _of_text(dump)
    for key, value in pairs:
        yield Value(key=key.decode(errors="replace"), provider=_provider(value))


def _of_json(dump: bytes) -> Iterator[tuple[bytes, bytes]]:
    for pair in json.loads(dump).get("kvs", ()):
        yield base64.b64decode(pair["key"]), base64.b64decode(pair.get("value", ""))


def _of_text(dump: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each key, and the first line of its value, which says how the rest is stored."""
    key: bytes | None = None
    start = b""
    for line in dump.split(b"\n"):
        if line.startswith(_REGISTRY):
            if key is not None:
                yield key, start
            key, start = line, b""
        elif key is not None and not start:
            start = line
    if key is not None:
        yield key, start


def _provider(value: bytes) -> str:
    if not value.startswith(PREFIX):
        return ""
    kind, _, rest = value[len(PREFIX) :].partition(b":")
    version, _, rest = rest.partition(b":")
    name, _, _ = rest.partition(b":")
    return b":".join((kind, version, name)).decode(errors="replace")
