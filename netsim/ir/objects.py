"""The objects of a cluster, as far as netsim reads them."""

from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from netsim.ir.labels import Labels
from netsim.ir.place import Place
from netsim.ir.traffic import Protocol

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Family(IntEnum):
    """The address family of a connection (S2.11); the value is the IP version."""

    IPV4 = 4
    IPV6 = 6

    __hash__ = int.__hash__  # as for Protocol: an enum's own hash is a Python call

    def __str__(self) -> str:
        return f"IPv{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """A namespace; ``labels`` always holds ``kubernetes.io/metadata.name`` (S2.5).

    ``declared`` is false for one that is only named by other objects.
    """

    name: str
    labels: Labels
    declared: bool = True
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node; ``addresses`` are those of ``status.addresses`` that are addresses, not names."""

    name: str
    labels: Labels
    addresses: tuple[Address, ...]
    place: Place


@dataclass(frozen=True, slots=True, order=True)
class Workload:
    """What pods are counted under: their controller, or the pod itself where it has none."""

    namespace: str
    name: str
    kind: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}[{self.kind}]"


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A declared port: a name for a number, never an opening (S2.7)."""

    name: str | None
    protocol: Protocol
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod, or the pods that a workload's template would make where the input holds none of them.

    ``ports`` are those of containers and of native sidecars (S2.8).
    ``addresses`` is empty while none is assigned, and for a template.
    ``finished`` pods (Succeeded, Failed) have no network (S2.12).
    """

    namespace: str
    name: str
    labels: Labels
    workload: Workload
    ports: tuple[ContainerPort, ...] = ()
    addresses: tuple[Address, ...] = ()
    node: str | None = None
    host_network: bool = False
    finished: bool = False
    template: bool = False
    place: Place

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePort:
    """One port of a Service; ``target`` is a number or a container port's name."""

    name: str | None
    protocol: Protocol
    port: int
    target: int | str
    node_port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A Service; ``selector`` is None where it has none (its endpoints are then somebody else's work)."""

    namespace: str
    name: str
    type: str
    selector: Labels | None
    ports: tuple[ServicePort, ...]
    cluster_ips: tuple[str, ...] = ()
    place: Place
