"""Who may connect to whom, as an attacker asks: by classes, and each pod at its declared ports."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from netsim.bits.reach import Reach
from netsim.bits.sets import TrafficSets
from netsim.bits.targets import Members
from netsim.ir.objects import Address, Family, Node, Pod, Service
from netsim.ir.traffic import Protocol
from netsim.lower.program import Program

#: Where clouds serve the credentials of a node.
METADATA = ((ip_address("169.254.169.254"), 80), (ip_address("fd00:ec2::254"), 80))
KUBELET_PORT = 10250
#: So few are looked up one by one.
FEW = 200

#: Declared ports: protocol and number, sorted.
Ports = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """Pods of one class that declare the same ports."""

    member: int
    ports: Ports
    endpoints: tuple[int, ...]


@dataclass(slots=True)
class Network:
    """The reachability relation, by classes of endpoints.

    Attributes:
        foreign: The classes of addresses that the snapshot does not name.
        units: The pods, by what of them can be connected to; those without a port cannot be taken over the network.
    """

    program: Program
    reach: Reach
    units: tuple[Unit, ...]
    targets: Members
    _rows: dict[tuple[int, Family], Sequence[int]] = field(default_factory=dict)
    _admits: dict[tuple[int, Ports], bool | None] = field(default_factory=dict)
    _outside: dict[Address, int | None] = field(default_factory=dict)
    foreign: tuple[int, ...] = ()
    _nodes: tuple[tuple[int, Node], ...] = ()
    _owners: dict[Address, int] | None = None

    @staticmethod
    def of(program: Program, reach: Reach, ports: Mapping[int, Ports]) -> "Network":
        """Return the network of a program; ``ports`` are the declared ones of each endpoint that has some."""
        grouped: dict[tuple[int, Ports], list[int]] = {}
        for number, own in ports.items():
            if own:
                grouped.setdefault((program.class_of[number], own), []).append(number)
        units = tuple(Unit(member, own, tuple(numbers)) for (member, own), numbers in grouped.items())
        nodes = tuple((n, each) for n, each in enumerate(program.endpoints) if isinstance(each, Node))
        foreign = tuple(n for n, each in enumerate(program.classes) if each.family is not None)
        targets = Members(reach, [unit.member for unit in units])
        return Network(program, reach, units, targets, foreign=foreign, _nodes=nodes)

    def opened(self, source: int, units: Collection[int]) -> Iterator[tuple[int, bool]]:
        """Yield those of some units at a declared port of which a class may connect, and whether that is sure."""
        found: dict[int, bool] = {}
        for family in self.program.families:
            for at, number in self._reached(source, family, units):
                answer = self._admitted(number, self.units[at].ports)
                if answer is not False:
                    found[at] = found.get(at, False) or answer is True
        yield from found.items()

    def _reached(self, source: int, family: Family, units: Collection[int]) -> Iterator[tuple[int, int]]:
        """Yield those of some units to which anything may be opened, with the number of the traffic."""
        if len(units) < FEW:
            row = self.reach.row(source, family)
            yield from ((at, number) for at in units if (number := int(row[self.units[at].member])))
        else:
            yield from ((at, number) for at, number in self.targets.reached(source, family) if at in units)

    def row(self, source: int, family: Family) -> Sequence[int]:
        """Return the numbers of the traffic that a class may open to each class."""
        key = (source, family)
        if key not in self._rows:
            self._rows[key] = self.reach.row(source, family).tolist()
        return self._rows[key]

    def _admitted(self, number: int, ports: Ports) -> bool | None:
        if number == TrafficSets.NOTHING:
            return False
        key = (number, ports)
        if key not in self._admits:
            allowed, unknown = self.reach.traffic(number)
            flows = [(Protocol(protocol), port) for protocol, port in ports]
            surely = any(flow in allowed for flow in flows)
            self._admits[key] = True if surely else None if any(flow in unknown for flow in flows) else False
        return self._admits[key]

    def to_address(self, source: int, address: Address, port: int) -> bool | None:
        """Return whether a class may open TCP to an address, be it a node's, a pod's or nobody's."""
        family = Family(address.version)
        member = self.class_at(address)
        if family not in self.program.families or member is None:
            # Nothing in the input tells addresses of this family apart: policies decide as for any other.
            family, member = self.program.families[0], self.foreign[0] if self.foreign else None
            if member is None:
                return None
        return self._admitted(self.reach.cell(source, member, family), (("TCP", port),))

    def alike(self, sockets: Iterable[tuple[Address, int]]) -> tuple[tuple[Address, int], ...]:
        """Return one of each kind of addresses and ports that policies do not tell apart."""
        kinds: dict[tuple[int | None, int, int], tuple[Address, int]] = {}
        for address, port in sockets:
            kinds.setdefault((self.class_at(address), address.version, port), (address, port))
        return tuple(kinds.values())

    def somewhere(self, source: int, ports: Sequence[int]) -> bool | None:
        """Return whether a class may open TCP to one of these ports of some address outside, or of a node."""
        own = tuple(("TCP", port) for port in ports)
        members = {*(self.program.class_of[number] for number, _ in self._nodes), *self.foreign}
        if not members:
            return True
        answers = {
            self._admitted(int(self.row(source, family)[member]), own)
            for family in self.program.families
            for member in members
        }
        return True if True in answers else None if None in answers else False

    def kubelets(self, source: int, names: Collection[str]) -> list[tuple[str, bool]]:
        """Return those of some nodes whose kubelet a class may connect to, and whether that is sure."""
        if not names:
            return []
        asked = [(self.program.class_of[number], node.name) for number, node in self._nodes if node.name in names]
        answers = {member: self._kubelet(source, member) for member in {member for member, _ in asked}}
        return [(name, answers[member] is True) for member, name in asked if answers[member] is not False]

    def _kubelet(self, source: int, member: int) -> bool | None:
        answers = {
            self._admitted(self.reach.cell(source, member, family), (("TCP", KUBELET_PORT),))
            for family in self.program.families
        }
        return True if True in answers else None if None in answers else False

    def any_traffic(self, source: int, destination: int) -> bool:
        """Return whether one class may open anything to another, surely or perhaps."""
        return any(
            int(self.row(source, family)[destination]) != TrafficSets.NOTHING for family in self.program.families
        )

    def class_at(self, address: Address) -> int | None:
        """Return the class of who is at an address; None where nothing in the input tells it from others."""
        if address not in self._outside:
            self._outside[address] = self._find(address)
        return self._outside[address]

    def _addresses(self) -> Iterator[tuple[Address, int]]:
        """Yield every address with its endpoint, that which counts last: the first, and a node's before a pod's."""
        endpoints = list(enumerate(self.program.endpoints))
        for is_pod in (True, False):
            for number, each in reversed(endpoints):
                if isinstance(each, Pod) is is_pod:
                    yield from ((address, number) for address in each.addresses)

    def _find(self, address: Address) -> int | None:
        if self._owners is None:
            self._owners = dict(self._addresses())
        if (owner := self._owners.get(address)) is not None:
            return self.program.class_of[owner]
        for number, member in enumerate(self.program.classes):
            if member.family == address.version and any(a <= int(address) <= b for a, b in member.ranges):
                return number
        return None


def declared(pod: Pod, services: Mapping[int, set[tuple[str, int]]], number: int) -> Ports:
    """Return the ports at which a pod listens: those that it declares, and those that Services lead to."""
    own = {(port.protocol.value, port.number) for port in pod.ports}
    return tuple(sorted(own | services.get(number, set())))


@dataclass(frozen=True, slots=True)
class Led:
    """A port of a Service and the pods behind it; ``vertex`` is ``service:shop/web:80/TCP``."""

    vertex: str
    targets: tuple[tuple[int, str, int], ...]


def services_of(services: Iterable[Service], pods: Iterable[tuple[int, Pod]]) -> Iterator[Led]:
    """Yield the ports of Services that select pods, each pod with the protocol and port that it is led to."""
    by_namespace: dict[str, dict[tuple[str, str], set[int]]] = {}
    known = dict(pods)
    for number, pod in known.items():
        index = by_namespace.setdefault(pod.namespace, {})
        for pair in pod.labels.items():
            index.setdefault(pair, set()).add(number)
    for service in services:
        if not service.selector:
            continue
        index = by_namespace.get(service.namespace, {})
        matched = set.intersection(*(index.get(pair, set()) for pair in service.selector.items()))
        for port in service.ports:
            targets = (
                (number, port.protocol.value, target)
                for number in sorted(matched)
                for target in _targets(known[number], port.target, port.protocol)
            )
            vertex = f"service:{service.namespace}/{service.name}:{port.port}/{port.protocol.value}"
            yield Led(vertex, tuple(targets))


def _targets(pod: Pod, target: int | str, protocol: Protocol) -> Iterator[int]:
    if isinstance(target, int):
        yield target
    else:
        yield from (port.number for port in pod.ports if port.name == target and port.protocol is protocol)
