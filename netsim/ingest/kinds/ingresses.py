"""Ingress, and IngressClass."""

from collections.abc import Iterator

from netsim.ingest.document import Path
from netsim.ingest.kinds.gatewayroutes import check_host
from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import Metadata
from netsim.ingest.kinds.ports import check_port_name, check_port_number
from netsim.ingest.schema import Model
from netsim.ingest.validation import dns_1035_label, dns_subdomain
from netsim.ir.entries import Backend, ControllerClass, Entry


class BackendPort(Model, frozen=True):
    """A Service's port, by number or by name."""

    name: str | None = None
    number: int | None = None


class ServiceBackend(Model, frozen=True):
    """A Service to forward to."""

    name: str | None = None
    port: BackendPort | None = None


class Resource(Model, frozen=True):
    """An object to forward to that is no Service."""

    api_group: str | None = None
    kind: str | None = None
    name: str | None = None


class WrittenBackend(Model, frozen=True):
    """Where to forward to."""

    service: ServiceBackend | None = None
    resource: Resource | None = None


class HttpPath(Model, frozen=True):
    """Requests to forward, and where to."""

    path: str | None = None
    path_type: str | None = None
    backend: WrittenBackend | None = None


class Http(Model, frozen=True):
    """The paths of one host."""

    paths: list[HttpPath | None] | None = None


class IngressRule(Model, frozen=True):
    """What to do for one host."""

    host: str | None = None
    http: Http | None = None


class IngressSpec(Model, frozen=True):
    """The spec of an Ingress."""

    ingress_class_name: str | None = None
    default_backend: WrittenBackend | None = None
    rules: list[IngressRule | None] | None = None


class WrittenIngress(Model, frozen=True):
    """An Ingress, as far as it is read."""

    metadata: Metadata | None = None
    spec: IngressSpec | None = None


_NO_SPEC, _NO_RULE, _NO_PATH, _NO_BACKEND = IngressSpec(), IngressRule(), HttpPath(), WrittenBackend()
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
#: What named the class before there was a field for it.
_CLASS = "kubernetes.io/ingress.class"


def _check(ingress: WrittenIngress, reading: Reading) -> None:
    spec = ingress.spec or _NO_SPEC
    if not spec.rules and spec.default_backend is None:
        reading.refuse("NS108", ("spec",), "says nothing: `rules` or `defaultBackend` is required")
    if spec.ingress_class_name and (wrong := dns_subdomain(spec.ingress_class_name)):
        reading.refuse("NS109", ("spec", "ingressClassName"), f'"{spec.ingress_class_name}" {wrong}')
    _check_class(ingress, spec, reading)
    if spec.default_backend is not None:
        _check_backend(spec.default_backend, ("spec", "defaultBackend"), reading)
    for index, rule in enumerate(spec.rules or ()):
        _check_rule(rule or _NO_RULE, ("spec", "rules", index), reading)


def _check_class(ingress: WrittenIngress, spec: IngressSpec, reading: Reading) -> None:
    annotated = _annotation(ingress)
    if annotated and spec.ingress_class_name and annotated != spec.ingress_class_name:
        message = f'"{annotated}" is not `spec.ingressClassName` "{spec.ingress_class_name}"'
        reading.refuse(
            "NS123", ("metadata", "annotations"), message, hint="keep `spec.ingressClassName` alone", key=_CLASS
        )


def _annotation(ingress: WrittenIngress) -> str | None:
    annotations = (ingress.metadata.annotations if ingress.metadata else None) or {}
    return annotations.get(_CLASS)


def _check_rule(rule: IngressRule, path: Path, reading: Reading) -> None:
    check_host(rule.host or "", (*path, "host"), reading)
    if rule.http is None:
        return
    if not rule.http.paths:
        reading.refuse("NS108", (*path, "http", "paths"), "is required where `http` is given")
    for index, each in enumerate(rule.http.paths or ()):
        _check_path(each or _NO_PATH, (*path, "http", "paths", index), reading)


def _check_path(each: HttpPath, path: Path, reading: Reading) -> None:
    if not each.path_type:
        reading.refuse("NS108", (*path, "pathType"), "is required", hint=f"one of {', '.join(_PATH_TYPES)}")
    elif each.path_type not in _PATH_TYPES:
        reading.refuse("NS123", (*path, "pathType"), f'"{each.path_type}" is none of {", ".join(_PATH_TYPES)}')
    free = each.path_type == "ImplementationSpecific" and not each.path
    if each.path_type in _PATH_TYPES and not free and not (each.path or "").startswith("/"):
        reading.refuse("NS123", (*path, "path"), f'"{each.path or ""}" must start with `/`')
    _check_backend(each.backend or _NO_BACKEND, (*path, "backend"), reading)


def _check_backend(backend: WrittenBackend, path: Path, reading: Reading) -> None:
    if backend.service is None and backend.resource is None:
        reading.refuse("NS108", path, "is empty: `service` or `resource` is required", hint=_OLD_BACKEND)
    if backend.service is not None and backend.resource is not None:
        reading.refuse("NS118", path, "holds both `service` and `resource`", hint="keep one of them")
    if backend.service is not None:
        _check_service(backend.service, (*path, "service"), reading)


_OLD_BACKEND = "`serviceName` and `servicePort` are of v1beta1: write service: {name: ..., port: {number: ...}}"


def _check_service(service: ServiceBackend, path: Path, reading: Reading) -> None:
    if not service.name:
        reading.refuse("NS108", (*path, "name"), "is required")
    elif wrong := dns_1035_label(service.name):
        reading.refuse("NS109", (*path, "name"), f'"{service.name}" {wrong}')
    port = service.port or BackendPort()
    if not port.name and not port.number:
        reading.refuse("NS108", (*path, "port"), "is required: its `name` or its `number`")
    elif port.name and port.number:
        reading.refuse("NS118", (*path, "port"), f'holds both `name` "{port.name}" and `number` {port.number}')
    elif port.name:
        check_port_name(port.name, (*path, "port", "name"), reading)
    elif port.number:
        check_port_number(port.number, (*path, "port", "number"), reading)


def _read(ingress: WrittenIngress, reading: Reading) -> Entry:
    spec = ingress.spec or _NO_SPEC
    return Entry(
        kind="Ingress",
        namespace=reading.namespace,
        name=reading.name,
        backends=tuple(_backends(spec, reading)),
        class_name=spec.ingress_class_name or _annotation(ingress) or None,
        place=reading.place(),
    )


def _backends(spec: IngressSpec, reading: Reading) -> Iterator[Backend]:
    for written, path in _written_backends(spec):
        if written.resource is not None:
            message = f"leads to a {written.resource.kind}, which is no Service: what enters there is not known"
            reading.warn(path, message)
        elif written.service is not None:
            port = written.service.port or BackendPort()
            yield Backend(
                namespace=reading.namespace,
                name=written.service.name or "",
                port=port.name or port.number,
                place=reading.place(*path),
            )


def _written_backends(spec: IngressSpec) -> Iterator[tuple[WrittenBackend, Path]]:
    if spec.default_backend is not None:
        yield spec.default_backend, ("spec", "defaultBackend")
    for index, rule in enumerate(spec.rules or ()):
        for number, each in enumerate((rule.http.paths if rule and rule.http else None) or ()):
            if each and each.backend:
                yield each.backend, ("spec", "rules", index, "http", "paths", number, "backend")


INGRESS = Kind(
    api_versions=("networking.k8s.io/v1",),
    name="Ingress",
    naming=dns_subdomain,
    model=WrittenIngress,
    check=_check,
    read=_read,
)


class ClassSpec(Model, frozen=True):
    """The spec of an IngressClass."""

    controller: str | None = None


class WrittenClass(Model, frozen=True):
    """An IngressClass, as far as it is read."""

    metadata: Metadata | None = None
    spec: ClassSpec | None = None


_DEFAULT = "ingressclass.kubernetes.io/is-default-class"


def _check_ingress_class(_each: WrittenClass, _reading: Reading) -> None:
    """Nothing: a class without a controller is served by nobody."""


def _read_class(each: WrittenClass, reading: Reading) -> ControllerClass:
    annotations = (each.metadata.annotations if each.metadata else None) or {}
    return ControllerClass(
        kind="IngressClass",
        name=reading.name,
        controller=(each.spec.controller if each.spec else None) or "",
        default=annotations.get(_DEFAULT) == "true",
        place=reading.place(),
    )


INGRESS_CLASS = Kind(
    api_versions=("networking.k8s.io/v1",),
    name="IngressClass",
    namespaced=False,
    naming=dns_subdomain,
    model=WrittenClass,
    check=_check_ingress_class,
    read=_read_class,
)
