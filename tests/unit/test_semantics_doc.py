"""docs/semantics.md, the definition's code and the fixtures speak of the same clauses, functions and folders."""

import ast
import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENT = (REPOSITORY / "docs" / "semantics.md").read_text(encoding="utf-8")
FIXTURES = REPOSITORY / "fixtures"
ANCHOR = re.compile(r'<a id="(s[\d.]+)"></a>')
PATH_OR_NAME = re.compile(r"`([^`]+)`")


def _clauses() -> dict[str, str]:
    """Return the text of each numbered clause of S1 and S2."""
    marks = [(match[1], match.start()) for match in ANCHOR.finditer(DOCUMENT)] + [("end", len(DOCUMENT))]
    return {name: DOCUMENT[start:end] for (name, start), (_, end) in pairwise(marks) if "." in name}


def _field(text: str, name: str) -> str:
    """Return what follows ``* Code:`` and the like, continuation lines included."""
    found = re.search(rf"^\* {name}: (.+(?:\n  .+)*)", text, re.MULTILINE)
    return found[1] if found else ""


def _functions(path: Path) -> set[str]:
    """Return the functions and classes of a module, methods as ``Class.method``."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found.update(f"{node.name}.{child.name}" for child in node.body if isinstance(child, ast.FunctionDef))
    return found


CLAUSES = _clauses()
FOLDERS = {path.parents[1].relative_to(FIXTURES).as_posix() for path in FIXTURES.rglob("expected/verdicts.csv")}


def test_the_clauses_are_numbered_without_gaps() -> None:
    counts = {1: 5, 2: 12, 3: 10, 4: 6}
    assert list(CLAUSES) == [f"s{chapter}.{n}" for chapter, count in counts.items() for n in range(1, count + 1)]


@pytest.mark.parametrize("path", sorted((REPOSITORY / "netsim").rglob("*.py")), ids=lambda path: path.stem)
def test_every_clause_that_code_cites_is_in_the_document(path: Path) -> None:
    cited = set(re.findall(r"\bS(\d(?:\.\d+)?)\b", path.read_text(encoding="utf-8")))
    chapters = {match[1].removeprefix("s") for match in ANCHOR.finditer(DOCUMENT)}
    assert cited <= chapters


def test_every_clause_of_the_definition_is_cited_by_its_code() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "netsim").rglob("*.py"))
    uncited = {clause for clause in CLAUSES if not re.search(rf"\b{clause.upper()}\b", code)}
    # No code carries these out: a verdict asks no third side, and knows no time; S4.4 is S1.2 once more.
    assert uncited <= {"s1.4", "s1.5", "s4.4"}


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_clause_names_a_source(clause: str) -> None:
    assert _field(CLAUSES[clause], "Source")


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_function_that_a_clause_names_exists(clause: str) -> None:
    functions: set[str] = set()
    named = PATH_OR_NAME.findall(_field(CLAUSES[clause], "Code"))
    assert named
    for word in named:
        if word.endswith(".py"):
            functions = _functions(REPOSITORY / word)
        else:
            assert word in functions


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_clause_names_its_own_fixtures(clause: str) -> None:
    own = {folder for folder in FOLDERS if folder.startswith(f"clauses/{clause}-")}
    named = set(PATH_OR_NAME.findall(_field(CLAUSES[clause], "Shown by")))
    assert own
    assert own <= named <= FOLDERS


def test_every_fixture_is_named_in_a_document() -> None:
    pages = (page.read_text(encoding="utf-8") for page in (REPOSITORY / "docs").glob("*.md"))
    told = (re.sub("```.*?```", "", page, flags=re.DOTALL) for page in pages)
    assert {name for page in told for name in PATH_OR_NAME.findall(page)} >= FOLDERS


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)]+)\)", DOCUMENT))))
def test_every_link_leads_somewhere(link: str) -> None:
    if link.startswith("#"):
        assert f'<a id="{link[1:]}"></a>' in DOCUMENT
    else:
        assert (REPOSITORY / "docs" / link).is_file()


def test_the_switches_of_the_upstream_profile_are_exactly_those_listed() -> None:
    profile = tomllib.loads((REPOSITORY / "models" / "cni" / "upstream.toml").read_text(encoding="utf-8"))
    listed = dict(re.findall(r"\| `([a-z-]+)` \| `([^`]+)` \|", DOCUMENT))
    assert listed == {key: json.dumps(value) for key, value in profile["switches"].items()}
