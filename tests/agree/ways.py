"""What enters by which object, worked out pod by pod from the text (S2.6): slow, and nothing of it is netsim's own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network
from itertools import product

from netsim.ir.entries import Entry, Gateway
from netsim.ir.labels import NAME_LABEL
from netsim.ir.objects import Address, Family, Namespace, Network, Pod, Service, ServicePort, Workload
from netsim.ir.place import NOWHERE
from netsim.ir.policy import Tier
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import FIRST_PORT, LAST_PORT, PORT_PROTOCOLS, Protocol
from netsim.ir.truth import Truth, agreed
from netsim.ir.verdict import Flow
from netsim.spec import judge
from netsim.spec.labels import selects
from tests.agree.generate import BLOCKS, Case
from tests.agree.generate_services import OF_GATEWAY, TRAEFIK

NOBODY_KNOWS = "{ingress-controller}"
EVERYWHERE: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))


@dataclass(frozen=True)
class Way:
    """A way in: by which object, to which port of which pod, for which addresses or for which controllers.

    ``controllers`` is None where the input holds none that serves it.
    """

    kind: str
    name: str
    pod: Pod
    protocol: Protocol
    ports: tuple[int, int]
    blocks: tuple[Network, ...] = ()
    controllers: tuple[Pod, ...] | None = None


def running(snapshot: Snapshot) -> list[Pod]:
    return [pod for pod in snapshot.pods if not pod.finished]


def behind(snapshot: Snapshot, service: Service) -> list[Pod]:
    """Return the pods that a Service selects: of its own namespace, with all of its labels."""
    if service.external_name is not None or not service.selector:
        return []
    return [
        pod
        for pod in running(snapshot)
        if pod.namespace == service.namespace and service.selector.items() <= pod.labels.items()
    ]


def target(port: ServicePort, pod: Pod) -> int | None:
    """Return the pod's port that a Service's port leads to there."""
    if isinstance(port.target, int):
        return port.target
    named = [each for each in pod.ports if (each.name, each.protocol) == (port.target, port.protocol)]
    return named[0].number if named else None


def ways(snapshot: Snapshot) -> Iterator[Way]:
    """Yield every way into a snapshot."""
    for entry in snapshot.entries:
        for service, port, controllers in _led(snapshot, entry):
            yield from _to(snapshot, service, port, Way(entry.kind, str(entry), *_NOWHERE, controllers=controllers))
    for service in snapshot.services:
        for port, (kind, blocks) in product(service.ports, [each for each in _open(service) if each[1]]):
            yield from _to(snapshot, service, port, Way(kind, str(service), *_NOWHERE, blocks=blocks))
    for pod in running(snapshot):
        name = f"{pod.workload.namespace}/{pod.workload.name}"
        if pod.host_network:
            for protocol in PORT_PROTOCOLS:
                yield Way("hostNetwork", name, pod, protocol, (FIRST_PORT, LAST_PORT), blocks=EVERYWHERE)
            continue
        for declared in pod.ports:
            if declared.host_port:
                own = (declared.number, declared.number)
                yield Way("hostPort", name, pod, declared.protocol, own, blocks=EVERYWHERE)


_NOWHERE = (
    Pod(namespace="", name="", labels={}, workload=Workload("", "", ""), place=NOWHERE),
    Protocol.TCP,
    (0, 0),
)


def _to(snapshot: Snapshot, service: Service, port: ServicePort, way: Way) -> Iterator[Way]:
    for pod in behind(snapshot, service):
        number = target(port, pod)
        if number is not None:
            yield replace(way, pod=pod, protocol=port.protocol, ports=(number, number))


def _open(service: Service) -> Iterator[tuple[str, tuple[Network, ...]]]:
    def spoken(blocks: Iterable[Network]) -> tuple[Network, ...]:
        return tuple(block for block in blocks if Family(block.version) in (service.families or Family))

    if service.type == "LoadBalancer":
        yield "LoadBalancer", spoken(service.sources or EVERYWHERE)
    if service.type == "NodePort" or (service.type == "LoadBalancer" and service.sources and service.node_ports):
        yield "NodePort", spoken(EVERYWHERE)
    for address in service.external_ips:
        yield "externalIP", tuple(block for block in EVERYWHERE if block.version == address.version)


def _led(snapshot: Snapshot, entry: Entry) -> Iterator[tuple[Service, ServicePort, tuple[Pod, ...] | None]]:
    """Yield the ports of Services that an Ingress or a route leads to, each with the pods that forward."""
    for backend in entry.backends:
        service = next((each for each in snapshot.services if str(each) == str(backend)), None)
        if service is None or not _may_name(snapshot, entry, service):
            continue
        own = [port for port in service.ports if port.protocol is backend.protocol]
        by_port = [port for port in own if backend.port is None or backend.port in (port.port, port.name)]
        by_target = [port for port in own if port.target == backend.port]
        first, second = by_port, by_target
        if entry.kind == "Route" and isinstance(backend.port, int):
            first, second = by_target, by_port
        for port, controllers in product(first or second, _forwarding(snapshot, entry)):
            yield service, port, controllers or None


def _may_name(snapshot: Snapshot, entry: Entry, service: Service) -> bool:
    return entry.namespace == service.namespace or any(
        grant.namespace == service.namespace
        and (entry.kind, entry.namespace) in grant.sources
        and (None in grant.services or service.name in grant.services)
        for grant in snapshot.grants
    )


def _forwarding(snapshot: Snapshot, entry: Entry) -> Iterator[tuple[Pod, ...]]:
    """Yield the pods that forward what an entry lets in, once for each Gateway that takes it."""
    recognised = tuple(pod for pod in running(snapshot) if TRAEFIK.items() <= pod.labels.items())
    if entry.kind == "Route":
        yield ()
    elif entry.kind == "Ingress":
        names = [
            each.controller
            for each in snapshot.classes
            if each.kind == "IngressClass" and (each.name == entry.class_name if entry.class_name else each.default)
        ]
        yield () if names and "traefik" not in names[0] else recognised
    for parent in entry.parents:
        gateway = next((each for each in snapshot.gateways if str(each) == str(parent)), None)
        if gateway is None:
            yield recognised
        elif _takes(snapshot, gateway, entry):
            own = tuple(
                pod
                for pod in running(snapshot)
                if pod.namespace == gateway.namespace and OF_GATEWAY.items() <= pod.labels.items()
            )
            theirs = gateway.class_name == "theirs"
            yield own or (() if theirs else recognised)


def _takes(snapshot: Snapshot, gateway: Gateway, entry: Entry) -> bool:
    labels = snapshot.namespaces[entry.namespace].labels
    return any(
        parent.section in (None, listener.name)
        and parent.port in (None, listener.port)
        and entry.kind in listener.kinds
        and (listener.host is None or not entry.hosts or any(_shared(listener.host, host) for host in entry.hosts))
        and (
            entry.namespace == gateway.namespace
            if listener.namespaces is None
            else selects(listener.namespaces, labels)
        )
        for parent in entry.parents
        for listener in gateway.listeners
    )


def _shared(one: str, other: str) -> bool:
    """Return whether both names are of some host: each is tried that either could be of, and one label below it."""
    tried = {f"{front}{name.removeprefix('*.')}" for name in (one, other) for front in ("", "below.")}
    return any(_is_of(host, one) and _is_of(host, other) for host in tried)


def _is_of(host: str, name: str) -> bool:
    labels, wanted = host.split("."), name.removeprefix("*.").split(".")
    if name.startswith("*."):
        return len(labels) > len(wanted) and labels[-len(wanted) :] == wanted
    return labels == wanted


def families_of(pod: Pod, known: Sequence[Family]) -> list[Family]:
    """Return the families of a pod's addresses; all where it has none yet."""
    own = {Family(address.version) for address in pod.addresses}
    return [family for family in known if not own or family in own]


def common(one: Pod, other: Pod, known: Sequence[Family]) -> list[Family]:
    """Return the families in which two pods may connect: where they share none, each is asked about (S2.11)."""
    ours, theirs = set(families_of(one, known)), set(families_of(other, known))
    return sorted(ours & theirs or ours | theirs)


_BLOCKS = tuple(ip_network(text) for block, holes in (*BLOCKS, ("192.0.2.0/24", ())) for text in (block, *holes))

#: The first address of each region that blocks of rules and of Services tell apart.
EDGES: tuple[Address, ...] = tuple(
    address
    for version in (4, 6)
    for address in sorted(
        {
            edge
            for network in _BLOCKS
            if network.version == version and network.prefixlen
            for edge in (network.network_address, network.broadcast_address + 1)
        }
        | {ip_network("0.0.0.0/0" if version == 4 else "::/0").network_address}
    )
)


def by_address(case: Case, way: Way, address: Address, port: int) -> Truth:
    flow = Flow(source=address, destination=way.pod, protocol=way.protocol, port=port, family=Family(address.version))
    return judge(case.snapshot, case.profile, flow).allowed


def by_pod(case: Case, source: Pod, way: Way, port: int, known: Sequence[Family]) -> Truth:
    """Return whether a controller's pod may connect: in every family that it may choose."""
    return agreed(
        judge(
            case.snapshot,
            case.profile,
            Flow(source=source, destination=way.pod, protocol=way.protocol, port=port, family=family),
        ).allowed
        for family in common(source, way.pod, known)
    )


def by_nobody_known(case: Case, way: Way, port: int, known: Sequence[Family]) -> Truth:
    """Return whether a pod without labels may connect, in a namespace that nothing names, whatever its address."""
    labels = {NAME_LABEL: NOBODY_KNOWS}
    namespace = Namespace(name=NOBODY_KNOWS, labels=labels, declared=False, place=NOWHERE)
    snapshot = replace(
        case.snapshot,
        namespaces={**case.snapshot.namespaces, NOBODY_KNOWS: namespace},
        policies=tuple(each for each in case.snapshot.policies if each.tier is not Tier.NETWORK),
    )
    workload = Workload(NOBODY_KNOWS, NOBODY_KNOWS, "Pod")
    return agreed(
        judge(
            snapshot,
            case.profile,
            Flow(source=source, destination=way.pod, protocol=way.protocol, port=port, family=family),
        ).allowed
        for family in families_of(way.pod, known) or known
        for source in _everywhere(workload, family)
    )


def _everywhere(workload: Workload, family: Family) -> Iterable[Pod]:
    for address in EDGES:
        if address.version == family:
            yield Pod(
                namespace=NOBODY_KNOWS,
                name=NOBODY_KNOWS,
                labels={},
                workload=workload,
                addresses=(address,),
                place=NOWHERE,
            )
