"""The attack graph in Graphviz's language: only shortest proofs, namespaces as boxes, pods as their workloads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from netsim.graph.vertices import kind_of, namespace_of
from netsim.ir.attack import Certainty, Step
from netsim.queries.blast import BlastRadius, Fallen
from netsim.queries.paths import Paths
from netsim.render.attack import GRAVE, follows_from_admin, gravest
from netsim.render.dot import FAINT, INK, quoted
from netsim.render.words import safe

#: More arrows than this show nothing: then the proofs of the gravest are drawn alone.
MOST_ARROWS = 45

_COLOURS = {Certainty.CERTAIN: "#cf222e", Certainty.LIKELY: "#bc4c00", Certainty.EXPLOIT: "#8250df"}
_STYLES = {Certainty.CERTAIN: "bold", Certainty.LIKELY: "solid", Certainty.EXPLOIT: "dashed"}
_SHAPES = {
    "pod": "box", "node": "box3d", "sa": "ellipse", "user": "ellipse", "group": "ellipse", "secret": "note",
    "internet": "egg", "service": "cds", "cluster-admin": "doubleoctagon", "etcd": "cylinder", "apiserver": "component",
}  # fmt: skip
_WORDS = {"sa": "account", "pod": "workload", "namespace-admin": "all rights"}


@dataclass(slots=True)
class _Picture:
    """The arrows of a picture, each once; pods of one workload are one vertex."""

    owners: Mapping[str, str]
    start: str
    nothing: str
    arrows: dict[tuple[str, str], tuple[Certainty, dict[str, None]]] = field(default_factory=dict)

    def add(self, steps: Iterable[Step]) -> None:
        """Add the steps of a proof."""
        for step in steps:
            ends = self.vertex(step.source), self.vertex(step.target)
            if ends[0] == ends[1] or step.target == "apiserver":
                continue
            certainty, ids = self.arrows.get(ends, (step.certainty, {}))
            ids[step.id] = None
            self.arrows[ends] = min(certainty, step.certainty), ids

    def vertex(self, name: str) -> str:
        """Return the vertex that stands for another: a workload for its pods and containers."""
        if name.startswith("container:"):
            name = f"pod:{name.partition(':')[2].rpartition('/')[0]}"
        owner = self.owners.get(name)
        return f"pod:{owner}" if owner else name

    def text(self) -> Iterator[str]:
        """Yield the graph."""
        yield "digraph attack {\n"
        yield (
            '  graph [rankdir=LR, fontname="Helvetica", fontsize=11, labelloc=b, labeljust=l, nodesep=0.3, '
            "ranksep=0.9, compound=true];\n"
        )
        yield (
            f'  node [fontname="Helvetica", fontsize=11, style="filled", fillcolor=white, color="{FAINT}", '
            'margin="0.14,0.07"];\n'
        )
        yield '  edge [fontname="Helvetica", fontsize=9, arrowsize=0.7];\n'
        yield f"  label={_legend() if self.arrows else quoted(safe(self.nothing))};\n"
        yield from self._vertices()
        for (source, target), (certainty, ids) in sorted(self.arrows.items()):
            colour = _COLOURS[certainty]
            look = f'color="{colour}", fontcolor="{colour}", style={_STYLES[certainty]}'
            yield f"  {quoted(source)} -> {quoted(target)} [label={quoted(chr(10).join(ids))}, {look}];\n"
        yield "}\n"

    def _vertices(self) -> Iterator[str]:
        names = sorted({self.vertex(self.start), *(name for ends in self.arrows for name in ends)})
        spaces: dict[str, list[str]] = {}
        for name in names:
            spaces.setdefault(namespace_of(name), []).append(name)
        for number, (space, own) in enumerate(sorted(spaces.items())):
            if space:
                yield f"  subgraph cluster_{number} {{\n"
                yield f"    label={quoted(space)}; labelloc=t; margin=14; {_BOX}\n"
            for name in own:
                yield f"    {quoted(name)} [label={quoted(_label(name, space))}, {self._look(name)}];\n"
            if space:
                yield "  }\n"

    def _look(self, name: str) -> str:
        kind = kind_of(name)
        shape = f"shape={_SHAPES.get(kind, 'box')}"
        if name == self.vertex(self.start):
            return f'{shape}, fillcolor="#ddf4ff", penwidth=2, color="{INK}"'
        if kind in ("cluster-admin", "etcd"):
            return f'{shape}, fillcolor="#ffebe9", color="#cf222e"'
        return f'{shape}, fillcolor="#fff8c5"' if kind in GRAVE[2:6] else shape


_BOX = 'style="rounded,filled"; fillcolor="#f6f8fa"; color="#d0d7de";'


def _label(name: str, space: str) -> str:
    kind, _, rest = name.partition(":")
    if not rest:
        return name
    short = rest.removeprefix(f"{space}/") if space else rest
    return f"{safe(short)}\n{_WORDS.get(kind, kind)}"


def _legend() -> str:
    told = "; ".join(f"{_STYLES[level]}: {level.label}" for level in Certainty)
    return quoted(f"an arrow: a step of a shortest proof. {told}")


def blast(answer: BlastRadius) -> Iterator[str]:
    """Yield the graph of what falls; where that is too much, of how the gravest does."""
    every = [[answer.steps[number] for number in each.proof] for each in answer.fallen if not _beside(answer, each)]
    nothing = f"if {answer.source} is taken, nothing else falls"
    picture = _pictured(answer, nothing, every)
    if len(picture.arrows) > MOST_ARROWS:
        grave = [[answer.steps[number] for number in each.proof] for each in gravest(answer)]
        picture = _pictured(answer, nothing, grave)
    return picture.text()


def _beside(answer: BlastRadius, each: Fallen) -> bool:
    """Is something no news: what every administrator has, and the users that kubelets are?"""
    return follows_from_admin(answer, each) or each.vertex.startswith(("user:system:node:", "group:system:nodes"))


def paths(answer: Paths) -> Iterator[str]:
    """Yield the graph of the shortest paths."""
    nothing = f"no path leads from {answer.source} to {answer.target}"
    return _pictured(answer, nothing, [path.steps for path in answer.shortest]).text()


def _start(answer: BlastRadius | Paths) -> str:
    """Return the vertex that was asked about: a workload may be named without its kind."""
    source = answer.source
    if ":" in source or source == "internet":
        return source
    return next(
        (f"pod:{owner}" for owner in answer.owners.values() if owner.partition("[")[0] == source), f"pod:{source}"
    )


def _pictured(answer: BlastRadius | Paths, nothing: str, proofs: Iterable[Sequence[Step]]) -> _Picture:
    picture = _Picture(owners=answer.owners, start=_start(answer), nothing=nothing)
    for proof in proofs:
        picture.add(proof)
    return picture
