"""The reference lists what the code has."""

import re
from pathlib import Path

from netsim.knowledge import checks

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")


def test_the_error_codes_are_exactly_those_listed() -> None:
    told = re.findall(r"^\| (NS\d+) \| (.+) \|$", DOCUMENT, re.MULTILINE)
    assert told == [(each.code, each.title[0].lower() + each.title[1:]) for each in checks("inputs").values()]
