"""Namespace and Node."""

from ipaddress import ip_address

import pytest

from tests.unit.ingested import ingested, refused


def _node(status: str) -> str:
    return f"{{apiVersion: v1, kind: Node, metadata: {{name: node-1, labels: {{zone: a}}}}, status: {status}}}"


def test_a_namespace_has_the_label_of_its_name() -> None:
    found = ingested("{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}").namespaces
    assert found["shop"].labels == {"team": "a", "kubernetes.io/metadata.name": "shop"}
    assert found["shop"].declared


@pytest.mark.parametrize("name", ["a.b", "A", "a_b", "a" * 64])
def test_a_namespace_name_is_refused(name: str) -> None:
    assert refused(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}") == [("NS109", "metadata.name")]


def test_a_namespace_is_in_no_namespace() -> None:
    text = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, namespace: other}}"
    assert list(ingested(text).namespaces) == ["shop"]


def test_the_addresses_of_a_node_are_those_that_are_no_names() -> None:
    addresses = (
        "[{type: InternalIP, address: 192.168.0.1}, {type: InternalIP, address: 'fd00::1'}, "
        "{type: ExternalIP, address: 203.0.113.1}, {type: Hostname, address: node-1}, "
        "{type: Hostname, address: 192.168.0.1}]"
    )
    (found,) = ingested(_node(f"{{addresses: {addresses}}}")).nodes
    assert found.labels == {"zone": "a"}
    assert list(found.addresses) == [ip_address(text) for text in ("192.168.0.1", "fd00::1", "203.0.113.1")]


def test_a_node_may_have_no_address() -> None:
    (found,) = ingested(_node("{}")).nodes
    assert found.addresses == ()


def test_an_address_that_is_none_is_refused() -> None:
    text = _node("{addresses: [{type: InternalIP, address: node-1}]}")
    assert refused(text) == [("NS116", "status.addresses[0].address")]
