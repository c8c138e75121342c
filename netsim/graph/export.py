"""Answers as networkx graphs, for whoever wants to ask a graph library something of their own."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from netsim.ir.attack import Step

#: A vertex or an edge, with its attributes.
Vertex = tuple[str, Mapping[str, Any]]
Edge = tuple[str, str, Mapping[str, Any]]
_CONTAINER = "container:"


def digraph(vertices: Iterable[Vertex], edges: Iterable[Edge]) -> Any:
    """Return a ``networkx.MultiDiGraph``; ends of edges that are no vertices yet become some."""
    import networkx as nx

    graph = nx.MultiDiGraph()
    graph.add_nodes_from((name, dict(attributes)) for name, attributes in vertices)
    graph.add_edges_from((source, target, dict(attributes)) for source, target, attributes in edges)
    return graph


def step_edges(steps: Iterable[Step]) -> Iterator[Edge]:
    """Yield attack steps as edges, and ``within`` from each pod to its containers that some step leaves.

    ``needs`` are the vertices that a step takes beside its source, which no plain graph can say.
    """
    containers = set()
    for step in steps:
        yield step.source, step.target, {"step": step.id, "certainty": step.certainty.label, "needs": step.with_}
        if step.source.startswith(_CONTAINER):
            containers.add(step.source)
    for container in sorted(containers):
        pod = container.removeprefix(_CONTAINER).rpartition("/")[0]
        yield f"pod:{pod}", container, {"step": "within", "needs": ()}
