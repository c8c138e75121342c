"""The gaps of a cluster, the worst first."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from netsim.cluster import Compiled
from netsim.ir.finding import Finding, Severity, worst_first
from netsim.ir.snapshot import Notice
from netsim.queries.answer import Answer, assumptions_of, warnings_of
from netsim.queries.gaps.accepted import accepted
from netsim.queries.gaps.coverage import coverage
from netsim.queries.gaps.doors import doors
from netsim.queries.gaps.facts import Facts
from netsim.queries.gaps.proved import MOST_POLICIES, proved
from netsim.queries.gaps.selected import selections
from netsim.queries.gaps.sides import dns, neighbours, one_sided
from netsim.queries.gaps.traffic import blocks, ports

#: What is looked for.
CHECKS = (coverage, selections, ports, blocks, dns, neighbours, one_sided, doors, proved)


@dataclass(frozen=True, kw_only=True)
class Gaps(Answer):
    """What is open, blocked or written in a way that nobody intended, the worst first.

    Attributes:
        accepted: How many findings a baseline or an annotation took away.
    """

    kind: ClassVar[str] = "Findings"

    findings: tuple[Finding, ...]
    accepted: int = 0

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    @property
    def keys(self) -> tuple[str, ...]:
        """What each finding is known by in baselines."""
        return tuple(dict.fromkeys(found.key for found in self.findings))

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each severity."""
        severities = [found.severity for found in self.findings]
        return {str(severity): severities.count(severity) for severity in Severity}

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings that are as bad as this, or worse."""
        return tuple(found for found in self.findings if found.severity.rank <= severity.rank)

    def without(self, keys: Collection[str]) -> "Gaps":
        """Return the answer without what was accepted."""
        kept = tuple(found for found in self.findings if found.key not in keys)
        return replace(self, findings=kept, accepted=self.accepted + len(self.findings) - len(kept))

    def facts(self) -> Mapping[str, Any]:
        """Return the findings as JSON values."""
        return {
            "summary": {**self.counts, "accepted": self.accepted},
            "findings": [found.to_dict() for found in self.findings],
        }


def gaps(cluster: Compiled, *, today: date | None = None) -> Gaps:
    """Return the gaps of a cluster.

    Args:
        today: What acceptances expire by; the present where not given.
    """
    facts = Facts(cluster)
    found = worst_first({each.key: each for check in CHECKS for each in check(facts)}.values())
    keys, notices = accepted(cluster.manifests, found, today)
    answer = Gaps(
        findings=found,
        assumptions=assumptions_of(cluster),
        warnings=(*notices, *_left_out(cluster), *warnings_of(cluster)),
    )
    return answer.without(keys)


def _left_out(cluster: Compiled) -> Iterator[Notice]:
    if len(cluster.snapshot.policies) > MOST_POLICIES:
        yield Notice(f"more than {MOST_POLICIES} policies: what is redundant or shadowed was not looked for")
    if not cluster.snapshot.bindings:
        yield Notice("the input holds no RoleBinding and no ClusterRoleBinding: who may create pods is not known")
