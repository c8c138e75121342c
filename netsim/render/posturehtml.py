"""Findings, and what stands beside them, for notebooks."""

from collections.abc import Iterator
from html import escape

from netsim.queries import Findings
from netsim.queries.audit import AuditTrace
from netsim.queries.coverage import Coverage, Drafted
from netsim.queries.levels import LevelTrial
from netsim.queries.repairs import RightsRepairs, patch
from netsim.queries.rotation import Rotated
from netsim.render import controls, levels, repairs
from netsim.render import coverage as seen
from netsim.render.findings import summary
from netsim.render.html import notes, paragraph, table
from netsim.render.yaml import dumped


def findings(answer: Findings) -> Iterator[str]:
    """Yield the findings, the worst first."""
    yield paragraph(summary(answer))
    rows = (
        (
            each.severity,
            each.code,
            each.object,
            each.message,
            f"{each.file}:{each.line}" if each.file else "",
            each.hint,
        )
        for each in answer
    )
    yield from table(["severity", "code", "object", "finding", "place", "what to do"], rows)
    yield from notes(answer)


def trace(answer: AuditTrace) -> Iterator[str]:
    """Yield what an audit policy records of a request."""
    yield f"<pre>{escape(''.join(controls.trace(answer)).strip())}</pre>"


def coverage(answer: Coverage) -> Iterator[str]:
    """Yield what an audit policy sees of attacks."""
    yield f"<pre>{escape(''.join(seen.text(answer)).strip())}</pre>"


def drafted(answer: Drafted) -> Iterator[str]:
    """Yield an audit policy that was made."""
    yield f"<pre>{escape(''.join(seen.yaml(answer)).strip())}</pre>"


def rotation(answer: Rotated) -> Iterator[str]:
    """Yield what can be read at each step of a change of keys."""
    yield f"<pre>{escape(''.join(controls.rotation(answer)).strip())}</pre>"


def level_trial(answer: LevelTrial) -> Iterator[str]:
    """Yield which workloads a level would refuse, each with its patch."""
    yield paragraph(levels.summary(answer))
    rows = ((each.object, ", ".join(own.control.id for own in each.failing), dumped(each.patch)) for each in answer)
    yield from table(["workload", "fails", "patch"], rows)
    yield from notes(answer)


def rights_repairs(answer: RightsRepairs) -> Iterator[str]:
    """Yield what mends the findings on roles and bindings, each with its patch."""
    yield paragraph(repairs.summary(answer))
    rows = ((str(each.before), ", ".join(own.code for own in each.mends), dumped(patch(each))) for each in answer)
    yield from table(["object", "mends", "patch"], rows)
    yield from notes(answer)
