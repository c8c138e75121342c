"""Connections, changes, verdicts and refusals against the cases of netpol-analyzer.

The kinds explain, exposure, focus and warnings are asked elsewhere, or not.
"""

import re
from collections import Counter
from itertools import product

import pytest

import netsim
from netsim.ir.profile import Profile
from netsim.ir.traffic import NONE
from tests.conformance import analyzer
from tests.conformance.analyzer import THEIRS, UPSTREAM, Case, listed
from tests.conformance.endpoints import between, common_family, endpoints
from tests.conformance.listing import told_apart, traffic, without

#: How many cases of each kind are asked about, and how many of the others use each thing that is not modelled.
ASKED = {"connectivity": 61, "diff": 21, "eval": 30, "invalid": 23}
NOT_MODELLED = {"multiple_networks": 19}

#: What a refusal of that tool is called here.
CODES = {
    "BANP-name": "NS123",
    "duplicate-object": "NS105",
    "endPort-with-named-port": "NS114",
    "invalid-action": "NS123",
    "invalid-cidr": "NS116",
    "invalid-port-range": "NS114",
    "missing-from": "NS108",
    "missing-to": "NS108",
    "multiple-BANPs": "NS105",
    "no-manifest-files": "NS101",
    "peer-fields": "NS118",
    "port-fields": "NS113",
    "subject-fields": "NS118",
}

#: A workload in a note on a change: ``workload shop/cart[Deployment] and shop/web[Deployment] added``.
NOTED = re.compile(r"(\S+)\[(\w+)\]")


def of_kind(*kinds: str) -> pytest.MarkDecorator:
    """Ask a test of every case of some kinds."""
    return pytest.mark.parametrize("case", [case for kind in kinds for case in analyzer.asked(kind)], ids=str)


def of_choice(*choices: str) -> pytest.MarkDecorator:
    """Ask a test of every case that is listed under some choices of that tool."""
    found = {case for choice in choices for case in listed(choice)}
    return pytest.mark.parametrize("case", sorted(found, key=str), ids=str)


def test_every_case_is_asked_about_unless_it_uses_what_is_not_modelled() -> None:
    assert {kind: len(analyzer.asked(kind)) for kind in analyzer.KINDS} == ASKED
    left_out = [case for case in analyzer.cases() if case.not_modelled]
    assert Counter(feature for case in left_out for feature in case.not_modelled) == NOT_MODELLED
    assert len(analyzer.cases()) == sum(ASKED.values()) + len(left_out)


def test_every_listed_difference_is_of_a_case_that_is_asked_about_and_is_listed_once() -> None:
    names = [name for departure in analyzer.departures() for name in departure.cases]
    assert len(names) == len(set(names))
    assert set(names) <= {str(case) for kind in analyzer.KINDS for case in analyzer.asked(kind)}


@pytest.mark.parametrize("profile", [UPSTREAM, THEIRS], ids=["upstream", "their choices"])
@of_kind("connectivity", "diff")
def test_a_listing_means_the_same_but_for_the_rows_of_a_listed_difference(case: Case, profile: Profile) -> None:
    departing = _departing(case, profile)
    expected, found = (
        without(table, departing.__contains__) for table in (analyzer.expected(case), analyzer.found(case, profile))
    )
    assert not told_apart(expected, found)


def _departing(case: Case, profile: Profile) -> frozenset[str]:
    """Return the workloads whose rows a listed choice of that tool changes, where netsim does not make it, too."""
    pods = [pod for part in case.parts for pod in case.cluster(part).snapshot.pods]
    hosts = case in listed("hostNetwork") and profile is not THEIRS
    finished = case in listed("finished")
    return frozenset(str(p.workload) for p in pods if (hosts and p.host_network) or (finished and p.finished))


@of_choice("ipv4")
def test_rows_of_ipv6_are_left_out_only_where_netsim_lists_some(case: Case) -> None:
    assert any(":" in row.source + row.destination for row in case.cluster().reach())


@of_choice("hostNetwork", "finished")
def test_rows_are_left_out_only_of_a_listing_that_differs_in_them(case: Case) -> None:
    assert told_apart(analyzer.expected(case), analyzer.found(case, UPSTREAM))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param(name, departure.clause, id=name)
        for departure in analyzer.departures()
        if departure.choice in ("refused", "unquoted")
        for name in departure.cases
    ],
)
def test_manifests_that_are_listed_as_refused_are_refused(name: str, code: str) -> None:
    (case,) = (case for case in analyzer.cases() if str(case) == name)
    with pytest.raises(netsim.InputError) as refused:
        netsim.load(*(case.folder / part for part in case.parts))
    assert {problem.code for problem in refused.value.problems} == {code}


@of_kind("diff")
def test_a_workload_that_one_side_alone_has_is_named_as_the_cause(case: Case) -> None:
    old, new = (case.cluster(part) for part in case.parts)
    causes = {(c.source, c.destination): {(x.object, x.what) for x in c.because} for c in netsim.diff(old, new)}
    for row in analyzer.rows(case):
        noted = {(f"{kind} {name}", row["note"].split()[-1]) for name, kind in NOTED.findall(row["note"])}
        # Rows of addresses are spelt otherwise here.
        assert noted <= causes.get((row["src"], row["dst"]), noted), str(row)


@of_kind("eval")
def test_a_verdict_and_the_whole_of_what_two_peers_may_exchange_are_as_said(case: Case) -> None:
    cluster = case.cluster()
    for query in case.said["queries"]:
        if "port" in query:
            verdict = cluster.query(query["src"], query["dst"], port=query["port"], protocol=query["protocol"])
            assert verdict.allowed is query["allowed"], str(query)
        if "conn" in query:
            for source, destination in product(*(endpoints(query[end], cluster.program) for end in ("src", "dst"))):
                exchanged = between(cluster, source, destination, common_family(source, destination))
                assert exchanged == (traffic(query["conn"]), NONE), str(query)


@of_choice("accepted")
def test_manifests_that_are_listed_as_accepted_are_accepted(case: Case) -> None:
    assert len(case.cluster().reach())


@pytest.mark.parametrize("case", [c for c in analyzer.asked("invalid") if c not in listed("accepted")], ids=str)
def test_manifests_that_are_invalid_are_refused(case: Case) -> None:
    with pytest.raises(netsim.InputError) as refused:
        case.cluster()
    # Many of that tool's manifests leave out a podSelector that has to be written.
    assert {problem.code for problem in refused.value.problems} - {"NS126"} == {CODES[case.said["category"]]}
