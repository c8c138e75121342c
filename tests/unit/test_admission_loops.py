"""Kyverno's loops, contexts and JMESPath: policies of ours, each with a pod that passes and one that does not."""

from typing import Any

import pytest
import yaml

from netsim.ir.admission import NotEvaluatedError, Outcome
from netsim.posture.jmespath import Known, search
from tests.unit.test_admission import BAD, GOOD, _kyverno, _says

EVERY = "request.object.spec.[ephemeralContainers, initContainers, containers][]"


def loop(body: dict[str, Any], list_: str = EVERY, **more: Any) -> str:
    """Return a policy that loops over containers."""
    return _policy({"foreach": [{"list": list_, **body}]}, **more)


def _policy(validate: dict[str, Any], **more: Any) -> str:
    rule = yaml.safe_load(_kyverno("pattern: {}"))
    own = rule["spec"]["rules"][0]
    own["validate"] = {"failureAction": "Enforce", "message": "no", **validate}
    own |= more
    return yaml.safe_dump(rule)


def deny(key: str, operator: str, value: Any) -> dict[str, Any]:
    """Return a denial."""
    return {"deny": {"conditions": {"any": [{"key": key, "operator": operator, "value": value}]}}}


def variable(name: str, **body: Any) -> list[dict[str, Any]]:
    """Return a context of one variable."""
    return [{"name": name, "variable": body}]


#: Policies that admit GOOD and refuse BAD, each in its own way.
POLICIES: dict[str, str] = {
    "a pattern of each": loop({"pattern": {"image": "good.io/*"}}),
    "some pattern of each": loop({"anyPattern": [{"image": "better.io/*"}, {"image": "good.io/*"}]}),
    "a denial of each": loop(deny("{{ element.image }}", "Equals", "*:latest")),
    "a denial by a function": loop(deny("{{ ends_with(element.image, ':latest') }}", "Equals", value=True)),
    "a denial by a tag": loop(deny("{{ split(element.image, ':')[1] }}", "In", ["latest", "dev"])),
    "the whole object": loop({"elementScope": False, "pattern": {"spec": {"hostNetwork": False}}}),
    "a precondition of each": loop(
        {
            "preconditions": {"all": [{"key": "{{ element.name }}", "operator": "Equals", "value": "web"}]},
            "pattern": {"image": "good.io/*"},
        }
    ),
    "a context of each": loop(
        {
            "context": variable("registry", jmesPath="split(element.image, '/')[0]"),
            **deny("{{ registry }}", "NotEquals", "good.io"),
        }
    ),
    "a loop in a loop": loop({"foreach": [{"list": "[element.image]", **deny("{{ element }}", "Equals", "bad.io/*")}]}),
    "a list of texts": loop(deny("{{ element }}", "Equals", "bad.io/*"), "request.object.spec.containers[].image"),
    "a context": _policy(
        deny("{{ host }}", "Equals", value=True), context=variable("host", jmesPath="request.object.spec.hostNetwork")
    ),
    "a context by a value": _policy(
        deny("{{ request.object.spec.containers[0].image }}", "NotIn", "{{ allowed }}"),
        context=variable("allowed", value=["good.io/*"]),
    ),
    "a context by default": _policy(
        deny("{{ request.object.spec.hostNetwork }}", "NotEquals", "{{ wanted }}"),
        context=variable("wanted", jmesPath="request.object.spec.nothing", default=False),
    ),
    "a context by another": _policy(
        deny("{{ count }}", "GreaterThan", 0),
        context=[
            *variable("bad", jmesPath="request.object.spec.containers[?starts_with(image, 'bad')]"),
            *variable("count", jmesPath="length(bad)"),
        ],
    ),
    "a projection": _policy(deny("{{ request.object.spec.containers[].image }}", "AnyIn", ["bad.io/*"])),
    "a filter": _policy(
        deny("{{ length(request.object.spec.containers[?image == 'bad.io/web:latest']) }}", "Equals", 1)
    ),
    "a default": _policy(deny("{{ request.object.spec.hostNetwork || `false` }}", "Equals", value=True)),
    "an expression": _policy(
        deny("{{ regex_match('^bad', request.object.spec.containers[0].image) }}", "Equals", value=True)
    ),
    "a text around it": _policy(
        {"pattern": {"spec": {"containers": [{"image": "good.io/{{ request.object.metadata.name }}:*"}]}}}
    ),
    "a kind": _policy(
        {"pattern": {"spec": {"hostNetwork": False}}},
        preconditions={"all": [{"key": "{{ request.kind.kind }}", "operator": "Equals", "value": "Pod"}]},
    ),
    "cel variables": _policy(
        {
            "cel": {
                "variables": [{"name": "h", "expression": "object.spec.hostNetwork"}],
                "expressions": [{"expression": "!variables.h"}],
            }
        }
    ),
}
UNKNOWN: dict[str, str] = {
    "a ConfigMap": _policy({"pattern": {}}, context=[{"name": "x", "configMap": {"name": "y"}}]),
    "a call": _policy({"pattern": {}}, context=[{"name": "x", "apiCall": {"urlPath": "/api"}}]),
    "who asks": _policy(deny("{{ request.userInfo.username }}", "Equals", "bob")),
    "an account": loop(deny("{{ serviceAccountName }}", "Equals", "bob")),
    "images": loop(deny("{{ element.name }}", "Equals", "x"), "images.containers"),
    "a function": loop(deny("{{ x509_decode(element.image) }}", "Equals", "x")),
    "no expression": loop(deny("{{ element..image }}", "Equals", "x")),
    "a loop without an end": loop({"manifests": {}}),
}


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_refuses_the_bad_pod_and_admits_the_good_one(name: str) -> None:
    assert (_says(POLICIES[name], GOOD), _says(POLICIES[name], BAD)) == (Outcome.PASS, Outcome.FAIL)


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_evaluated_is_no_pass_and_no_fail(name: str) -> None:
    assert (_says(UNKNOWN[name], GOOD), _says(UNKNOWN[name], BAD)) == (Outcome.UNKNOWN, Outcome.UNKNOWN)


def test_a_loop_over_nothing_asks_nothing() -> None:
    assert _says(loop({"pattern": {"image": "x"}}, "request.object.spec.initContainers"), GOOD) is Outcome.SKIP


#: What JMESPath says of DATA, by the examples of its specification, in our own words.
DATA = {
    "a": [{"b": [1, 2], "n": "x", "t": True}, {"b": [3], "n": "y"}, {"n": "z"}],
    "c": {"d": {"e": 1}, "f": {"e": 2}},
    "k.l": 0,
}
SAID: dict[str, Any] = {
    "a[0].n": "x",
    "a[-1].n": "z",
    "a[9].n": None,
    "a[].n": ["x", "y", "z"],
    "a[*].b": [[1, 2], [3]],
    "a[].b[]": [1, 2, 3],
    "a[*].b[0]": [1, 3],
    "a[].n | [0]": "x",
    "a[?t].n": ["x"],
    "a[?n == 'y'].b[]": [3],
    "a[?n != 'y' && t].n": ["x"],
    "a[?contains(['x', 'z'], n)].n": ["x", "z"],
    "c.*.e": [1, 2],
    "c.[d, f][].e": [1, 2],
    "c.{one: d.e, two: f.e}": {"one": 1, "two": 2},
    '"k.l"': 0,
    '"k.l" == `0`': True,
    "`0` == `false`": False,
    "nothing || 'other'": "other",
    "!nothing": True,
    "nothing.more[].x": None,
    "length(a) >= `3`": True,
    "length(a) > 'x'": None,
    "keys(c)": ["d", "f"],
    "join('-', a[].n)": "x-y-z",
    "sort(a[].n) | reverse(@) | [0]": "z",
    "max(a[].b[])": 3,
    "to_number('5')": 5,
    "to_string(c.d)": '{"e":1}',
    "not_null(nothing, c.d.e)": 1,
    "type(a)": "array",
    "(a[0] || c).n": "x",
}


@pytest.mark.parametrize("expression", SAID)
def test_an_expression_says_what_the_specification_says(expression: str) -> None:
    assert search(expression, DATA) == SAID[expression]


@pytest.mark.parametrize("expression", ["", "a[", "a[]]", "a b", "nosuch(a)", "length(`1`)", "'x", "{a}", "a.", "#"])
def test_what_cannot_be_read_is_not_taken_for_null(expression: str) -> None:
    with pytest.raises(NotEvaluatedError):
        search(expression, DATA)


def test_a_name_that_is_not_known_is_not_null() -> None:
    with pytest.raises(NotEvaluatedError, match="userInfo"):
        search("request.userInfo || 'x'", Known(request=Known(object={})))
    assert search("request.object.x || 'x'", Known(request=Known(object={}))) == "x"
