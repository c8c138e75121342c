"""AdminNetworkPolicy and BaselineAdminNetworkPolicy of policy.networking.k8s.io/v1alpha1 (S3)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import msgspec

from netsim.ingest.document import Path
from netsim.ingest.kinds.clusterpeers import (
    PEER_FIELD,
    NamespacedPods,
    Subject,
    WrittenPeer,
    check_subject,
    read_subject,
)
from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import WholeMetadata, check_whole_metadata
from netsim.ingest.kinds.podspec import check_protocol
from netsim.ingest.kinds.selectors import LabelSelector
from netsim.ingest.kinds.tieredrules import (
    LAST_PRIORITY,
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
from netsim.ingest.validation import dns_subdomain
from netsim.ir.policy import Action, Direction, NamedPort, Policy, PortMatch, Ports, Tier
from netsim.ir.traffic import Protocol


class Namespaces(LabelSelector, forbid_unknown_fields=True, frozen=True):
    """A label selector over namespaces, with the fields of v0.1.1 of the API (S3.9)."""

    namespace_selector: LabelSelector | None = None
    same_labels: Any = None
    not_same_labels: Any = None


class Pods(NamespacedPods, forbid_unknown_fields=True, frozen=True):
    """Pods by label, with the field of v0.1.1 of the API (S3.9)."""

    namespaces: Any = None


class Peer(WrittenPeer, forbid_unknown_fields=True, frozen=True):
    """One element of from or to, in the words of any v1alpha1."""

    namespaces: Namespaces | None = None
    pods: Pods | None = None


class PortNumber(Closed, frozen=True):
    """One port."""

    protocol: str | None = None
    port: int | None = None


class PortRange(Closed, frozen=True):
    """Ports from start to end, both included."""

    protocol: str | None = None
    start: int | None = None
    end: int | None = None


class WrittenPort(Growing, frozen=True):
    """One element of ports."""

    renamed: ClassVar[Mapping[str, str]] = {
        "port": "portNumber",
        "endPort": "portRange",
        "protocol": "portNumber",
        "tcp": "portNumber",
        "udp": "portNumber",
        "sctp": "portNumber",
        "destinationNamedPort": "namedPort",
    }

    port_number: PortNumber | None = None
    port_range: PortRange | None = None
    named_port: str | None = None


class IngressRule(Closed, frozen=True):
    """One element of ingress."""

    name: str | None = None
    action: str | None = None
    peers: list[Peer | None] | None = msgspec.field(default=None, name="from")
    ports: list[WrittenPort | None] | None = None


class EgressRule(Closed, frozen=True):
    """One element of egress."""

    name: str | None = None
    action: str | None = None
    peers: list[Peer | None] | None = msgspec.field(default=None, name="to")
    ports: list[WrittenPort | None] | None = None


class BaselineSpec(Closed, frozen=True):
    """The spec of a BaselineAdminNetworkPolicy."""

    subject: Subject | None = None
    ingress: list[IngressRule | None] | None = None
    egress: list[EgressRule | None] | None = None


class AdminSpec(BaselineSpec, forbid_unknown_fields=True, frozen=True):
    """The spec of an AdminNetworkPolicy."""

    priority: int | None = None


class WrittenAdminPolicy(Closed, frozen=True):
    """An AdminNetworkPolicy with all its fields."""

    api_version: Any = None
    kind: Any = None
    metadata: WholeMetadata | None = None
    spec: AdminSpec | None = None
    status: Any = None


class WrittenBaselinePolicy(Closed, frozen=True):
    """A BaselineAdminNetworkPolicy with all its fields."""

    api_version: Any = None
    kind: Any = None
    metadata: WholeMetadata | None = None
    spec: BaselineSpec | None = None
    status: Any = None


def _check_cidr(text: str) -> str | None:
    return "mixes the notations of IPv4 and IPv6" if ":" in text and "." in text else None


def _check_port(port: WrittenPort, path: Path, reading: Reading) -> None:
    written = {"portNumber": port.port_number, "portRange": port.port_range, "namedPort": port.named_port}
    said = [name for name, value in written.items() if value is not None]
    said += [str(each[len(path)]) for each in reading.newer_within(path)]
    check_one_field(said, [*written], path, reading, hint="write portNumber: {port: 80}, for one")
    for name, part in (("portNumber", port.port_number), ("portRange", port.port_range)):
        if part and part.protocol is not None:
            check_protocol(part.protocol, (*path, name), reading)
    if port.port_number:
        check_number(port.port_number.port, (*path, "portNumber", "port"), reading)
    if port.port_range:
        check_range(port.port_range.start, port.port_range.end, (*path, "portRange"), reading)


def _read_port(port: WrittenPort, path: Path, reading: Reading) -> PortMatch:
    place = reading.place(*path)
    if port.port_number:
        number = port.port_number.port or 0
        return Ports(protocol=Protocol(port.port_number.protocol or "TCP"), first=number, last=number, place=place)
    if port.port_range:
        first, last = port.port_range.start or 0, port.port_range.end or 0
        return Ports(protocol=Protocol(port.port_range.protocol or "TCP"), first=first, last=last, place=place)
    # S3.6: a name has the protocol that the pod declares it with.
    return NamedPort(protocol=None, name=port.named_port or "", place=place)


#: S3.4: three words for what a rule does.
ADMIN = Dialect(
    actions={"Allow": Action.ALLOW, "Deny": Action.DENY, "Pass": Action.PASS},
    egress_peers=("namespaces", "pods", "nodes", "networks", "domainNames"),
    selectors=("namespaceSelector", "podSelector"),
    ports="ports",
    no_port=WrittenPort(),
    name_field="namedPort",
    name=lambda port: port.named_port,
    most_rules=100,
    most_entries=100,
    cidr=_check_cidr,
    check_port=_check_port,
    read_port=_read_port,
)
# S3.7: no Pass, no domain names.
BASELINE = replace(
    ADMIN,
    actions={"Allow": Action.ALLOW, "Deny": Action.DENY},
    egress_peers=("namespaces", "pods", "nodes", "networks"),
)

#: The name of the one baseline policy (S3.7).
ONLY_NAME = "default"
_NO_ADMIN_SPEC, _NO_BASELINE_SPEC, _NO_METADATA = AdminSpec(), BaselineSpec(), WholeMetadata()
_NO_RULE: IngressRule | EgressRule = IngressRule()
_REMOVED = "was removed after v0.1.1 of the API"


def _rules(spec: BaselineSpec) -> list[WrittenRule[WrittenPort]]:
    return [
        WrittenRule(
            direction=direction,
            index=index,
            name=rule.name,
            action=rule.action,
            peers=None if rule.peers is None else [_of_today(peer) for peer in rule.peers],
            ports=rule.ports,
        )
        for direction, index, rule in numbered(spec.ingress, spec.egress, _NO_RULE)
    ]


def _of_today(peer: Peer | None) -> Peer | None:
    """Return a peer in the words of today, as far as it can be said in them (S3.9).

    ``namespaces`` is itself the selector. Pods of ``namespaces`` are refused, so that any selector will do for them.
    """
    if peer is None:
        return None
    if peer.pods and peer.pods.namespaces is not None:
        peer = msgspec.structs.replace(
            peer, pods=Pods(namespace_selector=LabelSelector(), pod_selector=LabelSelector())
        )
    if peer.namespaces is None or peer.namespaces.namespace_selector is None:
        return peer
    inner = peer.namespaces.namespace_selector
    plain = Namespaces(match_labels=inner.match_labels, match_expressions=inner.match_expressions)
    return msgspec.structs.replace(peer, namespaces=plain)


def _peers(spec: BaselineSpec) -> Iterator[tuple[Path, Peer]]:
    """Yield the peers of all rules, and where they stand."""
    for direction, rules in ((Direction.INGRESS, spec.ingress), (Direction.EGRESS, spec.egress)):
        for index, rule in enumerate(rules or ()):
            for at, peer in enumerate((rule and rule.peers) or ()):
                if peer:
                    yield ("spec", direction.value, index, PEER_FIELD[direction], at), peer


def _check_old_peers(spec: BaselineSpec, reading: Reading) -> None:
    """Note the forms that v0.1.1 of the API had: one still has a meaning, the others have none any more (S3.9)."""
    for path, peer in _peers(spec):
        if peer.namespaces:
            _check_old_namespaces(peer.namespaces, (*path, "namespaces"), reading)
        if peer.pods and peer.pods.namespaces is not None:
            hint = "write the selector of the namespaces as `namespaceSelector`"
            reading.refuse("NS106", (*path, "pods", "namespaces"), _REMOVED, hint=hint)


def _check_old_namespaces(namespaces: Namespaces, path: Path, reading: Reading) -> None:
    for field, value in (("sameLabels", namespaces.same_labels), ("notSameLabels", namespaces.not_same_labels)):
        if value is not None:
            hint = "name the namespaces by their labels, with one policy for each group of them"
            reading.refuse("NS106", (*path, field), _REMOVED, hint=hint)
    if namespaces.namespace_selector is not None:
        at = (*path, "namespaceSelector")
        if namespaces.match_labels or namespaces.match_expressions:
            reading.refuse("NS118", at, "stands beside labels of `namespaces` itself", hint="keep one")
        reading.warn(at, "is a form of v0.1.1 of the API: write its selector as `namespaces` itself (S3.9)")


def _check(spec: BaselineSpec, metadata: WholeMetadata | None, dialect: Dialect[WrittenPort], reading: Reading) -> None:
    check_whole_metadata(metadata or _NO_METADATA, reading)
    check_subject(spec.subject, dialect.selectors, reading)
    _check_old_peers(spec, reading)
    check_rules(_rules(spec), dialect, reading)


def _check_admin(policy: WrittenAdminPolicy, reading: Reading) -> None:
    spec = policy.spec or _NO_ADMIN_SPEC
    check_priority(spec.priority, reading)
    _check(spec, policy.metadata, ADMIN, reading)


def _check_baseline(policy: WrittenBaselinePolicy, reading: Reading) -> None:
    if reading.name and reading.name != ONLY_NAME:
        message = f'"{reading.name}" must be "{ONLY_NAME}": a cluster has one {reading.kind}, of that name'
        reading.refuse("NS123", ("metadata", "name"), message, hint=f"write {ONLY_NAME}")
    _check(policy.spec or _NO_BASELINE_SPEC, policy.metadata, BASELINE, reading)


def _read_admin(policy: WrittenAdminPolicy, reading: Reading) -> Policy:
    spec = policy.spec or _NO_ADMIN_SPEC
    return _policy(spec, Tier.ADMIN, spec.priority or 0, ADMIN, reading)


def _read_baseline(policy: WrittenBaselinePolicy, reading: Reading) -> Policy:
    # S4.5: it has no priority; beside Baseline ClusterNetworkPolicies it is asked last.
    return _policy(policy.spec or _NO_BASELINE_SPEC, Tier.BASELINE, LAST_PRIORITY + 1, BASELINE, reading)


def _policy(spec: BaselineSpec, tier: Tier, priority: int, dialect: Dialect[WrittenPort], reading: Reading) -> Policy:
    return Policy(
        kind=reading.kind,
        namespace=None,
        name=reading.name,
        tier=tier,
        priority=priority,
        subject=read_subject(spec.subject, reading),
        rules=read_rules(_rules(spec), dialect, reading),
        place=reading.place(),
    )


ADMIN_NETWORK_POLICY = Kind(
    api_versions=("policy.networking.k8s.io/v1alpha1",),
    name="AdminNetworkPolicy",
    namespaced=False,
    naming=dns_subdomain,
    model=WrittenAdminPolicy,
    check=_check_admin,
    read=_read_admin,
)
BASELINE_ADMIN_NETWORK_POLICY = Kind(
    api_versions=("policy.networking.k8s.io/v1alpha1",),
    name="BaselineAdminNetworkPolicy",
    namespaced=False,
    naming=dns_subdomain,
    model=WrittenBaselinePolicy,
    check=_check_baseline,
    read=_read_baseline,
)
