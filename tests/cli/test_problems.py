"""What is wrong with the inputs: all of it at once, each with its place and its way out."""

from pathlib import Path

import pytest

from tests.cli.conftest import Netsim

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: web, image: web}]}\n"
)
POLICY = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelectors: {}
  policyTypes: [ingress]
"""
BROKEN = "kind: [\n"


@pytest.fixture
def bad(tmp_path: Path) -> str:
    (tmp_path / "a.yaml").write_text(f"{NAMESPACE}---\n{POD}---\n{POLICY}")
    (tmp_path / "b.yaml").write_text(BROKEN)
    return str(tmp_path)


def test_every_problem_is_told_with_its_place_then_their_count(netsim: Netsim, bad: str) -> None:
    ran = netsim("reach", bad)
    assert (ran.status, ran.out) == (2, "")
    assert f"{bad}/a.yaml:" in ran.err
    assert "podSelectors" in ran.err
    assert "policyTypes" in ran.err
    assert f"{bad}/b.yaml:" in ran.err
    assert "hint: " in ran.err
    told = ran.err.count(": NS1")
    assert ran.err.endswith(f"\n{told} problems: nothing was analysed; --keep-going analyses the rest\n")


def test_keep_going_analyses_the_rest_and_still_exits_2(netsim: Netsim, bad: str) -> None:
    ran = netsim("reach", bad, "--keep-going")
    assert ran.status == 2
    assert "shop/web[Pod]" in ran.out
    assert "problems: the rest was analysed" in ran.err


def test_keep_going_exits_2_whatever_the_verdict(netsim: Netsim, bad: str) -> None:
    asked = ("--from", "internet", "--to", "shop/web", "--port", "80")
    assert netsim("query", bad, *asked, "--keep-going").status == 2
    assert netsim("diff", bad, bad, "--keep-going").status == 2


def test_a_diff_tells_the_problems_of_both_sides_at_once(netsim: Netsim, tmp_path: Path) -> None:
    for side in ("old", "new"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "policy.yaml").write_text(POLICY)
    ran = netsim("diff", str(tmp_path / "old"), str(tmp_path / "new"))
    assert ran.status == 2
    assert "old/policy.yaml" in ran.err
    assert "new/policy.yaml" in ran.err


def test_a_problem_in_what_both_sides_share_is_told_once(netsim: Netsim, bad: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").unlink()
    (tmp_path / "ok").mkdir()
    good = tmp_path / "ok" / "namespace.yaml"
    good.write_text(NAMESPACE)
    ran = netsim("diff", str(good), str(good), "--with", str(tmp_path / "b.yaml"))
    assert ran.status == 2
    assert "1 problem:" in ran.err
    assert bad in ran.err


def test_control_characters_of_an_input_do_not_reach_the_terminal(netsim: Netsim, tmp_path: Path) -> None:
    file = tmp_path / "red\x1b[31m.yaml"
    file.write_text(POLICY)
    ran = netsim("reach", str(file))
    assert ran.status == 2
    assert "\x1b" not in ran.err
    assert "\\x1b[31m" in ran.err


def test_an_input_without_pods_is_worth_a_warning(netsim: Netsim) -> None:
    ran = netsim("reach", "-", stdin=NAMESPACE)
    assert (ran.status, ran.err) == (0, "warning: the input holds no pod and no workload\n")


def test_what_is_not_modelled_is_listed_under_verbose_and_never_an_error(netsim: Netsim) -> None:
    stdin = f"{POD}---\napiVersion: v1\nkind: Secret\nmetadata: {{name: key}}\n---\nreplicas: 3\n"
    quiet, verbose = netsim("reach", "-", stdin=stdin), netsim("reach", "-", "--verbose", stdin=stdin)
    assert quiet.status == verbose.status == 0
    assert "Secret" not in quiet.err
    assert "not modelled: 1 v1 Secret, first at <stdin>:6" in verbose.err
    assert "not modelled: 1 document that is no object" in verbose.err


def test_warnings_are_ten_at_most_unless_verbose_and_none_when_quiet(netsim: Netsim, tmp_path: Path) -> None:
    pods = "---\n".join(POD.replace("name: web,", f"name: web-{number},") for number in range(12))
    (tmp_path / "old.yaml").write_text(pods)
    (tmp_path / "new.yaml").write_text(pods.replace("spec: {", "spec: {nodeName: n1, "))
    inputs = ("reach", str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml"))
    usual, verbose, quiet = netsim(*inputs), netsim(*inputs, "--verbose"), netsim(*inputs, "--quiet")
    assert usual.err.count("replaces the one at") == 10
    assert usual.err.endswith("... and 2 warnings more: --verbose shows all\n")
    assert verbose.err.count("replaces the one at") == 12
    assert quiet.err == ""


def test_the_same_object_again_is_no_news(netsim: Netsim, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    assert "replaces" not in netsim("reach", str(tmp_path / "pod.yaml"), str(tmp_path)).err


def test_json_holds_its_warnings_itself(netsim: Netsim) -> None:
    ran = netsim("reach", "fixtures/online-shop", "-o", "json")
    assert "no ipBlock was taken to match them" in ran.out
    assert ran.err == ""
