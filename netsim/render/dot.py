"""Graphs in Graphviz's language: namespaces are boxes, addresses stand outside them, arrows say what may be opened."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from zlib import crc32

from netsim.queries import Diff, Reachability
from netsim.queries.entries import WayIn
from netsim.queries.listing import Line
from netsim.render.blocks import Gathering
from netsim.render.entries import as_rows
from netsim.render.review import MARKS, moved, rows, tags
from netsim.render.words import safe, traffic_cell

INK, FAINT, DOUBT, DOOR = "#24292f", "#6e7781", "#9a6700", "#0550ae"
COLOURS = {"added": "#1a7f37", "removed": "#cf222e", "changed": "#bc4c00"}
#: Dark enough to read as text on white and on a namespace's grey.
TRAFFICS = ("#0550ae", "#116329", "#8250df", "#a40e26", "#1b7c83", "#7d4e00", "#bf3989", "#57606a")
#: Solid, dashed, bold: a second carrier beside the colour, and the mark in the label is the third.
STYLES = {"added": "bold", "removed": "dashed", "changed": "solid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One arrow of a graph: its ends as rows name them, what it says, and how it looks.

    ``door`` is whether its source is an object by which something enters.
    """

    source: str
    target: str
    label: str
    colour: str = INK
    style: str = "solid"
    door: bool = False


def reach(answer: Reachability) -> Iterator[str]:
    """Yield the graph of a listing."""
    arrows = [_arrow(source, label, line) for source, shown in Gathering(answer) for label, line in shown]
    legend = [("an arrow: may open connections of the traffic that it says", INK), ("dashed: unknown", DOUBT)]
    ways = [_way_in(way) for way in dict.fromkeys(as_rows(answer.entries))]
    if ways:
        legend += [("a house: what enters by it", DOOR), ("dotted: blocked by policy", COLOURS["removed"])]
    return _graph([*arrows, *dict.fromkeys(ways)], legend)


def _way_in(way: WayIn) -> Arrow:
    """Return the arrow of a way in, from the object that lets in."""
    colour, style = {True: (DOOR, "solid"), None: (DOUBT, "dashed"), False: (COLOURS["removed"], "dotted")}[way.allowed]
    name = f"{way.kind} {way.name}"
    label = f"{way.traffic}, from {way.source}"
    return Arrow(source=name, target=way.destination, label=label, colour=colour, style=style, door=True)


def _arrow(source: str, target: str, line: Line) -> Arrow:
    label = traffic_cell(line)
    if line.unknown:
        return Arrow(source=source, target=target, label=label, colour=DOUBT, style="dashed")
    return Arrow(source=source, target=target, label=label, colour=_told_apart(label))


def _told_apart(label: str) -> str:
    """Return a colour for a traffic, the same in every graph, so that the eye can follow an arrow among many."""
    return INK if label == "all" else TRAFFICS[crc32(label.encode()) % len(TRAFFICS)]


def diff(answer: Diff) -> Iterator[str]:
    """Yield the graph of the changes."""
    arrows = [
        Arrow(
            source=row.source,
            target=row.destination,
            label=f"{MARKS[row.change]} {moved(row)}" + (f"\n[{tags(row)}]" if tags(row) else ""),
            colour=COLOURS[row.change],
            style=STYLES[row.change],
        )
        for row in rows(answer)
    ]
    legend = [(f"{MARKS[kind]} {kind} ({STYLES[kind]})", colour) for kind, colour in COLOURS.items()]
    return _graph(arrows, legend)


def _graph(arrows: Sequence[Arrow], legend: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield "digraph netsim {\n"
    yield from (f"  {line}\n" for line in _STYLE)
    yield f"  label={_legend(legend)};\n"
    yield from _nodes(arrows)
    for arrow in arrows:
        ends = f"{quoted(_source(arrow))} -> {quoted(arrow.target)}"
        look = f'color="{arrow.colour}", fontcolor="{arrow.colour}", style={arrow.style}'
        yield f"  {ends} [label={quoted(arrow.label)}, {look}];\n"
    yield "}\n"


_STYLE = (
    'graph [rankdir=LR, fontname="Helvetica", fontsize=11, labelloc=b, labeljust=l, nodesep=0.25, ranksep=1.1];',
    f'node [fontname="Helvetica", fontsize=12, shape=box, style="rounded,filled", fillcolor=white, color="{FAINT}"];',
    'edge [fontname="Helvetica", fontsize=9, arrowsize=0.7];',
)


def _legend(entries: Iterable[tuple[str, str]]) -> str:
    return "<" + " &nbsp; ".join(f'<font color="{colour}">{text}</font>' for text, colour in entries) + ">"


#: A workload or a pod. Namespaces hold neither dots nor colons, so that neither addresses nor `node:NAME` look like it.
_WORKLOAD = re.compile(r"(?P<namespace>[^/.:]+)/(?P<name>[^\[{]+)(?:\[(?P<kind>\w+)\])?(?P<rest>.*)")


def _source(arrow: Arrow) -> str:
    # Addresses that both open and accept are drawn twice, so that arrows run one way.
    if arrow.door:
        return f"by {arrow.source}"
    return arrow.source if _WORKLOAD.fullmatch(arrow.source) else f"from {arrow.source}"


def _nodes(arrows: Sequence[Arrow]) -> Iterator[str]:
    """Yield the nodes, those of a namespace in its box; sorted."""
    inside: dict[str, dict[str, str]] = {}
    outside: dict[str, str] = {}
    doors = {_source(arrow): arrow.source for arrow in arrows if arrow.door}
    for arrow in arrows:
        for name, node in ((arrow.source, _source(arrow)), (arrow.target, arrow.target)):
            if node in doors:
                continue
            found = _WORKLOAD.fullmatch(name)
            if found:
                inside.setdefault(found["namespace"], {})[node] = _label(found)
            else:
                outside[node] = name
    for number, namespace in enumerate(sorted(inside)):
        yield f"  subgraph cluster_{number} {{\n"
        yield f"    label={quoted(namespace)}; {_NAMESPACE}\n"
        yield from (f"    {quoted(node)} [label={label}];\n" for node, label in sorted(inside[namespace].items()))
        yield "  }\n"
    for node, name in sorted(doors.items()):
        yield f"  {quoted(node)} [label={quoted(name)}, {_DOOR}];\n"
    for node, name in sorted(outside.items()):
        yield f"  {quoted(node)} [label={quoted(_wrapped(name))}, {_OUTSIDE}];\n"


_NAMESPACE = 'labelloc=t; margin=14; style="rounded,filled"; fillcolor="#f6f8fa"; color="#d0d7de";'
_DOOR = f'shape=house, style=filled, fillcolor="#ddf4ff", color="{DOOR}"'
_OUTSIDE = 'shape=ellipse, style="filled,dashed", fillcolor="#fff8c5"'


def _label(found: re.Match[str]) -> str:
    name, kind, rest = found["name"], found["kind"], found["rest"]
    below = " ".join(filter(None, (kind, rest)))
    small = f'<br/><font point-size="9" color="{FAINT}">{escape(safe(below))}</font>' if below else ""
    return f"<{escape(safe(name))}{small}>"


def _wrapped(name: str) -> str:
    return name.replace(" except ", "\nexcept ").replace(", ", ",\n")


def quoted(text: str) -> str:
    """Return the text as a quoted string of the language; a line break stays one."""
    lines = (safe(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n"))
    return '"' + "\\n".join(lines) + '"'
