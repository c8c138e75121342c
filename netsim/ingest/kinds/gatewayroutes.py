"""The routes of the Gateway API: HTTPRoute, GRPCRoute, TLSRoute, TCPRoute, UDPRoute."""

from collections.abc import Callable, Iterator

from netsim.ingest.document import Path
from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import Metadata
from netsim.ingest.kinds.ports import check_port_number
from netsim.ingest.schema import Model
from netsim.ingest.validation import address, dns_label, dns_subdomain
from netsim.ir.entries import Backend, Entry, Parent
from netsim.ir.traffic import Protocol


class ParentRef(Model, frozen=True):
    """What a route wants to be attached to; a Gateway, unless it says otherwise."""

    group: str | None = None
    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    section_name: str | None = None
    port: int | None = None


class Target(Model, frozen=True):
    """Where to forward to; a Service, unless it says otherwise."""

    group: str | None = None
    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    port: int | None = None
    weight: int | None = None


class Mirror(Model, frozen=True):
    """A copy of each request goes there, too."""

    backend_ref: Target | None = None


class Filter(Model, frozen=True):
    """What to do with a request; mirroring is all that opens connections."""

    request_mirror: Mirror | None = None


class BackendRef(Target, frozen=True):
    """A target with filters of its own."""

    filters: list[Filter | None] | None = None


class RouteRule(Model, frozen=True):
    """What to do with some of the requests."""

    backend_refs: list[BackendRef | None] | None = None
    filters: list[Filter | None] | None = None


class RouteSpec(Model, frozen=True):
    """The spec of a route of any kind."""

    parent_refs: list[ParentRef | None] | None = None
    hostnames: list[str | None] | None = None
    rules: list[RouteRule | None] | None = None


class WrittenRoute(Model, frozen=True):
    """A route, as far as it is read."""

    metadata: Metadata | None = None
    spec: RouteSpec | None = None


GROUP = "gateway.networking.k8s.io"
_NO_SPEC, _NO_PARENT = RouteSpec(), ParentRef()
_MOST_WEIGHT = 1_000_000


def _check(route: WrittenRoute, reading: Reading) -> None:
    spec = route.spec or _NO_SPEC
    for index, each in enumerate(spec.parent_refs or ()):
        parent, at = each or _NO_PARENT, ("spec", "parentRefs", index)
        _check_reference(parent.name, parent.namespace, at, reading)
        if parent.port is not None:
            check_port_number(parent.port, (*at, "port"), reading)
    for index, host in enumerate(spec.hostnames or ()):
        check_host(host or "", ("spec", "hostnames", index), reading)
    for target, path in _targets(spec):
        _check_target(target, path, reading)


def check_host(text: str, path: Path, reading: Reading) -> None:
    """Note what is wrong with the name that a listener or a route is for; nothing where there is none."""
    if address(text) is not None:
        reading.refuse("NS109", path, f'"{text}" is an address, and must be a DNS name')
    elif text and (wrong := dns_subdomain(text.removeprefix("*."))):
        reading.refuse("NS109", path, f'"{text}" {wrong}')


def _check_reference(name: str | None, namespace: str | None, path: Path, reading: Reading) -> None:
    if not name:
        reading.refuse("NS108", (*path, "name"), "is required")
    if namespace and (wrong := dns_label(namespace)):
        reading.refuse("NS109", (*path, "namespace"), f'"{namespace}" {wrong}')


def _check_target(target: Target, path: Path, reading: Reading) -> None:
    _check_reference(target.name, target.namespace, path, reading)
    if target.port is None and _is_service(target):
        reading.refuse("NS108", (*path, "port"), "is required of a Service")
    if target.port is not None:
        check_port_number(target.port, (*path, "port"), reading)
    if target.weight is not None and not 0 <= target.weight <= _MOST_WEIGHT:
        reading.refuse("NS123", (*path, "weight"), f"{target.weight} is not between 0 and {_MOST_WEIGHT}")


def _is_service(target: Target) -> bool:
    return not target.group and target.kind in (None, "Service")


def _targets(spec: RouteSpec) -> Iterator[tuple[Target, Path]]:
    for index, rule in enumerate(spec.rules or ()):
        if rule:
            at: Path = ("spec", "rules", index)
            yield from _mirrors(rule.filters, at)
            for number, each in enumerate(rule.backend_refs or ()):
                if each:
                    yield each, (*at, "backendRefs", number)
                    yield from _mirrors(each.filters, (*at, "backendRefs", number))


def _mirrors(filters: list[Filter | None] | None, path: Path) -> Iterator[tuple[Target, Path]]:
    for index, each in enumerate(filters or ()):
        if each and each.request_mirror:
            yield each.request_mirror.backend_ref or Target(), (*path, "filters", index, "requestMirror", "backendRef")


def _reader(protocol: Protocol) -> Callable[[WrittenRoute, Reading], Entry]:
    def read(route: WrittenRoute, reading: Reading) -> Entry:
        spec = route.spec or _NO_SPEC
        return Entry(
            kind=reading.kind,
            namespace=reading.namespace,
            name=reading.name,
            backends=tuple(_backends(spec, protocol, reading)),
            parents=tuple(_parents(spec, reading)),
            hosts=tuple(host for host in spec.hostnames or () if host),
            place=reading.place(),
        )

    return read


def _backends(spec: RouteSpec, protocol: Protocol, reading: Reading) -> Iterator[Backend]:
    idle = [path for target, path in _targets(spec) if target.weight == 0]
    for target, path in _targets(spec):
        if any(path[: len(at)] == at for at in idle):  # it takes no request, so that none is mirrored either
            continue
        if not _is_service(target):
            reading.warn(path, f"leads to a {target.kind}, which is no Service: what enters there is not known")
            continue
        yield Backend(
            namespace=target.namespace or reading.namespace,
            name=target.name or "",
            port=target.port,
            protocol=protocol,
            place=reading.place(*path),
        )


def _parents(spec: RouteSpec, reading: Reading) -> Iterator[Parent]:
    for index, parent in enumerate(spec.parent_refs or ()):
        if parent is None:
            continue
        at: Path = ("spec", "parentRefs", index)
        if parent.group in (None, GROUP) and parent.kind in (None, "Gateway"):
            yield Parent(
                namespace=parent.namespace or reading.namespace,
                name=parent.name or "",
                section=parent.section_name or None,
                port=parent.port,
                place=reading.place(*at),
            )
        elif parent.kind != "Service":  # attached to a Service, a route is for the mesh: no way in
            reading.warn(at, f"attaches it to a {parent.kind}, which is not modelled: what enters there is not listed")


def _kind(name: str, *served: str, protocol: Protocol = Protocol.TCP) -> Kind[WrittenRoute]:
    first, *others = (f"{GROUP}/{version}" for version in served)
    return Kind(
        api_versions=(first,),
        also_served=tuple(others),
        name=name,
        naming=dns_subdomain,
        model=WrittenRoute,
        check=_check,
        read=_reader(protocol),
    )


GATEWAY_ROUTES = (
    _kind("HTTPRoute", "v1", "v1beta1"),
    _kind("GRPCRoute", "v1", "v1alpha2"),
    _kind("TLSRoute", "v1", "v1alpha3", "v1alpha2"),
    _kind("TCPRoute", "v1", "v1alpha2"),
    _kind("UDPRoute", "v1", "v1alpha2", protocol=Protocol.UDP),
)
