"""Diffs: what changed, and what is to blame."""

from netsim import queries
from netsim.queries.changes import Change
from tests.build import PODS, cluster, policy

ALLOW_WEB = policy(
    "allow", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}"
)


def changes(old: list[str], new: list[str], *, pods: tuple[str, str] = (PODS, PODS)) -> dict[tuple[str, str], Change]:
    found = queries.diff(cluster(*old, pods=pods[0]), cluster(*new, pods=pods[1]))
    return {(change.source, change.destination): change for change in found}


def because(change: Change) -> list[tuple[str, str | None, str, str]]:
    return [(cause.object, cause.rule, cause.side, cause.what) for cause in change.because]


def test_a_new_policy_is_blamed_for_what_it_closes() -> None:
    found = changes([], [ALLOW_WEB])
    assert sorted(found) == [("0.0.0.0/0", "shop/db[Pod]"), ("ops/batch[Pod]", "shop/db[Pod]")]
    change = found["ops/batch[Pod]", "shop/db[Pod]"]
    assert (change.change, str(change.old), str(change.new)) == ("removed", "all", "none")
    assert because(change) == [("NetworkPolicy shop/allow", None, "new", "isolates")]


def test_a_removed_policy_is_blamed_for_what_it_opens_at_its_old_place() -> None:
    change = changes([ALLOW_WEB], [])["ops/batch[Pod]", "shop/db[Pod]"]
    assert change.change == "added"
    assert because(change) == [("NetworkPolicy shop/allow", None, "old", "isolates")]


def test_an_edited_rule_is_blamed_with_its_number() -> None:
    edited = ALLOW_WEB.replace("ingress: [{from", "ingress: [{ports: [{port: 5432}], from")
    change = changes([ALLOW_WEB], [edited])["shop/web[Pod]", "shop/db[Pod]"]
    assert (change.change, str(change.old), str(change.new)) == ("changed", "all", "TCP 5432")
    assert ("NetworkPolicy shop/allow", "ingress[0]", "old", "allows") in because(change)


def test_a_changed_label_is_blamed_where_the_policies_are_the_same() -> None:
    relabelled = PODS.replace("labels: {app: web}", "labels: {app: www}")
    change = changes([ALLOW_WEB], [ALLOW_WEB], pods=(PODS, relabelled))["shop/web[Pod]", "shop/db[Pod]"]
    assert because(change) == [("Pod shop/web", None, "new", "changed")]


def test_a_changed_namespace_label_is_blamed() -> None:
    team = policy("team", "{ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}]}")
    moved = PODS.replace("{team: ops}", "{team: dev}")
    change = changes([team], [team], pods=(PODS, moved))["ops/batch[Pod]", "shop/web[Pod]"]
    assert because(change) == [("Namespace ops", None, "new", "changed")]


def test_a_workload_in_one_input_only_explains_its_own_connections() -> None:
    more = PODS + (
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: new, namespace: ops}\nspec: {containers: [{name: c}]}\n"
    )
    change = changes([ALLOW_WEB], [ALLOW_WEB], pods=(PODS, more))["ops/new[Pod]", "shop/web[Pod]"]
    assert because(change) == [("Pod ops/new", None, "new", "added")]


def test_a_diff_of_addresses_names_the_smallest_blocks_that_changed() -> None:
    def block(cidr: str) -> str:
        return policy(
            "out", f"{{podSelector: {{matchLabels: {{app: web}}}}, egress: [{{to: [{{ipBlock: {{cidr: {cidr}}}}}]}}]}}"
        )

    found = changes([block("192.0.2.0/24")], [block("192.0.2.0/25")])
    assert {pair for pair in found if pair[0] == "shop/web[Pod]"} == {("shop/web[Pod]", "192.0.2.128/25")}
