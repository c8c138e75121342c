"""The smallest fix of what intents want: a rule, a policy, or none; proved, or told why there is none."""

import io

import pytest

import netsim
from netsim.api import Cluster
from netsim.errors import UsageError
from netsim.ir.policy import Direction
from netsim.queries.fix import Fix, Outcome
from netsim.render import written
from tests.build import PODS, policy

CLOSED = policy("closed", "{podSelector: {}, policyTypes: [Ingress]}")
OPEN = policy(
    "db",
    "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}, "
    "{namespaceSelector: {matchLabels: {team: ops}}}], ports: [{port: 5432}]}]}",
)
ALLOW = "{name: web reaches db, allow: {from: shop/web, to: shop/db, port: 5432/TCP}}"
ONLY = "{name: only web, to: shop/db, only-from: shop/web}"


def shop(*policies: str) -> Cluster:
    return netsim.load(io.StringIO("\n---\n".join([PODS, *policies])))


def fixed(cluster: Cluster, *intents: str, pod_cidr: tuple[str, ...] = ()) -> Fix:
    return cluster.fix(io.StringIO(f"intents: [{', '.join(intents)}]"), pod_cidr=pod_cidr)


def _applied(found: Fix, *policies: str) -> Cluster:
    return netsim.load(io.StringIO("\n---\n".join([PODS, *policies])), io.StringIO("".join(written(found, "yaml"))))


def test_what_a_policy_closes_is_opened_by_one_rule_of_it() -> None:
    found = fixed(shop(CLOSED), ALLOW)
    assert found.outcome is Outcome.FIXED
    (edited,) = found
    assert (str(edited.policy), edited.new, len(edited.added), len(edited.removed)) == ("shop/closed", False, 1, 0)
    after = _applied(found, CLOSED)
    assert after.query("shop/web", "shop/db", port=5432).allowed
    assert not after.query("shop/web", "shop/db", port=5433).allowed
    assert not after.query("ops/batch", "shop/db", port=5432).allowed


def test_a_missing_default_deny_is_made_with_what_is_to_stay() -> None:
    found = fixed(shop(), ONLY)
    (edited,) = found
    assert edited.new
    assert edited.document["spec"] == {
        "podSelector": {"matchLabels": {"app": "db"}},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}],
    }


def test_a_new_policy_takes_no_name_that_another_has() -> None:
    taken = policy("ingress-db", "{podSelector: {matchLabels: {app: other}}, policyTypes: [Ingress]}")
    (edited,) = fixed(shop(taken), ONLY)
    assert (edited.new, edited.policy.name) == (True, "ingress-db-2")


def test_a_peer_too_many_is_taken_out_and_the_rest_of_the_rule_stays() -> None:
    found = fixed(shop(OPEN), "{name: no ops, deny: {from: ops/batch, to: shop/db}}")
    (edited,) = found
    assert edited.document["spec"]["ingress"] == [
        {"from": [{"podSelector": {}}], "ports": [{"protocol": "TCP", "port": 5432}]}
    ]


def test_one_port_is_closed_and_all_other_traffic_is_let_through_from_everybody() -> None:
    found = fixed(shop(), "{name: port, to: shop/db, port: 5432/TCP, only-from: shop/web}")
    assert found.outcome is Outcome.FIXED
    after = _applied(found)
    assert not after.query("203.0.113.7", "shop/db", port=5432).allowed
    assert after.query("203.0.113.7", "shop/db", port=5433).allowed
    assert after.query("shop/web", "shop/db", port=5432).allowed


def test_outside_addresses_are_let_in_and_pods_are_not_where_it_is_known_where_these_are() -> None:
    deny = "{name: no ops, deny: {from: ops/batch, to: shop/db}}"
    closed = fixed(shop(), deny)
    assert closed.outcome is Outcome.NOT_FOUND
    assert closed.blamed == ("no ops",)
    assert "--pod-cidr" in str(closed)
    found = fixed(shop(), deny, pod_cidr=("10.0.0.0/16",))
    assert found.outcome is Outcome.FIXED
    assert _applied(found).query("203.0.113.7", "shop/db", port=5432).allowed


def test_intents_that_want_otherwise_of_one_connection_are_a_conflict() -> None:
    found = fixed(shop(), ALLOW, "{name: closed, deny: {from: 'ns:team=shop', to: shop/db}}")
    assert (found.outcome, found.conflict) == (Outcome.CONFLICT, ("web reaches db", "closed"))
    assert "shop/web -> shop/db TCP 5432" in str(found)
    assert not found


ADMIN = """
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: apart}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  ingress: [{name: apart, action: ACTION, from: [{namespaces: {}}]}]
"""
NO_OPS = "{name: no ops, deny: {from: ops/batch, to: shop/db}}"


def test_what_an_admin_policy_denies_no_networkpolicy_opens_and_its_rule_is_told() -> None:
    found = fixed(shop(ADMIN.replace("ACTION", "Deny")), ALLOW, NO_OPS)
    assert (found.outcome, found.conflict, found.kept) == (Outcome.CONFLICT, ("web reaches db",), False)
    assert [part.name for part in found.by] == ["ClusterNetworkPolicy apart ingress[0]"]
    assert "decided before NetworkPolicies are asked: ClusterNetworkPolicy apart ingress[0]" in str(found)
    assert found.to_dict()["conflict"]["by"][0]["policy"] == "apart"


def test_what_an_admin_policy_accepts_can_still_be_closed_where_it_is_opened() -> None:
    found = fixed(shop(ADMIN.replace("ACTION", "Accept")), NO_OPS, pod_cidr=("10.0.0.0/16",))
    assert found.outcome is Outcome.FIXED
    assert [edited.policy.isolates for edited in found] == [{Direction.EGRESS}]


TWINS = """
apiVersion: v1
kind: Pod
metadata: {name: one, namespace: ops, labels: {app: twin}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: other, namespace: ops, labels: {app: twin}}
spec: {containers: [{name: c, image: i}]}
"""


def test_of_pods_that_nothing_tells_apart_nothing_else_can_be_wanted() -> None:
    wanted = (
        "{name: one may, allow: {from: ops/one, to: shop/db}}",
        "{name: other not, deny: {from: ops/other, to: shop/db}}",
    )
    found = fixed(shop(TWINS), *wanted, "{name: web, allow: {from: shop/web, to: shop/db}}")
    assert (found.outcome, found.conflict, found.kept) == (Outcome.CONFLICT, ("one may", "other not"), False)
    assert len(found.flows) == 2
    kept = fixed(shop(TWINS), wanted[1])
    assert (kept.outcome, kept.conflict, kept.kept) == (Outcome.CONFLICT, ("other not",), True)
    assert "this intent cannot hold while all else stays as it is" in str(kept)


def test_where_all_holds_there_is_nothing_to_fix() -> None:
    found = fixed(shop(), ALLOW)
    assert found.outcome is Outcome.NOTHING
    assert not list(written(found, "patch"))


def test_an_intent_about_nobody_cannot_be_fixed() -> None:
    found = fixed(shop(), "{name: gone, allow: {from: 'pod:app=gone', to: shop/db}}")
    assert (found.outcome, found.blamed) == (Outcome.NOT_FOUND, ("gone",))
    assert "it is about none" in found.reason


def test_a_patch_shows_what_a_policy_gains_and_loses() -> None:
    told = "".join(written(fixed(shop(CLOSED), ALLOW), "patch"))
    assert told.startswith("--- a/shop/closed.yaml\n+++ b/shop/closed.yaml\n@@")
    assert "+      port: 5432\n" in told
    assert "```diff\n--- a/shop" in "".join(written(fixed(shop(CLOSED), ALLOW), "md"))


def test_without_intents_there_is_nothing_to_ask() -> None:
    with pytest.raises(UsageError, match="nothing to fix"):
        shop().fix()
