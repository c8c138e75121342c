"""A pod's spec, as pods and the templates of workloads have it: containers, their ports, the network it is on."""

from collections.abc import Iterable
from functools import lru_cache
from sys import intern

import msgspec

from netsim.ingest.document import Path
from netsim.ingest.kinds.kind import Reading
from netsim.ingest.kinds.ports import check_port_name, check_port_number
from netsim.ingest.schema import Model
from netsim.ingest.validation import PROTOCOLS, address, dns_subdomain
from netsim.ir.objects import ContainerPort
from netsim.ir.traffic import Protocol


class WrittenPort(Model, frozen=True):
    """One element of a container's ports."""

    container_port: int | None = None
    host_port: int | None = None
    host_ip: str | None = msgspec.field(default=None, name="hostIP")
    name: str | None = None
    protocol: str | None = None


class Container(Model, frozen=True):
    """A container or an init container; the latter is a native sidecar if its ``restartPolicy`` is Always."""

    siblings = frozenset({"restartPolicyRules"})

    name: str | None = None
    image: str | None = None
    ports: tuple[WrittenPort | None, ...] | None = None
    restart_policy: str | None = None


class PodSpec(Model, frozen=True):
    """The spec of a pod; all of it can be hashed, because the replicas of a workload are told by their equal specs."""

    containers: tuple[Container | None, ...] | None = None
    init_containers: tuple[Container | None, ...] | None = None
    host_network: bool | None = None
    node_name: str | None = None


#: What a container of its own may say of restarts since Kubernetes 1.34 (KEP-5307); before, an init container Always.
RESTARTS = ("Always", "OnFailure", "Never")

NO_SPEC = PodSpec()
_NO_PORT = WrittenPort()


def container_ports(spec: PodSpec) -> tuple[ContainerPort, ...]:
    """Return the declared ports of containers and of native sidecars (S2.8), in the order written."""
    containers = spec.containers or ()
    if spec.init_containers:
        containers += tuple(each for each in spec.init_containers if each and each.restart_policy == "Always")
    return tuple(
        [
            _port(each.name or None, each.protocol or "TCP", each.container_port, _host_port(each))
            for container in containers
            if container
            for each in container.ports or ()
            if each and each.container_port
        ]
    )


def container_images(spec: PodSpec) -> tuple[str, ...]:
    """Return the images of the containers, in the order written; the many pods of one image share its name."""
    return tuple([intern(each.image) for each in spec.containers or () if each and each.image])


@lru_cache(maxsize=2**14)
def _port(name: str | None, protocol: str, number: int, host_port: int | None) -> ContainerPort:
    return ContainerPort(name, Protocol(protocol), number, host_port)


def _host_port(port: WrittenPort) -> int | None:
    """Return the node's port that leads to the container's; None also where only the node itself may use it."""
    bound = address(port.host_ip) if port.host_ip else None
    return None if bound is not None and bound.is_loopback else port.host_port or None


def check_spec(spec: PodSpec, path: Path, reading: Reading) -> None:
    """Note what the API server would refuse of a pod's spec, as far as netsim reads it."""
    if not spec.containers:
        reading.refuse("NS108", (*path, "containers"), "is required: a pod has at least one container")
    if spec.node_name and (wrong := dns_subdomain(spec.node_name)):
        reading.refuse("NS109", (*path, "nodeName"), f'"{spec.node_name}" {wrong}')
    for index, container in enumerate(spec.containers or ()):
        if container:
            _check_container(container, (*path, "containers", index), reading)
    for index, container in enumerate(spec.init_containers or ()):
        if container:
            _check_container(container, (*path, "initContainers", index), reading)


def _check_container(container: Container, path: Path, reading: Reading) -> None:
    if container.restart_policy not in (None, *RESTARTS):
        message = f'"{container.restart_policy}" is none of {", ".join(RESTARTS)}'
        reading.refuse("NS123", (*path, "restartPolicy"), message)
    if container.ports:
        _check_ports(container.ports, (*path, "ports"), reading)


def _check_ports(ports: Iterable[WrittenPort | None], path: Path, reading: Reading) -> None:
    names: set[str] = set()
    for index, written in enumerate(ports):
        port, at = written or _NO_PORT, (*path, index)
        _check_port(port, at, reading)
        if port.name and port.name in names:
            hint = "name the ports of one container apart, also those of different protocols"
            reading.refuse("NS120", (*at, "name"), f'"{port.name}" names an earlier port of the container', hint=hint)
        names.add(port.name or "")


def _check_port(port: WrittenPort, path: Path, reading: Reading) -> None:
    if not port.container_port:
        reading.refuse("NS108", (*path, "containerPort"), "is required")
    else:
        check_port_number(port.container_port, (*path, "containerPort"), reading)
    if port.host_port:
        check_port_number(port.host_port, (*path, "hostPort"), reading)
    if port.host_ip and address(port.host_ip) is None:
        reading.refuse("NS116", (*path, "hostIP"), f'"{port.host_ip}" is no address')
    if port.name:
        check_port_name(port.name, (*path, "name"), reading)
    if port.protocol:
        check_protocol(port.protocol, path, reading)


def check_protocol(protocol: str, path: Path, reading: Reading) -> None:
    """Note a protocol that is none of the three."""
    if protocol in PROTOCOLS:
        return
    upper = protocol.strip().upper()
    hint = f"write {upper}" if upper in PROTOCOLS else "leave it out to mean TCP" if not protocol else ""
    reading.refuse("NS115", (*path, "protocol"), f'"{protocol}" is none of TCP, UDP, SCTP', hint=hint)
