"""A diff as findings, for the formats of continuous integration."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from netsim.graph.catalogue import catalogue
from netsim.graph.world import ADMIN
from netsim.ir.attack import Certainty, Step
from netsim.ir.finding import Finding, Severity, by_severity
from netsim.ir.place import NOWHERE
from netsim.knowledge import checks
from netsim.queries import Diff
from netsim.queries.blame import Cause
from netsim.queries.moved import Risk
from netsim.queries.risk import cause_kinds
from netsim.queries.routes import Route
from netsim.queries.seam import Delta
from netsim.queries.sections import STEPS, Section, worse
from netsim.render.beside import alike_steps, ends_of, finding, route, steps
from netsim.render.review import because_of, moved
from netsim.render.shown import Row, rows

#: The rows of the catalogue.
_OPENS, _CLOSES = "diff-opened", "diff-closed"
_STEP, _PATH, _GONE = "diff-attack-step", "diff-attack-path", "diff-gone"
#: One worse, for what may reach a crown jewel.
_WORSE = dict(zip(Severity, (Severity.CRITICAL, *Severity), strict=False))
#: One better, for what needs an exploit.
_BETTER = dict(zip(Severity, (*list(Severity)[1:], Severity.INFO), strict=True))

#: When a diff fails: for what it does, or for how bad it is.
FailOn = Literal["added", "removed", "any", "none", "critical", "high", "medium", "low"]
Way = Literal["added", "removed", "any"]
#: To who fears what opens, or what closes, lesser findings are advice: a comment folds them away.
_GRAVE = Severity.HIGH


class _Told(NamedTuple):
    """A finding, and what of a change it tells."""

    found: Finding
    opens: bool
    closes: bool
    is_there: bool = True

    def moves(self, way: "Way") -> bool:
        """Return whether it opens, closes, or either."""
        return (self.opens and way != "removed") or (self.closes and way != "added")


def findings(answer: Diff) -> tuple[Finding, ...]:
    """Return what opens or closes, and what is newly found, the worst first; what is found no longer is no finding.

    Of what is as bad, openings come first, in the order of the review: code hosts show the first few.
    """
    return by_severity(told.found for told in _every(answer) if told.is_there)


def tests(answer: Diff) -> tuple[Finding, ...]:
    """Return what a report of tests lists: the findings, and what is found no longer."""
    return by_severity(told.found for told in _every(answer))


def failing(answer: Diff, fail_on: FailOn) -> Callable[[Finding], bool]:
    """Return whether a finding is a reason to fail: for who fears what opens, what closes, both; or how bad it is."""
    match fail_on:
        case "none":
            return lambda _: False
        case "added" | "removed" | "any":
            keys = {told.found.key for told in _every(weighed(answer, fail_on)) if told.moves(fail_on)}
            return lambda found: found.key in keys
        case _:
            return lambda found: found.severity.rank <= Severity(fail_on).rank


def weighed(answer: Diff, way: Way) -> Diff:
    """Return what of a diff counts: all of it where anything does; else, of findings, those that are grave."""
    return answer if way == "any" else replace(answer, findings=tuple(filter(worse(_GRAVE), answer.findings)))


def _every(answer: Diff) -> Iterator[_Told]:
    """Yield all that differs; of steps those that are alike as one."""
    yield from (_Told(_of_row(row), row.opens, row.closes) for row in rows(answer))
    for section, delta in answer.deltas:
        told = _of_delta(section, delta)
        if told is not None:
            yield _Told(told, section.opens(delta), section.closes(delta), is_there=delta.new is not None)
    for alike in alike_steps(answer.steps)[0]:
        opens, closes = any(map(STEPS.opens, alike)), any(map(STEPS.closes, alike))
        yield _Told(_of_steps(alike), opens, closes, is_there=alike[0].new is not None)


def _of_delta(section: Section, delta: Delta[Any]) -> Finding | None:
    """Return the finding of a difference; None for a step, of which those that are alike are told as one."""
    match delta.item:
        case Step():
            return None
        case Finding() as found:
            return found if delta.new is not None else _gone(section, str(delta.key), finding(delta))
        case Route() as found:
            return _of_route(found) if delta.new is not None else _gone(section, str(delta.key), route(delta))
        case other:
            raise TypeError(other)


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


def _of_steps(alike: Sequence[Delta[Step]]) -> Finding:
    """Return the finding of steps that differ in where they lead alone."""
    step = alike[0].item
    if alike[0].new is None:
        return _gone(STEPS, step.key, steps(alike))
    check, kind = checks("diff")[_STEP], catalogue().kinds[step.id]
    ends = ends_of(each.item.target for each in alike)
    return Finding(
        code=check.code,
        severity=_as_finding(Severity.CRITICAL if step.target == ADMIN else kind.severity, step.certainty),
        object=step.source,
        file="" if step.place == NOWHERE else step.place.file,
        line=step.place.line,
        message=f"{step.source} may take {ends} by {step.id} now: {_inside(kind.title)}",
        why="\n".join(step.because),
        hint=kind.mitigation,
        evidence=(("from", step.source), ("to", ends), ("step", step.id), ("certainty", step.certainty.label)),
        identity=f"{step.id} {step.target}",
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


def _gone(section: Section, key: str, told: str) -> Finding:
    check = checks("diff")[_GONE]
    return Finding(
        code=check.code,
        severity=check.severity,
        object=key,
        message=f"no longer: {told}",
        hint=check.help,
        identity=section.name,
    )


def _inside(title: str) -> str:
    return title[:1].lower() + title[1:]
