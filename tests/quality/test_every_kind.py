"""Every kind that is read has its fixtures, and its row in the table of what is read."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

import netsim
from netsim.ingest.kinds import KINDS
from netsim.ingest.kinds.kind import AnyKind
from tests.quality.tree import REPOSITORY

FIXTURES = REPOSITORY / "fixtures"
TABLE = REPOSITORY / "docs" / "what-is-read.md"
NAMES = [kind.name for kind in KINDS]
_ROW = re.compile(r"^\| (?P<name>\w+) \| (?P<versions>`[^|]+) \| (?P<read>[^|]+) \| (?P<page>[^|]+) \|$", re.MULTILINE)


@cache
def _folders() -> dict[str, list[Path]]:
    """Return the folders of each kind: its own, or the one whose README says that its family shares it."""
    found: dict[str, list[Path]] = {}
    for folder in sorted(FIXTURES.glob("kind-*")):
        shared = folder / "README.md"
        names = _listed(shared) if shared.exists() else [n for n in NAMES if f"kind-{n.lower()}" == folder.name]
        assert names, f"{folder.name} is of no kind that is read"
        for name in names:
            found.setdefault(name, []).append(folder)
    return found


def _listed(readme: Path) -> list[str]:
    line = re.fullmatch(r"Kinds: (\w+(?:, \w+)*)\.\n", readme.read_text(encoding="utf-8"))
    assert line, f"{readme} lists the kinds of its family in one line"
    return line[1].split(", ")


def _kinds(folder: Path) -> Iterator[str]:
    for path in sorted((folder / "manifests").iterdir()):
        yield from (each["kind"] for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each)


def test_no_folder_of_fixtures_is_of_a_kind_that_is_not_read() -> None:
    assert sorted(_folders()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_is_shown_allowing_denying_and_refused(name: str) -> None:
    (folder,) = _folders()[name]
    for case in ("allow", "deny", "invalid"):
        assert name in set(_kinds(folder / case)), f"{folder.name}/{case} holds no {name}"
    with pytest.raises(netsim.InputError) as refused:
        netsim.load(folder / "invalid" / "manifests")
    assert any(problem.subject.startswith(f"{name} ") for problem in refused.value.problems)


def _versions(kind: AnyKind) -> str:
    return ", ".join(f"`{version}`" for version in (kind.api_versions[0], *kind.also_served, *kind.api_versions[1:]))


def test_the_table_has_one_row_a_kind_with_the_versions_that_are_read() -> None:
    rows = {row["name"]: row["versions"] for row in _ROW.finditer(TABLE.read_text(encoding="utf-8"))}
    assert rows == {kind.name: _versions(kind) for kind in KINDS}


def test_the_table_links_to_pages_that_are_there() -> None:
    for row in _ROW.finditer(TABLE.read_text(encoding="utf-8")):
        assert row["read"].strip()
        links = re.findall(r"\]\(([^)#]+)(?:#([^)]+))?\)", row["page"])
        assert links, row["name"]
        for page, anchor in links:
            target = (TABLE.parent / page).read_text(encoding="utf-8")
            assert not anchor or f'id="{anchor}"' in target or anchor in _headings(target), f"{page}#{anchor}"


def _headings(page: str) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head).strip().lower().replace(" ", "-") for head in heads}
