"""Peers as users write them, as the ends of a claim about all pods that could exist, or about those that do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ingest.selectors import selectors
from netsim.ir.labels import EVERYTHING, Operator, Requirement, Selector, namespace_named
from netsim.ir.objects import Pod
from netsim.ir.profile import HostNetwork
from netsim.queries.outside import INTERNET
from netsim.queries.peers import Chosen, choose
from netsim.queries.proof import Over

if TYPE_CHECKING:  # z3 is imported on first use
    from netsim.smt.question import End


def ends(cluster: Compiled, peers: str | Sequence[str] | None, over: Over) -> tuple[End, ...]:
    """Return what peers mean as ends; every pod and every outside address where there is none.

    Raises:
        UsageError: A peer names nothing, or what no policy applies to.
    """
    from netsim.smt.question import Outside

    texts = [peers] if isinstance(peers, str) else list(peers or ())
    if not texts:
        return (*every_pod(cluster, over), Outside(INTERNET))
    return tuple(end for text in texts for end in _ends(cluster, text, over))


def every_pod(cluster: Compiled, over: Over) -> tuple[End, ...]:
    """Return every pod that is asked about."""
    from netsim.smt.question import Known, Pods

    if over is Over.ALL_PODS:
        return (Pods(),)
    pods = tuple(pod for pod in cluster.snapshot.pods if not pod.finished and not is_host(cluster, pod))
    return (Known(pods),) if pods else ()


def is_host(cluster: Compiled, pod: Pod) -> bool:
    """Return whether a pod counts as its node (S2.10)."""
    return pod.host_network and cluster.profile.host_network is HostNetwork.AS_NODE


def _ends(cluster: Compiled, text: str, over: Over) -> Iterable[End]:
    from netsim.smt.question import Known, Outside, Pods

    text = text.strip()
    if over is Over.ALL_PODS:
        if text.startswith(("ns:", "pod:")):
            spaces, pods = selectors(text)
            return [Pods(spaces=spaces, pods=pods)]
        namespace, slash, name = text.partition("/")
        if slash and name == "*" and namespace in cluster.snapshot.namespaces:
            return [Pods(spaces=namespace_named(namespace))]
        if text == "*/*":
            return [Pods()]
    chosen = choose(text, cluster)
    return [*([Known(_pods(cluster, text, chosen))] if chosen.endpoints else []), *_outside(chosen, Outside)]


def _outside(chosen: Chosen, made: type) -> list[End]:
    return [made(chosen.blocks)] if chosen.blocks else []


def _pods(cluster: Compiled, text: str, chosen: Chosen) -> tuple[Pod, ...]:
    found = []
    for number in chosen.endpoints:
        endpoint = cluster.program.endpoints[number]
        if not isinstance(endpoint, Pod) or is_host(cluster, endpoint):
            raise UsageError(
                f"`{text}` means {'a hostNetwork pod' if isinstance(endpoint, Pod) else 'a node'}, "
                "to which no policy applies",
                hint="`netsim query` and `netsim reach` answer for nodes",
            )
        found.append(endpoint)
    return tuple(found)


def alike(known: Iterable[End]) -> tuple[End, ...]:
    """Return ends with pods that exist as every pod of their labels in their namespaces: nothing tells them apart."""
    from netsim.smt.question import Known, Pods

    found: dict[End, None] = {}
    for end in known:
        if isinstance(end, Known):
            found.update((Pods(spaces=namespace_named(pod.namespace), pods=_labelled(pod)), None) for pod in end.pods)
        else:
            found[end] = None
    return tuple(found)


def _labelled(pod: Pod) -> Selector:
    if not pod.labels:
        return EVERYTHING
    return Selector.of(Requirement(key, Operator.IN, (value,)) for key, value in pod.labels.items())
