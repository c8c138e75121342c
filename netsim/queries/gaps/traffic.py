"""Ports and address blocks: too many, none that exist, or others than were meant."""

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address, ip_network

from netsim.ir.finding import Finding
from netsim.ir.objects import Address, Network
from netsim.ir.policy import AddressPeer, Direction, NamedPort, Policy, PortMatch, Ports, Rule
from netsim.ir.traffic import Protocol
from netsim.queries.gaps.facts import Facts, listed, of_rule

#: Where clouds hand out the credentials of a node.
METADATA = (ip_network("169.254.169.254"), ip_network("fd00:ec2::254"))
#: Ports of protocols whose encrypted form has another.
PLAINTEXT = {21: "FTP", 23: "Telnet", 80: "HTTP", 110: "POP3", 143: "IMAP", 389: "LDAP"}


def ports(facts: Facts) -> Iterator[Finding]:
    """Yield what is wrong with the ports of rules."""
    for policy, rule in facts.rules:
        if rule.ports is None and (rule.peers is None or rule.peers):
            yield of_rule("all-ports", policy, rule, "names no ports: every port and protocol")
        _, accepting = facts.traffic_ends(policy, rule)
        for port in rule.ports or ():
            yield from _port(facts, policy, rule, port, accepting)


def _port(facts: Facts, policy: Policy, rule: Rule, port: PortMatch, accepting: Sequence[int]) -> Iterator[Finding]:
    outside = rule.direction is Direction.EGRESS and (
        rule.peers is None or any(isinstance(peer, AddressPeer) for peer in rule.peers)
    )
    if isinstance(port, NamedPort):
        # S2.8: only pods have names for ports, so that a rule without peers, or for a block, means pods by it.
        meant = facts.pods if outside else [facts.pods[number] for number in accepting]
        known = {e for pod in meant for e in pod.ports if e.name == port.name and port.protocol in (None, e.protocol)}
        if meant and not known:
            told = f"names the port `{port.name}`, which no pod that it is about declares"
            yield of_rule("named-port-nowhere", policy, rule, told, part=port)
        return
    declared = {entry for number in accepting for entry in facts.pods[number].ports}
    silent = any(not facts.pods[number].ports for number in accepting)
    met = any(e.protocol is port.protocol and port.first <= e.number <= port.last for e in declared)
    if accepting and declared and not met and not silent and not outside:
        listens = listed(f"{e.number}/{e.protocol}" for e in declared)
        told = f"allows {_written(port)}, and its pods listen on {listens}"
        yield of_rule("port-not-listened", policy, rule, told, part=port, listens=listens)
    if port.protocol is Protocol.TCP and port.first == port.last and port.first in PLAINTEXT:
        told = f"allows {_written(port)}, {PLAINTEXT[port.first]} without encryption"
        yield of_rule("plaintext-port", policy, rule, told, part=port)


def _written(port: Ports) -> str:
    span = str(port.first) if port.first == port.last else f"{port.first}-{port.last}"
    return f"{port.protocol} {span}"


def blocks(facts: Facts) -> Iterator[Finding]:
    """Yield what is wrong with the address blocks of rules."""
    known = _addresses(facts)
    for policy, rule in facts.rules:
        for peer in rule.peers or ():
            if isinstance(peer, AddressPeer):
                yield from _block(policy, rule, peer, known)


def _block(policy: Policy, rule: Rule, peer: AddressPeer, known: Sequence[tuple[str, Network]]) -> Iterator[Finding]:
    inside = [name for name, own in known if _holds(peer, own)]
    if peer.block.prefixlen == 0:
        told = f"means every address: {peer.block}"
        yield of_rule("anywhere", policy, rule, told, part=peer)
    if inside:
        told = f"covers addresses of the cluster by {peer.block}: {listed(inside)}"
        yield of_rule("block-covers-cluster", policy, rule, told, part=peer, covers=listed(inside))
    elif (purpose := purpose_of(peer.block)) is not None:
        told = f"means {purpose}: {peer.block}"
        yield of_rule("private-cidr", policy, rule, told, part=peer)
    if rule.direction is Direction.EGRESS and any(_holds(peer, address) for address in METADATA):
        told = f"opens the address of the cloud's metadata by {peer.block}"
        yield of_rule("block-covers-metadata", policy, rule, told, part=peer)


#: Addresses that are not of the internet, by what they are for: the special-purpose registries (RFC 6890).
SPECIAL = tuple(
    (ip_network(block), purpose)
    for purpose, blocks in {
        "private addresses": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
        "addresses for documentation, which nobody has": (
            "192.0.2.0/24",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "2001:db8::/32",
            "3fff::/20",
        ),
        "addresses for benchmarks": ("198.18.0.0/15", "2001:2::/48"),
        "addresses shared behind a carrier's NAT": ("100.64.0.0/10",),
        "link-local addresses": ("169.254.0.0/16", "fe80::/10"),
        "loopback addresses": ("127.0.0.0/8", "::1/128"),
    }.items()
    for block in blocks
)


def purpose_of(block: Network) -> str | None:
    """Return what the addresses of a block are for where they are not of the internet, all of them for one thing."""
    return next((told for own, told in SPECIAL if _is_in(block, own)), None)


def _holds(peer: AddressPeer, block: Network) -> bool:
    """Return whether a peer means some address of a block."""
    return _overlap(peer.block, block) and not any(_is_in(block, hole) for hole in peer.excepts)


def _overlap(one: Network, other: Network) -> bool:
    return _is_in(one, other) or _is_in(other, one)


def _is_in(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _addresses(facts: Facts) -> list[tuple[str, Network]]:
    snapshot = facts.cluster.snapshot
    found = [(f"pod {pod}", ip_network(each)) for pod in facts.pods for each in pod.addresses]
    for node in snapshot.nodes:
        found += ((f"node {node.name}", ip_network(each)) for each in node.addresses)
        found += ((f"pods of node {node.name}", each) for each in node.pod_blocks)
    for service in snapshot.services:
        found += ((f"Service {service}", ip_network(each)) for each in _parsed(service.cluster_ips))
    return found


def _parsed(texts: Iterable[str]) -> Iterator[Address]:
    for text in texts:
        try:
            yield ip_address(text)
        except ValueError:
            continue
