"""``netsim blast``, ``paths`` and ``whatif``: exit codes, formats, and what is said of mistakes."""

import json
from pathlib import Path

import pytest

from netsim.cli import main

STORY = Path(__file__).resolve().parents[2] / "fixtures" / "attack-story"


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
