"""The example roles that netsim grew from: what each lets an attacker do, and what of it would be logged."""

from typing import Any

import pytest

import netsim
from netsim.queries.attack import Detection, world_of
from tests.conformance.data import read_yaml, root

SEEDS = root() / "seed-examples"
WRITER = "system:serviceaccount:kube-system:admin"


def _cluster(*names: str, minor: int = 34) -> netsim.Cluster:
    return netsim.load(*(SEEDS / name for name in names), kubernetes=f"1.{minor}")


ALL = (
    "01-rbac-pod-reader/rbac.yaml",
    "02-rbac-cluster-readonly/rbac.yaml",
    "07-pods",
    "15-audit-policy/audit-policy.yaml",
)


def _steps(cluster: netsim.Cluster, user: str) -> set[str]:
    return {step.id for step in cluster.steps() if step.source == f"user:{user}"}


def test_who_reads_pods_and_logs_takes_nothing() -> None:
    assert _steps(_cluster("01-rbac-pod-reader/rbac.yaml", "07-pods"), "alice") == {"rbac.bound"}


@pytest.mark.parametrize(("minor", "execs"), [(34, True), (35, False)])
def test_who_may_look_at_everything_runs_commands(minor: int, *, execs: bool) -> None:
    found = _steps(_cluster("02-rbac-cluster-readonly/rbac.yaml", "07-pods", minor=minor), "bob")
    assert found >= {"rbac.secret-read", "rbac.nodes-proxy", "rbac.nodes-log"}
    assert ("rbac.pod-exec" in found) is execs
    assert not found & {"rbac.workload-sa", "rbac.escalate", "rbac.bind-cluster", "rbac.impersonate"}


def test_the_view_role_repairs_it() -> None:
    assert _steps(_cluster("02-rbac-cluster-readonly/rbac-fixed.yaml", "07-pods"), "bob") == {"rbac.bound"}


def test_no_step_of_the_whole_example_is_logged() -> None:
    cluster = _cluster(*ALL)
    world = world_of(cluster)
    detection = Detection.of(world)
    levels = {step.id: detection.level(step) for step in cluster.steps() if step.source == "user:bob"}
    assert {level for step, level in levels.items() if step != "rbac.bound"} == {"None"}


def test_the_first_step_that_is_logged_is_the_one_that_stays() -> None:
    (first,) = [read_yaml(SEEDS / "90-all-together" / "expect.yaml")["attack_path"]["first_logged_step"]]
    request: dict[str, Any] = first["request"]
    from netsim.ir.audit import AuditRequest
    from netsim.posture.auditpolicy import policy_of, recorded

    policy = policy_of(read_yaml(SEEDS / "15-audit-policy" / "audit-policy.yaml"))
    asked = AuditRequest(
        user=request["user"], verb=request["verb"], group=request["apiGroup"], resource=request["resource"]
    )
    assert request["user"] == WRITER
    assert recorded(policy, asked).level.label == first["audit_level"]
