"""The ways into a cluster, as the last section of a listing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_network

from netsim.ir.truth import Truth
from netsim.queries.entries import WayIn
from netsim.queries.risk import block_of as block
from netsim.render.blocks import gathered
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe

#: More ways in than this are counted and not listed.
MOST_WAYS = 40

#: The columns of the ways in, where they are a table.
HEAD = ("Enters by", "Via", "From", "To", "Traffic", "Policies")

TRUTHS: dict[Truth, str] = {True: "allowed", False: "blocked by policy", None: "unknown"}


def section(entries: Sequence[WayIn], palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the ways in, a line each, below a title; nothing where there are none."""
    rows = list(as_rows(entries))
    if not rows:
        return
    yield f"\n{paint('ENTERS BY', palette.head)}\n"
    cells = [_cells(row) for row in rows[:MOST_WAYS]]
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    for row, own in zip(rows, cells, strict=False):
        line = "  ".join(f"{cell:{width}}" for cell, width in zip(own, widths, strict=True)).rstrip()
        yield paint(line, palette.doubt if row.allowed is not True else "") + "\n"
    if len(rows) > MOST_WAYS:
        yield f"... and {counted(len(rows) - MOST_WAYS, 'way')} more: -o json lists all\n"


def _cells(row: WayIn) -> tuple[str, ...]:
    thing = f"{row.kind} {row.name}"
    return tuple(map(safe, (thing, row.via, row.source, "->", row.destination, str(row.traffic), TRUTHS[row.allowed])))


def cells(row: WayIn) -> tuple[str, ...]:
    """Return what a table says of a way in, under ``HEAD``."""
    return f"{row.kind} {row.name}", row.via, row.source, row.destination, str(row.traffic), TRUTHS[row.allowed]


def as_rows(entries: Sequence[WayIn]) -> Iterator[WayIn]:
    """Yield the ways in, with the blocks gathered of those that are alike otherwise."""
    groups: dict[WayIn, list[WayIn]] = {}
    for row in entries:
        cidr = block(row.source)
        key = row if cidr is None else replace(row, source=f"IPv{cidr.version}")
        groups.setdefault(key, []).append(row)
    for own in groups.values():
        if block(own[0].source) is None:
            yield own[0]
        else:
            for label in gathered([ip_network(row.source) for row in own]):
                yield replace(own[0], source=label)
