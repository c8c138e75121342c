"""Figures of reachability and of attacks for a monitoring system; namespaces and kinds are the only labels."""

from collections import Counter
from collections.abc import Mapping

from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.graph.vertices import kind_of
from netsim.ir.policy import Direction
from netsim.queries.blast import blast
from netsim.queries.coverage import coverage
from netsim.queries.gaps.facts import Facts
from netsim.queries.networks import reach

#: A value for each set of labels.
Samples = Mapping[tuple[tuple[str, str], ...], float]


def unprotected(cluster: Compiled) -> Samples:
    """Return how many pods no policy holds back as to who connects to them, by namespace."""
    facts = Facts(cluster)
    held = facts.isolating[Direction.INGRESS]
    return {
        (("namespace", name),): float(sum(number not in held for number in numbers))
        for name, numbers in sorted(facts.by_namespace.items())
    }


def pairs(cluster: Compiled) -> Samples:
    """Return how many pairs of workloads may connect at all, by namespaces."""
    counted = Counter(
        (("from_namespace", source), ("to_namespace", destination))
        for each in reach(cluster)
        if each.traffic
        and (source := _namespace(each.source)) is not None
        and (destination := _namespace(each.destination)) is not None
    )
    return {labels: float(number) for labels, number in sorted(counted.items())}


def _namespace(peer: str) -> str | None:
    """Return the namespace of ``shop/web[Deployment]``; None of an address, a node or a controller."""
    namespace, slash, _ = peer.partition("/")
    return namespace if slash and peer.endswith("]") else None


def fallen(cluster: Compiled) -> Samples:
    """Return how much falls to who starts on the internet, by kind."""
    if not cluster.snapshot.pods:
        return {}
    counted = Counter(kind_of(each.vertex) for each in blast(cluster, "internet"))
    return {(("start", "internet"), ("kind", kind)): float(number) for kind, number in sorted(counted.items())}


def watched(cluster: Compiled) -> Samples:
    """Return which part of the attack steps that ask the API server leaves a trace; nothing without an audit policy."""
    try:
        found = coverage(cluster)
    except UsageError:  # there is no policy, or none that the API server takes: findings tell so
        return {}
    asked = len(found.asked)
    return {(("path", "all"),): 1 - len(found.unseen) / asked} if asked else {}
