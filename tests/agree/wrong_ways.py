"""Deliberately wrong readings of Services and of what leads to them: each is one function of netsim, misread."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib import import_module
from typing import Any

from netsim.ir.objects import Namespace, Pod
from netsim.ir.place import NOWHERE
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import Traffic
from netsim.queries import attachment, doors, judge
from netsim.queries.attachment import Attachments
from netsim.queries.controllers import CONTROLLER, INGRESS_CONTROLLER, Controllers
from netsim.queries.doors import Doors
from netsim.queries.services import Services
from tests.agree.wrong import Wrong

#: The module; as an attribute of the package it is the function.
query = import_module("netsim.queries.query")


def _service(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a wrong reading of the pods behind a Service: those of another one."""
    return lambda right: lambda self, service: right(self, change(service))


def _numbers(answer: Callable[[Any, Any], Iterable[int]]) -> Callable[[Any], Any]:
    """Return a wrong reading of a target that is a name: of a pod's declared ports and a Service's port."""
    return lambda _: (
        lambda self, number, port: Traffic.of(
            (port.protocol, each, each) for each in answer(self._declared(number), port)
        )
    )


def _port(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda right: lambda self, service, port: right(self, service, change(port))


def _opened(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a wrong reading of how a Service is open: that of another Service."""
    return lambda right: lambda service, port: right(change(service), port)


def _entry(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda right: lambda self, entry, gateway: right(self, change(entry), gateway)


def _in_every_namespace(right: Any) -> Any:
    def pods(self: Any, service: Any) -> tuple[int, ...]:
        every = {namespace for namespace, _, _ in self._labelled}
        return tuple(sorted({n for name in every for n in right(self, replace(service, namespace=name))}))

    return pods


def _any_label(right: Any) -> Any:
    def pods(self: Any, service: Any) -> tuple[int, ...]:
        each = (replace(service, selector={key: value}) for key, value in (service.selector or {}).items())
        return tuple(sorted({n for one in each for n in right(self, one)}))

    return pods


def _ports(meant: Callable[[Any, Any], bool]) -> Callable[[Any], Any]:
    """Return a wrong reading of which ports of a Service are meant by what leads to it."""
    return lambda _: lambda *args: (port for port in args[-1].ports if meant(port, args[-2]))


def _not_node(kind: str) -> str:
    return "ClusterIP" if kind == "NodePort" else kind


def _open(kind: str) -> str:
    return "NodePort" if kind == "ClusterIP" else kind


def _nowhere() -> tuple[Pod, ...]:
    return (CONTROLLER,)


def _in_some_namespace(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot in which the namespace of the unknown controller has the labels of another."""
    labels = next(iter(snapshot.namespaces.values())).labels
    added = Namespace(name=INGRESS_CONTROLLER, labels=labels, declared=False, place=NOWHERE)
    return replace(snapshot, namespaces={**snapshot.namespaces, INGRESS_CONTROLLER: added})


def _flow(**changes: Any) -> Callable[[Any], Any]:
    return lambda right: lambda **named: right(**{**named, **changes})


def _with_the_bare_name(right: Any) -> Any:
    return lambda one, other: right(one, other) or one.removeprefix("*.") == other.removeprefix("*.")


def _with_one_label(right: Any) -> Any:
    return lambda one, other: right(one, other) and one.count(".") == other.count(".")


def _by_host_port(right: Any) -> Any:
    def of_pods(program: Any) -> Any:
        ends = tuple(
            replace(end, ports=tuple(replace(port, number=port.host_port or port.number) for port in end.ports))
            if isinstance(end, Pod)
            else end
            for end in program.endpoints
        )
        return right(replace(program, endpoints=ends))

    return of_pods


WRONG: tuple[Wrong, ...] = (
    Wrong("a Service selects pods of every namespace", "S2.6", Services, "pods", _in_every_namespace),
    Wrong("a Service selects by any of its labels", "S2.6", Services, "pods", _any_label),
    Wrong("an ExternalName has pods", "S2.6", Services, "pods", _service(lambda s: replace(s, external_name=None))),
    Wrong(
        "a port is not translated",
        "S2.6",
        Services,
        "targets",
        _port(lambda p: replace(p, target=p.port) if isinstance(p.target, int) else p),
    ),
    Wrong("a port is TCP", "S2.6", Services, "targets", _port(lambda p: replace(p, protocol=type(p.protocol).TCP))),
    Wrong("a named target is the Service's number", "S2.6", Services, "_named", _numbers(lambda _, p: [p.port])),
    Wrong(
        "a named target has no protocol",
        "S2.8",
        Services,
        "_named",
        _numbers(lambda own, p: [each.number for each in own if each.name == p.target][:1]),
    ),
    Wrong(
        "a named target is every port of the name",
        "S2.8",
        Services,
        "_named",
        _numbers(lambda own, p: [e.number for e in own if e.name == p.target and e.protocol is p.protocol]),
    ),
    Wrong("a load balancer lets everybody in", "S2.6", doors, "_openings", _opened(lambda s: replace(s, sources=()))),
    Wrong(
        "only a load balancer's first range counts",
        "S2.6",
        doors,
        "_openings",
        _opened(lambda s: replace(s, sources=s.sources[:1])),
    ),
    Wrong(
        "ranges of a load balancer close its node ports",
        "S2.6",
        doors,
        "_openings",
        _opened(lambda s: replace(s, node_ports=False)),
    ),
    Wrong(
        "node ports are there where none are allocated",
        "S2.6",
        doors,
        "_openings",
        _opened(lambda s: replace(s, node_ports=True)),
    ),
    Wrong("a NodePort is closed", "S2.6", doors, "_openings", _opened(lambda s: replace(s, type=_not_node(s.type)))),
    Wrong("a ClusterIP is open", "S2.6", doors, "_openings", _opened(lambda s: replace(s, type=_open(s.type)))),
    Wrong("external IPs are closed", "S2.6", doors, "_openings", _opened(lambda s: replace(s, external_ips=()))),
    Wrong(
        "an Ingress names the pods' port", "S2.6", Doors, "_ports", _ports(lambda p, backend: p.target == backend.port)
    ),
    Wrong(
        "a Route names the Service's port",
        "S2.6",
        Doors,
        "_ports",
        lambda right: lambda self, entry, *rest: right(self, replace(entry, kind="Ingress"), *rest),
    ),
    Wrong(
        "an HTTPRoute takes UDP",
        "S2.6",
        Doors,
        "_ports",
        _ports(lambda p, backend: backend.port in (None, p.port, p.name)),
    ),
    Wrong("no ReferenceGrant is needed", "S2.6", Attachments, "granted", lambda _: lambda *_args: True),
    Wrong(
        "no ReferenceGrant helps",
        "S2.6",
        Attachments,
        "granted",
        lambda _: lambda *args: args[1].namespace == args[2].namespace,
    ),
    Wrong("every listener takes every route", "S2.6", Attachments, "_takes", lambda _: lambda *_args: True),
    Wrong(
        "routes of every namespace are taken",
        "S2.6",
        Attachments,
        "_listens",
        lambda right: (
            lambda self, listener, gateway, entry, parent: right(
                self, replace(listener, namespaces=None), replace(gateway, namespace=entry.namespace), entry, parent
            )
        ),
    ),
    Wrong(
        "every class is served by whoever is there",
        "S2.6",
        Controllers,
        "_controller",
        lambda _: lambda *_args: None,
    ),
    Wrong(
        "an Ingress without a class has no controller",
        "S2.6",
        Controllers,
        "serving",
        lambda right: (
            lambda self, entry, gateway: (
                () if entry.kind == "Ingress" and not entry.class_name else right(self, entry, gateway)
            )
        ),
    ),
    Wrong(
        "the pods of a Gateway are those of its class",
        "S2.6",
        Controllers,
        "_of_gateway",
        lambda _: lambda *_args: (),
    ),
    Wrong(
        "controllers are never in the input",
        "S2.6",
        Controllers,
        "serving",
        lambda _: lambda *_args: (),
    ),
    Wrong("nobody asks the address of a controller", "S2.6", judge, "possible", lambda _: lambda *_args: _nowhere()),
    Wrong("networks keep out what enters", "S1.3", judge, "entering", lambda _: iter),
    Wrong(
        "a controller that nobody knows is outside",
        "S2.4",
        judge,
        "with_controller",
        lambda _: _in_some_namespace,
    ),
    Wrong("by a Service is by the own address", "S4.6", query, "Flow", _flow(by_service=False)),
    Wrong(
        "a headless Service is translated",
        "S2.6",
        query,
        "asked_targets",
        lambda right: lambda services, service, wanted: right(services, replace(service, cluster_ips=()), wanted),
    ),
    Wrong("every family comes in by any", "S2.11", doors, "_of_families", lambda _: lambda blocks, _own: tuple(blocks)),
    Wrong("a wildcard means the bare name, too", "S2.6", attachment, "_overlap", _with_the_bare_name),
    Wrong("a wildcard means one label", "S2.6", attachment, "_overlap", _with_one_label),
    Wrong("a hostPort is the port on the node", "S2.6", doors, "_of_pods", _by_host_port),
)
