"""Attack edges and reach: every step that must be found is, none that must not be, and every verdict is right."""

import json
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import netsim
from tests.conformance.data import read_yaml_documents, root

FOLDER = root() / "attack"
CASES = sorted(path.parent for path in FOLDER.glob("*/expect.json"))


def _name(case: Path) -> str:
    return case.name


@cache
def _expected(case: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((case / "expect.json").read_text(encoding="utf-8"))
    return found


@cache
def _cluster(case: Path) -> netsim.Cluster:
    # Some names are `y` and `n`, which kubectl would read as truth values: the case means the texts.
    files = sorted((case / "manifests").glob("*.yaml"))
    return netsim.load(documents=[each for file in files for each in read_yaml_documents(file) if each])


def _pod(vertex: str) -> str:
    """Return a container's pod: the cases let pods stand for containers."""
    kind, _, rest = vertex.partition(":")
    return f"pod:{rest.rpartition('/')[0]}" if kind == "container" else vertex


@cache
def _steps(case: Path) -> frozenset[tuple[str, str, str]]:
    return frozenset((step.id, step.source, step.target) for step in _cluster(case).steps())


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_every_required_step_is_found(case: Path) -> None:
    found = _steps(case)
    loose = found | {(step, _pod(source), _pod(target)) for step, source, target in found}
    wanted = [(each["type"], each["from"], each["to"]) for each in _expected(case)["edges"]]
    assert [each for each in wanted if each not in loose and (each[0], _pod(each[1]), _pod(each[2])) not in loose] == []


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_no_forbidden_step_is_found(case: Path) -> None:
    forbidden = [(each["type"], each["from"], each["to"]) for each in _expected(case).get("absent", ())]
    wrong = [
        (step, patterns)
        for step in _steps(case)
        for patterns in forbidden
        if all(fnmatchcase(part, pattern) for part, pattern in zip(step, patterns, strict=True))
    ]
    assert wrong == []


@pytest.mark.parametrize("case", [case for case in CASES if _expected(case).get("reach")], ids=_name)
def test_every_verdict_on_reach_is_right(case: Path) -> None:
    for each in _expected(case)["reach"]:
        level = "exploit" if each.get("network_exploit") else "likely"
        answer = _cluster(case).paths(each["from"], each["to"], level=level)
        assert answer.reachable is each["reachable"], each
