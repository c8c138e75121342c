"""Where answers go, and in what form."""

import csv
import io
import json
import shutil
import stat
import sys
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest

from netsim.cli import options
from netsim.queries import Diff, Matrix, Reachability, Verdict
from netsim.render import FORMATS
from tests.cli.conftest import Netsim

SHOP, NEXT = "fixtures/online-shop", "fixtures/online-shop-next"
QUERY = ("query", SHOP, "--from", "shop/frontend", "--to", "shop/cart", "--port", "7070")
needs_dot = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz's dot is not installed")


def test_the_formats_on_offer_are_those_that_are_written() -> None:
    shown_otherwise = {"ansi", "html"}  # by the terminal, and by notebooks
    assert {*get_args(options.ReachFormat)} - {"matrix"} == FORMATS[Reachability].keys() - shown_otherwise
    assert {*get_args(options.DiffFormat)} == FORMATS[Diff].keys() - shown_otherwise
    assert {*get_args(options.VerdictFormat)} == FORMATS[Verdict].keys() - shown_otherwise
    assert "text" in FORMATS[Matrix]


def test_csv_is_what_the_fixture_expects(netsim: Netsim) -> None:
    rows = list(csv.DictReader(io.StringIO(netsim("reach", SHOP, "-o", "csv").out)))
    inner = [(row["from"], row["to"], row["traffic"]) for row in rows if "[" in row["from"] and "[" in row["to"]]
    with Path(SHOP, "expected", "connections.csv").open() as file:
        expected = [(row["from"], row["to"], row["traffic"]) for row in csv.DictReader(file)]
    assert inner == [row for row in expected if "[" in row[0] and "[" in row[1]]


@pytest.mark.parametrize("arguments", [("reach", SHOP), ("reach", SHOP, "--explain"), QUERY, ("diff", SHOP, NEXT)])
def test_json_is_versioned(netsim: Netsim, arguments: tuple[str, ...]) -> None:
    found = json.loads(netsim(*arguments, "-o", "json").out)
    assert found["schema"] == "netsim/v1"
    assert {"kind", "assumptions", "warnings"} <= found.keys()


@needs_dot
@pytest.mark.parametrize("arguments", [("reach", SHOP), ("diff", SHOP, NEXT)])
def test_a_picture_is_well_formed_and_names_its_traffic(netsim: Netsim, arguments: tuple[str, ...]) -> None:
    picture = ElementTree.fromstring(netsim(*arguments, "-o", "svg").out)  # noqa: S314 - our own
    words = {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert {"postgres", "StatefulSet", "data"} <= words
    assert any(word and "TCP 5432" in word for word in words)


@pytest.mark.parametrize("form", ["text", "json", "csv", "md"])
def test_a_summary_holds_the_counts_alone(netsim: Netsim, form: str) -> None:
    ran = netsim("reach", SHOP, "--summary", "-o", form)
    assert ran.status == 0
    assert "24" in ran.out
    assert "shop/cart" not in ran.out


def test_a_matrix_is_of_one_port_and_can_be_narrowed(netsim: Netsim) -> None:
    ran = netsim("reach", SHOP, "-o", "matrix", "--port", "redis", "--from", "shop/*", "--to", "data/redis")
    rows = [line.split() for line in ran.out.splitlines()[1:]]
    assert ["1", "shop/cart", "."] in rows
    assert ["2", "shop/catalog", "X"] in rows


def test_an_explained_row_names_both_rules_that_allow_it(netsim: Netsim) -> None:
    ran = netsim("reach", SHOP, "--explain", "--to", "data/redis")
    assert "egress   NetworkPolicy shop/cart egress[0] (fixtures/online-shop/manifests/policies-shop.yaml:" in ran.out
    assert "ingress  NetworkPolicy data/redis ingress[0] (fixtures/online-shop/manifests/policies-data.yaml:" in ran.out


def test_pods_are_listed_one_by_one_where_asked(netsim: Netsim) -> None:
    workloads, pods = netsim("reach", "fixtures/seed-03"), netsim("reach", "fixtures/seed-03", "--pods")
    assert "[" in workloads.out
    assert "[" not in pods.out


def test_a_file_is_written_whole_and_its_suffix_says_the_format(netsim: Netsim, tmp_path: Path) -> None:
    file = tmp_path / "reach.json"
    ran = netsim("reach", SHOP, "-f", str(file))
    assert (ran.status, ran.out) == (0, "")
    assert json.loads(file.read_text())["kind"] == "Reachability"
    assert [*tmp_path.iterdir()] == [file]


def test_a_format_that_is_asked_for_beats_the_suffix(netsim: Netsim, tmp_path: Path) -> None:
    file = tmp_path / "reach.json"
    netsim("reach", SHOP, "-f", str(file), "-o", "csv")
    assert file.read_text().startswith("from,to,")


def test_a_file_is_replaced_and_a_link_stays_a_link(netsim: Netsim, tmp_path: Path) -> None:
    file, link = tmp_path / "reach.txt", tmp_path / "link.txt"
    file.write_text("old")
    link.symlink_to(file)
    netsim("reach", SHOP, "-f", str(link))
    assert link.is_symlink()
    assert file.read_text().startswith("FROM")
    assert stat.S_IMODE(file.stat().st_mode) & 0o600 == 0o600


def test_what_fails_half_way_leaves_the_file_as_it_was(
    netsim: Netsim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "reach.svg"
    file.write_text("old")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert netsim("reach", SHOP, "-f", str(file)).status == 2
    assert file.read_text() == "old"
    assert [*tmp_path.iterdir()] == [file]


def test_a_device_is_written_and_not_replaced(netsim: Netsim) -> None:
    assert netsim("reach", SHOP, "-f", "/dev/null").status == 0
    assert not Path("/dev/null").is_file()


def test_colour_is_for_terminals_and_nobody_who_minds(netsim: Netsim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[" not in netsim(*QUERY).out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert netsim(*QUERY).out.startswith("\x1b[32mallowed: ")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in netsim(*QUERY).out


def test_the_same_input_gives_the_same_bytes(netsim: Netsim) -> None:
    for form in ("text", "json", "dot"):
        assert netsim("reach", SHOP, "-o", form).out == netsim("reach", SHOP, "-o", form).out
