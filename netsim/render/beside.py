"""What a diff says beside traffic: attack paths, findings, attack steps and workloads, a line each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, assert_never

from netsim.ir.attack import Certainty, Step
from netsim.ir.finding import Finding, Severity
from netsim.ir.place import NOWHERE, Place
from netsim.queries import Diff
from netsim.queries.renames import Fate, WorkloadChange
from netsim.queries.routes import Route
from netsim.queries.seam import Delta
from netsim.render.words import safe, where

MARKS = {"added": "+", "removed": "-", "changed": "~"}
#: More ends of alike steps than this are counted.
MOST_ENDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A list of a diff.

    Attributes:
        title: What it lists.
        lines: The lines, the gravest first.
        grave: How many of them nobody should overlook.
    """

    title: str
    lines: Sequence[str]
    grave: int = 0


def beside(answer: Diff) -> Iterator[Beside]:
    """Yield what differs beside traffic, the lists that matter most first."""
    lists = (
        _listed("attack paths", answer.paths, route, _is_new),
        _listed("findings", answer.findings, finding, _is_grave),
        Beside(title="attack steps", lines=list(_steps(answer.steps))),
        Beside(title="workloads", lines=[workload(each) for each in answer.workloads]),
    )
    return (each for each in lists if each.lines)


def _listed(
    title: str, deltas: Sequence[Delta[Any]], told: Callable[[Delta[Any]], str], is_grave: Callable[[Delta[Any]], bool]
) -> Beside:
    ordered = sorted(deltas, key=lambda delta: not is_grave(delta))
    lines = [f"{MARKS[delta.change]} {safe(told(delta))}" for delta in ordered]
    return Beside(title=title, lines=lines, grave=sum(map(is_grave, deltas)))


def _is_new(delta: Delta[Any]) -> bool:
    return delta.change == "added"


def _is_grave(delta: Delta[Finding]) -> bool:
    """Return whether a finding is new, or worse than it was, and high or critical."""
    worse = delta.new is not None and (delta.old is None or delta.new.severity.rank < delta.old.severity.rank)
    return worse and delta.item.severity.rank <= Severity.HIGH.rank


def finding(delta: Delta[Finding]) -> str:
    """Return a finding in one line, with its place: as it is, or as it was where it is gone."""
    found, old = delta.item, delta.old
    was = f" (was {old.severity})" if old is not None and old.severity is not found.severity else ""
    place = f" ({where(Place(found.file, found.line))})" if found.file else ""
    return f"{found.code} {found.severity}{was} {found.object}: {found.message}{place}"


def route(delta: Delta[Route]) -> str:
    """Return an attack path in one line: its ends, its kinds of steps, and where what it was opened by stands."""
    found = delta.item
    sure = "" if found.certainty is Certainty.CERTAIN else f", {found.certainty.label}"
    was = f" (was: {_kinds(delta.old)})" if delta.change == "changed" and delta.old is not None else ""
    return f"{found.key}: {_kinds(found)}{sure}{was}{_at(found.place)}"


def _kinds(found: Route) -> str:
    return ", ".join(step.id for step in found.steps)


def _at(place: Place) -> str:
    return "" if place == NOWHERE else f" ({where(place)})"


def _steps(deltas: Iterable[Delta[Step]]) -> Iterator[str]:
    """Yield steps, those that differ in where they lead alone in one line."""
    kinds = sorted(deltas, key=_alike)
    ordered = sorted((list(own) for _, own in groupby(kinds, key=_alike)), key=lambda own: _ORDER[own[0].change])
    for own in ordered:
        ends = [delta.item.target for delta in own]
        more = f" and {len(ends) - MOST_ENDS:,} more" if len(ends) > MOST_ENDS else ""
        first = own[0].item
        told = f"{first.id}: {first.source} -> {', '.join(ends[:MOST_ENDS])}{more}{_at(first.place)}"
        yield f"{MARKS[own[0].change]} {safe(told)}"


_ORDER = {"added": 0, "changed": 1, "removed": 2}


def _alike(delta: Delta[Step]) -> tuple[str, str, str, str]:
    return delta.change, delta.item.source, delta.item.id, str(delta.item.place)


def workload(each: WorkloadChange) -> str:
    """Return what became of a workload, with its place."""
    match each.fate:
        case Fate.ADDED:
            told = f"+ {each.new} is new"
        case Fate.REMOVED:
            told = f"- {each.old} is gone"
        case Fate.RENAMED:
            told = f"~ {each.old} is {each.new} now"
        case _:
            assert_never(each.fate)
    return f"{safe(told)} ({where(each.place)})"
