"""Each reason and each near miss as a sentence."""

from dataclasses import replace

import pytest

from netsim.ir.labels import EVERYTHING
from netsim.ir.place import Place
from netsim.ir.policy import Action, Direction, PodPeer, Policy, Rule, Tier
from netsim.ir.truth import Truth
from netsim.ir.verdict import Condition, Mismatch, Reason, Side, Why
from netsim.queries import diff, query
from netsim.render import written
from netsim.render.verdict import BARE, MISSES, near_miss, sentence
from tests.build import cluster, policy

RULE = Rule(
    direction=Direction.INGRESS,
    index=0,
    action=Action.ALLOW,
    peers=None,
    ports=None,
    place=Place("policies.yaml", 31, 5),
)
POLICY = Policy(
    kind="NetworkPolicy",
    namespace="shop",
    name="cart",
    tier=Tier.NETWORK_POLICY,
    subject=PodPeer(namespaces=EVERYTHING, pods=EVERYTHING, place=Place("policies.yaml", 5, 3)),
    isolates=frozenset({Direction.INGRESS}),
    rules=(RULE,),
    place=Place("policies.yaml", 1, 1),
)


def _near_miss(condition: Condition, wanted: str, found: str, at: str = "from[0]") -> str:
    miss = Mismatch(condition=condition, at=at, wanted=wanted, found=found, place=Place("policies.yaml", 32, 9))
    told = near_miss(RULE, miss, Direction.INGRESS)
    assert told.startswith("ingress[0] (policies.yaml:32): ")
    return told.partition("): ")[2]


NAME = "kubernetes.io/metadata.name"


@pytest.mark.parametrize(
    ("condition", "wanted", "found", "told"),
    [
        (Condition.NAMESPACE, f"{NAME}=shop", f"{NAME}=data", "from[0] wants namespace shop; the source is in data"),
        (Condition.NAMESPACE, "team=a", "team=b", "from[0] wants namespaces team=a; the source is in one with team=b"),
        (Condition.NAMESPACE, "team", "", "from[0] wants namespaces team; the source is in one without label team"),
        (Condition.POD, "app=frontend", "app=batch", "from[0] wants pods app=frontend; the source has app=batch"),
        (Condition.POD, "app in (a, b)", "", "from[0] wants pods app in (a, b); the source has no label app"),
        (Condition.NOT_A_POD, "app=web", "", "from[0] wants pods; the source is no pod"),
        (Condition.NOT_A_POD, "app=web", "hostNetwork", "from[0] wants pods; the source is a hostNetwork pod"),
        (Condition.NODE, "role=edge", "", "from[0] wants nodes role=edge; the source is none of them"),
        (
            Condition.ADDRESS,
            "10.0.0.0/8",
            "192.0.2.1",
            "from[0] wants an address in 10.0.0.0/8; the source has 192.0.2.1",
        ),
        (Condition.ADDRESS, "10.0.0.0/8", "", "from[0] wants an address in 10.0.0.0/8; the source has none there"),
        (Condition.EXCEPT, "10.0.0.0/8", "", "from[0] leaves out 10.0.0.0/8; the source has one there"),
        (Condition.EXCEPT, "10.0.0.0/8", "10.1.1.1", "from[0] leaves out 10.0.0.0/8; the source has 10.1.1.1"),
        (
            Condition.NO_ADDRESS,
            "10.0.0.0/8",
            "IPv4",
            "from[0] wants an address in 10.0.0.0/8; the source has no IPv4 address there that is known",
        ),
        (Condition.NOBODY, "nobody", "", "it names no peer, which means nobody"),
    ],
)
def test_a_peer_that_does_not_match_is_told_by_what_it_wants_and_what_there_is(
    condition: Condition, wanted: str, found: str, told: str
) -> None:
    assert _near_miss(condition, wanted, found) == told


@pytest.mark.parametrize(
    ("condition", "wanted", "found", "told"),
    [
        (Condition.PROTOCOL, "UDP", "TCP", "ports[0] wants UDP; the connection is TCP"),
        (Condition.PORT, "8000-8080", "80", "ports[0] wants port 8000-8080; the connection is to 80"),
        (
            Condition.NAMED_PORT,
            "http",
            "",
            "ports[0] wants the port named http; the destination declares none of that name",
        ),
        (
            Condition.NAMED_PORT,
            "http",
            "80/TCP",
            "ports[0] wants the port named http; the destination declares it as 80/TCP",
        ),
    ],
)
def test_a_port_that_does_not_match_is_told_likewise(condition: Condition, wanted: str, found: str, told: str) -> None:
    assert _near_miss(condition, wanted, found, at="ports[0]") == told


def test_every_condition_and_every_reason_without_a_policy_has_its_sentence() -> None:
    assert MISSES.keys() == set(Condition)
    of_policies = {Why.RULE, Why.MAYBE_RULE, Why.PASSED, Why.TIE, Why.NO_RULE}
    assert BARE.keys() == set(Why) - of_policies


def _sentence(reason: Reason, allowed: Truth) -> str:
    side = Side(direction=Direction.INGRESS, allowed=allowed, tier=Tier.NETWORK_POLICY, reasons=(reason,))
    return sentence(reason, side)


def test_a_rule_that_decides_is_named_with_its_place() -> None:
    reason = Reason(why=Why.RULE, policy=POLICY, rule=RULE)
    assert _sentence(reason, allowed=True) == "NetworkPolicy shop/cart ingress[0] (policies.yaml:31) allows it"


@pytest.mark.parametrize(
    ("action", "why", "told"),
    [
        (Action.DENY, Why.RULE, "denies it"),
        (Action.PASS, Why.PASSED, "passes it on to the next tier"),
        (Action.DENY, Why.TIE, "denies it, and a rule of equal priority does not"),
    ],
)
def test_a_rule_of_another_tier_says_what_it_does(action: Action, why: Why, told: str) -> None:
    reason = Reason(why=why, policy=POLICY, rule=replace(RULE, action=action))
    assert _sentence(reason, allowed=False).endswith(f"(policies.yaml:31) {told}")


def test_a_policy_that_isolates_says_whether_it_has_rules_at_all() -> None:
    reason = Reason(why=Why.NO_RULE, policy=POLICY)
    told = "NetworkPolicy shop/cart (policies.yaml:1) isolates it; no rule of it matches"
    assert _sentence(reason, allowed=False) == told


def test_what_is_unknown_says_what_it_hangs_on() -> None:
    reason = Reason(why=Why.MAYBE_RULE, policy=POLICY, rule=RULE)
    assert "hangs on an address that the input does not hold" in _sentence(reason, allowed=None)
    assert "surely" in _sentence(Reason(why=Why.NO_RULE, policy=POLICY), allowed=None)


NAMED = """
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: order}
spec:
  priority: 1
  subject: {namespaces: {}}
  ingress: [{name: keep "all" out, action: Deny, from: [{namespaces: {}}]}]
"""


def test_a_rule_is_told_by_the_name_that_its_policy_gives_it() -> None:
    named, bare = cluster(NAMED), cluster()
    verdict = query(named, "shop/web", "shop/db", port=80)
    assert 'AdminNetworkPolicy order ingress[0] "keep "all" out"' in str(verdict)
    assert verdict.to_dict()["ingress"]["reasons"][0]["name"] == 'keep "all" out'
    change = next(iter(diff(bare, named)))
    assert 'ingress[0] "keep "all" out" denies it now' in "".join(written(diff(bare, named), "text"))
    assert change.because[0].name == 'keep "all" out'


@pytest.mark.parametrize(
    ("peer", "told"),
    [
        ("{podSelector: {matchLabels: {app: web}}}", "pods app=web of namespace shop"),
        ("{podSelector: {}}", "pods of namespace shop"),
        ("{namespaceSelector: {}}", "pods"),
        ("{namespaceSelector: {matchLabels: {team: a}}, podSelector: {}}", "pods of namespaces team=a"),
        (
            "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: a, team: a}}}",
            "pods of namespaces kubernetes.io/metadata.name=a,team=a",
        ),
    ],
)
def test_a_peer_that_means_pods_is_told_by_its_pods_and_their_namespace(peer: str, told: str) -> None:
    asked = cluster(policy("db", f"{{podSelector: {{}}, ingress: [{{from: [{peer}]}}]}}"))
    assert f"from[0] wants {told}; the source is no pod" in str(query(asked, "203.0.113.7", "shop/db", port=80))
