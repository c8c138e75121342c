"""Pods that are read by what tells them from one read before, against the same pods read one by one."""

import json
from io import StringIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from netsim.ingest.documents import read_documents
from netsim.ingest.inventory import Inventory
from tests.unit.ingested import ingested


class _Forgetful(dict[Any, Any]):
    """Keeps nothing: every pod is the first of its kind."""

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def setdefault(self, key: Any, default: Any = None, /) -> Any:  # noqa: ARG002
        return default


_PORTS: tuple[list[Any], ...] = (
    [],
    [{"name": "http", "containerPort": 80}],
    [{"containerPort": 0}],
    [{"containerPort": 80, "hostPort": 8080}],
)
_OWNERS: tuple[list[Any], ...] = (
    [{"kind": "ReplicaSet", "name": "web-1", "controller": True}],
    [{"kind": "Node", "name": "n", "controller": True}],
    [{"name": "web-1", "controller": True}],
    [{"kind": "Job", "name": "j"}, None],
    [],
)
_NO_SIDECAR = [{"restartPolicy": "No"}]
_TRUTHS = (True, False)
_ANNOTATIONS = (
    {"a/b": "c"},
    {"A/B": None},
    {"a b": "c"},
    {"k8s.v1.cni.cncf.io/networks": ""},
    {"k8s.v1.cni.cncf.io/networks": "lan"},
    {"k8s.v1.cni.cncf.io/networks": "[{"},
)
_LABELS = ({"app": "web"}, {"app": "web", "x": ""}, {"app": None}, {"app": "a b"}, {"-": "x"}, {"a": 1}, None)


@st.composite
def _pods(draw: st.DrawFn) -> dict[str, Any]:
    """Return a pod that shares most of what it says with the others, and now and then is wrong."""

    def often(usual: Any, *others: Any) -> Any:
        return draw(st.sampled_from([usual] * 5 + list(others)))

    metadata = {
        "name": draw(st.sampled_from(["a", "b", "c", "D", "web-1", "", None])),
        "generateName": often(None, "web-", "Web-"),
        "namespace": often("shop", "data", "Shop", None),
        "uid": often("1", None),
        "labels": often(*_LABELS),
        "annotations": often(*_ANNOTATIONS),
        "ownerReferences": often(*_OWNERS),
        "lables": often(None, {"a": "b"}),
    }
    container = {"name": "c", "ports": often(*_PORTS), "port": often(None, 80)}
    spec = {
        "containers": often([container], [], [container, container], [None]),
        "initContainers": often(None, [{"restartPolicy": "Always", "ports": often(*_PORTS)}], _NO_SIDECAR),
        "nodeName": often("node-1", "", "Node", 5),
        "hostNetwork": often(None, *_TRUTHS),
    }
    status = {
        "phase": often("Running", "Succeeded", None),
        "podIP": often("10.0.0.1", "10.0.0.01", "", None, "fe80::1%eth0"),
        "podIPs": often(None, [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}], [None, {}], [{"ip": "x"}]),
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": often(status, None)}


def _read(pods: list[dict[str, Any]], models: dict[Any, Any]) -> tuple[Any, ...]:
    text = json.dumps({"kind": "List", "items": [{k: v for k, v in pod.items() if v is not None} for pod in pods]})
    problems: list[Any] = []
    inventory = Inventory(problems, models=models)
    inventory.read(read_documents([StringIO(text)], problems))
    return list(inventory.entries.items()), inventory.said, problems


@given(st.lists(_pods(), min_size=2, max_size=12))
def test_a_replica_is_what_it_is_alone(pods: list[dict[str, Any]]) -> None:
    assert _read(pods, {}) == _read(pods, _Forgetful())


def test_replicas_share_their_labels() -> None:
    pods = "".join(
        f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{n}, uid: u, labels: {{app: web}}}}\n"
        "spec: {containers: [{name: c}]}\n"
        for n in range(3)
    )
    _, second, third = ingested(pods).pods
    assert second.labels is third.labels
