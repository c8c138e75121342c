"""SARIF 2.1.0: findings for code scanning."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from netsim.ir.finding import Check, Finding, Severity, worst_first
from netsim.render.hosted import spot, told
from netsim.render.words import counted, safe

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
#: Code scanning refuses a run of more results.
MOST_RESULTS = 25_000

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
#: What code scanning sorts security findings by: the middle of each band of CVSS.
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.5",
    Severity.INFO: "0.0",
}


def findings(found: Iterable[Finding], checks: Mapping[str, Check]) -> Iterator[str]:
    """Yield the log: one run, with a rule for each code that is found, the worst results first.

    Raises:
        KeyError: The catalogue does not know a code.
    """
    every = worst_first(found)
    shown = every[:MOST_RESULTS]
    codes = sorted({each.code for each in shown})
    driver = {
        "name": "netsim",
        "version": version("netsim"),
        "rules": [_rule(checks[code]) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notes(len(every) - len(shown))}],
        "results": [_result(each, codes.index(each.code)) for each in shown],
    }
    yield from json.JSONEncoder(indent=2).iterencode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})
    yield "\n"


def _rule(check: Check) -> dict[str, Any]:
    return {
        "id": check.code,
        "name": "".join(word.capitalize() for word in check.title.split()),
        "shortDescription": {"text": f"{check.title}."},
        "fullDescription": {"text": check.description},
        "help": {"text": check.help, "markdown": f"{check.description}\n\n{check.help}"},
        "defaultConfiguration": {"level": LEVELS[check.severity]},
        "properties": {"tags": ["security"], "security-severity": _SCORES[check.severity]},
    }


def _result(found: Finding, rule: int) -> dict[str, Any]:
    text = "\n".join(safe(line) for part in (told(found), found.why) for line in part.splitlines())
    return {
        "ruleId": found.code,
        "ruleIndex": rule,
        "level": LEVELS[found.severity],
        "message": {"text": text},
        "locations": [_location(found)],
        "partialFingerprints": {"netsimKey/v1": fingerprint(found)},
        "properties": {"severity": str(found.severity), "object": found.object, **dict(found.evidence)},
    }


def _location(found: Finding) -> dict[str, Any]:
    place = spot(found.file, found.line)
    logical = {"logicalLocations": [{"fullyQualifiedName": found.object, "kind": "resource"}]}
    if place is None:
        return logical
    return {"physicalLocation": _physical(place.path, place.line), **logical}


def _physical(path: str, line: int) -> dict[str, Any]:
    # An absolute path lies outside the repository.
    root = {} if path.startswith("/") else {"uriBaseId": _ROOT}
    uri = f"file://{quote(path)}" if path.startswith("/") else quote(path)
    return {"artifactLocation": {"uri": uri, **root}, "region": {"startLine": line or 1}}


def _notes(more: int) -> Sequence[dict[str, Any]]:
    if more <= 0:
        return []
    told = f"{counted(more, 'result')} more: code scanning takes {MOST_RESULTS:,}, the worst were kept"
    return [{"level": "warning", "message": {"text": told}}]


@cache
def fingerprint(found: Finding) -> str:
    """Return what a finding is known by from run to run, in hexadecimal digits."""
    return sha256(found.key.encode(errors="surrogateescape")).hexdigest()
