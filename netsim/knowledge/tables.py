"""Reading tables of ``netsim.models``."""

import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from netsim.errors import UsageError


def table(*path: str) -> dict[str, Any]:
    """Return a TOML file of ``netsim.models``."""
    return tomllib.loads(files("netsim.models").joinpath(*path).read_text(encoding="utf-8"))


def names(folder: str) -> tuple[str, ...]:
    """Return the names of the TOML files of a folder, sorted."""
    found = (files("netsim.models") / folder).iterdir()
    return tuple(sorted(each.name.removesuffix(".toml") for each in found if each.name.endswith(".toml")))


def only(known: Iterable[str], row: dict[str, Any], what: str) -> None:
    """Refuse the keys of a row that no code reads.

    Raises:
        UsageError: There are some.
    """
    if unknown := sorted(row.keys() - set(known)):
        raise UsageError(f"{what} has keys that no code reads: {', '.join(unknown)}")
