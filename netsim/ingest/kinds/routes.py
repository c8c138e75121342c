"""Route of OpenShift."""

from collections.abc import Iterator

from netsim.ingest.document import Path
from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import Metadata
from netsim.ingest.kinds.ports import check_port_number
from netsim.ingest.schema import Model
from netsim.ingest.validation import dns_subdomain
from netsim.ir.entries import Backend, Entry


class Target(Model, frozen=True):
    """A Service, and its share of the requests."""

    kind: str | None = None
    name: str | None = None
    weight: int | None = None


class RoutePort(Model, frozen=True):
    """A Service's port by name, or the pods' port by number."""

    target_port: int | str | None = None


class RouteSpec(Model, frozen=True):
    """The spec of a Route."""

    to: Target | None = None
    alternate_backends: list[Target | None] | None = None
    port: RoutePort | None = None


class WrittenRoute(Model, frozen=True):
    """A Route, as far as it is read."""

    metadata: Metadata | None = None
    spec: RouteSpec | None = None


_NO_SPEC, _NO_TARGET = RouteSpec(), Target()
_MOST_ALTERNATIVES, _MOST_WEIGHT = 3, 256


def _check(route: WrittenRoute, reading: Reading) -> None:
    spec = route.spec or _NO_SPEC
    for target, path in _targets(spec):
        _check_target(target, path, reading)
    count = len(spec.alternate_backends or ())
    if count > _MOST_ALTERNATIVES:
        message = f"lists {count} Services, more than {_MOST_ALTERNATIVES}"
        reading.refuse("NS123", ("spec", "alternateBackends"), message)
    port = spec.port.target_port if spec.port else None
    if isinstance(port, int):
        check_port_number(port, ("spec", "port", "targetPort"), reading)
    if port == "":
        reading.refuse("NS108", ("spec", "port", "targetPort"), "is empty")


def _targets(spec: RouteSpec) -> Iterator[tuple[Target, Path]]:
    yield spec.to or _NO_TARGET, ("spec", "to")
    for index, each in enumerate(spec.alternate_backends or ()):
        yield each or _NO_TARGET, ("spec", "alternateBackends", index)


def _check_target(target: Target, path: Path, reading: Reading) -> None:
    if not target.name:
        reading.refuse("NS108", (*path, "name"), "is required")
    if target.kind not in (None, "", "Service"):
        reading.refuse("NS123", (*path, "kind"), f'"{target.kind}" is not Service, the only one')
    if target.weight is not None and not 0 <= target.weight <= _MOST_WEIGHT:
        reading.refuse("NS123", (*path, "weight"), f"{target.weight} is not between 0 and {_MOST_WEIGHT}")


def _read(route: WrittenRoute, reading: Reading) -> Entry:
    spec = route.spec or _NO_SPEC
    backends = (
        Backend(
            namespace=reading.namespace,
            name=target.name or "",
            port=_port(spec),
            place=reading.place(*path),
        )
        for target, path in _targets(spec)
        if target.weight != 0  # a weight of 0 takes no request
    )
    return Entry(
        kind="Route",
        namespace=reading.namespace,
        name=reading.name,
        backends=tuple(backends),
        place=reading.place(),
    )


def _port(spec: RouteSpec) -> int | str | None:
    port = spec.port.target_port if spec.port else None
    return int(port) if isinstance(port, str) and port.isdigit() else port


ROUTE = Kind(
    api_versions=("route.openshift.io/v1",),
    name="Route",
    naming=dns_subdomain,
    model=WrittenRoute,
    check=_check,
    read=_read,
)
