"""Paths and blast radius: gates, what can be changed, what cuts, what a change saves, what is logged."""

from pathlib import Path
from typing import Any

import pytest

import netsim
from netsim.errors import UnknownPeerError
from tests.unit.attacked import account, cluster, namespace, pod, right

STORY = Path(__file__).resolve().parents[2] / "fixtures" / "attack-story"
EVERYTHING = right("*", "*", group="*", serial=1)


def _policy(spec: dict[str, Any], *, at: str = "lab", name: str = "policy") -> dict[str, Any]:
    metadata = {"name": name, "namespace": at}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


NO_EGRESS = _policy({"podSelector": {}, "policyTypes": ["Egress"]})
TO_API = _policy(
    {
        "podSelector": {},
        "policyTypes": ["Egress"],
        "egress": [{"to": [{"ipBlock": {"cidr": "192.0.2.1/32"}}], "ports": [{"protocol": "TCP", "port": 6443}]}],
    }
)
TO_SERVICE = _policy(
    {
        "podSelector": {},
        "policyTypes": ["Egress"],
        "egress": [{"to": [{"ipBlock": {"cidr": "192.0.2.1/32"}}], "ports": [{"protocol": "TCP", "port": 443}]}],
    }
)

NAMED = {"name": "s", "namespace": "lab"}
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": NAMED}


@pytest.mark.parametrize(
    ("policies", "expected"), [([], True), ([NO_EGRESS], False), ([TO_API], True), ([TO_SERVICE], False)]
)
def test_a_right_is_of_use_only_where_the_api_server_can_be_reached(policies: list[Any], *, expected: bool) -> None:
    admin = cluster(namespace("lab"), account("x"), EVERYTHING, pod(serviceAccountName="x"), *policies)
    assert admin.paths("lab/p", "cluster-admin").reachable is expected


def test_a_token_may_be_used_from_a_node_that_is_taken() -> None:
    taken = {"privileged": True, "runAsUser": 0}
    admin = cluster(
        namespace("lab"),
        account("x"),
        EVERYTHING,
        pod(serviceAccountName="x", container={"securityContext": taken}),
        NO_EGRESS,
    )
    assert admin.paths("lab/p", "cluster-admin").reachable


def _two(*more: Any) -> netsim.Cluster:
    inside = _policy({"podSelector": {}, "policyTypes": ["Ingress"], "ingress": []}, at="core")
    spaces = [namespace("lab"), namespace("core")]
    return cluster(*spaces, account("x"), pod(serviceAccountName="x"), pod("db", at="core", port=5432), inside, *more)


def test_what_no_policy_lets_in_is_out_of_reach() -> None:
    assert "pod:core/db" not in _two().blast("lab/p")


def test_policies_that_can_be_changed_are_open() -> None:
    opened = _two(right("patch", "networkpolicies", at="core", group="networking.k8s.io")).blast("lab/p")
    assert [step.id for step in opened.proof("pod:core/db")][-2:] == ["rbac.netpol-write", "net.pod"]


def test_policies_of_another_namespace_are_of_no_use() -> None:
    assert "pod:core/db" not in _two(right("create", "networkpolicies", at="lab", group="networking.k8s.io")).blast(
        "lab/p"
    )


def test_a_namespace_never_gets_the_name_of_another() -> None:
    named = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "trusted"}}}
    trusting = _policy(
        {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [named]}]}, at="core", name="more"
    )
    assert "pod:core/db" not in _two(trusting, right("patch", "namespaces", at="lab")).blast("lab/p")


def test_a_pod_without_a_port_is_not_taken_over_the_network() -> None:
    listening = cluster(namespace("lab"), pod(), pod("quiet"), pod("loud", port=80))
    assert "pod:lab/loud" in listening.blast("lab/p")
    assert "pod:lab/quiet" not in listening.blast("lab/p")


def test_get_on_nodes_proxy_needs_the_kubelet() -> None:
    start = [namespace("lab"), account("x"), pod(serviceAccountName="x"), pod("q"), right("get", "nodes/proxy")]
    assert "pod:lab/q" in cluster(*start).blast("lab/p")
    assert "pod:lab/q" not in cluster(*start, TO_API).blast("lab/p")


def test_a_group_is_what_its_members_hold() -> None:
    binding = right("*", "*", group="*", serial=3)
    binding[1]["subjects"] = [
        {"kind": "Group", "name": "system:serviceaccounts:lab", "apiGroup": "rbac.authorization.k8s.io"}
    ]
    assert cluster(namespace("lab"), pod(), binding).paths("lab/p", "cluster-admin")


def test_two_bindings_that_give_the_same_are_both_in_the_cut() -> None:
    twice = [*right("*", "*", group="*", serial=1), *right("*", "*", group="*", serial=2)]
    found = cluster(namespace("lab"), account("x"), pod(serviceAccountName="x"), twice).paths(
        "sa:lab/x", "cluster-admin"
    )
    assert [guard.object for guard in found.cut or ()] == ["ClusterRoleBinding x-1", "ClusterRoleBinding x-2"]
    assert found.chokes == ()
    assert found.exact


def test_what_is_cut_is_out_of_reach_and_less_is_not() -> None:
    story = netsim.load(STORY / "manifests")
    found = story.paths("internet", "cluster-admin")
    assert [str(guard) for guard in found.cut or ()] == ["ClusterRoleBinding ci-runner"]
    assert "cluster-admin" not in story.whatif("internet", remove=["ClusterRoleBinding ci-runner"]).after


def test_a_change_saves_what_it_cuts_and_says_what_is_left() -> None:
    story = netsim.load(STORY / "manifests")
    changed = story.whatif("internet", edits=[STORY / "fixes" / "rbac.yaml"])
    assert {"cluster-admin", "etcd", "node:cp-1"} <= set(changed.saved)
    assert changed.lost == ()
    assert "pod:data/postgres-0" in changed.after
    assert changed.after.score < changed.before.score


@pytest.mark.parametrize("fix", ["rbac.yaml", "network.yaml"])
def test_an_overlay_says_what_a_fresh_reading_says(fix: str) -> None:
    files = (STORY / "manifests", STORY / "fixes" / fix)
    whole = netsim.load(*files).blast("internet")
    overlaid = netsim.load(files[0]).whatif("internet", edits=[files[1]]).after
    assert [(each.vertex, each.certainty) for each in overlaid] == [(each.vertex, each.certainty) for each in whole]
    assert overlaid.score == whole.score


def test_what_a_change_does_not_touch_is_not_compiled_again() -> None:
    story = netsim.load(STORY / "manifests")
    from netsim.queries.whatif import edited

    rights, _ = edited(story, [STORY / "fixes" / "rbac.yaml"], [])
    policies, _ = edited(story, [STORY / "fixes" / "network.yaml"], [])
    assert policies.access is story.access
    assert rights.access is not story.access


def test_each_step_by_the_api_says_how_it_is_logged() -> None:
    (path, *_) = netsim.load(STORY / "manifests").paths("internet", "cluster-admin")
    assert dict(zip(path.kinds, path.logged, strict=True))["rbac.workload-node"] == "None"
    listed = netsim.load(STORY / "manifests").steps(connections=False).to_dict()["steps"]
    assert {step["logged"] for step in listed if step["id"] == "rbac.secret-read"} == {"Metadata"}


def test_a_longer_proof_than_asked_for_does_not_count() -> None:
    story = netsim.load(STORY / "manifests")
    assert max(len(each.proof) for each in story.blast("ci/runner", max_steps=2)) <= 2


def test_the_score_is_that_of_the_cluster_where_everything_falls() -> None:
    story = netsim.load(STORY / "manifests")
    assert story.blast("node:cp-1").score > story.blast("ci/runner").score * 0.9
    assert story.blast("shop/api").score < story.blast("internet").score


@pytest.mark.parametrize("name", ["shop/nothing", "node:nothing", "sa:ci/nothing", "198.51.100.99"])
def test_what_nobody_can_take_is_refused(name: str) -> None:
    with pytest.raises(netsim.UsageError):
        netsim.load(STORY / "manifests").blast(name)


def test_a_diff_tells_the_steps_that_a_change_adds_and_removes() -> None:
    before = netsim.load(STORY / "manifests")
    changes = netsim.diff(before, netsim.load(STORY / "manifests", STORY / "fixes" / "rbac.yaml"))
    told = {(delta.change, delta.item.id, delta.item.source, delta.item.target) for delta in changes.steps}
    assert ("removed", "rbac.workload-node", "sa:ci/runner", "node:cp-1") in told
    assert ("removed", "esc.privileged", "container:ci/runner-0/dind", "node:worker-1") in told
    assert not any(change == "added" and step.startswith(("rbac.workload-node", "esc.")) for change, step, *_ in told)
    assert netsim.diff(before, netsim.load(STORY / "manifests")).steps == ()


def test_who_changes_one_namespace_opens_the_pods_of_that_one() -> None:
    # no rule tells the pods of the two namespaces apart: they are one class
    out = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "out", "namespace": "lab"},
        "spec": {
            "podSelector": {},
            "policyTypes": ["Egress"],
            "egress": [
                {"to": [{"namespaceSelector": {"matchLabels": {"team": "ok"}}}]},
                {"to": [{"ipBlock": {"cidr": "192.0.2.1/32"}}]},
            ],
        },
    }
    spaces = [namespace("lab"), namespace("a"), namespace("b")]
    pods = [pod(serviceAccountName="x"), pod("q", at="a", port=80), pod("q", at="b", port=80)]
    asked = cluster(*spaces, *pods, out, account("x"), right("patch", "namespaces", at="a"))
    # b falls, too, but only from a, which nothing keeps in
    opened = {(each.source, each.target) for each in asked.blast("lab/p").steps if each.id == "net.pod"}
    assert opened == {("pod:lab/p", "pod:a/q"), ("pod:a/q", "pod:b/q")}


def test_who_may_everything_is_not_asked_for_the_roles_that_he_could_bind() -> None:
    asked = cluster(*(namespace(f"n{number}") for number in range(8)))
    assert asked.paths("group:system:masters", "cluster-admin")
    assert "node:cp" in asked.blast("group:system:masters")
    assert not [fact for fact in asked.attack.made if fact.startswith("clusterrole:") and "@n" in fact]


@pytest.mark.parametrize(
    "goal",
    ["sa:lab/nobody", "user:nobody", "secret:lab/none", "secrets:none", "namespace-admin:none", "container:lab/p/d"],
)
def test_a_goal_that_nothing_names_is_refused_as_no_path_to_it_would_say_nothing(goal: str) -> None:
    with pytest.raises(UnknownPeerError):
        cluster(namespace("lab"), pod(), SECRET).paths("lab/p", goal)


def test_all_secrets_fall_together_or_one_by_one() -> None:
    base = [
        namespace("lab"),
        namespace("bank"),
        account("x"),
        SECRET,
        {**SECRET, "metadata": {**NAMED, "namespace": "bank"}},
    ]
    here, there = right("get", "secrets", at="lab"), right("get", "secrets", at="bank", names="s")
    assert cluster(base, here, there).paths("sa:lab/x", "all-secrets").reachable
    assert cluster(base, right("list", "secrets")).paths("sa:lab/x", "all-secrets").reachable
    assert not cluster(base, here).paths("sa:lab/x", "all-secrets").reachable


@pytest.mark.parametrize(("names", "expected"), [("", True), ("s", True), ("t", False)])
def test_a_secret_that_no_input_holds_is_read_by_who_may_read_it(names: str, *, expected: bool) -> None:
    reading = cluster(namespace("lab"), account("x"), right("get", "secrets", at="lab", names=names))
    assert reading.paths("sa:lab/x", "secret:lab/s").reachable is expected


def test_what_an_input_of_cluster_roles_alone_does_not_name_is_there_all_the_same() -> None:
    role, binding = right("list", "secrets")
    reading = netsim.load(documents=[role, {**binding, "subjects": [{"kind": "User", "name": "bob"}]}])
    assert {"secret:default/(any)", "secret:kube-system/(any)"} <= {each.vertex for each in reading.blast("user:bob")}
    assert reading.paths("user:bob", "all-secrets").reachable
