"""Deliberately wrong semantics of the cluster-wide kinds: tiers, priorities, Pass, ties, nodes, domain names."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from netsim.ir.objects import Node, Pod
from netsim.ir.policy import Action, Direction, Tier
from netsim.ir.profile import Baseline, Profile, Ties
from netsim.ir.traffic import Protocol
from netsim.ir.verdict import Reason, Why
from netsim.spec import isolation, peers, ports
from netsim.spec.exceptions import enters_from_own_node
from netsim.spec.labels import selects
from netsim.spec.world import World
from tests.agree.wrong import Wrong, judge

ALLOW, DENY, PASS = Action.ALLOW, Action.DENY, Action.PASS
ADMIN, NETWORK_POLICY, BASELINE = Tier.ADMIN, Tier.NETWORK_POLICY, Tier.BASELINE


def _ranks(change: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """Return a wrong order of the policies of a tier: from those that apply, and from their right ranks."""
    return lambda right: lambda applied, profile: change(applied, right(applied, profile))


def _profile(**changes: Any) -> Callable[[Any], Any]:
    """Return a wrapper that asks the right function about another profile, its own or its world's."""

    def changed(arg: Any) -> Any:
        match arg:
            case Profile():
                return replace(arg, **changes)
            case World():
                return replace(arg, profile=replace(arg.profile, **changes))
            case _:
                return arg

    return lambda right: lambda *args: right(*map(changed, args))


def _in_tier(tier: Tier | None, change: Callable[[list[Any]], list[Any]]) -> Callable[[Any], Any]:
    """Return a wrong reading of the rules of one tier's policies; of every ordered tier's where None."""

    def make(right: Any) -> Any:
        def rules_of(policy: Any, direction: Direction) -> Any:
            meant = policy.tier is tier if tier else policy.tier is not NETWORK_POLICY
            return iter(change(list(right(policy, direction))) if meant else right(policy, direction))

        return rules_of

    return make


def _act(wrong: dict[Action, Action]) -> Callable[[list[Any]], list[Any]]:
    return lambda rules: [replace(rule, action=wrong.get(rule.action, rule.action)) for rule in rules]


def _before(first: Action) -> Callable[[list[Any]], list[Any]]:
    return lambda rules: sorted(rules, key=lambda rule: rule.action is not first)


def _without(action: Action) -> Callable[[list[Any]], list[Any]]:
    return lambda rules: [rule for rule in rules if rule.action is not action]


def _pass_ends_the_policy_only(right: Any) -> Any:
    def first(*args: Any) -> Any:
        found, sure = right(*args)
        return (found[:-1], False) if sure and found[-1][0] is None else (found, sure)

    return first


def _swapped(one: Tier, other: Tier) -> Callable[[Any], Any]:
    swap = {one: other, other: one}
    return lambda right: lambda tier, *rest: right(swap.get(tier, tier), *rest)


def _not_final(right: Any) -> Any:
    def of_tier(tier: Tier, *rest: Any) -> Any:
        outcomes, final = right(tier, *rest)
        return outcomes, final and tier is not NETWORK_POLICY

    return of_tier


def _isolating(right: Any) -> Any:
    def of_ordered(ranks: Any, *rest: Any) -> Any:
        told, final = right(ranks, *rest)
        return (told, True) if final or not ranks else ([*told, (False, Reason(why=Why.NO_RULE))], True)

    return of_ordered


def _own_node_beats_every_tier(right: Any) -> Any:
    def side(direction: Direction, flow: Any, policies: Any, world: World) -> Any:
        found = right(direction, flow, policies, world)
        return replace(found, allowed=True) if enters_from_own_node(direction, flow, world) is True else found

    return side


def _with_host_network(right: Any) -> Any:
    return lambda peer, endpoint, world: right(replace(peer, host_network=True), endpoint, world)


def _pods_on_nodes(right: Any) -> Any:
    def nodes_match(peer: Any, endpoint: Any, world: World) -> Any:
        on = [n for n in world.snapshot.nodes if isinstance(endpoint, Pod) and n.name == endpoint.node]
        return right(peer, endpoint, world) or any(selects(peer.nodes, node.labels) for node in on)

    return nodes_match


def _covers(answer: Callable[[str, str], bool]) -> Callable[[Any], Any]:
    """Return a wrong reading of names: whether ``*.`` and a name covers a name, both in lower case."""
    return lambda right: (
        lambda pattern, name: answer(pattern[2:].lower(), name) if pattern.startswith("*.") else right(pattern, name)
    )


def _named(declared: Callable[[Any, Any], bool]) -> Callable[[Any], Any]:
    """Return a wrong reading of names of ports that have no protocol: whether a declared port is what is meant."""
    return lambda right: (
        lambda entry, flow, world: (
            right(entry, flow, world)
            if entry.protocol is not None
            else world.is_pod(flow.destination)
            and any(declared(port, flow) for port in flow.destination.ports if port.name == entry.name)
        )
    )


#: What is wrong, the clause, where, which function, how.
WRONG: tuple[Wrong, ...] = tuple(
    Wrong(*entry)
    for entry in (
        # Priorities
        ("a higher number comes first", "S3.3", judge, "in_order", _ranks(lambda _, ranks: ranks[::-1])),
        ("policies are asked as written", "S3.3", judge, "in_order", _ranks(lambda ps, _: [[p] for p in ps])),
        (
            "policies are asked by name",
            "S3.3",
            judge,
            "in_order",
            _ranks(lambda ps, _: [[p] for p in sorted(ps, key=lambda p: p.name)]),
        ),
        (
            "of equal priorities the first written wins",
            "S3.3",
            judge,
            "in_order",
            _ranks(lambda _, ranks: [[p] for rank in ranks for p in rank]),
        ),
        ("all policies are of one priority", "S3.3", judge, "in_order", _ranks(lambda ps, _: [list(ps)] if ps else [])),
        ("ties are always broken by name", "S3.3", judge, "in_order", _profile(ties=Ties.BY_NAME)),
        ("ties are never broken by name", "S3.3", judge, "in_order", _profile(ties=Ties.AMBIGUOUS)),
        (
            "a tie is denied",
            "S3.3",
            judge,
            "_tied",
            lambda right: lambda found: [each for each in found if each[0] is False] or right(found),
        ),
        (
            "equals that agree are a tie, too",
            "S3.3",
            judge,
            "_tied",
            lambda _: lambda found: [*found, *((not allowed, why) for allowed, why in found if allowed is not None)],
        ),
        # Rules
        ("the last rule that matches decides", "S3.3", judge, "rules_of", _in_tier(None, lambda rules: rules[::-1])),
        ("Deny beats Allow in a policy", "S3.3", judge, "rules_of", _in_tier(None, _before(DENY))),
        ("Allow beats Deny in a policy", "S3.3", judge, "rules_of", _in_tier(None, _before(ALLOW))),
        ("only the first rule counts", "S3.3", judge, "rules_of", _in_tier(None, lambda rules: rules[:1])),
        ("an admin policy isolates what it selects", "S3.2", judge, "_of_ordered", _isolating),
        # Pass
        ("Pass is no match", "S3.4", judge, "rules_of", _in_tier(None, _without(PASS))),
        ("Pass leaves its policy and not its tier", "S3.4", judge, "_first", _pass_ends_the_policy_only),
        ("Pass denies", "S3.4", judge, "rules_of", _in_tier(None, _act({PASS: DENY}))),
        ("Pass of the Admin tier allows", "S3.4", judge, "rules_of", _in_tier(ADMIN, _act({PASS: ALLOW}))),
        ("Pass of the Baseline tier denies", "S4.2", judge, "rules_of", _in_tier(BASELINE, _act({PASS: DENY}))),
        ("Pass of the Baseline tier is no match", "S4.2", judge, "rules_of", _in_tier(BASELINE, _without(PASS))),
        # Tiers
        ("an Allow of the Admin tier only passes", "S3.4", judge, "rules_of", _in_tier(ADMIN, _act({ALLOW: PASS}))),
        ("a Deny of the Admin tier only passes", "S3.4", judge, "rules_of", _in_tier(ADMIN, _act({DENY: PASS}))),
        ("a Deny of the Baseline tier is ignored", "S3.4", judge, "rules_of", _in_tier(BASELINE, _without(DENY))),
        ("an Allow of the Baseline tier is ignored", "S3.4", judge, "rules_of", _in_tier(BASELINE, _without(ALLOW))),
        ("NetworkPolicy comes before the Admin tier", "S1.3", judge, "_of_tier", _swapped(ADMIN, NETWORK_POLICY)),
        ("Baseline comes before NetworkPolicy", "S1.3", judge, "_of_tier", _swapped(NETWORK_POLICY, BASELINE)),
        ("NetworkPolicy is not final", "S1.3", judge, "_of_tier", _not_final),
        (
            "Baseline is for pods that no NetworkPolicy selects",
            "S4.3",
            judge,
            "_out_of_baseline",
            _profile(baseline=Baseline.UNSELECTED),
        ),
        ("Baseline is by direction", "S4.3", judge, "_out_of_baseline", _profile(baseline=Baseline.PER_DIRECTION)),
        ("the own node passes the Admin tier", "S2.9", judge, "side", _own_node_beats_every_tier),
        # Peers
        ("hostNetwork pods are subjects", "S3.1", isolation, "pods_match", _with_host_network),
        ("hostNetwork pods are peers", "S3.5", peers, "pods_match", _with_host_network),
        ("nodes are the pods on them", "S3.5", peers, "nodes_match", _pods_on_nodes),
        (
            "no selector of nodes is no node",
            "S3.5",
            peers,
            "nodes_match",
            lambda right: lambda peer, *rest: bool(peer.nodes.requirements) and right(peer, *rest),
        ),
        (
            "every node is meant",
            "S3.5",
            peers,
            "nodes_match",
            lambda _: lambda _peer, end, world: world.is_host(end) or right_address(end, world),
        ),
        (
            "a hostNetwork pod is not its node",
            "S3.5",
            peers,
            "nodes_match",
            lambda right: lambda peer, end, world: not isinstance(end, Pod) and right(peer, end, world),
        ),
        (
            "an unknown node is no node",
            "S3.5",
            peers,
            "nodes_match",
            lambda right: lambda *args: bool(right(*args)),
        ),
        (
            "a node without addresses is none",
            "S3.5",
            peers,
            "nodes_match",
            lambda right: (
                lambda peer, end, world: right(peer, end, world) and not (isinstance(end, Node) and not end.addresses)
            ),
        ),
        # Domain names
        ("*. covers the name itself", "S3.5", peers, "name_covers", _covers(lambda p, n: f".{n}".endswith(f".{p}"))),
        (
            "*. covers one label alone",
            "S3.5",
            peers,
            "name_covers",
            _covers(lambda p, n: n.partition(".")[2] == p),
        ),
        ("*. covers any ending", "S3.5", peers, "name_covers", _covers(lambda p, n: n != p and n.endswith(p))),
        (
            "a name covers those below it",
            "S3.5",
            peers,
            "name_covers",
            lambda right: lambda pattern, name: right(pattern, name) or name.endswith(f".{pattern}"),
        ),
        ("letters of names have a case", "S3.5", peers, "name_covers", lambda _: lambda p, n: p.rstrip(".") == n),
        (
            "a name that nothing tells is no address",
            "S3.5",
            peers,
            "domain_matches",
            lambda right: lambda *args: bool(right(*args)),
        ),
        (
            "a name that nothing tells may be a pod",
            "S3.5",
            peers,
            "domain_matches",
            lambda right: (
                lambda peer, end, family, world: (
                    None if world.snapshot.names is None else right(peer, end, family, world)
                )
            ),
        ),
        (
            "names never mean pods",
            "S3.5",
            peers,
            "domain_matches",
            lambda right: lambda peer, end, *rest: not isinstance(end, Pod) and right(peer, end, *rest),
        ),
        # Named ports
        (
            "a name without protocol is TCP",
            "S3.6",
            ports,
            "name_matches",
            lambda right: lambda e, *rest: right(replace(e, protocol=e.protocol or Protocol.TCP), *rest),
        ),
        (
            "a name without protocol is of every protocol",
            "S3.6",
            ports,
            "name_matches",
            _named(lambda port, flow: port.number == flow.port),
        ),
        (
            "a name without protocol is every port of its protocol",
            "S3.6",
            ports,
            "name_matches",
            _named(lambda port, flow: port.protocol is flow.protocol),
        ),
    )
)


def right_address(endpoint: Any, world: World) -> bool:
    """Return whether an endpoint is an address of some node."""
    return any(endpoint in node.addresses for node in world.snapshot.nodes)
