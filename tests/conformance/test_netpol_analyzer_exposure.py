"""Exposure against the cases of netpol-analyzer: row by row, but for the listed differences."""

import pytest

from netsim.queries.exposure import ENTIRE_CLUSTER
from netsim.render import written
from tests.conformance import exposed
from tests.conformance.analyzer import Case

CASES = 25

every_case = pytest.mark.parametrize("case", exposed.cases(), ids=str)


def test_every_case_is_asked_about() -> None:
    assert len(exposed.cases()) == CASES


def test_every_listed_difference_is_of_a_case() -> None:
    assert exposed.differences().keys() <= {str(case) for case in exposed.cases()}


@every_case
def test_the_rows_are_those_expected_but_for_the_listed_differences(case: Case) -> None:
    _, rows = exposed.differences().get(str(case), ("", []))
    assert exposed.told_apart(case) == rows


@every_case
def test_the_unprotected_workloads_are_those_expected(case: Case) -> None:
    found = {(name, direction.value) for name, direction in exposed.answer(case).unprotected}
    assert found == exposed.unprotected(case)


@every_case
def test_the_text_holds_every_row(case: Case) -> None:
    text = "".join(written(exposed.answer(case), "text"))
    for workload, _, peer in exposed.found(case):
        assert any(workload in line and peer in line for line in text.splitlines())


def test_both_tools_know_the_entire_cluster_by_one_name() -> None:
    assert exposed.peer(ENTIRE_CLUSTER) == ENTIRE_CLUSTER


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("backend/[all pods]", "backend/[all pods]"),
        ("[all namespaces]/[pod with {k8s-app=kube-dns}]", "[all namespaces]/[pods with k8s-app=kube-dns]"),
        (
            "[namespace with {{Key:d.io/k,Operator:In,Values:[a b],},{Key:t,Operator:Exists,Values:[],}}]/[all pods]",
            "[namespaces with d.io/k in (a, b),t]/[all pods]",
        ),
        (
            "[namespace with {foo=m,{Key:e,Operator:DoesNotExist,Values:[],}}]/[pod with {app=x}]",
            "[namespaces with !e,foo=m]/[pods with app=x]",
        ),
    ],
)
def test_a_potential_peer_of_that_tool_is_read(theirs: str, ours: str) -> None:
    assert exposed.peer(theirs) == ours
