"""What there is to fix: the findings of posture, the worst first."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ir.finding import Check, Finding, Severity, worst_first
from netsim.ir.release import NEWEST
from netsim.ir.snapshot import Notice
from netsim.knowledge import checks, rights_checks
from netsim.posture.areas import AREAS, CATALOGUES, Area, Inputs
from netsim.queries.answer import Answer
from netsim.queries.controlplane import Reachable, reachable
from netsim.queries.crossing import crossing


@dataclass(frozen=True, kw_only=True)
class Findings(Answer):
    """What is wrong, the worst first.

    Attributes:
        areas: What was looked at.
        objects: How many objects and files there were to look at.
        accepted: How many findings a baseline took away.
    """

    kind: ClassVar[str] = "Findings"

    findings: tuple[Finding, ...]
    areas: tuple[Area, ...]
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

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings that are as bad as this, or worse."""
        return tuple(found for found in self.findings if found.severity.rank <= severity.rank)

    def without(self, accepted: Collection[str]) -> "Findings":
        """Return the answer without what was accepted."""
        kept = tuple(found for found in self.findings if found.key not in accepted)
        return replace(self, findings=kept, accepted=self.accepted + len(self.findings) - len(kept))

    def facts(self) -> Mapping[str, Any]:
        """Return the findings as JSON values."""
        return {
            "summary": {**self.counts, "objects": self.objects, "accepted": self.accepted},
            "areas": [str(area) for area in self.areas],
            "findings": [found.to_dict() for found in self.findings],
        }


def posture(cluster: Compiled, areas: Sequence[str] = (), *, now: datetime | None = None) -> Findings:
    """Return what is wrong with the inputs of a cluster.

    Args:
        areas: Look at these alone; at all where none is named.
        now: What certificates and releases are measured by; the present where not given.

    Raises:
        UsageError: There is no such area.
    """
    asked = tuple(_area(each) for each in areas) or tuple(Area)
    given = inputs_of(cluster, now)
    found: dict[tuple[str, str, int], Finding] = {}
    for area in asked:
        for each in cluster.rights_findings if area is Area.RBAC else AREAS[area](given):
            found.setdefault((each.key, each.file, each.line), each)
    reached = reachable(cluster, given, tuple(found.values())) if Area.ETCD in asked else Reachable()
    found |= {(each.key, each.file, each.line): each for each in reached.findings}
    if set(asked) == set(Area):
        found |= {(each.key, each.file, each.line): each for each in crossing(cluster, tuple(found.values()))}
    return Findings(
        findings=worst_first(found.values()),
        areas=asked,
        assumptions=reached.assumptions,
        objects=len(cluster.manifests) + len(cluster.artifacts),
        warnings=_warnings(cluster, asked),
    )


def inputs_of(cluster: Compiled, now: datetime | None = None) -> Inputs:
    """Return what posture looks at in a cluster."""
    return Inputs(
        manifests=cluster.manifests,
        artifacts=cluster.artifacts,
        accounts=cluster.snapshot.accounts,
        bindings=cluster.snapshot.bindings,
        # The newest release that is known may be older than the newest standards.
        version="latest" if cluster.release == NEWEST else f"v{cluster.release}",
        now=now or datetime.now(tz=UTC),
    )


def _area(name: str) -> Area:
    try:
        return Area(name)
    except ValueError:
        raise UsageError(f"`{name}` is no area of posture", hint=f"known: {', '.join(Area)}") from None


def _warnings(cluster: Compiled, areas: Sequence[Area]) -> tuple[Notice, ...]:
    own = [each for each in cluster.notices if set(areas) != {Area.RBAC}]
    return (*own, *cluster.snapshot.warnings)


def known_checks() -> Mapping[str, Check]:
    """Return the check of each code that a finding of posture may have."""
    tables = {name for names in CATALOGUES.values() for name in names} | {"crossing", "reachable"}
    found = {check.code: check for name in sorted(tables) for check in checks(name).values()}
    return found | {each.check.code: each.check for each in rights_checks()}
