"""A diff as findings, for the formats of continuous integration."""

from collections.abc import Callable, Iterator
from typing import Literal

from netsim.ir.finding import Finding, Severity, worst_first
from netsim.knowledge import checks
from netsim.queries import Diff
from netsim.queries.blame import Cause
from netsim.queries.moved import Risk
from netsim.queries.risk import cause_kinds
from netsim.queries.seam import Delta
from netsim.render.review import Row, because_of, moved, rows

#: The rows of the catalogue.
_OPENS, _CLOSES, _STEP = "diff-opened", "diff-closed", "diff-attack-step"
#: One worse, for what may reach a crown jewel.
_WORSE = dict(zip(Severity, (Severity.CRITICAL, *Severity), strict=False))


def findings(answer: Diff) -> tuple[Finding, ...]:
    """Return what opens or closes, and what is newly found, the worst first; what is found no longer is no finding."""
    found = [_of_row(row) for row in rows(answer)]
    found += [delta.new for delta in answer.findings if isinstance(delta.new, Finding)]
    return worst_first([*found, *_of_steps(answer.steps)])


def failing(answer: Diff, fail_on: Literal["added", "removed", "any", "none"]) -> Callable[[Finding], bool]:
    """Return whether a finding is a reason to fail for who fears what opens, what closes, or both."""
    asked = {"added": (True, False), "removed": (False, True), "any": (True, True), "none": (False, False)}
    opens, closes = asked[fail_on]
    keys = {_of_row(row).key for row in rows(answer) if (row.opens and opens) or (row.closes and closes)}
    others = {_of_row(row).key for row in rows(answer)}
    return lambda found: found.key in keys or (opens and found.key not in others)


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


def _of_steps(steps: tuple[Delta[object], ...]) -> Iterator[Finding]:
    for delta in steps:
        if delta.new is not None:
            check = checks("diff")[_STEP]
            yield Finding(
                code=check.code, severity=check.severity, object=str(delta.key), message=str(delta.new), hint=check.help
            )
