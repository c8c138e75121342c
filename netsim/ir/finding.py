"""Findings: things to fix, whatever found them, and the checks that find them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from netsim.ir.shapes import PlaceShape


class Severity(StrEnum):
    """How bad a finding is, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _ORDER.index(self)


_ORDER = tuple(Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What findings of one code have in common: the row of a catalogue.

    Attributes:
        code: Stable: ``NS901``.
        title: The check as a heading, without a full stop: ``Newly exposed to the internet``.
        description: What the code means and why it matters, in whole sentences.
        help: What to do about it, in whole sentences.
        severity: That of its findings, where they do not say another.
        example: An input that has such a finding; ``# --- NAME`` starts a file of it, where it has several.
    """

    code: str
    title: str
    description: str
    help: str
    severity: Severity
    example: str = ""


class FindingShape(PlaceShape):
    """One thing to fix, or to know."""

    code: str
    severity: Annotated[str, Severity]
    object: str
    message: str
    why: str
    hint: str
    evidence: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to fix, or to know.

    Attributes:
        object: The object that it is about, with its kind: ``NetworkPolicy shop/cart``.
        file, line: Where to look; ``line`` counts from 1, and is 0 where the input has none. Both may be empty.
        message: What was found, in one sentence.
        why: Why it matters here; empty where the check's description says it all.
        hint: The way out.
        evidence: What proves it, as named facts: ``(("from", "shop/web"), ("port", "TCP 80"))``.
        identity: What tells it apart from other findings of its code on its object, and stays the same when lines
            move: a rule, a peer, a field's path. Empty where there is one such finding an object.
        position: Where it stands in its object where its identity does not say so: ``ingress[0] port 1``.
    """

    code: str
    severity: Severity
    object: str
    file: str = ""
    line: int = 0
    message: str
    why: str = ""
    hint: str = ""
    evidence: tuple[tuple[str, str], ...] = ()
    identity: str = ""
    position: str = ""

    @property
    def key(self) -> str:
        """What it is known by from run to run, in baselines and fingerprints: no lines, no files, no prose."""
        return " ".join(filter(None, (self.code, self.object, self.identity)))

    def to_dict(self) -> FindingShape:
        """Return the finding as JSON values."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "object": self.object,
            "file": self.file or None,
            "line": self.line or None,
            "message": self.message,
            "why": self.why,
            "hint": self.hint,
            "evidence": dict(self.evidence),
        }


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by severity, those that are as bad in the order in which they came."""
    return tuple(sorted(findings, key=lambda found: found.severity.rank))


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by severity, then by key, so that the same findings stand in the same order anywhere."""
    return tuple(sorted(findings, key=lambda found: (found.severity.rank, found.key, found.file, found.line)))
