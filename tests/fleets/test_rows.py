"""What the rows say, and that they say it whatever befalls one cluster."""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest

import netsim
from netsim.errors import InputError, UsageError
from netsim.fleets import plan, rows
from netsim.queries import measures
from netsim.queries.across import Said
from netsim.queries.fleet import Fleet, State

EVERY = "clusters/*"
ASKED = {"source": "shop/web", "destination": "shop/db", "port": 5432}


@pytest.fixture
def pipe(clusters: Path) -> Iterator[str]:
    """A cluster that never comes: a pipe that nobody writes to."""
    path = clusters / "pipe.yaml"
    os.mkfifo(path)
    yield "clusters/pipe.yaml"
    with suppress(OSError):  # let the reader go that still waits
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))


def _states(fleet: Fleet) -> dict[str, State]:
    return {Path(row.cluster).stem: row.state for row in fleet}


@pytest.mark.usefixtures("clusters")
def test_a_row_measures_what_reach_counts() -> None:
    (row,) = netsim.fleet(["clusters/open.yaml"])
    summary = netsim.load("clusters/open.yaml").reach().summary
    assert {name: row.measures[name] for name in summary} == summary


def test_exposed_are_the_workloads_that_the_outside_reaches_by_policy_or_by_a_way_in(fixtures: list[str]) -> None:
    analysed = [row for row in netsim.fleet(fixtures) if row.ok]
    assert len({row.measures["exposed"] for row in analysed}) > 3
    for row in analysed:
        answer = netsim.load(row.cluster).reach()
        by_policy = {c.destination for c in answer if c.traffic and _is_outside(c.source)}
        by_ways = {way.destination for way in answer.entries if way.allowed}
        assert row.measures["exposed"] == len(by_policy | by_ways), row.cluster


def _is_outside(source: str) -> bool:
    return source == "{ingress-controller}" or source[0].isdigit() or ":" in source


@pytest.mark.usefixtures("clusters")
def test_each_cluster_says_what_query_says_of_it() -> None:
    fleet = netsim.fleet([EVERY], source="shop/web", destination="shop/db", port=5432)
    names = {said: {Path(name).stem for name in fleet.that_say(said)} for said in Said}
    assert names == {
        Said.YES: {"east", "north", "open", "west"},
        Said.NO: {"shut"},
        Said.ABSENT: {"without"},
        Said.UNKNOWN: set(),
    }


def test_a_port_name_that_one_cluster_lacks_is_absent_there(clusters: Path) -> None:
    (clusters / "west.yaml").write_text((clusters / "west.yaml").read_text().replace("name: pg, ", ""))
    fleet = netsim.fleet(["clusters/[ew]*st.yaml"], source="shop/web", destination="shop/db", port="pg")
    assert [row.reply.allowed for row in fleet] == [Said.YES, Said.ABSENT]


@pytest.mark.usefixtures("clusters")
def test_unknown_is_an_answer() -> None:
    fleet = netsim.fleet(["clusters/east.yaml"], source="shop/web", destination="shop/db", protocol="ICMP")
    assert [row.reply.allowed for row in fleet] == [Said.UNKNOWN]


@pytest.mark.usefixtures("clusters")
def test_which_clusters_expose_a_workload_and_to_whom() -> None:
    fleet = netsim.fleet([EVERY], exposes="shop/db")
    assert {Path(name).stem for name in fleet.that_expose()} == {"open"}
    (row,) = (row for row in fleet if row.reply.exposes is Said.YES)
    assert row.reply.exposed_by == ("0.0.0.0/0",)


def test_what_the_ingress_of_a_controller_in_the_cluster_leads_to_is_exposed() -> None:
    shop = str(Path(__file__).resolve().parents[2] / "fixtures" / "online-shop")
    (row,) = netsim.fleet([shop], exposes="shop/frontend")
    assert (row.reply.exposes, row.reply.exposed_by) == (Said.YES, ("Ingress shop/frontend",))


@pytest.mark.usefixtures("clusters")
def test_drift_is_what_diff_counts_against_the_majority() -> None:
    fleet = netsim.fleet([EVERY], drift=True)
    assert Path(str(fleet.reference)).stem == "east"
    assert [len(group) for group in fleet.groups] == [3, 1, 1, 1]
    for row in fleet:
        if row.ok:
            assert row.drift is not None
            counts = netsim.diff(netsim.load("clusters/east.yaml"), netsim.load(row.cluster)).counts
            assert {name: getattr(row.drift, name) for name in counts} == counts


@pytest.mark.usefixtures("clusters")
def test_drift_may_be_from_a_cluster_that_is_no_row() -> None:
    fleet = netsim.fleet(["clusters/east.yaml", "clusters/west.yaml"], reference="clusters/open.yaml")
    assert [row.cluster for row in fleet] == ["clusters/east.yaml", "clusters/west.yaml"]
    assert all(row.drift and row.drift.differs and row.drift.reference == "clusters/open.yaml" for row in fleet)


def test_the_drift_of_what_ifs_is_from_the_cluster_as_it_is(clusters: Path) -> None:
    (clusters / "shut.yaml").write_text("---".join((clusters / "shut.yaml").read_text().split("---")[-1:]))
    fleet = netsim.fleet(["clusters/east.yaml"], patches=["clusters/shut.yaml", "clusters/west.yaml"], drift=True)
    assert fleet.reference == "clusters/east.yaml"
    assert [bool(row.drift and row.drift.differs) for row in fleet] == [False, True, False]


@pytest.mark.parametrize("reference", ["clusters/broken.yaml", "clusters/nowhere.yaml"])
@pytest.mark.usefixtures("clusters")
def test_a_reference_that_fails_loses_the_drift_and_nothing_else(reference: str) -> None:
    east, *_ = fleet = netsim.fleet(["clusters/west.yaml", "clusters/east.yaml"], reference=reference)
    assert len(fleet) == 2
    assert east.counts
    assert (east.state, east.drift) == (State.USAGE, None)
    assert reference in east.error


@pytest.mark.usefixtures("clusters")
def test_without_a_largest_group_there_is_no_majority() -> None:
    assert netsim.fleet(["clusters/open.yaml", "clusters/east.yaml"], drift=True).divided
    assert not netsim.fleet([EVERY], drift=True).divided


def test_clusters_with_equal_connections_have_one_fingerprint_whatever_their_addresses(clusters: Path) -> None:
    text = (clusters / "east.yaml").read_text()
    (clusters / "west.yaml").write_text(text.replace("10.0.0.", "10.9.9."))
    east, west = netsim.fleet(["clusters/east.yaml", "clusters/west.yaml"], drift=True)
    assert east.reply.fingerprint == west.reply.fingerprint


@pytest.mark.usefixtures("clusters")
def test_fingerprints_are_equal_exactly_where_no_connection_differs(fixtures: list[str]) -> None:
    fleet = netsim.fleet([*fixtures, EVERY], drift=True, reference=fixtures[0])
    loaded = {row.cluster: netsim.load(row.cluster) for row in fleet if row.ok}
    marks = {row.cluster: row.reply.fingerprint for row in fleet}
    compared = 0
    some = ("clusters/east.yaml", "clusters/shut.yaml", fixtures[0], next(name for name in fixtures if "shop" in name))
    others = {name: loaded[name] for name in some}
    for (one, old), (two, new) in product([*loaded.items()][::4], others.items()):
        compared += 1
        assert (marks[one] == marks[two]) is (not netsim.diff(old, new)), (one, two)
    assert compared > 100


@pytest.mark.usefixtures("clusters")
def test_a_broken_cluster_is_a_row_with_its_error_and_loses_no_other() -> None:
    fleet = netsim.fleet([EVERY, "clusters/nowhere.yaml"])
    assert [row.cluster for row in fleet] == sorted(row.cluster for row in fleet)
    states = _states(fleet)
    assert {name for name, state in states.items() if state is not State.OK} == {"broken", "nowhere"}
    (broken,) = (row for row in fleet if "broken" in row.cluster)
    assert "NS106" in broken.error
    assert broken.problems
    assert broken.attempts == 1  # what an input says does not change


@pytest.mark.usefixtures("clusters")
def test_keep_going_measures_the_rest_of_a_broken_cluster() -> None:
    (row,) = netsim.fleet(["clusters/broken.yaml"], keep_going=True)
    assert row.state is State.PARTIAL
    assert row.measures["endpoints"] == 3
    assert row.problems


@pytest.mark.usefixtures("clusters")
def test_a_cluster_that_cannot_be_read_is_tried_again() -> None:
    (row,) = netsim.fleet(["clusters/nowhere.yaml"], retries=2)
    assert (row.state, row.attempts) == (State.INPUT, 3)
    assert "(3 attempts)" in row.error


@pytest.mark.usefixtures("clusters")
def test_a_cluster_that_never_comes_is_given_up_and_loses_no_other(pipe: str) -> None:
    fleet = netsim.fleet([EVERY, pipe], timeout=1, retries=1)
    (stuck,) = (row for row in fleet if row.state is State.TIMEOUT)
    assert (stuck.cluster, stuck.attempts) == (pipe, 2)
    assert sum(row.ok for row in fleet) == 6


@pytest.mark.usefixtures("clusters")
def test_a_crash_in_one_cluster_loses_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def of(cluster: object) -> tuple[int, ...]:
        if len(cluster.snapshot.policies) == 0:  # type: ignore[attr-defined]
            raise ZeroDivisionError("a bug of ours")
        return (1,)

    monkeypatch.setattr(measures, "MEASURES", (measures.Measure(columns=("x",), of=of),))
    fleet = netsim.fleet([EVERY])
    assert _states(fleet)["without"] is State.CRASH
    assert sum(row.ok for row in fleet) == 5


def test_a_name_that_two_workloads_have_costs_the_answer_and_not_the_measures(clusters: Path) -> None:
    (clusters / "east.yaml").write_text((clusters / "east.yaml").read_text().replace("name: batch", "name: web"))
    fleet = netsim.fleet(["clusters/east.yaml", "clusters/west.yaml"], source="web", destination="db", port=5432)
    assert [(row.state, bool(row.counts)) for row in fleet] == [(State.USAGE, True), (State.OK, True)]


@pytest.mark.usefixtures("clusters")
def test_what_no_cluster_has_is_told() -> None:
    slip = netsim.fleet([EVERY], source="shop/webb", destination="shop/db", port=5432)
    assert slip.missing == ("`shop/webb` names nothing in the input",)
    assert not netsim.fleet([EVERY], source="shop/web", destination="shop/db", port=5432).missing


@pytest.mark.usefixtures("clusters")
def test_rows_come_as_soon_as_they_are_known(pipe: str) -> None:
    known = rows(plan(["clusters/west.yaml", pipe], timeout=600, workers=2))
    assert next(known).cluster == "clusters/west.yaml"
    known.close()


@pytest.mark.usefixtures("clusters")
def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    netsim.fleet([EVERY], drift=True, progress=lambda done, total: told.append((done, total)))
    assert told[0] == (0, 7)
    assert told[-1] == (10, 10)


@pytest.mark.usefixtures("clusters")
def test_domain_names_and_profiles_reach_every_cluster() -> None:
    with pytest.raises(InputError):
        netsim.fleet([EVERY], dns={"example.com": ["nowhere"]})
    with pytest.raises(UsageError, match="no-such-network"):
        netsim.fleet([EVERY], cni="no-such-network")


@pytest.mark.parametrize(
    "options",
    [
        {"source": "a"},
        {"source": "a", "destination": "b"},
        {"port": 80},
        {"source": "a", "destination": "b", "port": 0},
        {"scheduler": "remote"},
        {"scheduler": "tcp://127.0.0.1:1", "workers": 2},
        {"workers": 0},
        {"retries": -1},
        {"timeout": 0},
    ],
    ids=str,
)
@pytest.mark.usefixtures("clusters")
def test_what_cannot_be_asked_is_refused_before_anything_is_read(options: dict) -> None:
    with pytest.raises(UsageError):
        plan([EVERY], **options)


@pytest.mark.usefixtures("clusters")
def test_the_rows_are_a_table_for_pandas_and_show_themselves_in_notebooks() -> None:
    fleet = netsim.fleet([EVERY], drift=True)
    assert [*fleet.to_frame()["cluster"]] == [row.cluster for row in fleet]
    assert "7 clusters, 1 failed" in str(fleet)
    assert "clusters/east.yaml" in fleet._repr_html_()
    assert fleet.to_dict()["summary"] == {"clusters": 7, "failed": 1}
