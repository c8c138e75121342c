"""Connections that one side means and the other does not: DNS, neighbours, one-sided rules, ends without limits."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, product

from netsim.ir.finding import Finding
from netsim.ir.labels import EVERYTHING
from netsim.ir.objects import Family, Pod, ServicePort
from netsim.ir.policy import AddressPeer, Direction, PodPeer, Policy, Ports, Rule
from netsim.ir.traffic import Protocol
from netsim.ir.truth import Truth
from netsim.ir.verdict import Flow
from netsim.queries.gaps.facts import Facts, finding, listed, of_rule, pod_peers
from netsim.queries.gaps.identity import position
from netsim.spec.judge import side

#: Of a rule, this many pairs of kinds of pods are tried.
MOST_PAIRS = 200
DNS = 53
#: Labels of the pods that answer for names.
DNS_LABELS = (("k8s-app", ("kube-dns", "coredns")), ("app.kubernetes.io/name", ("coredns", "kube-dns")))


def one_sided(facts: Facts) -> Iterator[Finding]:
    """Yield the rules that no connection comes through, for the other side stops all of them."""
    for policy, rule in facts.rules:
        opening, accepting = facts.traffic_ends(policy, rule)
        if not opening or not accepting:
            continue
        other = Direction.INGRESS if rule.direction is Direction.EGRESS else Direction.EGRESS
        yield from _stopped(facts, policy, rule, other)
        if rule.direction is Direction.INGRESS and rule.peers is not None:
            free = [number for number in opening if number not in facts.isolating[Direction.EGRESS]]
            if free:
                names = listed(str(facts.pods[number]) for number in free)
                told = f"accepts from pods that nothing limits in what they open: {names}"
                yield of_rule("claim-not-enforced", policy, rule, told, pods=names)


def _stopped(facts: Facts, policy: Policy, rule: Rule, other: Direction) -> Iterator[Finding]:
    """Yield that the other side stops all of a rule, or else what it stops all of: a peer on a port."""
    parts = {part: list(islice(_flows(facts, policy, part), MOST_PAIRS)) for part in _parts(rule)}
    tried = {part: flows for part, flows in parts.items() if flows}
    stopped = {
        part: flows[0] for part, flows in tried.items() if all(_side(facts, other, flow) is False for flow in flows)
    }
    told = "lets through what no policy of the other end does"
    whole = len(stopped) == len(tried)
    for part, flow in list(stopped.items())[: 1 if whole else None]:
        shown = f"{flow.source} to {flow.destination}, {flow.protocol} {flow.port}"
        own = "" if whole else f"{position(rule, part).removeprefix(f'{rule} ')} "
        yield of_rule(
            f"one-sided-{rule.direction.value}",
            policy,
            rule,
            f"{own}{told}",
            part=None if whole else part,
            witness=shown,
        )


def _parts(rule: Rule) -> Iterator[Rule]:
    """Yield a rule for each peer that means pods and each port; where there are none, as it is."""
    peers = [(peer,) for peer in pod_peers(rule)] if rule.peers is not None else [None]
    ports = [(port,) for port in rule.ports] if rule.ports is not None else [None]
    yield from (replace(rule, peers=peer, ports=port) for peer, port in product(peers, ports))


def _flows(facts: Facts, policy: Policy, rule: Rule) -> Iterator[Flow]:
    opening, accepting = facts.traffic_ends(policy, rule)
    for one, other in product(facts.kinds(opening), facts.kinds(accepting)):
        if one != other:
            for protocol, port in _ports(rule, facts.pods[other]):
                yield _flow(facts.pods[one], facts.pods[other], protocol, port)


def _flow(source: Pod, destination: Pod, protocol: Protocol, port: int) -> Flow:
    versions = [address.version for address in destination.addresses]
    family = Family(versions[0]) if versions else Family.IPV4
    return Flow(source=source, destination=destination, protocol=protocol, port=port, family=family)


def _ports(rule: Rule, pod: Pod) -> list[tuple[Protocol, int]]:
    """Return what to try: each port of the rule, or, where it has none, what the pod declares."""
    if rule.ports is None:
        return [(each.protocol, each.number) for each in pod.ports] or [(Protocol.TCP, 80)]
    found = [(port.protocol, port.first) for port in rule.ports if isinstance(port, Ports)]
    names = {port.name for port in rule.ports if not isinstance(port, Ports)}
    return found + [(each.protocol, each.number) for each in pod.ports if each.name in names]


def _side(facts: Facts, direction: Direction, flow: Flow) -> Truth:
    pod = flow.source if direction is Direction.EGRESS else flow.destination
    number = facts.number_of(pod)
    return side(direction, flow, facts.applying(number), facts.world).allowed


def neighbours(facts: Facts) -> Iterator[Finding]:
    """Yield the policies that let every pod of a namespace open something, and nothing to its neighbours."""
    for policy in facts.policies:
        rules = [rule for rule in policy.rules if rule.direction is Direction.EGRESS]
        numbers = facts.by_namespace.get(policy.namespace or "", [])
        if not rules or policy.subject.pods != EVERYTHING or Direction.EGRESS not in policy.isolates:
            continue
        kinds = facts.kinds(numbers)
        pairs = [(facts.pods[a], facts.pods[b]) for a, b in product(kinds, kinds) if a != b and facts.pods[b].ports]
        flows = [_flow(a, b, port.protocol, port.number) for a, b in pairs[:MOST_PAIRS] for port in b.ports]
        if flows and all(_side(facts, Direction.EGRESS, flow) is False for flow in flows):
            shown = f"{flows[0].source} to {flows[0].destination}, {flows[0].protocol} {flows[0].port}"
            yield finding(
                "intra-namespace-blocked",
                about=f"{policy.kind} {policy}",
                place=policy.place,
                message=f"lets no pod of {policy.namespace} open a connection to another: {shown}",
                evidence=(("witness", shown),),
            )


def dns(facts: Facts) -> Iterator[Finding]:
    """Yield the policies because of which pods cannot ask DNS."""
    servers = _servers(facts)
    blocked: dict[str, list[str]] = {}
    policies: dict[str, Policy] = {}
    for number, isolating in facts.isolating[Direction.EGRESS].items():
        if number not in servers and not _asks(facts, number, servers):
            name = f"{isolating[0].kind} {isolating[0]}"
            policies[name] = isolating[0]
            blocked.setdefault(name, []).append(str(facts.pods[number]))
    for name, pods in blocked.items():
        told = f"lets no port 53 through: names do not resolve for {listed(pods)}"
        place = policies[name].place
        yield finding("dns-blocked", about=name, place=place, message=told, evidence=(("pods", listed(pods)),))


def _asks(facts: Facts, number: int, servers: Mapping[int, frozenset[int]]) -> bool:
    """Return whether a pod may open a connection to some DNS server: one that is known, or any at all."""
    pod = facts.pods[number]
    if servers:
        kinds = facts.kinds(servers)
        flows = [
            _flow(pod, facts.pods[each], Protocol.UDP, port)
            for each, ports in servers.items()
            if each in kinds
            for port in ports
        ]
        return any(_side(facts, Direction.EGRESS, flow) is not False for flow in flows)
    rules = [rule for policy in facts.applying(number) for rule in policy.rules if rule.direction is Direction.EGRESS]
    return any(
        rule.ports is None or any(not isinstance(port, Ports) or _is_dns(port) for port in rule.ports)
        for rule in rules
        if rule.peers is None or any(isinstance(peer, PodPeer | AddressPeer) for peer in rule.peers)
    )


def _is_dns(port: Ports) -> bool:
    return port.protocol is Protocol.UDP and port.first <= DNS <= port.last


def _servers(facts: Facts) -> dict[int, frozenset[int]]:
    """Return the pods that answer DNS, with their ports: those behind a Service at port 53, and those labelled so."""
    found: dict[int, set[int]] = {}
    for service in facts.cluster.snapshot.services:
        wanted = (service.selector or {}).items()
        for port in service.ports if wanted else ():
            for number in facts.by_namespace.get(service.namespace, []) if port.port == DNS else ():
                if wanted <= facts.pods[number].labels.items():
                    found.setdefault(number, set()).update(_led(facts.pods[number], port))
    for number, pod in enumerate(facts.pods):
        if pod.namespace == "kube-system" and any(pod.labels.get(key) in values for key, values in DNS_LABELS):
            found.setdefault(number, {DNS})
    return {number: frozenset(ports) for number, ports in sorted(found.items()) if ports}


def _led(pod: Pod, port: ServicePort) -> Iterator[int]:
    """Yield the ports of a pod that a port of a Service leads to: policies see these (S2.6)."""
    if isinstance(port.target, int):
        yield port.target
    else:
        yield from (each.number for each in pod.ports if each.name == port.target)
