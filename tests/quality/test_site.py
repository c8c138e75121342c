"""The pages that `make docs` builds: each is listed, each link leads somewhere, nothing of the code is left out."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from netsim.cli.app import app
from netsim.queries.codes import meanings
from tests.quality.tree import REPOSITORY

LINK = re.compile(r"\]\(([^)\s#]*)(?:#([^)\s]*))?\)")
ENTRY = re.compile(r"^(?:[^:<\n]+ <)?([a-z0-9][\w/-]*)>?$", re.MULTILINE)
TREE = re.compile(r"```\{toctree\}\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = importlib.util.spec_from_file_location("docs_site", REPOSITORY / ".ci" / "docs.py")
    assert spec
    assert spec.loader
    site: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(site)
    site.SOURCE = tmp_path_factory.mktemp("site") / "source"
    site.lay_out()
    return Path(site.SOURCE)


def test_every_page_is_listed_and_every_listed_page_is_there(pages: Path) -> None:
    listed = set()
    for page in (pages / "index.md", pages / "decisions.md"):
        for tree in TREE.findall(page.read_text("utf-8")):
            listed |= set(ENTRY.findall(tree))
    there = {page.relative_to(pages).with_suffix("").as_posix() for page in pages.rglob("*.md")}
    assert listed | {"index"} == there


def test_every_link_leads_to_a_page(pages: Path) -> None:
    lost = [
        f"{page.name}: {link}"
        for page in pages.rglob("*.md")
        for link, _ in LINK.findall(page.read_text("utf-8"))
        if link and "://" not in link and not (page.parent / link).is_file()
    ]
    assert not lost


def test_every_command_has_its_help_on_the_page_of_commands(pages: Path) -> None:
    text = (pages / "cli.md").read_text("utf-8")
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert f"\n## netsim {name}\n" in text
        assert all(f"\n## netsim {name} {below}\n" in text for below in getattr(command, "commands", {}))


def test_every_code_has_an_anchor_on_the_page_of_codes(pages: Path) -> None:
    anchors = re.findall(r"^\((ns\d+)\)=$", (pages / "codes.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(anchors) == [each.check.code.lower() for each in meanings()]
