"""A diff as findings, for the formats of continuous integration."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, Literal, assert_never

from netsim.graph.catalogue import catalogue
from netsim.ir.attack import Certainty, Step
from netsim.ir.finding import Finding, Severity, worst_first
from netsim.ir.place import NOWHERE
from netsim.knowledge import checks
from netsim.queries import Diff
from netsim.queries.blame import Cause
from netsim.queries.moved import Risk
from netsim.queries.risk import cause_kinds
from netsim.queries.routes import Route
from netsim.queries.seam import Delta
from netsim.queries.sections import Section
from netsim.render.beside import finding, route
from netsim.render.review import Row, because_of, moved, rows

#: The rows of the catalogue.
_OPENS, _CLOSES = "diff-opened", "diff-closed"
_STEP, _PATH, _GONE = "diff-attack-step", "diff-attack-path", "diff-gone"
#: One worse, for what may reach a crown jewel.
_WORSE = dict(zip(Severity, (Severity.CRITICAL, *Severity), strict=False))
#: One better, for what needs an exploit.
_BETTER = dict(zip(Severity, (*list(Severity)[1:], Severity.INFO), strict=True))

#: When a diff fails: for what it does, or for how bad it is.
FailOn = Literal["added", "removed", "any", "none", "critical", "high", "medium", "low"]


def findings(answer: Diff) -> tuple[Finding, ...]:
    """Return what opens or closes, and what is newly found, the worst first; what is found no longer is no finding."""
    found = [_of_row(row) for row in rows(answer)]
    found += [delta.new for delta in answer.findings if delta.new is not None]
    found += [_of_step(delta.new) for delta in answer.steps if delta.new is not None]
    found += [_of_route(delta.new) for delta in answer.paths if delta.new is not None]
    return worst_first(found)


def tests(answer: Diff) -> tuple[Finding, ...]:
    """Return what a report of tests lists: the findings, and what is found no longer."""
    gone = (_gone(section, delta) for section, delta in answer.deltas if delta.new is None)
    return (*findings(answer), *gone)


def failing(answer: Diff, fail_on: FailOn) -> Callable[[Finding], bool]:
    """Return whether a finding is a reason to fail: for who fears what opens, what closes, both; or how bad it is."""
    match fail_on:
        case "none":
            return lambda _: False
        case "added" | "removed" | "any":
            keys = frozenset(_moving(answer, opening=fail_on != "removed", closing=fail_on != "added"))
            return lambda found: found.key in keys
        case _:
            return lambda found: found.severity.rank <= Severity(fail_on).rank


def _moving(answer: Diff, *, opening: bool, closing: bool) -> Iterator[str]:
    """Yield the keys of what opens something, or closes something."""
    for row in rows(answer):
        if (row.opens and opening) or (row.closes and closing):
            yield _of_row(row).key
    for section, delta in answer.deltas:
        if (section.opens(delta) and opening) or (section.closes(delta) and closing):
            yield _of_delta(section, delta).key


def _of_delta(section: Section, delta: Delta[Any]) -> Finding:
    if delta.new is None:
        return _gone(section, delta)
    match delta.new:
        case Step():
            return _of_step(delta.new)
        case Route():
            return _of_route(delta.new)
        case _:
            found: Finding = delta.new
            return found


def _of_row(row: Row) -> Finding:
    check = checks("diff")[f"diff-{row.risks[0]}" if row.risks else _OPENS if row.opens else _CLOSES]
    cause = _primary(row)
    worse = Risk.CROWN_JEWEL in row.risks[1:]
    return Finding(
        code=check.code,
        severity=_WORSE[check.severity] if worse else check.severity,
        object=cause.object if cause else row.destination,
        file=cause.place.file if cause else "",
        line=cause.place.line if cause else 0,
        message=_message(row),
        why="\n".join(because_of(row)),
        hint=check.help,
        evidence=tuple(_evidence(row)),
        identity=row.key,
    )


def _primary(row: Row) -> Cause | None:
    """Return the cause to point at: a rule before a policy, and what stands in the new input before what is gone."""
    return min(row.because, key=lambda cause: (cause.side != "new", cause.rule is None), default=None)


def _message(row: Row) -> str:
    told = moved(row)
    match row.change:
        case "added":
            return f"{row.source} may reach {row.destination} now: {told}"
        case "removed":
            return f"{row.source} may no longer reach {row.destination}: {told}"
        case "changed":
            return f"{row.source} may reach {row.destination} by other traffic: {told}"


def _evidence(row: Row) -> Iterator[tuple[str, str]]:
    yield from (("from", row.source), ("to", row.destination), ("change", row.change), ("traffic", moved(row)))
    if row.risks:
        yield "risks", ", ".join(row.risks)
    if row.because:
        yield "causes", ", ".join(cause_kinds(row.because))


def _of_step(step: Step) -> Finding:
    check, kind = checks("diff")[_STEP], catalogue().kinds[step.id]
    return Finding(
        code=check.code,
        severity=_as_finding(kind.severity, step.certainty),
        object=step.source,
        file="" if step.place == NOWHERE else step.place.file,
        line=step.place.line,
        message=f"{step.source} may take {step.target} by {step.id} now: {_inside(kind.title)}",
        why="\n".join(step.because),
        hint=kind.mitigation,
        evidence=(("from", step.source), ("to", step.target), ("step", step.id), ("certainty", step.certainty.label)),
        identity=step.key,
    )


def _of_route(route: Route) -> Finding:
    check = checks("diff")[_PATH]
    place = route.place
    return Finding(
        code=check.code,
        severity=_as_finding(check.severity, route.certainty),
        object=route.key,
        file="" if place == NOWHERE else place.file,
        line=place.line,
        message=f"from {route.source} there is a way to {route.target} now, by {len(route.steps)} steps",
        why="\n".join(f"{number}. {step}" for number, step in enumerate(route.steps, start=1)),
        hint=check.help,
        evidence=(("from", route.source), ("to", route.target), ("certainty", route.certainty.label)),
    )


def _as_finding(severity: StrEnum, certainty: Certainty) -> Severity:
    """Return the severity of something that is so sure: what needs an exploit is one less bad."""
    found = Severity(severity)
    return _BETTER[found] if certainty is Certainty.EXPLOIT else found


def _gone(section: Section, delta: Delta[Any]) -> Finding:
    check = checks("diff")[_GONE]
    return Finding(
        code=check.code,
        severity=check.severity,
        object=str(delta.key),
        message=f"no longer: {_line(section, delta)}",
        hint=check.help,
        identity=section.name,
    )


def _line(section: Section, delta: Delta[Any]) -> str:
    match section.name:
        case "findings":
            return finding(delta)
        case "paths":
            return route(delta)
        case "steps":
            return str(delta.item)
        case _:
            assert_never(section.name)


def _inside(title: str) -> str:
    return title[:1].lower() + title[1:]
