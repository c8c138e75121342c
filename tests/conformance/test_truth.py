"""Verdicts against the truth tables of the upstream suites and of the API's own words."""

from collections import Counter
from pathlib import Path

import pytest

from netsim.spec import judge
from tests.conformance import truth
from tests.conformance.endpoints import between

#: How many cases there are, and how many use each kind of policy beside NetworkPolicy.
ALL = 244
KINDS = {"AdminNetworkPolicy": 25, "BaselineAdminNetworkPolicy": 16, "ClusterNetworkPolicy": 45}

CASES = truth.case_files()
every_case = pytest.mark.parametrize("file", CASES, ids=truth.name_of)


def test_the_cases_are_all_there_and_use_every_kind_of_policy() -> None:
    used = Counter(kind for file in CASES for kind in truth.policy_kinds(file) - {"NetworkPolicy"})
    assert (len(CASES), used) == (ALL, KINDS)


@every_case
def test_the_matrix_of_a_cluster_is_the_expected_table(file: Path) -> None:
    cluster = truth.cluster_of(file)
    hosts = {str(pod) for pod in cluster.snapshot.pods if pod.host_network}
    for probe in truth.probes(file):
        matrix = cluster.matrix(port=probe.port, protocol=probe.protocol, family=probe.family)
        # The tables leave out a pod to itself, and hostNetwork pods as sources.
        found = {
            (source, destination): allowed
            for source, row in matrix.items()
            for destination, allowed in row.items()
            if source != destination and source not in hosts
        }
        assert found == probe.of_pods(), f"{probe.protocol} {probe.port}"


@every_case
def test_a_query_from_or_to_an_address_gives_the_expected_verdict(file: Path) -> None:
    cluster = truth.cluster_of(file)
    for probe in truth.probes(file):
        for source, destination, allowed in probe.with_addresses():
            verdict = cluster.query(source, destination, port=probe.port, protocol=probe.protocol, family=probe.family)
            assert verdict.allowed is allowed, str(verdict.deciding.flow)


@every_case
def test_the_definition_gives_every_expected_verdict(file: Path) -> None:
    cluster = truth.cluster_of(file)
    for probe in truth.probes(file):
        for flow, allowed in probe.flows(cluster.program):
            assert judge(cluster.snapshot, cluster.profile, flow).allowed is allowed, str(flow)


@every_case
def test_the_compiled_form_gives_every_expected_verdict(file: Path) -> None:
    cluster = truth.cluster_of(file)
    for probe in truth.probes(file):
        for flow, allowed in probe.flows(cluster.program):
            surely, perhaps = between(cluster, flow.source, flow.destination, flow.family)
            assert ((flow.protocol, flow.port) in surely) is allowed, str(flow)
            assert (flow.protocol, flow.port) not in perhaps, str(flow)


@pytest.mark.parametrize("file", [file for file in CASES if list(truth.asserted(file))], ids=truth.name_of)
def test_what_a_suite_itself_asserts_holds(file: Path) -> None:
    cluster = truth.cluster_of(file)
    for source, destination, port, allowed in truth.asserted(file):
        assert cluster.query(source, destination, **port).allowed is allowed, f"{source} -> {destination} {port}"
