"""Policies and rules that do nothing, or the opposite: found by the solver."""

from collections.abc import Iterator

from netsim.cluster import Compiled
from netsim.ir.finding import Finding
from netsim.ir.policy import Action, Tier
from netsim.queries.gaps.facts import Facts, finding, of_rule
from netsim.queries.proof import Remark
from netsim.queries.prove import Prover, Scope

#: With more policies than this the solver is asked only by `netsim prove`.
MOST_POLICIES = 100
#: Seconds for each question.
TIMEOUT = 5.0


def unproved(cluster: Compiled) -> str:
    """Return why the solver is not asked of a cluster; empty where it is."""
    if len(cluster.snapshot.policies) > MOST_POLICIES:
        return f"more than {MOST_POLICIES} policies: what is redundant or shadowed was not looked for"
    return "several networks: what is redundant or shadowed was not looked for" if cluster.snapshot.networks else ""


def proved(facts: Facts) -> Iterator[Finding]:
    """Yield what could be deleted, what decides nothing, and what is contradicted."""
    snapshot = facts.cluster.snapshot
    if not snapshot.policies or unproved(facts.cluster):
        return
    prover = Prover(facts.cluster, Scope(timeout=TIMEOUT))
    for remark in prover.redundant().remarks:
        if facts.meant(remark.part.policy.subject):  # what selects nobody is told already
            yield _about(remark, "redundant", "could be deleted: nothing would change for any pod")
    ordered = [p for p in snapshot.policies if p.tier in (Tier.ADMIN, Tier.BASELINE)]
    if ordered:
        for remark in prover.shadowed().remarks:
            if remark.part.policy.tier is not Tier.NETWORK_POLICY:
                yield _about(remark, "shadowed", "decides nothing: others always do before it")
    if any(rule.action is Action.DENY for policy in ordered for rule in policy.rules):
        for remark in prover.contradicted().remarks:
            if not remark.exception:  # to allow a part and to deny the rest is how these policies are written
                other = remark.other.name if remark.other else ""
                yield _about(remark, "contradictory", f"denies what {other} allows before it")


def _about(remark: Remark, check: str, message: str) -> Finding:
    policy, rule = remark.part.policy, remark.part.rule
    if rule is not None:
        return of_rule(check, policy, rule, message)
    return finding(check, about=f"{policy.kind} {policy}", place=policy.place, message=message)
