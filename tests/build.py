"""Small clusters from a few lines of YAML."""

import io

from netsim.cluster import Compiled
from netsim.ingest import snapshot
from netsim.ir.profile import Profile
from netsim.knowledge import profile

PODS = """
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: shop}}
---
apiVersion: v1
kind: Namespace
metadata: {name: ops, labels: {team: ops}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
status: {podIP: 10.0.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {nodeName: n1, containers: [{name: c, ports: [{name: pg, containerPort: 5432}]}]}
status: {podIP: 10.0.0.2}
---
apiVersion: v1
kind: Pod
metadata: {name: batch, namespace: ops, labels: {app: batch}}
spec: {nodeName: n2, containers: [{name: c}]}
status: {podIP: 10.0.1.1}
"""


def cluster(*texts: str, profile: Profile = profile(), pods: str = PODS) -> Compiled:  # noqa: B008 - frozen
    """Return the cluster of these YAML texts, after the pods ``web``, ``db`` and ``batch``."""
    found, _ = snapshot([io.StringIO("\n---\n".join([pods, *texts]))])
    return Compiled(found, profile)


def policy(name: str, spec: str, namespace: str = "shop") -> str:
    """Return a NetworkPolicy in YAML; ``spec`` is written in flow style."""
    return (
        f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: {namespace}}}\nspec: {spec}\n"
    )
