"""The doors of a cluster: each object that lets something in, resolved to the pods that it leads to."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from netsim.cluster import Compiled
from netsim.ir.entries import Backend, Entry
from netsim.ir.objects import ContainerPort, Family, Network, Pod, Service, ServicePort
from netsim.ir.place import Place
from netsim.ir.snapshot import Notice, Snapshot
from netsim.ir.traffic import ALL, Traffic
from netsim.knowledge import unread_ways_in
from netsim.lower.program import Program
from netsim.queries.attachment import GATEWAY_KINDS, Attachments
from netsim.queries.controllers import Controllers
from netsim.queries.outside import INTERNET
from netsim.queries.services import Services, Targets, described


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One way in, before anybody asks what policies say of it.

    Attributes:
        via: How it leads to the pods.
        targets: The pods that it leads to, by number, and the traffic there.
        blocks: Who comes in by it: these addresses; empty where a controller does.
        controllers: The pods that forward, by number; None where they are not in the input.
        keeps_source: Whether the pods surely see who comes in, and not a node that passed it on.
        objects: What it hangs on, with their kinds: ``Ingress shop/web``, ``Service shop/web``.
        opened: The Service's port that it leads to, ``shop/web:80/TCP``; empty where it leads to pods themselves.
    """

    kind: str
    name: str
    via: str
    targets: Targets
    blocks: tuple[Network, ...] = ()
    controllers: tuple[int, ...] | None = None
    keeps_source: bool = True
    objects: tuple[str, ...] = ()
    opened: str = ""
    place: Place

    @property
    def unknown(self) -> bool:
        """Whether a controller comes in by it that is not in the input."""
        return self.controllers is None and not self.blocks


@dataclass(slots=True)
class Doors:
    """The doors of one cluster, and what a user should know of them. No policy matters to what they are."""

    cluster: Compiled
    found: tuple[Door, ...] = field(init=False)
    notices: list[Notice] = field(default_factory=list)
    _services: Services = field(init=False)
    _attachments: Attachments = field(init=False)
    _controllers: Controllers | None = None

    def __post_init__(self) -> None:
        snapshot = self.cluster.program.snapshot
        self.notices += _unread(snapshot)
        self._services = Services.of(self.cluster)
        self._attachments = Attachments(snapshot)
        if snapshot.entries:
            self._controllers = Controllers(self.cluster.program)
        entries = (door for entry in snapshot.entries for door in self._of_entry(entry))
        services = (door for service in snapshot.services for door in self._of_service(service))
        self.found = (*entries, *services, *_of_pods(self.cluster.program))

    @staticmethod
    def of(cluster: Compiled) -> "Doors":
        """Return the doors of a cluster."""
        return cluster.lasting("doors", lambda: Doors(cluster))

    def _of_entry(self, entry: Entry) -> Iterator[Door]:
        of_gateway = entry.kind in GATEWAY_KINDS
        gateways = self._attachments.gateways(entry) if of_gateway else ((None, None),)
        self.notices += self._attachments.notices(entry) if of_gateway else ()
        if not gateways or self._controllers is None:
            return
        for backend, service in self._backends(entry):
            for port in self._ports(entry, backend, service):
                targets = self._services.targets(service, port)
                for parent, gateway in gateways:
                    through = f"Gateway {parent}, " if parent else ""
                    yield Door(
                        kind=entry.kind,
                        name=str(entry),
                        via=f"{through}Service {service} port {_led(port)}",
                        targets=targets,
                        controllers=self._controllers.serving(entry, gateway) or None,
                        objects=(
                            f"{entry.kind} {entry}",
                            f"Service {service}",
                            *([f"Gateway {parent}"] if parent else []),
                        ),
                        opened=_opened(service, port),
                        place=backend.place,
                    )

    def _backends(self, entry: Entry) -> Iterator[tuple[Backend, Service]]:
        """Yield the Services that an entry leads to, each port once; note those that it cannot."""
        for backend in dict.fromkeys(entry.backends):
            service = self._services.by_name.get(str(backend))
            if not self._attachments.granted(entry, backend):
                self._note(entry, backend, "it is of another namespace, and no ReferenceGrant there lets it be named")
            elif service is None:
                self._note(entry, backend, "it is not in the input")
            elif not self._services.pods(service):
                self._note(entry, backend, _why_nobody(service))
            else:
                yield backend, service

    def _ports(self, entry: Entry, backend: Backend, service: Service) -> Iterator[ServicePort]:
        """Yield the ports of a Service that an entry means."""
        ports = [port for port in service.ports if port.protocol is backend.protocol]
        by_port = [port for port in ports if backend.port in (None, port.port, port.name)]
        by_target = [port for port in ports if port.target == backend.port]
        meant, otherwise, what = by_port, by_target, "targetPort"
        if entry.kind == "Route" and isinstance(backend.port, int):
            meant, otherwise, what = by_target, by_port, "port"
        if not meant and otherwise:
            self._note(entry, backend, f"{backend.port} is only its {what}, which some controllers take for it")
        elif not meant:
            known = ", ".join(map(described, service.ports)) or "none"
            self._note(entry, backend, f"it has no port {backend.port}; its ports: {known}")
        yield from meant or otherwise

    def _note(self, entry: Entry, backend: Backend, why: str) -> None:
        self.notices.append(Notice(f"{entry.kind} {entry} leads to Service {backend}: {why}", backend.place))

    def _of_service(self, service: Service) -> Iterator[Door]:
        pods = self._services.pods(service)
        outside = service.type in ("LoadBalancer", "NodePort") or bool(service.external_ips)
        if outside and not pods:
            self.notices.append(
                Notice(f"Service {service} is open to the outside: {_why_nobody(service)}", service.place)
            )
        for port in service.ports if pods else ():
            if self._services.undeclared(service, port):
                message = f"Service {service} port {_led(port)}: no pod that it selects declares that port"
                self.notices.append(Notice(message, service.place))
            for kind, opened, blocks in _openings(service, port):
                yield Door(
                    kind=kind,
                    name=str(service),
                    via=f"Service {service} {opened} -> {_target(port)}",
                    targets=self._services.targets(service, port),
                    blocks=blocks,
                    keeps_source=service.keeps_source,
                    objects=(f"Service {service}",),
                    opened=_opened(service, port),
                    place=service.place,
                )


def _unread(snapshot: Snapshot) -> Iterator[Notice]:
    """Yield the kinds of objects by which something enters and that are not read."""
    known = unread_ways_in() if snapshot.unmodelled else frozenset()
    for each in snapshot.unmodelled:
        if (each.api_version.rpartition("/")[0], each.kind) in known:
            are = "is" if each.count == 1 else "are"
            message = f"{each.count} {each.api_version} {each.kind} {are} not read: what enters by it is not listed"
            yield Notice(message, each.place)


def _openings(service: Service, port: ServicePort) -> Iterator[tuple[str, str, tuple[Network, ...]]]:
    """Yield how a port of a Service is open to the outside: the kind, in words, and to which addresses."""
    number = f"{port.port}" if port.protocol.value == "TCP" else f"{port.port}/{port.protocol}"
    everywhere = _of_families(INTERNET, service.families)
    if service.type == "LoadBalancer" and (sources := _of_families(service.sources or INTERNET, service.families)):
        yield "LoadBalancer", f"LoadBalancer port {number}", sources
    # A load balancer keeps others out at its own address; the nodes' ports behind it are open to all.
    if service.type == "NodePort" or (service.type == "LoadBalancer" and service.sources and service.node_ports):
        yield "NodePort", f"NodePort {port.node_port or 'of no known number'}", everywhere
    for each in service.external_ips:
        yield "externalIP", f"externalIP {each} port {number}", _of_families(INTERNET, {Family(each.version)})


def _of_families(blocks: Iterable[Network], families: Collection[Family]) -> tuple[Network, ...]:
    """Return the blocks that can come in by addresses of these families (S2.11); all where those are not known."""
    return tuple(block for block in blocks if not families or block.version in families)


def _opened(service: Service, port: ServicePort) -> str:
    return f"{service}:{port.port}/{port.protocol}"


def _led(port: ServicePort) -> str:
    protocol = "" if port.protocol.value == "TCP" else f"/{port.protocol}"
    return f"{port.port}{protocol} -> {_target(port)}"


def _target(port: ServicePort) -> str:
    return str(port.target)


def _why_nobody(service: Service) -> str:
    if service.external_name is not None:
        return f"it stands for the name {service.external_name}"
    if service.selector is None:
        return "it has no selector, so that its endpoints are not known"
    return "it selects no pod of the input"


def _of_pods(program: Program) -> Iterator[Door]:
    """Yield the doors that pods open on their own nodes."""
    by_port: dict[tuple[str, ContainerPort], list[int]] = {}
    hosts: dict[str, list[int]] = {}
    for number, pod in enumerate(program.endpoints):
        if isinstance(pod, Pod) and pod.host_network:
            hosts.setdefault(f"{pod.workload.namespace}/{pod.workload.name}", []).append(number)
        elif isinstance(pod, Pod):
            for port in pod.ports:
                if port.host_port:
                    key = (f"{pod.workload.namespace}/{pod.workload.name}", port)
                    by_port.setdefault(key, []).append(number)
    for (name, port), numbers in by_port.items():
        traffic = Traffic.of([(port.protocol, port.number, port.number)])
        yield _of_node(program, "hostPort", name, f"hostPort {port.host_port} -> {port.number}", (numbers, traffic))
    for name, numbers in hosts.items():
        yield _of_node(program, "hostNetwork", name, "the network of its node", (numbers, ALL))


def _of_node(program: Program, kind: str, name: str, via: str, targets: tuple[Iterable[int], Traffic]) -> Door:
    numbers, traffic = targets
    pods = dict.fromkeys(numbers, traffic)
    return Door(
        kind=kind,
        name=name,
        via=via,
        targets=pods,
        blocks=INTERNET,
        objects=(),
        place=program.endpoints[next(iter(pods))].place,
    )
