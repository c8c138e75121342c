"""The page on diffs names what there is, and nothing else."""

import re
from pathlib import Path
from typing import get_args

from netsim.cli import options
from netsim.knowledge import checks
from netsim.queries.moved import Risk
from netsim.queries.risk import CauseKind

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "diff.md").read_text(encoding="utf-8")


def test_every_code_of_a_diff_is_in_the_page_with_its_title() -> None:
    rows = re.findall(r"^\| (NS\d+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(check.code, check.title) for check in checks("diff").values()]


def test_every_risk_kind_of_cause_and_format_is_in_the_page() -> None:
    words = {*Risk, *CauseKind, *get_args(options.DiffFormat)}
    assert not [word for word in words if f"`{word}`" not in PAGE]


def test_risks_are_explained_in_their_order() -> None:
    assert re.findall(r"^\d\. `([\w-]+)`", PAGE, re.MULTILINE) == [*Risk]
