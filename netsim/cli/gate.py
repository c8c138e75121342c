"""Baselines: what was accepted is no reason to fail."""

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netsim.errors import InputError, Problem

if TYPE_CHECKING:
    from netsim.ir.baseline import Acceptance

Baseline = Annotated[
    str | None, typer.Option("--baseline", metavar="FILE", help="What is accepted: left out, and no reason to fail.")
]
WriteBaseline = Annotated[
    str | None,
    typer.Option("--write-baseline", metavar="FILE", help="Accept all that is found: write it here, and exit 0."),
]


def accepted(file: str | None) -> "tuple[Acceptance, ...]":
    """Return what a baseline accepts; nothing where there is none.

    Raises:
        InputError: The file is no baseline.
    """
    from netsim.ingest import read_baseline

    problems: list[Problem] = []
    found = read_baseline(Path(file), problems) if file is not None else ()
    if problems:
        raise InputError(problems)
    return found


def in_force(known: "Collection[Acceptance]", keys: Collection[str], *, quiet: bool) -> frozenset[str]:
    """Return the keys that are accepted today; say which acceptances have expired, and which nothing needs."""
    today = datetime.now(tz=UTC).date()
    if not quiet:
        _say(known, keys)
    return frozenset(each.key for each in known if each.holds(today))


def _say(known: "Collection[Acceptance]", keys: Collection[str]) -> None:
    from netsim.cli import notes
    from netsim.render.words import safe, where

    today = datetime.now(tz=UTC).date()
    for each in known:
        if each.key not in keys:
            notes.warning(f"{where(each.place)}: nothing is found that this accepts, take it out: {safe(each.key)}")
        elif not each.holds(today):
            notes.warning(f"{where(each.place)}: accepted until {each.expires}, and no longer: {safe(each.key)}")


def write(file: str, keys: Collection[str], known: "Collection[Acceptance]") -> None:
    """Write a baseline that accepts these; what was accepted keeps its reason and its day.

    Raises:
        UsageError: The file cannot be written.
    """
    from netsim.cli.messages import say
    from netsim.cli.output import put
    from netsim.ir.baseline import Acceptance
    from netsim.ir.place import NOWHERE
    from netsim.render.baseline import baseline

    before = {each.key: each for each in known}
    put(baseline(before.get(key) or Acceptance(key=key, place=NOWHERE) for key in keys), file)
    say(f"{len(keys):,} accepted in {file}")
