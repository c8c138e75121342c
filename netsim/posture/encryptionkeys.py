"""Keys of providers: which the API server refuses, and which are no secret."""

import base64
import binascii
from collections.abc import Iterator, Sequence

from netsim.ir.encryption import Key, Provider
from netsim.posture.faults import Fault

#: How many bytes a key may have.
SIZES = {"aescbc": (16, 24, 32), "aesgcm": (16, 24, 32), "secretbox": (32,)}
_BEST_SIZE = 32
#: Keys that stand in kubernetes.io/docs/tasks/administer-cluster/encrypt-data, now or once.
_WELL_KNOWN = frozenset(
    base64.b64decode(text)
    for text in (
        "c2VjcmV0IGlzIHNlY3VyZQ==",
        "dGhpcyBpcyBwYXNzd29yZA==",
        "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=",
    )
)


def decoded(secret: str) -> bytes | None:
    """Return the bytes of a secret; None where it is no base64."""
    # As Go does, line ends are passed over; and padding is all there is to fill up.
    text = secret.replace("\n", "").replace("\r", "")
    try:
        return base64.b64decode(text, validate=True) if len(text) % 4 == 0 else None
    except (binascii.Error, ValueError):
        return None


def wrong_size(provider: str, value: bytes) -> str:
    """Return what is wrong with the length of a key; empty where nothing is."""
    sizes = SIZES[provider]
    if len(value) in sizes:
        return ""
    return f"decodes to {len(value)} bytes, allowed: {', '.join(map(str, sizes))}"


def key_faults(keys: Sequence[tuple[Provider, Key]]) -> Iterator[Fault]:
    """Yield what is wrong with keys that may well load: all those of a file, each with its provider."""
    first: dict[bytes, tuple[Provider, Key]] = {}
    names: set[tuple[object, str]] = set()
    for provider, key in keys:
        if (provider.path, key.name) in names:
            yield Fault(check="key-name-duplicate", path=key.path, message=f'"{key.name}" is the name of two keys')
        names.add((provider.path, key.name))
        if not key.value:
            continue
        yield from _of_value(provider, key, key.value)
        earlier, same = first.setdefault(key.value, (provider, key))
        if same is not key and (same.name, earlier.kind) != (key.name, provider.kind):
            yield Fault(check="key-reused", path=key.path, message=f"has the bytes of `{same.name}` of {earlier.kind}")


def _of_value(provider: Provider, key: Key, value: bytes) -> Iterator[Fault]:
    if value in _WELL_KNOWN:
        yield Fault(check="key-well-known", path=key.path)
    if all(0x20 <= byte < 0x7F for byte in value):
        yield Fault(check="key-guessable", path=key.path, message=f"decodes to {len(value)} bytes of readable text")
    elif len(set(value)) <= 2:
        yield Fault(check="key-guessable", path=key.path, message=f"has {len(set(value))} distinct bytes")
    if len(value) in SIZES[provider.kind] and len(value) < _BEST_SIZE:
        yield Fault(check="key-short", path=key.path, message=f"has {len(value)} bytes")
