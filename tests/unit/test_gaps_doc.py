"""The page on gaps names what there is, and nothing else."""

import re
from pathlib import Path

from netsim.knowledge import checks

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "gaps.md").read_text(encoding="utf-8")


def test_every_code_is_in_the_page_with_its_severity_and_title() -> None:
    rows = re.findall(r"^\| (NS\d+) \| (\w+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(check.code, str(check.severity), check.title) for check in checks("gaps").values()]
