"""Services to the pods behind them, and their ports to the pods' ports (S2.6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from netsim.cluster import Compiled
from netsim.errors import UnknownPeerError, UnknownPortError, UsageError
from netsim.ingest.ports import Asked
from netsim.ir.objects import ContainerPort, Pod, Service, ServicePort
from netsim.ir.traffic import Protocol, Traffic
from netsim.lower.program import Program

#: What stands before the name of a Service where a peer is asked for.
SERVICE = "svc:"

#: The traffic at each endpoint, by its number in the program.
Targets = Mapping[int, Traffic]


@dataclass(frozen=True, slots=True)
class Services:
    """The Services of a program and the pods that they select."""

    by_name: Mapping[str, Service]
    _labelled: Mapping[tuple[str, str, str], Sequence[int]]
    _program: Program
    _by_address: Mapping[str, Service]

    @staticmethod
    def of(cluster: Compiled) -> "Services":
        """Return the Services of a cluster."""
        return cluster.lasting("services", lambda: Services._of(cluster.program))

    @staticmethod
    def _of(program: Program) -> "Services":
        """Return the Services of a program; of pods' labels, only those that Services ask for are looked at."""
        services = {str(service): service for service in program.snapshot.services}
        keys: dict[str, dict[str, None]] = {}
        for service in services.values():
            keys.setdefault(service.namespace, {}).update(dict.fromkeys(service.selector or ()))
        labelled: dict[tuple[str, str, str], list[int]] = {}
        for number, endpoint in enumerate(program.endpoints):
            if isinstance(endpoint, Pod):
                for key in keys.get(endpoint.namespace, ()):
                    if key in endpoint.labels:
                        labelled.setdefault((endpoint.namespace, key, endpoint.labels[key]), []).append(number)
        addresses = {each: service for service in reversed(services.values()) for each in service.cluster_ips}
        return Services(services, labelled, program, addresses)

    def pods(self, service: Service) -> tuple[int, ...]:
        """Return the pods that a Service selects, by number; none where it has no selector or is an ExternalName."""
        if not service.selector or service.external_name is not None:
            return ()
        asked = (self._labelled.get((service.namespace, *label), ()) for label in service.selector.items())
        first, *others = sorted(asked, key=len)
        return tuple(sorted(set(first).intersection(*others))) if others else tuple(first)

    def targets(self, service: Service, port: ServicePort) -> Targets:
        """Return where one port of a Service leads: several pods may resolve one name to different numbers."""
        if isinstance(port.target, int):
            return dict.fromkeys(self.pods(service), Traffic.of([(port.protocol, port.target, port.target)]))
        found = {number: self._named(number, port) for number in self.pods(service)}
        return {number: traffic for number, traffic in found.items() if traffic}

    def _named(self, number: int, port: ServicePort) -> Traffic:
        # The first declared port of the name counts, as it does for endpoints.
        named = [each.number for each in self._declared(number) if _is_called(each, port)]
        return Traffic.of((port.protocol, each, each) for each in named[:1])

    def _declared(self, number: int) -> tuple[ContainerPort, ...]:
        pod = self._program.endpoints[number]
        return pod.ports if isinstance(pod, Pod) else ()

    def undeclared(self, service: Service, port: ServicePort) -> bool:
        """Return whether none of the pods behind a port declares it, though some declare others.

        Whether somebody listens is not known: containers may listen on what they do not declare.
        """
        pods = self.pods(service)
        if isinstance(port.target, str):
            return bool(pods) and not any(_is_called(each, port) for number in pods for each in self._declared(number))
        declares = False
        for number in pods:
            for each in self._declared(number):
                if each.number == port.target and each.protocol is port.protocol:
                    return False
                declares = True
        return declares

    def meant(self, text: str) -> Service | None:
        """Return the Service that a peer text means, ``svc:NAME`` or an address of its own; None where it means none.

        Raises:
            UnknownPeerError: There is no Service of that name. UsageError: There are several.
        """
        if text.startswith(SERVICE):
            return self.named(text.removeprefix(SERVICE))
        return self._by_address.get(text)

    def named(self, text: str) -> Service:
        """Return the Service ``namespace/name``, or ``name`` where only one namespace has it.

        Raises:
            UnknownPeerError: There is none. UsageError: There are several.
        """
        found = [each for each in self.by_name.values() if text in (str(each), each.name)]
        if not found:
            known = ", ".join(list(self.by_name)[:5])
            hint = f"the input holds {known}" if known else "the input holds no Service"
            raise UnknownPeerError(f"there is no Service `{text}`", hint=hint)
        if len(found) > 1:
            raise UsageError(f"`svc:{text}` may mean {', '.join(map(str, found))}", hint="name the one you mean")
        return found[0]


def asked_targets(services: Services, service: Service, wanted: Asked) -> Targets | None:
    """Return where a connection to a Service leads that names the Service's port, by number or by name.

    None where the number is the pods' own: to a headless Service clients connect by the pods' addresses.

    Raises:
        UnknownPeerError: The Service selects no pod. UnknownPortError: It has no such port, or no pod behind it has the
            one that it leads to.
    """
    pods = services.pods(service)
    if not pods:
        raise UnknownPeerError(f"no pod of the input is behind Service {service}", hint=_why_none(service))
    if service.headless and wanted.name is None:
        return None
    ports = [port for port in service.ports if _is_asked(port, wanted)]
    if not ports:
        known = ", ".join(map(described, service.ports)) or "none"
        raise UnknownPortError(f"Service {service} has no port {wanted}", hint=f"its ports: {known}")
    found = merged(services.targets(service, port) for port in ports)
    if not found:
        targets = ", ".join(sorted({f"`{port.target}`" for port in ports}))
        message = f"Service {service} port {wanted} leads to {targets}, which no pod behind it declares"
        raise UnknownPortError(message, hint=f"declare a {ports[0].protocol} port of that name, or lead to a number")
    return found


def _why_none(service: Service) -> str:
    if service.external_name is not None:
        return f"it stands for the name {service.external_name}, outside the cluster"
    if service.selector is None:
        return "it has no selector: its endpoints are set by hand or by a controller, and are not in the input"
    labels = ",".join(f"{key}={value}" for key, value in service.selector.items())
    return f"it selects {labels} in namespace {service.namespace}"


def _is_asked(port: ServicePort, wanted: Asked) -> bool:
    if port.protocol is not (wanted.protocol or Protocol.TCP):
        return False
    return port.name == wanted.name if wanted.name is not None else wanted.first <= port.port <= wanted.last


def described(port: ServicePort) -> str:
    """Return a Service's port as users write it: ``http (80)``, ``53/UDP``."""
    protocol = "" if port.protocol is Protocol.TCP else f"/{port.protocol}"
    return f"{port.name} ({port.port}{protocol})" if port.name else f"{port.port}{protocol}"


def merged(targets: Iterable[Targets]) -> Targets:
    """Return several targets as one."""
    found: dict[int, Traffic] = {}
    for each in targets:
        for number, traffic in each.items():
            found[number] = found[number] | traffic if number in found else traffic
    return found


def _is_called(declared: ContainerPort, port: ServicePort) -> bool:
    """Return whether a port that a pod declares is the one that a Service's port means by name."""
    return declared.name == port.target and declared.protocol is port.protocol
