"""The report's page without a browser: what it holds, what it never holds, and that it is the same every time."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

import netsim
from netsim.errors import UsageError
from netsim.queries import report as reports
from netsim.queries.report import Highlight, Hop, Place, Report
from netsim.render.report.attacks import blast_highlight, path_highlights
from netsim.render.report.page import LIBRARY, LICENCE, asset
from netsim.render.report.written import text_of

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
#: What a server writes into an object, and the page leaves out.
SERVERS = {"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"}
SHOP = FIXTURES / "online-shop"
HOSTILE = "</script><img src=x onerror=alert(1)><!--\u2028"


@pytest.fixture(scope="module")
def shop() -> Report:
    return netsim.load(SHOP).report()


def data_of(page: str) -> dict[str, Any]:
    return json.loads(page.partition('<script type="application/json" id="data">')[2].partition("</script>")[0])


class Elements(HTMLParser):
    """The start tags of a page, and the texts of its scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[int, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem:
            self.texts.append((len(self.tags) - 1, data))

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        texts: dict[int, str] = {}
        for at, text in self.texts:
            texts[at] = texts.get(at, "") + text
        return [(own, texts.get(at, "")) for at, (name, own) in enumerate(self.tags) if name == tag]


def test_the_page_of_the_shop_is_small_and_the_same_every_time(shop: Report) -> None:
    page = shop.page()
    assert len(page.encode()) < 2_000_000
    assert page == netsim.load(SHOP).report().page()


def test_the_policy_of_the_page_allows_its_own_scripts_and_styles_and_nothing_else(shop: Report) -> None:
    elements = Elements(shop.page())
    policy = next(own["content"] or "" for own, _ in elements.of("meta") if "http-equiv" in own)
    rules = {name: values for name, *values in (rule.split() for rule in unescape(policy).split(";"))}
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == ["'none'"]
    assert set(rules) == {
        "default-src", "script-src", "style-src", "base-uri", "form-action", "require-trusted-types-for",
    }  # fmt: skip
    for kind, tag in (("script-src", "script"), ("style-src", "style")):
        own = [text for attributes, text in elements.of(tag) if attributes.get("type") != "application/json"]
        hashes = [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in own]
        assert hashes == rules[kind]


def test_nothing_on_the_page_has_an_address_to_load_from(shop: Report) -> None:
    loads = {"src", "href", "srcset", "action", "data", "poster", "background", "style", "ping", "formaction"}
    found = [(tag, name, value) for tag, own in Elements(shop.page()).tags for name, value in own.items()]
    assert [(tag, name) for tag, name, value in found if name in loads and value != "#panel"] == []
    assert not [name for _, name, _ in found if name.startswith("on")]


@pytest.mark.parametrize("where", ["label", "highlight", "annotation", "file"])
def test_no_text_of_the_input_ends_the_data_or_starts_an_element(shop: Report, where: str, tmp_path: Path) -> None:
    match where:
        case "label":
            place = Place(name="shop/cart[Deployment]", labels=(("app", HOSTILE),), pods=1)
            answer = replace(shop, places=(*shop.places, place))
        case "highlight":
            answer = replace(
                shop,
                highlights=(
                    Highlight(title=HOSTILE, start=HOSTILE, hops=(Hop(source=HOSTILE, target=HOSTILE, how=HOSTILE),)),
                ),
            )
        case _:
            name = "<img src=x onerror=alert(1)>.json" if where == "file" else "policy.json"
            policy = {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": {"name": "p", "namespace": "shop", "annotations": {"note": HOSTILE}},
                "spec": {"podSelector": {}},
            }
            (tmp_path / name).write_text(json.dumps(policy), encoding="utf-8")
            answer = netsim.load(SHOP, tmp_path / name).report()
    page, plain = answer.page(), shop.page()
    assert "onerror" in json.dumps(data_of(page))
    assert [tag for tag, _ in Elements(page).tags] == [tag for tag, _ in Elements(plain).tags]
    assert "<img" not in page.partition('id="data">')[2].partition("</script>")[0]


def test_every_row_of_the_listing_is_an_edge_with_its_verdict_s_reasons(shop: Report) -> None:
    data = data_of(shop.page())
    names = [node[0] for node in data["nodes"]["all"]]
    edges = [data["edges"][at : at + 5] for at in range(0, len(data["edges"]), 5)]
    seen = {(names[a], names[b]): (data["traffics"][t][0], data["grounds"][g]) for a, b, t, _, g in edges}
    cluster = netsim.load(SHOP)
    inner = [row for row in cluster.reach() if "[" in row.source and "[" in row.destination]
    assert len(inner) > 30
    for row in inner:
        traffic, grounds = seen[row.source, row.destination]
        assert traffic == str(row.traffic)
        allowed = [told for verdict, told, *_ in grounds[1:] if verdict == 1]
        assert len(allowed) > 1 or allowed == [str(row.traffic)]
    sides = [data["sides"][part[at]] for _, *parts in data["grounds"] for part in parts for at in (2, 3)]
    cited = {(data["policies"][policy]["name"], rule) for side in sides for _, policy, rule, _ in side if policy >= 0}
    assert ("NetworkPolicy data/postgres", "ingress[0]") in cited


def test_small_clusters_have_the_reasons_of_what_is_denied_and_large_ones_say_that_they_have_not(
    shop: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {(pair.source, pair.destination) for pair in shop.explained}
    denied = {(pair.source, pair.destination) for pair in shop.denied}
    names = [place.name for place in shop.places]
    every = {(one, other) for one in names for other in names if one != other}
    assert shop.denied_told
    assert every <= rows | denied
    assert not rows & denied
    monkeypatch.setattr(reports, "MOST_DENIED", 10)
    assert not netsim.load(SHOP).report().denied_told


def test_more_rows_than_a_page_holds_are_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MOST_ROWS", 10)
    with pytest.raises(UsageError, match="88 connections") as refused:
        netsim.load(SHOP).report()
    assert "--workload" in (refused.value.hint or "")


def test_a_policy_is_shown_with_those_whom_it_selects(shop: Report) -> None:
    governed = {str(each.policy): each.subjects for each in shop.policies}
    assert governed["data/postgres"] == ("data/postgres[StatefulSet]",)
    assert len(governed["data/allow-dns"]) == 4


def test_a_change_is_on_the_page_of_the_new_cluster() -> None:
    old, new = netsim.load(SHOP), netsim.load(FIXTURES / "online-shop-next")
    data = data_of(new.report(diff=netsim.diff(old, new)).page())
    names = [node[0] for node in data["nodes"]["all"]]
    found = {(change, names[a], names[b]) for change, a, b, *_ in data["diff"]["rows"]}
    assert ("removed", "shop/frontend[Deployment]", "shop/recommendation[Deployment]") in found
    assert len(found) == 8


@pytest.mark.parametrize("case", sorted(FIXTURES.glob("*/manifests")), ids=lambda path: path.parent.name)
def test_a_policy_s_text_means_what_was_written(case: Path) -> None:
    for manifest in netsim.load(case, keep_going=True).manifests:
        text, spans = text_of(manifest.body)
        body = {key: value for key, value in manifest.body.items() if key != "status"}
        if "metadata" in body:
            body["metadata"] = {key: value for key, value in body["metadata"].items() if key not in SERVERS}
        assert yaml.safe_load(text) == body
        for rule, (first, last) in spans.items():
            direction, index = rule.rstrip("]").split("[")
            lines = text.split("\n")[first : last + 1]
            assert yaml.safe_load("\n".join(lines)) == [body["spec"][direction][int(index)]]


def test_the_library_is_the_one_that_is_pinned_and_its_licence_is_on_the_page(shop: Report) -> None:
    pinned = json.loads(asset("vendored.json"))
    assert set(pinned["files"]) == {LIBRARY, LICENCE}
    for name, (_, expected) in pinned["files"].items():
        assert sha256(asset(name).encode()).hexdigest() == expected
    assert re.search(r"Permission is hereby granted, free of charge", shop.page())


def test_a_notebook_shows_the_page_in_a_frame_that_may_do_nothing_outside_itself(shop: Report) -> None:
    shown = shop._repr_html_()
    assert shown.startswith('<iframe sandbox="allow-scripts"')
    assert (Elements(shown).tags[0][1]["srcdoc"] or "").rstrip("\n") == shop.page()


def test_what_falls_is_followed_by_the_names_that_rows_have(shop: Report) -> None:
    cluster = netsim.load(SHOP)
    names = [place.name for place in shop.places]
    route = blast_highlight(cluster.blast("shop/frontend"), names)
    assert route.start == "shop/frontend[Deployment]"
    targets = [hop.target for hop in route.hops]
    assert {"shop/cart[Deployment]", "data/redis[StatefulSet]", "shop/default[ServiceAccount]"} <= set(targets)
    known = {hop.source for hop in route.hops if "[ServiceAccount]" not in hop.source and "/" in hop.source}
    assert known <= {*names, "shop/default[ServiceAccount]"}
    (path, *_) = path_highlights(cluster.paths("shop/frontend", "data/redis"), names)
    assert [hop.target for hop in path.hops] == ["shop/cart[Deployment]", "data/redis[StatefulSet]"]
