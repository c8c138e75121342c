"""The page on adding a policy kind is true: its diff applies to the tree, and its fixture holds there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.quality.tree import REPOSITORY

PAGE = (REPOSITORY / "docs" / "adding-a-policy-kind.md").read_text(encoding="utf-8")
(DIFF,) = re.findall(r"^```diff\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
#: What the diff touches, and what runs the fixture.
NEEDED = (
    "netsim",
    "models",
    "pyproject.toml",
    "tests/__init__.py",
    "tests/unit/__init__.py",
    "tests/unit/test_fixtures.py",
)


def _run(folder: Path, *command: str, given: str = "") -> str:
    ran = subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the tree, with the diff applied."""
    folder = tmp_path_factory.mktemp("copy")
    for name in NEEDED:
        source, target = REPOSITORY / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    _run(folder, "git", "apply", "-", given=DIFF)
    return folder


def test_the_fixture_of_the_new_kind_holds_with_no_other_change(copy: Path) -> None:
    told = _run(copy, sys.executable, "-m", "pytest", "-q", "tests/unit/test_fixtures.py", "-k", "kind-fence")
    assert "8 passed" in told


def test_the_new_kind_is_formatted_and_lint_free(copy: Path) -> None:
    _run(copy, sys.executable, "-m", "ruff", "check", "netsim/ingest/kinds/fences.py")
    _run(copy, sys.executable, "-m", "ruff", "format", "--check", "netsim/ingest/kinds/fences.py")


def test_the_diff_is_one_file_one_line_and_one_folder() -> None:
    touched = re.findall(r"^diff --git a/(\S+)", DIFF, re.MULTILINE)
    assert [path for path in touched if not path.startswith("fixtures/kind-fence/")] == [
        "netsim/ingest/kinds/__init__.py",
        "netsim/ingest/kinds/fences.py",
    ]
    (known,) = re.findall(r"^diff --git a/netsim/ingest/kinds/__init__.py.*?(?=^diff )", DIFF, re.MULTILINE | re.DOTALL)
    assert re.findall(r"^\+(?!\+\+ )(.*)$", known, re.MULTILINE) == [
        "from netsim.ingest.kinds.fences import FENCE",
        "    FENCE,",
    ]
