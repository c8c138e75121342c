"""The fixtures: small clusters whose verdicts were worked out from docs/semantics.md and not from the code."""

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
FOLDERS = sorted(path.parents[1] for path in FIXTURES.rglob("expected/verdicts.csv"))
ASKED = sorted(path.parents[1] for path in FIXTURES.rglob("expected/requests.csv"))
REFUSED = sorted(path.parents[1] for path in FIXTURES.rglob("expected/problems.csv"))
COLUMNS = ["from", "to", "port", "protocol", "family", "allowed", "why"]
ALLOWED = {"true": True, "false": False, "unknown": None}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def names_of(folder: Path) -> dict[str, list[str]] | None:
    """Return what domain names resolve to, where a fixture says so."""
    table = folder / "dns.yaml"
    found: dict[str, list[str]] | None = yaml.safe_load(table.read_text(encoding="utf-8")) if table.exists() else None
    return found


def _name(folder: Path) -> str:
    return folder.relative_to(FIXTURES).as_posix()


def _connections(answer: Any) -> dict[tuple[str, str], str]:
    """Return the traffic between workloads of a reachability answer, as the fixtures write it."""
    return {
        (row["from"], row["to"]): _written(row["traffic"])
        for row in answer.to_dict()["connections"]
        if row["from"].endswith("]") and row["to"].endswith("]")
    }


def _written(traffic: str | dict[str, str] | None) -> str:
    if traffic is None:
        return ""
    if isinstance(traffic, str):
        return traffic
    return "; ".join(f"{protocol} {ports}" for protocol, ports in traffic.items())


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_every_verdict_is_the_one_that_the_text_gives(folder: Path) -> None:
    import netsim

    # A folder below `profiles` is called like the network that it is about.
    cni = folder.name if folder.parent.name == "profiles" else "upstream"
    cluster = netsim.load(folder / "manifests", cni=cni, dns=names_of(folder))
    wrong = []
    for row in rows_of(folder / "expected" / "verdicts.csv"):
        verdict = cluster.query(
            row["from"], row["to"], port=row["port"] or 0, protocol=row["protocol"], family=row["family"] or None
        )
        if verdict.allowed is not ALLOWED[row["allowed"]]:
            wrong.append((row, verdict.allowed))
    assert not wrong


@pytest.mark.parametrize("case", ["online-shop", "online-shop-next"])
def test_the_connections_between_workloads_are_exactly_those_listed(case: str) -> None:
    import netsim

    cluster = netsim.load(FIXTURES / case / "manifests")
    listed = {
        (row["from"], row["to"]): row["traffic"] for row in rows_of(FIXTURES / case / "expected" / "connections.csv")
    }
    assert _connections(cluster.reach()) == listed


def test_the_changes_between_workloads_are_exactly_those_listed() -> None:
    import netsim

    changes = netsim.diff(netsim.load(FIXTURES / "online-shop"), netsim.load(FIXTURES / "online-shop-next"))
    found = [
        (row["from"], row["to"], _written(row["old"]), _written(row["new"]), row["change"])
        for row in changes.to_dict()["changes"]
        if row["from"].endswith("]") and row["to"].endswith("]")
    ]
    listed = [tuple(row.values()) for row in rows_of(FIXTURES / "online-shop-next" / "expected" / "changes.csv")]
    assert sorted(found) == sorted(listed)


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_expected_verdicts_are_well_formed(folder: Path) -> None:
    path = folder / "expected" / "verdicts.csv"
    with path.open(encoding="utf-8", newline="") as text:
        assert next(csv.reader(text)) == COLUMNS
    for row in rows_of(path):
        assert row["allowed"] in ALLOWED
        assert row["family"] in {"", "IPv4", "IPv6"}
        assert (row["port"] == "") == (row["protocol"] not in {"TCP", "UDP", "SCTP"})
        assert row["why"]


@pytest.mark.parametrize("folder", ASKED, ids=_name)
def test_every_request_is_allowed_or_not_as_the_text_says(folder: Path) -> None:
    import netsim

    cluster = netsim.load(folder / "manifests")
    wrong = []
    for row in rows_of(folder / "expected" / "requests.csv"):
        assert row["why"]
        asked = {"path": row["resource"]} if row["resource"].startswith("/") else {"resource": row["resource"]}
        given = {key: row[key] for key in ("namespace", "name") if row[key]}
        answer = cluster.can(row["subject"], row["verb"], **asked, **given)
        if answer.allowed is not ALLOWED[row["allowed"]]:
            wrong.append((row, answer.allowed))
    assert not wrong


@pytest.mark.parametrize("folder", REFUSED, ids=_name)
def test_everything_that_is_wrong_is_told_with_its_place(folder: Path) -> None:
    import netsim

    with pytest.raises(netsim.InputError) as refused:
        netsim.load(folder / "manifests")
    found = [(Path(p.file).name, str(p.line), p.code, p.field) for p in refused.value.problems]
    assert found == [tuple(row.values()) for row in rows_of(folder / "expected" / "problems.csv")]


@pytest.mark.parametrize("folder", [*FOLDERS, *ASKED, *REFUSED], ids=_name)
def test_a_fixture_says_in_its_readme_what_it_shows(folder: Path) -> None:
    lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    assert 1 <= len(lines) <= 2


def test_no_expectation_can_be_taken_for_a_manifest() -> None:
    # The reader of a folder takes these endings at any depth.
    assert not [path for path in FIXTURES.rglob("expected/*") if path.suffix in {".yaml", ".yml", ".json"}]


def test_every_fixture_has_expected_verdicts_or_requests_or_problems() -> None:
    manifests = sorted(path.parent for path in FIXTURES.rglob("manifests") if path.is_dir())
    assert manifests == sorted({*FOLDERS, *ASKED, *REFUSED})
