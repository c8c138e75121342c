"""The decisions are numbered, and each is told the same way."""

import re
from pathlib import Path

import pytest

from tests.quality.tree import REPOSITORY

FILES = sorted((REPOSITORY / "docs" / "decisions").glob("*.md"))
HEADINGS = ["Context", "Decision", "Consequence"]


def test_decisions_are_numbered_without_gaps() -> None:
    assert FILES
    assert [path.name[:5] for path in FILES] == [f"{number:04}-" for number in range(1, len(FILES) + 1)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_decision_has_its_title_and_its_three_headings(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]}: ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
