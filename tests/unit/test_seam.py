"""Lists of two sides compared by a stable key: findings, attack steps."""

from dataclasses import replace

import pytest

from netsim import queries
from netsim.ir.finding import Finding, Severity
from netsim.queries import sections
from netsim.queries.sections import Section
from tests.build import cluster

ONE = Finding(code="NS199", severity=Severity.LOW, object="NetworkPolicy shop/a", file="a.yaml", line=1, message="one")
OTHER = replace(ONE, object="NetworkPolicy shop/b")


@pytest.fixture
def sides(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Finding], list[Finding]]:
    """Return the findings of the old and of the new cluster, to be filled."""
    old: list[Finding] = []
    new: list[Finding] = []
    found = Section(
        name="findings",
        items=lambda _: (old, new),
        key=lambda finding: finding.key,
        told=lambda finding: finding.to_dict(),
        rank=lambda finding: finding.severity.rank,
        silent=frozenset({"file", "line"}),
    )
    others = (section for section in sections.SECTIONS if section.name != "findings")
    shown = (found, *others)
    for module in ("sections", "differences", "reviewed"):
        monkeypatch.setattr(f"netsim.queries.{module}.SECTIONS", shown)
    return old, new


def diff() -> queries.Diff:
    return queries.diff(cluster(), cluster(), severity="low")


def test_items_are_compared_by_key_and_by_what_they_say_but_not_by_line(
    sides: tuple[list[Finding], list[Finding]],
) -> None:
    old, new = sides
    old += [ONE]
    new += [replace(ONE, line=9, file="b.yaml"), OTHER]
    answer = diff()
    assert [(delta.change, delta.key) for delta in answer.findings] == [("added", OTHER.key)]
    assert (answer.opens, answer.closes) == (True, False)
    assert [(each["code"], each["change"]) for each in answer.to_dict()["findings"]] == [("NS199", "added")]


def test_an_item_that_says_something_else_has_changed_and_one_that_is_gone_is_removed(
    sides: tuple[list[Finding], list[Finding]],
) -> None:
    old, new = sides
    old += [ONE]
    new += [replace(ONE, severity=Severity.HIGH)]
    answer = diff()
    assert [delta.change for delta in answer.findings] == ["changed"]
    assert (answer.opens, answer.closes) == (True, False)
    assert answer.to_dict()["findings"][0]["was"] == {"severity": "low"}
    old += [OTHER]
    answer = diff()
    assert [delta.change for delta in answer.findings] == ["changed", "removed"]
    assert (answer.opens, answer.closes) == (True, True)


def test_an_accepted_item_is_counted_and_left_out(sides: tuple[list[Finding], list[Finding]]) -> None:
    sides[1].append(ONE)
    answer = diff()
    (key,) = answer.keys
    assert key == f"findings added {ONE.key}"
    kept = answer.without({key})
    assert (kept.findings, kept.accepted, kept.opens) == ((), 1, False)
