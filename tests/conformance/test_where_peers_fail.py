"""Verdicts on selectors, isolation and addresses that tools of this kind get wrong, each on a cluster that shows it."""

from tests.conformance.manifests import cluster, namespace, pod, policy

# Selectors.


def test_a_label_that_is_absent_matches_not_in() -> None:
    rule = "{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [front]}]}}"
    made = cluster(pod("a"), pod("b tier=front"), policy(f"{{podSelector: {{}}, ingress: [{{from: [{rule}]}}]}}"))
    assert made.query("a", "b", port=80).allowed
    assert not made.query("b", "a", port=80).allowed


def test_an_empty_value_in_match_labels_wants_the_label_to_be_there() -> None:
    rule = "{podSelector: {matchLabels: {gate: ''}}}"
    made = cluster(pod("a"), pod("b gate="), policy(f"{{podSelector: {{}}, ingress: [{{from: [{rule}]}}]}}"))
    assert not made.query("a", "b", port=80).allowed
    assert made.query("b", "a", port=80).allowed


def test_every_namespace_wears_the_label_of_its_name_whether_declared_or_not() -> None:
    named = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %s}}}"
    rules = ", ".join(named % name for name in ("declared", "undeclared"))
    made = cluster(
        namespace("declared"),
        pod("declared/a"),
        pod("undeclared/a"),
        pod("other/a"),
        pod("b"),
        policy(f"{{podSelector: {{}}, ingress: [{{from: [{rules}]}}]}}"),
    )
    assert made.query("declared/a", "default/b", port=80).allowed
    assert made.query("undeclared/a", "default/b", port=80).allowed
    assert not made.query("other/a", "default/b", port=80).allowed


def test_exists_beside_a_namespace_selector_looks_in_the_namespaces_that_it_selects() -> None:
    rule = "{namespaceSelector: {}, podSelector: {matchExpressions: [{key: app, operator: Exists}]}}"
    made = cluster(
        pod("far/a app=x"), pod("far/c"), pod("b"), policy(f"{{podSelector: {{}}, ingress: [{{from: [{rule}]}}]}}")
    )
    assert made.query("far/a", "default/b", port=80).allowed
    assert not made.query("far/c", "default/b", port=80).allowed


def test_a_pod_selector_alone_stays_in_the_policys_namespace() -> None:
    rule = "{podSelector: {matchLabels: {app: a}}}"
    made = cluster(
        pod("a app=a"), pod("far/a app=a"), pod("b"), policy(f"{{podSelector: {{}}, ingress: [{{from: [{rule}]}}]}}")
    )
    assert made.query("default/a", "default/b", port=80).allowed
    assert not made.query("far/a", "default/b", port=80).allowed


# What a policy isolates.


def test_a_policy_without_policy_types_isolates_ingress_and_egress_only_if_it_has_egress_rules() -> None:
    rule = "egress: [{to: [{podSelector: {matchLabels: {app: c}}}]}]"
    made = cluster(pod("a"), pod("b app=b"), policy(f"{{podSelector: {{matchLabels: {{app: b}}}}, {rule}}}"))
    assert not made.query("a", "b", port=80).allowed
    assert not made.query("b", "a", port=80).allowed


def test_an_empty_list_of_egress_rules_without_policy_types_isolates_no_egress() -> None:
    made = cluster(pod("a"), pod("b app=b"), policy("{podSelector: {matchLabels: {app: b}}, egress: []}"))
    assert made.query("b", "a", port=80).allowed
    assert not made.query("a", "b", port=80).allowed


def test_policy_types_may_name_egress_before_ingress() -> None:
    made = cluster(
        pod("a"), pod("b app=b"), policy("{podSelector: {matchLabels: {app: b}}, policyTypes: [Egress, Ingress]}")
    )
    assert not made.query("a", "b", port=80).allowed
    assert not made.query("b", "a", port=80).allowed


def test_what_egress_allows_on_one_port_and_ingress_on_another_is_no_connection() -> None:
    out = "{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{ports: [{port: 80}]}]}"
    inward = "{podSelector: {matchLabels: {app: b}}, ingress: [{ports: [{port: 443}]}]}"
    made = cluster(pod("a app=a"), pod("b app=b"), policy(out, name="out"), policy(inward, name="in"))
    assert not list(made.reach(source="a", destination="b"))
    assert not made.query("a", "b", port=80).allowed
    assert not made.query("a", "b", port=443).allowed


def test_a_pod_is_never_denied_to_itself() -> None:
    made = cluster(pod("a"), policy("{podSelector: {}, policyTypes: [Ingress, Egress]}"))
    assert made.query("a", "a", port=80).allowed


# Addresses and nodes.


def test_an_ipv6_block_is_a_block_of_ipv6_addresses() -> None:
    made = cluster(pod("b"), policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '2001:db8::/32'}}]}]}"))
    assert made.query("2001:db8::1", "b", port=80).allowed
    assert not made.query("2001:db9::1", "b", port=80).allowed
    assert not made.query("32.1.13.184", "b", port=80).allowed


def test_an_ip_block_matches_the_addresses_of_pods() -> None:
    rule = "{ipBlock: {cidr: 10.0.0.0/24, except: [10.0.0.2/32]}}"
    made = cluster(
        pod("a", address="10.0.0.1"),
        pod("c", address="10.0.0.2"),
        pod("b"),
        policy(f"{{podSelector: {{}}, ingress: [{{from: [{rule}]}}]}}"),
    )
    assert made.query("a", "b", port=80).allowed
    assert not made.query("c", "b", port=80).allowed


def test_a_host_network_pod_is_not_governed_by_policies() -> None:
    made = cluster(pod("a"), pod("b", hostNetwork=True), policy("{podSelector: {}}"))
    assert made.query("a", "b", port=80).allowed


def test_the_own_node_of_a_pod_always_reaches_it_and_other_nodes_do_not() -> None:
    nodes = [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": f"node-{number}"},
            "status": {"addresses": [{"type": "InternalIP", "address": f"172.18.0.{number}"}]},
        }
        for number in (1, 2)
    ]
    made = cluster(*nodes, pod("b", nodeName="node-1"), policy("{podSelector: {}}"))
    assert made.query("172.18.0.1", "b", port=80).allowed
    assert not made.query("172.18.0.2", "b", port=80).allowed


def test_a_pod_that_has_finished_is_no_endpoint() -> None:
    made = cluster(pod("a", phase="Succeeded"), pod("b"), pod("c", phase="Failed"))
    assert [str(end) for end in made.program.endpoints] == ["default/b"]
