"""Listings of some workloads, directions and ports, against the cases of netpol-analyzer.

Its `focus_workloads` are netsim's ``workload``; with a direction or with peers, they are ``source`` or ``destination``.
What some cases say of exposure, too, is asked about elsewhere.
"""

from collections.abc import Iterator
from typing import Any

import pytest

import netsim
from netsim.ingest import snapshot
from netsim.ir.traffic import NONE
from tests.conformance.analyzer import THEIRS, Case
from tests.conformance.listing import INGRESS_CONTROLLER, Row, table, told_apart, traffic
from tests.conformance.more import asked, cases, refusals

#: How many cases there are.
ALL = 17

#: What that tool calls the controller that Ingress and Route objects are served by.
CONTROLLER = "ingress-controller"

every_case = pytest.mark.parametrize("case", asked("focus"), ids=str)

#: The arguments of ``reach``.
Question = dict[str, Any]


def questions(case: Case) -> Iterator[Question]:
    """Yield what to ask netsim for the rows of a case: one question, or one for each direction."""
    options = case.said["options"]
    conn, own, peers = (options.get(name) for name in ("focus_conn", "focus_workloads", "focus_workload_peers"))
    own = [INGRESS_CONTROLLER if name == CONTROLLER else name for name in own] if own else None
    port = {"port": "/".join(reversed(conn.upper().split("-")))} if conn else {}
    direction = options.get("focus_direction")
    if peers is None and direction is None:
        yield {**port, "workload": own}
        return
    if direction != "ingress":
        yield {**port, "source": own, "destination": peers}
    if direction != "egress":
        yield {**port, "source": peers, "destination": own}


def expected(case: Case) -> Iterator[Row]:
    for row in case.said["expect"]:
        yield row["src"] + _on(row.get("network")), row["dst"], (traffic(row["conn"]), NONE)


def found(case: Case) -> Iterator[Row]:
    readable, _ = snapshot([case.folder / "manifests"], keep_going=True)
    cluster = netsim.Cluster(readable, THEIRS)
    for question in questions(case):
        for row in cluster.reach(**question):
            yield row.source + _on(row.network), row.destination, (row.traffic, row.unknown)


def _on(network: str | None) -> str:
    """Return the mark of a secondary network."""
    return f" on {network.split()[-1]}" if network and " " in network else ""


def test_every_case_is_asked_about() -> None:
    assert len(asked("focus")) == ALL


@every_case
def test_the_rows_of_some_workloads_and_ports_are_those_that_are_said(case: Case) -> None:
    assert not told_apart(table(expected(case)), table(found(case)))


@every_case
def test_the_rows_of_some_workloads_and_ports_are_a_part_of_the_whole_listing(case: Case) -> None:
    readable, _ = snapshot([case.folder / "manifests"], keep_going=True)
    cluster = netsim.Cluster(readable, THEIRS)
    whole = {(row.source, row.destination, row.network): row.traffic for row in cluster.reach()}
    for question in questions(case):
        for row in cluster.reach(**question):
            assert not row.traffic - whole[row.source, row.destination, row.network]


@pytest.mark.parametrize(("name", "code"), refusals("focus"))
def test_manifests_that_are_listed_as_refused_are_refused(name: str, code: str) -> None:
    (case,) = (case for case in cases("focus") if str(case) == name)
    with pytest.raises(netsim.InputError) as refused:
        netsim.load(case.folder / "manifests")
    assert {problem.code for problem in refused.value.problems} == {code}
