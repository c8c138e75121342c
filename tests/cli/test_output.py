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
from netsim.render import FORMATS, PICTURES
from tests.cli.conftest import Netsim

SHOP, NEXT = "fixtures/online-shop", "fixtures/online-shop-next"
QUERY = ("query", SHOP, "--from", "shop/frontend", "--to", "shop/cart", "--port", "7070")
needs_dot = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz's dot is not installed")


def test_the_formats_on_offer_are_those_that_are_written() -> None:
    shown_otherwise = {"ansi", "html"}  # by the terminal, and by notebooks
    pictures = {"png"} if PICTURES.keys() >= {Reachability, Diff} else set()
    assert {*get_args(options.ReachFormat)} - {"matrix"} - pictures == FORMATS[Reachability].keys() - shown_otherwise
    assert {*get_args(options.DiffFormat)} - pictures == FORMATS[Diff].keys() - shown_otherwise
    assert {*get_args(options.VerdictFormat)} == FORMATS[Verdict].keys() - shown_otherwise
    assert "text" in FORMATS[Matrix]


def test_a_png_goes_to_the_file_whose_suffix_says_so(netsim: Netsim, tmp_path: Path) -> None:
    file = tmp_path / "diff.png"
    assert netsim("diff", SHOP, NEXT, "-f", str(file)).status == 1
    assert file.read_bytes().startswith(b"\x89PNG\r\n")


def test_by_is_for_pictures(netsim: Netsim) -> None:
    assert netsim("reach", SHOP, "-o", "dot", "--by", "namespace").out.count(" -> ") < 40
    refused = netsim("reach", SHOP, "--by", "namespace")
    assert (refused.status, refused.out) == (2, "")
    assert "--by is for -o dot, svg and png" in refused.err


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


INGRESS, NETWORKS = "fixtures/kind-ingress/deny/manifests", "fixtures/kind-multinetworkpolicy/deny/manifests"


def _table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_format_shows_by_what_something_enters(netsim: Netsim) -> None:
    for form in ("text", "json", "csv", "md", "dot"):
        told = netsim("reach", INGRESS, "-o", form).out
        assert told.count("Service shop/web port 80 -> http") == (0 if form == "dot" else 1), form
        assert "Ingress" in told
    without = "fixtures/kind-pod/allow/manifests"
    assert "ENTERS BY" not in netsim("reach", without).out
    assert "Enters by" not in netsim("reach", without, "-o", "md").out


def test_a_row_of_csv_says_nothing_that_a_reader_of_its_first_columns_would_take_for_allowed(netsim: Netsim) -> None:
    rows = [row for row in _table(netsim("reach", INGRESS, "-o", "csv").out) if row["entered_from"]]
    assert {row["from"] for row in rows} == {"Ingress shop/shop"}
    assert {(row["to"], row["traffic"], row["unknown"], row["blocked"]) for row in rows} == {
        ("shop/web[Deployment]", "", "", "TCP 8080"),
        ("shop/api[Deployment]", "", "TCP 9000", ""),
        ("shop/old[Deployment]", "TCP 7001", "", ""),
    }


@needs_dot
def test_a_picture_draws_what_enters(netsim: Netsim) -> None:
    picture = ElementTree.fromstring(netsim("reach", INGRESS, "-o", "svg").out)  # noqa: S314 - our own
    words = {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Ingress shop/shop", "TCP 8080, from {ingress-controller}"} <= words


@pytest.mark.parametrize("form", ["text", "json", "csv", "md", "dot"])
def test_every_format_says_the_network_where_there_are_several(netsim: Netsim, form: str) -> None:
    assert "NetworkAttachmentDefinition slow" in netsim("reach", NETWORKS, "-o", form).out
    assert "network" not in netsim("reach", INGRESS, "-o", form).out.lower().replace("networkpolicy", "")


def test_a_network_has_a_column_of_its_own_in_tables(netsim: Netsim) -> None:
    assert "| Traffic | Network |" in netsim("reach", NETWORKS, "-o", "md").out
    assert "| Ingress | Network |" in netsim("reach", NETWORKS, "-o", "md", "--explain").out
    (row, *_) = _table(netsim("reach", NETWORKS, "-o", "csv", "--explain").out)
    assert row["network"] == "NetworkAttachmentDefinition slow"
    changed = netsim("diff", "fixtures/kind-multinetworkpolicy/allow/manifests", NETWORKS, "-o", "md").out
    assert "| Because | Network |" in changed


def test_what_is_open_to_pods_that_could_be_is_in_tables_too(netsim: Netsim) -> None:
    rows = _table(netsim("reach", INGRESS, "--exposure", "-o", "csv").out)
    found = {(row["from"], row["to"], row["traffic"], row["potential"]) for row in rows if row["potential"]}
    assert ("ingress-nginx/[all pods]", "shop/web[Deployment]", "all", "from") in found
    assert [row["to"] for row in rows if row["unprotected"] == "ingress"] == ["shop/old[Deployment]"]
    told = netsim("reach", INGRESS, "--exposure", "-o", "md").out
    assert "| `shop/web[Deployment]` | `<-` | `ingress-nginx/[all pods]` | `all` |" in told
    assert "| `shop/old[Deployment]` | egress and ingress |" in told


def test_an_explanation_is_in_tables_too_a_row_for_each_class_of_traffic(netsim: Netsim) -> None:
    asked = ("reach", SHOP, "--explain", "--from", "shop/frontend", "--to", "shop/cart")
    allowed, denied = _table(netsim(*asked, "-o", "csv").out)
    assert (allowed["verdict"], allowed["traffic"], denied["verdict"]) == ("allowed", "TCP 7070", "denied")
    assert "NetworkPolicy shop/cart ingress[0]" in allowed["ingress"]
    told = netsim(*asked, "-o", "md").out
    assert "| allowed | `TCP 7070` |" in told
    assert "| denied | `everything else` |" in told


def test_a_matrix_may_be_about_one_workload_at_either_end(netsim: Netsim) -> None:
    ran = netsim("reach", SHOP, "-o", "matrix", "--port", "redis", "--workload", "data/redis")
    rows = {line.split()[1]: line.split()[2:] for line in ran.out.splitlines() if "/" in line}
    assert rows["shop/cart"] == ["."]
    assert rows["shop/catalog"] == ["X"]
    wide = netsim("reach", "fixtures/kind-pod/allow/manifests", "-o", "matrix", "--port", "80", "--workload", "web")
    assert wide.out.splitlines()[-2:] == ["1 shop/db    .", "2 shop/web X ."]
