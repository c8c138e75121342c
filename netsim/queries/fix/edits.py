"""Edits of NetworkPolicies: a rule more, a rule, peer or port less, a new policy; and what they make of policies."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from netsim.ir.labels import EVERYTHING, Operator, Requirement, Selector, namespace_named
from netsim.ir.objects import Network, Pod
from netsim.ir.place import NOWHERE
from netsim.ir.policy import (
    Action,
    AddressPeer,
    Direction,
    NamedPort,
    Peer,
    PodPeer,
    Policy,
    PortMatch,
    Ports,
    Rule,
    Tier,
)
from netsim.ir.traffic import ALL, Traffic

#: Labels that controllers write and that change with every rollout, or tell replicas apart.
_OF_CONTROLLERS = frozenset(
    {
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "controller-uid",
        "batch.kubernetes.io/controller-uid",
        "job-name",
        "batch.kubernetes.io/job-name",
    }
)


@dataclass(frozen=True, slots=True)
class Drop:
    """A rule, or one of its peers or ports, is taken out; numbers are places in the policy and in the rule."""

    policy: str
    rule: int
    peer: int | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class New:
    """A new policy isolates what a selector selects in a namespace, in one direction.

    ``number`` tells it from others that would be called the same; 0 for the first.
    """

    namespace: str
    pods: Selector
    direction: Direction
    number: int = 0

    @property
    def policy(self) -> str:
        """What it is called."""
        number = f"-{self.number + 1}" if self.number else ""
        return f"{self.namespace}/{self.direction.value}-{_slug(self.pods)}{number}"

    def made(self) -> Policy:
        """Return it, without rules."""
        return Policy(
            kind="NetworkPolicy",
            namespace=self.namespace,
            name=self.policy.partition("/")[2],
            tier=Tier.NETWORK_POLICY,
            subject=PodPeer(namespaces=namespace_named(self.namespace), pods=self.pods, place=NOWHERE),
            isolates=frozenset({self.direction}),
            rules=(),
            place=NOWHERE,
        )


@dataclass(frozen=True, slots=True)
class Add:
    """A policy, existing or new, allows a peer, or everybody, some traffic; ``new`` is set where the policy is."""

    policy: str
    direction: Direction
    peer: Peer | None
    traffic: Traffic
    new: New | None = None


Edit = Drop | New | Add


def own_labels(pod: Pod) -> Selector:
    """Return the selector of a pod's own labels."""
    kept = {key: value for key, value in pod.labels.items() if key not in _OF_CONTROLLERS}
    return Selector.of(Requirement(key, Operator.IN, (value,)) for key, value in kept.items())


def pod_peer(pod: Pod) -> PodPeer:
    """Return the peer that means a pod by its namespace and its own labels."""
    return PodPeer(namespaces=namespace_named(pod.namespace), pods=own_labels(pod), place=NOWHERE)


def address_peer(block: Network, excepts: Iterable[Network]) -> AddressPeer:
    """Return the peer that means a block without some others."""
    inside = (each for each in excepts if each.version == block.version and each.subnet_of(block))  # type: ignore[arg-type]
    return AddressPeer(block=block, excepts=tuple(sorted(set(inside), key=str)), place=NOWHERE)


def ports_of(traffic: Traffic) -> tuple[PortMatch, ...] | None:
    """Return ports that mean some traffic; None for all of it."""
    if traffic == ALL:
        return None
    return tuple(
        Ports(protocol=protocol, first=first, last=last, ranged=first != last, place=NOWHERE)
        for protocol, first, last in traffic
    )


def edited(policies: Sequence[Policy], edits: Collection[Edit]) -> dict[str, Policy]:
    """Return the policies that edits change or make, by name."""
    known = {str(policy): policy for policy in policies if policy.tier is Tier.NETWORK_POLICY}
    known |= {edit.policy: edit.made() for edit in edits if isinstance(edit, New)}
    touched = {edit.policy for edit in edits}
    return {name: _edited(known[name], [edit for edit in edits if edit.policy == name]) for name in sorted(touched)}


def _edited(policy: Policy, edits: Sequence[Edit]) -> Policy:
    drops = {edit for edit in edits if isinstance(edit, Drop)}
    kept = [rule for number, rule in enumerate(policy.rules) for rule in _kept(str(policy), number, rule, drops)]
    added: dict[tuple[Direction, Traffic], list[Peer | None]] = {}
    for edit in edits:
        if isinstance(edit, Add):
            added.setdefault((edit.direction, edit.traffic), []).append(edit.peer)
    for (direction, traffic), peers in sorted(added.items(), key=str):
        named = {peer for peer in peers if peer is not None}
        own = None if len(named) < len(set(peers)) else tuple(sorted(named, key=str))
        kept.append(
            Rule(direction=direction, index=-1, action=Action.ALLOW, peers=own, ports=ports_of(traffic), place=NOWHERE)
        )
    return replace(policy, rules=tuple(kept))


def _kept(policy: str, number: int, rule: Rule, drops: Collection[Drop]) -> Iterator[Rule]:
    """Yield what is left of a rule; nothing where all of its peers or ports are gone: none would mean every one."""
    if Drop(policy, number) in drops:
        return
    peers = rule.peers
    if peers is not None:
        peers = tuple(each for at, each in enumerate(peers) if Drop(policy, number, peer=at) not in drops)
    ports = rule.ports
    if ports is not None:
        ports = tuple(each for at, each in enumerate(ports) if Drop(policy, number, port=at) not in drops)
    if peers == () or ports == ():
        return
    yield rule if (peers, ports) == (rule.peers, rule.ports) else replace(rule, peers=peers, ports=ports, index=-1)


def _slug(pods: Selector) -> str:
    text = "-".join(value for each in pods.requirements for value in (each.values or (each.key,))) or "all"
    return "".join(char if char.isalnum() else "-" for char in text.lower()).strip("-")[:40].strip("-") or "pods"


def document(policy: Policy, written: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a NetworkPolicy as a manifest; what was ``written`` is kept where it still holds."""
    spec: dict[str, Any] = dict((written or {}).get("spec") or {"podSelector": _selector(policy.subject.pods)})
    spec["policyTypes"] = [each.value.capitalize() for each in Direction if each in policy.isolates]
    for direction in Direction:
        before = spec.pop(direction.value, None) or []
        rules = [
            before[rule.index] if 0 <= rule.index < len(before) else _rule(policy, rule)
            for rule in policy.rules
            if rule.direction is direction
        ]
        if rules:
            spec[direction.value] = rules
    metadata = dict((written or {}).get("metadata") or {"name": policy.name, "namespace": policy.namespace})
    for field in ("managedFields", "resourceVersion", "uid", "generation", "creationTimestamp"):
        metadata.pop(field, None)
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def _rule(policy: Policy, rule: Rule) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if rule.peers is not None:
        key = "from" if rule.direction is Direction.INGRESS else "to"
        found[key] = [_peer(policy, peer) for peer in rule.peers]
    if rule.ports is not None:
        found["ports"] = [_port(port) for port in rule.ports]
    return found


def _peer(policy: Policy, peer: Peer) -> dict[str, Any]:
    if isinstance(peer, AddressPeer):
        excepts = {"except": [str(each) for each in peer.excepts]} if peer.excepts else {}
        return {"ipBlock": {"cidr": str(peer.block), **excepts}}
    assert isinstance(peer, PodPeer)  # noqa: S101 - a NetworkPolicy has no other peers
    if peer.namespaces == namespace_named(policy.namespace or ""):
        return {"podSelector": _selector(peer.pods)}
    pods = {} if peer.pods == EVERYTHING else {"podSelector": _selector(peer.pods)}
    return {"namespaceSelector": _selector(peer.namespaces), **pods}


def _port(port: PortMatch) -> dict[str, Any]:
    if isinstance(port, NamedPort):
        return {**({"protocol": str(port.protocol)} if port.protocol else {}), "port": port.name}
    if (port.first, port.last) == (1, 65535):
        return {"protocol": str(port.protocol)}
    last = {"endPort": port.last} if port.last != port.first else {}
    return {"protocol": str(port.protocol), "port": port.first, **last}


def _selector(selector: Selector) -> dict[str, Any]:
    labels = {r.key: r.values[0] for r in selector.requirements if r.operator is Operator.IN and len(r.values) == 1}
    others = [r for r in selector.requirements if not (r.operator is Operator.IN and len(r.values) == 1)]
    # Two requirements of one key do not fit into matchLabels.
    if len(labels) + len(others) < len(selector.requirements):
        labels, others = {}, list(selector.requirements)
    found: dict[str, Any] = {"matchLabels": labels} if labels else {}
    if others:
        found["matchExpressions"] = [
            {"key": r.key, "operator": str(r.operator), **({"values": list(r.values)} if r.values else {})}
            for r in others
        ]
    return found
