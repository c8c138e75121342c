"""Deliberately wrong semantics: each is one function of the definition, misread as people and tools have misread it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import Any

from netsim.ir.labels import Operator
from netsim.ir.objects import Pod
from netsim.ir.policy import Action, AddressPeer, Direction, NamedPort, PodPeer, Ports, Tier
from netsim.ir.profile import HostNetwork, NamedPorts
from netsim.ir.traffic import LAST_PORT
from netsim.ir.verdict import Side
from netsim.spec import isolation, labels, peers, ports
from netsim.spec.labels import selects
from netsim.spec.world import World

#: The module; `netsim.spec.judge` as an attribute is the function.
judge = import_module("netsim.spec.judge")


@dataclass(frozen=True)
class Wrong:
    """One wrong reading.

    Attributes:
        clause: The clause that it breaks.
        module, function: What it replaces, where it is called from.
        make: From the right function, the wrong one.
    """

    name: str
    clause: str
    module: ModuleType | type
    function: str
    make: Callable[[Any], Any]


def _without(**changes: Any) -> Callable[[Any], Any]:
    """Return a wrapper that asks the right function about a world with another profile."""

    def make(right: Any) -> Any:
        return lambda *args: right(*(_changed(arg, changes) for arg in args))

    return make


def _changed(arg: Any, changes: dict[str, Any]) -> Any:
    return replace(arg, profile=replace(arg.profile, **changes)) if isinstance(arg, World) else arg


def _requirement(operator: Operator, answer: Callable[[Any, str | None], bool]) -> Callable[[Any], Any]:
    return lambda right: (
        lambda requirement, labels: (
            answer(requirement, labels.get(requirement.key))
            if requirement.operator is operator
            else right(requirement, labels)
        )
    )


def _open(direction: Direction) -> Callable[[Any], Any]:
    def make(right: Any) -> Any:
        def side(asked: Direction, *rest: Any) -> Side:
            found = right(asked, *rest)
            return replace(found, allowed=True) if asked is direction else found

        return side

    return make


def _port(kind: type, answer: Callable[[Any, Any, World], bool]) -> Callable[[Any], Any]:
    return lambda right: (
        lambda entry, flow, world: answer(entry, flow, world) if isinstance(entry, kind) else right(entry, flow, world)
    )


def _names(declared: Callable[[Any, Any, Any], bool]) -> Callable[[Any], Any]:
    """Return a wrong reading of named ports: whether one declared port is what the entry means."""
    return lambda _: (
        lambda entry, flow, world: (
            world.is_pod(flow.destination) and any(declared(port, entry, flow) for port in flow.destination.ports)
        )
    )


def _pods(answer: Callable[[PodPeer, Pod, Any], bool]) -> Callable[[Any], Any]:
    """Return a wrong reading of pod peers: whether the peer means a pod in a namespace with these labels."""
    return lambda _: (
        lambda peer, endpoint, world: (
            world.is_pod(endpoint) and answer(peer, endpoint, world.snapshot.namespaces[endpoint.namespace].labels)
        )
    )


def _block(change: Callable[[AddressPeer], AddressPeer]) -> Callable[[Any], Any]:
    return lambda right: lambda peer, *rest: right(change(peer), *rest)


def _policy(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda right: lambda policy, *rest: right(change(policy), *rest)


def _reordered(key: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda right: lambda applied, *rest: right(sorted(applied, key=key), *rest)


def _rules(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda right: lambda *args: iter([change(rule) for rule in right(*args)])


def _every_policy_must_allow(right: Any) -> Any:
    def of_isolators(isolators: Any, *rest: Any) -> Any:
        found = [right((policy,), *rest) for policy in isolators]
        denying = [outcomes for outcomes in found if not all(allowed for allowed, _ in outcomes)]
        return denying[0] if denying else found[0]

    return of_isolators


_TIER_SWAP = {
    Tier.NETWORK: Tier.NETWORK,
    Tier.ADMIN: Tier.BASELINE,
    Tier.BASELINE: Tier.ADMIN,
    Tier.NETWORK_POLICY: Tier.NETWORK_POLICY,
}

WRONG: tuple[Wrong, ...] = (
    Wrong(
        "NotIn needs the key",
        "S2.5",
        labels,
        "satisfies",
        _requirement(Operator.NOT_IN, lambda r, v: v is not None and v not in r.values),
    ),
    Wrong(
        'In [""] matches an absent key',
        "S2.5",
        labels,
        "satisfies",
        _requirement(Operator.IN, lambda r, v: (v or "") in r.values),
    ),
    Wrong("In takes any value", "S2.5", labels, "satisfies", _requirement(Operator.IN, lambda _, v: v is not None)),
    Wrong("Exists wants a value", "S2.5", labels, "satisfies", _requirement(Operator.EXISTS, lambda _, v: bool(v))),
    Wrong(
        "DoesNotExist takes an empty value",
        "S2.5",
        labels,
        "satisfies",
        _requirement(Operator.DOES_NOT_EXIST, lambda _, v: not v),
    ),
    Wrong(
        "requirements are ORed",
        "S2.5",
        peers,
        "selects",
        lambda _: lambda s, ls: not s.requirements or any(labels.satisfies(r, ls) for r in s.requirements),
    ),
    Wrong(
        "the empty selector selects nothing",
        "S2.5",
        peers,
        "selects",
        lambda right: lambda s, ls: bool(s.requirements) and right(s, ls),
    ),
    Wrong(
        "podSelector OR namespaceSelector",
        "S2.4",
        peers,
        "pods_match",
        _pods(lambda peer, pod, ns: selects(peer.namespaces, ns) or selects(peer.pods, pod.labels)),
    ),
    Wrong(
        "podSelector is ignored", "S2.4", peers, "pods_match", _pods(lambda peer, _, ns: selects(peer.namespaces, ns))
    ),
    Wrong(
        "namespaceSelector is ignored",
        "S2.4",
        peers,
        "pods_match",
        _pods(lambda peer, pod, _: selects(peer.pods, pod.labels)),
    ),
    Wrong("peers are ANDed", "S2.4", peers, "any_of", lambda _: lambda values: all(v is True for v in list(values))),
    Wrong(
        "an absent peer list is nobody",
        "S2.3",
        judge,
        "rule_means",
        lambda right: lambda peers, *rest: right(() if peers is None else peers, *rest),
    ),
    Wrong(
        "an empty peer list is everybody",
        "S2.3",
        judge,
        "rule_means",
        lambda right: lambda peers, *rest: right(peers or None, *rest),
    ),
    Wrong(
        "an absent port list is no port",
        "S2.3",
        judge,
        "rule_carries",
        lambda right: lambda ports, *rest: right(() if ports is None else ports, *rest),
    ),
    Wrong(
        "peers OR ports",
        "S2.4",
        judge,
        "both",
        lambda right: lambda a, b: True if a is True or b is True else right(a, b),
    ),
    Wrong("ports are ignored", "S2.7", judge, "rule_carries", lambda _: lambda *_args: True),
    Wrong(
        "endPort is exclusive",
        "S2.7",
        ports,
        "port_matches",
        _port(
            Ports,
            lambda e, f, w: (
                e.protocol is f.protocol
                and e.first
                <= f.port
                < (
                    e.last
                    if e.ranged and w.profile.end_port
                    else e.first + 1
                    if e.ranged or e.first == e.last
                    else e.last + 1
                )
            ),
        ),
    ),
    Wrong("endPort is ignored", "S2.7", ports, "port_matches", _without(end_port=False)),
    Wrong("endPort is always supported", "S2.7", ports, "port_matches", _without(end_port=True)),
    Wrong(
        "the protocol is ignored",
        "S2.7",
        ports,
        "port_matches",
        _port(Ports, lambda e, f, w: e.first <= f.port <= (e.last if w.profile.end_port or not e.ranged else e.first)),
    ),
    Wrong(
        "a protocol without port is no port",
        "S2.7",
        ports,
        "port_matches",
        lambda right: (
            lambda e, f, w: not (isinstance(e, Ports) and (e.first, e.last) == (1, LAST_PORT)) and right(e, f, w)
        ),
    ),
    Wrong(
        "a named port by name only",
        "S2.8",
        ports,
        "name_matches",
        _names(lambda p, e, f: p.name == e.name and p.number == f.port),
    ),
    Wrong(
        "a pod that has the name, on any port", "S2.8", ports, "name_matches", _names(lambda p, e, _: p.name == e.name)
    ),
    Wrong(
        "a named port whatever protocol is declared",
        "S2.8",
        ports,
        "name_matches",
        _names(lambda p, e, f: p.name == e.name and p.number == f.port and e.protocol in (None, f.protocol)),
    ),
    Wrong("a port name is every port", "S2.8", ports, "name_matches", _without(named_ports=NamedPorts.EVERY_PORT)),
    Wrong("a port name is always looked up", "S2.8", ports, "name_matches", _without(named_ports=NamedPorts.RESOLVED)),
    Wrong("named ports never match", "S2.8", ports, "port_matches", _port(NamedPort, lambda *_: False)),
    Wrong("ipBlock ignores pods", "S2.6", peers, "block_matches", _without(blocks_match_pods=False)),
    Wrong("ipBlock always matches pods", "S2.6", peers, "block_matches", _without(blocks_match_pods=True)),
    Wrong("ipBlock ignores nodes", "S2.6", peers, "block_matches", _without(blocks_match_nodes=False)),
    Wrong("ipBlock always matches nodes", "S2.6", peers, "block_matches", _without(blocks_match_nodes=True)),
    Wrong("except is ignored", "S2.6", peers, "block_matches", _block(lambda p: replace(p, excepts=()))),
    Wrong(
        "only the first except counts",
        "S2.6",
        peers,
        "block_matches",
        _block(lambda p: replace(p, excepts=p.excepts[:1])),
    ),
    Wrong(
        "0.0.0.0/0 is every address of both families",
        "S2.6",
        peers,
        "block_matches",
        lambda right: lambda p, *rest: True if str(p.block) == "0.0.0.0/0" and not p.excepts else right(p, *rest),
    ),
    Wrong(
        "a selector matches outside addresses",
        "S2.4",
        peers,
        "pods_match",
        lambda right: lambda p, e, w: right(p, e, w) if isinstance(e, Pod) else not p.pods.requirements,
    ),
    Wrong("hostNetwork pods are pods", "S2.10", judge, "rule_means", _without(host_network=HostNetwork.AS_POD)),
    Wrong("policies apply to hostNetwork pods", "S2.10", judge, "side", _without(host_network=HostNetwork.AS_POD)),
    Wrong("bare pods are left out", "S2.1", isolation, "selected", _without(bare_pods_governed=False)),
    Wrong("bare pods are always governed", "S2.1", isolation, "selected", _without(bare_pods_governed=True)),
    Wrong("egress is ignored", "S1.2", judge, "side", _open(Direction.EGRESS)),
    Wrong("ingress is ignored", "S1.2", judge, "side", _open(Direction.INGRESS)),
    Wrong(
        "isolated in one direction is isolated in both",
        "S2.1",
        judge,
        "isolating",
        lambda _: lambda policies, e, _d, w: tuple(p for p in policies if p.isolates and isolation.selected(p, e, w)),
    ),
    Wrong(
        "a policy applies in every namespace",
        "S2.1",
        isolation,
        "selected",
        lambda _: lambda p, e, w: w.is_pod(e) and selects(p.subject.pods, e.labels),
    ),
    Wrong(
        "isolated only where rules are written",
        "S2.1",
        judge,
        "isolating",
        lambda right: (
            lambda policies, e, d, w: right([p for p in policies if any(r.direction is d for r in p.rules)], e, d, w)
        ),
    ),
    Wrong("every policy must allow", "S2.1", judge, "_of_isolators", _every_policy_must_allow),
    Wrong("a pod can be cut off from itself", "S2.9", judge, "reaches_itself", lambda _: lambda _flow: False),
    Wrong(
        "a template is one pod", "S2.9", judge, "reaches_itself", lambda _: lambda flow: flow.source == flow.destination
    ),
    Wrong("the own node is an outside address", "S2.9", judge, "enters_from_own_node", lambda _: lambda *_args: False),
    Wrong(
        "every node may enter",
        "S2.9",
        judge,
        "enters_from_own_node",
        lambda right: (
            lambda d, f, w: (
                True
                if right(d, f, w) is not None
                and d is Direction.INGRESS
                and w.profile.own_node_enters
                and w.is_host(f.source)
                else right(d, f, w)
            )
        ),
    ),
    Wrong(
        "an unknown node is another node",
        "S2.9",
        judge,
        "enters_from_own_node",
        lambda right: lambda *args: bool(right(*args)),
    ),
    Wrong("an unknown match is no match", "S2.10", judge, "rule_means", lambda right: lambda *args: bool(right(*args))),
    Wrong(
        "the first rule is the last",
        "S1.3",
        judge,
        "_of_ordered",
        lambda right: lambda applied, *rest: right(list(reversed(applied)), *rest),
    ),
    Wrong(
        "Pass allows",
        "S1.3",
        judge,
        "rules_of",
        _rules(lambda r: replace(r, action=Action.ALLOW) if r.action is Action.PASS else r),
    ),
    Wrong(
        "Deny is ignored",
        "S1.3",
        judge,
        "rules_of",
        lambda right: lambda *args: iter([r for r in right(*args) if r.action is not Action.DENY]),
    ),
    Wrong(
        "the baseline comes before the admin tier",
        "S1.3",
        judge,
        "_of_tier",
        lambda right: lambda tier, *rest: right(_TIER_SWAP[tier], *rest),
    ),
)
