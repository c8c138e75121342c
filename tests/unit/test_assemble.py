"""Documents to a Snapshot: repetition, overriding, owners, templates, namespaces, and what is not modelled."""

from pathlib import Path

import pytest

from netsim.errors import InputError
from netsim.ingest import Given, snapshot
from netsim.ir.labels import NAME_LABEL
from netsim.ir.snapshot import Snapshot
from tests.unit.ingested import deployment, ingested, kept, pod, policy_text, problems, refused

REPLICA_SET = (
    "---\napiVersion: apps/v1\nkind: ReplicaSet\n"
    "metadata: {name: web-1a, namespace: shop, ownerReferences: [{kind: Deployment, name: web, controller: true}]}\n"
    "spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}},"
    " spec: {containers: [{name: c}]}}}\n"
)
OF_REPLICA_SET = "ownerReferences: [{kind: ReplicaSet, name: web-1a, controller: true}]"
HASHED = f"labels: {{app: web, pod-template-hash: 1a}}, {OF_REPLICA_SET}"


def _workloads(snapshot: Snapshot) -> dict[str, str]:
    return {each.name: str(each.workload) for each in snapshot.pods}


def _messages(snapshot: Snapshot) -> list[str]:
    return [notice.message for notice in snapshot.warnings]


# Namespaces


def test_every_namespace_that_an_object_names_exists() -> None:
    policy = policy_text("{}").replace("shop", "b")
    service = "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: c}, spec: {clusterIP: None}}"
    found = ingested(policy, service, deployment("web", "{app: web}", namespace="a")).namespaces
    assert list(found) == ["a", "b", "c"]
    assert all(each.labels == {NAME_LABEL: name} and not each.declared for name, each in found.items())


def test_a_false_name_label_is_overridden_and_said_so() -> None:
    found = ingested(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: a, labels: {{{NAME_LABEL}: b}}}}}}")
    assert found.namespaces["a"].labels == {NAME_LABEL: "a"}
    assert _messages(found) == [f"label {NAME_LABEL} of namespace a is b: the API server sets it to the name"]


# Repetition and overriding


def test_an_object_that_stands_twice_in_one_input_is_refused_with_both_places() -> None:
    (problem,) = problems(f"{policy_text('{}')}---\n{policy_text('{}')}")
    assert (problem.code, problem.line) == ("NS105", 6)
    assert problem.message == "NetworkPolicy shop/p stands already at <input>:1:1"


def test_of_two_in_one_input_the_later_is_kept() -> None:
    found = kept(f"{policy_text('{}')}---\n{policy_text('{policyTypes: [Egress]}')}")
    assert [len(policy.isolates) for policy in found.policies] == [1]
    assert found.overrides == ()


def test_a_later_input_overrides_an_earlier_one_and_says_so() -> None:
    found = ingested(policy_text("{}"), policy_text("{policyTypes: [Ingress, Egress]}"))
    assert [len(policy.isolates) for policy in found.policies] == [2]
    assert [(each.kind, each.name) for each in found.overrides] == [("NetworkPolicy", "shop/p")]


def test_one_name_in_two_namespaces_or_two_kinds_is_no_repetition() -> None:
    texts = [deployment("web", "{a: b}"), deployment("web", "{a: b}", namespace="b"), pod("web")]
    assert len(ingested("".join(texts)).pods) == 3


def test_objects_with_generated_names_never_repeat_each_other() -> None:
    text = policy_text("{}").replace("name: p", "generateName: p-")
    assert [policy.name for policy in ingested(f"{text}---\n{text}").policies] == ["p-00001", "p-00002"]


def test_an_absent_namespace_is_the_default_one() -> None:
    text = policy_text("{}").replace("namespace: shop", "namespace: default")
    assert refused(f"{text}---\n{text.replace(', namespace: default', '')}") == [("NS105", "")]


# What is not modelled


def test_what_is_not_modelled_is_counted() -> None:
    found = ingested("{a: 1}\n---\n{apiVersion: v1, kind: Secret}\n---\n{apiVersion: v1, kind: Secret, metadata: 1}\n")
    assert [(each.api_version, each.kind, each.count) for each in found.unmodelled] == [
        ("", "", 1),
        ("v1", "Secret", 2),
    ]
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("projectcalico.org/v3", "NetworkPolicy"),
        ("projectcalico.org/v3", "GlobalNetworkPolicy"),
        ("cilium.io/v2", "CiliumNetworkPolicy"),
        ("crd.antrea.io/v1beta1", "ClusterNetworkPolicy"),
    ],
)
def test_a_policy_that_is_not_modelled_is_said_aloud(api_version: str, kind: str) -> None:
    text = f"{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}, spec: {{order: 1}}}}"
    found = ingested(f"{text}\n---\n{text}")
    assert found.policies == ()
    assert _messages(found) == [f"2 {api_version} {kind} are not modelled, and verdicts ignore them"]


@pytest.mark.parametrize(
    ("file", "text", "is_one"),
    [
        ("a.yaml", "{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization}", True),
        ("a.yaml", "{apiVersion: kustomize.config.k8s.io/v1alpha1, kind: Component}", True),
        ("kustomization.yaml", "resources: [pods.yaml]", True),
        ("a.yaml", "resources: [pods.yaml]", False),
        ("kustomization.yaml", "{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization}", False),
    ],
)
def test_a_kustomization_that_is_not_rendered_is_said_aloud(
    tmp_path: Path, file: str, text: str, *, is_one: bool
) -> None:
    (tmp_path / file).write_text(text)
    told = _messages(snapshot([str(tmp_path)])[0])
    assert ("a kustomization is not rendered" in "".join(told)) is is_one


def test_a_policy_of_a_removed_version_says_what_to_use() -> None:
    found = ingested("{apiVersion: extensions/v1beta1, kind: NetworkPolicy, metadata: {name: a}}")
    (message,) = _messages(found)
    assert "not modelled, and verdicts ignore them" in message
    assert message.endswith("no server serves it since 1.16, use networking.k8s.io/v1")


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("networking.k8s.io/V1", "NetworkPolicy"),
        ("networking.k8s.io/v1beta1", "NetworkPolicy"),
        ("networking.k8s.io/v1", "networkpolicy"),
        ("networking.k8s.io/v1", "NetworkPolicies"),
        ("apps/v2", "Deployment"),
        ("v1", "Pods"),
        ("v1", "NetworkPolicy"),
        ("apps/v1", "Pod"),
        ("batch/v1", "Deployment"),
    ],
)
def test_a_version_a_group_or_a_kind_that_does_not_exist_is_refused(api_version: str, kind: str) -> None:
    field = "apiVersion" if kind in {"NetworkPolicy", "Deployment", "Pod"} else "kind"
    assert refused(f"{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}}}") == [("NS121", field)]


def test_an_object_without_version_is_read_by_its_kind_and_said_so() -> None:
    found = ingested("{kind: NetworkPolicy, metadata: {name: a}}")
    assert [policy.name for policy in found.policies] == ["a"]
    assert _messages(found) == ["1 NetworkPolicy is read as networking.k8s.io/v1: it says no apiVersion"]


def test_a_mapping_that_only_looks_like_an_object_is_none() -> None:
    found = ingested("{kind: Service, image: nginx}")
    assert (found.services, len(found.unmodelled)) == ((), 1)


# Owners


def test_pods_of_a_replica_set_count_under_its_deployment() -> None:
    found = ingested(deployment("web", "{app: web}") + REPLICA_SET + pod("web-1a-x", metadata=HASHED))
    assert _workloads(found) == {"web-1a-x": "shop/web[Deployment]"}


def test_a_replica_set_that_is_not_there_is_seen_through_by_its_hash() -> None:
    found = ingested(deployment("web", "{app: web}") + pod("web-1a-x", metadata=HASHED))
    assert _workloads(found) == {"web-1a-x": "shop/web[Deployment]"}


def test_without_its_deployment_a_replica_set_is_the_workload() -> None:
    assert _workloads(ingested(pod("web-1a-x", metadata=HASHED))) == {"web-1a-x": "shop/web-1a[ReplicaSet]"}


def test_pods_of_a_cronjob_count_under_it() -> None:
    job = (
        "---\napiVersion: batch/v1\nkind: Job\n"
        "metadata: {name: j-1, namespace: shop, ownerReferences: [{kind: CronJob, name: j, controller: true}]}\n"
        "spec: {template: {spec: {containers: [{name: c}]}}}\n"
    )
    running = pod("j-1-x", metadata="ownerReferences: [{kind: Job, name: j-1, controller: true}]")
    assert _workloads(ingested(job + running)) == {"j-1-x": "shop/j[CronJob]"}


def test_an_owner_of_a_kind_that_makes_no_pods_is_not_climbed_to() -> None:
    owned = deployment("web", "{app: web}").replace(
        "namespace: shop}", "namespace: shop, ownerReferences: [{kind: App, name: a, controller: true}]}"
    )
    assert _workloads(ingested(owned)) == {"web": "shop/web[Deployment]"}


def test_owners_in_a_circle_end_somewhere() -> None:
    circle = deployment("web", "{app: web}").replace(
        "namespace: shop}", "namespace: shop, ownerReferences: [{kind: ReplicaSet, name: web-1a, controller: true}]}"
    )
    assert len(ingested(circle + REPLICA_SET + pod("web-1a-x", metadata=HASHED)).pods) == 1


# Templates


def test_a_template_does_not_stand_beside_its_pods() -> None:
    found = ingested(deployment("web", "{app: web}") + REPLICA_SET + pod("web-1a-x", metadata=HASHED))
    assert [(each.name, each.template) for each in found.pods] == [("web-1a-x", False)]
    assert found.warnings == ()


def test_a_replica_set_of_a_deployment_is_no_template_of_its_own() -> None:
    assert _workloads(ingested(deployment("web", "{app: web}") + REPLICA_SET)) == {"web": "shop/web[Deployment]"}


def test_pods_that_have_ended_do_not_replace_their_template() -> None:
    found = ingested(deployment("web", "{app: web}") + pod("web-1a-x", metadata=HASHED, status="phase: Failed"))
    assert [(each.name, each.template, each.finished) for each in found.pods] == [
        ("web", True, False),
        ("web-1a-x", False, True),
    ]


def test_an_unfinished_rollout_is_said_so() -> None:
    found = ingested(deployment("web", "{app: web, tier: a}") + pod("web-1a-x", metadata=HASHED))
    assert [each.name for each in found.pods] == ["web-1a-x"]
    assert _messages(found) == ["shop/web[Deployment] is being rolled out: web-1a-x lacks labels of its template"]


def test_an_older_replica_set_is_no_rollout() -> None:
    older = REPLICA_SET.replace("web-1a", "web-0f").replace("app: web}", "app: web, version: old}")
    found = ingested(REPLICA_SET + older + pod("web-1a-x", metadata=HASHED))
    assert _workloads(found) == {"web-1a-x": "shop/web[Deployment]"}
    assert found.warnings == ()


def test_a_template_of_a_later_input_stands_for_the_pods_that_it_changes() -> None:
    dump = deployment("web", "{app: web}") + pod("web-1a-x", metadata=HASHED, status="podIP: 10.0.0.1")
    found = ingested(dump, deployment("web", "{app: web, tier: a}"))
    assert [(each.name, each.labels, each.template) for each in found.pods] == [
        ("web", {"app": "web", "tier": "a"}, True)
    ]
    assert _messages(found) == ["shop/web[Deployment] changes: its new template stands for a pod of an earlier input"]


def test_a_template_of_a_later_input_that_changes_nothing_leaves_the_pods() -> None:
    dump = deployment("web", "{app: web}") + pod("web-1a-x", metadata=HASHED)
    found = ingested(dump, deployment("web", "{app: web}"))
    assert [each.name for each in found.pods] == ["web-1a-x"]
    assert found.warnings == ()


def test_a_label_that_a_later_template_drops_is_a_change_though_pods_may_have_more() -> None:
    dump = deployment("web", "{app: web, tier: a}") + pod("x", metadata=HASHED.replace("app: web", "app: web, tier: a"))
    assert [each.name for each in ingested(dump, deployment("web", "{app: web}")).pods] == ["web"]


def test_a_later_workload_is_compared_with_the_pods_where_no_earlier_one_is_known() -> None:
    port = "{containers: [{name: c, ports: [{containerPort: 80}]}]}"
    dump = pod("web-1a-x", metadata=HASHED)
    assert [each.name for each in ingested(dump, deployment("web", "{app: web}")).pods] == ["web-1a-x"]
    assert [each.name for each in ingested(dump, deployment("web", "{app: web}", pod=port)).pods] == ["web"]


# The whole


def test_a_snapshot_is_sorted_whatever_the_order_of_its_inputs() -> None:
    texts = [deployment("b", "{a: b}"), deployment("a", "{a: b}"), pod("c"), policy_text("{}"), "{a: 1}"]
    forwards, backwards = ingested("".join(texts[:3])), ingested("".join(reversed(texts[:3])))
    assert [each.name for each in forwards.pods] == [each.name for each in backwards.pods] == ["a", "b", "c"]


def test_problems_raise_unless_the_reading_goes_on() -> None:
    wrong = Given([{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "A"}, "spec": {}}])
    with pytest.raises(InputError) as raised:
        snapshot([wrong])
    assert [problem.code for problem in raised.value.problems] == ["NS108", "NS109"]
    found, problems = snapshot([wrong], keep_going=True)
    assert problems == raised.value.problems
    assert [each.name for each in found.pods] == ["A"]


def test_python_mappings_are_read_as_manifests_are() -> None:
    given = Given([{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{}]}}])
    found, problems = snapshot([given])
    assert problems == ()
    assert [str(each) for each in found.pods] == ["default/a"]


def test_an_api_version_that_is_no_text_is_none_that_is_absent() -> None:
    text = pod("a").replace("apiVersion: v1", "apiVersion: {v: 1}")
    assert refused(text) == [("NS107", "apiVersion")]
    for other in ("1.2", "0", "false", "[]", "{}"):
        assert refused(text.replace("{v: 1}", other)) == [("NS107", "apiVersion")]
