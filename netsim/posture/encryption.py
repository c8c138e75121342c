"""Encryption at rest: would the API server start with a file, how is each resource written, what else is wrong?

Source: k8s.io/apiserver, ``apis/apiserver/validation/validation_encryption.go`` and
``server/options/encryptionconfig/config.go``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from netsim.ir.encryption import Entry, Key, Provider, Stored
from netsim.posture.encryptionkeys import key_faults
from netsim.posture.encryptionloader import entries_of, loader_faults
from netsim.posture.encryptionresources import group_of, is_suspicious
from netsim.posture.faults import Fault

_FLAG = "encryption-provider-config"
_REMOVED_FLAG = "experimental-encryption-provider-config"
_SECRETS = "secrets"
#: What holds credentials beside Secrets, more often than it should.
_OTHERS = ("configmaps", "*.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRest:
    """What the API server makes of a file.

    Attributes:
        refused: Why it would not start; empty where it would.
        faults: What else is wrong, of a file that is refused, too.
        entries: What the file says, as far as it can be understood.
    """

    refused: tuple[Fault, ...] = ()
    faults: tuple[Fault, ...] = ()
    entries: tuple[Entry, ...] = ()

    def providers(self, resource: str) -> tuple[Provider, ...]:
        """Return the providers of a resource, in order; none where it is in plain text.

        Args:
            resource: ``secrets``, ``deployments.apps``: the plural, with its group unless that is core.
        """
        for name in (resource, f"*.{group_of(resource)}", "*.*"):
            found = [provider for entry in self.entries if name in entry.resources for provider in entry.providers]
            if found:
                return tuple(found)
        return ()

    def written(self, resource: str) -> Stored | None:
        """Return how a new object of a resource is stored; None where the API server does not start."""
        if self.refused:
            return None
        first = next(iter(self.providers(resource)), None)
        return stored_by(first) if first else Stored()


def stored_by(provider: Provider) -> Stored:
    """Return how a provider stores what it writes."""
    key = provider.keys[0] if provider.keys else None
    name = key.name if key else provider.name
    return Stored(kind=provider.kind, name=name, version=provider.version, key=key.value if key else None)


def at_rest(configuration: Mapping[str, Any] | None) -> AtRest:
    """Return what the API server makes of an EncryptionConfiguration; None stands for no file."""
    if configuration is None:
        return AtRest()
    entries = tuple(entries_of(configuration))
    refused = tuple(loader_faults(configuration, entries))
    found = AtRest(refused=refused, entries=entries)
    return AtRest(refused=refused, entries=entries, faults=tuple(_faults(found)))


def flag_faults(flags: Mapping[str, str]) -> Iterator[Fault]:
    """Yield what the flags of kube-apiserver lack.

    Args:
        flags: By name, without dashes.
    """
    if _REMOVED_FLAG in flags:
        yield Fault(check="flag-removed", message=f"--{_REMOVED_FLAG} was removed in 1.24")
    elif not flags.get(_FLAG):
        yield Fault(check="flag-missing", message=f"kube-apiserver is started without --{_FLAG}")


def _faults(found: AtRest) -> Iterator[Fault]:
    for entry in found.entries:
        yield from _of_entry(entry)
    yield from _of_resources(found.entries)
    keys = [(provider, key) for entry in found.entries for provider in entry.providers for key in provider.keys]
    yield from key_faults(keys)
    if keys:
        yield Fault(check="static-key-file", evidence=(("keys", ", ".join(_names(key for _, key in keys))),))
    yield from _of_coverage(found)


def _names(keys: Iterable[Key]) -> list[str]:
    return sorted({key.name for key in keys if key.name})


def _of_entry(entry: Entry) -> Iterator[Fault]:
    providers = entry.providers
    for provider in providers:
        if provider.kind == "aescbc":
            yield Fault(check="aescbc-weak", path=provider.path)
        elif provider.kind == "aesgcm" and provider.keys:
            yield Fault(check="aesgcm-static", path=provider.path)
        elif provider.kind == "kms" and provider.version == "v1":
            yield Fault(check="kms-v1", path=provider.path)
    if not providers:
        return
    encrypting = [provider for provider in providers if provider.encrypts]
    if not providers[0].encrypts:
        yield Fault(check="identity-first" if encrypting or _matters(entry) else "excluded-on-purpose", path=entry.path)
    elif any(not provider.encrypts for provider in providers):
        yield Fault(check="plaintext-still-readable", path=entry.path)
    else:
        yield Fault(check="no-plaintext-fallback", path=entry.path)
    if len(encrypting) == 1 and len(encrypting[0].keys) == 1:
        yield Fault(check="single-key", path=entry.path)


def _matters(entry: Entry) -> bool:
    """Does an entry name what nobody leaves in plain text on purpose?"""
    return any(resource == _SECRETS or resource.startswith("*.") for resource in entry.resources)


def _of_resources(entries: tuple[Entry, ...]) -> Iterator[Fault]:
    seen: dict[str, Entry] = {}
    for entry in entries:
        for index, resource in enumerate(entry.resources):
            path = (*entry.path, "resources", index)
            if meant := is_suspicious(resource):
                yield Fault(
                    check="resource-name-suspicious", path=path, message=f'"{resource}" is no resource: {meant}'
                )
            if seen.setdefault(resource, entry) is not entry:
                yield Fault(
                    check="resource-listed-twice", path=path, message=f'"{resource}" stands in an earlier entry'
                )


def _of_coverage(found: AtRest) -> Iterator[Fault]:
    if not any(_covers(entry, _SECRETS) for entry in found.entries):
        yield Fault(check="secrets-not-covered")
        return
    if _is_encrypted(found, _SECRETS) and not all(_is_encrypted(found, other) for other in _OTHERS):
        plain = " and ".join(
            {"configmaps": "ConfigMaps", "*.*": "custom resources"}[other]
            for other in _OTHERS
            if not _is_encrypted(found, other)
        )
        yield Fault(check="other-resources-plaintext", evidence=(("plain", plain),))


def _covers(entry: Entry, resource: str) -> bool:
    return any(name in entry.resources for name in (resource, f"*.{group_of(resource)}", "*.*"))


def _is_encrypted(found: AtRest, resource: str) -> bool:
    first = next(iter(found.providers(resource)), None)
    return first is not None and first.encrypts
