"""``--dns FILE``: what domain names resolve to."""

from pathlib import Path

import pytest

from tests.cli.conftest import Netsim

MANIFESTS = "fixtures/clauses/s3.5-names/manifests"
TABLE = "fixtures/clauses/s3.5-names/dns.yaml"
QUERY = ("query", MANIFESTS, "--from", "shop/web", "--to", "198.51.100.1", "--port", "443")


def test_without_a_table_a_name_is_unknown_and_the_way_out_is_told(netsim: Netsim) -> None:
    ran = netsim(*QUERY)
    assert ran.status == 3
    assert "--dns FILE" in ran.out


def test_with_a_table_a_name_is_its_addresses(netsim: Netsim) -> None:
    assert netsim(*QUERY, "--dns", TABLE).status == 0
    assert "198.51.100.1/32" in netsim("reach", MANIFESTS, "--dns", TABLE).out


def test_both_sides_of_a_diff_read_the_table(netsim: Netsim) -> None:
    assert netsim("diff", MANIFESTS, MANIFESTS, "--dns", TABLE).status == 0


@pytest.mark.parametrize("text", ["example.com: here\n", ""])
def test_a_table_that_is_wrong_is_trouble(netsim: Netsim, tmp_path: Path, text: str) -> None:
    table = tmp_path / "dns.yaml"
    table.write_text(text)
    ran = netsim(*QUERY, "--dns", str(table))
    assert (ran.status, ran.out) == (2, "")
    assert str(table) in ran.err


def test_a_table_that_is_not_there_is_trouble(netsim: Netsim) -> None:
    assert netsim(*QUERY, "--dns", "nowhere.yaml").status == 2
