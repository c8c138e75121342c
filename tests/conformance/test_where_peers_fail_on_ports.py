"""Verdicts on ports and listings of workloads that tools of this kind get wrong, each on a cluster that shows it."""

from itertools import permutations

import pytest

from netsim.ir.objects import Pod
from netsim.ir.traffic import ALL, Protocol, Traffic
from tests.conformance.manifests import cluster, containers, pod, policy, workload

# Ports.


def test_a_protocol_without_a_port_is_every_port_of_that_protocol_in_query_and_in_reach() -> None:
    made = cluster(
        pod("a"),
        pod("b app=b"),
        policy("{podSelector: {matchLabels: {app: b}}, ingress: [{ports: [{protocol: UDP}]}]}"),
    )
    assert made.query("a", "b", port=53, protocol="UDP").allowed
    assert not made.query("a", "b", port=53, protocol="TCP").allowed
    assert [row.traffic for row in made.reach(source="a", destination="b")] == [Traffic.of([(Protocol.UDP, 1, 65535)])]


def test_two_ports_of_one_name_and_different_protocols_are_told_apart() -> None:
    made = cluster(
        pod("a"),
        pod("b app=b", ports="dns=5353/UDP dns=53/TCP"),
        policy("{podSelector: {matchLabels: {app: b}}, ingress: [{ports: [{port: dns}]}]}"),
    )
    assert [row.traffic for row in made.reach(source="a", destination="b")] == [Traffic.of([(Protocol.TCP, 53, 53)])]


def test_the_protocol_of_a_named_port_is_what_the_rule_says_and_never_guessed_from_the_name() -> None:
    rule = "ingress: [{ports: [{port: web-udp}]}]"
    made = cluster(
        pod("a"),
        pod("b app=b", ports="web-udp=80/TCP"),
        policy(f"{{podSelector: {{matchLabels: {{app: b}}}}, {rule}}}"),
    )
    assert made.query("a", "b", port="web-udp").allowed
    assert not made.query("a", "b", port=80, protocol="UDP").allowed


def test_a_named_port_in_an_egress_rule_without_peers_is_each_destinations_own() -> None:
    made = cluster(
        pod("a app=a"),
        pod("b", ports="web=80/TCP"),
        pod("c", ports="web=8080/TCP"),
        policy("{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{ports: [{port: web}]}]}"),
    )
    assert made.query("a", "b", port=80).allowed
    assert not made.query("a", "b", port=8080).allowed
    assert made.query("a", "c", port=8080).allowed
    assert not made.query("a", "203.0.113.7", port=80).allowed


def test_the_named_port_of_a_native_sidecar_counts_and_that_of_an_init_container_does_not() -> None:
    (sidecar,), (init,) = containers("metrics=9090/TCP"), containers("setup=7070/TCP")
    made = cluster(
        pod("a"),
        pod("b app=b", initContainers=[{**sidecar, "name": "s", "restartPolicy": "Always"}, {**init, "name": "i"}]),
        policy("{podSelector: {matchLabels: {app: b}}, ingress: [{ports: [{port: metrics}, {port: setup}]}]}"),
    )
    assert made.query("a", "b", port=9090).allowed
    assert not made.query("a", "b", port=7070).allowed


# Workloads.


def test_a_deployment_and_a_stateful_set_of_one_name_are_two_workloads() -> None:
    made = cluster(workload("Deployment", "x app=d"), workload("StatefulSet", "x app=s"))
    assert {(row.source, row.destination) for row in made.reach() if "[" in row.source and "[" in row.destination} == {
        ("default/x[Deployment]", "default/x[StatefulSet]"),
        ("default/x[StatefulSet]", "default/x[Deployment]"),
    }


def test_pods_of_one_owner_with_different_labels_are_listed_apart_whatever_the_order_of_the_input() -> None:
    pods = [pod(f"a-{v} app=a,version={v}", owner="ReplicaSet/a") for v in ("v1", "v2", "v3")]
    rule = policy(
        "{podSelector: {matchLabels: {app: b}}, ingress: [{from: [{podSelector: {matchLabels: {version: v2}}}]}]}"
    )
    listings = {tuple(cluster(*order, pod("b app=b"), rule).reach(destination="b")) for order in permutations(pods)}
    (rows,) = listings
    assert [row.source for row in rows] == ["default/a[ReplicaSet]{version=v2}"]


@pytest.mark.parametrize("rule", ["{namespaceSelector: {}}", "{ipBlock: {cidr: 10.0.0.0/8}}"])
def test_pods_of_one_owner_with_different_labels_are_no_obstacle_to_any_kind_of_peer(rule: str) -> None:
    pods = [pod(f"a-{n} app=a,n={n}", owner="ReplicaSet/a", address=f"10.0.0.{n}") for n in (1, 2)]
    made = cluster(
        *pods, pod("b app=b"), policy(f"{{podSelector: {{matchLabels: {{app: b}}}}, ingress: [{{from: [{rule}]}}]}}")
    )
    assert [row.traffic for row in made.reach(source="a", destination="b")] == [ALL]


def test_three_pods_of_one_owner_with_different_ports_keep_them_all() -> None:
    pods = [pod(f"a-{n}", owner="ReplicaSet/a", ports=f"web={8080 + n}/TCP") for n in (1, 2, 3)]
    made = cluster(*pods, pod("b"), policy("{podSelector: {}, ingress: [{ports: [{port: web}]}]}"))
    for number, each in enumerate(end for end in made.program.endpoints if isinstance(end, Pod) and end.ports):
        assert made.query("default/b", str(each), port="web").flows[0].flow.port == 8081 + number
        assert made.query("default/b", str(each), port=8081 + number).allowed


def test_an_answer_names_the_policy_the_rule_and_the_line_that_decided() -> None:
    made = cluster(pod("a"), pod("b"), policy("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"))
    (reason,) = made.query("a", "b", port=80).ingress.reasons
    assert (str(reason.policy), str(reason.rule)) == ("default/p", "ingress[0]")
    assert reason.rule is not None
    assert reason.rule.place.line == 4
