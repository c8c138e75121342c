"""ClusterNetworkPolicy: what it means, and what the API server refuses of it."""

import pytest

from netsim.ir.labels import EVERYTHING
from netsim.ir.policy import Action, DomainPeer, NodePeer, PodPeer, Policy, Ports, Rule, Tier
from netsim.ir.traffic import Protocol
from tests.unit.ingested import ingested, refused

TO_ALL = "to: [{namespaces: {}}]"
SUBJECT = "subject: {namespaces: {}}"
ADMIN = f"tier: Admin, priority: 5, {SUBJECT}"


def _text(spec: str, version: str = "v1alpha2") -> str:
    return (
        f"apiVersion: policy.networking.k8s.io/{version}\nkind: ClusterNetworkPolicy\n"
        f"metadata: {{name: c}}\nspec: {{{spec}}}\n"
    )


def _policy(text: str) -> Policy:
    (found,) = ingested(text).policies
    return found


def _rule(rest: str) -> Rule:
    (found,) = _policy(_text(f"{ADMIN}, egress: [{{action: Accept, {rest}}}]")).rules
    return found


def _ports(protocols: str) -> list[tuple[object, ...]]:
    return [
        (port.protocol, port.first, port.last) if isinstance(port, Ports) else (port.protocol, port.name)
        for port in _rule(f"{TO_ALL}, protocols: {protocols}").ports or ()
    ]


@pytest.mark.parametrize(("word", "tier"), [("Admin", Tier.ADMIN), ("Baseline", Tier.BASELINE)])
@pytest.mark.parametrize("version", ["v1alpha2", "v1beta1"])
def test_a_policy_is_in_its_tier_at_its_priority(word: str, tier: Tier, version: str) -> None:
    text = _text(f"tier: {word}, priority: 7, {SUBJECT}", version)
    found = _policy(text)
    assert (found.kind, found.namespace, found.tier, found.priority) == ("ClusterNetworkPolicy", None, tier, 7)
    assert ingested(text).warnings == ()


@pytest.mark.parametrize("tier", ["Admin", "Baseline"])
@pytest.mark.parametrize(("word", "action"), [("Accept", Action.ALLOW), ("Deny", Action.DENY), ("Pass", Action.PASS)])
def test_every_action_stands_in_both_tiers(tier: str, word: str, action: Action) -> None:
    found = _policy(_text(f"tier: {tier}, priority: 0, {SUBJECT}, egress: [{{action: {word}, {TO_ALL}}}]"))
    assert [rule.action for rule in found.rules] == [action]


@pytest.mark.parametrize(
    ("protocol", "meaning"),
    [
        ("{tcp: {destinationPort: {number: 80}}}", (Protocol.TCP, 80, 80)),
        ("{udp: {destinationPort: {range: {start: 1, end: 9}}}}", (Protocol.UDP, 1, 9)),
        ("{sctp: {}}", (Protocol.SCTP, 1, 65535)),
        ("{destinationNamedPort: web}", (None, "web")),
    ],
)
def test_a_protocol_has_ports_or_is_every_port(protocol: str, meaning: tuple[object, ...]) -> None:
    assert _ports(f"[{protocol}]") == [meaning]


def test_a_protocol_without_ports_is_said() -> None:
    (notice,) = ingested(_text(f"{ADMIN}, egress: [{{action: Accept, {TO_ALL}, protocols: [{{tcp: {{}}}}]}}]")).warnings
    assert "every port" in notice.message


def test_absent_protocols_are_every_protocol() -> None:
    assert _rule(TO_ALL).ports is None


def test_peers_are_as_in_an_admin_policy_and_names_stand_in_both_tiers() -> None:
    peers = "[{nodes: {}}, {domainNames: [a.com]}, {pods: {podSelector: {}}}]"
    for tier in ("Admin", "Baseline"):
        text = f"tier: {tier}, priority: 1, {SUBJECT}, egress: [{{action: Accept, to: {peers}}}]"
        (rule,) = _policy(_text(text)).rules
        assert [type(peer) for peer in rule.peers or ()] == [NodePeer, DomainPeer, PodPeer]


def test_pods_without_namespaces_are_those_of_every_namespace() -> None:
    (peer,) = _rule("to: [{pods: {podSelector: {}}}]").peers or ()
    assert isinstance(peer, PodPeer)
    assert (peer.namespaces, peer.host_network) == (EVERYTHING, False)


@pytest.mark.parametrize(
    ("spec", "wrong"),
    [
        (f"priority: 1, {SUBJECT}", ("NS108", "spec.tier")),
        (f"tier: admin, priority: 1, {SUBJECT}", ("NS123", "spec.tier")),
        (f"tier: Admin, {SUBJECT}", ("NS108", "spec.priority")),
        (f"tier: Admin, priority: 1001, {SUBJECT}", ("NS123", "spec.priority")),
        ("tier: Admin, priority: 1", ("NS118", "spec.subject")),
        (
            "tier: Admin, priority: 1, subject: {pods: {namespaceSelector: {}}}",
            ("NS126", "spec.subject.pods.podSelector"),
        ),
    ],
)
def test_a_spec_that_is_refused(spec: str, wrong: tuple[str, str]) -> None:
    assert refused(_text(spec)) == [wrong]


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (f"action: Allow, {TO_ALL}", ("NS123", "action")),
        ("action: Accept", ("NS108", "to")),
        (f"action: Accept, {TO_ALL}, ports: [{{namedPort: a}}]", ("NS106", "ports")),
        (f"action: Accept, {TO_ALL}, protocols: []", ("NS113", "protocols")),
        (f"action: Accept, {TO_ALL}, protocols: [{{}}]", ("NS113", "protocols[0]")),
        (f"action: Accept, {TO_ALL}, protocols: [{{tcp: {{}}, udp: {{}}}}]", ("NS113", "protocols[0]")),
        (f"action: Accept, {TO_ALL}, protocols: [{{namedPort: a}}]", ("NS106", "protocols[0].namedPort")),
        (
            f"action: Accept, {TO_ALL}, protocols: [{{tcp: {{destinationPort: {{}}}}}}]",
            ("NS113", "protocols[0].tcp.destinationPort"),
        ),
        (
            f"action: Accept, {TO_ALL}, protocols: [{{tcp: {{destinationPort: {{port: 80}}}}}}]",
            ("NS106", "protocols[0].tcp.destinationPort.port"),
        ),
        (
            f"action: Accept, {TO_ALL}, protocols: [{{tcp: {{destinationPort: {{range: {{start: 2, end: 2}}}}}}}}]",
            ("NS114", "protocols[0].tcp.destinationPort.range.end"),
        ),
        (
            "action: Accept, to: [{networks: [10.0.0.0/8]}], protocols: [{destinationNamedPort: web}]",
            ("NS125", "protocols[0].destinationNamedPort"),
        ),
        (
            "action: Accept, to: [{namespaces: {namespaceSelector: {}}}]",
            ("NS106", "to[0].namespaces.namespaceSelector"),
        ),
        ("action: Accept, to: [{networks: ['::ffff:10.0.0.0/104']}]", ("NS116", "to[0].networks[0]")),
        ("action: Accept, to: [{networks: [10.0.0.0/08]}]", ("NS116", "to[0].networks[0]")),
        ("action: Deny, to: [{domainNames: [a.com]}]", ("NS125", "to[0].domainNames")),
    ],
)
def test_an_egress_rule_that_is_refused(rule: str, wrong: tuple[str, str]) -> None:
    code, field = wrong
    assert (code, f"spec.egress[0].{field}") in refused(_text(f"{ADMIN}, egress: [{{{rule}}}]"))


def test_host_bits_of_a_network_are_refused_from_v1beta1_on() -> None:
    spec = f"{ADMIN}, egress: [{{action: Deny, to: [{{networks: [10.1.2.3/8]}}]}}]"
    assert ingested(_text(spec)).warnings == ()
    assert refused(_text(spec, "v1beta1")) == [("NS116", "spec.egress[0].to[0].networks[0]")]


@pytest.mark.parametrize(
    "protocol", ["{icmp: {}}", "{tcp: {flags: [SYN]}}", "{tcp: {destinationPort: {set: [1, 3]}}}"], ids=str
)
@pytest.mark.parametrize(("word", "closed"), [("Accept", (Action.ALLOW, ())), ("Pass", (Action.DENY, None))])
def test_a_protocol_of_a_newer_api_fails_closed(
    protocol: str, word: str, closed: tuple[Action, tuple[()] | None]
) -> None:
    text = _text(f"{ADMIN}, ingress: [{{action: {word}, from: [{{namespaces: {{}}}}], protocols: [{protocol}]}}]")
    (rule,) = _policy(text).rules
    assert (rule.action, rule.peers) == closed


def test_policies_of_two_versions_of_the_api_are_merged_and_said() -> None:
    old = (
        "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: a}\n"
        f"spec: {{priority: 1, {SUBJECT}}}\n"
    )
    found = ingested(f"{_text(ADMIN)}---\n{old}")
    assert [policy.kind for policy in found.policies] == ["AdminNetworkPolicy", "ClusterNetworkPolicy"]
    assert ["merged by priority" in notice.message for notice in found.warnings] == [True]
