"""Kustomizations and charts as inputs, rendered by real programs."""

import json
import os
import stat
import time
from pathlib import Path

import pytest

from netsim.ingest import rendered
from tests import tools
from tests.cli.conftest import Netsim
from tests.cli.repositories import NARROW, PODS, WIDE, WIDENED, Repository, new_repository

BASE = "resources: [pods.yaml, policy.yaml]\n"
OVERLAY = """namespace: prod
resources: [../../base]
"""
CHART = "apiVersion: v2\nname: chart-of-shop\nversion: 0.1.0\n"
TEMPLATE = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports:
    {{- range .Values.ports }}
    - port: {{ . }}
    {{- end }}
"""
POD_TEMPLATES = PODS.replace(", namespace: shop", "")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, netsim: Netsim) -> Repository:  # noqa: ARG001
    """A repository with a base, an overlay and a chart, in which the test stands; every program is a real one."""
    found = new_repository(tmp_path / "re po")
    files = {
        "base/kustomization.yaml": BASE,
        "base/pods.yaml": PODS,
        "base/policy.yaml": NARROW,
        "overlays/prod/kustomization.yaml": OVERLAY,
        "chart/Chart.yaml": CHART,
        "chart/values.yaml": "ports: [80]\n",
        "chart/templates/pods.yaml": POD_TEMPLATES,
        "chart/templates/policy.yaml": TEMPLATE,
        "wide.yaml": "ports: [80, 443]\n",
    }
    for name, text in files.items():
        found.write(name, text)
    found.commit("first")
    monkeypatch.chdir(found.folder)
    monkeypatch.delenv("NETSIM_KUSTOMIZE", raising=False)
    return found


@pytest.fixture
def kubectl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSIM_KUBECTL", tools.kubectl())


@pytest.fixture
def helm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSIM_HELM", tools.helm())


@pytest.mark.usefixtures("kubectl")
def test_an_overlay_is_an_input_of_every_command(folder: Repository, netsim: Netsim) -> None:
    asked = ("--from", "prod/web", "--to", "prod/db", "--port", "80")
    assert netsim("query", "kustomize:overlays/prod", *asked).status == 0
    ran = netsim("reach", "kustomize:overlays/prod", "-o", "json")
    assert ("prod/web[Pod]", "prod/db[Pod]") in {(row["from"], row["to"]) for row in json.loads(ran.out)["connections"]}
    assert folder.git("status", "--porcelain") == ""


@pytest.mark.usefixtures("kubectl")
def test_an_overlay_is_compared_at_two_revisions_with_the_base_that_each_had(
    folder: Repository, netsim: Netsim
) -> None:
    folder.commit(base__policy_yaml=WIDE)
    before = folder.state()
    ran = netsim("diff", "--git", "HEAD~1..HEAD", "kustomize:overlays/prod")
    assert ran.status == 1, ran.err
    assert WIDENED.replace("shop", "prod") in ran.out
    assert "(kustomize:git:HEAD:overlays/prod:" in ran.out
    assert folder.state() == before


@pytest.mark.usefixtures("kubectl")
def test_a_kustomization_that_does_not_build_is_trouble_in_its_own_words(folder: Repository, netsim: Netsim) -> None:
    folder.write("overlays/prod/kustomization.yaml", "resources: [absent.yaml]\n")
    ran = netsim("reach", "kustomize:overlays/prod")
    assert (ran.status, ran.out) == (2, "")
    assert "kustomize:overlays/prod: NS101 cannot be read: kubectl kustomize failed:" in ran.err
    assert "absent.yaml" in ran.err


@pytest.mark.usefixtures("kubectl")
def test_nothing_is_fetched_while_a_kustomization_is_rendered(folder: Repository, netsim: Netsim) -> None:
    folder.write("overlays/prod/kustomization.yaml", "resources: ['http://localhost:1/pods.yaml']\n")
    started = time.monotonic()
    ran = netsim("reach", "kustomize:overlays/prod")
    assert (ran.status, ran.out) == (2, "")
    assert "failed" in ran.err
    folder.write("overlays/prod/kustomization.yaml", "resources: ['https://example.invalid/org/repo//base?ref=v1']\n")
    ran = netsim("reach", "kustomize:overlays/prod")
    assert (ran.status, ran.out) == (2, "")
    assert "nothing is fetched while netsim renders" in ran.err
    assert time.monotonic() - started < 60


@pytest.mark.usefixtures("helm")
def test_a_chart_is_rendered_with_its_values_into_its_namespace(folder: Repository, netsim: Netsim) -> None:
    ran = netsim("reach", "helm:chart?namespace=shop", "--to", "shop/db", "-o", "json")
    rows = {(row["from"], row["to"]): row["traffic"] for row in json.loads(ran.out)["connections"]}
    assert rows["shop/web[Pod]", "shop/db[Pod]"] == {"TCP": "80"}
    ran = netsim("diff", "helm:chart?namespace=shop", "helm:chart?values=wide.yaml&namespace=shop&release=next")
    assert WIDENED in ran.out
    assert "(helm:chart/templates/policy.yaml:9)" in ran.out
    ran = netsim("diff", "helm:chart?namespace=shop", "helm:chart?set=ports={80,443}&namespace=shop")
    assert WIDENED in ran.out
    assert folder.git("status", "--porcelain") == ""


@pytest.mark.usefixtures("helm")
def test_without_a_namespace_a_chart_is_in_the_default_one(folder: Repository, netsim: Netsim) -> None:  # noqa: ARG001
    assert "default/web[Pod]" in netsim("reach", "helm:chart").out


@pytest.mark.usefixtures("helm")
def test_a_chart_and_its_values_are_compared_at_two_revisions(folder: Repository, netsim: Netsim) -> None:
    folder.commit(prod_yaml="ports: [80]\n")
    folder.commit(prod_yaml="ports: [80, 443]\n")
    ran = netsim("diff", "--git", "HEAD~1..HEAD", "helm:chart?namespace=shop&values=prod.yaml", "-o", "github")
    assert ran.status == 1, ran.err
    assert "::notice file=chart/templates/policy.yaml,title=NS905 New connection::" in ran.out


@pytest.mark.usefixtures("helm")
def test_a_chart_that_does_not_render_is_trouble_in_its_own_words(folder: Repository, netsim: Netsim) -> None:
    folder.write("chart/templates/policy.yaml", "{{ .Values.ports | required_ }}")
    ran = netsim("reach", "helm:chart")
    assert (ran.status, ran.out) == (2, "")
    assert "helm:chart: NS101 cannot be read: helm template failed:" in ran.err
    assert 'function "required_" not defined' in ran.err


@pytest.mark.usefixtures("helm")
def test_a_name_that_looks_like_an_option_is_no_option(folder: Repository, netsim: Netsim) -> None:
    folder.git("mv", "--", "chart", "--help")
    ran = netsim("reach", "helm:--help?release=--debug&namespace=shop")
    assert (ran.status, ran.out) == (2, "")  # a release cannot be called so
    assert netsim("reach", "helm:--help?namespace=shop").status == 0


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("helm:chart?value=wide.yaml", "`value` is no option of a chart"),
        ("helm:chart?wide.yaml", "`wide.yaml` is no option of a chart"),
        ("kustomize:base?x=y", "a kustomization takes no options"),
        ("kustomize:absent", "no folder `absent`"),
        ("kustomize:git:v9:base", "no revision `v9` in this repository"),
    ],
)
def test_what_cannot_be_rendered_says_why(folder: Repository, netsim: Netsim, source: str, said: str) -> None:  # noqa: ARG001
    ran = netsim("reach", source)
    assert (ran.status, ran.out) == (2, "")
    assert f"{source}: NS101 cannot be read: {said}" in ran.err


@pytest.mark.parametrize(
    ("source", "said", "variable"),
    [
        ("kustomize:base", "neither kustomize nor kubectl is installed", "NETSIM_KUBECTL"),
        ("helm:chart", "helm is not installed", "NETSIM_HELM"),
    ],
)
def test_a_program_that_is_not_there_is_named_with_the_way_out(
    folder: Repository,  # noqa: ARG001
    netsim: Netsim,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    said: str,
    variable: str,
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(variable, raising=False)
    ran = netsim("reach", source)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert variable in ran.err
    monkeypatch.setenv(variable, "/no/such/program")
    assert f"{variable} names `/no/such/program`, which is no program" in netsim("reach", source).err


def program(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_program_sees_no_home_no_secrets_and_no_network(
    folder: Repository,  # noqa: ARG001
    netsim: Netsim,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    told = tmp_path / "told"
    monkeypatch.setenv("NETSIM_KUSTOMIZE", program(tmp_path / "kustomize", f'env > "{told}"; cat base/*.yaml'))
    monkeypatch.setenv("A_SECRET", "1")
    netsim("reach", "kustomize:base", "--keep-going")
    found = dict(line.split("=", 1) for line in told.read_text().splitlines() if "=" in line)
    assert "A_SECRET" not in found
    assert found["HOME"] != os.environ.get("HOME")
    assert not Path(found["HOME"]).exists()
    assert found["KUBECONFIG"] == "/dev/null"
    assert found["https_proxy"] == "http://127.0.0.1:9"


def test_a_program_that_does_not_end_is_stopped_with_all_that_it_started(
    folder: Repository,  # noqa: ARG001
    netsim: Netsim,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    child = tmp_path / "child"
    monkeypatch.setattr(rendered, "MOST_SECONDS", 1)
    monkeypatch.setenv("NETSIM_KUSTOMIZE", program(tmp_path / "kustomize", f'sleep 300 & echo $! > "{child}"; wait'))
    started = time.monotonic()
    ran = netsim("reach", "kustomize:base")
    assert (ran.status, ran.out) == (2, "")
    assert "kustomize build took more than 1 seconds" in ran.err
    assert time.monotonic() - started < 20
    status = Path(f"/proc/{child.read_text().strip()}/stat")
    assert not status.exists() or status.read_text().split()[2] == "Z"


def test_a_program_that_cannot_be_run_is_trouble(
    folder: Repository,  # noqa: ARG001
    netsim: Netsim,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    broken = tmp_path / "helm"
    broken.write_bytes(b"\x7fELF no program")
    broken.chmod(0o755)
    monkeypatch.setenv("NETSIM_HELM", str(broken))
    ran = netsim("reach", "helm:chart")
    assert ran.status == 2
    assert "cannot be run: Exec format error" in ran.err
