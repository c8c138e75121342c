"""``netsim prove`` and ``gaps`` as users type them: answers, exit codes, mistakes."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Netsim

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: NAME, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: APP}}}], ports: [{port: 5432}]}]
"""
PODS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "pods.yaml").write_text(PODS)
    for name, app in (("web", "web"), ("api", "api")):
        (tmp_path / f"{name}.yaml").write_text(POLICY.replace("NAME", name).replace("APP", app))
    return tmp_path


def _run(netsim: Netsim, *words: object) -> tuple[int, str]:
    ran = netsim(*(str(word) for word in words))
    return ran.status, ran.out + ran.err


def test_a_claim_is_proved_or_refuted_by_pods_that_can_be_applied(shop: Path, netsim: Netsim) -> None:
    inputs = (shop / "pods.yaml", shop / "web.yaml")
    ends = ("--to", "shop/db", "--port", "5432")
    assert _run(netsim, "prove", "only-from", *inputs, *ends, "--from", "shop/web")[0] == 0
    assert _run(netsim, "prove", "isolated", *inputs, "--from", "ns:a=b", *ends)[0] == 0
    status, text = _run(netsim, "prove", "isolated", *inputs, "--from", "shop/*", *ends)
    assert status == 1
    shown = text.partition("witness")[2].partition("\nallowed:")[0]
    (pod,) = [each for each in yaml.safe_load_all(shown.partition("---")[2]) if each]
    assert pod["metadata"]["labels"] == {"app": "web"}


def test_over_the_pods_that_exist_a_missing_client_is_no_client(shop: Path, netsim: Netsim) -> None:
    inputs = (shop / "pods.yaml", shop / "api.yaml")
    claim = ("prove", "isolated", *inputs, "--to", "shop/db")
    assert _run(netsim, *claim, "--over", "pods")[0] == 0
    assert _run(netsim, *claim)[0] == 1


def test_one_policy_of_an_input_is_an_operand(shop: Path, netsim: Netsim) -> None:
    status, text = _run(netsim, "prove", "relate", f"{shop}#shop/web", f"{shop}#shop/api", "-o", "json")
    assert status == 0
    assert json.loads(text)["relation"] == "incomparable"
    assert _run(netsim, "prove", "contains", f"{shop}#shop/web", f"{shop}#shop/web")[0] == 0
    assert _run(netsim, "prove", "contains", f"{shop}#shop/none", shop)[0] == 2


def test_what_takes_too_long_is_unknown(shop: Path, netsim: Netsim) -> None:
    from netsim.smt.solve import Found, Satisfiable, Solver

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Solver, "ask", lambda *_: Found(Satisfiable.UNKNOWN, reason="timeout"))
        status, text = _run(netsim, "prove", "isolated", shop, "--to", "shop/db")
        assert status == 3
        assert "timeout" in text
        assert _run(netsim, "prove", "redundant", shop)[0] == 3


@pytest.mark.parametrize(
    "words",
    [
        ("isolated", "--from", "node:n"),
        ("equivalent",),
        ("equivalent", "--from", "shop/web"),
        ("redundant", "--per-policy"),
        ("vacuous", "--alone"),
        ("only-from", "--from", "shop/web"),
        ("isolated", "--port", "http"),
        ("isolated", "--pod-cidr", "10.0.0"),
    ],
)
def test_a_mistake_is_trouble_with_a_way_out(words: tuple[str, ...], shop: Path, netsim: Netsim) -> None:
    claim, *more = words
    status, text = _run(netsim, "prove", claim, shop, *more)
    assert status == 2
    assert "hint:" in text


def test_gaps_fail_on_a_severity_and_not_on_what_is_accepted(shop: Path, netsim: Netsim) -> None:
    assert _run(netsim, "gaps", shop)[0] == 1
    assert _run(netsim, "gaps", shop, "--fail-on", "critical")[0] == 0
    baseline = shop.parent / "accepted.yaml"
    assert _run(netsim, "gaps", shop, "--write-baseline", baseline)[0] == 0
    status, text = _run(netsim, "gaps", shop, "--baseline", baseline)
    assert status == 0
    assert "nothing found" in text


@pytest.mark.parametrize("form", ["text", "json", "md", "sarif", "junit", "github", "gitlab"])
def test_gaps_are_written_in_every_format(form: str, shop: Path, netsim: Netsim) -> None:
    status, text = _run(netsim, "gaps", shop, "-o", form, "-q")
    assert status == 1
    assert "NS151" in text


def test_a_proof_names_the_policies_that_it_rests_on(shop: Path, netsim: Netsim) -> None:
    asked = ("prove", "isolated", shop, "--from", "ns:a=b", "--to", "shop/db")
    status, text = _run(netsim, *asked, "--explain")
    assert status == 0
    assert "rests on 1 policy" in text
    assert "could be deleted: they hold the same" in text  # web closes what api closes
    core = json.loads(netsim(*map(str, asked), "--explain", "-o", "json").out)["core"]
    assert [(each["kind"], each["alone"], each["without"]["to"]) for each in core] == [
        ("NetworkPolicy", "proved", "shop/db")
    ]
    status, text = _run(netsim, "prove", "shadowed", shop, "--explain")
    assert status == 2
    assert "it is for isolated and only-from" in text


def test_who_could_connect_is_asked_without_a_source(shop: Path, netsim: Netsim) -> None:
    asked = ("query", shop, "--to", "shop/db", "--port", "5432")
    status, text = _run(netsim, *asked, "--who-could")
    assert status == 0
    assert "any pod labelled app=" in text
    answer = json.loads(netsim(*map(str, asked), "--who-could", "-o", "json").out)
    assert answer["kind"] == "WhoCould"
    assert {way["by"] for way in answer["ways"]} >= {"pod", "policy-edit"}
    for wrong, said in (((), "from whom?"), (("--who-could", "--from", "shop/web"), "leave one of them out")):
        status, text = _run(netsim, *asked, *wrong)
        assert status == 2
        assert said in text


def test_a_fix_is_written_as_manifests_and_makes_the_intents_hold(shop: Path, netsim: Netsim) -> None:
    intents = shop.parent / "intents.txt"
    intents.write_text("intents: [{name: api alone, to: shop/db, only-from: 'pod:app=api'}]")
    status, text = _run(netsim, "fix", shop, "--intent", intents)
    assert status == 0, text
    assert "fixed by a change of 1 policy" in text
    fix = shop.parent / "fix.yaml"
    assert _run(netsim, "fix", shop, "--intent", intents, "-f", fix)[0] == 0
    assert _run(netsim, "check", shop, "--intent", intents)[0] == 1
    assert _run(netsim, "check", shop, fix, "--intent", intents)[0] == 0
    assert json.loads(netsim("fix", str(shop), "--intent", str(intents), "-o", "json").out)["outcome"] == "fixed"
    status, text = _run(netsim, "fix", shop)
    assert status == 2
    assert "what is to hold?" in text
