"""The roles and bindings that every API server makes, beside those that an input holds."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from netsim.access.aggregation import selects
from netsim.ir.access import Binding, Defaults, Rights, Role, ServiceAccount

_Named = TypeVar("_Named", Role, Binding, ServiceAccount)


def with_defaults(written: Rights, shipped: Rights, wanted: Defaults) -> Rights:
    """Return what an input holds with the defaults that count beside it; what the input holds overrides them."""
    held = {(role.namespace, role.name) for role in written.roles}
    spare = [role for role in shipped.roles if (role.namespace, role.name) not in held]
    match wanted:
        case Defaults.NONE:
            return written
        case Defaults.NAMED:
            named = {binding.role_key for binding in written.bindings}
            return replace(written, roles=_sorted((*written.roles, *_with_parts(named, spare))))
        case Defaults.ALL:
            bound = {(binding.namespace, binding.name) for binding in written.bindings}
            bindings = [each for each in shipped.bindings if (each.namespace, each.name) not in bound]
            return replace(
                written,
                roles=_sorted((*written.roles, *spare)),
                bindings=_sorted((*written.bindings, *bindings)),
            )


def _with_parts(named: set[tuple[str, str]], spare: list[Role]) -> list[Role]:
    """Return the roles of these names, with those that they aggregate, and so on."""
    found = [role for role in spare if (role.namespace, role.name) in named]
    for role in found:  # it grows
        found += [
            part
            for part in spare
            if part not in found and any(selects(selector, part.labels) for selector in role.aggregates or ())
        ]
    return found


def _sorted(values: Iterable[_Named]) -> tuple[_Named, ...]:
    return tuple(sorted(values, key=lambda each: (each.namespace, each.name)))
