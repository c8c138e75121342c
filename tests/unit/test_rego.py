"""Rego by regopy: idioms of enumeration, with the answers that OPA 1.20 gives; what kills regopy kills no more."""

from typing import Any

import pytest

from netsim.ir.admission import NotEvaluatedError
from netsim.posture.rego import violations
from netsim.posture.regorefs import Alone
from netsim.posture.regoworker import asked

INPUT: dict[str, Any] = {
    "containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "x:1"}],
    "one": {"a": 1, "b": 1},
    "two": {"a": 1, "c": 2},
    "list": [1, 2],
    "keys": ["a", "b"],
    "deep": {"p": {"q": 1}},
}
FUNCTIONS = """\
is_x(x) { x == "x:1" }
same(x, y) { x == y }
first(x, y) = z { z := x }
images[name] = image { c := input.containers[_]; name := c.name; image := c.image }
"""
HOLDS = [
    "images[n] == images[m]; n != m",
    "input.one[n] == input.one[m]; n != m",
    "input.one[n] == input.two[n]",
    "same(input.one[n], input.two[n])",
    "input.deep[i][j] == 1",
    "input.one[input.keys[i]] == 1",
    "key := input.keys[_]; value := input.one[key]; value == 1",
    "key := input.keys[_]; input.one[key]",
    "x := [input.list[i], input.list[j]]; x[0] > x[1]",
    "count({x | x := input.list[i] + input.list[j]}) == 3",
    "count([x | x := input.list[_]; x > 1]) == 1",
    "first(input.list[i], 1) == 2",
    "is_x(input.containers[_].image)",
    "is_x(input.containers[i].image); i == 1",
    'input.keys[i] in {"b"}',
    "some x in input.list; x > 1",
    "every x in input.list { first(x, 1) > 0 }",
    'split(input.containers[_].image, ":")[_] == "1"',
    'trim_prefix(input.containers[_].image, "x:") == "1"  # a "comment" { with [signs',
    're_match("^x", input.containers[_].image)',
    "c := input.containers[_]; not is_x(c.name)",
    "c := input.containers[_]; r := [good | k = input.keys[_]; good = startswith(c.name, k)]; any(r)",
    'r := [good | k = input.keys[_]; good = startswith(k, "z")]; not any(r)',
    "all([x | x := [true, true][_]])",
]
FAILS = [
    "input.one[n] == input.list[m]; n == m",
    "is_x(input.containers[_].name)",
    "key := input.keys[_]; input.two[key] == 2",
    "every x in input.list { x > 1 }",
    "startswith(input.containers[_].image, input.keys[_])",
    "any([x | x := input.list[_]; x > 2])",
]


def _violations(body: str) -> list[Any]:
    return [*violations([f'package k\n{FUNCTIONS}violation[{{"msg": "v"}}] {{\n  {body}\n}}\n'], INPUT)]


@pytest.mark.parametrize("body", HOLDS)
def test_a_body_that_holds_for_some_values_is_a_violation(body: str) -> None:
    assert _violations(body) == [{"msg": "v"}]


@pytest.mark.parametrize("body", FAILS)
def test_a_body_that_holds_for_no_values_is_none(body: str) -> None:
    assert _violations(body) == []


def test_a_module_of_version_1_without_braces_is_read_as_well() -> None:
    module = 'package k\nimport rego.v1\nviolation contains {"msg": "v"} if endswith(input.containers[i].image, ":1")\n'
    assert violations([module], INPUT) == [{"msg": "v"}]


@pytest.mark.parametrize(
    ("body", "made"),
    [
        ("f(a[i])", "some netsim_1; netsim_1 = a[i]; f(netsim_1)"),
        ("x := a[i]", "some x; x = a[i]"),
        ("a[i].b", "a[i].b"),
        ("a[0] == b.c", "a[0] == b.c"),
        ("not f(a[i])", "not f(a[i])"),
        ('f("a[i]")', 'f("a[i]")'),
        ("x := {y | f(a[y])}", "x := {y | some netsim_1; netsim_1 = a[y]; f(netsim_1)}"),
    ],
)
def test_a_reference_that_enumerates_stands_alone(body: str, made: str) -> None:
    assert Alone().body(body) == made


def test_what_kills_the_engine_is_not_evaluated_and_what_comes_after_is() -> None:
    deadly = "package k\nimport rego.v1\nv contains 1 if { a := input.keys[_]; input.one[a] }"
    with pytest.raises(NotEvaluatedError, match="died"):
        asked([deadly], INPUT, "data.k.v")
    assert asked(["package k\nimport rego.v1\nv contains 1 if input.one.a"], INPUT, "data.k.v") == [1]
