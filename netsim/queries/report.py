"""All that one page can show of a cluster: what reaches what and why, policies, findings, and what a change does."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, ClassVar, TypedDict

from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ir.attack import Certainty
from netsim.ir.finding import Check, Finding, worst_first
from netsim.ir.objects import Pod
from netsim.ir.policy import Policy
from netsim.ir.snapshot import Notice
from netsim.knowledge import checks
from netsim.lower.program import Program
from netsim.queries.answer import Answer, ListingSummary
from netsim.queries.differences import Diff
from netsim.queries.entries import WayIn
from netsim.queries.explain import Explained, Explanation
from netsim.queries.focus import Peers
from netsim.queries.gaps import gaps
from netsim.queries.networks import explain, reach
from netsim.queries.posture import known_checks, posture
from netsim.queries.reach import Reachability
from netsim.queries.units import Unit, every_unit

#: A page of more rows takes a browser too long.
MOST_ROWS = 120_000

#: Up to so many pairs of ends, those that may exchange nothing are explained, too.
MOST_DENIED = 20_000


class Beyond(Enum):
    """What becomes of the rows of a cluster that has more than a page can hold."""

    REFUSED = "refused"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Governed:
    """A policy with whom it governs, and the object as it was written.

    Attributes:
        subjects: The ends of rows that it selects, sorted.
        written: None where the object was not kept whole.
    """

    policy: Policy
    subjects: tuple[str, ...]
    written: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One arrow of what is followed, from one end of rows to another; an end that is in no row is shown all the same.

    Attributes:
        how: The kind of step: ``rbac.pod-exec``.
        certainty: How sure it is; None where that says nothing.
    """

    source: str
    target: str
    how: str = ""
    certainty: Certainty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """Something to follow on the map: a blast radius, an attack path.

    This is the one seam for answers about attacks: whoever has one gives it to ``report`` as a Highlight.

    Attributes:
        title: As the page offers it: ``blast radius of shop/web[Deployment]``.
        start: The end of a row where it starts.
        hops: In the order of the attack.
    """

    title: str
    start: str
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An end of rows that the cluster holds, reachable or not: its name, its labels, how many pods it stands for."""

    name: str
    labels: tuple[tuple[str, str], ...]
    pods: int


class ReportSummary(ListingSummary):
    """How much there is of everything; null changes where nothing was compared."""

    findings: int
    changes: int | None


class ReportShape(TypedDict):
    """How much a page shows."""

    summary: ReportSummary


@dataclass(frozen=True, kw_only=True)
class Report(Answer):
    """What one page shows.

    Attributes:
        explained: Every row of the listing, with its reasons.
        denied: The pairs that may exchange nothing, with theirs; empty where there are too many.
        denied_told: Whether ``denied`` holds all of them.
        places: The workloads (and what else the listing is about), those that reach nothing included.
        checks: What the codes of ``findings`` mean.
    """

    kind: ClassVar[str] = "Report"

    explained: Explained
    denied: tuple[Explanation, ...]
    denied_told: bool
    places: tuple[Place, ...]
    entries: tuple[WayIn, ...]
    policies: tuple[Governed, ...]
    findings: tuple[Finding, ...]
    checks: Mapping[str, Check]
    diff: Diff | None = None
    highlights: tuple[Highlight, ...] = ()

    def page(self) -> str:
        """Return the page, as HTML that needs nothing else."""
        return self.displays["page"](self)

    def facts(self) -> ReportShape:
        """Return how much there is of everything; the parts are answers of their own."""
        return {
            "summary": {
                **self.explained.summary,
                "findings": len(self.findings),
                "changes": None if self.diff is None else len(self.diff),
            }
        }


def _of_posture(cluster: Compiled) -> Iterable[Finding]:
    return posture(cluster).findings


def _of_gaps(cluster: Compiled) -> Iterable[Finding]:
    return gaps(cluster).findings


#: Whatever finds something in one cluster, with what its codes mean. A new kind of findings is one line here.
FINDERS: tuple[tuple[Callable[[Compiled], Iterable[Finding]], Callable[[], Mapping[str, Check]]], ...] = (
    (_of_posture, known_checks),
    (_of_gaps, lambda: {check.code: check for check in checks("gaps").values()}),
)


def report(
    cluster: Compiled,
    *,
    source: Peers = None,
    destination: Peers = None,
    workload: Peers = None,
    port: int | str | None = None,
    diff: Diff | None = None,
    highlights: tuple[Highlight, ...] = (),
    beyond: Beyond = Beyond.REFUSED,
) -> Report:
    """Return what a page about a cluster shows.

    Args:
        source, destination, workload, port: Show these alone, as ``reach`` lists them.
        diff: What became of the cluster since; the cluster is then the new one.
        beyond: What becomes of rows that a page cannot hold.

    Raises:
        UsageError: There are more rows than a page can hold, and they are not to be left out.
    """
    listing = reach(cluster, source=source, destination=destination, workload=workload, port=port)
    fits = len(listing) <= MOST_ROWS
    if not fits and beyond is Beyond.REFUSED:
        raise UsageError(
            f"that is {len(listing):,} connections, and a page holds {MOST_ROWS:,}",
            hint="narrow it with --from, --to, --workload and --port, or write a page for each namespace",
        )
    explained = (
        explain(cluster, source=source, destination=destination, workload=workload, port=port)
        if fits
        else _without_rows(listing)
    )
    everyone = every_unit(cluster, by_pod=False)
    narrowed = any(peers is not None for peers in (source, destination, workload, port))
    told = fits and bool(everyone) and not narrowed and (len(everyone) + 1) ** 2 <= MOST_DENIED
    return Report(
        explained=explained,
        denied=_denied(cluster) if told else (),
        denied_told=told,
        places=tuple(_place(unit, cluster.program) for unit in everyone),
        entries=listing.entries,
        policies=_governed(cluster, everyone),
        findings=worst_first(found for find, _ in FINDERS for found in find(cluster)),
        checks=MappingProxyType({code: check for _, known in FINDERS for code, check in known().items()}),
        diff=diff,
        highlights=highlights,
        assumptions=tuple(sorted({*listing.assumptions, *explained.assumptions})),
        warnings=explained.warnings,
    )


def _without_rows(listing: Reachability) -> Explained:
    left = Notice(f"{len(listing):,} connections are left out, for a page holds {MOST_ROWS:,}: ask about them")
    return Explained(
        endpoints=listing.endpoints,
        classes=listing.classes,
        policies=listing.policies,
        pairs=(),
        every_pair=False,
        warnings=(left, *listing.warnings),
    )


def _denied(cluster: Compiled) -> tuple[Explanation, ...]:
    everybody = ["*/*", "internet"]
    found = explain(cluster, source=everybody, destination=everybody)
    return tuple(pair for pair in found if not pair.allowed and not pair.unknown)


def _place(unit: Unit, program: Program) -> Place:
    pods = [end for number in unit.endpoints if isinstance(end := program.endpoints[number], Pod)]
    common = set.intersection(*(set(pod.labels.items()) for pod in pods)) if pods else set()
    return Place(name=unit.name, labels=tuple(sorted(common)), pods=len(unit.endpoints))


def _governed(cluster: Compiled, everyone: tuple[Unit, ...]) -> tuple[Governed, ...]:
    program = cluster.program
    written = {(m.kind, m.namespace or None, m.name): m for m in cluster.manifests}
    subjects: list[set[str]] = [set() for _ in program.policies]
    for unit in everyone:
        for direction, groups in program.groups.items():
            for number in groups[program.group_of[direction][unit.member]].policies:
                subjects[number].add(unit.name)
    return tuple(
        Governed(
            policy=policy,
            subjects=tuple(sorted(subjects[number])),
            written=manifest.body if (manifest := _found(written, policy)) else None,
        )
        for number, policy in enumerate(program.policies)
    )


def _found(written: Mapping[tuple[str, str | None, str], Any], policy: Policy) -> Any:
    """Return the object of a policy; one without a namespace in it is in ``default``."""
    key = (policy.kind, policy.namespace, policy.name)
    return written.get(key) or (
        written.get((policy.kind, None, policy.name)) if policy.namespace == "default" else None
    )
