"""The gaps of a cluster, the worst first."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from netsim.cluster import Compiled
from netsim.ir.finding import Finding, worst_first
from netsim.ir.snapshot import Notice
from netsim.queries.answer import assumptions_of, warnings_of
from netsim.queries.findings import Findings
from netsim.queries.gaps.accepted import accepted
from netsim.queries.gaps.coverage import coverage
from netsim.queries.gaps.doors import doors
from netsim.queries.gaps.facts import Facts
from netsim.queries.gaps.proved import proved, unproved
from netsim.queries.gaps.selected import selections
from netsim.queries.gaps.sides import dns, neighbours, one_sided
from netsim.queries.gaps.traffic import blocks, ports

#: A check: what it finds in a cluster.
Finder = Callable[[Facts], Iterable[Finding]]
#: What is looked for without asking the solver.
QUICK: tuple[Finder, ...] = (coverage, selections, ports, blocks, dns, neighbours, one_sided, doors)
#: What is looked for.
CHECKS: tuple[Finder, ...] = (*QUICK, proved)


def gaps(cluster: Compiled, *, today: date | None = None) -> Findings:
    """Return the gaps of a cluster.

    Args:
        today: What acceptances expire by; the present where not given.
    """
    found = findings_of(cluster)
    keys, notices = accepted(cluster.manifests, found, today)
    answer = Findings(
        findings=found,
        areas=("gaps",),
        objects=len(cluster.manifests),
        assumptions=assumptions_of(cluster),
        warnings=(*notices, *_left_out(cluster), *warnings_of(cluster)),
    )
    return answer.without(keys)


def findings_of(cluster: Compiled, checks: Sequence[Finder] = CHECKS) -> tuple[Finding, ...]:
    """Return what some checks find, accepted or not, the worst first."""
    facts = Facts(cluster)
    return worst_first({each.key: each for check in checks for each in check(facts)}.values())


def _left_out(cluster: Compiled) -> Iterator[Notice]:
    if why := unproved(cluster):
        yield Notice(why)
    if not cluster.snapshot.bindings:
        yield Notice("the input holds no RoleBinding and no ClusterRoleBinding: who may create pods is not known")
