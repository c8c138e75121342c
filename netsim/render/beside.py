"""What a diff says beside traffic: attack paths, findings, attack steps and workloads, a line each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from netsim.graph.world import ADMIN
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
        _paths(answer.paths),
        _findings(answer.findings),
        Beside(title="attack steps", lines=list(_steps(answer.steps))),
        Beside(title="workloads", lines=[workload(each) for each in answer.workloads]),
    )
    return (each for each in lists if each.lines)


def _findings(deltas: Sequence[Delta[Finding]]) -> Beside:
    ordered = sorted(deltas, key=lambda delta: not _is_grave(delta))
    lines = [f"{MARKS[delta.change]} {safe(finding(delta))}" for delta in ordered]
    return Beside(title="findings", lines=lines, grave=sum(map(_is_grave, deltas)))


def _paths(deltas: Sequence[Delta[Route]]) -> Beside:
    """Return the paths, those of one start by the same steps as one: who is cluster-admin has the nodes, too."""
    alike: dict[tuple[str, str, str], list[Delta[Route]]] = {}
    for delta in deltas:
        alike.setdefault((delta.change, delta.item.source, _way(delta)), []).append(delta)
    lines = [
        f"{MARKS[change]} " + safe(f"{source} => {', '.join(delta.item.target for delta in own)}{way}")
        for (change, source, way), own in alike.items()
    ]
    return Beside(title="attack paths", lines=lines, grave=sum(change == "added" for change, _, _ in alike))


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
    return f"{delta.item.key}{_way(delta)}"


def _way(delta: Delta[Route]) -> str:
    found, old = delta.item, delta.old
    was = f", and was by {_kinds(old)}" if delta.change == "changed" and old is not None else ""
    return f" by {_kinds(found)}{was}{_at(found.place)}"


def _kinds(found: Route) -> str:
    sure = "" if found.certainty is Certainty.CERTAIN else f" ({found.certainty.label})"
    return ", ".join(step.id for step in found.steps) + sure


def _at(place: Place) -> str:
    return "" if place == NOWHERE else f" ({where(place)})"


def _steps(deltas: Sequence[Delta[Step]]) -> Iterator[str]:
    groups, implied = alike_steps(deltas)
    yield from (f"{MARKS[own[0].change]} {safe(steps(own))}" for own in groups)
    if implied:
        yield f"... and {implied:,} more that follow from cluster-admin"


def alike_steps(deltas: Sequence[Delta[Step]]) -> tuple[list[list[Delta[Step]]], int]:
    """Return steps, those together that differ in where they lead alone; and how many are left out.

    Who becomes cluster-admin may take every other step, which goes without saying; so does it of who was.
    """
    admins = {(delta.change, delta.item.source) for delta in deltas if delta.item.target == ADMIN}
    kept = [d for d in deltas if d.item.target == ADMIN or (d.change, d.item.source) not in admins]
    groups: dict[tuple[str, ...], list[Delta[Step]]] = {}
    for delta in kept:
        step = delta.item
        groups.setdefault((delta.change, step.source, step.id, str(step.place)), []).append(delta)
    ordered = sorted(groups.values(), key=lambda own: (_ORDER[own[0].change], own[0].item.source, own[0].item.id))
    return ordered, len(deltas) - len(kept)


def steps(alike: Sequence[Delta[Step]]) -> str:
    """Return steps that differ in where they lead alone in one line."""
    first = alike[0].item
    return f"{first.id}: {first.source} -> {ends_of(delta.item.target for delta in alike)}{_at(first.place)}"


def ends_of(targets: Iterable[str]) -> str:
    """Return where steps lead, the first few of them."""
    names = list(targets)
    more = f" and {len(names) - MOST_ENDS:,} more" if len(names) > MOST_ENDS else ""
    return ", ".join(names[:MOST_ENDS]) + more


_ORDER = {"added": 0, "changed": 1, "removed": 2}


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
