"""A person opens the report: clicks, filters, reads why. Screenshots go to ``build/screenshots``, to be looked at."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import netsim
from netsim.cli.explore import served
from netsim.cli.serving import Explorer
from netsim.queries.report import Highlight, Hop, Place, Report
from netsim.render.report.page import Asks, page
from tests import tools
from tests.browser import large

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).resolve().parents[2]
SHOP = REPOSITORY / "fixtures" / "online-shop"
SCREENSHOTS = REPOSITORY / "build" / "screenshots"
HOSTILE = "<img src=x onerror=alert(1)>"

#: What keeps somebody from using a page, in the words of axe-core.
GRAVE = {"serious", "critical"}


@dataclass(frozen=True)
class Seen:
    """What a visit of the page returned: a result for each action, and what the page did on its own."""

    results: list[Any]
    requests: list[str]
    errors: list[str]
    dialogs: int
    opened: int


#: What a person does, one after the other: a name of `drive.mjs` with its arguments.
Actions = Sequence[Any]

Visit = Callable[..., Seen]


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Visit:
    chromium, modules = tools.browser(), tools.tool("browser")
    node = shutil.which("node")
    if node is None:
        tools.absent("no node: apt install nodejs")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def visited(page: Path | str, actions: Actions, **options: object) -> Seen:
        steps = tmp_path_factory.mktemp("visit") / "steps.json"
        where = {"file": str(page)} if isinstance(page, Path) else {"address": page}
        told = {**where, "screenshots": str(SCREENSHOTS), "actions": actions, **options}
        steps.write_text(json.dumps(told), encoding="utf-8")
        command = [str(node), str(Path(__file__).parent / "drive.mjs"), str(modules), str(steps)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=300, check=False, env={**os.environ, "CHROMIUM": chromium}
        )
        assert done.returncode == 0, done.stderr
        seen = Seen(**json.loads(done.stdout))
        if isinstance(page, Path):
            assert seen.requests == [page.as_uri()], "the page asked for something"
        # A browser tells an answer of 400 as an error of its own.
        assert len(seen.errors) == options.get("failing", 0)
        assert not seen.dialogs
        return seen

    return visited


def written(answer: Report, folder: Path) -> Path:
    page = folder / "report.html"
    page.write_text(answer.page(), encoding="utf-8")
    return page


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    hop = ("shop/frontend[Deployment]", "shop/cart[Deployment]")
    step = Hop(source=hop[0], target=hop[1], how="it connects")
    route = Highlight(title="from the frontend to the cart", start=hop[0], hops=(step,))
    return written(netsim.load(SHOP).report(highlights=(route,)), tmp_path_factory.mktemp("shop"))


def of(seen: Seen, actions: Actions, name: str) -> list[Any]:
    return [result for result, action in zip(seen.results, actions, strict=True) if action[0] == name]


def test_a_person_walks_from_the_matrix_to_why_a_pair_is_allowed_and_why_another_is_denied(
    visit: Visit, shop: Path
) -> None:
    actions = [
        ["text", "h2"],
        ["shot", "matrix.png"],
        ["click", 'td[aria-label^="shop to data"]'],
        ["shot", "matrix-inside.png"],
        ["click", 'td[aria-label^="shop/cart[Deployment] to data/redis"]'],
        ["text", "#detail"],
        ["text", "#detail mark"],
        ["shot", "why-allowed.png"],
        ["click", 'td[aria-label^="shop/cart[Deployment] to data/postgres"]'],
        ["text", "#detail"],
    ]
    texts = of(visit(shop, actions), actions, "text")
    assert texts[0] == "Namespace by namespace"
    assert "allowed TCP 6379" in texts[1]
    assert "NetworkPolicy data/redis ingress[0]" in texts[1]
    assert "policies-data.yaml:" in texts[1]
    assert "from:" in texts[2] or "to:" in texts[2]
    assert "denied all" in texts[3]
    assert "isolates it; no rule of it matches" in texts[3]
    assert "wants" in texts[3]


def test_filters_narrow_the_table_and_a_port_that_is_none_is_told(visit: Visit, shop: Path) -> None:
    actions = [
        ["click", "#tab-connections"],
        ["fill", "#f-port", "6379"],
        ["texts", "#panel .table:first-child tbody tr"],
        ["fill", "#f-port", "nonsense"],
        ["text", "#f-port-error"],
        ["fill", "#f-port", ""],
        ["select", "#f-ns", "payments"],
        ["select", "#f-dir", "in"],
        ["texts", "#panel .table:first-child tbody tr td:nth-child(2)"],
        ["select", "#f-dir", "cross"],
        ["text", "#shown"],
        ["fill", "#f-text", "app=ledger"],
        ["texts", "#panel .table:first-child tbody tr"],
        ["shot", "filtered.png"],
    ]
    seen = visit(shop, actions)
    by_port, into, by_label = of(seen, actions, "texts")
    assert any("data/redis[StatefulSet]" in row for row in by_port)
    assert all("6379" in row or "all" in row for row in by_port)
    assert into
    assert all(cell.replace("\n", "").startswith("payments/") for cell in into)
    error, shown = of(seen, actions, "text")
    assert "8000-8080" in error
    assert "of 57" in shown
    assert by_label
    assert all("payments/ledger" in row.replace("\n", "") for row in by_label)


def test_a_workload_on_the_map_tells_what_it_opens_and_accepts_and_what_it_reaches_by_hops(
    visit: Visit, shop: Path
) -> None:
    look = (
        "const field = document.getElementById('f-node'); field.value = 'shop/cart[Deployment]';"
        "field.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    actions = [
        ["click", "#tab-map"],
        ["wait", 600],
        ["shot", "map.png"],
        ["run", look],
        ["text", "#detail"],
        ["shot", "map-workload.png"],
        ["click", "text=Follow what it reaches"],
        ["wait", 300],
        ["texts", "#detail ol li"],
        ["shot", "map-hops.png"],
        ["select", "#panel .tools select", "0"],
        ["text", "#detail"],
    ]
    seen = visit(shop, actions)
    detail, route = of(seen, actions, "text")
    assert "data/redis[StatefulSet] TCP 6379" in detail
    assert "shop/frontend[Deployment] TCP 7070" in detail
    hops = of(seen, actions, "texts")[0]
    assert "data/redis[StatefulSet]" in hops[0]
    assert "from the frontend to the cart" in route
    assert "it connects" in route


def test_the_keyboard_alone_reaches_views_cells_and_reasons(visit: Visit, shop: Path) -> None:
    actions = [
        ["run", "document.getElementById('tab-matrix').focus()"],
        ["press", "ArrowRight"],
        ["focused"],
        ["press", "ArrowLeft"],
        ["run", "document.querySelector('.matrix td[tabindex=\"0\"]').focus()"],
        ["press", "ArrowDown"],
        ["press", "ArrowRight"],
        ["run", "document.activeElement.getAttribute('aria-label')"],
        ["press", "Enter"],
        ["focused"],
    ]
    seen = visit(shop, actions)
    tab, inside = of(seen, actions, "focused")
    assert tab == "Connections"
    assert seen.results[7].startswith("shop to shop:")
    assert inside == "← every namespace"


def test_changes_lead_and_are_marked_in_the_table_the_matrix_and_the_map(visit: Visit, tmp_path: Path) -> None:
    old, new = netsim.load(SHOP), netsim.load(REPOSITORY / "fixtures" / "online-shop-next")
    page = written(new.report(diff=netsim.diff(old, new)), tmp_path)
    actions = [
        ["texts", "tbody tr"],
        ["shot", "changes.png"],
        ["axe"],
        ["click", "#tab-map"],
        ["wait", 600],
        ["shot", "changes-map.png"],
        ["click", "#tab-matrix"],
        ["count", "td.is-removed, td.is-added, td.is-changed"],
        ["shot", "changes-matrix.png"],
    ]
    seen = visit(page, actions)
    rows = [row.replace("\n", " ") for row in of(seen, actions, "texts")[0]]
    assert len(rows) == 8
    assert any(row.startswith("removed") and "- TCP 8081" in row for row in rows)
    assert of(seen, actions, "count")[0] >= 4
    assert not [found for found in of(seen, actions, "axe")[0] if found[0] in GRAVE]


def test_markup_in_labels_files_annotations_and_sentences_stays_text(visit: Visit, tmp_path: Path) -> None:
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "marked", "namespace": "shop", "annotations": {"note": HOSTILE}},
        "spec": {"podSelector": {}},
    }
    (tmp_path / f"{HOSTILE}.json").write_text(json.dumps(policy), encoding="utf-8")
    answer = netsim.load(SHOP, tmp_path / f"{HOSTILE}.json").report()
    first = answer.places[0]
    marked = Place(name=first.name, labels=(("app", HOSTILE),), pods=first.pods)
    route = Highlight(title=HOSTILE, start=HOSTILE, hops=(Hop(source=HOSTILE, target=first.name, how=HOSTILE),))
    page = written(replace(answer, places=(marked, *answer.places[1:]), highlights=(route,)), tmp_path)
    actions = [
        ["click", "#tab-connections"],
        ["click", f"tbody >> text={first.name.partition('/')[2].partition('[')[0]}"],
        ["text", "#detail .labels"],
        ["count", "img"],
        ["click", "#tab-policies"],
        ["fill", "#f-text", "shop/marked"],
        ["click", "tbody th button"],
        ["text", "#detail pre"],
        ["text", "#detail"],
        ["count", "img"],
        ["click", "#tab-map"],
        ["select", "#panel .tools select", "0"],
        ["text", "#detail"],
        ["count", "img"],
        ["shot", "hostile.png"],
    ]
    seen = visit(page, actions)
    label, text, detail, route_told = of(seen, actions, "text")
    assert label == f"app={HOSTILE}"
    assert HOSTILE in text
    assert HOSTILE in detail
    assert HOSTILE in route_told
    assert of(seen, actions, "count") == [0, 0, 0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_judge_of_accessibility_finds_nothing_grave_in_any_view(visit: Visit, shop: Path, scheme: str) -> None:
    actions: list[list[object]] = []
    for view in ("matrix", "connections", "map", "findings", "policies"):
        actions += [["click", f"#tab-{view}"], ["wait", 300]]
        if view in ("connections", "policies"):
            actions += [["click", "#panel tbody button >> nth=0"]]
        actions += [["axe"], ["shot", f"{view}-{scheme}.png"]]
    seen = visit(shop, actions, scheme=scheme)
    assert len(of(seen, actions, "axe")) == 5
    assert not [found for each in of(seen, actions, "axe") for found in each if found[0] in GRAVE]


def test_findings_are_sorted_filtered_and_told_with_their_evidence(visit: Visit, tmp_path: Path) -> None:
    folders = [REPOSITORY / "fixtures" / name for name in ("kind-role", "kind-rolebinding", "kind-serviceaccount")]
    cases = [case for folder in folders for case in sorted(folder.glob("*/manifests"))]
    answer = next(a for a in (netsim.load(case, keep_going=True).report() for case in cases) if len(a.findings) > 1)
    page = written(answer, tmp_path)
    actions = [
        ["click", "#tab-findings"],
        ["texts", "tbody th"],
        ["click", "tbody details summary"],
        ["text", "tbody details"],
        ["axe"],
        ["shot", "findings.png"],
        ["select", "#severity", "0"],
        ["count", "tbody tr"],
    ]
    seen = visit(page, actions)
    assert of(seen, actions, "texts")[0] == [str(found.severity) for found in answer.findings]
    assert answer.checks[answer.findings[0].code].title in of(seen, actions, "text")[0]
    assert of(seen, actions, "count")[0] == sum(found.severity.rank == 0 for found in answer.findings)
    assert not [found for found in of(seen, actions, "axe")[0] if found[0] in GRAVE]


def test_two_thousand_workloads_are_aggregated_said_to_be_and_answer_at_once(visit: Visit, tmp_path: Path) -> None:
    cluster = netsim.load(documents=list(large.documents()))
    answer = cluster.report()
    assert (len(answer.places), len(answer.explained)) == (2_000, large.CONNECTIONS) == (2_000, 50_000)
    page = written(answer, tmp_path)
    actions = [
        ["shot", "large-matrix.png"],
        ["timed", 'td[aria-label^="team-00 to team-01"]'],
        ["timed", "#tab-connections"],
        ["timed", "th button"],
        ["click", "#panel tbody >> text=why"],
        ["text", "#detail"],
        ["timed", "#tab-map"],
        ["wait", 1000],
        ["text", ".note"],
        ["run", "(cy => cy.zoom() * parseFloat(cy.nodes('.closed').style('font-size')))(map._cyreg.cy)"],
        ["shot", "large-map.png"],
        ["select", "#f-ns", "team-07"],
        ["wait", 500],
        ["text", "#shown"],
        ["shot", "large-map-one.png"],
        ["timed", "#tab-policies"],
    ]
    seen = visit(page, actions)
    detail, note, shown = of(seen, actions, "text")
    assert "allowed TCP 8080" in detail
    assert "80 of 80 namespaces drawn as one box each" in note
    assert "650 rows of 50,000" in shown
    assert of(seen, actions, "run")[0] > 8, "names too small to be read, in pixels"
    # A machine that is busy with other tests is given time; a page that draws everything takes minutes.
    assert seen.opened < 15_000
    assert max(of(seen, actions, "timed")) < 5_000


def test_on_paper_every_table_is_printed_and_the_filters_are_not(visit: Visit, shop: Path) -> None:
    actions = [
        ["pdf", "report.pdf"],
        ["run", "window.dispatchEvent(new Event('beforeprint')), document.querySelectorAll('.printed').length"],
        ["run", "window.dispatchEvent(new Event('afterprint')), document.querySelectorAll('.printed').length"],
        ["media", "print"],
        ["run", "getComputedStyle(document.getElementById('filters')).display"],
    ]
    assert of(visit(shop, actions), actions, "run") == [3, 0, "none"]


def test_what_is_printed_from_a_dark_screen_is_dark_on_white(visit: Visit, shop: Path) -> None:
    style = "getComputedStyle(document.querySelector('{}'))"
    colours = f"[{style.format('.legend')}.color, {style.format('#map canvas')}.filter]"
    actions = [["click", "#tab-map"], ["wait", 300], ["run", colours], ["media", "print"], ["run", colours]]
    screen, paper = of(visit(shop, actions, scheme="dark"), actions, "run")
    assert screen == ["rgb(157, 167, 177)", "none"]
    assert paper[0] == "rgb(68, 68, 68)"
    assert paper[1].startswith("invert(1)"), "the map was drawn for the dark"


def test_a_served_page_asks_its_own_server_alone_and_shows_the_answer_as_text(visit: Visit) -> None:
    cluster = netsim.load(SHOP)
    written = "".join(page(cluster.report(), asks=Asks.ITS_SERVER)).encode()
    actions = [
        ["click", "#tab-ask"],
        ["fill", "#a-from", "shop/cart"],
        ["fill", "#a-to", "data/postgres"],
        ["fill", "#a-port", "5432"],
        ["click", ".ask button"],
        ["wait", 500],
        ["text", "#answer"],
        ["shot", "ask.png"],
        ["select", "#a-question", "blast"],
        ["fill", "#a-from", HOSTILE],
        ["click", ".ask button"],
        ["wait", 500],
        ["text", "#answer"],
        ["axe"],
    ]
    with Explorer(served(cluster, written)) as explorer:
        Thread(target=explorer.serve_forever, daemon=True).start()
        seen = visit(explorer.address, actions, failing=1)
        explorer.shutdown()
    answer, refused = of(seen, actions, "text")
    assert answer.startswith("denied: shop/cart -> data/postgres TCP 5432")
    assert HOSTILE in refused
    assert len(seen.requests) == 3
    assert all(request.startswith(explorer.address) for request in seen.requests)
    assert not [found for found in of(seen, actions, "axe")[0] if found[0] in GRAVE]
