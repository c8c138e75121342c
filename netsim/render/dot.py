"""Graphs in Graphviz's language: namespaces are boxes, addresses stand outside them, arrows say what may be opened."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from html import escape
from math import log10
from zlib import crc32

from netsim.queries import Diff, Reachability
from netsim.queries.entries import WayIn
from netsim.queries.listing import Line
from netsim.render.beside import MARKS
from netsim.render.blocks import Gathering
from netsim.render.entries import as_rows
from netsim.render.review import moved, tags
from netsim.render.shown import rows
from netsim.render.words import counted, safe, traffic_cell

INK, FAINT, DOUBT, DOOR = "#24292f", "#6e7781", "#9a6700", "#0550ae"
COLOURS = {"added": "#1a7f37", "removed": "#cf222e", "changed": "#bc4c00"}
#: Dark enough to read as text on white and on a namespace's grey.
TRAFFICS = ("#0550ae", "#116329", "#8250df", "#a40e26", "#1b7c83", "#7d4e00", "#bf3989", "#57606a")
#: Solid, dashed, bold: a second carrier beside the colour, and the mark in the label is the third.
STYLES = {"added": "bold", "removed": "dashed", "changed": "solid"}


class By(StrEnum):
    """What a picture has a node for."""

    WORKLOAD = "workload"
    NAMESPACE = "namespace"


#: Over so many ends, or arrows, a picture of workloads is a thicket.
MOST_ENDS, MOST_READABLE = 200, 500

#: Over so many arrows between namespaces, their numbers are left out: how thick an arrow is tells enough.
MOST_LABELLED = 100

#: More namespaces than this would make a row that is far wider than high.
MOST_IN_ROWS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One arrow of a graph: its ends as rows name them, what it says, and how it looks.

    ``door`` is whether its source is an object by which something enters. ``weight`` is how many arrows it stands for.
    """

    source: str
    target: str
    label: str
    colour: str = INK
    style: str = "solid"
    door: bool = False
    weight: int = 1


def reach(answer: Reachability, by: By | None = By.WORKLOAD) -> Iterator[str]:
    """Yield the graph of a listing; by None, by namespace where it would be too large to read."""
    arrows = [_arrow(source, label, line) for source, shown in Gathering(answer) for label, line in shown]
    legend = [("an arrow: may open connections of the traffic that it says", INK), ("dashed: unknown", DOUBT)]
    ways = [_way_in(way) for way in dict.fromkeys(as_rows(answer.entries))]
    if ways:
        legend += [("a house: what enters by it", DOOR), ("dotted: blocked by policy", COLOURS["removed"])]
    return _graph([*arrows, *dict.fromkeys(ways)], legend, by)


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


def diff(answer: Diff, by: By | None = By.WORKLOAD) -> Iterator[str]:
    """Yield the graph of the changes; by None, by namespace where it would be too large to read."""
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
    return _graph(arrows, legend, by)


def _graph(arrows: Sequence[Arrow], legend: Iterable[tuple[str, str]], by: By | None) -> Iterator[str]:
    spaces = _spaces(arrows)
    if by is By.NAMESPACE or (by is None and _is_thicket(arrows)):
        arrows = _by_namespace(arrows)
        legend = [*legend, ("a namespace stands for its workloads; a number counts arrows", FAINT)]
    else:
        spaces = {}
    labelled = not spaces or len(arrows) <= MOST_LABELLED
    crowded = not labelled or len(spaces) > MOST_IN_ROWS
    yield "digraph netsim {\n"
    yield from (f"  {line.replace(IN_ROWS, CROWDED) if crowded else line}\n" for line in _STYLE)
    yield f"  label={_legend(legend)};\n"
    yield from _nodes(arrows, spaces)
    for arrow in arrows:
        ends = f"{quoted(_source(arrow))} -> {quoted(arrow.target)}"
        look = f'color="{arrow.colour}", fontcolor="{arrow.colour}", style={arrow.style}'
        width = f", penwidth={1 + log10(arrow.weight):.1f}" if arrow.weight > 1 and arrow.style != "bold" else ""
        yield f"  {ends} [label={quoted(arrow.label if labelled else '')}, {look}{width}];\n"
    yield "}\n"


def _is_thicket(arrows: Sequence[Arrow]) -> bool:
    ends = {end for arrow in arrows for end in (arrow.source, arrow.target)}
    return len(ends) > MOST_ENDS or len(arrows) > MOST_READABLE


def _spaces(arrows: Iterable[Arrow]) -> dict[str, int]:
    """Return how many workloads of each namespace the arrows touch."""
    ends = {end for arrow in arrows for end in (*(() if arrow.door else (arrow.source,)), arrow.target)}
    names = [found["namespace"] for end in sorted(ends) if (found := _WORKLOAD.fullmatch(end))]
    return {name: names.count(name) for name in sorted(set(names))}


def _by_namespace(arrows: Iterable[Arrow]) -> list[Arrow]:
    """Return arrows between namespaces, each for all that look alike; what stays within one is an arrow to itself."""
    alike: dict[Arrow, set[str]] = {}
    counts: dict[Arrow, int] = {}
    for arrow in arrows:
        key = replace(
            arrow,
            source=arrow.source if arrow.door else _space(arrow.source),
            target=_space(arrow.target),
            label="",
            colour=INK if arrow.colour in TRAFFICS else arrow.colour,
        )
        alike.setdefault(key, set()).add(arrow.label)
        counts[key] = counts.get(key, 0) + 1
    return [
        replace(key, label=next(iter(labels)) if counts[key] == 1 else f"{counts[key]:,}", weight=counts[key])
        for key, labels in alike.items()
    ]


def _space(end: str) -> str:
    found = _WORKLOAD.fullmatch(end)
    return found["namespace"] if found else end


#: How a graph is laid out: from left to right, or, where arrows are so many that rows of boxes grow without end, around
#: a middle.
IN_ROWS, CROWDED = "rankdir=LR", "layout=sfdp, overlap=prism, splines=true, K=1.6, repulsiveforce=1.5"

_STYLE = (
    f'graph [{IN_ROWS}, fontname="Helvetica", fontsize=11, labelloc=b, labeljust=l, nodesep=0.25, ranksep=1.1];',
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
    return arrow.source if _is_inside(arrow.source) else f"from {arrow.source}"


def _is_inside(end: str) -> bool:
    """Return whether an end is a workload, or a namespace that stands for its workloads."""
    return bool(_WORKLOAD.fullmatch(end) or _NAME.fullmatch(end))


#: A namespace. Addresses hold dots or colons, nodes and controllers colons or braces.
_NAME = re.compile(r"[a-z0-9-]+")


def _nodes(arrows: Sequence[Arrow], spaces: Mapping[str, int]) -> Iterator[str]:
    """Yield the nodes, those of a namespace in its box; sorted."""
    inside: dict[str, dict[str, str]] = {}
    outside: dict[str, str] = {}
    doors = {_source(arrow): arrow.source for arrow in arrows if arrow.door}
    for arrow in arrows:
        for name, node in ((arrow.source, _source(arrow)), (arrow.target, arrow.target)):
            if node in doors or node in spaces:
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
    for name, count in spaces.items():
        label = "\n".join((name, counted(count, "workload")))
        yield f"  {quoted(name)} [label={quoted(label)}, {_SPACE}];\n"
    for node, name in sorted(doors.items()):
        yield f"  {quoted(node)} [label={quoted(name)}, {_DOOR}];\n"
    for node, name in sorted(outside.items()):
        yield f"  {quoted(node)} [label={quoted(_wrapped(name))}, {_OUTSIDE}];\n"


_NAMESPACE = 'labelloc=t; margin=14; style="rounded,filled"; fillcolor="#f6f8fa"; color="#d0d7de";'
_SPACE = 'fillcolor="#f6f8fa", color="#d0d7de", margin="0.2,0.1"'
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
