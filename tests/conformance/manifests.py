"""Small clusters, written in the tests that ask about them."""

from collections.abc import Mapping
from io import StringIO
from typing import Any

import netsim

#: An object, or the text of a file.
Manifest = Mapping[str, Any] | str

_MAIN = {"name": "main", "image": "example/app"}


def cluster(*manifests: Manifest) -> netsim.Cluster:
    """Return the cluster of these manifests, read as any user's are."""
    files = [StringIO(each) for each in manifests if isinstance(each, str)]
    return netsim.load(*files, documents=[each for each in manifests if not isinstance(each, str)])


def namespace(name: str, **labels: str) -> Mapping[str, Any]:
    """Return a namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def pod(
    place: str, *, ports: str = "", owner: str = "", address: str = "", phase: str = "Running", **spec: Any
) -> Mapping[str, Any]:
    """Return a pod.

    Args:
        place: Its name and labels: ``shop/cart app=cart,tier=back``; the namespace is ``default`` where none is named.
        ports: What its containers declare, one container a port: ``http=80/TCP dns=53/UDP``.
        owner: Its controller: ``Deployment/cart``.
        spec: More fields of its spec.
    """
    name, _, labels = place.partition(" ")
    space, _, name = name.rpartition("/")
    kind, _, controller = owner.partition("/")
    owners = [{"apiVersion": "apps/v1", "kind": kind, "name": controller, "uid": "1", "controller": True}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": space or "default",
            "labels": dict(pair.split("=") for pair in labels.split(",") if pair),
            "ownerReferences": owners if owner else [],
        },
        "spec": {"containers": [_MAIN, *containers(ports)], **spec},
        "status": {"phase": phase, "podIPs": [{"ip": address}] if address else []},
    }


def containers(ports: str) -> list[dict[str, Any]]:
    """Return a container for each declared port: ``http=80/TCP dns=53/UDP``."""
    found = []
    for number, port in enumerate(ports.split()):
        name, _, value = port.partition("=")
        digits, _, protocol = value.partition("/")
        declared = {"name": name, "containerPort": int(digits), "protocol": protocol}
        found.append({"name": f"c{number}", "image": "example/app", "ports": [declared]})
    return found


def workload(kind: str, place: str) -> Mapping[str, Any]:
    """Return a Deployment, StatefulSet or DaemonSet whose pods have its labels: ``shop/cart app=cart``."""
    template = pod(place)
    metadata = template["metadata"]
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"]},
        "spec": {
            "selector": {"matchLabels": metadata["labels"]},
            "template": {"metadata": {"labels": metadata["labels"]}, "spec": {"containers": [_MAIN]}},
        },
    }


def policy(spec: str, *, name: str = "p", namespace: str = "default") -> str:
    """Return the text of a NetworkPolicy with this spec, on one line of YAML."""
    return (
        "apiVersion: networking.k8s.io/v1\n"
        "kind: NetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: {namespace}}}\n"
        f"spec: {spec}\n"
    )
