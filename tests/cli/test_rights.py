"""can, who-can and permissions, as a user sees them."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Netsim

ALLOW, DENY = "fixtures/kind-role/allow/manifests", "fixtures/kind-role/deny/manifests"
BINDINGS = "fixtures/kind-rolebinding/deny/manifests"


def test_a_decision_exits_0_when_allowed_and_1_when_denied(netsim: Netsim) -> None:
    assert netsim("can", "User:ann", "get", "pods", ALLOW, "-n", "shop").status == 0
    assert netsim("can", "User:ann", "delete", "pods", ALLOW, "-n", "shop").status == 1


def test_a_decision_names_the_binding_the_role_and_the_rule_with_their_lines(netsim: Netsim) -> None:
    ran = netsim("can", "User:ann", "patch", "deployments/scale", ALLOW, "-n", "shop")
    assert ran.out == (
        "allowed: User:ann patch deployments.apps/scale in namespace shop\n"
        "\n"
        f"RoleBinding shop/operator ({ALLOW}/all.yaml:16) names User:ann\n"
        f"  Role shop/operator ({ALLOW}/all.yaml:1)\n"
        f"  rules[1] ({ALLOW}/all.yaml:8): patch: */scale in apps\n"
    )


def test_a_denial_says_what_came_near(netsim: Netsim) -> None:
    ran = netsim("can", "User:ann", "list", "configmaps", DENY, "-n", "shop")
    assert "is about other names: flags, web-*" in ran.out
    ran = netsim("can", "ServiceAccount:shop/web", "list", "pods", BINDINGS)
    assert "is granted in namespace shop alone" in ran.out


def test_a_dangling_binding_of_the_subject_is_warned_of(netsim: Netsim) -> None:
    ran = netsim("can", "User:ann", "get", "pods", BINDINGS, "-n", "lab")
    assert "Role lab/gone does not exist" in ran.err


def test_groups_can_be_given(netsim: Netsim) -> None:
    asked = ("can", "User:bob", "get", "/metrics", ALLOW)
    assert netsim(*asked).status == 1
    assert netsim(*asked, "--as-group", "auditors").status == 0


def test_everybody_who_may_is_listed(netsim: Netsim) -> None:
    ran = netsim("who-can", "get", "pods", ALLOW, "-n", "shop")
    assert (ran.status, ran.out.startswith("1 subject may get pods in namespace shop\n\nUser:ann\n")) == (0, True)
    nobody = netsim("who-can", "delete", "nodes", ALLOW)
    assert (nobody.status, nobody.out) == (1, "nobody may delete nodes, cluster-wide\n")


def test_permissions_are_listed_by_namespace(netsim: Netsim) -> None:
    ran = netsim("permissions", "Group:auditors", ALLOW)
    assert ran.status == 0
    assert "cluster-wide\n  *: widgets in *\n" in ran.out
    assert "ClusterRole auditor aggregating ClusterRole audit-widgets rules[0]" in ran.out
    assert netsim("permissions", "User:nobody", ALLOW).status == 1


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("can", "User:ann", "get", "pods"), "Decision"),
        (("who-can", "get", "pods"), "WhoCan"),
        (("permissions", "User:ann"), "Permissions"),
    ],
)
def test_every_answer_is_json_too(netsim: Netsim, arguments: tuple[str, ...], kind: str) -> None:
    found = json.loads(netsim(*arguments, ALLOW, "-o", "json").out)
    assert (found["schema"], found["kind"], found["assumptions"]) == ("netsim/v1", kind, [])


def test_lists_are_csv_too(netsim: Netsim, tmp_path: Path) -> None:
    rows = netsim("permissions", "User:ann", ALLOW, "-o", "csv").out.splitlines()
    assert rows[0] == "namespace,verbs,groups,resources,names,urls,binding,role,rule,place"
    assert len(rows) == 4
    assert netsim("who-can", "get", "pods", ALLOW, "-n", "shop", "-f", str(tmp_path / "who.csv")).status == 0
    assert (tmp_path / "who.csv").read_text(encoding="utf-8").startswith("subject,binding,role,rule,place\nUser:ann,")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("can", "ann", "get", "pods"), "names no subject"),
        (("can", "User:ann", "get", "pods", "--kubernetes", "1.99"), "nothing is known of Kubernetes 1.99"),
        (("can", "User:ann", "get", "/x", "-n", "shop"), "is no resource"),
    ],
)
def test_a_question_that_cannot_be_asked_exits_2_before_anything_is_read(
    netsim: Netsim, arguments: tuple[str, ...], told: str
) -> None:
    ran = netsim(*arguments, "no/such/file")
    assert ran.status == 2
    assert told in ran.err


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("get", "Pod"), "no resource `Pod` is known"),
        (("get", "secrets/db"), "`db` was taken for a subresource"),
        (("get", "nodes", "-n", "shop"), "nodes are in no namespace"),
    ],
)
def test_what_is_probably_meant_otherwise_is_warned_of(netsim: Netsim, asked: tuple[str, ...], told: str) -> None:
    assert told in netsim("can", "User:ann", *asked, ALLOW).err


def test_an_input_without_bindings_is_warned_of(netsim: Netsim) -> None:
    assert "nobody is granted anything" in netsim("who-can", "get", "pods", "fixtures/seed-03").err
