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
    ``crown_jewel`` is whether its annotations say that all its pods are crown jewels.
    """

    name: str
    labels: Labels
    declared: bool = True
    crown_jewel: bool = False
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node.

    Attributes:
        addresses: Those of ``status.addresses`` that are addresses, not names.
        pod_blocks: Where pods of it have theirs, as far as that is known.
    """

    name: str
    labels: Labels
    addresses: tuple[Address, ...]
    pod_blocks: tuple[Network, ...] = ()
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
    """A declared port: a name for a number, never an opening (S2.7).

    ``host_port`` is the port of the node that leads to it, on every address of the node.
    """

    name: str | None
    protocol: Protocol
    number: int
    host_port: int | None = None


#: A definition of a network, by which pods name it: namespace, name.
Definition = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Attachment:
    """An interface of a pod beside the one on the pod network, and the addresses that are known of it.

    ``primary`` is true where it takes that one's place.
    """

    definition: Definition
    addresses: tuple[Address, ...] = ()
    primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod, or the pods that a workload's template would make where the input holds none of them.

    ``ports`` are those of containers and of native sidecars (S2.8).
    ``addresses`` is empty while none is assigned, and for a template.
    ``finished`` pods (Succeeded, Failed) have no network (S2.12).
    ``attachments`` are its interfaces on other networks.
    ``images`` are those of its containers, in the order written: they tell a renamed workload from another one.
    ``crown_jewel`` is whether its annotations, or those of what makes it, say that it is one.
    """

    namespace: str
    name: str
    labels: Labels
    workload: Workload
    images: tuple[str, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    addresses: tuple[Address, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    node: str | None = None
    host_network: bool = False
    finished: bool = False
    template: bool = False
    crown_jewel: bool = False
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
    """A Service.

    Attributes:
        selector: None where it has none: its endpoints are then somebody else's work.
        cluster_ips: Its own addresses; ``None`` is written in them for a headless one.
        families: Those that it has addresses of; empty where the input does not say.
        sources: The blocks that its load balancer lets in; empty: everybody.
        keeps_source: Whether pods see who connects, and not a node that passed the connection on.
        node_ports: Whether a load balancer reaches it by ports of the nodes, which are then open to others, too.
        external_name: The name that stands for it, of the type ExternalName.
    """

    namespace: str
    name: str
    type: str
    selector: Labels | None
    ports: tuple[ServicePort, ...]
    cluster_ips: tuple[str, ...] = ()
    families: frozenset[Family] = frozenset()
    external_ips: tuple[Address, ...] = ()
    sources: tuple[Network, ...] = ()
    keeps_source: bool = False
    node_ports: bool = True
    external_name: str | None = None
    place: Place

    @property
    def headless(self) -> bool:
        """Whether clients connect to its pods themselves: no port is translated."""
        return self.cluster_ips == ("None",)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"
