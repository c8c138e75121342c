"""Which pods may connect to the control plane: to etcd, to the API server, to kubelets."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import urlsplit

from netsim.cluster import Compiled
from netsim.graph.network import KUBELET_PORT
from netsim.graph.world import World
from netsim.ir.finding import Check, Finding, Severity
from netsim.ir.objects import Address, Node
from netsim.ir.place import NOWHERE, Place
from netsim.knowledge import checks
from netsim.posture.areas import Inputs
from netsim.posture.controlplane import API_SERVER, ETCD
from netsim.posture.etcd import of_file

_ETCD_PORT, _API_PORT, _READ_ONLY_PORT = 2379, 6443, 10255
#: etcd asks whoever connects for no certificate: NS601, NS606, NS607; a kubelet asks nobody who he is.
_ETCD_OPEN = frozenset({"NS601", "NS605", "NS606", "NS607"})
_KUBELET_OPEN = frozenset({"NS631", "NS632"})
_ENDPOINTS = ("EndpointSlice", "Endpoints")
_FEW = 5

Socket = tuple[Address, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """Findings on what pods may connect to, and what was not asked for want of an address."""

    findings: tuple[Finding, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """A part of the control plane, and where it listens.

    Attributes:
        sockets: Sorted; empty where the input tells no address.
        open_by: The codes of findings by which it lets in whoever connects.
    """

    check: str
    name: str
    sockets: tuple[Socket, ...]
    place: Place = NOWHERE
    open_by: frozenset[str] = frozenset()
    worse: Severity | None = None


def reachable(cluster: Compiled, given: Inputs, found: Sequence[Finding]) -> Reachable:
    """Return which pods may connect to etcd, to kubelets and to the API server.

    Args:
        found: The findings of the area, by which a target lets in whoever connects.
    """
    if not cluster.snapshot.pods or not _speaks(cluster, given):
        return Reachable()
    asked = _Asked(cluster=cluster, given=given)
    catalogue = checks("reachable")
    told, missing = [], []
    for target in asked.targets():
        if not target.sockets:
            missing.append(target.name)
            continue
        told += list(_finding(asked, target, catalogue[target.check], {each.code for each in found}))
    assumed = [f"which pods may connect to {each} was not asked: the input holds no address of it" for each in missing]
    return Reachable(findings=tuple(told), assumptions=tuple(assumed))


def _speaks(cluster: Compiled, given: Inputs) -> bool:
    """Return whether the input says anything of where the control plane is; to compile the network takes a while."""
    return bool(cluster.snapshot.nodes or given.started or given.etcd_files or any(given.of(*_ENDPOINTS)))


def _finding(asked: "_Asked", target: _Target, check: Check, codes: Collection[str]) -> Iterator[Finding]:
    sure, perhaps = asked.reaching(target)
    if not sure and not perhaps:
        return
    worse = bool(target.open_by & set(codes))
    facts = [("addresses", ", ".join(f"{_shown(a)}:{port}" for a, port in target.sockets[:_FEW]))]
    facts += [(word, ", ".join(own)) for word, own in (("workloads", sure), ("perhaps", perhaps)) if own]
    facts += [("on a node's network", ", ".join(asked.on_nodes))] if asked.on_nodes else []
    facts += [("open by", ", ".join(sorted(target.open_by & set(codes))))] if worse else []
    yield Finding(
        code=check.code,
        severity=target.worse if worse and target.worse else check.severity,
        object=target.name,
        file="" if target.place is NOWHERE else target.place.file,
        line=target.place.line,
        message=_message(target, sure, perhaps, asked.counted),
        why=check.description,
        hint=check.help,
        evidence=tuple(facts),
    )


def _message(target: _Target, sure: Sequence[str], perhaps: Sequence[str], total: int) -> str:
    ports = ", ".join(dict.fromkeys(str(port) for _, port in target.sockets))
    parts = []
    if sure:
        parts.append(f"{len(sure):,} of {total:,} workloads may connect to TCP {ports}: {_listed(sure)}")
    if perhaps:
        verb = (
            "it is not known of"
            if sure
            else f"of {total:,} workloads it is not known whether they may connect to TCP {ports}:"
        )
        parts.append(f"{verb} {_listed(perhaps)}")
    return "; ".join(parts)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_FEW]) + (f" and {len(names) - _FEW:,} more" if len(names) > _FEW else "")


def _shown(address: Address) -> str:
    return f"[{address}]" if address.version == 6 else str(address)


@dataclass(kw_only=True)
class _Asked:
    """One cluster, asked once."""

    cluster: Compiled
    given: Inputs
    _answers: dict[tuple[int, tuple[Socket, ...]], bool | None] = field(default_factory=dict)

    @cached_property
    def world(self) -> World:
        """The pods, their classes and the network."""
        return self.cluster.attack

    @cached_property
    def workloads(self) -> Mapping[str, frozenset[int]]:
        """The classes of the pods of each workload that is not on a node's own network."""
        found: dict[str, set[int]] = {}
        for number, facts in self.world.by_number.items():
            if not facts.pod.host_network:
                found.setdefault(str(facts.pod.workload), set()).add(self.world.program.class_of[number])
        return {name: frozenset(members) for name, members in sorted(found.items())}

    @cached_property
    def on_nodes(self) -> tuple[str, ...]:
        """The workloads on a node's own network, which policies of pods do not hold back."""
        own = (facts.pod for facts in self.world.by_number.values() if facts.pod.host_network)
        return tuple(sorted({str(pod.workload) for pod in own}))

    @property
    def counted(self) -> int:
        """How many workloads are asked about."""
        return len(self.workloads)

    def reaching(self, target: _Target) -> tuple[list[str], list[str]]:
        """Return the workloads that may connect to a target, and those of which that is not known."""
        sure, perhaps = [], []
        sockets = self.world.network.alike(target.sockets)
        for name, members in self.workloads.items():
            answers = {self._reaches(member, sockets) for member in members}
            if True in answers:
                sure.append(name)
            elif None in answers:
                perhaps.append(name)
        return sure, perhaps

    def _reaches(self, member: int, sockets: tuple[Socket, ...]) -> bool | None:
        key = (member, sockets)
        if key not in self._answers:
            answers = {self.world.network.to_address(member, *each) for each in sockets}
            self._answers[key] = True if True in answers else None if None in answers else False
        return self._answers[key]

    def targets(self) -> Iterator[_Target]:
        """Yield etcd, kubelets and the API server, as far as the input speaks of them."""
        nodes = self.cluster.snapshot.nodes
        masters = [node for node in nodes if self.world.objects.control_plane(node)]
        is_told = bool(masters) or any(each.program == ETCD for each in self.given.started) or self.given.etcd_files
        if is_told:
            sockets = self._etcd(masters)
            if sockets is not None:
                yield _Target(
                    check="etcd-reachable",
                    name=_named("etcd", masters),
                    sockets=sockets,
                    place=masters[0].place if masters else NOWHERE,
                    open_by=_ETCD_OPEN,
                    worse=Severity.CRITICAL,
                )
        if nodes:
            yield _Target(
                check="kubelet-reachable",
                name=_named("kubelet", nodes),
                sockets=_sockets(nodes, (KUBELET_PORT, *self._read_only())),
                place=nodes[0].place,
                open_by=_KUBELET_OPEN,
                worse=Severity.CRITICAL,
            )
        sockets = self.world.objects.api_endpoints or _sockets(masters, (self._secure_port(),))
        if sockets or any(each.program == API_SERVER for each in self.given.started):
            yield _Target(
                check="apiserver-reachable",
                name=_named("kube-apiserver", masters),
                sockets=sockets,
                place=masters[0].place if masters else NOWHERE,
            )

    def _etcd(self, masters: Iterable[Node]) -> tuple[Socket, ...] | None:
        """Return where etcd listens; None where it listens on loopback alone."""
        own = [each.flags for each in self.given.started if each.program == ETCD and each.whole]
        own += [of_file(each.body) for each in self.given.etcd_files]
        listening = [url for flags in own for url in flags.urls("listen-client-urls", "http://localhost:2379")]
        named = [url for each in self.given.started for url in each.flags.urls("etcd-servers")]
        found = {socket for url in (*listening, *named) if (socket := _socket_of(url))}
        ports = {urlsplit(url).port or _ETCD_PORT for url in listening if not _is_loopback(url)}
        if listening and not ports and not found:
            return None
        return tuple(sorted({*found, *_sockets(masters, ports or {_ETCD_PORT})}, key=_order))

    def _secure_port(self) -> int:
        ports = [each.flags.get("secure-port") for each in self.given.started if each.program == API_SERVER]
        return next((int(each) for each in ports if each.isdigit()), _API_PORT)

    def _read_only(self) -> Iterator[int]:
        for manifest in self.given.of("KubeletConfiguration"):
            port = manifest.body.get("readOnlyPort")
            if isinstance(port, int) and port:
                yield port


def _named(part: str, nodes: Sequence[Node]) -> str:
    # Of many the number is left out: the finding stays the same one when a node is added.
    return f"{part} of Node {nodes[0].name}" if len(nodes) == 1 else part


def _sockets(nodes: Iterable[Node], ports: Iterable[int]) -> tuple[Socket, ...]:
    own = list(ports)
    return tuple(sorted(((address, port) for node in nodes for address in node.addresses for port in own), key=_order))


def _order(socket: Socket) -> tuple[int, Address, int]:
    return socket[0].version, socket[0], socket[1]


def _socket_of(url: str) -> Socket | None:
    """Return the address that a URL names, where it names one that others can connect to."""
    try:
        address = ip_address(urlsplit(url).hostname or "")
        port = urlsplit(url).port or _ETCD_PORT
    except ValueError:
        return None
    return None if address.is_loopback or address.is_unspecified else (address, port)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
