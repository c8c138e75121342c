"""Which roles of a cloud accounts may assume: by an annotation, or by an object that ties the two together."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import mapping, text
from netsim.ir.access import ServiceAccount
from netsim.ir.attack import Guard
from netsim.knowledge import attack_table, exact_rows

#: The roles of an account, each with what ties it to them.
Roles = tuple[tuple[str, Guard], ...]


def cloud_roles(manifests: Iterable[Manifest], accounts: Iterable[ServiceAccount]) -> dict[str, Roles]:
    """Return the roles of the accounts that have some, by the account's vertex."""
    found: dict[str, Roles] = {}
    for account, role, guard in (*_annotated(accounts), *_associated(manifests)):
        found[account] = (*found.get(account, ()), (role, guard))
    return found


def _annotated(accounts: Iterable[ServiceAccount]) -> Iterator[tuple[str, str, Guard]]:
    for account in accounts:
        for row in _rows("annotation"):
            value = account.annotations.get(row["key"])
            if value:
                guard = Guard("account", str(account), row["key"], account.place)
                yield f"sa:{account.namespace}/{account.name}", f"{row['prefix']}{value}", guard


def _associated(manifests: Iterable[Manifest]) -> Iterator[tuple[str, str, Guard]]:
    known = {(row["group"], row["kind"]): row for row in _rows("association")}
    for manifest in manifests:
        row = known.get((manifest.group, manifest.kind))
        if row is None:
            continue
        said: Mapping[str, Any] = manifest.body
        for step in row["at"].split("."):
            said = mapping(said, step)
        namespace, name, role = (text(said, key) for key in ("namespace", "serviceAccount", row["role"]))
        if namespace and name and role:
            object_ = f"{manifest.kind} {manifest.namespace or 'default'}/{manifest.name}"
            yield f"sa:{namespace}/{name}", role, Guard("account", object_, place=manifest.place())


@cache
def _rows(kind: str) -> tuple[Mapping[str, str], ...]:
    known = {"annotation": ("key", "prefix", "source"), "association": ("kind", "group", "at", "role", "source")}
    rows = attack_table("clouds")[kind]
    exact_rows(rows, known=known[kind])
    return tuple(rows)
