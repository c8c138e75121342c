"""The tables of models/attack, as they are written; graph makes rows of them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from netsim.errors import UsageError
from netsim.knowledge.tables import table


def attack_table(name: str) -> dict[str, Any]:
    """Return one of the tables of attack steps; its readers refuse the keys that they do not know."""
    return table("attack", f"{name}.toml")


def exact_rows(rows: Sequence[Mapping[str, Any]], *, known: Collection[str], optional: Collection[str] = ()) -> None:
    """Refuse rows of a table that hold a key that no code reads, or lack one that is read.

    Raises:
        UsageError: Some row does.
    """
    for row in rows:
        name = row.get("id") or row.get("path") or row.get("resource") or "a row"
        unknown, missing = sorted(row.keys() - known), sorted(set(known) - set(optional) - row.keys())
        if unknown:
            raise UsageError(f"`{name}` has keys that no code reads: {', '.join(unknown)}")
        if missing:
            raise UsageError(f"`{name}` lacks keys that are read: {', '.join(missing)}")
