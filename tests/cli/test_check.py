"""``netsim check``, ``netsim intents infer`` and ``netsim schema`` as a user meets them."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from junitparser import Error, Failure, JUnitXml

from tests.cli.conftest import Netsim

SHOP, NEXT = "fixtures/online-shop", "fixtures/online-shop-next"
INTENTS = """
intents:
- name: only its clients reach postgres
  to: {namespace: data, pods: app=postgres}
  port: 5432
  only-from: [shop/catalog, payments/ledger, data/backup]
- name: cart reaches redis
  allow: {from: shop/cart, to: data/redis, port: redis}
"""


@pytest.fixture
def intents(tmp_path: Path) -> str:
    file = tmp_path / "intents.yaml"
    file.write_text(INTENTS, encoding="utf-8")
    return str(file)


def test_intents_that_hold_exit_0(netsim: Netsim, intents: str) -> None:
    ran = netsim("check", SHOP, "--intent", intents)
    assert ran.status == 0
    assert ran.out.splitlines()[-1] == "2 intents: 2 hold"


def test_an_intent_that_fails_exits_1_with_what_breaks_it(netsim: Netsim, intents: str) -> None:
    ran = netsim("check", NEXT, "--intent", intents)
    assert ran.status == 1
    assert f"fails    only its clients reach postgres ({intents}:3)" in ran.out
    assert "allowed: ingress-nginx/controller -> data/postgres TCP 5432" in ran.out
    assert "ingress: NetworkPolicy data/postgres ingress[0] (" in ran.out


def test_explain_shows_the_near_misses_of_a_denial(netsim: Netsim, tmp_path: Path) -> None:
    file = tmp_path / "i.yaml"
    file.write_text("intents: [{name: a, allow: {from: shop/email, to: data/redis, port: 6379}}]", encoding="utf-8")
    short, long = (netsim("check", SHOP, "--intent", str(file), *more).out for more in ((), ("--explain",)))
    assert "from[0] wants pods app=cart" in long
    assert "from[0] wants pods app=cart" not in short


def test_an_intent_about_nothing_exits_1(netsim: Netsim, tmp_path: Path) -> None:
    file = tmp_path / "i.yaml"
    file.write_text("intents: [{name: a, deny: {from: shop/crat, to: data/redis}}]", encoding="utf-8")
    ran = netsim("check", SHOP, "--intent", str(file))
    assert ran.status == 1
    assert "vacuous  a" in ran.out
    assert "did you mean shop/cart" in ran.out


def test_the_json_holds_everything(netsim: Netsim, intents: str) -> None:
    ran = netsim("check", NEXT, "--intent", intents, "-o", "json")
    answer = json.loads(ran.out)
    assert (answer["schema"], answer["kind"]) == ("netsim/v1", "Check")
    assert answer["summary"] == {"intents": 2, "holds": 1, "fails": 1, "unknown": 0, "vacuous": 0}
    first, second = answer["intents"]
    assert (first["name"], first["claim"], first["result"]) == ("only its clients reach postgres", "only-from", "fails")
    assert first["counterexample"]["flow"]["from"] == "ingress-nginx/controller"
    assert first["counterexample"]["ingress"]["reasons"][0]["policy"] == "data/postgres"
    assert [flow["from"] for flow in first["others"]][:2] == ["kube-system/coredns", "monitoring/grafana"]
    assert (second["result"], second["counterexample"]) == ("holds", None)


def test_the_junit_is_read_by_others(netsim: Netsim, intents: str, tmp_path: Path) -> None:
    more = tmp_path / "more.yaml"
    more.write_text("intents: [{name: nobody, deny: {from: shop/crat, to: data/redis}}]", encoding="utf-8")
    ran = netsim("check", NEXT, "--intent", intents, "--intent", str(more), "-o", "junit")
    report = JUnitXml.fromstring(ran.out.encode())
    assert (report.tests, report.failures, report.errors) == (3, 1, 1)
    results = {case.name: [type(r) for r in case.result] for suite in report for case in suite}
    assert results == {"only its clients reach postgres": [Failure], "cart reaches redis": [], "nobody": [Error]}


def test_the_suffix_of_the_file_chooses_the_form(netsim: Netsim, intents: str, tmp_path: Path) -> None:
    assert netsim("check", SHOP, "--intent", intents, "-f", str(tmp_path / "r.junit")).status == 0
    assert (tmp_path / "r.junit").read_text().startswith("<?xml")


def test_markdown_lists_what_does_not_hold(netsim: Netsim, intents: str) -> None:
    ran = netsim("check", NEXT, "--intent", intents, "-o", "md")
    assert ran.out.startswith("**2 intents: 1 holds, 1 fails**")
    assert "| fails | `only its clients reach postgres` |" in ran.out


@pytest.mark.parametrize("form", ["sarif", "github", "gitlab"])
def test_findings_point_to_the_rule_that_breaks_the_intent(netsim: Netsim, intents: str, form: str) -> None:
    ran = netsim("check", NEXT, "--intent", intents, "-o", form)
    assert ran.status == 1
    file = f"{NEXT}/manifests/policies-data.yaml"
    if form == "github":
        assert ran.out.startswith(f"::error file={file},line=39,title=NS911 An intent fails::intent")
        return
    answer = json.loads(ran.out)
    if form == "gitlab":
        assert [(each["check_name"], each["location"]["path"]) for each in answer] == [("NS911", file)]
        return
    (result,) = answer["runs"][0]["results"]
    location = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], location["artifactLocation"]["uri"], location["region"]["startLine"]) == (
        "NS911",
        file,
        39,
    )


def test_a_finding_about_nothing_points_to_the_intent(netsim: Netsim, tmp_path: Path) -> None:
    file = tmp_path / "i.yaml"
    file.write_text("intents: [{name: a, deny: {from: shop/crat, to: data/redis}}]", encoding="utf-8")
    (issue,) = json.loads(netsim("check", SHOP, "--intent", str(file), "-o", "gitlab").out)
    assert issue["check_name"] == "NS913"
    assert issue["location"]["lines"]["begin"] == 1


def test_policies_are_read_as_what_must_be(netsim: Netsim) -> None:
    policies = f"{SHOP}/manifests/policies-payments.yaml"
    assert netsim("check", SHOP, "--must-allow", policies).status == 0
    ran = netsim("check", SHOP, "--must-deny", policies)
    assert ran.status == 1
    assert f"fails    NetworkPolicy payments/ledger ingress[0] ({policies}:" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", SHOP), "what is to be checked?"),
        (("check", SHOP, "--intent", "no-such-file.yaml"), "NS101"),
        (("check", SHOP, "--intent", SHOP), "NS106"),
        (("check", "-", "--intent", "-"), "standard input can be read once only"),
        (("check", SHOP, "--must-deny", f"{SHOP}/manifests/namespaces.yaml"), "nothing to check"),
    ],
)
def test_trouble_exits_2(netsim: Netsim, arguments: tuple[str, ...], said: str) -> None:
    ran = netsim(*arguments)
    assert ran.status == 2
    assert said in ran.err
    assert not ran.out


def test_a_broken_input_exits_2_and_keep_going_checks_the_rest(netsim: Netsim, intents: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: A_b}\n", encoding="utf-8")
    assert netsim("check", SHOP, str(bad), "--intent", intents).status == 2
    ran = netsim("check", SHOP, str(bad), "--intent", intents, "--keep-going")
    assert ran.status == 2
    assert "2 intents: 2 hold" in ran.out


def test_what_is_inferred_holds_and_fails_after_the_change(netsim: Netsim, tmp_path: Path) -> None:
    file = str(tmp_path / "intents.yaml")
    assert netsim("intents", "infer", SHOP, "-f", file).status == 0
    assert netsim("check", SHOP, "--intent", file).status == 0
    assert netsim("check", NEXT, "--intent", file).status == 1


def test_the_schema_is_printed(netsim: Netsim) -> None:
    ran = netsim("schema", "intents")
    assert ran.status == 0
    Draft202012Validator.check_schema(json.loads(ran.out))
    assert netsim("schema", "policies").status == 2
