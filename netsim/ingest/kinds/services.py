"""Service."""

import msgspec

from netsim.ingest.document import Path
from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import Metadata, Texts, check_labels, texts
from netsim.ingest.kinds.podspec import check_protocol
from netsim.ingest.kinds.ports import check_port_name, check_port_number
from netsim.ingest.schema import Model
from netsim.ingest.validation import address, block, dns_1035_label, dns_label, dns_subdomain
from netsim.ir.objects import Family, Network, Service, ServicePort
from netsim.ir.traffic import Protocol


class WrittenPort(Model, frozen=True):
    """One port of a Service."""

    siblings = frozenset({"appProtocol"})

    name: str | None = None
    protocol: str | None = None
    port: int | None = None
    target_port: int | str | None = None
    node_port: int | None = None


class ServiceSpec(Model, frozen=True):
    """The spec of a Service."""

    siblings = frozenset({"internalTrafficPolicy", "ipFamilyPolicy", "loadBalancerIP", "loadBalancerClass"})

    type: str | None = None
    selector: Texts | None = None
    ports: list[WrittenPort | None] | None = None
    cluster_ip: str | None = msgspec.field(default=None, name="clusterIP")
    cluster_ips: list[str | None] | None = msgspec.field(default=None, name="clusterIPs")
    ip_families: list[str | None] | None = None
    external_ips: list[str | None] | None = msgspec.field(default=None, name="externalIPs")
    external_name: str | None = None
    external_traffic_policy: str | None = None
    load_balancer_source_ranges: list[str | None] | None = None
    allocate_load_balancer_node_ports: bool | None = None


class WrittenService(Model, frozen=True):
    """A Service, as far as it is read."""

    metadata: Metadata | None = None
    spec: ServiceSpec | None = None


_NO_SPEC, _NO_PORT = ServiceSpec(), WrittenPort()
_TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
_HEADLESS = "None"
#: What named the load balancer's sources before there was a field for them.
_SOURCES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_TRAFFIC_POLICIES = ("Cluster", "Local")
#: Types for which something must have an address of its own to come in by.
_WITH_OWN_ADDRESS = ("NodePort", "LoadBalancer")
_FAMILIES = {str(family): family for family in Family}
_KUBELET_PORT = 10250


def _check(service: WrittenService, reading: Reading) -> None:
    spec = service.spec or _NO_SPEC
    kind = spec.type or "ClusterIP"
    if kind not in _TYPES:
        reading.refuse("NS123", ("spec", "type"), f'"{kind}" is none of {", ".join(_TYPES)}')
    check_labels(spec.selector, ("spec", "selector"), reading)
    _check_addresses(spec, kind, reading)
    _check_ways_in(spec, kind, reading)
    if not spec.ports and kind != "ExternalName" and _HEADLESS not in _cluster_ips(spec):
        reading.refuse("NS108", ("spec", "ports"), "is required: only a headless Service has none")
    _check_ports(spec, kind, reading)


def _check_addresses(spec: ServiceSpec, kind: str, reading: Reading) -> None:
    for index, text in enumerate(_cluster_ips(spec)):
        if text != _HEADLESS and address(text) is None:
            at: Path = ("clusterIPs", index) if spec.cluster_ips else ("clusterIP",)
            reading.refuse("NS116", ("spec", *at), f'"{text}" is neither an address nor None')
    if spec.cluster_ip and spec.cluster_ips and spec.cluster_ip != spec.cluster_ips[0]:
        message = f'"{spec.cluster_ips[0] or ""}" is not `clusterIP` "{spec.cluster_ip}"'
        reading.refuse("NS123", ("spec", "clusterIPs", 0), message, hint="leave clusterIPs out")
    _check_own_address(spec, kind, reading)


def _check_own_address(spec: ServiceSpec, kind: str, reading: Reading) -> None:
    """Note families that are none, and an address of its own, or none, where the type does not go with it."""
    for index, family in enumerate(spec.ip_families or ()):
        if family not in _FAMILIES:
            reading.refuse(
                "NS123", ("spec", "ipFamilies", index), f'"{family or ""}" is none of {", ".join(_FAMILIES)}'
            )
    if kind in _WITH_OWN_ADDRESS and _HEADLESS in _cluster_ips(spec):
        message = f"is {_HEADLESS}: a headless Service can be no {kind}"
        reading.refuse("NS123", ("spec", "clusterIP"), message, hint="drop it, or make two Services")
    if kind == "ExternalName":
        if _cluster_ips(spec):
            reading.refuse("NS123", ("spec", "clusterIP"), "has no meaning where `type` is ExternalName")
        name = (spec.external_name or "").removesuffix(".")
        if not name:
            reading.refuse("NS108", ("spec", "externalName"), "is required where `type` is ExternalName")
        elif wrong := dns_subdomain(name):
            reading.refuse("NS109", ("spec", "externalName"), f'"{name}" {wrong}')


def _check_ways_in(spec: ServiceSpec, kind: str, reading: Reading) -> None:
    for index, text in enumerate(spec.external_ips or ()):
        found = address(text or "")
        if found is None or found.is_loopback or found.is_unspecified or found.is_link_local or found.is_multicast:
            reading.refuse("NS116", ("spec", "externalIPs", index), f'"{text or ""}" is no address of the network')
    for index, text in enumerate(spec.load_balancer_source_ranges or ()):
        if block((text or "").strip()) is None:
            reading.refuse("NS116", ("spec", "loadBalancerSourceRanges", index), f'"{text or ""}" is no CIDR')
    if spec.load_balancer_source_ranges and kind != "LoadBalancer":
        message = "has a meaning only where `type` is LoadBalancer"
        reading.refuse("NS123", ("spec", "loadBalancerSourceRanges"), message)
    if spec.allocate_load_balancer_node_ports is not None and kind != "LoadBalancer":
        message = "has a meaning only where `type` is LoadBalancer"
        reading.refuse("NS123", ("spec", "allocateLoadBalancerNodePorts"), message)
    policy = spec.external_traffic_policy
    if policy and policy not in _TRAFFIC_POLICIES:
        message = f'"{policy}" is none of {", ".join(_TRAFFIC_POLICIES)}'
        reading.refuse("NS123", ("spec", "externalTrafficPolicy"), message)
    elif policy and kind not in _WITH_OWN_ADDRESS and not (kind == "ClusterIP" and spec.external_ips):
        message = f"has no meaning where `type` is {kind}: nothing enters by the Service from outside"
        reading.refuse("NS123", ("spec", "externalTrafficPolicy"), message)


def _cluster_ips(spec: ServiceSpec) -> tuple[str, ...]:
    return tuple(text for text in spec.cluster_ips or (spec.cluster_ip,) if text)


def _check_ports(spec: ServiceSpec, kind: str, reading: Reading) -> None:
    names: set[str] = set()
    seen: set[tuple[str, int | None]] = set()
    on_nodes: set[tuple[str, int]] = set()
    for index, written in enumerate(spec.ports or ()):
        port, at = written or _NO_PORT, ("spec", "ports", index)
        _check_port(port, at, reading)
        _check_port_name(port, names, len(spec.ports or ()), at, reading)
        opened = (port.protocol or "TCP", port.port)
        if opened in seen:
            reading.refuse("NS120", at, f"opens {opened[0]} {opened[1]}, as an earlier port does")
        seen.add(opened)
        if port.node_port and (opened[0], port.node_port) in on_nodes:
            reading.refuse("NS120", (*at, "nodePort"), f"{port.node_port} is an earlier port's")
        on_nodes.add((opened[0], port.node_port or 0))
        _check_exposure(port, kind, at, reading)


def _check_port(port: WrittenPort, path: Path, reading: Reading) -> None:
    check_port_number(port.port or 0, (*path, "port"), reading)
    check_protocol(port.protocol or "TCP", path, reading)
    target = port.target_port or port.port or 0
    if isinstance(target, int):
        check_port_number(target, (*path, "targetPort"), reading)
    else:
        check_port_name(target, (*path, "targetPort"), reading)


def _check_port_name(port: WrittenPort, names: set[str], count: int, path: Path, reading: Reading) -> None:
    name = port.name or ""
    if not name and count > 1:
        reading.refuse("NS120", (*path, "name"), "is required to tell the ports of a Service with several apart")
    if name and (wrong := dns_label(name)):
        hint = "write lower-case letters, digits and `-`, such as http"
        reading.refuse("NS113", (*path, "name"), f'"{name}" {wrong}', hint=hint)
    if name and name in names:
        reading.refuse("NS120", (*path, "name"), f'"{name}" names an earlier port')
    names.add(name)


def _check_exposure(port: WrittenPort, kind: str, path: Path, reading: Reading) -> None:
    if kind == "ClusterIP" and port.node_port:
        message = f"{port.node_port} has no meaning where `type` is ClusterIP"
        reading.refuse("NS113", (*path, "nodePort"), message, hint="drop it, or make the Service a NodePort")
    if kind == "LoadBalancer" and port.port == _KUBELET_PORT:
        message = f"{_KUBELET_PORT} is the kubelet's, which no load balancer may expose"
        reading.refuse("NS113", (*path, "port"), message, hint="write another port; targetPort may stay as it is")


def _read(service: WrittenService, reading: Reading) -> Service:
    spec = service.spec or _NO_SPEC
    return Service(
        namespace=reading.namespace,
        name=reading.name,
        type=spec.type or "ClusterIP",
        selector=texts(spec.selector) if spec.selector else None,
        ports=tuple(_port(each) for each in spec.ports or () if each),
        cluster_ips=_cluster_ips(spec),
        families=_families(spec),
        external_ips=tuple(found for text in spec.external_ips or () if (found := address(text or "")) is not None),
        sources=_sources(service, spec),
        keeps_source=spec.external_traffic_policy == "Local",
        node_ports=spec.allocate_load_balancer_node_ports is not False,
        external_name=spec.external_name if spec.type == "ExternalName" else None,
        place=reading.place(),
    )


def _families(spec: ServiceSpec) -> frozenset[Family]:
    said = {_FAMILIES[each] for each in spec.ip_families or () if each}
    found = (address(text) for text in _cluster_ips(spec))
    return frozenset(said or {Family(each.version) for each in found if each is not None})


def _sources(service: WrittenService, spec: ServiceSpec) -> tuple[Network, ...]:
    annotations = (service.metadata.annotations if service.metadata else None) or {}
    written = spec.load_balancer_source_ranges or (annotations.get(_SOURCES) or "").split(",")
    return tuple(found for text in written if (found := block((text or "").strip())) is not None)


def _port(written: WrittenPort) -> ServicePort:
    port = written.port or 0
    return ServicePort(
        name=written.name or None,
        protocol=Protocol(written.protocol or "TCP"),
        port=port,
        target=written.target_port or port,
        node_port=written.node_port or None,
    )


SERVICE = Kind(
    api_versions=("v1",), name="Service", naming=dns_1035_label, model=WrittenService, check=_check, read=_read
)
