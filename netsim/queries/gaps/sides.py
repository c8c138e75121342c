"""Connections that one side means and the other does not: DNS, neighbours, one-sided rules, ends without limits."""

from collections.abc import Iterator
from itertools import islice, product

from netsim.ir.finding import Finding
from netsim.ir.labels import EVERYTHING
from netsim.ir.objects import Family, Pod
from netsim.ir.policy import AddressPeer, Direction, PodPeer, Policy, Ports, Rule
from netsim.ir.traffic import Protocol
from netsim.ir.truth import Truth
from netsim.ir.verdict import Flow
from netsim.queries.gaps.facts import Facts, finding, listed, of_rule
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
        tried = list(islice(_flows(facts, rule, opening, accepting), MOST_PAIRS))
        said = [(flow, _side(facts, other, flow)) for flow in tried]
        if said and all(truth is False for _, truth in said):
            flow = said[0][0]
            check = f"one-sided-{rule.direction.value}"
            told = "lets through what no policy of the other end does"
            shown = f"{flow.source} to {flow.destination}, {flow.protocol} {flow.port}"
            yield of_rule(check, policy, rule, told, witness=shown)
        if rule.direction is Direction.INGRESS and rule.peers is not None:
            free = [number for number in opening if number not in facts.isolating[Direction.EGRESS]]
            if free:
                names = listed(str(facts.pods[number]) for number in free)
                told = f"accepts from pods that nothing limits in what they open: {names}"
                yield of_rule("claim-not-enforced", policy, rule, told, pods=names)


def _flows(facts: Facts, rule: Rule, opening: tuple[int, ...], accepting: tuple[int, ...]) -> Iterator[Flow]:
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


def _asks(facts: Facts, number: int, servers: tuple[int, ...]) -> bool:
    """Return whether a pod may open a connection to some DNS server: one that is known, or any at all."""
    pod = facts.pods[number]
    if servers:
        kinds = facts.kinds(servers)
        flows = [_flow(pod, facts.pods[each], Protocol.UDP, DNS) for each in kinds]
        return any(_side(facts, Direction.EGRESS, flow) is not False for flow in flows)
    rules = [rule for policy in facts.applying(number) for rule in policy.rules if rule.direction is Direction.EGRESS]
    return any(
        rule.ports is None or any(not isinstance(port, Ports) or _is_dns(port) for port in rule.ports)
        for rule in rules
        if rule.peers is None or any(isinstance(peer, PodPeer | AddressPeer) for peer in rule.peers)
    )


def _is_dns(port: Ports) -> bool:
    return port.protocol is Protocol.UDP and port.first <= DNS <= port.last


def _servers(facts: Facts) -> tuple[int, ...]:
    """Return the pods that answer DNS: those behind a Service at port 53, and those with the labels that they have."""
    behind = {
        number
        for service in facts.cluster.snapshot.services
        if service.selector and any(port.port == DNS for port in service.ports)
        for number in facts.by_namespace.get(service.namespace, [])
        if service.selector.items() <= facts.pods[number].labels.items()
    }
    labelled = {
        number
        for number, pod in enumerate(facts.pods)
        if pod.namespace == "kube-system" and any(pod.labels.get(key) in values for key, values in DNS_LABELS)
    }
    return tuple(sorted(behind | labelled))
