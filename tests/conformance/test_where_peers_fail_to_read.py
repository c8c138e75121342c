"""Manifests that tools of this kind misread, pass over or choke on, each as small as will show it."""

from pathlib import Path

import pytest

import netsim
from netsim.ingest import snapshot
from tests.conformance.manifests import cluster, namespace, pod, policy


def refusal(*manifests: str) -> netsim.InputError:
    """Return the error that some manifests are refused with."""
    with pytest.raises(netsim.InputError) as refused:
        cluster(*manifests)
    return refused.value


def test_a_network_policy_of_calico_is_not_read_as_kubernetes_own_and_a_warning_says_so() -> None:
    calico = """
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: deny, namespace: default}
spec: {selector: all(), types: [Ingress], ingress: [{action: Deny}]}
"""
    made = cluster(calico, pod("a"), pod("b"))
    assert not made.snapshot.policies
    assert [(each.api_version, each.count) for each in made.snapshot.unmodelled] == [("projectcalico.org/v3", 1)]
    assert any("projectcalico.org/v3 NetworkPolicy" in notice.message for notice in made.reach().warnings)


@pytest.mark.parametrize(
    ("version", "kind"),
    [("crd.antrea.io/v1beta1", "ClusterNetworkPolicy"), ("cilium.io/v2", "CiliumNetworkPolicy")],
)
def test_a_policy_kind_that_is_not_modelled_is_never_ignored_without_a_word(version: str, kind: str) -> None:
    made = cluster({"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, "spec": {}}, pod("a"), pod("b"))
    for answer in (made.reach(), made.query("a", "b", port=80), made.truth_table(port=80)):
        assert any(f"{version} {kind}" in notice.message for notice in answer.warnings)


@pytest.mark.parametrize(
    ("spec", "code", "field"),
    [
        pytest.param("{podSelectors: {}}", "NS106", "spec.podSelectors", id="a misspelt podSelector"),
        pytest.param("{policyTypes: [ingress]}", "NS119", "spec.policyTypes[0]", id="a policy type in lower case"),
        pytest.param("{ingress: [{from: [{}]}]}", "NS118", "spec.ingress[0].from[0]", id="a peer that says nothing"),
        pytest.param(
            "{egress: [{ports: [{protocol: tcp}]}]}",
            "NS115",
            "spec.egress[0].ports[0].protocol",
            id="a protocol in lower case",
        ),
        pytest.param(
            "{ingress: [{ports: [{port: 70000}]}]}", "NS113", "spec.ingress[0].ports[0].port", id="a port above 65535"
        ),
    ],
)
def test_a_policy_that_would_mean_something_else_is_refused_with_its_line(spec: str, code: str, field: str) -> None:
    (problem,) = refusal(policy(spec)).problems
    assert (problem.code, problem.field, problem.line) == (code, field, 4)


def test_every_problem_of_an_input_is_told_and_not_the_first_alone() -> None:
    error = refusal(policy("{podSelectors: {}}"), policy("{policyTypes: [ingress], ingress: [{from: [{}]}]}", name="q"))
    assert [problem.code for problem in error.problems] == ["NS106", "NS119", "NS118"]


def test_a_bad_policy_does_not_hide_the_good_ones_when_going_on_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(policy("{policyTypes: [ingress]}", name="bad"), encoding="utf-8")
    (tmp_path / "good.yaml").write_text(policy("{podSelector: {}}", name="good"), encoding="utf-8")
    found, problems = snapshot([tmp_path], keep_going=True)
    assert [each.name for each in found.policies] == ["good"]
    assert [Path(problem.file).name for problem in problems] == ["bad.yaml"]


def test_a_file_that_does_not_parse_is_never_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(policy("{podSelector: {}}"), encoding="utf-8")
    (tmp_path / "b.yaml").write_text("kind: [", encoding="utf-8")
    with pytest.raises(netsim.InputError) as refused:
        netsim.load(tmp_path)
    assert [(Path(problem.file).name, problem.code) for problem in refused.value.problems] == [("b.yaml", "NS102")]


def test_one_file_may_hold_many_documents() -> None:
    made = cluster("---\n".join([policy("{podSelector: {}}", name=name) for name in ("p", "q", "r")]))
    assert [each.name for each in made.snapshot.policies] == ["p", "q", "r"]


def test_digits_in_quotes_stay_text() -> None:
    labelled = """
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: default, labels: {version: "1", build: "0x10", flag: "yes"}}
spec: {containers: [{name: main, image: example/app}]}
"""
    rule = '{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {version: "1"}}}]}]}'
    made = cluster(labelled, pod("b"), policy(rule))
    assert made.snapshot.pods[0].labels == {"version": "1", "build": "0x10", "flag": "yes"}
    assert made.query("a", "b", port=80).allowed
    assert not made.query("b", "a", port=80).allowed


def test_a_number_where_a_label_wants_text_is_refused_and_never_turned_into_text() -> None:
    error = refusal(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {version: 1}}\nspec: {containers: [{name: a}]}\n"
    )
    assert [problem.code for problem in error.problems] == ["NS107"]


def test_a_false_name_label_of_a_namespace_is_set_right() -> None:
    false = {**namespace("far"), "metadata": {"name": "far", "labels": {"kubernetes.io/metadata.name": "near"}}}
    rule = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: near}}}"
    made = cluster(false, pod("far/a"), pod("b"), policy(f"{{podSelector: {{}}, ingress: [{{from: [{rule}]}}]}}"))
    assert not made.query("far/a", "default/b", port=80).allowed
