"""Workloads that come, go, or come back under another name or kind."""

import pytest

from netsim import queries
from netsim.queries.renames import workload_changes
from tests.build import cluster, policy
from tests.unit.ingested import ingested

CART = {"name": "cart", "labels": "{app: cart}", "image": "registry.example:5000/shop/cart:1.2"}


def workload(kind: str = "Deployment", namespace: str = "shop", **changed: str) -> str:
    made = {**CART, **changed}
    selector = f"selector: {{matchLabels: {made['labels']}}}"
    return (
        f"---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {made['name']}, namespace: {namespace}}}\n"
        f"spec: {{{selector}, template: {{metadata: {{labels: {made['labels']}}}, "
        f'spec: {{containers: [{{name: c, image: "{made["image"]}"}}]}}}}}}\n'
    )


def fates(old: str, new: str) -> list[tuple[str, str | None, str | None]]:
    return [(str(each.fate), each.old, each.new) for each in workload_changes(ingested(old), ingested(new))]


@pytest.mark.parametrize(
    ("new", "name"),
    [
        (workload("StatefulSet"), "shop/cart[StatefulSet]"),
        (workload("StatefulSet", labels="{app: cart, tier: x}"), "shop/cart[StatefulSet]"),
        (workload("StatefulSet", image="other"), "shop/cart[StatefulSet]"),
        (workload(name="basket"), "shop/basket[Deployment]"),
        (workload(name="basket", labels="{app: basket}"), "shop/basket[Deployment]"),
        (workload(name="basket", image="registry.example:5000/shop/cart@sha256:abc"), "shop/basket[Deployment]"),
        (workload("StatefulSet", name="basket", labels="{app: basket}"), "shop/basket[StatefulSet]"),
    ],
    ids=["kind", "kind and labels", "kind and image", "name", "name and its label", "name and version", "all three"],
)
def test_a_workload_that_is_surely_the_same_was_renamed(new: str, name: str) -> None:
    assert fates(workload(), new) == [("renamed", "shop/cart[Deployment]", name)]


@pytest.mark.parametrize(
    "new",
    [
        workload(name="basket", namespace="ops"),
        workload(name="basket", image="registry.example:5000/shop/basket:1"),
        workload(name="basket", labels="{app: till}"),
        workload("StatefulSet", labels="{app: other}", image="other"),
        workload(name="one") + workload(name="two"),
    ],
    ids=["another namespace", "another image", "other labels", "all but the name is another", "two candidates"],
)
def test_a_workload_that_may_be_another_one_is_gone(new: str) -> None:
    assert ("removed", "shop/cart[Deployment]", None) in fates(workload(), new)


def test_a_workload_like_one_that_stayed_is_no_renamed_one() -> None:
    stayed = workload(name="canary", labels="{app: cart, track: canary}") + workload(name="twin")
    assert fates(stayed + workload(), stayed + workload(name="basket"))[0][0] == "added"


def test_a_renamed_workload_is_no_change_of_connections_and_an_assumption_says_so() -> None:
    found = queries.diff(cluster(workload()), cluster(workload("StatefulSet", name="basket")))
    assert not found.changes
    assert [(each.old, each.new) for each in found.workloads] == [("shop/cart[Deployment]", "shop/basket[StatefulSet]")]
    assert any("shop/basket[StatefulSet] is taken to be shop/cart[Deployment]" in text for text in found.assumptions)


def test_what_a_rename_does_under_a_policy_by_label_is_a_change_of_the_workload() -> None:
    keep = policy("keep", "{podSelector: {matchLabels: {app: cart}}, ingress: []}")
    found = queries.diff(cluster(keep, workload()), cluster(keep, workload(name="basket", labels="{app: basket}")))
    change = next(each for each in found if each.source == "shop/web[Pod]")
    assert (change.destination, change.change) == ("shop/basket[Deployment]", "added")
    assert [(cause.object, cause.what) for cause in change.because] == [("Deployment shop/basket", "changed")]


@pytest.mark.parametrize("name", ["shop/basket", "shop/cart"])
def test_a_renamed_workload_is_asked_about_by_either_name(name: str) -> None:
    keep = policy("keep", "{podSelector: {matchLabels: {app: cart}}, ingress: []}")
    found = queries.diff(
        cluster(keep, workload()), cluster(workload(name="basket")), destination=name, source="shop/web"
    )
    assert [(each.destination, each.change) for each in found] == [("shop/basket[Deployment]", "added")]


def test_pods_are_not_renamed() -> None:
    found = queries.diff(cluster(workload()), cluster(workload(name="basket")), pods=True)
    assert {each.change for each in found} == {"added", "removed"}
    assert not [text for text in found.assumptions if "taken to be" in text]
