"""AdminNetworkPolicy and BaselineAdminNetworkPolicy: what they mean, and what the API server refuses of them."""

from ipaddress import IPv4Network, IPv6Network

import pytest

from netsim.ir.labels import EVERYTHING, Operator, Requirement, Selector
from netsim.ir.policy import (
    Action,
    AddressPeer,
    Direction,
    DomainPeer,
    NamedPort,
    NodePeer,
    PodPeer,
    Policy,
    Ports,
    Rule,
    Tier,
)
from netsim.ir.traffic import Protocol
from tests.unit.ingested import ingested, kept, problems, refused

TO_ALL = "to: [{namespaces: {}}]"
SUBJECT = "subject: {namespaces: {}}"


def _anp(rest: str, name: str = "a", metadata: str = "") -> str:
    return _text("AdminNetworkPolicy", f"priority: 5, {SUBJECT}, {rest}", name, metadata)


def _banp(rest: str, name: str = "default") -> str:
    return _text("BaselineAdminNetworkPolicy", f"{SUBJECT}, {rest}", name)


def _text(kind: str, spec: str, name: str, metadata: str = "") -> str:
    return (
        f"apiVersion: policy.networking.k8s.io/v1alpha1\nkind: {kind}\n"
        f"metadata: {{name: {name}, {metadata}}}\nspec: {{{spec}}}\n"
    )


def _policy(text: str) -> Policy:
    (found,) = ingested(text).policies
    return found


def _rule(rest: str) -> Rule:
    (found,) = _policy(_anp(rest)).rules
    return found


def _egress(peers: str, action: str = "Allow") -> Rule:
    return _rule(f"egress: [{{action: {action}, to: {peers}}}]")


def _equals(key: str, value: str) -> Selector:
    return Selector((Requirement(key, Operator.IN, (value,)),))


def _notices(text: str) -> list[str]:
    return [notice.message for notice in ingested(text).warnings]


def test_an_admin_policy_is_of_the_whole_cluster_and_isolates_nobody() -> None:
    found = _policy(_anp(f"egress: [{{action: Pass, {TO_ALL}}}]"))
    assert (found.kind, found.namespace, found.name) == ("AdminNetworkPolicy", None, "a")
    assert (found.tier, found.priority, found.isolates) == (Tier.ADMIN, 5, frozenset())


def test_a_baseline_policy_comes_after_every_priority() -> None:
    found = _policy(_banp(f"egress: [{{action: Deny, {TO_ALL}}}]"))
    assert (found.tier, found.priority) == (Tier.BASELINE, 1001)


def test_a_subject_is_the_pods_of_namespaces_or_pods_in_namespaces() -> None:
    web = "{namespaceSelector: {matchLabels: {team: a}}, podSelector: {matchLabels: {app: web}}}"
    for subject, namespaces, pods in (
        ("{namespaces: {matchLabels: {team: a}}}", _equals("team", "a"), EVERYTHING),
        (f"{{pods: {web}}}", _equals("team", "a"), _equals("app", "web")),
    ):
        found = _policy(_text("AdminNetworkPolicy", f"priority: 0, subject: {subject}", "a")).subject
        assert (found.namespaces, found.pods, found.host_network) == (namespaces, pods, False)


@pytest.mark.parametrize(
    ("word", "action"), [("Allow", Action.ALLOW), ("Deny", Action.DENY), ("Pass", Action.PASS)], ids=str
)
def test_an_action_is_one_of_three(word: str, action: Action) -> None:
    assert _egress("[{namespaces: {}}]", word).action is action


def test_rules_keep_their_order_and_their_direction() -> None:
    one, two = f"{{action: Deny, {TO_ALL}}}", f"{{name: x, action: Allow, {TO_ALL}}}"
    found = _policy(_anp(f"egress: [{one}, {two}], ingress: [{{action: Pass, from: [{{namespaces: {{}}}}]}}]"))
    assert [(str(rule), rule.action) for rule in found.rules] == [
        ("ingress[0]", Action.PASS),
        ("egress[0]", Action.DENY),
        ("egress[1]", Action.ALLOW),
    ]


def test_a_peer_of_pods_is_never_of_the_host_network() -> None:
    pods = "{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}"
    peers = _egress(f"[{{namespaces: {{matchLabels: {{team: a}}}}}}, {pods}]").peers or ()
    assert [(p.namespaces, p.pods, p.host_network) for p in peers if isinstance(p, PodPeer)] == [
        (_equals("team", "a"), EVERYTHING, False),
        (EVERYTHING, _equals("app", "web"), False),
    ]


def test_networks_are_blocks_one_by_one_with_host_bits_masked() -> None:
    peers = _egress('[{networks: [10.1.2.3/8, "2001:db8::/32"]}]').peers or ()
    blocks = [peer.block for peer in peers if isinstance(peer, AddressPeer)]
    assert blocks == [IPv4Network("10.0.0.0/8"), IPv6Network("2001:db8::/32")]


def test_nodes_are_by_label_and_names_one_by_one() -> None:
    peers = _egress("[{nodes: {}}, {domainNames: [example.com, '*.example.org.']}]").peers or ()
    assert [peer.nodes for peer in peers if isinstance(peer, NodePeer)] == [EVERYTHING]
    assert [peer.name for peer in peers if isinstance(peer, DomainPeer)] == ["example.com", "*.example.org."]


def test_ports_are_a_number_a_range_or_a_name_and_the_protocol_is_tcp() -> None:
    ports = (
        "[{portNumber: {port: 80}}, {portRange: {protocol: UDP, start: 1, end: 9}}, {namedPort: web},"
        " {portNumber: {protocol: SCTP, port: 7}}]"
    )
    found = _rule(f"egress: [{{action: Allow, {TO_ALL}, ports: {ports}}}]").ports or ()
    assert [(p.protocol, p.first, p.last, p.ranged) for p in found if isinstance(p, Ports)] == [
        (Protocol.TCP, 80, 80, False),
        (Protocol.UDP, 1, 9, False),
        (Protocol.SCTP, 7, 7, False),
    ]
    assert [(p.protocol, p.name) for p in found if isinstance(p, NamedPort)] == [(None, "web")]


@pytest.mark.parametrize("ports", ["", ", ports: null"])
def test_absent_ports_are_every_port(ports: str) -> None:
    assert _rule(f"egress: [{{action: Allow, {TO_ALL}{ports}}}]").ports is None


@pytest.mark.parametrize(
    ("spec", "wrong"),
    [
        (f"priority: 1001, {SUBJECT}", [("NS123", "spec.priority")]),
        (f"priority: -1, {SUBJECT}", [("NS123", "spec.priority")]),
        (SUBJECT, [("NS108", "spec.priority")]),
        ("priority: 1", [("NS118", "spec.subject")]),
        ("priority: 1, subject: {}", [("NS118", "spec.subject")]),
        (
            "priority: 1, subject: {namespaces: {}, pods: {namespaceSelector: {}, podSelector: {}}}",
            [("NS118", "spec.subject")],
        ),
        ("priority: 1, subject: {pods: {podSelector: {}}}", [("NS126", "spec.subject.pods.namespaceSelector")]),
        ("priority: 1, subject: {podSelector: {}}", [("NS106", "spec.subject.podSelector")]),
        (f"priority: 1, {SUBJECT}, tier: Admin", [("NS106", "spec.tier")]),
    ],
)
def test_a_spec_that_is_refused(spec: str, wrong: list[tuple[str, str]]) -> None:
    assert refused(_text("AdminNetworkPolicy", spec, "a")) == wrong


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (f"{{{TO_ALL}}}", ("NS108", "action")),
        (f"{{action: allow, {TO_ALL}}}", ("NS123", "action")),
        (f"{{action: Accept, {TO_ALL}}}", ("NS123", "action")),
        ("{action: Allow}", ("NS108", "to")),
        ("{action: Allow, to: []}", ("NS108", "to")),
        ("{action: Allow, to: null}", ("NS108", "to")),
        ("{action: Allow, from: [{namespaces: {}}]}", ("NS106", "from")),
        (f"{{name: {'x' * 101}, action: Allow, {TO_ALL}}}", ("NS109", "name")),
        ("{action: Allow, to: [{}]}", ("NS118", "to[0]")),
        ("{action: Allow, to: [null]}", ("NS118", "to[0]")),
        ("{action: Allow, to: [{namespaces: {}, nodes: {}}]}", ("NS118", "to[0]")),
        ("{action: Allow, to: [{namespaces: {}, newThing: {}}]}", ("NS118", "to[0]")),
        ("{action: Allow, to: [{namespace: {}}]}", ("NS106", "to[0].namespace")),
        ("{action: Allow, to: [{podSelector: {}}]}", ("NS106", "to[0].podSelector")),
        ("{action: Allow, to: [{ipBlock: {cidr: 10.0.0.0/8}}]}", ("NS106", "to[0].ipBlock")),
        ("{action: Allow, to: [{pods: {namespaceSelector: {}}}]}", ("NS126", "to[0].pods.podSelector")),
        ("{action: Allow, to: [{networks: []}]}", ("NS118", "to[0].networks")),
        ("{action: Allow, to: [{networks: [10.0.0.1]}]}", ("NS116", "to[0].networks[0]")),
        ("{action: Allow, to: [{networks: ['::ffff:10.0.0.0/104']}]}", ("NS116", "to[0].networks[0]")),
        ("{action: Allow, to: [{networks: [10.0.0.0/8, 10.0.0.0/8]}]}", ("NS120", "to[0].networks")),
        ("{action: Allow, to: [{domainNames: [com]}]}", ("NS124", "to[0].domainNames[0]")),
        ("{action: Allow, to: [{domainNames: ['a.*.com']}]}", ("NS124", "to[0].domainNames[0]")),
        ("{action: Allow, to: [{domainNames: ['*.*.com']}]}", ("NS124", "to[0].domainNames[0]")),
        ("{action: Allow, to: [{domainNames: ['https://a.com']}]}", ("NS124", "to[0].domainNames[0]")),
        ("{action: Deny, to: [{domainNames: [a.com]}]}", ("NS125", "to[0].domainNames")),
        ("{action: Pass, to: [{domainNames: [a.com]}]}", ("NS125", "to[0].domainNames")),
        ("{action: Allow, to: [{nodes: {}}], ports: [{namedPort: web}]}", ("NS125", "ports[0].namedPort")),
        (f"{{action: Allow, {TO_ALL}, ports: []}}", ("NS113", "ports")),
        (f"{{action: Allow, {TO_ALL}, ports: [{{}}]}}", ("NS113", "ports[0]")),
        (
            f"{{action: Allow, {TO_ALL}, ports: [{{portNumber: {{port: 1}}, namedPort: a}}]}}",
            ("NS113", "ports[0]"),
        ),
        (f"{{action: Allow, {TO_ALL}, ports: [{{port: 80}}]}}", ("NS106", "ports[0].port")),
        (f"{{action: Allow, {TO_ALL}, ports: [{{portNumber: {{}}}}]}}", ("NS108", "ports[0].portNumber.port")),
        (f"{{action: Allow, {TO_ALL}, ports: [{{portNumber: {{port: 0}}}}]}}", ("NS113", "ports[0].portNumber.port")),
        (
            f"{{action: Allow, {TO_ALL}, ports: [{{portNumber: {{port: 1, protocol: tcp}}}}]}}",
            ("NS115", "ports[0].portNumber.protocol"),
        ),
        (
            f"{{action: Allow, {TO_ALL}, ports: [{{portRange: {{start: 9, end: 9}}}}]}}",
            ("NS114", "ports[0].portRange.end"),
        ),
        (
            f"{{action: Allow, {TO_ALL}, ports: [{{portRange: {{start: 9, end: 1}}}}]}}",
            ("NS114", "ports[0].portRange.end"),
        ),
    ],
)
def test_an_egress_rule_that_is_refused(rule: str, wrong: tuple[str, str]) -> None:
    code, field = wrong
    assert refused(_anp(f"egress: [{rule}]")) == [(code, f"spec.egress[0].{field}")]


@pytest.mark.parametrize("peer", ["networks: [10.0.0.0/8]", "nodes: {}", "domainNames: [a.com]"])
def test_an_ingress_rule_is_about_pods_alone(peer: str) -> None:
    field = peer.partition(":")[0]
    assert refused(_anp(f"ingress: [{{action: Allow, from: [{{{peer}}}]}}]")) == [
        ("NS106", f"spec.ingress[0].from[0].{field}")
    ]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (_banp("priority: 1"), ("NS106", "spec.priority")),
        (_banp(f"egress: [{{action: Pass, {TO_ALL}}}]"), ("NS123", "spec.egress[0].action")),
        (
            _banp("egress: [{action: Allow, to: [{domainNames: [a.com]}]}]"),
            ("NS106", "spec.egress[0].to[0].domainNames"),
        ),
        (_banp("", name="other"), ("NS123", "metadata.name")),
    ],
)
def test_a_baseline_policy_that_is_refused(text: str, wrong: tuple[str, str]) -> None:
    assert refused(text) == [wrong]


def test_a_second_baseline_policy_is_a_problem() -> None:
    assert [code for code, _ in refused(f"{_banp('')}---\n{_banp('')}")] == ["NS105"]
    assert [p.name for p in kept(f"{_banp('')}---\n{_banp('', name='other')}").policies] == ["default"]


def test_the_hint_of_a_word_of_another_api_is_the_word_of_this_one() -> None:
    (found,) = problems(_anp(f"egress: [{{action: Accept, {TO_ALL}}}]"))
    assert found.hint == "write Allow"
    (found,) = problems(_anp("egress: [{action: Allow, to: [{ipBlock: {}}]}]"))
    assert found.hint == "did you mean `networks`?"


NEWER = "[{namespaces: {}}, {somethingNew: {a: b}}]"


def test_a_rule_with_a_field_of_a_newer_api_allows_nothing() -> None:
    found = _egress(NEWER)
    assert (found.action, found.peers, found.ports) == (Action.ALLOW, (), None)


@pytest.mark.parametrize("action", ["Deny", "Pass"])
def test_a_rule_with_a_field_of_a_newer_api_that_denies_or_passes_denies_everything(action: str) -> None:
    found = _rule(f"egress: [{{action: {action}, to: {NEWER}, ports: [{{portNumber: {{port: 80}}}}]}}]")
    assert (found.action, found.peers, found.ports) == (Action.DENY, None, None)


def test_a_port_of_a_newer_api_closes_its_rule_too() -> None:
    found = _rule(f"egress: [{{action: Allow, {TO_ALL}, ports: [{{portNumber: {{port: 80}}}}, {{quic: {{}}}}]}}]")
    assert found.peers == ()


def test_what_fails_closed_is_said_with_its_place() -> None:
    (notice,) = ingested(_anp(f"egress: [{{action: Pass, to: {NEWER}}}]")).warnings
    assert "`spec.egress[0].to[1].somethingNew`" in notice.message
    assert "denies everything" in notice.message
    assert notice.place
    assert notice.place.line == 4


@pytest.mark.parametrize("direction", [Direction.INGRESS, Direction.EGRESS])
def test_the_old_form_of_namespaces_is_read_with_a_warning(direction: Direction) -> None:
    field = {Direction.INGRESS: "from", Direction.EGRESS: "to"}[direction]
    old = "{namespaces: {namespaceSelector: {matchLabels: {team: a}}}}"
    text = _anp(f"{direction.value}: [{{action: Allow, {field}: [{old}]}}]")
    (peer,) = _policy(text).rules[0].peers or ()
    assert isinstance(peer, PodPeer)
    assert peer.namespaces == _equals("team", "a")
    assert ["v0.1.1" in message for message in _notices(text)] == [True]


@pytest.mark.parametrize("field", ["sameLabels", "notSameLabels"])
def test_peers_that_the_api_dropped_are_refused_by_name(field: str) -> None:
    (found,) = problems(_anp(f"ingress: [{{action: Allow, from: [{{namespaces: {{{field}: [team]}}}}]}}]"))
    assert (found.code, found.field) == ("NS106", f"spec.ingress[0].from[0].namespaces.{field}")
    assert found.hint


def test_the_old_form_of_pods_is_refused_with_the_form_of_today() -> None:
    old = "{pods: {namespaces: {namespaceSelector: {}}, podSelector: {}}}"
    (found,) = problems(_anp(f"ingress: [{{action: Allow, from: [{old}]}}]"))
    assert (found.code, found.field) == ("NS106", "spec.ingress[0].from[0].pods.namespaces")
    assert found.message.endswith("was removed after v0.1.1 of the API")
    assert found.hint == "write the selector of the namespaces as `namespaceSelector`"


def test_a_namespace_of_an_object_of_the_cluster_is_ignored_and_said() -> None:
    assert ["is ignored" in message for message in _notices(_anp("", metadata="namespace: shop"))] == [True]


def test_a_list_that_is_longer_than_the_api_takes_is_read_and_said() -> None:
    networks = ", ".join(f"10.0.0.{n}/32" for n in range(26))
    text = _anp(f"egress: [{{action: Allow, to: [{{networks: [{networks}]}}]}}]")
    assert len(_policy(text).rules[0].peers or ()) == 26
    assert ["26 entries" in message for message in _notices(text)] == [True]


def test_a_name_that_no_port_can_have_is_said() -> None:
    text = _anp(f"egress: [{{action: Deny, {TO_ALL}, ports: [{{namedPort: HTTP}}]}}]")
    assert ["no pod can declare it" in message for message in _notices(text)] == [True]


def test_a_missing_selector_is_an_empty_one_where_problems_are_passed_over() -> None:
    text = _anp("egress: [{action: Allow, to: [{pods: {namespaceSelector: {}}}]}]")
    (found,) = kept(text).policies
    (peer,) = found.rules[0].peers or ()
    assert isinstance(peer, PodPeer)
    assert peer.pods == EVERYTHING
