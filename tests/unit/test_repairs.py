"""Repairs of roles and bindings: each takes away what a finding is about, and nothing else."""

from typing import Any

import pytest

import netsim
from netsim.access import Access
from netsim.api import Cluster
from netsim.ir.access import Request, Rights, Subject
from netsim.queries.repairs import RightsRepairs, patch, rights_repairs

_API = "rbac.authorization.k8s.io"
_GROUP = {"apiGroup": _API, "kind": "Group", "name": "developers"}
_EIGHT = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]


def role(*rules: dict[str, Any], name: str = "r", namespace: str | None = "shop") -> dict[str, Any]:
    """Return a Role, or without a namespace a ClusterRole."""
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    kind = "Role" if namespace else "ClusterRole"
    return {"apiVersion": f"{_API}/v1", "kind": kind, "metadata": metadata, "rules": list(rules)}


def rule(verbs: str, resources: str, group: str = "", **more: Any) -> dict[str, Any]:
    """Return a rule; words are separated by spaces."""
    return {"verbs": verbs.split(), "apiGroups": [group], "resources": resources.split(), **more}


def bound(*subjects: dict[str, Any], to: str = "r", kind: str = "Role") -> dict[str, Any]:
    """Return a RoleBinding of the namespace shop."""
    metadata, ref = {"name": "b", "namespace": "shop"}, {"apiGroup": _API, "kind": kind, "name": to}
    made = {"apiVersion": f"{_API}/v1", "kind": "RoleBinding", "metadata": metadata}
    return {**made, "roleRef": ref, "subjects": list(subjects)}


def account(name: str) -> dict[str, Any]:
    """Return an account as a binding names it."""
    return {"kind": "ServiceAccount", "name": name, "namespace": "shop"}


def _declared(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": "shop"}}


def _pod(name: str) -> dict[str, Any]:
    spec = {"serviceAccountName": name, "containers": [{"name": "c", "image": "i"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "shop"}, "spec": spec}


def asked(*objects: dict[str, Any]) -> tuple[Cluster, RightsRepairs]:
    """Return a cluster, and what mends it."""
    cluster = netsim.load(documents=list(objects))
    return cluster, rights_repairs(cluster)


def patches(*objects: dict[str, Any]) -> dict[str, Any]:
    """Return what becomes of each object: its rules or subjects, None where it is removed."""
    _, answer = asked(*objects)
    assert all(each.mends and not each.left for each in answer)
    found = {each.before.name: patch(each) for each in answer}
    return {name: own.get("rules", own.get("subjects")) for name, own in found.items()}


READS = rule("get", "pods")


@pytest.mark.parametrize(
    ("objects", "wanted"),
    [
        ([role(READS), bound(_GROUP)], {}),
        ([bound(_GROUP)], {"b": None}),
        ([role(READS)], {"r": None}),
        ([role(READS), bound(account("gone"), _GROUP), _declared("ci"), _pod("ci")], {"b": [_GROUP]}),
        ([role(READS), bound(account("gone")), _declared("ci"), _pod("ci")], {"b": None, "r": None}),
        ([role(READS), bound(account("idle"), _GROUP), _declared("idle"), _pod("ci")], {"b": [_GROUP]}),
        ([role(READS), bound(account("default"), _GROUP), _pod("ci")], {"b": [_GROUP]}),
        ([role(READS), bound(account("default"), _GROUP), _pod("default")], {}),
        (
            [role(rule("get create", "pods", resourceNames=["a"])), bound(_GROUP)],
            {"r": [{**READS, "resourceNames": ["a"]}]},
        ),
        (
            [
                role(READS, {"verbs": ["get"], "nonResourceURLs": ["/x"]}, namespace=None),
                bound(_GROUP, kind="ClusterRole"),
            ],
            {"r": [READS]},
        ),
        ([role(rule("*", "roles", _API)), bound(_GROUP)], {"r": [{**rule("*", "roles", _API), "verbs": _EIGHT}]}),
        ([role(rule("*", "pods")), bound(_GROUP)], {}),
        ([role(rule("get", "*", "batch")), bound(_GROUP)], {"r": [rule("get", "cronjobs jobs", "batch")]}),
        ([role(rule("get", "*", "example.com")), bound(_GROUP)], {}),
        ([role({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}), bound(_GROUP)], {}),
        ([role(rule("get", "secrets")), bound(_GROUP)], {}),
    ],
)
def test_a_repair_takes_away_what_the_finding_is_about(objects: list[dict[str, Any]], wanted: dict[str, Any]) -> None:
    assert patches(*objects) == wanted


def test_a_subject_that_is_not_authenticated_is_taken_out_and_kept_where_it_is_in_a_default() -> None:
    anybody = {"apiGroup": _API, "kind": "Group", "name": "system:unauthenticated"}
    assert patches(role(READS), bound(anybody, _GROUP)) == {"b": [_GROUP]}


def test_what_a_repair_leaves_is_allowed_as_before_and_nothing_more() -> None:
    cluster, answer = asked(role(rule("*", "roles", _API), rule("get", "*", "batch")), bound(_GROUP))
    (repair,) = answer
    rights = cluster.rights
    roles = tuple(repair.after if each == repair.before else each for each in rights.roles)
    after = Access(Rights(roles=roles, bindings=rights.bindings, accounts=rights.accounts))  # type: ignore[arg-type]
    somebody = Subject.group("developers")
    for verb in (*_EIGHT, "escalate", "bind"):
        for resource, group in (("roles", _API), ("jobs", "batch"), ("widgets", "batch"), ("pods", "")):
            request = Request(verb=verb, resource=resource, group=group, namespace="shop")
            before, now = cluster.access.allows(somebody, request).allowed, after.allows(somebody, request).allowed
            lost = verb in ("escalate", "bind") or resource == "widgets"
            assert now is (before and not lost), request


def test_what_nothing_mends_is_left_to_be_decided() -> None:
    _, answer = asked(role(rule("get", "secrets")), bound(_GROUP))
    assert [each.code for each in answer.undecided] == ["NS223"]
    assert answer.facts()["summary"] == {"repairs": 0, "undecided": 1}
