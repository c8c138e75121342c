"""GitLab's code quality report: a list of issues, compared by GitLab with those of the target branch."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from netsim.ir.finding import Check, Finding, Severity, by_severity
from netsim.render.hosted import spot, told
from netsim.render.sarif import fingerprint
from netsim.render.words import safe

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def findings(found: Iterable[Finding], checks: Mapping[str, Check]) -> Iterator[str]:
    """Yield the report, the worst first; a finding that another one is the same as is told once."""
    by_fingerprint = {fingerprint(each): each for each in reversed(by_severity(found))}
    issues = [_issue(key, each, checks[each.code]) for key, each in reversed(by_fingerprint.items())]
    yield json.dumps(issues, indent=2) + "\n"


def _issue(key: str, found: Finding, check: Check) -> dict[str, Any]:
    place = spot(found.file, found.line)
    return {
        "description": safe(f"{check.title}: {told(found)}"),
        "check_name": found.code,
        "fingerprint": key,
        "severity": _SEVERITIES[found.severity],
        # The report has no place for an object without a file.
        "location": {"path": place.path if place else found.object, "lines": {"begin": (place and place.line) or 1}},
    }
