"""``netsim explain``: every code has a meaning, and its example has what it says."""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

import netsim
from netsim.errors import InputError, UsageError
from netsim.knowledge import check_areas, checks, rights_checks
from netsim.queries.codes import Meaning, meaning, meanings
from netsim.queries.posture import posture
from netsim.render import diffindings, intentfindings, written
from tests.quality.tree import REPOSITORY

DAY = datetime(2026, 8, 1, tzinfo=UTC)
#: Their examples are what openssl or netsim prints: a certificate is no text that a person can read.
TOLD = frozenset({"NS671", *(f"NS{number}" for number in range(675, 683)), "NS684"})
#: What a newer release of Kubernetes has mended.
BEFORE = {"NS226": "1.34"}
CODES = [each.check.code for each in meanings()]


def _of_cluster(cluster: netsim.Cluster, area: str) -> set[str]:
    found = cluster.gaps() if area == "gaps" else posture(cluster, now=DAY)
    return {each.code for each in found}


def _found(answer: Meaning, folder: Path) -> set[str]:
    """Return the codes that netsim finds in the example."""
    files = {}
    for name, text in answer.files:
        files[name] = folder / name
        files[name].write_text(text, encoding="utf-8")
    try:
        if answer.area == "diff":
            change = netsim.diff(netsim.load(files["old.yaml"]), netsim.load(files["new.yaml"]))
            return {each.code for each in diffindings.tests(change)}
        intents = files.pop("intents.yaml", None)
        cluster = netsim.load(*files.values(), kubernetes=BEFORE.get(answer.check.code, ""))
        if intents is not None:
            return {each.code for each in intentfindings.findings(cluster.check(intents))}
        return _of_cluster(cluster, answer.area)
    except InputError as refused:
        return {each.code for each in refused.problems}


@pytest.mark.parametrize("code", [code for code in CODES if code not in TOLD | {"NS101"}])
def test_the_example_of_a_code_has_what_it_says(code: str, tmp_path: Path) -> None:
    assert code in _found(meaning(code), tmp_path)


def test_an_input_that_is_not_there_is_the_first_of_the_problems(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        netsim.load(tmp_path / "no-such-file.yaml")
    assert [each.code for each in refused.value.problems] == ["NS101"]


def test_a_code_says_why_shows_an_example_and_names_the_way_out() -> None:
    for each in meanings():
        check = each.check
        assert all((check.title, check.description, check.help, check.example)), check.code
        assert check.code in _page(each.page), check.code
        assert each.to_dict()["code"] == check.code


@cache
def _page(page: str) -> str:
    return (REPOSITORY / page).read_text(encoding="utf-8")


def test_every_code_that_the_source_writes_has_a_meaning() -> None:
    sources = (path.read_text(encoding="utf-8") for path in (REPOSITORY / "netsim").rglob("*.py"))
    assert {code for text in sources for code in re.findall(r'"(NS\d{3})"', text)} <= set(CODES)


def test_no_code_means_two_things() -> None:
    rows = [each.code for area in check_areas() for each in checks(area).values()]
    rows += [each.check.code for each in rights_checks()]
    assert sorted(rows) == CODES


@pytest.mark.parametrize("text", ["NS114", "ns114", "114", " NS114 "])
def test_a_code_may_be_written_short(text: str) -> None:
    assert meaning(text).check.code == "NS114"


@pytest.mark.parametrize(("text", "hint"), [("NS1144", "did you mean NS114"), ("endPort", "`netsim explain` lists")])
def test_an_unknown_code_is_refused_with_the_way_out(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        meaning(text)
    assert hint in refused.value.hint


def test_the_list_names_every_code_once() -> None:
    told = re.findall(r"^  (NS\d+) ", "".join(written(meanings(), "text")), re.MULTILINE)
    assert sorted(told) == CODES
