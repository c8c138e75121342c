"""Explanations: classes of traffic, what is behind each, and how they are written."""

import sys

import pytest

from netsim import queries
from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ir.verdict import Condition
from netsim.queries.explain import Explanation
from netsim.render import written
from tests.build import cluster, policy

WEB_TO_DB = policy(
    "allow",
    "{podSelector: {matchLabels: {app: db}}, ingress: ["
    "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: pg}, {port: 9000, endPort: 9010}]}]}",
)


def explained(made: Compiled, source: str, destination: str, port: str | None = None) -> Explanation:
    (pair,) = queries.explain(made, source=source, destination=destination, port=port)
    return pair


def classes(pair: Explanation) -> list[tuple[str, bool | None]]:
    return [(str(part.traffic), part.allowed) for part in pair.parts]


def test_ports_that_the_same_rules_allow_are_one_class() -> None:
    pair = explained(cluster(WEB_TO_DB), "web", "db")
    assert classes(pair) == [
        ("TCP 5432,9000-9010", True),
        ("TCP 1-5431,5433-8999,9011-65535; UDP; SCTP", False),
    ]
    assert (str(pair.allowed), pair.unknown) == ("TCP 5432,9000-9010", type(pair.unknown)())


def test_a_port_that_one_side_allows_and_the_other_denies_is_a_class_of_its_own() -> None:
    out = policy(
        "out",
        "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], "
        "egress: [{ports: [{port: 5432}, {port: 53}]}]}",
    )
    pair = explained(cluster(WEB_TO_DB, out), "web", "db")
    sides = [(str(part.traffic)[:15], part.egress.allowed, part.ingress.allowed) for part in pair.parts]
    assert sides == [
        ("TCP 5432", True, True),
        ("TCP 53", True, False),
        ("TCP 9000-9010", False, True),
        ("TCP 1-52,54-543", False, False),
    ]


def test_a_port_filter_cuts_the_classes() -> None:
    assert classes(explained(cluster(WEB_TO_DB), "web", "db", "9010-9011/TCP")) == [
        ("TCP 9010", True),
        ("TCP 9011", False),
    ]
    assert classes(explained(cluster(WEB_TO_DB), "web", "db", "pg")) == [("TCP 5432", True)]


def test_of_a_rule_whose_peers_match_all_ports_are_told_and_what_a_name_means_on_the_destination() -> None:
    part = explained(cluster(WEB_TO_DB), "web", "db").parts[-1]
    ((_, miss),) = part.ingress.reasons[0].mismatches
    assert (miss.at, miss.wanted) == ("ports", "pg (TCP 5432), TCP 9000-9010")


def test_each_end_is_told_of_itself_though_classes_are_judged_once() -> None:
    other = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: other, namespace: shop, labels: {app: other}}\n"
        "spec: {containers: [{name: c}]}\n"
    )
    found = queries.explain(cluster(WEB_TO_DB, other), source=["batch", "other"], destination="db")
    misses = [pair.parts[0].ingress.reasons[0].mismatches[0][1] for pair in found]
    assert [(miss.condition, miss.found) for miss in misses] == [
        (Condition.NAMESPACE, "kubernetes.io/metadata.name=ops"),
        (Condition.POD, "app=other"),
    ]


def test_addresses_are_one_block_where_the_reasons_are_the_same() -> None:
    block = "{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.128/25]}}"
    rule = f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{block}]}}]}}"
    found = queries.explain(cluster(policy("p", rule)), source="203.0.113.0/24", destination="db")
    told = [(pair.source, pair.parts[0].allowed) for pair in found]
    assert told == [("203.0.113.0/25", True), ("203.0.113.128/25", False)]
    ((_, miss),) = found.pairs[1].parts[0].ingress.reasons[0].mismatches
    assert (miss.condition, miss.wanted, miss.found) == (Condition.EXCEPT, "203.0.113.128/25", "")


def test_pairs_with_nothing_allowed_are_explained_where_both_ends_are_named() -> None:
    made = cluster(WEB_TO_DB)
    assert not [pair for pair in queries.explain(made, source="ops/batch") if pair.destination == "shop/db[Pod]"]
    assert queries.explain(made, source="ops/batch").to_dict()["denied"] is None
    (row,) = queries.explain(made, source="ops/batch", destination="db").to_dict()["denied"]
    assert (row["from"], row["to"], row["traffic"]) == ("ops/batch[Pod]", "shop/db[Pod]", "all")
    assert "because" not in row


def test_too_many_pairs_are_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[Explanation.__module__], "MOST_PAIRS", 1)
    with pytest.raises(UsageError, match="pairs to explain"):
        queries.explain(cluster(), source="*", destination="*")


def test_the_pods_own_node_is_a_reason() -> None:
    node = (
        "apiVersion: v1\nkind: Node\nmetadata: {name: n1}\n"
        "status: {addresses: [{type: InternalIP, address: 172.18.0.1}]}\n"
    )
    deny = policy("deny", "{podSelector: {}}")
    part = explained(cluster(node, deny), "node:n1", "db").parts[0]
    assert (str(part.traffic), part.allowed) == ("all", True)
    assert [reason.why.name for reason in part.ingress.reasons] == ["OWN_NODE"]


def test_text_names_each_class_its_reasons_and_why_each_rule_does_not_match() -> None:
    text = "".join(written(queries.explain(cluster(WEB_TO_DB), source="web", destination="db"), "text"))
    assert text.splitlines() == [
        "shop/web[Pod] -> shop/db[Pod]",
        "  allowed  TCP 5432,9000-9010",
        "    egress   no policy applies, and the default is to allow",
        "    ingress  NetworkPolicy shop/allow ingress[0] (<input>:32) allows it",
        "  denied   everything else",
        "    egress   no policy applies, and the default is to allow",
        "    ingress  NetworkPolicy shop/allow (<input>:29) isolates it; no rule of it matches",
        "               ingress[0] (<input>:32): it is about pg (TCP 5432), TCP 9000-9010 only",
        "",
        "1 connection; 3 endpoints in 3 classes, 1 policy",
    ]


def test_text_says_so_where_pairs_with_nothing_allowed_are_left_out() -> None:
    text = "".join(written(queries.explain(cluster(WEB_TO_DB), source="web"), "text"))
    assert text.endswith("name both ends, with --from and --to, to see why they are denied\n")
    assert "it is about" not in text


def test_it_shows_itself_in_notebooks() -> None:
    shown = "".join(written(queries.explain(cluster(WEB_TO_DB), source="web", destination="db"), "html"))
    assert shown.startswith("<pre>shop/web[Pod] -&gt; shop/db[Pod]\n")
