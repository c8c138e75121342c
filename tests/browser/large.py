"""A cluster of 2,000 workloads in 80 namespaces, of which 50,000 pairs may connect: each to its own and to the next."""

from collections.abc import Iterator, Mapping
from typing import Any

SPACES, WORKLOADS = 80, 25
CONNECTIONS = SPACES * (WORKLOADS * (WORKLOADS - 1) + WORKLOADS)


def documents() -> Iterator[Mapping[str, Any]]:
    """Yield the objects."""
    for number in range(SPACES):
        own, other = _name(number), _name((number + 1) % SPACES)
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": own}}
        yield from (_workload(own, at) for at in range(WORKLOADS))
        port, next_one = [{"port": 8080}], {"kubernetes.io/metadata.name": other}
        yield _policy(own, "default-deny", {}, policyTypes=["Ingress", "Egress"])
        inside: list[Mapping[str, Any]] = [{"podSelector": {}}]
        yield _policy(own, "own", {}, ingress=[{"from": inside, "ports": port}], egress=[{"to": inside}])
        fronts = [{"namespaceSelector": {"matchLabels": next_one}, "podSelector": {"matchLabels": {"tier": "front"}}}]
        yield _policy(own, "to-next", {}, policyTypes=["Egress"], egress=[{"to": fronts, "ports": port}])
        anybody: list[Mapping[str, Any]] = [{"namespaceSelector": {}}]
        yield _policy(own, "front", {"matchLabels": {"tier": "front"}}, ingress=[{"from": anybody, "ports": port}])


def _name(number: int) -> str:
    return f"team-{number:02}"


def _workload(namespace: str, at: int) -> Mapping[str, Any]:
    name = f"app-{at:02}"
    labels = {"app": name, "tier": "back" if at else "front"}
    pod = {"containers": [{"name": "main", "image": "example/app:1", "ports": [{"containerPort": 8080}]}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def _policy(namespace: str, name: str, subject: Mapping[str, Any], **spec: Any) -> Mapping[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"podSelector": subject, **spec},
    }
