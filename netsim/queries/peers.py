"""Peers as users type them: ``shop/cart[Deployment]``, ``prod/*``, ``ns:team=a,pod:app in (x,y)``, addresses."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from ipaddress import ip_network

from netsim.cluster import Compiled
from netsim.errors import UnknownPeerError, UsageError
from netsim.ingest.selectors import selectors
from netsim.ir.objects import Address, Network, Node, Pod
from netsim.lower.program import Program
from netsim.queries.controllers import INGRESS_CONTROLLER
from netsim.queries.forwarders import forwarders
from netsim.queries.outside import INTERNET
from netsim.queries.services import SERVICE, Services
from netsim.spec.labels import selects


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a peer text means: endpoints of the snapshot, by number, and blocks of outside addresses.

    ``controller`` is whether it means a controller that is not in the input.
    ``address`` is the address by which endpoints were named, where they were.
    """

    endpoints: tuple[int, ...] = ()
    blocks: tuple[Network, ...] = ()
    controller: bool = False
    address: Address | None = None


def choose(text: str, cluster: Compiled) -> Chosen:
    """Return what a peer text means.

    Raises:
        UnknownPeerError: It means nothing in this snapshot.
        UsageError: It is no peer, or one name means several things.
    """
    program = cluster.program
    text = text.strip()
    if text == "internet":
        return Chosen(blocks=INTERNET)
    if text == INGRESS_CONTROLLER:
        found = forwarders(cluster)
        return Chosen(endpoints=found.pods, controller=found.unknown)
    if text.startswith(SERVICE):
        services = Services.of(cluster)
        return Chosen(endpoints=services.pods(services.named(text.removeprefix(SERVICE))))
    block = _block(text)
    if block is not None:
        owner = _owner(block, cluster)
        return Chosen(endpoints=owner, address=block.network_address) if owner else Chosen(blocks=(block,))
    if text.startswith("node:"):
        return Chosen(endpoints=_nodes(text.removeprefix("node:"), program))
    if text.startswith(("ns:", "pod:")):
        return Chosen(endpoints=_selected(text, program))
    return Chosen(endpoints=_named(text, cluster))


def _block(text: str) -> Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _owner(block: Network, cluster: Compiled) -> tuple[int, ...]:
    """Return who of the snapshot has this one address; a node where hostNetwork pods share it."""
    if block.num_addresses != 1:
        return ()
    owners = cluster.lasting("names", lambda: Directory(cluster.program)).addresses.get(block.network_address, [])
    nodes = [number for number in owners if isinstance(cluster.program.endpoints[number], Node)]
    return tuple(nodes or owners[:1])


def _nodes(pattern: str, program: Program) -> tuple[int, ...]:
    nodes = {e.name: number for number, e in enumerate(program.endpoints) if isinstance(e, Node)}
    found = tuple(number for name, number in nodes.items() if fnmatchcase(name, pattern))
    if not found:
        known = f"the input holds {', '.join(sorted(nodes)[:5])}" if nodes else "the input holds no Node"
        raise UnknownPeerError(f"there is no node `{pattern}`", hint=_near(pattern, nodes, known))
    return found


def _selected(text: str, program: Program) -> tuple[int, ...]:
    namespaces, pods = selectors(text)
    labels = {name: namespace.labels for name, namespace in program.snapshot.namespaces.items()}
    found = tuple(
        number
        for number, pod in _pods(program)
        if selects(namespaces, labels[pod.namespace]) and selects(pods, pod.labels)
    )
    if not found:
        raise UnknownPeerError(f"`{text}` selects no pod", hint="`netsim reach` lists the workloads of the input")
    return found


_NAME = re.compile(r"(?:(?P<namespace>[^/\[\]]+)/)?(?P<name>[^/\[\]]+)(?:\[(?P<kind>\w+)\])?")


#: A namespace, or None for any, and a name.
Named = tuple[str | None, str]


class Directory:
    """Who of a program has a name or an address: numbers of endpoints, in order.

    Attributes:
        pods, workloads: By ``(namespace, name)``, and by ``(None, name)``; templates are no pods.
    """

    def __init__(self, program: Program) -> None:
        self.pods: dict[Named, list[int]] = {}
        self.workloads: dict[Named, list[int]] = {}
        self.addresses: dict[Address, list[int]] = {}
        for number, endpoint in enumerate(program.endpoints):
            for address in endpoint.addresses:
                self.addresses.setdefault(address, []).append(number)
            if isinstance(endpoint, Pod):
                _enter(self.workloads, endpoint.namespace, endpoint.workload.name, number)
                if not endpoint.template:
                    _enter(self.pods, endpoint.namespace, endpoint.name, number)


def _enter(named: dict[Named, list[int]], namespace: str, name: str, number: int) -> None:
    named.setdefault((namespace, name), []).append(number)
    named.setdefault((None, name), []).append(number)


def _named(text: str, cluster: Compiled) -> tuple[int, ...]:
    form = _NAME.fullmatch(text)
    if form is None:
        raise UsageError(f"`{text}` is no peer", hint=_HINT)
    directory = cluster.lasting("names", lambda: Directory(cluster.program))
    glob = any(character in text for character in "*?")
    key, kind = (form["namespace"], form["name"]), form["kind"]
    pods, workloads = (
        _pods_of(cluster.program, _matching(named, key, glob=glob)) for named in (directory.pods, directory.workloads)
    )
    if kind is not None:
        pods = pods if kind == "Pod" else []
        workloads = [(number, pod) for number, pod in workloads if pod.workload.kind == kind]
    found = {number for number, _ in [*pods, *workloads]} if glob else _one(text, pods, workloads)
    if not found:
        raise UnknownPeerError(f"`{text}` names nothing in the input", hint=_missing(text, cluster.program))
    return tuple(sorted(found))


def _matching(named: Mapping[Named, list[int]], asked: Named, *, glob: bool) -> list[int]:
    if not glob:
        return named.get(asked, [])
    found: list[int] = []
    for (namespace, name), numbers in named.items():
        if namespace is not None and fnmatchcase(namespace, asked[0] or "*") and fnmatchcase(name, asked[1]):
            found += numbers
    return found


def _pods_of(program: Program, numbers: Iterable[int]) -> list[tuple[int, Pod]]:
    return [(number, pod) for number in numbers if isinstance(pod := program.endpoints[number], Pod)]


def _one(text: str, pods: list[tuple[int, Pod]], workloads: list[tuple[int, Pod]]) -> set[int]:
    """Return the pods of the one pod or workload that is named; a pod goes before a workload of its name."""
    meant = {str(pod) for _, pod in pods} or {str(pod.workload) for _, pod in workloads}
    if len(meant) > 1:
        raise UsageError(f"`{text}` may mean {', '.join(sorted(meant))}", hint="name the one you mean")
    return {number for number, _ in pods or workloads}


def _pods(program: Program) -> list[tuple[int, Pod]]:
    return [(number, endpoint) for number, endpoint in enumerate(program.endpoints) if isinstance(endpoint, Pod)]


_HINT = (
    "write namespace/name, namespace/name[Kind], a glob such as prod/*, ns:LABELS,pod:LABELS, "
    "an address, a CIDR, node:NAME, svc:NAME or internet"
)


def _missing(text: str, program: Program) -> str:
    for pod in program.snapshot.pods:
        if pod.finished and text in (str(pod), pod.name):
            return "that pod has finished: it has no network"
    names = {f"{p.workload.namespace}/{p.workload.name}" for _, p in _pods(program)} | {
        str(p) for _, p in _pods(program)
    }
    return _near(text, [*names, *(name.partition("/")[2] for name in names)], "`netsim reach` lists the workloads")


def _near(text: str, names: Iterable[str], otherwise: str) -> str:
    near = get_close_matches(text, sorted(set(names)), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else otherwise
