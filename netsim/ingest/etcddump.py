"""What etcd really holds: the values of a dump that no provider has encrypted.

Reads what ``etcdctl get /registry --prefix`` prints, the same with ``-w json``, ``-w fields`` or ``--hex``, and what
``hexdump -C`` makes of it.
"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

PREFIX = b"k8s:enc:"
_REGISTRY = b"/registry/"
#: A line of ``hexdump -C``: an offset, and up to 16 bytes. Lines that it leaves out repeat what is no key.
_HEXDUMP = re.compile(rb"^([0-9a-f]{8})((?:  ?[0-9a-f]{2}){1,16})", re.MULTILINE)
_ESCAPE = re.compile(rb"\\x([0-9a-f]{2})")
_FIELD = re.compile(rb'^"(Key|Value)" : "(.*)"', re.MULTILINE)
_NUMBERED = re.compile(rb'^"ClusterID" :')


def is_dump(start: bytes) -> bool:
    """Does a file that starts so hold what etcd holds?"""
    start = start.lstrip()
    if start.startswith(b"{"):
        return b'"kvs"' in start
    if first := _HEXDUMP.match(start):
        return _REGISTRY.startswith(bytes.fromhex(first[2].decode())[: len(_REGISTRY)])
    return start.startswith((_REGISTRY, _hexed(_REGISTRY))) or bool(_NUMBERED.match(start))


def _hexed(value: bytes) -> bytes:
    """Return bytes as ``--hex`` prints them."""
    return "".join(f"\\x{byte:02x}" for byte in value).encode()


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
    for key, value in _pairs(dump.lstrip()):
        yield Value(key=key.decode(errors="replace"), provider=_provider(value))


def _pairs(dump: bytes) -> Iterator[tuple[bytes, bytes]]:
    if dump.startswith(b"{"):
        return _of_json(dump)
    if _NUMBERED.match(dump):
        return _of_fields(dump)
    if _HEXDUMP.match(dump):
        return _of_text(b"".join(bytes.fromhex(each[2].decode()) for each in _HEXDUMP.finditer(dump)))
    if dump.startswith(_hexed(_REGISTRY)):
        return _of_text(_unescaped(dump))
    return _of_text(dump)


def _unescaped(text: bytes) -> bytes:
    return _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), text)


def _of_fields(dump: bytes) -> Iterator[tuple[bytes, bytes]]:
    key = b""
    for name, value in _FIELD.findall(dump):
        if name == b"Key":
            key = _unescaped(value)
        else:
            yield key, _unescaped(value)


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
