"""Would the API server start with an EncryptionConfiguration? Every reason why not."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from netsim.ingest.document import Path
from netsim.ir.encryption import Entry, Key, Provider
from netsim.posture.encryptionkeys import SIZES, decoded, wrong_size
from netsim.posture.encryptionresources import canonical, covers, refusal
from netsim.posture.faults import Fault, items, mapping

API_VERSION = "apiserver.config.k8s.io/v1"
KIND = "EncryptionConfiguration"
_FIELDS = {
    "file": {"apiVersion", "kind", "resources"},
    "entry": {"resources", "providers"},
    "keys": {"keys"},
    "key": {"name", "secret"},
    "kms": {"apiVersion", "name", "cachesize", "endpoint", "timeout"},
    "identity": set[str](),
}
_PROVIDERS = (*SIZES, "kms", "identity")
_DURATION = re.compile(r"(?P<sign>[-+]?)(?P<parts>(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+|0")


def entries_of(configuration: Mapping[str, Any]) -> Iterator[Entry]:
    """Yield the entries of a file, as far as they can be understood."""
    for index, entry in enumerate(items(configuration.get("resources"))):
        path: Path = ("resources", index)
        providers = [
            found
            for number, each in enumerate(items(mapping(entry).get("providers")))
            if (found := _provider(mapping(each), (*path, "providers", number)))
        ]
        resources = tuple(
            canonical("" if name is None else str(name)) for name in items(mapping(entry).get("resources"))
        )
        yield Entry(resources=resources, providers=tuple(providers), path=path)


def _kinds(written: Mapping[str, Any]) -> list[str]:
    """Return the providers of an element. One that is null, as `- identity:` without `{}`, is not there."""
    return [kind for kind in _PROVIDERS if written.get(kind) is not None]


def _provider(written: Mapping[str, Any], path: Path) -> Provider | None:
    kinds = _kinds(written)
    if len(kinds) != 1:
        return None
    kind, body = kinds[0], mapping(written[kinds[0]])
    keys = tuple(
        Key(
            name=str(mapping(key).get("name") or ""),
            value=decoded(str(mapping(key).get("secret") or "")),
            path=(*path, kind, "keys", number),
        )
        for number, key in enumerate(items(body.get("keys")))
        if kind in SIZES
    )
    is_kms = kind == "kms"
    return Provider(
        kind=kind,
        keys=keys,
        name=str(body.get("name") or "") if is_kms else "",
        version=str(body.get("apiVersion") or "v1") if is_kms else "",
        path=path,
    )


def loader_faults(configuration: Mapping[str, Any], entries: tuple[Entry, ...]) -> Iterator[Fault]:
    """Yield every reason why the API server would not start with a file; ``entries`` are what it says."""
    for field, wanted in (("kind", KIND), ("apiVersion", API_VERSION)):
        if configuration.get(field) != wanted:
            message = f"is {configuration.get(field) or 'missing'}, and must be {wanted}"
            yield Fault(check="invalid-kind", path=(field,), message=message)
            break
    yield from _unknown(configuration, "file", ())
    written = items(configuration.get("resources"))
    if not written:
        yield Fault(check="no-resources", path=("resources",))
    names: set[str] = set()
    for entry, each in zip(entries, written, strict=True):
        yield from _unknown(mapping(each), "entry", entry.path)
        yield from _of_resources(entry)
        if not items(mapping(each).get("providers")):
            yield Fault(check="no-providers", path=(*entry.path, "providers"))
        for number, provider in enumerate(items(mapping(each).get("providers"))):
            yield from _of_provider(mapping(provider), (*entry.path, "providers", number), names)
    yield from _masked(entries)


def _unknown(body: Mapping[str, Any], known: str, path: Path) -> Iterator[Fault]:
    for field in sorted(str(each) for each in body.keys() - _FIELDS[known]):
        yield Fault(check="unknown-field", path=(*path, field), message="is no field here")


def _of_resources(entry: Entry) -> Iterator[Fault]:
    if not entry.resources:
        yield Fault(check="no-resources", path=(*entry.path, "resources"))
    for index, name in enumerate(entry.resources):
        path = (*entry.path, "resources", index)
        if wrong := refusal(name):
            yield Fault(check="resource-invalid", path=path, message=f'"{name}" {wrong}')
            continue
        others = entry.resources[:index]
        if name in others:
            yield Fault(check="resource-overlap", path=path, message=f'"{name}" stands already in this list')
        elif clash := next((each for each in others if covers(each, name) or covers(name, each)), None):
            yield Fault(check="resource-overlap", path=path, message=f'"{name}" overlaps "{clash}" of this list')


def _masked(entries: tuple[Entry, ...]) -> Iterator[Fault]:
    """Yield the names that an earlier entry covers by a wildcard, be it the same one."""
    earlier: list[str] = []
    for entry in entries:
        for index, name in enumerate(entry.resources):
            mask = next(
                (each for each in earlier if each.startswith("*.") and (covers(each, name) or each == name)), None
            )
            if mask and not refusal(name):
                path = (*entry.path, "resources", index)
                yield Fault(check="resource-overlap", path=path, message=f'"{name}" is masked by the earlier "{mask}"')
        earlier += entry.resources


def _of_provider(written: Mapping[str, Any], path: Path, names: set[str]) -> Iterator[Fault]:
    kinds = _kinds(written)
    unknown = sorted(str(each) for each in written.keys() - set(_PROVIDERS))
    shapeless = [f"{kind} that is no mapping" for kind in kinds if not isinstance(written[kind], Mapping)]
    if len(kinds) != 1 or unknown or shapeless:
        empty = [f"{kind} without a value" for kind in _PROVIDERS if kind in written and kind not in kinds]
        said = ", ".join([*(shapeless or kinds), *empty, *unknown]) or "nothing"
        yield Fault(check="provider-invalid", path=path, message=f"holds {said}, and must hold exactly one provider")
    for kind in kinds:
        body = mapping(written[kind])
        yield from _unknown(body, kind if kind in _FIELDS else "keys", (*path, kind))
        if kind in SIZES:
            yield from _of_keys(kind, body, (*path, kind))
        elif kind == "kms":
            yield from (Fault(check="kms-invalid", path=path, message=wrong) for wrong in _of_kms(body, names))


def _of_keys(kind: str, body: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    keys = items(body.get("keys"))
    if not keys:
        yield Fault(check="key-invalid", path=(*path, "keys"), message="is empty, and needs a key")
    for number, each in enumerate(keys):
        key, at = mapping(each), (*path, "keys", number)
        yield from _unknown(key, "key", at)
        if not key.get("name"):
            yield Fault(check="key-invalid", path=at, message="has no name")
        for field in ("name", "secret"):
            if key.get(field) is not None and not isinstance(key[field], str):
                yield Fault(check="key-invalid", path=(*at, field), message="is no text: write it in quotes")
        secret = str(key.get("secret") or "")
        value = decoded(secret)
        if not secret:
            yield Fault(check="key-invalid", path=at, message="has no secret")
        elif value is None:
            yield Fault(check="key-invalid", path=at, message="is not base64")
        elif wrong := wrong_size(kind, value):
            yield Fault(check="key-invalid", path=at, message=wrong)


def _of_kms(body: Mapping[str, Any], names: set[str]) -> Iterator[str]:
    version, name = body.get("apiVersion") or "v1", str(body.get("name") or "")
    if version not in ("v1", "v2"):
        yield f"`apiVersion` is {version}, and must be v1 or v2"
    if not name:
        yield "`name` is missing"
    elif version != "v1":
        if ":" in name:
            yield f'`name` "{name}" contains a colon'
        if name in names:
            yield f'`name` "{name}" is taken by another provider'
    names.add(name)
    yield from _of_kms_call(body, version)


def _of_kms_call(body: Mapping[str, Any], version: Any) -> Iterator[str]:
    endpoint = str(body.get("endpoint") or "")
    if not endpoint:
        yield "`endpoint` is missing"
    elif urlsplit(endpoint).scheme != "unix":
        yield f'`endpoint` "{endpoint}" is no unix socket'
    timeout = body.get("timeout")
    if timeout is not None and not _is_positive(str(timeout)):
        yield f"`timeout` {timeout} is no duration above zero"
    size = body.get("cachesize")
    if size is not None and version == "v2":
        yield "`cachesize` does not exist in v2"
    elif size == 0:
        yield "`cachesize` is 0"


def _is_positive(duration: str) -> bool:
    """Is a text a duration as Go reads it, and above zero?"""
    match = _DURATION.fullmatch(duration)
    return match is not None and match["sign"] != "-" and any(digit in "123456789" for digit in duration)
