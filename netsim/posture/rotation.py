"""The rotation simulator: which objects can be read at each step of a change of keys, and how each is stored."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from netsim.ir.encryption import Provider, Stored
from netsim.posture.encryption import AtRest, at_rest

_SECRETS = "secrets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a rotation: a file that every API server has loaded; None where there is none.

    ``rewrite`` says that every object that can be read is then written anew.
    """

    configuration: Mapping[str, Any] | None
    rewrite: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What is true after a step.

    Attributes:
        stored: How each object lies in etcd, by name.
        unreadable: The objects that the API server cannot read, sorted.
        refused: Whether the API server does not start with the file, so that nothing can be read or written.
    """

    step: Step
    stored: Mapping[str, Stored]
    unreadable: tuple[str, ...]
    refused: bool


def rotation(steps: Iterable[Step], resource: str = _SECRETS) -> Iterator[After]:
    """Yield what is true after each step; at each one, an object ``secret-<number of the step>`` is written as well."""
    stored: dict[str, Stored] = {}
    for number, step in enumerate(steps):
        found = at_rest(step.configuration)
        written = found.written(resource)
        if written is not None:
            if step.rewrite:
                stored |= {name: written for name, value in stored.items() if is_readable(value, found, resource)}
            stored[f"secret-{number}"] = written
        unreadable = sorted(name for name, value in stored.items() if not is_readable(value, found, resource))
        yield After(step=step, stored=dict(stored), unreadable=tuple(unreadable), refused=bool(found.refused))


def is_readable(value: Stored, found: AtRest, resource: str = _SECRETS) -> bool:
    """Can the API server read a stored value? Never, where it does not start."""
    if found.refused:
        return False
    providers = found.providers(resource)
    if not providers:
        return value.kind == "identity"
    return any(_reads(provider, value) for provider in providers)


def _reads(provider: Provider, value: Stored) -> bool:
    if provider.kind != value.kind:
        return False
    match provider.kind:
        case "identity":
            return True
        case "kms":
            # What key the plugin had is its own affair: the name finds the plugin.
            return (provider.version, provider.name) == (value.version, value.name)
        case _:
            return any((key.name, key.value) == (value.name, value.key) for key in provider.keys)
