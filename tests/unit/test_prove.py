"""Claims whose answers hang on corners: names of ports, profiles, worlds that differ, solvers that give up."""

from typing import Any

import pytest

import netsim
from netsim.ir.proof import Outcome
from netsim.queries.prove import NOBODY
from tests.unit.test_gaps import ALLOW_ALL, DENY_ALL, WEB_DB, admin, app, egress, ingress, namespace, policy

PAIR = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "pair", "namespace": "shop"},
    "spec": {
        "containers": [
            {"name": name, "image": "i", "ports": [{"name": "http", "containerPort": port}]}
            for name, port in (("one", 80), ("two", 8080))
        ]
    },
}


def load(*objects: dict[str, Any], **more: Any) -> netsim.Cluster:
    return netsim.load(documents=list(objects), **more)


def parts(proof: Any) -> list[str]:
    return [remark.part.name for remark in proof.remarks]


def test_one_name_of_two_ports_means_both() -> None:
    named = policy("in", "shop", {"podSelector": {}, "ingress": [{"ports": [{"port": "http"}]}]})
    prover = load(*WEB_DB, PAIR, named).prove.within(over="pods")
    outcomes = [prover.isolated(destination="shop/pair", port=port).outcome for port in (80, 8080, 81)]
    assert outcomes == [Outcome.REFUTED, Outcome.REFUTED, Outcome.HOLDS]


def test_what_isolates_in_one_direction_keeps_the_baseline_off_in_the_other_where_a_network_reads_it_so() -> None:
    deny = {"action": "Deny", "to": [{"namespaces": {"matchLabels": {"team": "a"}}}]}
    baseline = {
        "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "kind": "BaselineAdminNetworkPolicy",
        "metadata": {"name": "default"},
        "spec": {"subject": {"namespaces": {}}, "egress": [deny]},
    }
    every = policy("in", "shop", {"podSelector": {}, "ingress": [{}]})
    assert not parts(load(*WEB_DB, every, baseline, cni="kindnet").prove.redundant())
    assert parts(load(*WEB_DB, every, baseline).prove.redundant()) == ["NetworkPolicy shop/in"]


def test_how_two_sets_relate_is_of_one_world_where_their_namespaces_differ() -> None:
    by_env = policy("in", "shop", ingress("db", {"namespaceSelector": {"matchLabels": {"env": "dev", NAME: "dev"}}}))
    by_name = policy("in", "shop", ingress("db", {"namespaceSelector": {"matchLabels": {NAME: "dev"}}}))
    one = load(*WEB_DB, namespace("dev", env="prod"), by_env)
    two = load(*WEB_DB, namespace("dev", env="dev"), by_name)
    assert one.prove.relate(two).relation == "equal"
    assert one.prove.relate(load(*WEB_DB, namespace("dev", env="prod"), by_name)).relation == "inside"


NAME = "kubernetes.io/metadata.name"


def test_what_only_pods_in_new_namespaces_tell_apart_is_told_apart() -> None:
    def of_team(name: str) -> netsim.Cluster:
        made = admin("a", 1, DENY_ALL)
        return load(
            *WEB_DB, {**made, "spec": {**made["spec"], "subject": {"namespaces": {"matchLabels": {"team": name}}}}}
        )

    for other, expected in (("y", Outcome.REFUTED), ("x", Outcome.HOLDS)):
        assert of_team("x").prove.equivalent(of_team(other)).outcome is expected
    assert of_team("x").prove.within(over="pods").equivalent(of_team("y")).outcome is Outcome.HOLDS


def test_what_one_direction_allows_more_of_makes_up_for_nothing_that_the_other_denies() -> None:
    closed = admin("a", 1, DENY_ALL)
    to_all = {"action": "Deny", "to": [{"namespaces": {}}]}
    spec = {key: value for key, value in closed["spec"].items() if key != "ingress"}
    opening, accepting = load(*WEB_DB, {**closed, "spec": {**spec, "egress": [to_all]}}), load(*WEB_DB, closed)
    assert opening.prove.contains(accepting).outcome is Outcome.HOLDS
    assert accepting.prove.contains(opening).outcome is Outcome.HOLDS
    assert opening.prove.equivalent(accepting).outcome is Outcome.HOLDS


def test_one_namespace_of_several_that_differs_is_found_and_only_its_policies_are_asked_about() -> None:
    def loaded(*allowed: str) -> netsim.Cluster:
        policies = [
            policy("in", space, {"podSelector": {}, "ingress": [{"from": [app(a)]}]})
            for space, a in zip("abc", allowed, strict=True)
        ]
        return load(*map(namespace, "abc"), *policies)

    exists = {"key": "app", "operator": "In", "values": ["x"]}
    same = [
        policy(
            "in", space, {"podSelector": {}, "ingress": [{"from": [{"podSelector": {"matchExpressions": [exists]}}]}]}
        )
        for space in "abc"
    ]
    assert loaded("x", "x", "x").prove.equivalent(load(*map(namespace, "abc"), *same)).holds
    found = loaded("x", "x", "x").prove.equivalent(loaded("x", "y", "x"))
    assert found.witness
    assert str(found.witness.flow.destination).startswith("b/")


def test_what_a_rule_denies_under_one_that_allows_has_a_connection_of_both_in_either_tier() -> None:
    admin_ones = [admin("a", 1, ALLOW_ALL), admin("b", 2, DENY_ALL)]
    baselines = [{**each, "spec": {**each["spec"], "tier": "Baseline"}} for each in admin_ones]
    for written in (admin_ones, baselines):
        (remark,) = load(*WEB_DB, *written).prove.contradicted().remarks
        assert remark.witness
        assert not remark.exception
        assert remark.to_dict()["objects"]
    (kept,) = (
        load(*WEB_DB, admin("a", 1, {**ALLOW_ALL, "protocols": [{"udp": {}}]}, DENY_ALL)).prove.contradicted().remarks
    )
    assert kept.exception


def test_a_solver_that_gives_up_proves_nothing_of_policies(monkeypatch: pytest.MonkeyPatch) -> None:
    from netsim.smt.solve import Found, Satisfiable, Solver

    monkeypatch.setattr(Solver, "ask", lambda *_: Found(Satisfiable.UNKNOWN, reason="timeout"))
    prover = load(*WEB_DB, admin("a", 1, ALLOW_ALL, DENY_ALL), policy("out", "shop", egress("web", app("db")))).prove
    claims = (prover.shadowed, prover.contradicted, prover.vacuous, prover.redundant, prover.disjoint)
    assert {claim().outcome for claim in claims} == {Outcome.UNKNOWN}


@pytest.mark.parametrize("nobody", ["pod:app=a,app=b", "ns:!kubernetes.io/metadata.name", "pod:app,!app"])
def test_a_claim_about_nobody_is_proved_and_said_to_be_about_nobody(nobody: str) -> None:
    prover = load(*WEB_DB).prove
    assert NOBODY in prover.isolated(source=nobody).warnings
    assert NOBODY not in prover.isolated(source="shop/web", destination="shop/db").warnings
