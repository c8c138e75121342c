"""The patches of what-if: every pod that a level refuses passes it once it is patched, by kubectl too."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from netsim.ir.podsecurity import Level
from netsim.posture.mending import difference, mended, merged
from netsim.posture.podsecurity import failures
from tests.conformance.data import root
from tests.tools import kubectl

LEVELS = {level.label: level for level in Level}


def _failing_fixtures(*versions: str) -> list[tuple[str, str, Any]]:
    folder = root() / "podsec"
    found = []
    for path in sorted([*folder.glob("baseline/*/*/*.yaml"), *folder.glob("restricted/*/*/*.yaml")]):
        level, version, *_ = path.relative_to(folder).parts
        if "fail" in path.parts and (not versions or version in versions):
            found.append((level, version, yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)))
    return found


def test_every_pod_that_a_level_refuses_passes_it_once_patched() -> None:
    pods = _failing_fixtures()
    assert len(pods) >= 90
    for level, version, pod in pods:
        result = mended(pod, LEVELS[level], version)
        assert result.patch, pod["metadata"]["name"]
        assert not result.left, (level, version, pod["metadata"]["name"], result.patch)


def test_a_patch_says_nothing_of_what_may_stay() -> None:
    for level, version, pod in _failing_fixtures("v1.37"):
        patch = mended(pod, LEVELS[level], version).patch
        for part in _without_one_leaf(patch):
            assert failures(merged(pod, part), LEVELS[level], version), (pod["metadata"]["name"], patch, part)


def _without_one_leaf(patch: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the patch with each of its top-level fields of the spec left out, one at a time."""
    spec = patch.get("spec", {})
    return [{**patch, "spec": {key: each for key, each in spec.items() if key != out}} for out in spec]


def test_what_a_patch_makes_is_what_it_was_made_from() -> None:
    before = {"spec": {"volumes": [{"name": "a", "hostPath": {"path": "/"}}, {"name": "b"}], "hostPID": True}}
    after = {"spec": {"volumes": [{"name": "a", "emptyDir": {}}, {"name": "b"}]}}
    patch = difference(before, after)
    assert patch == {"spec": {"hostPID": None, "volumes": [{"name": "a", "hostPath": None, "emptyDir": {}}]}}
    assert merged(before, patch) == after


@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_kubectl_makes_the_same_of_a_patch(level: str, tmp_path: Path) -> None:
    program = kubectl()
    fixtures = [each for each in _failing_fixtures("v1.37") if each[0] == level]
    for number, (_, version, pod) in enumerate(fixtures[::4]):
        patch = mended(pod, LEVELS[level], version).patch
        (tmp_path / f"{number}.yaml").write_text(yaml.safe_dump(pod), encoding="utf-8")
        (tmp_path / f"{number}.patch").write_text(json.dumps(patch), encoding="utf-8")
        given = ["-f", str(tmp_path / f"{number}.yaml"), "--patch-file", str(tmp_path / f"{number}.patch")]
        command = [program, "patch", "--local", "--type=strategic", "-o", "json", *given]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, (pod["metadata"]["name"], ran.stderr)
        left = failures(json.loads(ran.stdout), LEVELS[level], version)
        assert not left, (pod["metadata"]["name"], patch, left)
