"""A valid cluster of plain objects, and ways to damage it."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import yaml

from tests.agree.choices import Choices

Object = dict[str, Any]


def _namespace(name: str, **labels: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _pod(namespace: str, name: str, port: int, **labels: str) -> Object:
    ports = [{"name": "http", "containerPort": port, "protocol": "TCP"}, {"name": "dns", "containerPort": 53}]
    container = {"name": "c", "image": "registry.example/c", "ports": ports}
    # What a server has stored is not searched for misspelt fields, what somebody writes is.
    metadata = {"name": name, "namespace": namespace, "labels": labels, **({"uid": "1"} if port != 80 else {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}


def _policy(namespace: str, name: str, **spec: Any) -> Object:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def _match(**labels: str) -> Object:
    return {"matchLabels": labels}


CLUSTER: tuple[Object, ...] = (
    _namespace("shop", team="shop"),
    _namespace("data", team="data", pci="true"),
    _pod("shop", "web", 80, app="web", tier="front"),
    _pod("shop", "web-2", 8080, app="web", tier="front"),
    _pod("shop", "cart", 8080, app="cart"),
    _pod("data", "db", 5432, app="db", role="leader"),
    _policy("shop", "deny", podSelector={}, policyTypes=["Ingress", "Egress"]),
    _policy(
        "shop",
        "cart",
        podSelector=_match(app="cart"),
        ingress=[{"from": [{"podSelector": _match(app="web")}], "ports": [{"port": "http"}, {"port": 53}]}],
    ),
    _policy(
        "shop",
        "out",
        podSelector={"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "cart"]}]},
        policyTypes=["Egress"],
        egress=[
            {"to": [{"namespaceSelector": _match(pci="true")}], "ports": [{"port": 5000, "endPort": 6000}]},
            {"to": [{"podSelector": {}}, {"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.1/32"]}}]},
        ],
    ),
    _policy(
        "data",
        "db",
        podSelector={"matchExpressions": [{"key": "role", "operator": "Exists"}]},
        ingress=[{"from": [{"namespaceSelector": _match(team="shop"), "podSelector": _match(tier="front")}]}],
    ),
)

_VALUES: tuple[Any, ...] = (
    None, "", {}, [], 0, -1, 53, 80, 5432, 65536, 10**30, 1.5, 80.0, True, False, "80", "http", "TCP", "UDP", "tcp",
    "Ingress", "Egress", "In", "NotIn", "Exists", "DoesNotExist", "Gt", "web", "shop", "data", "x" * 300, "é", "a\n- b",
    "192.0.2.0/24", "10.0.0.0/33", [None], [{}], [""], {"": ""}, {"app": None}, {"app": "web"}, {"matchLabels": None},
    {"podSelector": {}}, {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]},
)  # fmt: skip
_NAMES = (
    "podSelector", "podselector", "namespaceSelector", "ipBlock", "from", "to", "ingress", "egress", "policyTypes",
    "ports", "port", "endPort", "protocol", "matchLabels", "matchExpressions", "values", "labels", "name", "namespace",
    "metadata", "spec", "kind", "items", "hostNetwork",
)  # fmt: skip

Spot = tuple[Any, Any]


def damaged(choices: Choices) -> list[Object]:
    """Return the cluster with up to four fields changed, left out, renamed, repeated or exchanged."""
    objects: list[Any] = deepcopy(list(CLUSTER))
    for _ in range(choices.pick((1, 0, 2, 3, 4))):
        _damage(choices, objects)
    return objects


def _damage(choices: Choices, objects: list[Any]) -> None:
    spots = list(_spots(objects))
    container, key = choices.pick(spots)
    match choices.pick(("replace", "drop", "rename", "repeat", "exchange")):
        case "replace":
            container[key] = deepcopy(choices.pick(_VALUES))
        case "drop":
            del container[key]
        case "rename" if isinstance(container, dict):
            container[choices.pick(_NAMES)] = container.pop(key)
        case "repeat" if isinstance(container, list):
            container.append(deepcopy(container[key]))
        case _:
            other, there = choices.pick(spots)
            container[key], other[there] = deepcopy(other[there]), deepcopy(container[key])


def _spots(value: Any) -> Iterator[Spot]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(entries):
        yield value, key
        yield from _spots(inner)


def written(choices: Choices, objects: list[Any]) -> bytes:
    """Return the objects as a text of one of the forms in which they come."""
    listed = {"apiVersion": "v1", "kind": "List", "items": objects}
    match choices.pick(("yaml", "json", "indented", "values", "list", "flow")):
        case "json":
            text = json.dumps(listed, separators=(",", ":"))
        case "indented":
            text = json.dumps(listed, indent=4, ensure_ascii=False)
        case "values":
            text = "\n".join(json.dumps(each) for each in objects)
        case "list":
            text = yaml.safe_dump(listed, allow_unicode=True)
        case "flow":
            text = yaml.safe_dump_all(objects, default_flow_style=True)
        case _:
            text = yaml.safe_dump_all(objects, sort_keys=False)
    return text.encode()


_PIECES = (
    b"", b"{", b"}", b"[", b"]", b"[" * 300, b": ", b"- ", b"\n", b"  ", b'"', b"'", b"*p", b"&p ", b"!!int ", b"---\n",
    b"{{ .x }}", b"\0", b"\xff", b"\xef\xbb\xbf", b"1e999", b".inf", b"\\u", b"\\ud800", b"#", b"%", b"\t", b"<<: *p",
    b"|", b"9" * 5000, b'{"kind":"List","items":' * 250,
)  # fmt: skip


def torn(choices: Choices, text: bytes) -> bytes:
    """Return a text with pieces cut out and put in, and perhaps without its end."""
    for _ in range(choices.pick((1, 2, 3))):
        at = choices.pick(range(len(text) + 1))
        text = text[:at] + choices.pick(_PIECES) + text[at + choices.pick(range(6)) :]
    return text[: choices.pick(range(len(text) + 1))] if choices.pick((False, True)) else text
