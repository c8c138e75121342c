"""What there is to fix: findings, whatever found them, the worst first."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypedDict

from netsim.ir.finding import Finding, FindingShape, Severity
from netsim.queries.answer import Answer, frame


class FindingsSummary(TypedDict):
    """How many findings there are of each severity, of how many objects, and how many a baseline took away."""

    critical: int
    high: int
    medium: int
    low: int
    info: int
    objects: int
    accepted: int


class FindingsShape(TypedDict):
    """What is wrong, the worst first."""

    summary: FindingsSummary
    areas: list[str]
    findings: list[FindingShape]


@dataclass(frozen=True, kw_only=True)
class Findings(Answer):
    """What is wrong, the worst first.

    Attributes:
        areas: What was looked at: ``gaps``, or areas of posture.
        objects: How many objects and files there were to look at.
        accepted: How many findings a baseline took away.
    """

    kind: ClassVar[str] = "Findings"

    findings: tuple[Finding, ...]
    areas: tuple[str, ...]
    objects: int = 0
    accepted: int = 0

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each severity."""
        severities = [found.severity for found in self.findings]
        return {str(severity): severities.count(severity) for severity in Severity}

    @property
    def keys(self) -> tuple[str, ...]:
        """What each finding is known by in baselines."""
        return tuple(dict.fromkeys(found.key for found in self.findings))

    def to_frame(self) -> Any:
        """Return the findings as a pandas DataFrame, the worst first.

        Raises:
            UsageError: pandas is not installed.
        """
        columns = ("severity", "code", "object", "message", "file", "line", "hint")
        rows = ((str(f.severity), f.code, f.object, f.message, f.file or None, f.line or None, f.hint) for f in self)
        return frame(columns, rows)

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings that are as bad as this, or worse."""
        return tuple(found for found in self.findings if found.severity.rank <= severity.rank)

    def without(self, accepted: Collection[str]) -> "Findings":
        """Return the answer without what was accepted."""
        kept = tuple(found for found in self.findings if found.key not in accepted)
        return replace(self, findings=kept, accepted=self.accepted + len(self.findings) - len(kept))

    def facts(self) -> FindingsShape:
        """Return the findings as JSON values."""
        counts = self.counts
        return {
            "summary": {
                "critical": counts["critical"],
                "high": counts["high"],
                "medium": counts["medium"],
                "low": counts["low"],
                "info": counts["info"],
                "objects": self.objects,
                "accepted": self.accepted,
            },
            "areas": list(map(str, self.areas)),
            "findings": [found.to_dict() for found in self.findings],
        }
