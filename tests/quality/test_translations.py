"""README.ko.md says what README.md says: every command, code block, link and heading, in the same order."""

import os
import re

import pytest

from tests.quality.tree import REPOSITORY

ENGLISH, KOREAN = REPOSITORY / "README.md", REPOSITORY / "README.ko.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: A link, those of the two texts to each other left out.
LINK = re.compile(r"\]\((?!README)([^)]+)\)")
HEADING = re.compile(r"^#+ ", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
HANGUL = re.compile(r"[\uac00-\ud7a3]")


def _prose(text: str) -> str:
    return BLOCK.sub("", text)


@pytest.fixture(scope="module")
def texts() -> tuple[str, str]:
    english, korean = ENGLISH.read_text("utf-8"), KOREAN.read_text("utf-8")
    if os.environ.get("NETSIM_GOLDEN") == "rewrite":
        blocks = iter(BLOCK.finditer(english))
        korean = BLOCK.sub(lambda _: next(blocks)[0], korean)
        KOREAN.write_text(korean, "utf-8")
    return english, korean


def test_the_code_blocks_are_the_same(texts: tuple[str, str]) -> None:
    english, korean = texts
    assert BLOCK.findall(korean) == BLOCK.findall(english), "`NETSIM_GOLDEN=rewrite pytest` of this file copies them"


def test_the_headings_are_of_the_same_levels(texts: tuple[str, str]) -> None:
    english, korean = map(_prose, texts)
    assert HEADING.findall(korean) == HEADING.findall(english)


def test_the_links_lead_to_the_same_places_paragraph_by_paragraph(texts: tuple[str, str]) -> None:
    english, korean = (_prose(text).split("\n\n") for text in texts)
    assert [sorted(LINK.findall(part)) for part in korean] == [sorted(LINK.findall(part)) for part in english]


def test_each_row_of_a_table_is_about_the_same_command(texts: tuple[str, str]) -> None:
    english, korean = (re.findall(r"^\| (`.*?) \|", _prose(text), re.MULTILINE) for text in texts)
    assert len(english) > 10
    assert korean == english


def test_what_is_written_as_code_is_the_same_line_by_line(texts: tuple[str, str]) -> None:
    english, korean = (_prose(text).split("\n\n") for text in texts)
    for one, other in zip(english, korean, strict=True):
        assert sorted(CODE.findall(other)) == sorted(CODE.findall(one))


def test_the_two_texts_name_each_other(texts: tuple[str, str]) -> None:
    assert "](README.ko.md)" in texts[0]
    assert "](README.md)" in texts[1]


def test_every_paragraph_is_translated(texts: tuple[str, str]) -> None:
    parts = [part for part in _prose(texts[1]).split("\n\n") if part.strip() and not part.startswith("# netsim")]
    assert all(HANGUL.search(part) for part in parts)
