"""The smallest change of NetworkPolicies that makes intents hold, proved by asking again of what it would be read as.

Offered is only what has been proved: with the manifests as they would be read, every intent holds, and of every
connection between endpoints that exist nothing has changed but what the intents ask for.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from netsim.cluster import Compiled
from netsim.errors import InternalError, UsageError
from netsim.ingest.edits import with_policy
from netsim.ir.intents import Intent
from netsim.ir.objects import Network
from netsim.ir.place import NOWHERE
from netsim.ir.policy import Direction, Policy, Rule, Tier
from netsim.ir.snapshot import Notice
from netsim.queries.answer import assumptions_of, warnings_of
from netsim.queries.fix.answer import Edited, Fix, Outcome
from netsim.queries.fix.edits import Edit, document, edited
from netsim.queries.fix.search import Search
from netsim.queries.gaps.sides import DNS_LABELS
from netsim.queries.intents import Check, check

__all__ = ["Edited", "Fix", "Outcome", "fix"]


def fix(cluster: Compiled, intents: Sequence[Intent], pod_blocks: tuple[Network, ...] = ()) -> Fix:
    """Return the smallest change of NetworkPolicies after which intents hold.

    Args:
        pod_blocks: Where pods have addresses: rules for outside addresses leave them out.

    Raises:
        UsageError: Nothing is asked, or the input has several networks.
    """
    if not intents:
        raise UsageError("there is nothing to fix", hint="name an intent file: --intent FILE")
    if cluster.snapshot.networks:
        raise UsageError("the input has several networks, of which none is fixed", hint="leave networks out")
    before = check(cluster, intents)
    told: dict[str, Any] = {
        "before": before,
        "assumptions": (*assumptions_of(cluster), *_assumed(pod_blocks)),
        "warnings": warnings_of(cluster),
    }
    if before:
        return Fix(outcome=Outcome.NOTHING, **told)
    search = Search(cluster, intents, pod_blocks)
    found = search.found()
    if found.conflict is not None:
        names = tuple(intents[number].name for number in found.conflict.intents)
        return Fix(
            outcome=Outcome.CONFLICT,
            conflict=names,
            flows=found.conflict.flows,
            kept=found.conflict.kept,
            by=found.conflict.by,
            **told,
        )
    if found.edits == ():
        names = tuple(each.name for each in before if not each.holds)
        return Fix(outcome=Outcome.NOT_FOUND, reason=_NO_CONNECTION, blamed=names, **told)
    if not found.edits:
        blamed = tuple(intents[number].name for number in found.blamed)
        return Fix(outcome=Outcome.NOT_FOUND, reason=found.reason or _NOT_THESE, blamed=blamed, **told)
    changes = _documents(cluster, found.edits)
    after = _proved(cluster, intents, changes, search)
    if not after:
        names = tuple(each.name for each in after if not each.holds)
        return Fix(outcome=Outcome.NOT_FOUND, reason=_NOT_THESE, blamed=names, **told)
    told["warnings"] = (*_without_dns(cluster, changes), *told["warnings"])
    return Fix(outcome=Outcome.FIXED, after=after, edits=changes, **told)


_NO_CONNECTION = "no connection that exists is otherwise than is wanted: it is about none, or about pods that could be"
_NOT_THESE = "no edit of these kinds does it"


def _assumed(pod_blocks: Iterable[Network]) -> tuple[str, ...]:
    listed = ", ".join(map(str, pod_blocks))
    where = f"pods have addresses in {listed}: of outside addresses there nothing is kept" if listed else ""
    return tuple(
        filter(None, ("what is kept is what endpoints of the input may open to each other and outside", where))
    )


def _without_dns(cluster: Compiled, changes: Iterable[Edited]) -> Iterator[Notice]:
    """Yield that a new policy for egress may keep pods from asking names, where who answers is not in the input."""
    if any(pod.labels.get(key) in names for pod in cluster.snapshot.pods for key, names in DNS_LABELS):
        return
    for change in changes:
        if change.new and Direction.EGRESS in change.policy.isolates:
            told = "the input holds no pods of the cluster's DNS: allow it port 53 by hand, or add them to the input"
            yield Notice(f"NetworkPolicy {change.policy} is new and limits egress: {told}", None)


def _documents(cluster: Compiled, edits: Sequence[Edit]) -> tuple[Edited, ...]:
    known = {str(policy): policy for policy in cluster.snapshot.policies if policy.tier is Tier.NETWORK_POLICY}
    found = []
    for name, policy in edited(cluster.snapshot.policies, edits).items():
        old = known.get(name)
        written = _written(cluster, policy) if old is not None else None
        before = old.rules if old is not None else ()
        found.append(
            Edited(
                policy=policy,
                document=document(policy, written),
                written=written or (document(old, None) if old is not None else None),
                added=_without(policy.rules, before),
                removed=_without(before, policy.rules),
                place=old.place if old is not None else NOWHERE,
            )
        )
    return tuple(found)


def _without(rules: Iterable[Rule], others: Sequence[Rule]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule not in others)


def _written(cluster: Compiled, policy: Policy) -> Mapping[str, Any] | None:
    """Return a policy as it was written, where the input's objects were kept whole."""
    for each in cluster.manifests:
        if (each.kind, each.namespace or "default", each.name) == (policy.kind, policy.namespace, policy.name):
            return each.body
    return None


def _proved(cluster: Compiled, intents: Sequence[Intent], changes: Iterable[Edited], search: Search) -> Check:
    """Return what is said of the intents once the manifests are read.

    Raises:
        InternalError: They are read otherwise than was meant: something else changes.
    """
    snapshot = cluster.snapshot
    for change in changes:
        snapshot = with_policy(snapshot, change.document)
    read = Compiled(snapshot, cluster.profile)
    for pair, lacking, beyond in search.differs(read):
        raise InternalError(f"{pair.source} -> {pair.destination}: the fix lacks {lacking}, and lets {beyond} through")
    return check(read, intents)
