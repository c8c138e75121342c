"""Services and what leads to them from outside, for generated clusters."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_address, ip_network

from netsim.ir.entries import Backend, ControllerClass, Entry, Gateway, Listener, Parent, ReferenceGrant
from netsim.ir.labels import EVERYTHING, Operator, Requirement, Selector
from netsim.ir.objects import Family, Pod, Service, ServicePort
from netsim.ir.place import NOWHERE
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import Protocol
from tests.agree.choices import ALMOST_ALWAYS, MOSTLY, RARELY, YES_NO, Choices

#: What tells the pods of a controller, and those of a Gateway.
TRAEFIK: Mapping[str, str] = {"app.kubernetes.io/name": "traefik"}
OF_GATEWAY: Mapping[str, str] = {"gateway.networking.k8s.io/gateway-name": "gate"}

_SPACES = ("web", "db")
_SELECTORS: tuple[Mapping[str, str] | None, ...] = ({"app": "a"}, {"env": "b"}, {"app": "a", "env": "a"}, {}, None)
_TYPES = (*("ClusterIP", "NodePort", "LoadBalancer", "LoadBalancer") * 3, "ExternalName")
#: The families that a Service says it has: mostly none.
_FAMILIES: tuple[frozenset[Family], ...] = (
    frozenset(),
    frozenset(),
    frozenset(),
    frozenset(),
    frozenset({Family.IPV4}),
    frozenset({Family.IPV6}),
)
_EXTERNAL = (ip_address("192.0.2.99"), ip_address("2001:db8::99"))
#: The routes of Gateways.
ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
#: What a listener can take, by its protocol.
_LISTENERS = (
    frozenset(ROUTES),
    frozenset(ROUTES),
    frozenset({"HTTPRoute", "GRPCRoute"}),
    frozenset({"TLSRoute", "TCPRoute"}),
    frozenset({"UDPRoute"}),
)
#: Names of listeners and of routes: some are others' above them, below them or beside them.
_LISTENED: tuple[str | None, ...] = (None, None, "*.example.com", "*.example.com", "shop.example.com")
_HOSTS: tuple[tuple[str, ...], ...] = (
    (),
    ("shop.example.com",),
    ("*.shop.example.com",),
    ("example.com",),
    ("example.org", "eu.shop.example.com"),
    ("myshop.example.com",),
    ("*.example.com",),
)
_TARGETS: tuple[int | str, ...] = (80, 53, 8080, "http")
#: Nobody that the snapshot names is here: sources are about the outside.
_SOURCES = (
    (),
    (ip_network("192.0.2.0/24"),),
    (ip_network("10.0.0.0/9"), ip_network("192.0.2.0/24")),
    (ip_network("0.0.0.0/1"),),
)


def with_services(choices: Choices, snapshot: Snapshot, counts: Sequence[int] = (0, 1, 2)) -> Snapshot:
    """Return a snapshot with Services in it, with controllers among its pods, and objects that lead to the Services.

    Args:
        counts: How many of these objects there may be.
    """
    services = tuple(_service(choices, number, snapshot.pods) for number in range(choices.pick((1, 2, 3))))
    entries = tuple(_entry(choices, number, services) for number in range(choices.pick(counts)))
    return replace(
        snapshot,
        pods=tuple(_pod(choices, pod) for pod in snapshot.pods),
        services=services,
        entries=entries,
        gateways=(_gateway(choices),),
        grants=(_grant(choices),),
        classes=_classes(choices),
    )


def _pod(choices: Choices, pod: Pod) -> Pod:
    labels = choices.pick(({}, {}, {}, TRAEFIK, OF_GATEWAY))
    ports = [replace(port, host_port=8000 if choices.pick(RARELY) else None) for port in pod.ports]
    if choices.pick(RARELY) and ports:
        ports.append(replace(ports[0], number=4242))  # of another container
    return replace(pod, labels={**pod.labels, **labels}, ports=tuple(ports))


def _service(choices: Choices, number: int, pods: Sequence[Pod]) -> Service:
    aim = choices.pick(pods)
    selectors = [dict(aim.labels), *({label[0]: label[1]} for label in aim.labels.items())]
    kind = choices.pick(_TYPES)
    headless = kind == "ClusterIP" and choices.pick(YES_NO)
    return Service(
        namespace=aim.namespace if choices.pick(ALMOST_ALWAYS) else choices.pick(_SPACES),
        name=f"s{number}",
        type=kind,
        selector=choices.pick(selectors if choices.pick(MOSTLY) else _SELECTORS),
        ports=tuple(_port(choices, at) for at in range(choices.pick((1, 2)))),
        cluster_ips=("None",) if headless else (f"10.96.0.{number}",) if kind != "ExternalName" else (),
        external_ips=(choices.pick(_EXTERNAL),) if kind != "ExternalName" and choices.pick(RARELY) else (),
        families=choices.pick(_FAMILIES),
        sources=choices.pick(_SOURCES) if kind == "LoadBalancer" else (),
        keeps_source=choices.pick(YES_NO),
        node_ports=choices.pick(MOSTLY),
        external_name="example.com" if kind == "ExternalName" else None,
        place=NOWHERE,
    )


def _port(choices: Choices, at: int) -> ServicePort:
    return ServicePort(
        name=("web", "alt")[at],
        protocol=choices.pick((Protocol.TCP, Protocol.TCP, Protocol.UDP)),
        port=(80, 8080)[at],
        target=choices.pick(_TARGETS),
    )


def _entry(choices: Choices, number: int, services: tuple[Service, ...]) -> Entry:
    aim = choices.pick(services)
    port = choices.pick(aim.ports)
    usual = ("UDPRoute",) if port.protocol is Protocol.UDP else ("Ingress", "Route", "Route", *ROUTES[:-1])
    kind = choices.pick(usual if choices.pick(ALMOST_ALWAYS) else ("Ingress", "Route", *ROUTES))
    namespace = choices.pick((aim.namespace, aim.namespace, *_SPACES)) if kind != "Ingress" else aim.namespace
    backend = Backend(
        namespace=aim.namespace if kind != "Route" else namespace,
        name=aim.name if choices.pick(ALMOST_ALWAYS) else "gone",
        port=choices.pick(_named_ports(kind, port)),
        protocol=Protocol.UDP if kind == "UDPRoute" else Protocol.TCP,
        place=NOWHERE,
    )
    parents = (_parent(choices),) if kind in ROUTES else ()
    return Entry(
        kind=kind,
        namespace=namespace,
        name=f"e{number}",
        backends=(backend,),
        parents=parents,
        class_name=choices.pick((None, None, "ours", "theirs", "gone")) if kind == "Ingress" else None,
        hosts=choices.pick(_HOSTS) if kind in ROUTES[:3] else (),
        place=NOWHERE,
    )


def _named_ports(kind: str, port: ServicePort) -> tuple[int | str | None, ...]:
    """Return how a port may be named: rightly, by what is only its target, or as no port at all."""
    if kind in ROUTES:
        return port.port, port.port, port.port, 53
    if kind == "Route":
        return port.port, port.target, port.target, port.name, 53, None
    return port.port, port.port, port.name, port.target, 53


def _parent(choices: Choices) -> Parent:
    name = "gate" if choices.pick(MOSTLY) else "gone"
    section, port = choices.pick(((None, None), ("one", None), ("two", None), (None, 443)))
    return Parent(namespace="web", name=name, section=section, port=port, place=NOWHERE)


def _gateway(choices: Choices) -> Gateway:
    namespaces = choices.pick((None, EVERYTHING, Selector((Requirement("env", Operator.EXISTS),))))
    return Gateway(
        namespace="web",
        name="gate",
        class_name=choices.pick(("ours", "theirs", "gone")),
        listeners=(
            _listener(choices, "one", 80, namespaces),
            _listener(choices, "two", 443, EVERYTHING),
        ),
        place=NOWHERE,
    )


def _listener(choices: Choices, name: str, port: int, namespaces: Selector | None) -> Listener:
    kinds = choices.pick(_LISTENERS)
    host = None if kinds == {"UDPRoute"} else choices.pick(_LISTENED)
    return Listener(name=name, port=port, kinds=kinds, namespaces=namespaces, host=host)


def _grant(choices: Choices) -> ReferenceGrant:
    """Return leave for routes of one namespace to name Services of the other."""
    own, other = choices.pick((_SPACES, _SPACES[::-1]))
    services = choices.pick((frozenset({None}), frozenset({"s0"})))
    return ReferenceGrant(
        namespace=own,
        name="grant",
        sources=frozenset({(kind, other) for kind in choices.pick((ROUTES, ROUTES[:1], ROUTES[1:]))}),
        services=services,
        place=NOWHERE,
    )


def _classes(choices: Choices) -> tuple[ControllerClass, ...]:
    known = {"IngressClass": "traefik.io/ingress-controller", "GatewayClass": "traefik.io/gateway-controller"}
    defaults = choices.pick(((False, False), (True, False), (False, True)))
    return tuple(
        ControllerClass(
            kind=kind,
            name=name,
            controller=controller if name == "ours" else "example.com/unknown",
            default=default and kind == "IngressClass",
            place=NOWHERE,
        )
        for kind, controller in known.items()
        for name, default in zip(("ours", "theirs"), defaults, strict=True)
    )
