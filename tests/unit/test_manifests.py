"""Objects as they were written, for the analyses that need more of them than a Snapshot keeps."""

from io import StringIO

import pytest

import netsim
from netsim.ingest import Manifests, snapshot

ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: shop}
rules: [{apiGroups: [""], resources: [pods], verbs: [%s]}]
"""
TEMPLATE = """
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: %s
"""


def _kept(*texts: str) -> list[tuple[str, str, str]]:
    manifests = Manifests()
    snapshot([StringIO(text) for text in texts], keep_going=True, manifests=manifests)
    return [(each.kind, each.namespace, each.name) for each in manifests.all()]


def test_objects_of_every_kind_are_kept_in_the_order_of_the_inputs() -> None:
    assert _kept(TEMPLATE % "None" + "---" + ROLE % "get") == [("Policy", "", ""), ("Role", "shop", "reader")]


def test_of_an_object_that_stands_in_several_inputs_the_last_counts() -> None:
    manifests = Manifests()
    snapshot([StringIO(ROLE % "get"), StringIO(ROLE % "list")], keep_going=True, manifests=manifests)
    (only,) = manifests.all()
    assert [rule["verbs"] for rule in only.body["rules"]] == [["list"]]


def test_objects_without_a_name_are_no_second_form_of_each_other() -> None:
    assert len(_kept(TEMPLATE % "None", TEMPLATE % "Metadata")) == 2


def test_documents_that_are_no_objects_are_not_kept() -> None:
    assert _kept("image: {tag: 1}") == []


@pytest.mark.parametrize("text", [ROLE % "get", '{"kind": "Role", "metadata": {"name": 5}, "rules": []}'])
def test_a_field_is_found_where_it_stands(text: str) -> None:
    manifests = Manifests()
    snapshot([StringIO(text)], keep_going=True, manifests=manifests)
    (only,) = manifests.all()
    assert only.place(("rules",)).line == (text[: text.index("rules")].count("\n") + 1)


def test_a_loaded_cluster_holds_its_objects() -> None:
    cluster = netsim.load(StringIO(ROLE % "get"))
    assert [(each.group, each.name) for each in cluster.manifests] == [("rbac.authorization.k8s.io", "reader")]
