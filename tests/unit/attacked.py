"""Small clusters to be attacked, from a few lines."""

import io
from typing import Any

import netsim

NODES = """
apiVersion: v1
kind: Node
metadata: {name: cp, labels: {node-role.kubernetes.io/control-plane: ''}}
status: {addresses: [{type: InternalIP, address: 192.0.2.1}], nodeInfo: {kubeletVersion: v1.34.2}}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.0.2.2}], nodeInfo: {kubeletVersion: v1.34.2}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kubernetes, namespace: default, labels: {kubernetes.io/service-name: kubernetes}}
addressType: IPv4
endpoints: [{addresses: [192.0.2.1]}]
ports: [{name: https, port: 6443, protocol: TCP}]
"""


def namespace(name: str, level: str = "", **labels: str) -> dict[str, Any]:
    """Return a namespace; ``level`` is what Pod Security enforces."""
    own = {**labels, **({"pod-security.kubernetes.io/enforce": level} if level else {})}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": own}}


def pod(name: str = "p", *, at: str = "lab", node: str = "n1", port: int = 0, **spec: Any) -> dict[str, Any]:
    """Return a pod with one container ``c``; ``container`` in ``spec`` adds to it, the rest to the pod's spec."""
    container = {"name": "c", "image": "registry.example/app", **spec.pop("container", {})}
    if port:
        container["ports"] = [{"containerPort": port}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": at, "labels": {"app": name}},
        "spec": {"nodeName": node, "containers": [container], **spec},
        "status": {"phase": "Running"},
    }


def mount(path: str, *, read_only: bool = False, below: str = "") -> dict[str, Any]:
    """Return what a pod needs to mount a path of its node."""
    own = {"name": "v", "mountPath": "/v", **({"readOnly": True} if read_only else {})}
    own |= {"subPath": below} if below else {}
    return {"container": {"volumeMounts": [own]}, "volumes": [{"name": "v", "hostPath": {"path": path}}]}


def right(
    verbs: str, resources: str, *, at: str = "", group: str = "", names: str = "", who: str = "x", serial: int = 0
) -> list[dict[str, Any]]:
    """Return a role and its binding to the account ``lab/x``: in a namespace, or with none everywhere."""
    name = f"{who}-{serial or abs(hash((verbs, resources, at, group, names))) % 10**6}"
    rule = {"apiGroups": [group], "resources": resources.split(), "verbs": verbs.split()}
    rule |= {"resourceNames": names.split()} if names else {}
    kind = "Role" if at else "ClusterRole"
    metadata = {"name": name, **({"namespace": at} if at else {})}
    rbac = "rbac.authorization.k8s.io"
    subject = {"kind": "ServiceAccount", "name": who, "namespace": "lab"}
    return [
        {"apiVersion": f"{rbac}/v1", "kind": kind, "metadata": metadata, "rules": [rule]},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": f"{kind}Binding",
            "metadata": metadata,
            "roleRef": {"apiGroup": rbac, "kind": kind, "name": name},
            "subjects": [subject],
        },
    ]


def account(name: str, at: str = "lab", **fields: Any) -> dict[str, Any]:
    """Return a ServiceAccount."""
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": at}, **fields}


def cluster(*objects: Any, **options: Any) -> netsim.Cluster:
    """Return the cluster of these objects, or lists of them, beside two nodes and the API server's endpoints."""
    flat: list[Any] = []
    for each in objects:
        flat += each if isinstance(each, list) else [each]
    return netsim.load(io.StringIO(NODES), documents=flat, **options)


def found(of: netsim.Cluster, step: str, source: str = "", target: str = "") -> bool:
    """Return whether some step of a kind is there, from and to what is named."""
    return any(each.id == step and source in ("", each.source) and target in ("", each.target) for each in of.steps())
