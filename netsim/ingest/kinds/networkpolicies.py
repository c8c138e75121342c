"""NetworkPolicy of networking.k8s.io/v1 (S2)."""

from collections.abc import Iterator
from typing import Any

import msgspec

from netsim.ingest.document import Path
from netsim.ingest.kinds.cidrs import check_cidr, network
from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import WholeMetadata, check_whole_metadata
from netsim.ingest.kinds.podspec import check_protocol
from netsim.ingest.kinds.ports import check_port_name, check_port_number
from netsim.ingest.kinds.selectors import LabelSelector, check_selector, selector
from netsim.ingest.schema import Closed
from netsim.ingest.validation import dns_subdomain, excepts_inside
from netsim.ir.labels import EVERYTHING, namespace_named
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
from netsim.ir.traffic import FIRST_PORT, LAST_PORT, Protocol


class IPBlock(Closed, frozen=True):
    """A block of addresses, and the parts of it that are left out."""

    cidr: str | None = None
    excepts: list[str | None] | None = msgspec.field(default=None, name="except")


class WrittenPeer(Closed, frozen=True):
    """One element of from or to."""

    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: IPBlock | None = None


class WrittenPort(Closed, frozen=True):
    """One element of ports."""

    protocol: str | None = None
    port: int | str | None = None
    end_port: int | None = None


class IngressRule(Closed, frozen=True):
    """One element of ingress."""

    peers: list[WrittenPeer | None] | None = msgspec.field(default=None, name="from")
    ports: list[WrittenPort | None] | None = None


class EgressRule(Closed, frozen=True):
    """One element of egress."""

    peers: list[WrittenPeer | None] | None = msgspec.field(default=None, name="to")
    ports: list[WrittenPort | None] | None = None


class Spec(Closed, frozen=True):
    """The spec of a NetworkPolicy."""

    pod_selector: LabelSelector | None = None
    policy_types: list[str | None] | None = None
    ingress: list[IngressRule | None] | None = None
    egress: list[EgressRule | None] | None = None


class WrittenPolicy(Closed, frozen=True):
    """A NetworkPolicy with all its fields; servers of 1.24 to 1.27 wrote a status."""

    api_version: Any = None
    kind: Any = None
    metadata: WholeMetadata | None = None
    spec: Spec | None = None
    status: Any = None


_NO_SPEC, _NO_METADATA, _NO_PEER, _NO_PORT = Spec(), WholeMetadata(), WrittenPeer(), WrittenPort()
_ANY_RULE = IngressRule()
_TYPES = {"Ingress": Direction.INGRESS, "Egress": Direction.EGRESS}
_PEER_FIELD = {Direction.INGRESS: "from", Direction.EGRESS: "to"}


def _rules(spec: Spec) -> Iterator[tuple[Direction, int, IngressRule | EgressRule]]:
    """Yield every rule that is written; a null one is the empty one, which allows everything (S2.3)."""
    for index, ingress in enumerate(spec.ingress or ()):
        yield Direction.INGRESS, index, ingress or _ANY_RULE
    for index, egress in enumerate(spec.egress or ()):
        yield Direction.EGRESS, index, egress or _ANY_RULE


def check_policy(policy: WrittenPolicy, reading: Reading) -> None:
    """Note every rule of the API server that the policy breaks."""
    spec = policy.spec or _NO_SPEC
    check_whole_metadata(policy.metadata or _NO_METADATA, reading)
    check_selector(spec.pod_selector, ("spec", "podSelector"), reading)
    _check_types(spec.policy_types or [], reading)
    for direction, index, rule in _rules(spec):
        path: Path = ("spec", direction.value, index)
        for at, peer in enumerate(rule.peers or ()):
            _check_peer(peer or _NO_PEER, (*path, _PEER_FIELD[direction], at), reading)
    for port, at_port in ports_of(policy):
        _check_port(port, at_port, reading)


def ports_of(policy: WrittenPolicy) -> Iterator[tuple[WrittenPort, Path]]:
    """Yield every port that is written, and where."""
    for direction, index, rule in _rules(policy.spec or _NO_SPEC):
        for at, port in enumerate(rule.ports or ()):
            yield port or _NO_PORT, ("spec", direction.value, index, "ports", at)


def _check_types(types: list[str | None], reading: Reading) -> None:
    path: Path = ("spec", "policyTypes")
    if len(types) > len(_TYPES):
        reading.refuse("NS119", path, f"has {len(types)} entries, more than the {len(_TYPES)} directions")
    for index, written in enumerate(types):
        if written not in _TYPES:
            meant = (written or "").strip().capitalize()
            hint = f"write {meant}" if meant in _TYPES else ""
            reading.refuse("NS119", (*path, index), f'"{written or ""}" is neither Ingress nor Egress', hint=hint)


def _check_peer(peer: WrittenPeer, path: Path, reading: Reading) -> None:
    selectors = peer.pod_selector or peer.namespace_selector
    check_selector(peer.pod_selector, (*path, "podSelector"), reading)
    check_selector(peer.namespace_selector, (*path, "namespaceSelector"), reading)
    if peer.ip_block:
        _check_block(peer.ip_block, (*path, "ipBlock"), reading)
    if peer.ip_block and selectors:
        hint = "write them as two peers: addresses and pods are never both"
        reading.refuse("NS118", path, "has an ipBlock and a selector, which exclude each other", hint=hint)
    if not peer.ip_block and not selectors:
        message = "says nothing: one of podSelector, namespaceSelector, ipBlock is required"
        hint = "write podSelector: {} for the pods of the namespace, or drop the whole list for every peer"
        reading.refuse("NS118", path, message, hint=hint)


def _check_block(written: IPBlock, path: Path, reading: Reading) -> None:
    if not written.cidr:
        reading.refuse("NS108", (*path, "cidr"), "is required")
        return
    outer = check_cidr(written.cidr, (*path, "cidr"), reading)
    for index, text in enumerate(written.excepts or ()):
        at: Path = (*path, "except", index)
        inner = check_cidr(text or "", at, reading)
        if outer and inner and not excepts_inside(written.cidr, text or ""):
            hint = "an except only takes from its own block; drop it, or widen `cidr`"
            reading.refuse("NS117", at, f"{text} is no strict part of `cidr` {written.cidr}", hint=hint)


def _check_port(port: WrittenPort, path: Path, reading: Reading) -> None:
    if port.protocol is not None:
        check_protocol(port.protocol, path, reading)
    if port.port == 0:
        hint = "leave `port` out to mean every port of the protocol"
        check_port_number(0, (*path, "port"), reading, hint=hint)
    elif isinstance(port.port, int):
        check_port_number(port.port, (*path, "port"), reading)
    elif port.port is not None:
        check_port_name(port.port, (*path, "port"), reading)
    if port.end_port is not None:
        _check_end_port(port.port, port.end_port, (*path, "endPort"), reading)


def _check_end_port(port: int | str | None, end_port: int, path: Path, reading: Reading) -> None:
    if port is None:
        hint = "add `port`, the first of the range"
        reading.refuse("NS114", path, f"{end_port} has no `port` to start from", hint=hint)
    elif isinstance(port, str):
        reading.refuse("NS114", path, f'{end_port} does not go with the name "{port}"', hint="write `port` as a number")
    elif end_port < port:
        hint = "swap the two, or drop endPort to mean one port"
        reading.refuse("NS114", path, f"{end_port} is below `port` {port}", hint=hint)
    else:
        check_port_number(end_port, path, reading)


def read_policy(policy: WrittenPolicy, reading: Reading) -> Policy:
    """Return the policy; only asked of one without problems."""
    spec = policy.spec or _NO_SPEC
    isolates = _isolates(spec)
    return Policy(
        kind=reading.kind,
        namespace=reading.namespace,
        name=reading.name,
        tier=Tier.NETWORK_POLICY,
        subject=PodPeer(
            namespaces=namespace_named(reading.namespace),
            pods=selector(spec.pod_selector),
            place=reading.place("spec", "podSelector"),
        ),
        isolates=isolates,
        # S2.2: rules of a direction that policyTypes leaves out are ignored.
        rules=tuple(_rule(*each, reading) for each in _rules(spec) if each[0] in isolates),
        place=reading.place(),
    )


def _isolates(spec: Spec) -> frozenset[Direction]:
    if spec.policy_types:
        return frozenset(_TYPES[written] for written in spec.policy_types if written)
    # S2.2: absent, null or []: Ingress always, Egress iff there are egress rules.
    return frozenset({Direction.INGRESS, Direction.EGRESS} if spec.egress else {Direction.INGRESS})


def _rule(direction: Direction, index: int, written: IngressRule | EgressRule, reading: Reading) -> Rule:
    path = ("spec", direction.value, index)
    peers = [
        _peer(each or _NO_PEER, (*path, _PEER_FIELD[direction], at), reading)
        for at, each in enumerate(written.peers or ())
    ]
    ports = [_port(each or _NO_PORT, (*path, "ports", at), reading) for at, each in enumerate(written.ports or ())]
    return Rule(
        direction=direction,
        index=index,
        action=Action.ALLOW,
        # S2.3: an empty list is an absent one: every peer, every port.
        peers=tuple(peers) or None,
        ports=tuple(ports) or None,
        place=reading.place(*path),
    )


def _peer(written: WrittenPeer, path: Path, reading: Reading) -> Peer:
    place = reading.place(*path)
    if written.ip_block:
        return AddressPeer(
            block=network(written.ip_block.cidr),
            excepts=tuple(network(text) for text in written.ip_block.excepts or ()),
            place=place,
        )
    # S2.4: podSelector alone speaks of the policy's own namespace, namespaceSelector alone of every pod.
    namespaces = (
        selector(written.namespace_selector) if written.namespace_selector else namespace_named(reading.namespace)
    )
    pods = selector(written.pod_selector) if written.pod_selector else EVERYTHING
    return PodPeer(namespaces=namespaces, pods=pods, place=place)


def _port(written: WrittenPort, path: Path, reading: Reading) -> PortMatch:
    place = reading.place(*path)
    protocol = Protocol(written.protocol or "TCP")
    match written.port:
        case None:
            return Ports(protocol=protocol, first=FIRST_PORT, last=LAST_PORT, place=place)
        case str() as name:
            return NamedPort(protocol=protocol, name=name, place=place)
        case number:
            last = written.end_port if written.end_port is not None else number
            return Ports(protocol=protocol, first=number, last=last, ranged=written.end_port is not None, place=place)


NETWORK_POLICY = Kind(
    api_versions=("networking.k8s.io/v1",),
    name="NetworkPolicy",
    naming=dns_subdomain,
    model=WrittenPolicy,
    check=check_policy,
    read=read_policy,
)
