"""Whole clusters, drawn small and dense, so that every rule of the standard gets something to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import ip_address, ip_network
from random import Random

from hypothesis import strategies as st

from netsim.ir.labels import EVERYTHING, NAME_LABEL, Operator, Requirement, Selector, namespace_named
from netsim.ir.objects import Address, ContainerPort, Namespace, Node, Pod, Workload
from netsim.ir.place import NOWHERE
from netsim.ir.policy import (
    Action,
    AddressPeer,
    Direction,
    DomainPeer,
    NamedPort,
    NodePeer,
    Peer,
    PodPeer,
    Policy,
    PortMatch,
    Ports,
    Rule,
    Tier,
)
from netsim.ir.profile import Baseline, HostNetwork, NamedPorts, Profile, SelfViaService, Ties
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import LAST_PORT, PORT_PROTOCOLS, Protocol
from tests.agree.choices import ALMOST_ALWAYS, MOSTLY, RARELY, YES_NO, Choices, Drawn, Seeded
from tests.agree.generate_networks import SOMETIMES, with_networks
from tests.agree.generate_services import with_services


@dataclass(frozen=True)
class Case:
    """A cluster and the network that it runs on."""

    snapshot: Snapshot
    profile: Profile


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Return clusters as hypothesis draws them."""
    return case(Drawn(draw))


def seeded(seed: int) -> Case:
    """Return the cluster of one seed."""
    return case(Seeded(Random(seed)))  # noqa: S311  (no secret hangs on it)


NAMESPACES = ("web", "db")
NODES = ("n1", "n2")


def case(choices: Choices) -> Case:
    """Return one cluster and profile."""
    found = bare(choices)
    # Last, so that a seed keeps its pods and policies whatever else there comes to be.
    snapshot = found.snapshot
    if choices.pick(SOMETIMES):
        snapshot = with_networks(choices, snapshot, partial(network_policy, choices))
    if choices.pick(SOMETIMES):
        snapshot = with_services(choices, snapshot)
    return Case(snapshot, _of_itself(choices, found.profile))


def bare(choices: Choices) -> Case:
    """Return a cluster of pods, nodes and policies alone."""
    nodes = tuple(_node(choices, name) for name in NODES)
    pods = tuple(_pod(choices, number) for number in range(choices.pick((2, 3, 4, 5))))
    policies = tuple(_policy(choices, number) for number in range(choices.pick((1, 2, 3, 4, 5))))
    namespaces = {name: _namespace(choices, name) for name in NAMESPACES}
    names = choices.pick((NAMES, NAMES, NAMES, {}, None))
    snapshot = Snapshot(namespaces=namespaces, pods=pods, nodes=nodes, policies=policies, names=names)
    return Case(snapshot, _profile(choices))


def network_policy(choices: Choices, number: int) -> Policy:
    """Return a NetworkPolicy."""
    return _policy(choices, number, Tier.NETWORK_POLICY)


def _of_itself(choices: Choices, profile: Profile) -> Profile:
    return replace(profile, self_via_service=choices.pick(tuple(SelfViaService)))


def with_ways(choices: Choices) -> Case:
    """Return a cluster with Services and what leads to them; on several networks now and then."""
    found = bare(choices)
    snapshot = found.snapshot
    if choices.pick(RARELY):
        snapshot = with_networks(choices, snapshot, partial(network_policy, choices))
    return Case(with_services(choices, snapshot, counts=(2, 3, 4)), _of_itself(choices, found.profile))


@st.composite
def served(draw: st.DrawFn) -> Case:
    """Return clusters with ways in."""
    return with_ways(Drawn(draw))


def _profile(choices: Choices) -> Profile:
    if choices.pick(YES_NO):
        return Profile(name="upstream")
    return Profile(
        name="drawn",
        host_network=choices.pick((HostNetwork.AS_NODE, HostNetwork.AS_NODE, HostNetwork.AS_POD)),
        blocks_match_pods=choices.pick(MOSTLY),
        own_node_enters=choices.pick(MOSTLY),
        blocks_match_nodes=choices.pick(MOSTLY),
        bare_pods_governed=choices.pick(ALMOST_ALWAYS),
        named_ports=choices.pick((NamedPorts.RESOLVED, NamedPorts.RESOLVED, NamedPorts.EVERY_PORT)),
        end_port=choices.pick(MOSTLY),
        ties=choices.pick((Ties.AMBIGUOUS, Ties.BY_NAME)),
        baseline=choices.pick((Baseline.PER_DIRECTION, Baseline.UNSELECTED)),
    )


def _labels(choices: Choices) -> dict[str, str]:
    return {key: value for key in ("app", "env") if (value := choices.pick(("a", "b", "", None))) is not None}


def _namespace(choices: Choices, name: str) -> Namespace:
    return Namespace(name=name, labels={**_labels(choices), NAME_LABEL: name}, place=NOWHERE)


def _node(choices: Choices, name: str) -> Node:
    number = NODES.index(name) + 1
    every = (f"172.18.0.{number}", f"10.0.0.{200 + number}", f"fd00:18::{number}")
    chosen = choices.pick(((0,), (0, 2), (0, 1), ()))
    return Node(name=name, labels=_labels(choices), addresses=_addresses([every[at] for at in chosen]), place=NOWHERE)


#: What makes pods.
OWNERS = ("Deployment", "VirtualMachine")


def _pod(choices: Choices, number: int) -> Pod:
    namespace = choices.pick(NAMESPACES)
    template = choices.pick(RARELY)
    four, six = f"10.0.{choices.pick((0, 1))}.{number + 1}", f"fd00:{choices.pick((0, 1))}::{number + 1}"
    addresses = [] if template else choices.pick(([four], [four, six], [six], []))
    name, host_network = f"p{number}", choices.pick(RARELY)
    # What is on an unknown node's network is what `nodes` peers stumble over, and would be rare otherwise.
    node = None if template else choices.pick((*NODES, None, None) if host_network else (*NODES, None))
    return Pod(
        namespace=namespace,
        name=name,
        labels=_labels(choices),
        workload=Workload(namespace, name, choices.pick(("Pod", OWNERS[number % 2]))),
        ports=tuple(_container_port(choices) for _ in range(choices.pick((0, 1, 2)))),
        addresses=_addresses(addresses),
        node=node,
        host_network=host_network,
        finished=choices.pick((False,) * 7 + (True,)),
        template=template,
        place=NOWHERE,
    )


def _addresses(texts: Sequence[str]) -> tuple[Address, ...]:
    return tuple(ip_address(text) for text in texts)


def _container_port(choices: Choices) -> ContainerPort:
    name = choices.pick(("http", "dns", None))
    return ContainerPort(name, choices.pick(PORT_PROTOCOLS), choices.pick((80, 53, 8080)))


def _policy(choices: Choices, number: int, only: Tier | None = None) -> Policy:
    tier = only or choices.pick((Tier.NETWORK_POLICY, Tier.NETWORK_POLICY, Tier.ADMIN, Tier.BASELINE))
    directions = choices.pick(((Direction.INGRESS,), (Direction.EGRESS,), tuple(Direction)))
    if tier is not Tier.NETWORK_POLICY:
        return _cluster_policy(choices, number, tier, directions)
    namespace = choices.pick(NAMESPACES)
    rules = tuple(
        _rule(choices, direction, index, tuple(_peer(choices, namespace) for _ in range(choices.pick((1, 1, 2, 0)))))
        for direction in directions
        for index in range(choices.pick((0, 1, 2)))
    )
    return Policy(
        kind="NetworkPolicy",
        namespace=namespace,
        name=f"np{number}",
        tier=tier,
        subject=PodPeer(namespaces=namespace_named(namespace), pods=_subject(choices), place=NOWHERE),
        isolates=frozenset(directions),
        rules=rules,
        place=NOWHERE,
    )


def _cluster_policy(choices: Choices, number: int, tier: Tier, directions: Sequence[Direction]) -> Policy:
    """Return a policy of ordered rules, as AdminNetworkPolicy and its kin are."""
    actions = (Action.ALLOW, Action.DENY, Action.PASS)
    rules = tuple(
        _rule(choices, direction, index, _cluster_peers(choices, direction), choices.pick(actions))
        for direction in directions
        for index in range(choices.pick((1, 2, 3)))
    )
    return Policy(
        kind="ClusterNetworkPolicy",
        namespace=None,
        name=f"cnp{9 - number}",  # so that neither the order of writing nor that of names is that of priorities
        tier=tier,
        priority=choices.pick((5, 5, 0, 9)),
        subject=_cluster_pods(choices),
        rules=rules,
        place=NOWHERE,
    )


def _cluster_pods(choices: Choices) -> PodPeer:
    namespaces = choices.pick((EVERYTHING, EVERYTHING, _selector(choices)))
    return PodPeer(namespaces=namespaces, pods=_subject(choices), host_network=False, place=NOWHERE)


def _cluster_peers(choices: Choices, direction: Direction) -> tuple[Peer, ...]:
    return tuple(_cluster_peer(choices, direction) for _ in range(choices.pick((1, 1, 2))))


def _cluster_peer(choices: Choices, direction: Direction) -> Peer:
    match (
        choices.pick(("pods", "block", "nodes", "nodes", "name", "name")) if direction is Direction.EGRESS else "pods"
    ):
        case "block":
            return _block(choices)
        case "nodes":
            nodes = Selector.of(_requirement(choices) for _ in range(choices.pick((0, 1, 1, 2))))
            return NodePeer(nodes=nodes, place=NOWHERE)
        case "name":
            return DomainPeer(name=choices.pick(PATTERNS), place=NOWHERE)
        case _:
            return _cluster_pods(choices)


def _rule(
    choices: Choices, direction: Direction, index: int, peers: tuple[Peer, ...], action: Action = Action.ALLOW
) -> Rule:
    ports = tuple(_port(choices) for _ in range(choices.pick((1, 2))))
    return Rule(
        direction=direction,
        index=index,
        action=action,
        peers=None if choices.pick(RARELY) else peers,
        ports=None if choices.pick((True, False)) else ports,
        place=NOWHERE,
    )


def _selector(choices: Choices) -> Selector:
    return Selector.of(_requirement(choices) for _ in range(choices.pick((0, 0, 1, 1, 2))))


def _subject(choices: Choices) -> Selector:
    """Return a selector that selects more often than not: policies that meet on a pod are what there is to test."""
    return choices.pick((EVERYTHING, _selector(choices)))


def _requirement(choices: Choices) -> Requirement:
    key, operator = choices.pick(("app", "env")), choices.pick(tuple(Operator))
    values = choices.pick((("a",), ("b",), ("a", "b"), ("",)))
    return Requirement(key, operator, values if operator in (Operator.IN, Operator.NOT_IN) else ())


def _peer(choices: Choices, namespace: str) -> Peer:
    match choices.pick(("pods", "namespaces", "block")):
        case "pods":
            return PodPeer(namespaces=namespace_named(namespace), pods=_selector(choices), place=NOWHERE)
        case "namespaces":
            pods = choices.pick((EVERYTHING, _selector(choices)))
            return PodPeer(namespaces=_selector(choices), pods=pods, place=NOWHERE)
        case _:
            return _block(choices)


def _block(choices: Choices) -> AddressPeer:
    block, excepts = choices.pick((*BLOCKS, *AROUND_PODS))
    return AddressPeer(block=ip_network(block), excepts=tuple(map(ip_network, excepts)), place=NOWHERE)


#: Blocks around the addresses of pods, of nodes, and of nobody; with excepts inside and at their edges.
BLOCKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("0.0.0.0/0", ()),
    ("0.0.0.0/0", ("10.0.0.0/8",)),
    ("0.0.0.0/0", ("10.0.0.0/24", "10.0.1.2/32", "10.0.0.2/32")),
    ("10.0.0.0/23", ("10.0.0.0/31", "10.0.1.0/24")),
    ("10.0.0.0/23", ("10.0.1.0/24",)),
    ("0.0.0.0/0", ("172.18.0.0/16", "10.0.0.0/23")),
    ("10.0.0.0/8", ("10.0.1.0/24", "10.0.0.0/24")),
    ("10.0.0.0/24", ()),
    ("10.0.1.2/32", ()),
    ("172.18.0.0/16", ("172.18.0.2/32",)),
    ("172.18.0.1/32", ()),
    ("::/0", ("fd00:1::/32",)),
    ("::/0", ()),
    ("fd00::/16", ("fd00:0::2/128",)),
)


#: Those with pods in their excepts, which are drawn more often: a pod in an except is a rare meeting of two draws.
AROUND_PODS = tuple(
    (block, excepts) for block, excepts in BLOCKS if any(each.startswith(("10.0.", "fd00:")) for each in excepts)
)


#: What names resolve to: pods, nodes and addresses of nobody, of both families; names that end alike, one of nothing.
NAMES: Mapping[str, tuple[Address, ...]] = {
    "example.com": _addresses(("192.0.2.1", "10.0.0.3", "2001:db8::1")),
    "www.example.com": _addresses(("192.0.2.2", "10.0.0.1", "10.0.1.2")),
    "a.www.example.com": _addresses(("172.18.0.1", "fd00:18::1")),
    "myexample.com": _addresses(("192.0.2.3", "10.0.0.2", "fd00:0::1")),
    "empty.example.com": (),
}
PATTERNS = (
    *("example.com", "*.example.com", "example.com", "*.example.com"),  # more often: they are what others resemble
    *("*.www.example.com", "WWW.example.com.", "myexample.com", "gone.test"),
)


def _port(choices: Choices) -> PortMatch:
    protocol = choices.pick(PORT_PROTOCOLS)
    if choices.pick(YES_NO):
        named = choices.pick((protocol, protocol, None))
        return NamedPort(protocol=named, name=choices.pick(("http", "dns", "gone")), place=NOWHERE)
    first, last, ranged = choices.pick(
        (
            (80, 80, False),
            (53, 53, False),
            (1, LAST_PORT, False),
            (79, 81, True),
            (1, 80, True),
            (8080, LAST_PORT, True),
        )
    )
    return Ports(protocol=protocol, first=first, last=last, ranged=ranged, place=NOWHERE)


def boundary_ports(snapshot: Snapshot) -> tuple[tuple[Protocol, int], ...]:
    """Return every protocol with each port at, just below and just above a boundary that something names."""
    edges = {1, LAST_PORT}
    for policy in snapshot.policies:
        for rule in policy.rules:
            for entry in rule.ports or ():
                if isinstance(entry, Ports):
                    edges |= {entry.first - 1, entry.first, entry.first + 1, entry.last, entry.last + 1}
    for pod in snapshot.pods:
        edges |= {port.number for port in pod.ports}
    ports = sorted(edge for edge in edges if 1 <= edge <= LAST_PORT)
    return tuple((protocol, port) for protocol in PORT_PROTOCOLS for port in ports)
