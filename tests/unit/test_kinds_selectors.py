"""Label selectors, as policies and workloads write them."""

import pytest

from netsim.ir.labels import EVERYTHING, Operator, Requirement
from tests.unit.ingested import policy, policy_text, refused


def _requirements(selector: str) -> tuple[Requirement, ...]:
    return policy(f"{{podSelector: {selector}}}").subject.pods.requirements


@pytest.mark.parametrize("selector", ["{}", "null", "{matchLabels: {}}", "{matchLabels: null, matchExpressions: []}"])
def test_an_empty_selector_selects_everything(selector: str) -> None:
    assert policy(f"{{podSelector: {selector}}}").subject.pods == EVERYTHING


@pytest.mark.parametrize(
    ("selector", "requirement"),
    [
        ("{matchLabels: {a: x}}", Requirement("a", Operator.IN, ("x",))),
        ('{matchLabels: {a: ""}}', Requirement("a", Operator.IN, ("",))),
        ("{matchLabels: {a: null}}", Requirement("a", Operator.IN, ("",))),
        ("{matchExpressions: [{key: a, operator: In, values: [z, x, z]}]}", Requirement("a", Operator.IN, ("x", "z"))),
        ("{matchExpressions: [{key: a, operator: NotIn, values: [x]}]}", Requirement("a", Operator.NOT_IN, ("x",))),
        ("{matchExpressions: [{key: a, operator: Exists}]}", Requirement("a", Operator.EXISTS)),
        ("{matchExpressions: [{key: a, operator: Exists, values: []}]}", Requirement("a", Operator.EXISTS)),
        ("{matchExpressions: [{key: a, operator: DoesNotExist}]}", Requirement("a", Operator.DOES_NOT_EXIST)),
    ],
)
def test_a_selector_is_a_requirement(selector: str, requirement: Requirement) -> None:
    assert _requirements(selector) == (requirement,)


def test_labels_and_expressions_are_one_conjunction() -> None:
    both = "{matchLabels: {b: z}, matchExpressions: [{key: a, operator: Exists}, {key: b, operator: In, values: [z]}]}"
    assert _requirements(both) == (Requirement("a", Operator.EXISTS), Requirement("b", Operator.IN, ("z",)))


def test_requirements_that_contradict_each_other_are_fine() -> None:
    selector = "{matchLabels: {a: x}, matchExpressions: [{key: a, operator: DoesNotExist}]}"
    assert len(_requirements(selector)) == 2


@pytest.mark.parametrize(
    ("selector", "refusal"),
    [
        ('{matchLabels: {"a b": x}}', ("NS110", "matchLabels")),
        ('{matchLabels: {a: "b c"}}', ("NS111", "matchLabels")),
        ("{matchExpressions: [{key: a, operator: Gt, values: [x]}]}", ("NS112", "matchExpressions[0].operator")),
        ("{matchExpressions: [{key: a, operator: in, values: [x]}]}", ("NS112", "matchExpressions[0].operator")),
        ("{matchExpressions: [{key: a, operator: In}]}", ("NS112", "matchExpressions[0].values")),
        ("{matchExpressions: [{key: a, operator: NotIn, values: []}]}", ("NS112", "matchExpressions[0].values")),
        ("{matchExpressions: [{key: a, operator: Exists, values: [x]}]}", ("NS112", "matchExpressions[0].values")),
        ("{matchExpressions: [{key: a b, operator: Exists}]}", ("NS110", "matchExpressions[0].key")),
        ("{matchExpressions: [{key: a, operator: In, values: [x, b c]}]}", ("NS111", "matchExpressions[0].values[1]")),
        ("{matchExpressions: [{key: a, operator: In, values: [1]}]}", ("NS107", "matchExpressions[0].values[0]")),
        ("{matchLabel: {a: x}}", ("NS106", "matchLabel")),
    ],
)
def test_a_selector_is_refused_for(selector: str, refusal: tuple[str, str]) -> None:
    code, field = refusal
    for direction, side in (("ingress", "from"), ("egress", "to")):
        spec = f"{{{direction}: [{{{side}: [{{namespaceSelector: {selector}}}]}}]}}"
        expected = [(code, f"spec.{direction}[0].{side}[0].namespaceSelector.{field}")]
        assert refused(policy_text(spec)) == expected


def test_a_null_requirement_has_neither_key_nor_operator() -> None:
    assert refused(policy_text("{podSelector: {matchExpressions: [null]}}")) == [
        ("NS110", "spec.podSelector.matchExpressions[0].key"),
        ("NS112", "spec.podSelector.matchExpressions[0].operator"),
    ]
