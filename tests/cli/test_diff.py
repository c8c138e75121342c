"""The two sides of a diff, and when it fails a build."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Netsim

SHOP, NEXT = "fixtures/online-shop", "fixtures/online-shop-next"
PODS = """apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: web}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db, image: db}]}
"""
POLICY = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [PORTS]
"""
NARROW, WIDE, MOVED = (POLICY.replace("PORTS", p) for p in ("{port: 80}", "{port: 80}, {port: 443}", "{port: 443}"))


@pytest.fixture
def sides(tmp_path: Path) -> dict[str, str]:
    texts = {"pods": PODS, "narrow": NARROW, "wide": WIDE, "moved": MOVED}
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return {name: str(tmp_path / f"{name}.yaml") for name in texts}


@pytest.mark.parametrize(
    ("old", "new", "failing"),
    [
        ("narrow", "wide", {"added", "any"}),
        ("wide", "narrow", {"removed", "any"}),
        ("narrow", "moved", {"added", "removed", "any"}),
        ("narrow", "narrow", set()),
    ],
)
def test_a_connection_that_changes_fails_for_what_it_opens_and_for_what_it_closes(
    netsim: Netsim, sides: dict[str, str], old: str, new: str, failing: set[str]
) -> None:
    for fail_on in ("added", "removed", "any", "none"):
        ran = netsim("diff", sides[old], sides[new], "--with", sides["pods"], "--fail-on", fail_on)
        assert ran.status == int(fail_on in failing), fail_on


OPEN = """---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: open, namespace: shop}
spec: {podSelector: {}, ingress: [{}]}
"""


@pytest.mark.parametrize(
    ("old", "new", "failing"),
    [
        # NS168 is medium, and what was found of a namespace without policies, which is found no longer, is high.
        ("pods", "open", {"removed", "any", "medium"}),
        ("open", "pods", {"added", "any", "medium", "high"}),
    ],
)
def test_lesser_findings_are_no_gate_of_what_opens_or_closes(
    netsim: Netsim, sides: dict[str, str], old: str, new: str, failing: set[str]
) -> None:
    Path(sides["pods"]).with_name("open.yaml").write_text(PODS + OPEN)
    sides["open"] = str(Path(sides["pods"]).with_name("open.yaml"))
    for fail_on in ("added", "removed", "any", "none", "medium", "high"):
        ran = netsim("diff", sides[old], sides[new], "--fail-on", fail_on)
        assert ran.status == int(fail_on in failing), fail_on


def test_what_both_sides_share_is_read_once_from_standard_input(netsim: Netsim, sides: dict[str, str]) -> None:
    ran = netsim("diff", sides["narrow"], sides["wide"], "--with", "-", stdin=PODS)
    assert ran.status == 1
    assert "~ shop/web[Pod]  shop/db[Pod]  TCP 80 => TCP 80,443" in ran.out


def test_one_side_may_come_from_standard_input(netsim: Netsim, sides: dict[str, str]) -> None:
    assert netsim("diff", sides["wide"], "-", "--with", sides["pods"], stdin=WIDE).status == 0


def test_each_change_names_the_rule_that_did_it(netsim: Netsim) -> None:
    ran = netsim("diff", SHOP, NEXT)
    row = "+ monitoring/grafana[Deployment]        data/postgres[StatefulSet]       TCP 5432\n"
    cause = "    NetworkPolicy data/postgres ingress[0] allows it now"
    assert f"{row}{cause} (fixtures/online-shop-next/manifests/policies-data.yaml:" in ran.out


def test_a_rule_that_opens_one_port_and_closes_another_is_named_for_both(netsim: Netsim, sides: dict[str, str]) -> None:
    ran = netsim("diff", sides["narrow"], sides["moved"], "--with", sides["pods"])
    assert "ingress[0] allows some of it now" in ran.out
    assert "ingress[0] no longer allows some of it" in ran.out


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with three states: main is narrow, a branch is wide, and main goes on to another file."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    folder = tmp_path / "repository"
    (folder / "k8s").mkdir(parents=True)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=netsim", "-c", "user.email=netsim@example.invalid")
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    def commit(name: str, text: str) -> None:
        (folder / "k8s" / name).write_text(text)
        git("add", "--all")
        git("commit", "--message", name)

    git("init", "--initial-branch", "main")
    commit("pods.yaml", PODS)
    commit("policy.yaml", NARROW)
    git("switch", "--create", "branch")
    commit("policy.yaml", WIDE)
    git("switch", "main")
    commit("pod.yaml", PODS.replace("name: web,", "name: other,").partition("---")[0])
    git("switch", "branch")
    return folder


def test_two_revisions_are_compared(netsim: Netsim, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    ran = netsim("diff", "--git", "main..branch", "k8s")
    assert ran.status == 1
    assert "~ shop/web[Pod]" in ran.out
    assert "shop/other[Pod]" in ran.out
    assert "git:branch:k8s/policy.yaml:" in ran.out


def test_three_dots_compare_with_where_the_two_parted(
    netsim: Netsim, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    ran = netsim("diff", "--git", "main...", "k8s")
    assert ran.status == 1
    assert "~ shop/web[Pod]" in ran.out
    assert "shop/other[Pod]" not in ran.out


def test_one_revision_is_compared_with_the_files_as_they_are(
    netsim: Netsim, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    assert netsim("diff", "--git", "HEAD", "k8s").status == 0
    (repository / "k8s" / "policy.yaml").write_text(NARROW)
    ran = netsim("diff", "--git", "HEAD", "k8s")
    assert ran.status == 1
    assert "~ shop/web[Pod]  shop/db[Pod]  TCP 80,443 => TCP 80" in ran.out
