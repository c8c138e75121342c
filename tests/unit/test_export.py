"""Answers as graphs, tables of data and what a notebook shows."""

import shutil

import networkx as nx
import pytest

import netsim
from netsim.queries.codes import meanings
from netsim.render import FORMATS
from tests.quality.tree import REPOSITORY

FIXTURES = REPOSITORY / "fixtures"


def test_a_listing_is_a_graph_with_an_edge_a_row() -> None:
    reach = netsim.load(FIXTURES / "online-shop").reach()
    graph = reach.to_networkx()
    assert graph.number_of_edges() == len(list(reach))
    assert graph["shop/frontend[Deployment]"]["shop/cart[Deployment]"][0]["traffic"] == "TCP 7070"


def test_every_way_to_the_database_of_the_shop_goes_through_what_a_graph_library_says() -> None:
    graph = netsim.load(FIXTURES / "attack-story" / "manifests").reach().to_networkx()
    assert list(graph.predecessors("data/postgres[StatefulSet]")) == ["shop/api[Deployment]"]


def test_the_proofs_of_a_blast_radius_are_the_edges_of_its_graph() -> None:
    blast = netsim.load(FIXTURES / "attack-story" / "manifests").blast("internet")
    graph = blast.to_networkx()
    assert {each.vertex for each in blast} <= set(graph)
    steps = [data for _, _, data in graph.edges(data=True) if data["step"] != "within"]
    assert len(steps) == len(blast.steps)
    assert any("apiserver" in data["needs"] for data in steps)
    assert "cluster-admin" in nx.descendants(graph, "internet")


def test_attack_steps_are_edges_that_say_which_they_are() -> None:
    graph = netsim.load(FIXTURES / "attack-story" / "manifests").steps().to_networkx()
    (data,) = graph["container:ci/runner-0/runner"]["sa:ci/runner"].values()
    assert data["step"] == "tok.mounted"


def test_a_diff_and_paths_are_graphs_of_what_differs_and_of_each_step_once() -> None:
    changes = netsim.diff(netsim.load(FIXTURES / "online-shop"), netsim.load(FIXTURES / "online-shop-next"))
    told = {data["change"] for _, _, data in changes.to_networkx().edges(data=True)}
    assert told == {"added", "removed", "changed"}
    paths = netsim.load(FIXTURES / "attack-story" / "manifests").paths("internet", "cluster-admin")
    edges = [data for _, _, data in paths.to_networkx().edges(data=True) if data["step"] != "within"]
    assert len(edges) == len({step.key for path in paths for step in path.steps})
    assert nx.has_path(paths.to_networkx(), "internet", "cluster-admin")


def test_a_matrix_and_a_check_are_tables_of_data() -> None:
    pytest.importorskip("pandas")
    cluster = netsim.load(FIXTURES / "seed-03" / "manifests")
    rows = cluster.truth_table(port=8080).to_frame()
    assert list(rows.columns) == ["from", "to", "allowed"]
    (told,) = rows[(rows["from"] == "development/frontend") & (rows["to"] == "development/backend-a")]["allowed"]
    assert told is cluster.matrix(port=8080)["development/frontend"]["development/backend-a"]
    checked = cluster.check({"intents": [{"name": "n", "allow": {"from": "development/*", "to": "production/*"}}]})
    (row,) = checked.to_frame().to_dict("records")
    assert (row["name"], row["claim"], row["result"]) == ("n", "allow", checked.results[0].result)


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz's dot is not installed")
def test_a_notebook_draws_a_listing_and_a_diff_that_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (netsim.load(FIXTURES / name) for name in ("online-shop", "online-shop-next"))
    assert "<svg" in old.reach(destination="data/*")._repr_html_()
    assert "<svg" in netsim.diff(old, new)._repr_html_()
    monkeypatch.setattr("netsim.render.html.MOST_DRAWN", 3)
    assert "<svg" not in old.reach(destination="data/*")._repr_html_()


def test_a_notebook_and_a_console_show_every_kind_of_answer() -> None:
    assert not [answer.__name__ for answer, formats in FORMATS.items() if "html" not in formats]
    answer = next(iter(meanings()))
    assert answer._repr_html_().startswith(f"<pre>{answer.check.code}")

    class Printer:
        said = ""

        def text(self, text: str) -> None:
            self.said = text

    printer = Printer()
    answer._repr_pretty_(printer, _cycle=False)
    assert printer.said == str(answer)
