"""For a denial, the first condition of each rule that failed."""

import pytest

from netsim.ir.verdict import Condition, Mismatch
from netsim.queries import query
from tests.build import cluster, policy


def miss(rules: str, source: str = "ops/batch", port: str = "5432") -> Mismatch:
    """Return the near miss of the one ingress rule of a policy on the database."""
    found = cluster(policy("p", f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{rules}]}}"))
    verdict = query(found, source, "shop/db", port=port)
    assert verdict.allowed is False
    ((reason,),) = [verdict.ingress.reasons]
    ((_, mismatch),) = reason.mismatches
    return mismatch


@pytest.mark.parametrize(
    ("rules", "source", "condition", "at", "wanted", "found"),
    [
        (
            "{from: [{namespaceSelector: {matchLabels: {team: shop}}}]}",
            "ops/batch",
            Condition.NAMESPACE,
            "from[0]",
            "team=shop",
            "team=ops",
        ),
        (
            "{from: [{podSelector: {matchLabels: {app: api}}}]}",
            "shop/web",
            Condition.POD,
            "from[0]",
            "app=api",
            "app=web",
        ),
        (
            "{from: [{podSelector: {matchLabels: {role: api}}}]}",
            "shop/web",
            Condition.POD,
            "from[0]",
            "role=api",
            "",
        ),
        (
            "{from: [{ipBlock: {cidr: 10.0.1.0/24, except: [10.0.1.0/30]}}]}",
            "ops/batch",
            Condition.EXCEPT,
            "from[0]",
            "10.0.1.0/30",
            "10.0.1.1",
        ),
        (
            "{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}",
            "203.0.113.9",
            Condition.ADDRESS,
            "from[0]",
            "192.0.2.0/24",
            "203.0.113.9",
        ),
        (
            "{from: [{namespaceSelector: {}}]}",
            "203.0.113.9",
            Condition.NOT_A_POD,
            "from[0]",
            "",
            "",
        ),
        ("{ports: [{port: 5432, protocol: UDP}]}", "shop/web", Condition.PROTOCOL, "ports[0]", "UDP", "TCP"),
        ("{ports: [{port: 80, endPort: 90}]}", "shop/web", Condition.PORT, "ports[0]", "80-90", "5432"),
        ("{ports: [{port: http}]}", "shop/web", Condition.NAMED_PORT, "ports[0]", "http", ""),
    ],
)
def test_the_first_condition_that_failed_is_told_with_both_values(
    rules: str, source: str, condition: Condition, at: str, wanted: str, found: str
) -> None:
    told = miss(rules, source)
    assert (told.condition, told.at, told.wanted, told.found) == (condition, at, wanted, found)
    assert told.place.line > 0


def test_the_peer_of_which_most_conditions_hold_is_told() -> None:
    rules = "{from: [{ipBlock: {cidr: 192.0.2.0/24}}, {podSelector: {matchLabels: {app: api}}}]}"
    assert miss(rules, "shop/web").at == "from[1]"


def test_an_allowed_verdict_names_every_rule_that_allows_it() -> None:
    rule = "{from: [{podSelector: {}}]}"
    found = cluster(
        policy("a", f"{{podSelector: {{}}, ingress: [{rule}]}}"), policy("b", f"{{ingress: [{{}}, {rule}]}}")
    )
    reasons = query(found, "shop/web", "shop/db", port=1).ingress.reasons
    assert [(str(reason.policy), str(reason.rule)) for reason in reasons] == [
        ("shop/a", "ingress[0]"),
        ("shop/b", "ingress[0]"),
        ("shop/b", "ingress[1]"),
    ]
