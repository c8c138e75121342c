"""NetworkPolicy: what it means, and what the API server refuses of it."""

from ipaddress import IPv4Network, IPv6Network

import pytest

from netsim.ir.labels import EVERYTHING, Operator, Requirement, Selector, namespace_named
from netsim.ir.policy import Action, AddressPeer, Direction, NamedPort, PodPeer, Ports, Tier
from netsim.ir.traffic import Protocol
from tests.unit.ingested import ingested, kept, policy, policy_text, problems, refused

INGRESS, EGRESS = Direction.INGRESS, Direction.EGRESS
OWN = namespace_named("shop")


def _equals(key: str, value: str) -> Selector:
    return Selector((Requirement(key, Operator.IN, (value,)),))


def _peers(peers: str) -> list[tuple[Selector, Selector]]:
    """Return (namespaces, pods) of the peers of an ingress rule."""
    (rule,) = policy(f"{{ingress: [{{from: {peers}}}]}}").rules
    return [(peer.namespaces, peer.pods) for peer in rule.peers or () if isinstance(peer, PodPeer)]


def _ports(ports: str) -> list[tuple[object, ...]]:
    (rule,) = policy(f"{{ingress: [{{ports: {ports}}}]}}").rules
    return [
        (port.protocol, port.name) if isinstance(port, NamedPort) else (port.protocol, port.first, port.last)
        for port in rule.ports or ()
    ]


def test_a_policy_selects_pods_of_its_own_namespace() -> None:
    found = policy("{podSelector: {matchLabels: {app: web}}}")
    assert (found.kind, found.namespace, found.name) == ("NetworkPolicy", "shop", "p")
    assert (found.subject.namespaces, found.subject.pods) == (OWN, _equals("app", "web"))
    assert (found.tier, found.priority) == (Tier.NETWORK_POLICY, 0)


def test_a_policy_without_namespace_is_in_default() -> None:
    (found,) = ingested("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p}}").policies
    assert found.namespace == "default"
    assert found.subject.namespaces == namespace_named("default")


@pytest.mark.parametrize("spec", ["{}", "null", "{podSelector: {}}", "{podSelector: null}", "{ingress: []}"])
def test_an_empty_policy_isolates_every_pod_from_ingress(spec: str) -> None:
    found = policy(spec)
    assert found.subject.pods == EVERYTHING
    assert found.isolates == {INGRESS}
    assert found.rules == ()


@pytest.mark.parametrize(
    ("spec", "isolates"),
    [
        ("{egress: [{}]}", {INGRESS, EGRESS}),
        ("{egress: []}", {INGRESS}),
        ("{egress: null}", {INGRESS}),
        ("{policyTypes: [], egress: [{}]}", {INGRESS, EGRESS}),
        ("{policyTypes: null}", {INGRESS}),
        ("{policyTypes: [Egress]}", {EGRESS}),
        ("{policyTypes: [Egress, Ingress]}", {INGRESS, EGRESS}),
        ("{policyTypes: [Ingress, Ingress]}", {INGRESS}),
    ],
)
def test_policy_types_are_defaulted_by_the_number_of_egress_rules(spec: str, isolates: set[Direction]) -> None:
    assert policy(spec).isolates == isolates


def test_rules_of_a_direction_that_is_not_governed_are_left_out() -> None:
    found = policy("{policyTypes: [Egress], ingress: [{}], egress: [{}, {}]}")
    assert [(rule.direction, rule.index) for rule in found.rules] == [(EGRESS, 0), (EGRESS, 1)]
    assert {rule.action for rule in found.rules} == {Action.ALLOW}


@pytest.mark.parametrize("rule", ["{}", "null", "{from: [], ports: []}", "{from: null, ports: null}"])
def test_a_rule_that_says_nothing_allows_every_peer_and_every_port(rule: str) -> None:
    (found,) = policy(f"{{ingress: [{rule}]}}").rules
    assert (found.peers, found.ports) == (None, None)


def test_a_pod_selector_alone_speaks_of_the_own_namespace() -> None:
    assert _peers("[{podSelector: {}}]") == [(OWN, EVERYTHING)]


def test_a_namespace_selector_alone_speaks_of_every_pod() -> None:
    assert _peers("[{namespaceSelector: {}}]") == [(EVERYTHING, EVERYTHING)]


def test_two_selectors_in_one_peer_are_one_peer_and_in_two_are_two() -> None:
    web, team = _equals("app", "web"), _equals("team", "a")
    one = "{podSelector: {matchLabels: {app: web}}, namespaceSelector: {matchLabels: {team: a}}}"
    two = "{podSelector: {matchLabels: {app: web}}}, {namespaceSelector: {matchLabels: {team: a}}}"
    assert _peers(f"[{one}]") == [(team, web)]
    assert _peers(f"[{two}]") == [(OWN, web), (team, EVERYTHING)]


def test_a_null_selector_is_an_absent_one() -> None:
    assert _peers("[{podSelector: {}, namespaceSelector: null, ipBlock: null}]") == [(OWN, EVERYTHING)]


def test_a_block_is_masked_and_so_are_its_excepts() -> None:
    (rule,) = policy("{egress: [{to: [{ipBlock: {cidr: 10.1.2.3/8, except: [10.200.1.1/16]}}]}]}").rules
    (peer,) = rule.peers or ()
    assert isinstance(peer, AddressPeer)
    assert (peer.block, peer.excepts) == (IPv4Network("10.0.0.0/8"), (IPv4Network("10.200.0.0/16"),))


def test_a_block_of_ipv6_may_have_a_dotted_tail() -> None:
    (rule,) = policy('{egress: [{to: [{ipBlock: {cidr: "64:ff9b::10.0.0.0/104"}}]}]}').rules
    (peer,) = rule.peers or ()
    assert isinstance(peer, AddressPeer)
    assert peer.block == IPv6Network("64:ff9b::a00:0/104")


@pytest.mark.parametrize(
    ("ports", "meaning"),
    [
        ("[{port: 80}]", [(Protocol.TCP, 80, 80)]),
        ("[{port: 80, protocol: null}]", [(Protocol.TCP, 80, 80)]),
        ("[{port: 53, protocol: UDP}]", [(Protocol.UDP, 53, 53)]),
        ("[{protocol: SCTP}]", [(Protocol.SCTP, 1, 65535)]),
        ("[{}]", [(Protocol.TCP, 1, 65535)]),
        ("[null]", [(Protocol.TCP, 1, 65535)]),
        ("[{port: 80, endPort: 90}]", [(Protocol.TCP, 80, 90)]),
        ("[{port: 80, endPort: 80}]", [(Protocol.TCP, 80, 80)]),
        ("[{port: http}]", [(Protocol.TCP, "http")]),
        ("[{port: dns, protocol: UDP}, {port: 80}]", [(Protocol.UDP, "dns"), (Protocol.TCP, 80, 80)]),
    ],
)
def test_a_port_is_of_tcp_unless_it_says_otherwise(ports: str, meaning: list[tuple[object, ...]]) -> None:
    assert _ports(ports) == meaning


def test_a_range_of_one_port_is_still_a_range() -> None:
    (rule,) = policy("{ingress: [{ports: [{port: 80, endPort: 80}, {port: 80}]}]}").rules
    assert [isinstance(port, Ports) and port.ranged for port in rule.ports or ()] == [True, False]


def test_a_policy_knows_where_each_of_its_parts_stands() -> None:
    text = """\
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: p
        spec:
          podSelector: {}
          ingress:
          - from:
            - podSelector: {}
            ports:
            - port: 80
    """
    (found,) = ingested(text).policies
    (rule,) = found.rules
    (peer,), (port,) = rule.peers or (), rule.ports or ()
    places = [found.place, found.subject.place, rule.place, peer.place, port.place]
    assert [place.line for place in places] == [1, 6, 8, 9, 11]


@pytest.mark.parametrize(
    ("spec", "refusal"),
    [
        ("{ingress: [{ports: [{port: 0}]}]}", ("NS113", "spec.ingress[0].ports[0].port")),
        ("{ingress: [{ports: [{port: 65536}]}]}", ("NS113", "spec.ingress[0].ports[0].port")),
        ("{egress: [{ports: [{port: HTTP}]}]}", ("NS113", "spec.egress[0].ports[0].port")),
        ('{egress: [{ports: [{port: ""}]}]}', ("NS113", "spec.egress[0].ports[0].port")),
        ('{egress: [{ports: [{port: "80"}]}]}', ("NS113", "spec.egress[0].ports[0].port")),
        ("{ingress: [{ports: [{port: 80, endPort: 79}]}]}", ("NS114", "spec.ingress[0].ports[0].endPort")),
        ("{ingress: [{ports: [{port: 80, endPort: 70000}]}]}", ("NS113", "spec.ingress[0].ports[0].endPort")),
        ("{ingress: [{ports: [{port: http, endPort: 90}]}]}", ("NS114", "spec.ingress[0].ports[0].endPort")),
        ("{ingress: [{ports: [{endPort: 90}]}]}", ("NS114", "spec.ingress[0].ports[0].endPort")),
        ('{ingress: [{ports: [{protocol: ""}]}]}', ("NS115", "spec.ingress[0].ports[0].protocol")),
        ("{ingress: [{ports: [{protocol: tcp}]}]}", ("NS115", "spec.ingress[0].ports[0].protocol")),
        ("{ingress: [{ports: [{protocol: ICMP}]}]}", ("NS115", "spec.ingress[0].ports[0].protocol")),
        ("{ingress: [{from: [{}]}]}", ("NS118", "spec.ingress[0].from[0]")),
        ("{ingress: [{from: [null]}]}", ("NS118", "spec.ingress[0].from[0]")),
        ("{egress: [{to: [{podSelector: null}]}]}", ("NS118", "spec.egress[0].to[0]")),
        ("{egress: [{to: [{ipBlock: {}}]}]}", ("NS108", "spec.egress[0].to[0].ipBlock.cidr")),
        ("{egress: [{to: [{ipBlock: {cidr: 10.0.0.0}}]}]}", ("NS116", "spec.egress[0].to[0].ipBlock.cidr")),
        (
            "{egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/8]}}]}]}",
            ("NS117", "spec.egress[0].to[0].ipBlock.except[0]"),
        ),
        ("{policyTypes: [ingress]}", ("NS119", "spec.policyTypes[0]")),
        ("{policyTypes: [null]}", ("NS119", "spec.policyTypes[0]")),
        ("{policyTypes: [Ingress, Egress, Ingress]}", ("NS119", "spec.policyTypes")),
        ("{podSelectors: {}}", ("NS106", "spec.podSelectors")),
        ("{ingress: [{to: []}]}", ("NS106", "spec.ingress[0].to")),
        ("{egress: [{from: []}]}", ("NS106", "spec.egress[0].from")),
        ("{podSelector: {matchLabels: {app: true}}}", ("NS107", "spec.podSelector.matchLabels.app")),
        ("{ingress: {from: []}}", ("NS107", "spec.ingress")),
        ("[]", ("NS107", "spec")),
    ],
)
def test_a_policy_is_refused_for(spec: str, refusal: tuple[str, str]) -> None:
    assert refused(policy_text(spec)) == [refusal]


def test_an_address_block_excludes_selectors_of_the_same_peer() -> None:
    peer = "{ipBlock: {cidr: nonsense}, podSelector: {}}"
    assert refused(policy_text(f"{{ingress: [{{from: [{peer}]}}]}}")) == [
        ("NS116", "spec.ingress[0].from[0].ipBlock.cidr"),
        ("NS118", "spec.ingress[0].from[0]"),
    ]


def test_every_fault_of_a_policy_is_reported_at_once() -> None:
    spec = "{policyType: [Ingress], ingress: [{from: x, ports: [{port: 0, protocol: tcp}]}], egress: [{to: [{}]}]}"
    assert refused(policy_text(spec)) == [
        ("NS106", "spec.policyType"),
        ("NS107", "spec.ingress[0].from"),
        ("NS113", "spec.ingress[0].ports[0].port"),
        ("NS115", "spec.ingress[0].ports[0].protocol"),
        ("NS118", "spec.egress[0].to[0]"),
    ]


@pytest.mark.parametrize(
    "spec",
    [
        "{ingress: [{ports: [{port: [80], endPort: 90}]}]}",
        "{ingress: [{from: [{podSelector: x}]}]}",
        "{ingress: [{from: [{ipBlock: {cidr: [10]}}]}]}",
        "{ingress: [{from: [web]}]}",
    ],
)
def test_a_value_of_the_wrong_type_is_not_called_missing_as_well(spec: str) -> None:
    assert [code for code, _ in refused(policy_text(spec))] == ["NS107"]


@pytest.mark.parametrize(
    ("spec", "message", "hint"),
    [
        ("{ingress: [{ports: [{port: 9090, endPort: 8080}]}]}", "8080 is below `port` 9090", "swap the two"),
        ("{podSelector: {matchLabels: {a: true}}}", "is the truth value true", 'quote it: "true"'),
        ("{podSelector: {matchLabels: {a: 1}}}", "is the number 1", 'quote it: "1"'),
        ("{podSelectors: {}}", "is no field", "did you mean `podSelector`?"),
        ("{policyTypes: [ingress]}", '"ingress" is neither', "write Ingress"),
        ("{ingress: [{ports: [{protocol: udp}]}]}", '"udp" is none', "write UDP"),
        ("{egress: [{to: [{ipBlock: {cidr: 10.0.0.1}}]}]}", "is no CIDR", "10.0.0.1/32"),
        ('{ingress: [{ports: [{port: "80"}]}]}', '"80" must contain a letter', "write 80 without quotes"),
    ],
)
def test_a_refusal_says_both_values_and_the_way_out(spec: str, message: str, hint: str) -> None:
    (problem,) = problems(policy_text(spec))
    assert message in problem.message
    assert hint in problem.hint
    assert problem.subject == "NetworkPolicy shop/p"
    assert problem.line == 4


def test_what_a_server_adds_to_a_policy_is_legal() -> None:
    text = """\
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: p
          uid: 6a88b263
          generation: 2
          resourceVersion: "206"
          creationTimestamp: "2022-08-01T16:58:17Z"
          deletionGracePeriodSeconds: 0
          selfLink: /apis/networking.k8s.io/v1/namespaces/default/networkpolicies/p
          annotations: {note: "any text {}", empty: null}
          finalizers: [example.com/wait, foregroundDeletion]
          managedFields: [{manager: kubectl, operation: Apply, fieldsV1: {"f:spec": {}}}]
          ownerReferences: [{apiVersion: v1, kind: Pod, name: x, uid: u, controller: true, blockOwnerDeletion: false}]
        spec: {podSelector: {}}
        status: {conditions: []}
    """
    assert len(ingested(text).policies) == 1


@pytest.mark.parametrize(
    ("metadata", "refusal"),
    [
        ("{}", ("NS108", "metadata.name")),
        ("{name: A}", ("NS109", "metadata.name")),
        ("{name: a, namespace: a.b}", ("NS109", "metadata.namespace")),
        ("{generateName: A-}", ("NS109", "metadata.generateName")),
        ('{name: a, labels: {"a b": x}}', ("NS110", "metadata.labels")),
        ('{name: a, labels: {a: "b c"}}', ("NS111", "metadata.labels")),
        ("{name: a, labels: {a: 1}}", ("NS107", "metadata.labels.a")),
        ('{name: a, annotations: {"a b": x}}', ("NS110", "metadata.annotations")),
        ("{name: a, annotations: {a: 1}}", ("NS107", "metadata.annotations.a")),
        ("{name: a, label: {a: b}}", ("NS106", "metadata.label")),
        ("{name: a, finalizers: [nonsense]}", ("NS109", "metadata.finalizers[0]")),
        (
            "{name: a, ownerReferences: [{apiVersion: v1, kind: Pod, name: x}]}",
            ("NS108", "metadata.ownerReferences[0].uid"),
        ),
        ("[]", ("NS107", "metadata")),
    ],
)
def test_metadata_is_refused_for(metadata: str, refusal: tuple[str, str]) -> None:
    assert refused(f"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {metadata}}}") == [refusal]


def test_a_policy_in_doubt_is_left_out_and_one_with_a_bad_name_is_not() -> None:
    assert kept(policy_text("{ingress: [{from: [{}]}]}")).policies == ()
    assert kept(policy_text("{ingresses: []}")).policies == ()
    (found,) = kept(policy_text("{}").replace("name: p", "name: my_policy")).policies
    assert found.name == "my_policy"
