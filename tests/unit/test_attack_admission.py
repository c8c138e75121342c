"""What admission refuses nobody can create: the steps that it leaves, and what is assumed of what it does not tell."""

from typing import Any

import pytest

from netsim.ir.attack import Certainty, Step
from tests.unit.attacked import account, cluster, found, namespace, pod, right

BASE = [namespace("lab"), account("x"), account("rich"), pod(), *right("create", "pods", at="lab")]
WHO = "sa:lab/x"
DANGERS = ("privileged", "allowPrivilegeEscalation")


def kyverno(validate: dict[str, Any], action: str = "Enforce", **match: Any) -> dict[str, Any]:
    """Return a policy of Kyverno on pods."""
    rule = {"name": "r", "match": {"any": [{"resources": {"kinds": ["Pod"], **match}}]}, "validate": validate}
    return {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": "p"},
        "spec": {"validationFailureAction": action, "rules": [rule]},
    }


def standard(level: str, action: str = "Enforce", **match: Any) -> dict[str, Any]:
    """Return a policy that asks for a level of Pod Security."""
    return kyverno({"podSecurity": {"level": level, "version": "latest"}}, action, **match)


def vap(expression: str, **spec: Any) -> list[dict[str, Any]]:
    """Return a ValidatingAdmissionPolicy on pods, and its binding."""
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]
    matched = {"resourceRules": rules, **spec}
    api = "admissionregistration.k8s.io/v1"
    return [
        {
            "apiVersion": api,
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": "v"},
            "spec": {"matchConstraints": matched, "validations": [{"expression": expression}]},
        },
        {
            "apiVersion": api,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": "v"},
            "spec": {"policyName": "v", "validationActions": ["Deny"]},
        },
    ]


#: A policy, and whether a pod may still take its node.
POLICIES: dict[str, tuple[Any, bool]] = {
    "none": ([], True),
    "a level": (standard("baseline"), False),
    "a level that is audited": (standard("baseline", "Audit"), True),
    "a level elsewhere": (standard("baseline", namespaces=["other"]), True),
    "one danger of many": (
        kyverno({"pattern": {"spec": {"containers": [{"=(securityContext)": {"=(privileged)": "false"}}]}}}),
        True,
    ),
    "users other than root alone": (kyverno({"pattern": {"spec": {"securityContext": {"runAsNonRoot": True}}}}), True),
    "labels that a pod must have": (kyverno({"pattern": {"metadata": {"labels": {"team": "?*"}}}}), True),
    "an expression": (vap("!has(object.spec.volumes) && object.spec.containers.all(c, false)"), True),
    "what was not evaluated": (kyverno({"foreach": [{"list": "request.object.spec.containers[].{a: b}"}]}), True),
}


@pytest.mark.parametrize("name", POLICIES)
def test_nodes_are_taken_by_what_admission_leaves(name: str) -> None:
    policy, taken = POLICIES[name]
    assert found(cluster(BASE, policy), "rbac.workload-node", WHO, "node:n1") is taken


def test_two_policies_of_which_each_leaves_something_refuse_all_of_it_together() -> None:
    no_paths = vap("!has(object.spec.volumes) || object.spec.volumes.all(v, !has(v.hostPath))")
    contexts = "(object.spec.containers + (has(object.spec.initContainers) ? object.spec.initContainers : []))"
    quiet = f"{contexts}.all(c, !has(c.securityContext) || {' && '.join(_unless(each) for each in DANGERS)})"
    assert found(cluster(BASE, no_paths), "rbac.workload-node", WHO)
    assert found(cluster(BASE, vap(quiet)), "rbac.workload-node", WHO)
    both = [*no_paths, *vap(quiet)]
    for each in both[2:]:
        each["metadata"]["name"] = "w"
    both[3]["spec"]["policyName"] = "w"
    assert not found(cluster(BASE, both), "rbac.workload-node", WHO)


def _steps(*objects: Any) -> list[Step]:
    """Return the steps to nodes of the account in question."""
    return [each for each in cluster(*objects).steps() if (each.id, each.source) == ("rbac.workload-node", WHO)]


def _unless(field: str) -> str:
    return f"(!has(c.securityContext.{field}) || !c.securityContext.{field})"


def test_what_refuses_every_pod_and_what_was_not_evaluated_is_assumed_to_admit_and_said() -> None:
    for policy, told in (
        (POLICIES["labels that a pod must have"][0], "refuses every pod that was tried"),
        (POLICIES["what was not evaluated"][0], "not evaluated"),
    ):
        (step, *_) = _steps(BASE, policy)
        assert step.certainty is Certainty.LIKELY
        assert any(told in text and "ClusterPolicy p" in text for text in step.because), step.because


def test_an_exemption_by_label_of_the_namespace_is_used_by_whoever_may_label_it() -> None:
    policy = standard("baseline", namespaceSelector={"matchExpressions": [{"key": "free", "operator": "DoesNotExist"}]})
    given = [*BASE, policy]
    assert not found(cluster(given), "rbac.workload-node", WHO)
    assert found(cluster(given, right("patch", "namespaces", names="lab")), "rbac.workload-node", WHO)
    # Another policy is about every namespace, whatever its labels.
    assert not found(
        cluster(BASE, standard("baseline"), right("patch", "namespaces", names="lab")), "rbac.workload-node", WHO
    )


def test_whoever_may_change_policies_is_not_held_back_by_them() -> None:
    given = [*BASE, standard("baseline")]
    for group, resource, taken in (
        ("kyverno.io", "clusterpolicies", True),
        ("admissionregistration.k8s.io", "validatingwebhookconfigurations", True),
        ("apps", "clusterpolicies", False),
    ):
        assert found(cluster(given, right("delete", resource, group=group)), "rbac.workload-node", WHO) is taken


def test_an_existing_pod_that_a_policy_exempts_by_name_shows_the_way() -> None:
    policy = standard("baseline")
    policy["spec"]["rules"][0]["exclude"] = {"any": [{"resources": {"names": ["agent-*"]}}]}
    assert not found(cluster(BASE, policy), "rbac.workload-node", WHO)
    assert found(cluster(BASE, policy, pod("agent-1")), "rbac.workload-node", WHO)


def test_accounts_and_secrets_that_policies_keep_are_not_taken_by_new_pods() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "lab"}}
    keep = kyverno({"pattern": {"spec": {"=(serviceAccountName)": "!rich"}}})
    closed = cluster(BASE, secret, keep)
    assert not found(closed, "rbac.workload-sa", WHO, target="sa:lab/rich")
    assert found(closed, "rbac.workload-sa", WHO, target="sa:lab/default")
    assert found(closed, "rbac.workload-secret", WHO, target="secret:lab/s")

    by_volume = vap("!has(object.spec.volumes) || object.spec.volumes.all(v, !has(v.secret) && !has(v.projected))")
    assert found(cluster(BASE, secret, by_volume), "rbac.workload-secret", WHO, target="secret:lab/s")  # in env
    nor_env = "object.spec.containers.all(c, !has(c.env) && !has(c.envFrom))"
    by_both = vap(f"{by_volume[0]['spec']['validations'][0]['expression']} ? {nor_env} : false")
    assert not found(cluster(BASE, secret, by_both), "rbac.workload-secret", WHO, target="secret:lab/s")


def test_a_right_over_controllers_meets_policies_on_controllers_too() -> None:
    policy = standard("baseline")
    policy["spec"]["rules"][0]["match"]["any"][0]["resources"]["kinds"] = ["Deployment"]
    policy["spec"]["rules"][0]["validate"] = {"deny": {}}
    given = [namespace("lab"), account("x"), pod(), policy, *right("create", "deployments", at="lab", group="apps")]
    (step, *_) = _steps(given)
    assert "refuses every pod that was tried" in " ".join(step.because)
    assert all("ClusterPolicy" not in text for each in _steps(BASE, policy) for text in each.because)


@pytest.mark.parametrize(
    ("exemptions", "resource", "taken"),
    [
        ({}, "pods", False),
        ({"runtimeClasses": ["kata"]}, "pods", True),
        ({"usernames": ["system:serviceaccount:kube-system:replicaset-controller"]}, "pods", False),
        ({"usernames": ["system:serviceaccount:kube-system:replicaset-controller"]}, "replicasets", True),
        ({"namespaces": ["lab"]}, "pods", True),
    ],
)
def test_exemptions_of_pod_security_let_more_through_than_they_name(
    exemptions: dict[str, Any], resource: str, *, taken: bool
) -> None:
    config = {
        "apiVersion": "pod-security.admission.config.k8s.io/v1",
        "kind": "PodSecurityConfiguration",
        "defaults": {"enforce": "baseline"},
        "exemptions": exemptions,
    }
    rights = right("create", resource, at="lab", group="" if resource == "pods" else "apps")
    given = [namespace("lab"), account("x"), pod(), config, *rights]
    assert found(cluster(given), "rbac.workload-node", WHO) is taken
