"""Who could come to reach a destination: each way does it once it is taken, and by whose right is told."""

import io
from typing import Any

import pytest

import netsim
from netsim.api import Cluster
from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ir.objects import Pod
from netsim.ir.profile import HostNetwork
from netsim.queries.prove import Prover
from netsim.queries.whocould import By, Way, WhoCould, who_could
from tests.agree.generate import seeded
from tests.build import PODS, policy

DB = policy(
    "db",
    "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: shop}}, "
    "podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}",
)
DEV = "apiVersion: v1\nkind: Namespace\nmetadata: {name: dev}\n"


def role(name: str, rules: str, namespace: str, subject: str) -> str:
    kind, api = ("Role", "rbac.authorization.k8s.io") if namespace else ("ClusterRole", "rbac.authorization.k8s.io")
    place = f", namespace: {namespace}" if namespace else ""
    return (
        f"apiVersion: {api}/v1\nkind: {kind}\nmetadata: {{name: {name}{place}}}\nrules: [{rules}]\n---\n"
        f"apiVersion: {api}/v1\nkind: {kind}Binding\nmetadata: {{name: {name}{place}}}\n"
        f"roleRef: {{apiGroup: {api}, kind: {kind}, name: {name}}}\nsubjects: [{{kind: User, name: {subject}}}]\n"
    )


RIGHTS = (
    role("deploy", "{apiGroups: [apps], resources: [deployments], verbs: [patch]}", "shop", "ann"),
    role("label", "{apiGroups: [''], resources: [namespaces], verbs: [update]}", "", "bob"),
    role("policies", "{apiGroups: [networking.k8s.io], resources: [networkpolicies], verbs: ['*']}", "shop", "cid"),
)


@pytest.fixture(scope="module")
def shop() -> Cluster:
    return netsim.load(io.StringIO("\n---\n".join([PODS, DEV, DB, *RIGHTS])))


@pytest.fixture(scope="module")
def found(shop: Cluster) -> WhoCould:
    return shop.who_could("shop/db", port="5432/TCP")


def _told(way: Way) -> tuple[str, str | None, dict[str, str], list[str]]:
    return str(way.by), way.namespace, dict(way.labels), [holder.subject for holder in way.holders]


def test_who_does_and_who_could_are_told_with_whose_right(found: WhoCould) -> None:
    assert [row.source for row in found.now] == ["shop/web[Pod]"]
    assert [_told(way) for way in found.by(By.POD, By.LABELS)] == [
        ("pod", "shop", {}, ["User:ann"]),
        ("namespace-labels", "dev", {"team": "shop"}, ["User:bob"]),
        ("namespace-labels", "ops", {"team": "shop"}, ["User:bob"]),
    ]
    (new,) = found.by(By.NEW_NAMESPACE)
    assert (dict(new.labels), new.holders) == ({"team": "shop"}, ())
    changes = [(str(way.by), str(way.policy), [h.subject for h in way.holders]) for way in found][-3:]
    assert changes == [
        ("policy-edit", "shop/db", ["User:cid"]),
        ("policy-deletion", "shop/db", ["User:cid"]),
        ("new-policy", "shop/new", ["User:cid"]),
    ]


def test_the_pods_and_labels_do_it_once_they_are_applied(found: WhoCould) -> None:
    ways = found.by(By.POD, By.LABELS, By.NEW_NAMESPACE)
    assert len(ways) == 4
    for way in ways:
        objects = way.to_dict()["objects"]
        given = netsim.load(io.StringIO("\n---\n".join([PODS, DEV, DB])), documents=objects)
        assert given.query(f"{way.namespace}/a-pod", "shop/db", port=5432).allowed is True


def test_a_right_has_its_binding_role_and_rule_with_their_places(found: WhoCould) -> None:
    (grant,) = found.by(By.POD)[0].to_dict()["holders"][0]["grants"]
    assert (grant["binding"]["name"], grant["role"]["name"], grant["rule"]) == ("shop/deploy", "shop/deploy", 0)
    assert (grant["line"] or 0) > (grant["role"]["line"] or 0) > 0
    assert "User:ann may patch deployments.apps in namespace shop" in str(found)


def test_the_rights_of_one_subject_can_be_asked_about_alone(shop: Cluster) -> None:
    found = shop.who_could("shop/db", port=5432, subject="User:bob")
    assert {str(way.by) for way in found} == {"namespace-labels"}
    assert not shop.who_could("shop/db", port=5432, subject="User:eve").ways


def test_a_namespace_that_is_named_opens_by_no_label() -> None:
    named = DB.replace("team: shop", "kubernetes.io/metadata.name: shop")
    given = netsim.load(io.StringIO("\n---\n".join([PODS, DEV, named, *RIGHTS])))
    assert not given.who_could("shop/db", port=5432).by(By.LABELS, By.NEW_NAMESPACE)


def test_without_bindings_the_ways_are_told_and_whose_they_are_is_not_known() -> None:
    found = netsim.load(io.StringIO("\n---\n".join([PODS, DB]))).who_could("shop/db", port="pg")
    assert found.by(By.POD)
    assert "the input holds no bindings" in found.warnings[0].message


@pytest.mark.parametrize("wrong", [{"destination": "internet"}, {"subject": "bob"}, {"destination": "shop/none"}])
def test_a_question_about_nobody_is_a_mistake(shop: Cluster, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        shop.who_could(**{"destination": "shop/db", "port": 5432, **wrong})


def test_a_pod_could_come_from_exactly_the_namespaces_that_are_not_proved_to_be_closed() -> None:
    seen = []
    for number in range(12):
        case = seeded(number)
        given = Compiled(case.snapshot, case.profile)
        free = [p for p in case.snapshot.pods if not (p.finished or p.host_network)]
        if not free or case.profile.host_network is not HostNetwork.AS_NODE:
            continue
        destination = f"{free[0].namespace}/{free[0].name}"
        found = {way.namespace for way in who_could(given, destination, port=80).by(By.POD)}
        closed = {
            space
            for space in case.snapshot.namespaces
            if Prover(given).isolated(source=f"{space}/*", destination=destination, port=80).witness is None
        }
        assert found == set(case.snapshot.namespaces) - closed
        seen.append(len(found))
        assert all(isinstance(way.witness.flow.destination, Pod) for way in who_could(given, destination, port=80))
    assert len(set(seen)) > 1, seen
