"""The RBAC of the seed's examples: who may do what, as its text says and as it is."""

from typing import Any

import pytest

import netsim
from tests.conformance.data import read_yaml, root


def _permissions() -> list[Any]:
    folder = root() / "seed-examples"
    return [
        pytest.param(case, entry, id=f"{case[:2]}-{number}")
        for case in ("01-rbac-pod-reader", "02-rbac-cluster-readonly")
        for number, entry in enumerate(read_yaml(folder / case / "expect.yaml")["permissions"])
    ]


@pytest.mark.parametrize(("case", "entry"), _permissions())
def test_a_permission_is_as_stated(case: str, entry: dict[str, Any]) -> None:
    cluster = netsim.load(root() / "seed-examples" / case / "rbac.yaml")
    if "nonResourceURL" in entry:
        answer = cluster.can(f"User:{entry['user']}", entry["verb"], path=entry["nonResourceURL"])
    else:
        answer = cluster.can(
            f"User:{entry['user']}",
            entry["verb"],
            entry["resource"],
            group=entry["apiGroup"],
            namespace=entry["namespace"],
        )
    assert answer.allowed is entry["allowed"]


def test_each_step_of_the_attack_on_everything_together_is_allowed_as_stated() -> None:
    folder = root() / "seed-examples"
    expected = read_yaml(folder / "90-all-together" / "expect.yaml")
    # Some of the inputs are no objects: flags, a configuration.
    given = [folder / "90-all-together" / name for name in expected["inputs"] if name.startswith(("../01", "../02"))]
    cluster = netsim.load(*given)
    asked = 0
    for step in expected["attack_path"]["steps"]:
        request = step["request"]
        if isinstance(step["allowed"], bool):
            asked += 1
            answer = cluster.can(
                f"User:{request['user']}",
                request["verb"],
                request["resource"],
                group=request.get("apiGroup", ""),
                subresource=request.get("subresource"),
                namespace=request.get("namespace"),
            )
            assert answer.allowed is step["allowed"], step["step"]
    assert asked == 3


def test_the_built_in_view_repairs_the_read_only_role() -> None:
    cluster = netsim.load(root() / "seed-examples" / "02-rbac-cluster-readonly" / "rbac-fixed.yaml")
    assert cluster.can("User:bob", "list", "pods").allowed
    for resource in ("secrets", "nodes/proxy", "pods/exec", "services/proxy"):
        answer = cluster.can("User:bob", "get", resource)
        assert not answer.allowed
        # An answer that rests on what Kubernetes ships says so.
        assert any("ClusterRole view" in each for each in answer.assumptions)
