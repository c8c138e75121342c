"""Subjects and peers of the cluster-wide kinds: AdminNetworkPolicy and its kin (S3.1, S3.5)."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar

from netsim.ingest.document import Path
from netsim.ingest.kinds.cidrs import check_cidr, network
from netsim.ingest.kinds.kind import Reading
from netsim.ingest.kinds.selectors import LabelSelector, check_selector, selector
from netsim.ingest.schema import Closed, Growing
from netsim.ingest.validation import Rule, domain_pattern
from netsim.ir.labels import EVERYTHING
from netsim.ir.policy import AddressPeer, Direction, DomainPeer, NodePeer, Peer, PodPeer


class NamespacedPods(Closed, frozen=True):
    """Pods by label, in namespaces by label."""

    renamed: ClassVar[Mapping[str, str]] = {"namespaces": "namespaceSelector", "pods": "podSelector"}

    namespace_selector: LabelSelector | None = None
    pod_selector: LabelSelector | None = None


class Subject(Closed, frozen=True):
    """The pods that a policy applies to."""

    renamed: ClassVar[Mapping[str, str]] = {"namespaceSelector": "namespaces", "podSelector": "pods"}

    namespaces: LabelSelector | None = None
    pods: NamespacedPods | None = None


class WrittenPeer(Growing, frozen=True):
    """One element of from or to."""

    renamed: ClassVar[Mapping[str, str]] = {
        "namespaceSelector": "namespaces",
        "podSelector": "pods",
        "nodeSelector": "nodes",
        "ipBlock": "networks",
        "cidr": "networks",
    }

    namespaces: LabelSelector | None = None
    pods: NamespacedPods | None = None
    nodes: LabelSelector | None = None
    networks: list[str | None] | None = None
    domain_names: list[str | None] | None = None


NO_PEER, _NO_SUBJECT = WrittenPeer(), Subject()
PEER_FIELD = {Direction.INGRESS: "from", Direction.EGRESS: "to"}
#: All that a peer of an ingress rule may have (S3.10).
PODS = ("namespaces", "pods")
#: The API's limit on the CIDRs, and on the names, of one peer.
_MOST_ADDRESSES = 25


def fields_of(peer: WrittenPeer) -> tuple[str, ...]:
    """Return the fields of a peer that are written."""
    written: dict[str, Any] = {
        "namespaces": peer.namespaces,
        "pods": peer.pods,
        "nodes": peer.nodes,
        "networks": peer.networks,
        "domainNames": peer.domain_names,
    }
    return tuple(name for name, value in written.items() if value is not None)


def check_subject(subject: Subject | None, required: Collection[str], reading: Reading) -> None:
    """Note what the API server would refuse of a subject: it is by namespaces, or by pods.

    Args:
        required: The selectors that pods need.
    """
    path: Path = ("spec", "subject")
    subject = subject or _NO_SUBJECT
    if (subject.namespaces is None) == (subject.pods is None):
        says = "says nothing" if subject.pods is None else "has both namespaces and pods"
        hint = "keep one; write `namespaces: {}` to mean every pod of the cluster"
        reading.refuse("NS118", path, f"{says}: exactly one of namespaces and pods is required", hint=hint)
    check_selector(subject.namespaces, (*path, "namespaces"), reading)
    _check_pods(subject.pods, (*path, "pods"), required, reading)


def _check_pods(pods: NamespacedPods | None, path: Path, required: Collection[str], reading: Reading) -> None:
    """Note what is wrong with pods in namespaces: selectors that are required, though they may be empty (S3.1)."""
    if pods is None:
        return
    for field, written in (("namespaceSelector", pods.namespace_selector), ("podSelector", pods.pod_selector)):
        if written is None and field in required:
            reading.refuse("NS126", (*path, field), "is required", hint=f"write `{field}: {{}}` to mean all")
        check_selector(written, (*path, field), reading)


def read_subject(subject: Subject | None, reading: Reading) -> PodPeer:
    """Return the pods that a checked subject means."""
    subject = subject or _NO_SUBJECT
    return next(pods_of(subject.namespaces, subject.pods, ("spec", "subject"), reading))


def pods_of(
    namespaces: LabelSelector | None, pods: NamespacedPods | None, path: Path, reading: Reading
) -> Iterator[PodPeer]:
    """Yield the pods that namespaces, or pods in namespaces, mean; never those of the host network (S3.1)."""
    place = reading.place(*path)
    if namespaces is not None:
        yield PodPeer(namespaces=selector(namespaces), pods=EVERYTHING, host_network=False, place=place)
    if pods is not None:
        chosen, own = selector(pods.namespace_selector), selector(pods.pod_selector)
        yield PodPeer(namespaces=chosen, pods=own, host_network=False, place=place)


def check_peer(
    peer: WrittenPeer, path: Path, permitted: Collection[str], required: Collection[str], cidr: Rule, reading: Reading
) -> None:
    """Note what the API server would refuse of a peer: it has exactly one field (S3.5).

    Args:
        permitted: The fields that a peer of this kind and direction may have.
        required: The selectors that pods need.
        cidr: What its API says of a text that is a CIDR.
    """
    said = fields_of(peer)
    for field in said:
        if field not in permitted:
            hint = f"a peer here is one of {', '.join(permitted)}"
            reading.refuse("NS106", (*path, field), f"is no peer of a {reading.kind} in this direction", hint=hint)
    newer = reading.newer_within(path)
    if not said and not newer:
        message = f"says nothing: one of {', '.join(permitted)} is required"
        reading.refuse("NS118", path, message, hint="write `namespaces: {}` to mean every pod of the cluster")
    names = [*said, *(str(each[len(path)]) for each in newer)]
    if len(names) > 1:
        hint = "write them as elements of their own: elements are ORed"
        reading.refuse("NS118", path, f"has {' and '.join(names)}, and may have one field", hint=hint)
    check_selector(peer.namespaces, (*path, "namespaces"), reading)
    _check_pods(peer.pods, (*path, "pods"), required, reading)
    check_selector(peer.nodes, (*path, "nodes"), reading)
    _check_networks(peer.networks, (*path, "networks"), cidr, reading)
    _check_names(peer.domain_names, (*path, "domainNames"), reading)


def _check_networks(networks: list[str | None] | None, path: Path, cidr: Rule, reading: Reading) -> None:
    _check_set(networks, path, reading)
    for index, text in enumerate(networks or ()):
        found = check_cidr(text or "", (*path, index), reading)
        if found and text and (wrong := cidr(text)):
            reading.refuse("NS116", (*path, index), f'"{text}" {wrong}', hint=f"write {found}")


def _check_names(names: list[str | None] | None, path: Path, reading: Reading) -> None:
    _check_set(names, path, reading)
    for index, name in enumerate(names or ()):
        if wrong := domain_pattern(name or ""):
            reading.refuse("NS124", (*path, index), f'"{name or ""}" {wrong}', hint=_name_hint(name or ""))


def _name_hint(name: str) -> str:
    if "://" in name:
        return "write the host alone, without `https://` and path"
    return "`*.example.com` means every name below example.com" if "*" in name else ""


def _check_set(values: list[str | None] | None, path: Path, reading: Reading) -> None:
    """Note an empty list, and values that stand in it twice; warn of one that is too long (S7)."""
    if values is None:
        return
    if not values:
        reading.refuse("NS118", path, "is empty: at least one is required", hint="drop the peer to mean nobody")
    for value, count in Counter(values).items():
        if count > 1:
            reading.refuse("NS120", path, f'names "{value or ""}" {count} times', hint="once is enough")
    warn_of_length(len(values), _MOST_ADDRESSES, path, reading)


def warn_of_length(count: int, most: int, path: Path, reading: Reading) -> None:
    """Warn of a list that is longer than the API server takes."""
    if count > most:
        reading.warn(path, f"has {count} entries, and the API server takes {most} at most")


def read_peer(peer: WrittenPeer, path: Path, reading: Reading) -> Iterator[Peer]:
    """Yield what a checked peer means: several where it lists networks or names, which are ORed."""
    yield from pods_of(peer.namespaces, peer.pods, path, reading)
    if peer.nodes is not None:
        yield NodePeer(nodes=selector(peer.nodes), place=reading.place(*path))
    for index, text in enumerate(peer.networks or ()):
        yield AddressPeer(block=network(text), place=reading.place(*path, "networks", index))
    for index, name in enumerate(peer.domain_names or ()):
        yield DomainPeer(name=name or "", place=reading.place(*path, "domainNames", index))
