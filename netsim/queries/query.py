"""One verdict, with the reason of each direction."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from ipaddress import ip_address
from itertools import islice, product
from typing import ClassVar

from netsim.cluster import Compiled
from netsim.errors import UnknownPortError, UsageError
from netsim.ingest.ports import Asked, asked
from netsim.ir.objects import Address, Family, Network, Node, Pod
from netsim.ir.traffic import Protocol
from netsim.ir.truth import Truth, agreed
from netsim.ir.verdict import Endpoint, Flow, Side
from netsim.ir.verdict import Verdict as Judged
from netsim.lower.program import Program
from netsim.queries.answer import Answer, warnings_of
from netsim.queries.assumptions import of_verdicts
from netsim.queries.candidates import candidates
from netsim.queries.controllers import (
    CONTROLLER,
    INGRESS_CONTROLLER,
    is_unknown,
    possible,
    with_controller,
    without_address,
)
from netsim.queries.departures import Departure, departures
from netsim.queries.forwarders import forwarders
from netsim.queries.judged import VerdictShape, flow_dict, side_dict
from netsim.queries.peers import Chosen, choose
from netsim.queries.services import Services, asked_targets
from netsim.spec import explained, judge

#: No question is answered by more flows than this: beyond it, `reach` is the right one.
MOST_FLOWS = 20_000


@dataclass(frozen=True, kw_only=True)
class Verdict(Answer):
    """Whether one peer may open a connection to another.

    Attributes:
        source, destination, port: As they were asked.
        allowed: True, False, or None for unknown; also None where the question is about several flows (the pods of
            a workload, two address families) that do not agree.
        flows: What was judged: one flow for each case that policy tells apart.
        network: The network that they are on; None where the input names none but the pod network, or where the two
            share none.
        departures: The shipped profiles under which the verdict is another.
    """

    kind: ClassVar[str] = "Verdict"

    source: str
    destination: str
    port: str
    allowed: Truth
    flows: tuple[Judged, ...]
    network: str | None = None
    departures: tuple[Departure, ...] = ()

    def __bool__(self) -> bool:
        """Whether it is surely allowed."""
        return self.allowed is True

    @property
    def deciding(self) -> Judged:
        """The flow that the explanation is about: the first that is not allowed, where there is one."""
        return next((flow for flow in self.flows if flow.allowed is not True), self.flows[0])

    @property
    def egress(self) -> Side:
        """What egress says of the deciding flow."""
        return self.deciding.egress

    @property
    def ingress(self) -> Side:
        """What ingress says of the deciding flow."""
        return self.deciding.ingress

    def facts(self) -> VerdictShape:
        """Return the verdict as JSON values."""
        shape: VerdictShape = {
            "from": self.source,
            "to": self.destination,
            "port": self.port,
            "allowed": self.allowed,
            "egress": side_dict(self.egress),
            "ingress": side_dict(self.ingress),
            "flow": flow_dict(self.deciding.flow),
            "flows": [{**flow_dict(judged.flow), "allowed": judged.allowed} for judged in self.flows],
        }
        if self.network:
            shape["network"] = self.network
        if self.departures:
            shape["profiles"] = {"differ": [entry.profile for entry in self.departures]}
        return shape


@dataclass(frozen=True, slots=True)
class Denial:
    """A verdict that is wanted to be a denial: true in a condition iff the connection is surely denied."""

    verdict: Verdict

    def __bool__(self) -> bool:
        return self.verdict.allowed is False

    def __str__(self) -> str:
        return str(self.verdict)


def query(
    cluster: Compiled,
    source: str,
    destination: str,
    *,
    port: int | str,
    protocol: str | None = None,
    family: str | Family | None = None,
) -> Verdict:
    """Return whether ``source`` may open a connection to ``destination``.

    Args:
        source, destination: Peers, as the command line takes them.
        port: A number, a range, or the name of a port of the destination; ``/PROTOCOL`` may follow.
        protocol: TCP where neither this nor ``port`` names one.
        family: ``IPv4`` or ``IPv6``; both where not given and both are in use.

    Raises:
        UsageError: A peer names nothing, the port is no port, or the destination has no port of that name.
    """
    program = cluster.program
    wanted = asked(port, protocol).of_one_protocol()
    sources = None if source.strip() == INGRESS_CONTROLLER else choose(source, cluster)
    aim = _aimed(cluster, destination, wanted)
    sources = sources or _forwarding(cluster, aim)
    snapshot = with_controller(cluster.snapshot) if sources.controller else cluster.snapshot
    spoken = family_of(family) or _spoken(source, destination)
    flows = list(islice(_flows(program, sources, aim, wanted, spoken), MOST_FLOWS + 1))
    if not flows:
        missing = UnknownPortError if wanted.name else UsageError
        raise missing(_nothing(destination, wanted), hint="name a port that it declares, or a number")
    if len(flows) > MOST_FLOWS:
        raise UsageError(
            f"that is more than {MOST_FLOWS:,} flows", hint="`netsim reach --from ... --to ...` lists them"
        )
    questions = [(flow, candidates(cluster, flow)) for flow in flows]
    judged = [judge(snapshot, cluster.profile, *question) for question in questions]
    allowed = agreed(verdict.allowed for verdict in judged)
    return Verdict(
        source=source,
        destination=destination,
        port=str(wanted),
        allowed=allowed,
        flows=tuple(_told(explained(verdict, snapshot, cluster.profile)) for verdict in judged),
        departures=departures(cluster.profile, snapshot, questions, allowed),
        assumptions=of_verdicts(cluster, snapshot, judged),
        warnings=warnings_of(cluster),
    )


def _told(verdict: Judged) -> Judged:
    """Return a verdict as it is told: of the controller that is not in the input nobody knows the address."""
    if is_unknown(verdict.flow.source):
        return replace(verdict, ingress=without_address(verdict.ingress))
    return verdict


#: The ports that are asked about at a destination, which has a number where the snapshot names it.
Ports = Callable[[int | None, Endpoint], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Aim:
    """What a destination means; ``by_service`` is whether a Service's own address leads there."""

    chosen: Chosen
    ports: Ports
    by_service: bool = False


def _forwarding(cluster: Compiled, aim: _Aim) -> Chosen:
    """Return the controllers that forward to a destination."""
    found = forwarders(cluster, aim.chosen.endpoints)
    return Chosen(endpoints=found.pods, controller=found.unknown)


def _aimed(cluster: Compiled, destination: str, wanted: Asked) -> _Aim:
    """Return what a destination means; of a Service, the pods behind it and their own ports (S2.6)."""
    program = cluster.program
    services = Services.of(cluster) if cluster.snapshot.services else None
    service = services.meant(destination) if services else None
    if services is None or service is None or wanted.protocol is Protocol.OTHER:
        chosen = choose(destination, cluster)
        if destination.strip() == INGRESS_CONTROLLER and not chosen.endpoints:
            raise UsageError(f"`{destination}` can only open connections", hint="name it with --from")
        return _Aim(chosen, lambda _, endpoint: _ports(program, wanted, endpoint))
    targets = asked_targets(services, service, wanted)
    if targets is None:
        return _Aim(Chosen(services.pods(service)), lambda _, endpoint: _ports(program, wanted, endpoint))

    def ports(number: int | None, _: Endpoint) -> tuple[int, ...]:
        return tuple(first for _, first, _ in targets.get(number or 0, ()))

    return _Aim(Chosen(tuple(targets)), ports, by_service=not service.headless)


def _nothing(destination: str, wanted: Asked) -> str:
    if wanted.name:
        return f"`{destination}` has no port named `{wanted.name}` for {wanted.protocol}"
    return "there is no connection between the two: they share no address family"


def family_of(family: str | Family | None) -> Family | None:
    """Return the address family that a user names, or None for none."""
    if family is None or isinstance(family, Family):
        return family
    known = {"ipv4": Family.IPV4, "4": Family.IPV4, "ipv6": Family.IPV6, "6": Family.IPV6}
    if family.lower() not in known:
        raise UsageError(f"`{family}` is no address family", hint="write IPv4 or IPv6")
    return known[family.lower()]


def _spoken(*peers: str) -> Family | None:
    """Return the family of the first peer that is named by an address (S2.11); None where none is."""
    for text in peers:
        with suppress(ValueError):
            return Family(ip_address(text.strip()).version)
    return None


def _flows(program: Program, sources: Chosen, aim: _Aim, wanted: Asked, family: Family | None) -> Iterator[Flow]:
    """Yield one flow for each case that policy tells apart; a Service may lead a pod to itself (S4.6)."""
    several = len(sources.endpoints) + len(aim.chosen.endpoints) > 2 and not aim.by_service
    seen: set[object] = set()
    for (one, source), (other, destination) in product(_ends(program, sources), _ends(program, aim.chosen)):
        if several and one == other and one is not None:
            continue  # a workload to itself is about its replicas
        for version, opening in _openings(program, source, destination, family):
            case = (_case(program, one, opening), _case(program, other, destination), one == other)
            for number in aim.ports(other, destination):
                key = (case, number, version, _relation(source, destination))
                if key not in seen:
                    seen.add(key)
                    yield Flow(
                        source=opening,
                        destination=destination,
                        protocol=wanted.protocol or Protocol.TCP,
                        port=number,
                        family=version,
                        by_service=aim.by_service,
                    )


def _openings(
    program: Program, source: Endpoint, destination: Endpoint, family: Family | None
) -> Iterator[tuple[Family, Endpoint]]:
    """Yield the families in which two connect, with the source; the unknown controller once for each address of it."""
    for version in common_families(program, source, destination) if family is None else (family,):
        found = possible(program.snapshot.policies, version) if source is CONTROLLER else (source,)
        yield from ((version, each) for each in found)


def _case(program: Program, number: int | None, endpoint: Endpoint) -> object:
    if number is not None:
        return program.class_of[number]
    return endpoint.addresses if isinstance(endpoint, Pod | Node) else endpoint


def _relation(source: Endpoint, destination: Endpoint) -> object:
    """Return how two endpoints' nodes relate: all that S2.9 asks of them beyond their classes."""
    one = source.name if isinstance(source, Node) else getattr(source, "node", None)
    other = getattr(destination, "node", None)
    return None if one is None or other is None else one == other


def _ends(program: Program, chosen: Chosen) -> Iterator[tuple[int | None, Endpoint]]:
    for number in chosen.endpoints:
        endpoint = program.endpoints[number]
        # S2.6: of several addresses a node is met at the one that was named
        if isinstance(endpoint, Node) and chosen.address is not None:
            endpoint = replace(endpoint, addresses=(chosen.address,))
        yield number, endpoint
    for block in chosen.blocks:
        for address in _representatives(program, block):
            yield None, address
    if chosen.controller:
        yield None, CONTROLLER


def _representatives(program: Program, block: Network) -> Iterator[Address]:
    """Yield one address of the block for each region that rules tell apart, none that the snapshot names."""
    named = {address for endpoint in program.endpoints for address in endpoint.addresses}
    regions = [member.ranges for member in program.classes if member.family == block.version]
    if block.num_addresses == 1 or not regions:
        yield block.network_address
        return
    first = block.network_address
    for ranges in regions:
        for start, end in ranges:
            low, high = max(start - int(first), 0), min(end - int(first), block.num_addresses - 1)
            free = (first + offset for offset in range(low, high + 1))
            address = next((a for a in islice(free, len(named) + 1) if a not in named), None)
            if address is not None:
                yield address
                break


def _ports(program: Program, wanted: Asked, destination: Endpoint) -> tuple[int, ...]:
    """Return one port for each atom that is asked about."""
    if wanted.protocol is Protocol.OTHER:
        return (0,)
    if wanted.name is not None:
        return wanted.numbers(destination)
    starts = program.atoms.starts[wanted.protocol or Protocol.TCP]
    return (wanted.first, *(start for start in starts if wanted.first < start <= wanted.last))


def common_families(program: Program, source: Endpoint, destination: Endpoint) -> tuple[Family, ...]:
    """Return the families in which two endpoints may connect (S2.11).

    An endpoint without an address may get one of any family in use. Where two have none in common, each is asked
    about in the other's: policy is all that a verdict is about.
    """
    for endpoint in (source, destination):
        if not isinstance(endpoint, Pod | Node):
            return (Family(endpoint.version),)
    one, other = versions(source), versions(destination)
    everything = frozenset(program.families)
    return tuple(sorted((one or everything) & (other or everything) or one | other))


def versions(endpoint: Endpoint) -> frozenset[Family]:
    """Return the families of an endpoint's addresses."""
    addresses = endpoint.addresses if isinstance(endpoint, Pod | Node) else (endpoint,)
    return frozenset(Family(address.version) for address in addresses)
