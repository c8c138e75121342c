"""Gateway, GatewayClass and ReferenceGrant of the Gateway API."""

from netsim.ingest.document import Path
from netsim.ingest.kinds.gatewayroutes import GROUP, check_host
from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import Metadata
from netsim.ingest.kinds.ports import check_port_number
from netsim.ingest.kinds.selectors import LabelSelector, check_selector, selector
from netsim.ingest.schema import Model
from netsim.ingest.validation import dns_subdomain
from netsim.ir.entries import ControllerClass, Gateway, Listener, ReferenceGrant
from netsim.ir.labels import EVERYTHING, Selector


class RouteNamespaces(Model, frozen=True):
    """The namespaces whose routes a listener takes."""

    from_: str | None = None
    selector: LabelSelector | None = None


class RouteKind(Model, frozen=True):
    """A kind of routes that a listener takes."""

    group: str | None = None
    kind: str | None = None


class AllowedRoutes(Model, frozen=True):
    """The routes that a listener takes."""

    namespaces: RouteNamespaces | None = None
    kinds: list[RouteKind | None] | None = None


class Encryption(Model, frozen=True):
    """Who ends the encryption of a listener: the Gateway, unless it says otherwise."""

    mode: str | None = None


class WrittenListener(Model, frozen=True):
    """One port of a Gateway."""

    name: str | None = None
    port: int | None = None
    protocol: str | None = None
    hostname: str | None = None
    tls: Encryption | None = None
    allowed_routes: AllowedRoutes | None = None


class GatewaySpec(Model, frozen=True):
    """The spec of a Gateway."""

    gateway_class_name: str | None = None
    listeners: list[WrittenListener | None] | None = None


class WrittenGateway(Model, frozen=True):
    """A Gateway, as far as it is read."""

    metadata: Metadata | None = None
    spec: GatewaySpec | None = None


_NO_SPEC, _NO_LISTENER, _NO_ROUTES, _NO_NAMESPACES = (
    GatewaySpec(),
    WrittenListener(),
    AllowedRoutes(),
    RouteNamespaces(),
)
_FROM = ("All", "None", "Same", "Selector")
#: What a listener can take; one of a protocol of a vendor's can take all.
_KINDS = {
    "HTTP": frozenset({"HTTPRoute", "GRPCRoute"}),
    "HTTPS": frozenset({"HTTPRoute", "GRPCRoute"}),
    "TLS": frozenset({"TLSRoute", "TCPRoute"}),
    "TCP": frozenset({"TCPRoute"}),
    "UDP": frozenset({"UDPRoute"}),
}
#: What a listener can take that passes on what it cannot read.
_OF_PASSTHROUGH = frozenset({"TLSRoute"})
_PASSTHROUGH, _TERMINATE = "Passthrough", "Terminate"
_WITHOUT_TLS = frozenset({"HTTP", "TCP", "UDP"})
#: What these carry tells no name.
_WITHOUT_NAMES = frozenset({"TCP", "UDP"})
_EVERY_KIND = frozenset().union(*_KINDS.values())


def _check(gateway: WrittenGateway, reading: Reading) -> None:
    spec = gateway.spec or _NO_SPEC
    if not spec.gateway_class_name:
        reading.refuse("NS108", ("spec", "gatewayClassName"), "is required")
    if not spec.listeners:
        reading.refuse("NS108", ("spec", "listeners"), "is required: a Gateway has at least one")
    names: set[str] = set()
    seen: set[tuple[int | None, str | None, str | None]] = set()
    for index, each in enumerate(spec.listeners or ()):
        listener, at = each or _NO_LISTENER, ("spec", "listeners", index)
        _check_listener(listener, at, reading)
        if listener.name in names:
            reading.refuse("NS120", (*at, "name"), f'"{listener.name}" names an earlier listener')
        names.add(listener.name or "")
        told_apart = listener.port, listener.protocol, listener.hostname
        if told_apart in seen and listener.port and listener.protocol:
            reading.refuse("NS120", at, "has the port, the protocol and the hostname of an earlier listener")
        seen.add(told_apart)


def _check_listener(listener: WrittenListener, path: Path, reading: Reading) -> None:
    for field, value in (("name", listener.name), ("port", listener.port), ("protocol", listener.protocol)):
        if not value:
            reading.refuse("NS108", (*path, field), "is required")
    if listener.name and (wrong := dns_subdomain(listener.name)):
        reading.refuse("NS109", (*path, "name"), f'"{listener.name}" {wrong}')
    if listener.port:
        check_port_number(listener.port, (*path, "port"), reading)
    check_host(listener.hostname or "", (*path, "hostname"), reading)
    _check_protocol(listener, path, reading)
    namespaces = (listener.allowed_routes or _NO_ROUTES).namespaces or _NO_NAMESPACES
    at = (*path, "allowedRoutes", "namespaces")
    if namespaces.from_ is not None and namespaces.from_ not in _FROM:
        reading.refuse("NS123", (*at, "from"), f'"{namespaces.from_}" is none of {", ".join(_FROM)}')
    if namespaces.from_ == "Selector" and namespaces.selector is None:
        reading.refuse("NS108", (*at, "selector"), "is required where `from` is Selector")
    check_selector(namespaces.selector, (*at, "selector"), reading)


def _check_protocol(listener: WrittenListener, path: Path, reading: Reading) -> None:
    protocol, mode = listener.protocol or "", listener.tls.mode if listener.tls else None
    if protocol and protocol not in _KINDS and "/" not in protocol:
        message = f'"{protocol}" is none of {", ".join(_KINDS)}: the listener was taken to accept every route'
        reading.warn((*path, "protocol"), message)
    if listener.hostname and protocol in _WITHOUT_NAMES:
        reading.refuse("NS123", (*path, "hostname"), f"has no meaning where `protocol` is {protocol}")
    if listener.tls is not None and protocol in _WITHOUT_TLS:
        reading.refuse("NS123", (*path, "tls"), f"has no meaning where `protocol` is {protocol}")
    elif mode not in (None, "", _TERMINATE, _PASSTHROUGH):
        reading.refuse("NS123", (*path, "tls", "mode"), f'"{mode}" is neither {_TERMINATE} nor {_PASSTHROUGH}')
    elif mode == _PASSTHROUGH and protocol == "HTTPS":
        reading.refuse("NS123", (*path, "tls", "mode"), f"must be {_TERMINATE} where `protocol` is HTTPS")


def _read(gateway: WrittenGateway, reading: Reading) -> Gateway:
    spec = gateway.spec or _NO_SPEC
    return Gateway(
        namespace=reading.namespace,
        name=reading.name,
        class_name=spec.gateway_class_name or "",
        listeners=tuple(_listener(each) for each in spec.listeners or () if each),
        place=reading.place(),
    )


def _listener(written: WrittenListener) -> Listener:
    routes = written.allowed_routes or _NO_ROUTES
    named = frozenset(each.kind or "" for each in routes.kinds or () if each and each.group in (None, GROUP))
    kinds = _able(written) & named if routes.kinds else _able(written)
    namespaces = routes.namespaces or _NO_NAMESPACES
    return Listener(
        name=written.name or "",
        port=written.port or 0,
        kinds=kinds if namespaces.from_ != "None" else frozenset(),
        namespaces=_namespaces(namespaces),
        host=written.hostname or None,
    )


def _able(written: WrittenListener) -> frozenset[str]:
    """Return the kinds of routes that a listener can take, whatever it allows."""
    if written.protocol == "TLS" and written.tls and written.tls.mode == _PASSTHROUGH:
        return _OF_PASSTHROUGH
    return _KINDS.get(written.protocol or "", _EVERY_KIND)


def _namespaces(written: RouteNamespaces) -> Selector | None:
    if written.from_ == "Selector":
        return selector(written.selector)
    return EVERYTHING if written.from_ == "All" else None


GATEWAY = Kind(
    api_versions=(f"{GROUP}/v1",),
    also_served=(f"{GROUP}/v1beta1",),
    name="Gateway",
    naming=dns_subdomain,
    model=WrittenGateway,
    check=_check,
    read=_read,
)


class ClassSpec(Model, frozen=True):
    """The spec of a GatewayClass."""

    controller_name: str | None = None


class WrittenClass(Model, frozen=True):
    """A GatewayClass, as far as it is read."""

    metadata: Metadata | None = None
    spec: ClassSpec | None = None


def _check_class(each: WrittenClass, reading: Reading) -> None:
    if not each.spec or not each.spec.controller_name:
        reading.refuse("NS108", ("spec", "controllerName"), "is required")


def _read_class(each: WrittenClass, reading: Reading) -> ControllerClass:
    controller = (each.spec.controller_name if each.spec else None) or ""
    return ControllerClass(kind="GatewayClass", name=reading.name, controller=controller, place=reading.place())


GATEWAY_CLASS = Kind(
    api_versions=(f"{GROUP}/v1",),
    also_served=(f"{GROUP}/v1beta1",),
    name="GatewayClass",
    namespaced=False,
    naming=dns_subdomain,
    model=WrittenClass,
    check=_check_class,
    read=_read_class,
)


class GrantSource(Model, frozen=True):
    """Objects that may name others."""

    group: str | None = None
    kind: str | None = None
    namespace: str | None = None


class GrantTarget(Model, frozen=True):
    """Objects that may be named; every one of the kind where it names none."""

    group: str | None = None
    kind: str | None = None
    name: str | None = None


class GrantSpec(Model, frozen=True):
    """The spec of a ReferenceGrant."""

    from_: list[GrantSource | None] | None = None
    to: list[GrantTarget | None] | None = None


class WrittenGrant(Model, frozen=True):
    """A ReferenceGrant, as far as it is read."""

    metadata: Metadata | None = None
    spec: GrantSpec | None = None


def _check_grant(grant: WrittenGrant, reading: Reading) -> None:
    spec = grant.spec or GrantSpec()
    for field, listed in (("from", spec.from_), ("to", spec.to)):
        if not listed:
            reading.refuse("NS108", ("spec", field), "is required")
        for index, each in enumerate(listed or ()):
            if each is None or not each.kind:
                reading.refuse("NS108", ("spec", field, index, "kind"), "is required")
            if each is None or each.group is None:
                hint = f"write {GROUP}" if field == "from" else 'write group: "" for Services'
                reading.refuse("NS108", ("spec", field, index, "group"), "is required", hint=hint)
    for index, source in enumerate(spec.from_ or ()):
        if source is None or not source.namespace:
            reading.refuse("NS108", ("spec", "from", index, "namespace"), "is required")


def _read_grant(grant: WrittenGrant, reading: Reading) -> ReferenceGrant:
    spec = grant.spec or GrantSpec()
    return ReferenceGrant(
        namespace=reading.namespace,
        name=reading.name,
        sources=frozenset(
            (each.kind or "", each.namespace or "") for each in spec.from_ or () if each and each.group == GROUP
        ),
        services=frozenset(
            each.name or None for each in spec.to or () if each and not each.group and each.kind == "Service"
        ),
        place=reading.place(),
    )


REFERENCE_GRANT = Kind(
    api_versions=(f"{GROUP}/v1",),
    also_served=(f"{GROUP}/v1beta1",),
    name="ReferenceGrant",
    naming=dns_subdomain,
    model=WrittenGrant,
    check=_check_grant,
    read=_read_grant,
)
