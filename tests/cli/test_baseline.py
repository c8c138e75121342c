"""What was accepted is no reason to fail, until its day, and is told when nothing needs it."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Netsim
from tests.cli.repositories import MOVED, NARROW, PODS, WIDE

EDGES = {
    "no mapping": ("[]", "NS102"),
    "no list": ("{accepted: 3}", "it has no list `accepted`"),
    "no key": ("{accepted: [{reason: x}]}", "`accepted[0].key` is required"),
    "another field": ("{accepted: [{key: a, why: b}]}", "`accepted[0].why` is no field"),
    "no day": ("{accepted: [{key: a, expires: soon}]}", '"soon" is no day'),
    "no YAML": ("{", "NS102"),
}


@pytest.fixture
def sides(tmp_path: Path) -> dict[str, str]:
    texts = {"pods": PODS, "narrow": NARROW, "wide": WIDE, "moved": MOVED}
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return {**{name: str(tmp_path / f"{name}.yaml") for name in texts}, "baseline": str(tmp_path / "accepted.json")}


def diff(sides: dict[str, str], new: str, *more: str) -> tuple[str, ...]:
    return ("diff", sides["narrow"], sides[new], "--with", sides["pods"], *more)


def test_what_is_accepted_is_left_out_counted_and_no_reason_to_fail(netsim: Netsim, sides: dict[str, str]) -> None:
    ran = netsim(*diff(sides, "wide", "--write-baseline", sides["baseline"]))
    assert (ran.status, ran.out) == (0, "")
    assert "1 accepted in" in ran.err
    ran = netsim(*diff(sides, "wide", "--baseline", sides["baseline"]))
    assert (ran.status, ran.out) == (0, "no connection differs; 1 accepted by the baseline\n")
    ran = netsim(*diff(sides, "wide", "--baseline", sides["baseline"], "-o", "json"))
    assert json.loads(ran.out)["summary"]["accepted"] == 1


def test_what_opens_more_than_was_accepted_is_not_accepted(netsim: Netsim, sides: dict[str, str]) -> None:
    netsim(*diff(sides, "wide", "--write-baseline", sides["baseline"]))
    ran = netsim(*diff(sides, "moved", "--baseline", sides["baseline"]))
    assert ran.status == 1
    assert "TCP 80 => TCP 443" in ran.out
    assert "nothing is found that this accepts, take it out" in ran.err


def test_an_acceptance_ends_with_its_day(netsim: Netsim, sides: dict[str, str]) -> None:
    netsim(*diff(sides, "wide", "--write-baseline", sides["baseline"]))
    file = Path(sides["baseline"])
    known = json.loads(file.read_text())
    known["accepted"][0] |= {"expires": "2999-12-31", "reason": "ticket 7"}
    file.write_text(json.dumps(known))
    assert netsim(*diff(sides, "wide", "--baseline", sides["baseline"])).status == 0
    netsim(*diff(sides, "wide", "--baseline", sides["baseline"], "--write-baseline", sides["baseline"]))
    (again,) = json.loads(file.read_text())["accepted"]
    assert (again["expires"], again["reason"]) == ("2999-12-31", "ticket 7")
    file.write_text(file.read_text().replace("2999", "1999"))
    ran = netsim(*diff(sides, "wide", "--baseline", sides["baseline"]))
    assert ran.status == 1
    assert f"{file}:5: accepted until 1999-12-31, and no longer: connection changed shop/web[Pod]" in ran.err


def test_an_acceptance_outlives_moved_lines_and_files(netsim: Netsim, sides: dict[str, str]) -> None:
    netsim(*diff(sides, "wide", "--write-baseline", sides["baseline"]))
    Path(sides["moved"]).write_text("# a comment\n" + WIDE)
    assert netsim(*diff(sides, "moved", "--baseline", sides["baseline"])).status == 0


@pytest.mark.parametrize("case", EDGES)
def test_a_baseline_that_is_none_is_trouble(netsim: Netsim, sides: dict[str, str], case: str) -> None:
    text, said = EDGES[case]
    Path(sides["baseline"]).write_text(text)
    ran = netsim(*diff(sides, "wide", "--baseline", sides["baseline"]))
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert sides["baseline"] in ran.err


def test_a_baseline_that_is_absent_is_trouble(netsim: Netsim, sides: dict[str, str]) -> None:
    ran = netsim(*diff(sides, "wide", "--baseline", sides["baseline"]))
    assert (ran.status, ran.out) == (2, "")
    assert "NS101" in ran.err
