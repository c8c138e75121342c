"""What an audit policy sees of attacks, and the smallest one that sees all of it."""

import random
from itertools import combinations
from typing import Any

import pytest

import netsim
from netsim.errors import UsageError
from netsim.ir.audit import AuditLevel
from netsim.posture.auditcover import Need, boxes, policy
from netsim.posture.auditloader import loader_faults
from netsim.posture.auditpolicy import policy_of, recorded
from netsim.queries.attack import seen, world_of
from netsim.queries.coverage import Coverage, Drafted, coverage, draft
from netsim.render import written
from tests.unit.attacked import account, cluster, namespace, pod, right

RBAC = "rbac.authorization.k8s.io"
BASE = [namespace("lab"), account("x"), account("rich"), pod(), pod("q")]


def audit(*rules: dict[str, Any]) -> dict[str, Any]:
    """Return an audit policy that writes each event once."""
    return {**policy(()), "rules": list(rules)}


def rule(level: str, verbs: str = "", *resources: str) -> dict[str, Any]:
    """Return a rule on resources of the core group."""
    own = {"resources": [{"group": "", "resources": list(resources)}]} if resources else {}
    return {"level": level, **({"verbs": verbs.split()} if verbs else {}), **own}


def unseen(answer: Coverage) -> set[str]:
    """Return the kinds of the steps that leave no trace."""
    return {each.step.id for each in answer.unseen}


def needs(answer: Drafted) -> set[Need]:
    """Return what the rules of a policy are about."""
    return {
        (verb, each["group"], resource)
        for own in answer.body["rules"]
        for each in own["resources"]
        for verb in own["verbs"]
        for resource in each["resources"]
    }


def test_a_session_is_seen_only_where_each_way_to_open_it_is_seen() -> None:
    given = [*BASE, *right("create", "pods/exec", at="lab")]
    for verbs, hidden in (("create", {"rbac.pod-exec"}), ("get", {"rbac.pod-exec"}), ("get create", set())):
        assert unseen(coverage(cluster(given, audit(rule("Metadata", verbs, "pods/exec"))))) == hidden


def test_a_step_is_as_quiet_as_the_quietest_right_to_take_it() -> None:
    given = [*BASE, *right("get list watch", "secrets", at="lab")]
    answer = coverage(cluster(given, audit(rule("Metadata", "get list", "secrets"))))
    assert unseen(answer) == {"rbac.secret-read"}
    assert not unseen(coverage(cluster(given, audit(rule("Metadata", "get list watch", "secrets")))))


def test_an_event_that_is_omitted_at_every_stage_is_no_trace() -> None:
    given = [*BASE, *right("get", "secrets", at="lab")]
    mute = rule("Metadata") | {"omitStages": ["ResponseComplete", "ResponseStarted"]}
    assert coverage(cluster(given, audit(rule("Metadata"))))
    assert not coverage(cluster(given, audit(mute)))


def test_a_rule_for_others_does_not_see_the_attacker() -> None:
    given = [*BASE, *right("get", "secrets", at="lab")]
    others = rule("Metadata") | {"users": ["alice"]}
    him = rule("Metadata") | {"users": ["system:serviceaccount:lab:x"]}
    assert not coverage(cluster(given, audit(others)))
    assert coverage(cluster(given, audit(him)))


def test_a_path_says_how_much_of_it_is_seen_and_from_where_on() -> None:
    given = [*BASE[:3], pod(serviceAccountName="x"), *right("get list watch", "secrets", at="lab")]
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "lab"}}
    answer = coverage(cluster(given, secret, audit(rule("Metadata"))), "lab/p", "secret:lab/s")
    (path,) = answer.paths
    assert (len(path.asked), path.logged, path.first) == (1, 1, len(path.steps))
    assert answer.to_dict()["paths"][0]["firstLogged"] == len(path.steps)


def test_what_cannot_be_asked_is_refused_with_a_way_out() -> None:
    with pytest.raises(UsageError, match="no audit policy"):
        coverage(cluster(BASE))
    with pytest.raises(UsageError, match="belong together"):
        draft(cluster(BASE), source="internet")
    with pytest.raises(UsageError, match="refuses this policy"):
        coverage(cluster(BASE, audit()))
    with pytest.raises(UsageError, match="nothing to record"):
        draft(cluster(BASE))


RIGHTS = [
    *right("create", "pods/exec", at="lab"),
    *right("get list watch", "secrets"),
    *right("create", "serviceaccounts/token", at="lab"),
    *right("create patch", "deployments", at="lab", group="apps"),
    *right("create", "rolebindings", at="lab", group=RBAC),
    *right("bind", "clusterroles", at="lab", group=RBAC),
    *right("impersonate", "users groups"),
    *right("get", "nodes/proxy"),
]


@pytest.fixture(scope="module")
def attacked() -> netsim.Cluster:
    """Return a cluster with many rights."""
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "lab"},
        "spec": {
            "selector": {"matchLabels": {"app": "d"}},
            "template": {"metadata": {"labels": {"app": "d"}}, "spec": pod()["spec"]},
        },
    }
    return cluster(BASE, deployment, RIGHTS)


@pytest.fixture(scope="module")
def drafted(attacked: netsim.Cluster) -> Drafted:
    """Return the policy that is made for it."""
    return draft(attacked)


def test_the_policy_that_is_made_sees_every_step_and_no_body(attacked: netsim.Cluster, drafted: Drafted) -> None:
    assert not list(loader_faults(drafted.body))
    made = policy_of(drafted.body)
    world = world_of(attacked)
    asked = 0
    for step in attacked.steps():
        caller = world.caller(step.source)
        if step.source != "sa:lab/x" or caller is None:
            continue
        for request in step.asked:
            asked += 1
            assert recorded(made, seen(caller, request)).level is AuditLevel.METADATA, step
    assert asked > 10
    for level in {own["level"] for own in drafted.body["rules"]}:
        assert level == "Metadata"
    assert coverage(cluster(BASE, RIGHTS, dict(drafted.body)))


def test_each_rule_verb_and_resource_of_it_is_needed(drafted: Drafted) -> None:
    rules = drafted.body["rules"]
    whole = needs(drafted)
    for number in range(len(rules)):
        rest = [each for place, each in enumerate(rules) if place != number]
        assert {need for need in whole if not _seen(rest, need)}
    # Nothing is recorded that no step asks for.
    held = {
        ("create", "", "pods/exec"),
        ("get", "", "pods/exec"),
        *((verb, "", "secrets") for verb in ("get", "list", "watch")),
        ("create", "", "serviceaccounts/token"),
        *((verb, "apps", "deployments") for verb in ("create", "patch")),
        ("create", RBAC, "rolebindings"),
    }
    assert whole <= held, whole - held


def _seen(rules: list[dict[str, Any]], need: Need) -> bool:
    return any(
        need[0] in own["verbs"]
        and any(need[1] == each["group"] and need[2] in each["resources"] for each in own["resources"])
        for own in rules
    )


def test_what_no_audit_log_holds_is_named_and_has_no_rule(drafted: Drafted) -> None:
    beside = {each.id for each in drafted.beside}
    assert {"rbac.impersonate", "rbac.nodes-proxy"} <= beside
    assert not {verb for verb, _, _ in needs(drafted)} & {"impersonate", "bind"}
    text = "".join(written(drafted, "yaml"))
    assert "Not in any audit log: rbac.nodes-proxy" in text


def _fewest(wanted: frozenset[Need]) -> int:
    """Return the size of the smallest set of boxes, by trying every one."""
    verbs = sorted({verb for verb, _, _ in wanted})
    whole = {}
    for size in range(1, len(verbs) + 1):
        for own in combinations(verbs, size):
            targets = [t for t in {need[1:] for need in wanted} if all((v, *t) in wanted for v in own)]
            whole[own] = frozenset((v, *t) for v in own for t in targets)
    for size in range(len(wanted) + 1):
        if any(frozenset().union(*chosen) == wanted for chosen in combinations(whole.values(), size)):
            return size
    raise AssertionError


def test_no_smaller_set_of_rules_sees_the_same() -> None:
    random_ = random.Random(8)  # noqa: S311 - which sets are tried is no secret
    for _ in range(60):
        every = [(verb, "", resource) for verb in "abc" for resource in "pqrs"]
        wanted = frozenset(random_.sample(every, random_.randint(1, len(every))))
        found = boxes(wanted)
        assert {(v, *t) for box in found for v in box.verbs for t in box.targets} == wanted
        assert len(found) == _fewest(wanted), wanted


@pytest.mark.parametrize(
    "field",
    [{"verbs": "get"}, {"users": [7]}, {"resources": {"group": ""}}, {"resources": [{"resources": "pods"}]}],
)
def test_a_field_that_is_no_list_of_texts_is_refused_and_no_catch_all(field: dict[str, Any]) -> None:
    assert list(loader_faults(audit({"level": "Metadata", **field})))
