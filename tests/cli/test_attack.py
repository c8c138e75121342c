"""``netsim blast``, ``paths`` and ``whatif``: exit codes, formats, and what is said of mistakes."""

import json
from pathlib import Path

import pytest

from netsim.cli import main

STORY = Path(__file__).resolve().parents[2] / "fixtures" / "attack-story"

EXEC_BY_GET = """
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {nodeInfo: {kubeletVersion: v1.30.1}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: x, namespace: a}
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: b}
spec: {nodeName: n1, containers: [{name: c, image: i}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: looks, namespace: b}
rules: [{apiGroups: [""], resources: [pods/exec], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: looks, namespace: b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: looks}
subjects: [{kind: ServiceAccount, name: x, namespace: a}]
"""

EDITS = """
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: edits, namespace: b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: ServiceAccount, name: x, namespace: a}]
"""


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["netsim", *arguments])
    return main.status()


def test_paths_exits_one_where_there_is_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _run(monkeypatch, "paths", str(STORY / "manifests"), "--from", "internet", "--to", "cluster-admin") == 1


def test_paths_exits_zero_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("--from", "internet", "--to", "cluster-admin", "--level", "likely")
    assert _run(monkeypatch, "paths", str(STORY / "manifests"), *arguments) == 0


def test_blast_writes_a_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("graphviz")
    picture = tmp_path / "blast.svg"
    status = _run(monkeypatch, "blast", str(STORY / "manifests"), "--from", "ci/runner", "-f", str(picture))
    assert status in (0, 2)  # without Graphviz's program it says what to install
    assert status == 2 or "<svg" in picture.read_text(encoding="utf-8")


def test_a_picture_marks_the_workload_that_is_asked_about_by_any_of_its_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(monkeypatch, "blast", str(STORY / "manifests"), "--from", "ci/runner", "-o", "dot")
    drawn = capsys.readouterr().out
    assert (
        '"pod:ci/runner[StatefulSet]" [label="runner[StatefulSet]\\nworkload", shape=box, fillcolor="#ddf4ff"' in drawn
    )
    assert '"pod:ci/runner" ' not in drawn


def test_a_picture_of_nothing_says_so_and_shows_who_was_asked_about(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "pod.yaml").write_text(EXEC_BY_GET.partition("---\napiVersion: rbac")[0], encoding="utf-8")
    _run(monkeypatch, "paths", str(tmp_path), "--from", "sa:a/x", "--to", "node:n1", "-o", "dot")
    drawn = capsys.readouterr().out
    assert 'label="no path leads from sa:a/x to node:n1"' in drawn
    assert '"sa:a/x" [' in drawn


def test_json_holds_the_proof_of_each_thing_that_falls(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(monkeypatch, "blast", str(STORY / "manifests"), "--from", "ci/runner", "-o", "json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["kind"] == "BlastRadius"
    (admin,) = [each for each in answer["fallen"] if each["vertex"] == "cluster-admin"]
    assert answer["steps"][admin["proof"][-1]]["to"] == "cluster-admin"
    assert answer["steps"][admin["proof"][0]]["from"].startswith("container:ci/runner-0/")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("blast", "--from", "shop/frontent"), "did you mean shop/frontend"),
        (("paths", "--from", "internet", "--to", "node:worker-9"), "the input holds cp-1"),
        (("whatif", "--from", "internet"), "add --edit FILE"),
        (
            ("whatif", "--from", "internet", "--remove", "RoleBinding ci/nothing"),
            "there is no `RoleBinding ci/nothing`",
        ),
    ],
)
def test_a_mistake_is_told_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    command, *rest = arguments
    assert _run(monkeypatch, command, str(STORY / "manifests"), *rest) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(("version", "expected"), [("1.34", 1), ("1.35", 0)])
def test_the_release_that_is_stated_decides_whether_a_get_runs_commands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, expected: int
) -> None:
    # the node's kubelet says another release in either case
    file = tmp_path / "cluster.yaml"
    file.write_text(EXEC_BY_GET, encoding="utf-8")
    asked = (str(file), "--from", "sa:a/x", "--to", "b/p", "--kubernetes", version)
    assert _run(monkeypatch, "paths", *asked) == expected


def test_default_roles_are_those_of_the_kubelet_or_of_the_release_that_is_stated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # edit may update endpoints until 1.21, and who may do so draws the connections of others
    file = tmp_path / "cluster.yaml"
    text = (EXEC_BY_GET + EDITS).replace("kubeletVersion: v1.30.1", "kubeletVersion: v1.21.3")
    file.write_text(text, encoding="utf-8")
    old = ("can", "ServiceAccount:a/x", "update", "endpoints", str(file), "-n", "b")
    assert _run(monkeypatch, *old) == 0
    assert _run(monkeypatch, *old, "--kubernetes", "1.36") == 1


def test_what_falls_after_a_change_is_of_the_release_that_is_stated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cluster.yaml"
    file.write_text(EXEC_BY_GET + EDITS, encoding="utf-8")
    asked = (str(file), "--from", "sa:a/x", "--remove", "RoleBinding b/edits", "-o", "json")
    assert _run(monkeypatch, "whatif", *asked, "--kubernetes", "1.34") == 0
    before = json.loads(capsys.readouterr().out)
    assert _run(monkeypatch, "whatif", *asked, "--kubernetes", "1.35") == 0
    after = json.loads(capsys.readouterr().out)
    falls = [{each["vertex"] for each in answer["after"]["fallen"]} for answer in (before, after)]
    assert ["pod:b/p" in each for each in falls] == [True, False]


def test_a_diff_compares_the_steps_of_the_release_that_is_stated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(EXEC_BY_GET.replace("verbs: [get]", "verbs: [list]"), encoding="utf-8")
    new.write_text(EXEC_BY_GET, encoding="utf-8")
    asked = ("diff", str(old), str(new), "--only", "steps", "--kubernetes")
    assert [_run(monkeypatch, *asked, release) for release in ("1.34", "1.35")] == [1, 0]


def test_a_release_of_which_nothing_is_known_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = (str(STORY / "manifests"), "--from", "internet", "--kubernetes", "1.99")
    assert _run(monkeypatch, "blast", *asked) == 2
    assert "nothing is known of Kubernetes 1.99" in capsys.readouterr().err
