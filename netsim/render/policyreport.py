"""PolicyReport and ClusterPolicyReport, wgpolicyk8s.io/v1alpha2: findings as objects of a cluster."""

from collections.abc import Iterator, Mapping
from typing import Any

from netsim.ir.finding import Finding, Severity
from netsim.queries.findings import Findings
from netsim.queries.metrics import namespace_of
from netsim.queries.posture import known_checks
from netsim.render.yaml import dumped

_API = "wgpolicyk8s.io/v1alpha2"
_KINDS = {
    "Pod": "v1",
    "ServiceAccount": "v1",
    "Deployment": "apps/v1",
    "DaemonSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "ReplicaSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "ClusterRole": "rbac.authorization.k8s.io/v1",
    "ClusterRoleBinding": "rbac.authorization.k8s.io/v1",
    "Namespace": "v1",
}


def reports(answer: Findings) -> Iterator[str]:
    """Yield a report for each namespace, and one for what is in none, as documents of YAML."""
    by_namespace: dict[str, list[Finding]] = {}
    for found in answer:
        cluster_wide = found.object.startswith("Namespace ")
        by_namespace.setdefault("" if cluster_wide else namespace_of(found.object), []).append(found)
    for namespace, own in sorted(by_namespace.items()):
        yield "---\n"
        yield dumped(_report(namespace, own))


def _report(namespace: str, found: list[Finding]) -> Mapping[str, Any]:
    failed = sum(_result(each) == "fail" for each in found)
    return {
        "apiVersion": _API,
        "kind": "PolicyReport" if namespace else "ClusterPolicyReport",
        "metadata": {"name": "netsim", **({"namespace": namespace} if namespace else {})},
        "summary": {"pass": 0, "fail": failed, "warn": len(found) - failed, "error": 0, "skip": 0},
        "results": [_entry(each) for each in found],
    }


def _entry(found: Finding) -> Mapping[str, Any]:
    kind, _, name = found.object.partition(" ")
    namespace = namespace_of(found.object) if kind != "Namespace" else ""
    resource = {
        "apiVersion": _KINDS.get(kind, ""),
        "kind": kind,
        **({"namespace": namespace} if namespace else {}),
        "name": name.rpartition("/")[2] or kind,
    }
    return {
        "source": "netsim",
        "policy": found.code,
        "rule": known_checks()[found.code].title,
        "category": "posture",
        "severity": str(found.severity),
        "result": _result(found),
        "message": found.message,
        **({"resources": [resource]} if kind in _KINDS else {}),
        "properties": {"object": found.object, "file": f"{found.file}:{found.line}", "hint": found.hint},
    }


def _result(found: Finding) -> str:
    return "fail" if found.severity.rank <= Severity.MEDIUM.rank else "warn"
