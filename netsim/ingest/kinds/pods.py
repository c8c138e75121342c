"""Pod."""

from collections.abc import Hashable, Iterable
from functools import lru_cache

import msgspec

from netsim.ingest.kinds.attachments import asks_for_networks, attachments
from netsim.ingest.kinds.kind import Kind, Reading, Replicas
from netsim.ingest.kinds.metadata import (
    Metadata,
    OwnerReference,
    crown_jewel,
    fine_labels,
    has_fine_names,
    texts,
)
from netsim.ingest.kinds.podspec import NO_SPEC, PodSpec, check_spec, container_images, container_ports
from netsim.ingest.schema import Model
from netsim.ingest.validation import address, dns_subdomain
from netsim.ir.labels import Labels
from netsim.ir.objects import Address, Attachment, ContainerPort, Pod, Workload


class PodIP(Model, frozen=True):
    """One address of a pod."""

    ip: str | None = None


class PodStatus(Model, frozen=True):
    """Where the pod is, on the network and in its life."""

    phase: str | None = None
    pod_ip: str | None = msgspec.field(default=None, name="podIP")
    pod_ips: list[PodIP | None] | None = msgspec.field(default=None, name="podIPs")


class WrittenPod(Model, frozen=True):
    """A pod, as far as it is read."""

    metadata: Metadata | None = None
    spec: PodSpec | None = None
    status: PodStatus | None = None


_NO_METADATA, _NO_STATUS = Metadata(), PodStatus()
_FINISHED = frozenset({"Failed", "Succeeded"})


def controller_of(owners: Iterable[OwnerReference | None] | None, namespace: str) -> Workload | None:
    """Return the controlling owner; a reference without kind counts as a Pod.

    A node owns its static pods, which are no replicas of each other: they have no workload but themselves.
    """
    for owner in owners or ():
        if owner and owner.controller and owner.name and owner.kind != "Node":
            return _workload(namespace, owner.name, owner.kind or "Pod")
    return None


@lru_cache(maxsize=2**12)
def _workload(namespace: str, name: str, kind: str) -> Workload:
    return Workload(namespace, name, kind)


def _check(pod: WrittenPod, reading: Reading) -> None:
    check_spec(pod.spec or NO_SPEC, ("spec",), reading)
    for index, text in enumerate(_ips(pod.status)):
        if address(text) is None:
            field = ("podIPs", index, "ip") if pod.status and pod.status.pod_ips else ("podIP",)
            reading.refuse("NS116", ("status", *field), f'"{text}" is no address')


def _ips(status: PodStatus | None) -> list[str]:
    if status is None:
        return []
    listed = [each.ip for each in status.pod_ips if each and each.ip] if status.pod_ips else None
    return listed or ([status.pod_ip] if status.pod_ip else [])


def _read(pod: WrittenPod, reading: Reading) -> Pod:
    metadata = pod.metadata or _NO_METADATA
    attached = attachments(metadata.annotations, ("metadata", "annotations"), reading)
    addresses = tuple(found for text in _ips(pod.status) if (found := address(text)) is not None)
    spec = pod.spec or NO_SPEC
    return _pod(
        pod, reading, texts(metadata.labels), (container_images(spec), container_ports(spec)), addresses, attached
    )


def _likeness(pod: WrittenPod) -> Hashable:
    spec = pod.spec or NO_SPEC
    # What annotations say is the pod's own, as long as they ask for no network.
    annotations = tuple(pod.metadata.annotations or ()) if pod.metadata else ()
    return annotations, spec.containers, spec.init_containers


def _copy(like: Pod, pod: WrittenPod, reading: Reading) -> Pod | None:
    metadata, spec = pod.metadata or _NO_METADATA, pod.spec or NO_SPEC
    labels = fine_labels(metadata.labels)
    addresses = [found for text in _ips(pod.status) if (found := address(text))]
    if (
        labels is None
        or len(addresses) < len(_ips(pod.status))
        or not has_fine_names(metadata, dns_subdomain, reading.namespace)
        or (spec.node_name and dns_subdomain(spec.node_name))
        or (metadata.annotations and asks_for_networks(metadata.annotations))
    ):
        return None
    return _pod(pod, reading, labels, (like.images, like.ports), tuple(addresses), ())


def _pod(
    pod: WrittenPod,
    reading: Reading,
    labels: Labels,
    containers: tuple[tuple[str, ...], tuple[ContainerPort, ...]],
    addresses: tuple[Address, ...],
    attached: tuple[Attachment, ...],
) -> Pod:
    metadata, spec, status = pod.metadata or _NO_METADATA, pod.spec or NO_SPEC, pod.status or _NO_STATUS
    owner = controller_of(metadata.owner_references, reading.namespace) if metadata.owner_references else None
    return Pod(
        namespace=reading.namespace,
        name=reading.name,
        labels=labels,
        workload=owner or Workload(reading.namespace, reading.name, "Pod"),
        images=containers[0],
        ports=containers[1],
        addresses=addresses,
        attachments=attached,
        node=spec.node_name or None,
        host_network=bool(spec.host_network),
        finished=status.phase in _FINISHED,
        crown_jewel=crown_jewel(metadata, ("metadata",), reading),
        place=reading.place(),
    )


POD = Kind(
    api_versions=("v1",),
    name="Pod",
    naming=dns_subdomain,
    model=WrittenPod,
    check=_check,
    read=_read,
    replicas=Replicas(likeness=_likeness, copy=_copy),
)
