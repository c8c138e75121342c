"""Admission policies where one reading is easily taken for another: what an engine does, beside what is written."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

import netsim
from netsim.ir.admission import Outcome
from netsim.posture.admission import reviews
from netsim.posture.policies import policies
from tests.unit.test_admission import BAD, NO_HOST, _gatekeeper, _kyverno, _vap

HOST, ABSENT, ASKS = "!object.spec.hostNetwork", "object.spec.nope == 1", "authorizer.path('/x').check('get').allowed()"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {hostNetwork: true, containers: [{name: web, image: "bad.io/web"}]}}
"""
MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop", "labels": {"use": "it"}}}


def _cel(*validations: str, **spec: Any) -> str:
    policy, binding = yaml.safe_load_all(_vap("true"))
    policy["spec"] |= {"validations": [{"expression": each} for each in validations], **spec}
    return yaml.safe_dump_all([policy, binding])


def _conditions(*expressions: str, **spec: Any) -> str:
    named = [{"name": f"c{number}", "expression": each} for number, each in enumerate(expressions)]
    return _cel("false", matchConditions=named, **spec)


def _params(reference: dict[str, Any]) -> str:
    policy, binding = yaml.safe_load_all(_cel("params.metadata.name != 'c'"))
    policy["spec"]["paramKind"] = {"apiVersion": "v1", "kind": "ConfigMap"}
    binding["spec"]["paramRef"] = reference
    return yaml.safe_dump_all([policy, binding, MAP])


def _among(resources: str) -> str:
    return _kyverno("deny: {}").replace("resources: {kinds: [Pod]}", f"resources: {resources}")


def _denied(key: str, operator: str, value: str) -> str:
    return _kyverno(f"deny: {{conditions: {{any: [{{key: {key}, operator: {operator}, value: {value}}}]}}}}")


def _on_deployments(policy: str) -> str:
    return policy.replace("kinds: [Pod]", "kinds: [Deployment]")


def _excepted(rule: str, namespace: str) -> str:
    exception = {
        "apiVersion": "kyverno.io/v2",
        "kind": "PolicyException",
        "metadata": {"name": "e", "namespace": "shop"},
        "spec": {
            "exceptions": [{"policyName": "p", "ruleNames": [rule]}],
            "match": {"any": [{"resources": {"kinds": ["Pod"], "namespaces": [namespace]}}]},
        },
    }
    return f"{_kyverno('deny: {}')}\n---\n{yaml.safe_dump(exception)}"


REPLICAS = "'{{ request.object.spec.replicas }}'"
FAIL, PASS, SKIP, UNKNOWN = Outcome.FAIL, Outcome.PASS, Outcome.SKIP, Outcome.UNKNOWN
CASES: Mapping[str, tuple[str, Outcome]] = {
    "what fails is refused though another part is unknown": (_cel(ASKS, HOST), FAIL),
    "an ignored error leaves the other validations": (_cel(ABSENT, HOST, failurePolicy="Ignore"), FAIL),
    "an ignored error alone refuses nothing": (_cel(ABSENT, failurePolicy="Ignore"), PASS),
    "a condition that is false exempts beside an error": (_conditions(ABSENT, "false"), SKIP),
    "a condition that is false exempts beside an unknown one": (_conditions(ASKS, "false"), SKIP),
    "a condition with an error refuses": (_conditions(ABSENT), FAIL),
    "an ignored error of a condition exempts": (_conditions(ABSENT, failurePolicy="Ignore"), SKIP),
    "a condition on who asks is unknown": (_conditions("request['userInfo'].username != 'x'"), UNKNOWN),
    "an unknown variable that nothing uses": (_cel(HOST, variables=[{"name": "v", "expression": ASKS}]), FAIL),
    "an unknown variable": (_cel("variables.v", variables=[{"name": "v", "expression": ASKS}]), UNKNOWN),
    "a variable without a value that nothing uses": (_cel(variables=[{"name": "v", "expression": ABSENT}]), PASS),
    "the request tells its resource": (_cel("request.resource.resource == 'pods' && !request.dryRun"), PASS),
    "annotations of the namespace": (_cel("!has(namespaceObject.metadata.annotations)"), UNKNOWN),
    "a rule on what has no namespace": (_vap("false").replace("[pods]", "[pods], scope: Cluster"), SKIP),
    "parameters by a selector": (_params({"selector": {"matchLabels": {"use": "it"}}}), FAIL),
    "parameters of another namespace": (_params({"name": "c", "namespace": "other"}), UNKNOWN),
    "of two patterns one is not about it and one fails": (
        _kyverno("anyPattern: [{metadata: {labels: {(app): db}}}, {spec: {hostNetwork: false}}]"),
        FAIL,
    ),
    "no pattern is about it": (_kyverno("anyPattern: [{metadata: {labels: {(app): db}}}]"), SKIP),
    "a pattern of labels": (_among("{kinds: [Pod], selector: {matchLabels: {'a*': 'w?b'}}}"), FAIL),
    "quantities are equal": (_denied("1Gi", "Equals", "1024Mi"), FAIL),
    "durations are compared": (_denied("2h", "GreaterThan", "90m"), FAIL),
    "versions are compared": (_denied("1.9.0", "LessThan", "'1.25.0'"), FAIL),
    "versions before a release are not": (_denied("1.9.0-rc.1", "LessThan", "'1.25.0'"), UNKNOWN),
    "a list written as JSON": (_denied("web", "AnyIn", """'["web"]'"""), FAIL),
    "an exception that names the rule": (_excepted("r*", "shop"), UNKNOWN),
    "an exception for another rule": (_excepted("x", "shop"), FAIL),
    "an exception for another namespace": (_excepted("r", "other"), FAIL),
    "a constraint on what is generated": (_gatekeeper(NO_HOST, "{source: Generated}"), SKIP),
    "a namespace that Gatekeeper's Config excludes": (
        f"""{_gatekeeper(NO_HOST)}
---
apiVersion: config.gatekeeper.sh/v1alpha1
kind: Config
metadata: {{name: config, namespace: gatekeeper-system}}
spec: {{match: [{{excludedNamespaces: [sh*], processes: [webhook]}}]}}
""",
        SKIP,
    ),
}
OF_DEPLOYMENTS: Mapping[str, tuple[str, Outcome]] = {
    "a number as text": (_on_deployments(_denied(REPLICAS, "Equals", "'2'")), FAIL),
    "a number in a list of texts": (_on_deployments(_denied(REPLICAS, "AnyIn", "['1', '2']")), FAIL),
    "a number in a range": (_on_deployments(_denied(REPLICAS, "AnyIn", "1-3")), FAIL),
    "a number outside a range": (_on_deployments(_denied(REPLICAS, "AnyNotIn", "1-3")), PASS),
    "a level of pods": (_on_deployments(_kyverno("podSecurity: {level: baseline, version: latest}")), FAIL),
}


def _said(policy: str, body: str) -> Outcome:
    cluster = netsim.load(documents=[each for each in yaml.safe_load_all(f"{policy}\n---\n{body}") if each])
    found, review = next(policies(cluster.manifests)), [*reviews(cluster.manifests)][-1]
    return found.says(review).outcome


@pytest.mark.parametrize("name", CASES)
def test_a_policy_says_of_a_pod_what_its_engine_says(name: str) -> None:
    policy, outcome = CASES[name]
    assert _said(policy, BAD) is outcome


@pytest.mark.parametrize("name", OF_DEPLOYMENTS)
def test_a_policy_says_of_a_workload_what_its_engine_says(name: str) -> None:
    policy, outcome = OF_DEPLOYMENTS[name]
    assert _said(policy, DEPLOYMENT) is outcome


def _codes(text: str) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in netsim.load(documents=[each for each in yaml.safe_load_all(text) if each]).posture("admission"):
        found.setdefault(each.code, []).append(f"{each.object}: {each.message}")
    return found


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy"),
        ("policies.kyverno.io/v1", "MutatingPolicy"),
        ("policies.kyverno.io/v1", "ImageValidatingPolicy"),
        ("mutations.gatekeeper.sh/v1", "Assign"),
        ("kyverno.io/v2", "PolicyException"),
    ],
)
def test_what_is_not_applied_is_told(group: str, kind: str) -> None:
    body = {"apiVersion": group, "kind": kind, "metadata": {"name": "m"}, "spec": {}}
    assert [each.partition(":")[0] for each in _codes(yaml.safe_dump(body))["NS415"]] == [f"{kind} m"]


def test_rules_that_change_objects_or_verify_images_are_told() -> None:
    policy = yaml.safe_load(_kyverno("deny: {}"))
    rules = policy["spec"]["rules"]
    rules += [{"name": "m", "mutate": {}}, {"name": "v", "verifyImages": []}]
    told = _codes(yaml.safe_dump(policy))["NS415"]
    assert ["rules[1].mutate" in told[0], "rules[2].verifyImages" in told[1]] == [True, True]


def test_what_is_not_evaluated_on_an_object_alone_is_told_of_that_object() -> None:
    policy = _kyverno("deny: {conditions: {any: [{key: '{{ request.object.spec.odd }}', operator: Equals, value: a}]}}")
    policy = policy.replace("{kinds: [Pod]}", "{kinds: [Pod], names: [web]}")
    assert "of the input, Pod shop/web" in _codes(f"{policy}\n---\n{BAD}")["NS415"][0]


def test_a_danger_that_a_policy_is_not_about_in_one_place_gets_around_it() -> None:
    policy = yaml.safe_load(_kyverno("pattern: {spec: {'=(hostNetwork)': false}}"))
    one, (rule,) = {"=(securityContext)": {"=(privileged)": False}}, policy["spec"]["rules"]
    rule["validate"]["pattern"] = {"spec": {"containers": [one]}}
    none = {"key": "{{ length(request.object.spec.initContainers || `[]`) }}", "operator": "Equals", "value": 0}
    rule["preconditions"] = {"all": [none]}
    assert "privileged in initContainers" in _codes(yaml.safe_dump(policy))["NS401"][0]


def test_a_binding_that_the_server_refuses_has_no_effect() -> None:
    assert "Deny and Warn" in _codes(_vap("true", action="Deny, Warn"))["NS414"][0]


def test_a_policy_for_reports_alone_refuses_nothing() -> None:
    policy = _kyverno("deny: {}").replace("  rules:", "  admission: false\n  rules:")
    assert "NS408" in _codes(policy)


SPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: prod, labels: {env: prod}}"


@pytest.mark.parametrize("limit", ["namespaces: [prod]", "namespaceSelector: {matchLabels: {env: prod}}"])
def test_the_probes_are_in_a_namespace_that_the_policy_is_about(limit: str) -> None:
    policy = _kyverno("pattern: {spec: {containers: [{'=(securityContext)': {'=(privileged)': false}}]}}")
    limited = policy.replace("kinds: [Pod]", f"kinds: [Pod], {limit}")
    assert "privileged in initContainers" in _codes(f"{limited}\n---\n{SPACE}")["NS401"][0]


def test_two_policies_that_no_pod_passes_contradict_each_other() -> None:
    without = _kyverno("pattern: {spec: {'=(hostNetwork)': false}}")
    needed = _kyverno("pattern: {spec: {hostNetwork: true}}").replace("name: p}", "name: q}")
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}"
    (told,) = _codes(f"{without}\n---\n{needed}\n---\n{service}")["NS413"]
    assert told.startswith("ClusterPolicy p: admits no pod that ClusterPolicy q admits")
    assert "NS413" not in _codes(f"{without}\n---\n{needed.replace('Enforce', 'Audit')}")


def test_a_policy_without_rules_has_no_effect() -> None:
    policy = yaml.safe_load(_kyverno("deny: {}"))
    policy["spec"]["rules"] = []
    found = _codes(yaml.safe_dump(policy))
    assert ("NS414" in found, "NS408" in found) == (True, False)


def test_objects_without_pods_are_asked_about_as_well() -> None:
    policy = _kyverno("pattern: {metadata: {labels: {owner: '?*'}}}")
    policy = policy.replace("kinds: [Pod]", "kinds: [Namespace, Service]")
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}"
    (told,) = _codes(f"{policy}\n---\n{SPACE}\n---\n{service}")["NS412"]
    assert "refuses 2 of the input: Namespace prod, Service default/web" in told
