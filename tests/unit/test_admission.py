"""Admission policies, evaluated: each on objects that pass and objects that fail."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

import netsim
from netsim.ir.admission import NotEvaluatedError, Outcome
from netsim.posture.admission import refused_by, reviews
from netsim.posture.patterns import Mismatch, Skipped, check
from netsim.posture.policies import policies
from netsim.posture.quantities import number_of
from netsim.posture.rego import modern


def _yaml(text: str) -> Any:
    return yaml.safe_load(text)


def _outcome(pattern: str, value: str) -> str:
    try:
        check(_yaml(value), _yaml(pattern))
    except Mismatch:
        return "fail"
    except Skipped:
        return "skip"
    except NotEvaluatedError:
        return "unknown"
    return "pass"


#: A pattern, and values that pass, fail and are exempt.
PATTERNS = [
    ("{a: 1}", ["{a: 1, b: 2}", "{a: '1'}"], ["{a: 2}", "{}", "{a: true}"], []),
    ("{a: true}", ["{a: true}"], ["{a: false}", "{a: 'true'}", "{}"], []),
    ("{a: null}", ["{}", "{a: null}", "{a: ''}"], ["{a: 1}"], []),
    ("{a: '*'}", ["{a: x}", "{a: 0}"], ["{}"], []),
    ("{a: '?*'}", ["{a: x}"], ["{}", "{a: ''}"], []),
    ("{a: 'x-*'}", ["{a: x-1}"], ["{a: y-1}"], []),
    ("{a: '!x'}", ["{a: y}"], ["{a: x}"], []),
    ("{a: '!*:latest'}", ["{a: 'n:1'}"], ["{a: 'n:latest'}"], []),
    ("{a: 'x | y'}", ["{a: x}", "{a: y}"], ["{a: z}"], []),
    ("{a: '!x & !y'}", ["{a: z}"], ["{a: x}", "{a: y}"], []),
    ("{a: '>5'}", ["{a: 6}", "{a: '6'}"], ["{a: 5}", "{a: z}"], []),
    ("{a: '<=1Gi'}", ["{a: 512Mi}", "{a: 1Gi}"], ["{a: 2Gi}"], []),
    ("{a: '>=500m'}", ["{a: 1}", "{a: 500m}"], ["{a: 100m}"], []),
    ("{a: '1-5'}", ["{a: 3}"], ["{a: 6}"], []),
    ("{a: '1!-5'}", ["{a: 6}"], ["{a: 3}"], []),
    ("{'=(a)': {b: 1}}", ["{}", "{a: {b: 1}}"], ["{a: {b: 2}}"], []),
    ("{'X(a)': 'null'}", ["{b: 1}"], ["{a: 1}"], []),
    ("{'(a)': x, b: 1}", ["{a: x, b: 1}"], ["{a: x, b: 2}"], ["{a: y}", "{}"]),
    ("{'<(a)': x, b: 1}", ["{a: x, b: 1}", "{b: 1}"], ["{a: x}", "{b: 2}"], ["{a: y, b: 2}"]),
    ("{a: [{'<(b)': x}], c: 1}", ["{a: [{b: x}, {b: y}], c: 1}"], ["{a: [{b: x}, {b: y}], c: 2}"], ["{a: [{b: y}]}"]),
    ("{b: 1, c: {'(d)': x}}", ["{b: 1, c: {d: x}}"], ["{b: 2, c: {d: x}}"], ["{b: 2, c: {d: y}}"]),
    ("{a: 'x*'}", ["{a: [x1, x2]}", "{a: []}"], ["{a: [x1, y]}"], []),
    ("{'^(a)': [{b: 1}]}", ["{a: [{b: 2}, {b: 1}]}", "{}"], ["{a: [{b: 2}]}", "{a: x}"], []),
    ("{a: [{b: 1}]}", ["{a: [{b: 1}, {b: 1, c: 2}]}", "{a: []}"], ["{a: [{b: 1}, {b: 2}]}", "{a: x}"], []),
    ("{a: [{'(b)': x, c: 1}]}", ["{a: [{b: x, c: 1}, {b: y}]}"], ["{a: [{b: x, c: 2}]}"], ["{a: [{b: y}]}"]),
    ("{a: ['x*']}", ["{a: [x1, x2]}"], ["{a: [x1, y]}"], []),
    ("{'a*': x}", ["{ab: x, b: y}"], ["{ab: y}", "{b: x}"], []),
]


@pytest.mark.parametrize(("pattern", "passing", "failing", "exempt"), PATTERNS, ids=[row[0] for row in PATTERNS])
def test_a_pattern_passes_and_fails_as_documented(
    pattern: str, passing: list[str], failing: list[str], exempt: list[str]
) -> None:
    assert {value: _outcome(pattern, value) for value in passing} == dict.fromkeys(passing, "pass")
    assert {value: _outcome(pattern, value) for value in failing} == dict.fromkeys(failing, "fail")
    assert {value: _outcome(pattern, value) for value in exempt} == dict.fromkeys(exempt, "skip")


def test_a_pattern_with_a_variable_is_no_pass() -> None:
    assert _outcome("{a: '{{ x }}'}", "{a: 1}") == "unknown"


def test_quantities_and_durations_are_numbers() -> None:
    assert [number_of(each) for each in ("1Gi", "500m", "2k", "1h", "1.5", "90s", "x", True)] == [
        1024**3,
        0.5,
        2000,
        3600,
        1.5,
        90,
        None,
        None,
    ]


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {hostNetwork: %s, containers: [{name: web, image: "%s", resources: {limits: {memory: 1Gi}}}]}
"""
GOOD, BAD = POD % ("false", "good.io/web:1"), POD % ("true", "bad.io/web:latest")


def _kyverno(validate: str, more: str = "") -> str:
    return f"""
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {{name: p}}
spec:
  rules:
  - name: r
    match: {{any: [{{resources: {{kinds: [Pod]}}}}]}}
    {more}
    validate: {{failureAction: Enforce, message: no, {validate}}}
"""


def _vap(expression: str, more: str = "", action: str = "Deny") -> str:
    return f"""
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: p}}
spec:
  matchConstraints:
    resourceRules:
    - {{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}}
  {more}
  validations:
  - expression: "{expression}"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: b}}
spec: {{policyName: p, validationActions: [{action}]}}
"""


def _validating(expression: str) -> str:
    return f"""
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {{name: p}}
spec:
  validationActions: [Deny]
  matchConstraints:
    resourceRules:
    - {{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}}
  validations:
  - expression: "{expression}"
"""


def _gatekeeper(rego: str, match: str = "{kinds: [{apiGroups: [''], kinds: [Pod]}]}", parameters: str = "{}") -> str:
    body = "\n".join(f"      {line}" for line in rego.splitlines())
    return f"""
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {{name: k8sx}}
spec:
  crd: {{spec: {{names: {{kind: K8sX}}}}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    rego: |
{body}
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sX
metadata: {{name: x}}
spec: {{match: {match}, parameters: {parameters}}}
"""


def _native(expression: str) -> str:
    return f"""
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {{name: k8sx}}
spec:
  crd: {{spec: {{names: {{kind: K8sX}}}}}}
  targets:
  - target: admission.k8s.gatekeeper.sh
    code:
    - engine: K8sNativeValidation
      source: {{validations: [{{expression: "{expression}"}}]}}
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sX
metadata: {{name: x}}
spec: {{parameters: {{repo: good.io/}}}}
"""


NO_HOST = """\
package k8sx

violation[{"msg": msg}] {
  input.review.object.spec.hostNetwork
  msg := "host"
}
"""
REPOS = """\
package k8sx

violation[{"msg": msg}] {
  container := containers[_]
  not from_good(container.image)
  msg := sprintf("%v { is not from %v", [container.image, input.parameters.repo])
}

containers[c] { c := input.review.object.spec.containers[_] }
containers[c] { c := input.review.object.spec.initContainers[_] }

from_good(image) = true {
  startswith(image, input.parameters.repo)
}
"""
MODERN = """\
package k8sx

import rego.v1

violation contains {"msg": "host"} if input.review.object.spec.hostNetwork
"""
LATEST = """\
package k8sx

default allowed = false

allowed { endswith(input.review.object.spec.containers[0].image, ":1") }

violation[{"msg": "tag"}] { not allowed }
"""
#: Policies that refuse BAD and admit GOOD, each in its own way.
POLICIES = {
    "kyverno pattern": _kyverno("pattern: {spec: {'=(hostNetwork)': false}}"),
    "kyverno negation": _kyverno("pattern: {spec: {hostNetwork: '!true'}}"),
    "kyverno containers": _kyverno("pattern: {spec: {containers: [{image: 'good.io/*'}]}}"),
    "kyverno any pattern": _kyverno("anyPattern: [{spec: {hostPID: true}}, {spec: {hostNetwork: false}}]"),
    "kyverno deny": _kyverno(
        "deny: {conditions: {any: [{key: '{{ request.object.spec.hostNetwork }}', operator: Equals, value: true}]}}"
    ),
    "kyverno pod security": _kyverno("podSecurity: {level: baseline, version: latest}"),
    "kyverno cel": _kyverno("cel: {expressions: [{expression: 'object.spec.hostNetwork == false'}]}"),
    "kyverno precondition": _kyverno(
        "pattern: {spec: {hostNetwork: false}}",
        "preconditions: {all: [{key: '{{ request.operation }}', operator: In, value: [CREATE]}]}",
    ),
    "vap": _vap("!object.spec.hostNetwork"),
    "vap has": _vap("!has(object.spec.hostNetwork) || object.spec.hostNetwork == false"),
    "vap all": _vap("object.spec.containers.all(c, c.image.startsWith('good.io/'))"),
    "vap optional": _vap("object.?spec.?hostNetwork.orValue(false) == false"),
    "vap strings": _vap("object.spec.containers.all(c, c.image.split('/')[0] == 'good.io')"),
    "vap variables": _vap("variables.host == false", "variables: [{name: host, expression: object.spec.hostNetwork}]"),
    "vap condition": _vap("!object.spec.hostNetwork", "matchConditions: [{name: a, expression: 'true'}]"),
    "vap namespace": _vap("object.metadata.namespace == namespaceObject.metadata.name && !object.spec.hostNetwork"),
    "validating policy": _validating("object.spec.hostNetwork == false"),
    "validating policy map": _validating("object.spec.containers.map(c, c.image).exists(i, i == 'good.io/web:1')"),
    "gatekeeper": _gatekeeper(NO_HOST),
    "gatekeeper functions": _gatekeeper(REPOS, parameters="{repo: good.io/}"),
    "gatekeeper version 1": _gatekeeper(MODERN),
    "gatekeeper default": _gatekeeper(LATEST),
    "gatekeeper native": _native("object.spec.containers.all(c, c.image.startsWith(variables.params.repo))"),
}
#: Policies of which nothing can be known here: none of them passes anything.
UNKNOWN = {
    "context": _kyverno("pattern: {spec: {hostNetwork: false}}", "context: [{name: x, configMap: {name: y}}]"),
    "variable": _kyverno("pattern: {metadata: {name: '{{ serviceAccountName }}'}}"),
    "images": _kyverno("manifests: {}"),
    "function": _vap("format.named('uuid').hasValue()"),
    "authorizer": _vap("authorizer.path('/x').check('get').allowed()"),
    "no parameters": _vap("params.x == 1", "paramKind: {apiVersion: v1, kind: ConfigMap}"),
    "inventory": _gatekeeper("package k8sx\nviolation[{'msg': 'x'}] { data.inventory.namespace }".replace("'", '"')),
    "network": _gatekeeper('package k8sx\nviolation[{"msg": "x"}] { http.send({"url": "x"}) }'),
    "no rego": _gatekeeper("package k8sx\nviolation[{"),
}


def _says(policy: str, pod: str) -> Outcome:
    cluster = netsim.load(documents=[each for each in yaml.safe_load_all(f"{policy}\n---\n{pod}") if each])
    (found,) = policies(cluster.manifests)
    (review,) = reviews(cluster.manifests)
    return found.says(review).outcome


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_refuses_the_bad_pod_and_admits_the_good_one(name: str) -> None:
    assert (_says(POLICIES[name], BAD), _says(POLICIES[name], GOOD)) == (Outcome.FAIL, Outcome.PASS)


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_evaluated_is_no_pass_and_no_fail(name: str) -> None:
    assert (_says(UNKNOWN[name], BAD), _says(UNKNOWN[name], GOOD)) == (Outcome.UNKNOWN, Outcome.UNKNOWN)


def _codes(text: str) -> Mapping[str, str]:
    cluster = netsim.load(documents=[each for each in yaml.safe_load_all(text) if each])
    return {each.code: each.message for each in cluster.posture("admission")}


def test_what_cannot_be_evaluated_is_told() -> None:
    assert "data.inventory" in _codes(UNKNOWN["inventory"])["NS415"]


def test_a_policy_without_its_other_half_has_no_effect() -> None:
    template, constraint = _gatekeeper(NO_HOST).split("---")
    policy, binding = _vap("true").split("---")
    for half in (template, constraint, policy, binding):
        assert "NS414" in _codes(half), half


def test_a_binding_without_deny_refuses_nothing() -> None:
    assert "NS408" in _codes(_vap("!object.spec.hostNetwork", action="Audit"))
    assert "NS408" not in _codes(_vap("!object.spec.hostNetwork"))


def test_a_policy_that_looks_at_containers_alone_is_got_around_by_an_init_container() -> None:
    policy = _vap("object.spec.containers.all(c, !has(c.securityContext.privileged) || !c.securityContext.privileged)")
    assert "privileged in initContainers" in _codes(policy)["NS401"]


def test_a_policy_that_looks_everywhere_has_no_way_around_it() -> None:
    assert "NS401" not in _codes(_kyverno("podSecurity: {level: restricted, version: latest}"))


def test_an_error_of_an_expression_is_what_the_failure_policy_says() -> None:
    absent = "object.spec.nothing == 1"
    assert _says(_vap(absent), GOOD) is Outcome.FAIL
    assert _says(_vap(absent, "failurePolicy: Ignore"), GOOD) is Outcome.PASS


def test_what_is_refused_is_refused_by_enforced_policies_alone() -> None:
    for policy, refused in ((POLICIES["vap"], True), (_vap("!object.spec.hostNetwork", action="Audit"), False)):
        cluster = netsim.load(documents=[*yaml.safe_load_all(policy), yaml.safe_load(BAD)])
        (review,) = reviews(cluster.manifests)
        assert bool(refused_by(cluster.manifests, review)) is refused


def test_a_namespace_that_a_constraint_excludes_is_not_asked() -> None:
    match = "{kinds: [{apiGroups: [''], kinds: [Pod]}], excludedNamespaces: [sh*]}"
    assert _says(_gatekeeper(NO_HOST, match), BAD) is Outcome.SKIP


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("v[x] { x := 1 }", "v contains x if { x := 1 }"),
        ("v { true }", "v if { true }"),
        ("v = 1 { true }", "v := 1 if { true }"),
        ("f(a, b) = c { c := a }", "f(a, b) := c if { c := a }"),
        ("m[k] = v { v := k }", "m[k] := v if { v := k }"),
        ('v { x := {"a": "}"} } # c {', 'v if { x := {"a": "}"} } # c {'),
        ("v { true } else = 2 { false }", "v if { true } else := 2 if { false }"),
        ("default a = false", "default a := false"),
        ("x = {1, 2}", "x = {1, 2}"),
        ("v contains x if { x := 1 }", "v contains x if { x := 1 }"),
    ],
)
def test_a_head_of_version_0_is_written_as_one_of_version_1(old: str, new: str) -> None:
    assert modern(f"package p\n\n{old}\n") == f"package p\n\nimport rego.v1\n\n{new}\n"
