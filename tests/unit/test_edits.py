"""Policies edited in memory, as users ask for it."""

from typing import Any

import pytest

import netsim
from netsim.errors import InputError, UsageError


def document(kind: str, name: str, namespace: str | None = "shop", **more: Any) -> dict[str, Any]:
    version = "networking.k8s.io/v1" if kind == "NetworkPolicy" else "v1"
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


def pod(name: str, **labels: str) -> dict[str, Any]:
    found = document("Pod", name, spec={"containers": [{"name": "c", "image": "c"}]})
    return {**found, "metadata": {**found["metadata"], "labels": labels}}


DENY = document("NetworkPolicy", "deny", spec={"podSelector": {}})
ALLOW = document(
    "NetworkPolicy",
    "allow",
    spec={
        "podSelector": {"matchLabels": {"app": "db"}},
        "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 5432}]}],
    },
)


@pytest.fixture
def cluster() -> netsim.Cluster:
    return netsim.load(documents=[pod("web", app="web"), pod("db", app="db"), DENY])


def test_a_policy_more_says_what_loading_it_says(cluster: netsim.Cluster) -> None:
    edited = cluster.with_policy(ALLOW)
    anew = netsim.load(documents=[pod("web", app="web"), pod("db", app="db"), DENY, ALLOW])
    assert edited.reach().to_dict() == anew.reach().to_dict()
    assert edited.edit is not None


def test_the_cluster_that_was_edited_stays_as_it_was(cluster: netsim.Cluster) -> None:
    before = cluster.reach().to_dict()
    cluster.with_policy(ALLOW).without_policy("shop/deny").reach()
    assert cluster.reach().to_dict() == before


def test_what_an_edit_does_to_connections_is_told_with_its_cause(cluster: netsim.Cluster) -> None:
    (change,) = cluster.with_policy(ALLOW).edits()
    assert (change.source, change.destination, str(change.new)) == ("shop/web[Pod]", "shop/db[Pod]", "TCP 5432")
    assert [(cause.object, cause.rule, cause.what) for cause in change.because] == [
        ("NetworkPolicy shop/allow", "ingress[0]", "allows")
    ]


def test_a_policy_of_the_same_name_is_replaced(cluster: netsim.Cluster) -> None:
    edited = cluster.with_policy(ALLOW)
    other = {**ALLOW, "spec": {**ALLOW["spec"], "ingress": []}}
    assert [policy.name for policy in edited.with_policy(other).snapshot.policies] == ["allow", "deny"]
    assert [change.change for change in edited.with_policy(other).edits()] == ["removed"]


def test_a_policy_less_opens_what_it_denied(cluster: netsim.Cluster) -> None:
    assert {change.change for change in cluster.without_policy("shop/deny").edits()} == {"added"}


def test_a_policy_in_a_namespace_that_no_object_named_is_read(cluster: netsim.Cluster) -> None:
    edited = cluster.with_policy({**ALLOW, "metadata": {"name": "allow", "namespace": "new"}})
    assert list(edited.edits()) == []
    assert "new" in edited.snapshot.namespaces


def test_an_edit_is_refused_as_the_api_server_refuses_it(cluster: netsim.Cluster) -> None:
    with pytest.raises(InputError, match="podSelectors"):
        cluster.with_policy({**ALLOW, "spec": {"podSelectors": {}}})


def test_what_is_no_policy_is_no_edit(cluster: netsim.Cluster) -> None:
    with pytest.raises(UsageError, match="a Pod is no policy"):
        cluster.with_policy(pod("other"))


def test_a_policy_that_is_not_there_is_told_with_one_that_is(cluster: netsim.Cluster) -> None:
    with pytest.raises(UsageError, match="no policy `shop/dney`") as caught:
        cluster.without_policy("shop/dney")
    assert caught.value.hint == "did you mean shop/deny?"


def test_a_cluster_that_was_loaded_has_no_edits(cluster: netsim.Cluster) -> None:
    with pytest.raises(UsageError, match="was not edited"):
        cluster.edits()
