"""Why each pair is allowed or denied, against the cases of netpol-analyzer: per pair, class of traffic and direction.

Of the Ingress controller netsim tells by which object it enters, and explains that traffic alone. What some of these
cases say of exposure, too, is asked about elsewhere.
"""

from collections.abc import Mapping
from typing import Any

import pytest

import netsim
from netsim.ingest import snapshot
from netsim.ir.verdict import Why
from netsim.queries import explain
from tests.conformance import explanations
from tests.conformance.analyzer import THEIRS, Case
from tests.conformance.explanations import Told, entering, first_rules, meaning, without_apart
from tests.conformance.listing import INGRESS_CONTROLLER, told_apart
from tests.conformance.more import asked, cases, departures, listed, refusals

#: How many cases there are; how many pairs they tell of, and how many of the Ingress controller.
ALL, PAIRS, OF_INGRESS = 25, 1_666, 8

every_case = pytest.mark.parametrize("case", asked("explain"), ids=str)


def found(case: Case) -> list[Told]:
    readable, _ = snapshot([case.folder / "manifests"], keep_going=True)
    return explanations.found(case, netsim.Cluster(readable, THEIRS))


def expected(case: Case) -> list[Told]:
    return explanations.expected(case)


def rows(case: Case) -> list[Mapping[str, Any]]:
    return [*case.said["expect"], *case.said["system_default_pairs"]]


def test_every_case_and_every_pair_is_asked_about() -> None:
    every = [row for case in cases("explain") for row in rows(case)]
    of_ingress = [row for row in every if INGRESS_CONTROLLER in (row["src"], row["dst"])]
    assert (len(asked("explain")), len(every) - len(of_ingress), len(of_ingress)) == (ALL, PAIRS, OF_INGRESS)


def test_every_listed_difference_is_of_a_case_and_is_listed_once() -> None:
    names = [(departure.choice, name) for departure in departures() for name in departure.cases]
    assert len(names) == len(set(names))
    assert {name for _, name in names} <= {
        str(case) for kind in ("explain", "focus", "warnings") for case in cases(kind)
    }


@every_case
def test_each_class_of_traffic_has_the_verdict_and_the_policies_and_rules_that_are_said(case: Case) -> None:
    told = meaning(found(case))
    told = first_rules(told) if case in listed("first") else told
    told = without_apart(told) if case in listed("apart") else told
    assert not told_apart(meaning(expected(case)), told)


@every_case
def test_what_the_ingress_controller_may_open_is_allowed_by_the_policies_that_are_said(case: Case) -> None:
    assert entering(expected(case)) == entering(found(case))


@pytest.mark.parametrize("case", sorted(listed("first") | listed("apart"), key=str), ids=str)
def test_a_case_that_is_listed_as_different_differs(case: Case) -> None:
    assert told_apart(meaning(expected(case)), meaning(found(case)))


@pytest.mark.parametrize(("name", "code"), refusals("explain"))
def test_manifests_that_are_listed_as_refused_are_refused(name: str, code: str) -> None:
    (case,) = (case for case in cases("explain") if str(case) == name)
    with pytest.raises(netsim.InputError) as refused:
        netsim.load(case.folder / "manifests")
    assert {problem.code for problem in refused.value.problems} == {code}


@every_case
def test_every_reason_of_a_policy_has_its_line(case: Case) -> None:
    readable, _ = snapshot([case.folder / "manifests"], keep_going=True)
    for pair in explain(netsim.Cluster(readable, THEIRS), source=("*", "internet"), destination=("*", "internet")):
        for part in pair.parts:
            for reason in (*part.egress.reasons, *part.ingress.reasons):
                places = [entry.place for entry in (reason.policy, reason.rule) if entry]
                assert all(place.line for place in places)
                misses = reason.mismatches if reason.why is Why.NO_RULE else ()
                assert all(miss.place.line for _, miss in misses)
