"""ClusterNetworkPolicy of policy.networking.k8s.io/v1alpha2, and of v1beta1, which reads alike (S4)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import msgspec

from netsim.ingest.document import Path
from netsim.ingest.kinds.clusterpeers import Subject, WrittenPeer, check_subject, read_subject
from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import WholeMetadata, check_whole_metadata
from netsim.ingest.kinds.tieredrules import (
    Dialect,
    WrittenRule,
    check_number,
    check_one_field,
    check_priority,
    check_range,
    check_rules,
    numbered,
    read_rules,
)
from netsim.ingest.schema import Closed, Growing
from netsim.ingest.validation import address, block, dns_subdomain
from netsim.ir.policy import Action, NamedPort, Policy, PortMatch, Ports, Tier
from netsim.ir.traffic import FIRST_PORT, LAST_PORT, Protocol


class PortRange(Closed, frozen=True):
    """Ports from start to end, both included."""

    start: int | None = None
    end: int | None = None


class Port(Growing, frozen=True):
    """The destination's port: a number or a range."""

    renamed: ClassVar[Mapping[str, str]] = {"port": "number", "portNumber": "number", "portRange": "range"}

    number: int | None = None
    range: PortRange | None = None


class Transport(Growing, frozen=True):
    """What is asked of one protocol; nothing written is every port (S4.2)."""

    renamed: ClassVar[Mapping[str, str]] = {"port": "destinationPort", "ports": "destinationPort"}

    destination_port: Port | None = None


class WrittenProtocol(Growing, frozen=True):
    """One element of protocols."""

    renamed: ClassVar[Mapping[str, str]] = {
        "portNumber": "tcp",
        "portRange": "tcp",
        "port": "tcp",
        "protocol": "tcp",
        "namedPort": "destinationNamedPort",
    }

    tcp: Transport | None = None
    udp: Transport | None = None
    sctp: Transport | None = None
    destination_named_port: str | None = None


class IngressRule(Closed, frozen=True):
    """One element of ingress."""

    renamed: ClassVar[Mapping[str, str]] = {"ports": "protocols", "to": "from"}

    name: str | None = None
    action: str | None = None
    peers: list[WrittenPeer | None] | None = msgspec.field(default=None, name="from")
    protocols: list[WrittenProtocol | None] | None = None


class EgressRule(Closed, frozen=True):
    """One element of egress."""

    renamed: ClassVar[Mapping[str, str]] = {"ports": "protocols", "from": "to"}

    name: str | None = None
    action: str | None = None
    peers: list[WrittenPeer | None] | None = msgspec.field(default=None, name="to")
    protocols: list[WrittenProtocol | None] | None = None


class Spec(Closed, frozen=True):
    """The spec of a ClusterNetworkPolicy."""

    tier: str | None = None
    priority: int | None = None
    subject: Subject | None = None
    ingress: list[IngressRule | None] | None = None
    egress: list[EgressRule | None] | None = None


class WrittenPolicy(Closed, frozen=True):
    """A ClusterNetworkPolicy with all its fields."""

    api_version: Any = None
    kind: Any = None
    metadata: WholeMetadata | None = None
    spec: Spec | None = None
    status: Any = None


_BETA = "policy.networking.k8s.io/v1beta1"
#: The longest CIDR that the API takes.
_LONGEST_CIDR = 43
_IPV4 = 4


def _check_cidr(text: str) -> str | None:
    network, (base, _, length) = block(text), text.partition("/")
    if network and network.version == _IPV4 and ":" in base:
        return "is an IPv4 address written in IPv6"
    if length != str(int(length)):
        return "has a prefix length with leading zeros"
    return f"has more than {_LONGEST_CIDR} characters" if len(text) > _LONGEST_CIDR else None


def _check_masked_cidr(text: str) -> str | None:
    network = block(text)
    masked = network is None or address(text.partition("/")[0]) == network.network_address
    return _check_cidr(text) or (None if masked else "has bits of a host")


def _transports(written: WrittenProtocol) -> dict[str, Transport]:
    """Return what is said of each protocol that is named."""
    every = {"tcp": written.tcp, "udp": written.udp, "sctp": written.sctp}
    return {name: transport for name, transport in every.items() if transport is not None}


def _check_protocol(written: WrittenProtocol, path: Path, reading: Reading) -> None:
    transports = _transports(written)
    said = [*transports, *(["destinationNamedPort"] if written.destination_named_port is not None else [])]
    said += [str(each[len(path)]) for each in reading.newer_within(path) if len(each) == len(path) + 1]
    known = ("tcp", "udp", "sctp", "destinationNamedPort")
    check_one_field(said, known, path, reading, hint="write tcp: {destinationPort: {number: 80}}, for one")
    for name, transport in transports.items():
        if transport.destination_port is not None:
            _check_port(transport.destination_port, (*path, name, "destinationPort"), reading)
        elif not reading.newer_within((*path, name)):
            # S4.2: the API's own text takes this for every port, its schema wants a property.
            reading.warn((*path, name), "has no destinationPort: every port was taken to be meant")


def _check_port(port: Port, path: Path, reading: Reading) -> None:
    if port.number is not None and port.range is not None:
        reading.refuse("NS113", path, "has number and range, and may have one field", hint="keep one")
    elif port.range is not None:
        check_range(port.range.start, port.range.end, (*path, "range"), reading)
    elif port.number is not None:
        check_number(port.number, (*path, "number"), reading)
    elif not reading.newer_within(path):
        hint = "write number: 80, or range: {start: 80, end: 90}"
        reading.refuse("NS113", path, "says nothing: one of number, range is required", hint=hint)


def _read_protocol(written: WrittenProtocol, path: Path, reading: Reading) -> PortMatch:
    place = reading.place(*path)
    for name, transport in _transports(written).items():
        first, last = _bounds(transport.destination_port)
        return Ports(protocol=Protocol(name.upper()), first=first, last=last, place=place)
    # S3.6: a name has the protocol that the pod declares it with.
    return NamedPort(protocol=None, name=written.destination_named_port or "", place=place)


def _bounds(port: Port | None) -> tuple[int, int]:
    if port is None:
        return FIRST_PORT, LAST_PORT
    if port.range is not None:
        return port.range.start or 0, port.range.end or 0
    return port.number or 0, port.number or 0


CLUSTER = Dialect(
    actions={"Accept": Action.ALLOW, "Deny": Action.DENY, "Pass": Action.PASS},
    egress_peers=("namespaces", "pods", "nodes", "networks", "domainNames"),
    selectors=("podSelector",),
    ports="protocols",
    no_port=WrittenProtocol(),
    name_field="destinationNamedPort",
    name=lambda written: written.destination_named_port,
    most_rules=25,
    most_entries=25,
    cidr=_check_cidr,
    check_port=_check_protocol,
    read_port=_read_protocol,
)

BETA = replace(CLUSTER, cidr=_check_masked_cidr)

#: S4.1: one kind for both.
TIERS = {"Admin": Tier.ADMIN, "Baseline": Tier.BASELINE}
_NO_SPEC, _NO_METADATA = Spec(), WholeMetadata()
_NO_RULE: IngressRule | EgressRule = IngressRule()


def _rules(spec: Spec) -> list[WrittenRule[WrittenProtocol]]:
    return [
        WrittenRule(
            direction=direction,
            index=index,
            name=rule.name,
            action=rule.action,
            peers=rule.peers,
            ports=rule.protocols,
        )
        for direction, index, rule in numbered(spec.ingress, spec.egress, _NO_RULE)
    ]


def _check(policy: WrittenPolicy, reading: Reading) -> None:
    spec = policy.spec or _NO_SPEC
    check_whole_metadata(policy.metadata or _NO_METADATA, reading)
    _check_tier(spec.tier, reading)
    check_priority(spec.priority, reading)
    dialect = BETA if reading.document.api_version == _BETA else CLUSTER
    check_subject(spec.subject, dialect.selectors, reading)
    check_rules(_rules(spec), dialect, reading)


def _check_tier(tier: str | None, reading: Reading) -> None:
    path: Path = ("spec", "tier")
    if tier is None:
        reading.refuse("NS108", path, "is required", hint="write Admin, before NetworkPolicy, or Baseline, after it")
    elif tier not in TIERS:
        meant = tier.strip().capitalize()
        hint = f"write {meant}" if meant in TIERS else ""
        reading.refuse("NS123", path, f'"{tier}" is neither Admin nor Baseline', hint=hint)


def _read(policy: WrittenPolicy, reading: Reading) -> Policy:
    spec = policy.spec or _NO_SPEC
    return Policy(
        kind=reading.kind,
        namespace=None,
        name=reading.name,
        tier=TIERS[spec.tier or ""],
        priority=spec.priority or 0,
        subject=read_subject(spec.subject, reading),
        rules=read_rules(_rules(spec), CLUSTER, reading),
        place=reading.place(),
    )


CLUSTER_NETWORK_POLICY = Kind(
    api_versions=("policy.networking.k8s.io/v1alpha2",),
    also_served=(_BETA,),
    name="ClusterNetworkPolicy",
    namespaced=False,
    naming=dns_subdomain,
    model=WrittenPolicy,
    check=_check,
    read=_read,
)
