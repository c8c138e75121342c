"""What an answer rests on is said with it, and of one verdict only what it hangs on."""

import io
from collections.abc import Mapping

import pytest

import netsim
from netsim.cluster import Compiled
from netsim.queries import diff, explain, matrix, query, reach
from tests.build import PODS, cluster, policy

BASELINE = """
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {name: default}
spec:
  subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}
  egress: [{action: Deny, to: [{namespaces: {}}]}]
"""
INGRESS_ALONE = policy("web", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}")
BOTH = policy("web", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress, Egress], egress: [{}]}")


def _of(assumptions: tuple[str, ...], clause: str) -> list[str]:
    return [text for text in assumptions if f"({clause})" in text]


def test_a_verdict_says_where_it_hangs_on_the_baseline_of_a_pod_that_is_isolated_in_the_other_direction() -> None:
    torn = cluster(BASELINE, INGRESS_ALONE)
    denied = query(torn, "shop/web", "shop/db", port=5432)
    assert denied.allowed is False
    assert len(_of(denied.assumptions, "S4.3")) == 1


@pytest.mark.parametrize(
    ("policies", "peers"),
    [
        ((BASELINE, INGRESS_ALONE), ("shop/db", "ops/batch")),
        ((BASELINE, BOTH), ("shop/web", "shop/db")),
        ((BASELINE,), ("shop/web", "shop/db")),
        ((INGRESS_ALONE,), ("shop/web", "shop/db")),
    ],
    ids=["another pair", "isolated in both", "not isolated", "no baseline"],
)
def test_a_verdict_that_does_not_hang_on_it_says_nothing_of_it(
    policies: tuple[str, ...], peers: tuple[str, str]
) -> None:
    assert not _of(query(cluster(*policies), *peers, port=5432).assumptions, "S4.3")


def test_every_listing_counts_the_endpoints_whose_baseline_is_a_matter_of_reading() -> None:
    torn, whole = cluster(BASELINE, INGRESS_ALONE), cluster(BASELINE, BOTH)
    for answer in (reach(torn), explain(torn), matrix(torn, port=80), diff(whole, torn)):
        (told,) = _of(answer.assumptions, "S4.3")
        assert told.startswith("1 endpoint is isolated")
    for answer in (reach(whole), explain(whole), matrix(whole, port=80), diff(whole, whole)):
        assert not _of(answer.assumptions, "S4.3")


def test_a_network_that_has_decided_the_baseline_leaves_nothing_open() -> None:
    kindnet = netsim.load(io.StringIO("\n---\n".join([PODS, BASELINE, INGRESS_ALONE])), cni="kindnet")
    assert not _of(kindnet.reach().assumptions, "S4.3")
    assert not _of(kindnet.query("shop/web", "shop/db", port=5432).assumptions, "S4.3")


NAMED = """
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: names}
spec:
  priority: 1
  subject: {namespaces: {}}
  egress:
  - {action: Allow, to: [{domainNames: [example.com]}]}
  - {action: Deny, to: [{networks: [0.0.0.0/0]}]}
"""


def named(names: Mapping[str, list[str]] | None) -> Compiled:
    return netsim.load(io.StringIO("\n---\n".join([PODS, NAMED])), dns=names)


def test_a_denial_says_where_it_rests_on_the_table_of_names_being_whole() -> None:
    known = named({"example.com": ["203.0.113.7"]})
    denied = query(known, "shop/web", "203.0.113.8", port=443)
    assert denied.allowed is False
    assert len(_of(denied.assumptions, "S3.5")) == 1
    assert len(_of(reach(known).assumptions, "S3.5")) == 1


@pytest.mark.parametrize(
    ("names", "address", "allowed"),
    [
        ({"example.com": ["203.0.113.7"]}, "203.0.113.7", True),
        ({"example.com": ["203.0.113.7"]}, "shop/db", False),
        ({"example.org": ["203.0.113.7"]}, "203.0.113.8", None),
        (None, "203.0.113.8", None),
    ],
    ids=["an address of the name", "a pod", "another name", "no table"],
)
def test_a_verdict_that_does_not_rest_on_the_table_being_whole_says_nothing_of_it(
    names: Mapping[str, list[str]] | None, address: str, *, allowed: bool | None
) -> None:
    verdict = query(named(names), "shop/web", address, port=443)
    assert verdict.allowed is allowed
    assert not _of(verdict.assumptions, "S3.5")
