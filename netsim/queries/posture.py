"""What there is to fix: the findings of posture, the worst first."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache

from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ir.finding import Check, Finding, worst_first
from netsim.ir.snapshot import Notice
from netsim.knowledge import checks, rights_checks
from netsim.posture.areas import AREAS, CATALOGUES, Area, Inputs
from netsim.queries.controlplane import Reachable, reachable
from netsim.queries.crossing import crossing
from netsim.queries.findings import Findings


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
    found, assumptions = findings_in(cluster, asked, lambda _: given)
    return Findings(
        findings=worst_first(found),
        areas=asked,
        assumptions=assumptions,
        objects=len(cluster.manifests) + len(cluster.artifacts),
        warnings=_warnings(cluster, asked),
    )


def findings_in(
    cluster: Compiled, areas: Collection[Area], inputs: Callable[[Area], Inputs]
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Return what areas find, with what takes the network, too, and, of all areas, what takes several; and assumptions.

    Args:
        inputs: What an area looks at.
    """
    found: dict[tuple[str, str, int], Finding] = {}
    for area in areas:
        for each in cluster.rights_findings if area is Area.RBAC else AREAS[area](inputs(area)):
            found.setdefault((each.key, each.file, each.line), each)
    reached = Reachable()
    if Area.ETCD in areas:
        reached = reachable(cluster, inputs(Area.ETCD), tuple(found.values()))
    found |= {(each.key, each.file, each.line): each for each in reached.findings}
    if set(areas) == set(Area):
        found |= {(each.key, each.file, each.line): each for each in crossing(cluster, tuple(found.values()))}
    return tuple(found.values()), reached.assumptions


def inputs_of(cluster: Compiled, now: datetime | None = None) -> Inputs:
    """Return what posture looks at in a cluster."""
    return Inputs(
        manifests=cluster.manifests,
        artifacts=cluster.artifacts,
        accounts=cluster.snapshot.accounts,
        bindings=cluster.snapshot.bindings,
        # The newest release that is known may be older than the newest standards.
        version="latest" if cluster.stated_release is None else f"v{cluster.stated_release}",
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


@cache
def known_checks() -> Mapping[str, Check]:
    """Return the check of each code that a finding of posture may have."""
    tables = {name for names in CATALOGUES.values() for name in names} | {"crossing", "reachable"}
    found = {check.code: check for name in sorted(tables) for check in checks(name).values()}
    return found | {each.check.code: each.check for each in rights_checks()}
