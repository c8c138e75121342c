"""Pod."""

import msgspec

from netsim.ingest.kinds.attachments import attachments
from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import Metadata, OwnerReference, texts
from netsim.ingest.kinds.podspec import NO_SPEC, PodSpec, check_spec, container_ports
from netsim.ingest.schema import Model
from netsim.ingest.validation import address, dns_subdomain
from netsim.ir.objects import Address, Pod, Workload


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


_NO_STATUS = PodStatus()
_FINISHED = frozenset({"Failed", "Succeeded"})


def controller_of(owners: list[OwnerReference | None] | None, namespace: str) -> Workload | None:
    """Return the controlling owner; a reference without kind counts as a Pod.

    A node owns its static pods, which are no replicas of each other: they have no workload but themselves.
    """
    for owner in owners or ():
        if owner and owner.controller and owner.name and owner.kind != "Node":
            return Workload(namespace, owner.name, owner.kind or "Pod")
    return None


def _check(pod: WrittenPod, reading: Reading) -> None:
    check_spec(pod.spec or NO_SPEC, ("spec",), reading)
    for index, text in enumerate(_ips(pod.status)):
        if address(text) is None:
            field = ("podIPs", index, "ip") if pod.status and pod.status.pod_ips else ("podIP",)
            reading.refuse("NS116", ("status", *field), f'"{text}" is no address')


def _ips(status: PodStatus | None) -> list[str]:
    if status is None:
        return []
    listed = [each.ip for each in status.pod_ips or () if each and each.ip]
    return listed or ([status.pod_ip] if status.pod_ip else [])


def _read(pod: WrittenPod, reading: Reading) -> Pod:
    metadata, spec, status = pod.metadata or Metadata(), pod.spec or NO_SPEC, pod.status or _NO_STATUS
    owner = controller_of(metadata.owner_references, reading.namespace) if metadata.owner_references else None
    return Pod(
        namespace=reading.namespace,
        name=reading.name,
        labels=texts(metadata.labels),
        workload=owner or Workload(reading.namespace, reading.name, "Pod"),
        ports=container_ports(spec),
        addresses=_addresses(status),
        attachments=attachments(metadata.annotations, ("metadata", "annotations"), reading),
        node=spec.node_name or None,
        host_network=bool(spec.host_network),
        finished=status.phase in _FINISHED,
        place=reading.place(),
    )


def _addresses(status: PodStatus) -> tuple[Address, ...]:
    return tuple(found for text in _ips(status) if (found := address(text)) is not None)


POD = Kind(api_versions=("v1",), name="Pod", naming=dns_subdomain, model=WrittenPod, check=_check, read=_read)
