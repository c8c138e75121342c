"""The order in which a reviewer sees changes, and what kind of thing made them."""

from ipaddress import ip_network

import pytest

from netsim import queries
from netsim.errors import UsageError
from netsim.queries.differences import Diff
from netsim.queries.risk import CauseKind, cause_kinds, is_internet
from tests.build import PODS, cluster, policy
from tests.unit.ingested import ingested

CLOSED = policy("closed", "{podSelector: {}, ingress: []}")
OPENED = policy(
    "closed",
    "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}, {namespaceSelector: {}}], "
    "ports: [{port: 80}]}]}",
)


def opened(**asked: str) -> Diff:
    return queries.diff(cluster(CLOSED), cluster(OPENED), **asked)


@pytest.mark.parametrize("block", ["0.0.0.0/0", "8.0.0.0/7", "203.0.113.0/24", "8.8.8.8/32", "2000::/3", "::/0"])
def test_an_address_that_anybody_may_have_is_the_internet(block: str) -> None:
    assert is_internet(ip_network(block))


@pytest.mark.parametrize("block", ["10.0.0.0/8", "10.1.2.3/32", "172.16.0.0/12", "100.64.0.0/16", "fd00::/8"])
def test_an_address_that_nobody_out_there_has_is_not(block: str) -> None:
    assert not is_internet(ip_network(block))


def test_the_gravest_openings_come_first() -> None:
    found = opened(crown="shop/db")
    assert [(each.source, each.destination, [str(risk) for risk in each.risks]) for each in found] == [
        ("0.0.0.0/0", "shop/db[Pod]", ["internet", "crown-jewel"]),
        ("0.0.0.0/0", "shop/web[Pod]", ["internet"]),
        ("ops/batch[Pod]", "shop/db[Pod]", ["cross-namespace", "crown-jewel"]),
        ("ops/batch[Pod]", "shop/web[Pod]", ["cross-namespace"]),
        ("shop/web[Pod]", "shop/db[Pod]", ["crown-jewel"]),
        ("shop/db[Pod]", "shop/web[Pod]", []),
    ]
    assert found.exposed == ("shop/db[Pod]", "shop/web[Pod]")


def test_what_closes_is_no_risk_and_comes_last() -> None:
    found = queries.diff(cluster(OPENED), cluster(CLOSED))
    assert {each.risks for each in found} == {()}
    assert found.exposed == ()


def test_a_way_out_to_the_internet_is_a_risk_of_its_own() -> None:
    out = policy("out", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: EGRESS}")
    one, other = (out.replace("EGRESS", egress) for egress in ("[]", "[{to: [{ipBlock: {cidr: 192.0.2.0/24}}]}]"))
    (change,) = queries.diff(cluster(one), cluster(other))
    assert [str(risk) for risk in change.risks] == ["internet-egress"]


@pytest.mark.parametrize(
    "marked",
    [
        PODS.replace("{name: db, namespace: shop,", '{name: db, namespace: shop, annotations: {MARK: "true"},'),
        PODS.replace("{name: shop, labels", '{name: shop, annotations: {MARK: "true"}, labels'),
    ],
    ids=["workload", "namespace"],
)
def test_an_annotation_marks_a_crown_jewel_on_a_workload_or_on_its_namespace(marked: str) -> None:
    pods = marked.replace("MARK", "netsim.dev/crown-jewel")
    found = queries.diff(cluster(CLOSED, pods=pods), cluster(OPENED, pods=pods))
    assert "shop/db[Pod]" in {each.destination for each in found if "crown-jewel" in each.risks}


@pytest.mark.parametrize(
    "where", ["metadata: {name: web, ANNOTATION}", "template: {metadata: {labels: {app: web}, ANNOTATION}"]
)
def test_the_pods_of_a_marked_workload_are_marked(where: str) -> None:
    text = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          selector: {matchLabels: {app: web}}
          template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: web-1
          labels: {app: web}
          ownerReferences: [{kind: Deployment, name: web, controller: true}]
        spec: {containers: [{name: c}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: other}
        spec: {containers: [{name: c}]}
    """
    text = text.replace(where.replace(", ANNOTATION", ""), where)
    found = ingested(text.replace("ANNOTATION", 'annotations: {netsim.dev/crown-jewel: "true"}'))
    assert {pod.name: pod.crown_jewel for pod in found.pods} == {"other": False, "web-1": True}


def test_a_mark_that_says_neither_yes_nor_no_is_told() -> None:
    text = "{apiVersion: v1, kind: Namespace, metadata: {name: a, annotations: {netsim.dev/crown-jewel: 'yes'}}}"
    (notice,) = ingested(text).warnings
    assert '"yes" is neither "true" nor "false"' in notice.message


def test_a_crown_jewel_is_a_workload() -> None:
    with pytest.raises(UsageError, match="a crown jewel is a workload"):
        opened(crown="10.0.0.0/8")


def test_workloads_that_come_are_told_apart_from_policies_that_change() -> None:
    more = PODS + (
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: new, namespace: ops}\nspec: {containers: [{name: c}]}\n"
    )
    found = queries.diff(cluster(CLOSED), cluster(OPENED, pods=more))
    kinds = {(each.source, each.destination): cause_kinds(each.because) for each in found}
    assert kinds["ops/new[Pod]", "shop/web[Pod]"] == (CauseKind.WORKLOAD_ADDED,)
    assert kinds["ops/batch[Pod]", "shop/web[Pod]"] == (CauseKind.POLICY,)
