"""Answers that tools of this kind give wrongly, by halves or not at all, each on a cluster that shows it."""

import json
import sys
from collections.abc import Mapping
from io import StringIO
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import netsim
from netsim import queries
from netsim.cli.main import status
from netsim.ir.traffic import Protocol
from tests.conformance.manifests import Manifest, cluster, namespace, pod, policy

FRONT = policy("{podSelector: {matchLabels: {app: b}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}")


def admin(spec: str, *, kind: str = "AdminNetworkPolicy", name: str = "adm", version: str = "v1alpha1") -> str:
    return f"apiVersion: policy.networking.k8s.io/{version}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n"


def files(folder: Path, *manifests: Manifest) -> str:
    """Write manifests to a folder and return its path."""
    folder.mkdir()
    for number, each in enumerate(manifests):
        text = each if isinstance(each, str) else json.dumps(each)
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    return str(folder)


@pytest.fixture
def netsim_status(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the exit code of a command line."""

    def run(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["netsim", *words, "--quiet"])
        return status()

    return run


# Explanations.


def test_an_explanation_in_json_tells_of_each_class_of_traffic_the_rule_and_its_line() -> None:
    made = cluster(pod("a app=a"), pod("b app=b"), FRONT)
    (row,) = queries.explain(made, source="a", destination="b").to_dict()["connections"]
    (because,), (denied,) = row["because"], row["denied"]
    assert (row["traffic"], because["traffic"]) == ({"TCP": "80"}, {"TCP": "80"})
    assert [(c["policy"], c["rule"], c["line"], c["what"]) for c in because["ingress"]] == [
        ("default/p", "ingress[0]", 4, "allows")
    ]
    assert denied["traffic"] == {"TCP": "1-79,81-65535", "UDP": "1-65535", "SCTP": "1-65535"}
    assert (denied["egress"]["allowed"], denied["ingress"]["allowed"]) == (True, False)
    (reason,) = denied["ingress"]["reasons"]
    (miss,) = reason["near_misses"]
    assert (reason["policy"], miss["rule"], miss["at"], miss["wanted"]) == (
        "default/p",
        "ingress[0]",
        "ports",
        "TCP 80",
    )


def test_an_explanation_tells_why_a_pair_may_exchange_nothing() -> None:
    made = cluster(pod("a"), pod("b app=b"), pod("far/a"), FRONT)
    (pair,) = queries.explain(made, source="far/a", destination="b")
    (part,) = pair.parts
    (reason,) = part.ingress.reasons
    ((rule, miss),) = reason.mismatches
    assert (str(reason.policy), str(rule), miss.condition.value) == ("default/p", "ingress[0]", "namespace")


def test_an_explanation_tells_every_policy_and_rule_that_allows() -> None:
    again = policy("{podSelector: {}, ingress: [{ports: [{port: 80}]}, {}]}", name="q")
    made = cluster(pod("a"), pod("b app=b"), FRONT, again)
    (pair,) = queries.explain(made, source="a", destination="b", port="80/TCP")
    found = [(str(reason.policy), str(reason.rule)) for reason in pair.parts[0].ingress.reasons]
    assert found == [("default/p", "ingress[0]"), ("default/q", "ingress[0]"), ("default/q", "ingress[1]")]


# Diffs.


def test_a_diff_in_json_names_the_rule_that_did_it_and_its_line() -> None:
    old, new = cluster(pod("a"), pod("b app=b")), cluster(pod("a"), pod("b app=b"), FRONT)
    (change,) = netsim.diff(old, new, source="a", destination="b").to_dict()["changes"]
    assert (change["change"], change["old"], change["new"]) == ("changed", "all", {"TCP": "80"})
    assert {(c["policy"], c["side"], c["what"]) for c in change["because"]} == {("default/p", "new", "isolates")}


def test_a_diff_may_ask_about_a_workload_that_one_side_alone_has() -> None:
    old, new = cluster(pod("b")), cluster(pod("a"), pod("b"))
    changes = netsim.diff(old, new, workload="a")
    assert {change.change for change in changes} == {"added"}
    with pytest.raises(netsim.UsageError):
        netsim.diff(old, new, workload="c")


# Exit codes.


def test_the_exit_code_tells_the_answer(tmp_path: Path, netsim_status: Any) -> None:
    old = files(tmp_path / "old", pod("a"), pod("b app=b"))
    new = files(tmp_path / "new", pod("a"), pod("b app=b"), FRONT)
    assert netsim_status("query", new, "--from", "a", "--to", "b", "--port", "80") == 0
    assert netsim_status("query", new, "--from", "a", "--to", "b", "--port", "81") == 1
    assert netsim_status("diff", old, new) == 1
    assert netsim_status("diff", old, old) == 0
    assert netsim_status("diff", old, new, "--only", "connections", "--fail-on", "added") == 0
    assert netsim_status("diff", old, new, "--port", "80/TCP", "--from", "a") == 0
    assert netsim_status("reach", files(tmp_path / "bad", policy("{policyTypes: [ingress]}"))) == 2


# The cluster-wide kinds.


def test_policies_of_one_priority_that_disagree_make_a_verdict_unknown_and_break_nothing() -> None:
    spec = "{priority: 5, subject: {namespaces: {}}, ingress: [{action: %s, from: [{namespaces: {}}]%s}]}"
    made = cluster(
        pod("a"),
        pod("b"),
        admin(spec % ("Allow", ", ports: [{portNumber: {protocol: TCP, port: 80}}]"), name="one"),
        admin(spec % ("Deny", ""), name="other"),
    )
    assert made.query("a", "b", port=80).allowed is None
    assert made.query("a", "b", port=81).allowed is False


def test_a_networks_peer_is_no_trouble_where_pods_of_one_owner_differ() -> None:
    pods = [pod(f"a-{n} app=a,n={n}", owner="ReplicaSet/a", address=f"10.0.0.{n}") for n in (1, 2)]
    deny = admin(
        "{priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: [203.0.113.0/24]}]}]}"
    )
    made = cluster(*pods, deny)
    assert made.query("a-1", "203.0.113.9", port=80).allowed is False
    assert made.query("a-2", "203.0.113.9", port=80).allowed is False
    assert made.query("a-1", "a-2", port=80).allowed


def test_an_admin_policy_with_an_impossible_port_is_refused_with_its_line() -> None:
    rule = "{action: Deny, from: [{namespaces: {}}], ports: [{portNumber: {protocol: TCP, port: 70000}}]}"
    with pytest.raises(netsim.InputError) as refused:
        cluster(admin(f"{{priority: 1, subject: {{namespaces: {{}}}}, ingress: [{rule}]}}"))
    assert [(problem.code, problem.line) for problem in refused.value.problems] == [("NS113", 4)]


def test_the_baseline_of_a_cluster_is_kept_where_policies_come_from_another_input(tmp_path: Path) -> None:
    deny = admin(
        "{subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}",
        kind="BaselineAdminNetworkPolicy",
        name="default",
    )
    dump = files(tmp_path / "dump", pod("a"), pod("b app=b"), pod("c"), deny)
    made = netsim.load(dump, files(tmp_path / "policies", FRONT))
    assert made.query("a", "b", port=80).allowed
    assert made.query("a", "c", port=80).allowed is False


def test_cluster_network_policies_are_read() -> None:
    deny = admin(
        "{tier: Admin, priority: 1, subject: {namespaces: {}}, "
        "egress: [{action: Deny, to: [{networks: [203.0.113.0/24]}]}]}",
        kind="ClusterNetworkPolicy",
        version="v1alpha2",
    )
    made = cluster(pod("a"), deny)
    assert made.query("a", "203.0.113.9", port=80).allowed is False
    assert made.query("a", "192.0.2.9", port=80).allowed


def test_a_nodes_peer_means_the_addresses_of_the_nodes_that_it_selects() -> None:
    deny = admin(
        "{priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{nodes: {matchLabels: {z: a}}}]}]}"
    )
    nodes = [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": f"node-{number}", "labels": {"z": zone}},
            "status": {"addresses": [{"type": "InternalIP", "address": f"172.18.0.{number}"}]},
        }
        for number, zone in ((1, "a"), (2, "b"))
    ]
    made = cluster(*nodes, pod("p"), deny)
    assert made.query("p", "node:node-1", port=80).allowed is False
    assert made.query("p", "node:node-2", port=80).allowed
    assert any("holds no Node" in line for line in cluster(pod("p"), deny).reach().assumptions)


def test_a_domain_name_is_unknown_without_a_table_of_addresses_and_known_with_one() -> None:
    spec = (
        "{priority: 1, subject: {namespaces: {}}, egress: ["
        "{action: Allow, to: [{domainNames: ['*.example.com']}]}, {action: Deny, to: [{networks: [0.0.0.0/0]}]}]}"
    )
    assert cluster(pod("p"), admin(spec)).query("p", "203.0.113.9", port=443).allowed is None
    documents: list[Mapping[str, Any]] = [pod("p")]
    names = {"www.example.com": ["203.0.113.9"]}
    known = netsim.load(StringIO(admin(spec)), documents=documents, dns=names)
    assert known.query("p", "203.0.113.9", port=443).allowed
    assert known.query("p", "203.0.113.10", port=443).allowed is False


# Questions.


def test_a_workload_may_be_asked_about_by_its_name() -> None:
    made = cluster(pod("x-1 app=x", owner="ReplicaSet/x"), pod("b app=b"), FRONT)
    assert made.query("default/x[ReplicaSet]", "b", port=80).allowed
    assert made.query("x", "b", port=81).allowed is False


def test_a_port_of_one_protocol_is_no_port_of_another_in_any_answer() -> None:
    made = cluster(pod("a"), pod("b app=b"), FRONT)
    assert made.query("a", "b", port=80, protocol="UDP").allowed is False
    assert made.matrix(port=80, protocol="UDP")["default/a"]["default/b"] is False
    assert (Protocol.UDP, 80) not in next(iter(made.reach(source="a", destination="b"))).traffic


def test_no_answer_hangs_on_the_order_of_the_input() -> None:
    objects: list[Manifest] = [namespace("far", team="x"), pod("far/a"), pod("b app=b"), FRONT]
    answers = {
        json.dumps(queries.explain(cluster(*order), source="*", destination="*").to_dict())
        for order in permutations(objects)
    }
    assert len(answers) == 1
