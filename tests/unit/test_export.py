"""Answers as networkx graphs."""

import networkx as nx

import netsim
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
