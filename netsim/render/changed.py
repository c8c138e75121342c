"""A diff as text: the counts, then each change with what did it, the gravest first."""

from collections.abc import Iterator, Sequence

from netsim.queries import Diff
from netsim.queries.changes import Changes
from netsim.render.beside import MARKS, Beside, beside
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.review import TITLES, because_of, groups, headline, moved, tags
from netsim.render.shown import Row, Shown, rows
from netsim.render.text import width
from netsim.render.words import counted, safe

#: More workloads, findings or steps than this are counted and not listed.
MOST_LINES = 40


def text(answer: Diff, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the counts, the rows by risk, then what differs beside traffic."""
    shown = rows(answer)
    widths = width(shown.sources), width(shown.destinations)
    yield paint(headline(answer, shown), palette.head) + "\n"
    found = dict(groups(shown))
    lists = list(beside(answer))
    grave = [own for own in lists if own.grave]
    titled = len(found) > 1 or bool(grave)
    for risk, alike in found.items():
        if risk is not None:
            yield f"\n{paint(TITLES[risk].upper(), palette.head)}\n"
            yield from _rows(alike, *widths, palette)
    yield from _lists(grave, palette)
    if None in found:
        yield f"\n{paint(TITLES[None].upper(), palette.head)}\n" if titled else "\n"
        yield from _rows(found[None], *widths, palette)
    yield from _lists([own for own in lists if not own.grave], palette)


def _lists(lists: Sequence[Beside], palette: Palette) -> Iterator[str]:
    for own in lists:
        yield f"\n{paint(own.title.upper(), palette.head)}\n"
        yield from (f"{line}\n" for line in own.lines[:MOST_LINES])
        if len(own.lines) > MOST_LINES:
            yield f"... and {counted(len(own.lines) - MOST_LINES, 'line')} more: -o json lists all\n"


def _rows(own: Shown, left: int, right: int, palette: Palette) -> Iterator[str]:
    for each in own.stretches:
        if isinstance(each, Changes):
            yield from _connections(each, left, right, palette)
        else:
            for row in each:
                yield "".join(_said(row, f"{safe(row.source):{left}}", f"{safe(row.destination):{right}}", palette))


def _connections(own: Changes, left: int, right: int, palette: Palette) -> Iterator[str]:
    """Yield rows whose ends, and whose rest, are written once for all that have them."""
    names = list(map(safe, own.names))
    starts, ends = [f"{name:{left}}" for name in names], [f"{name:{right}}" for name in names]
    kinds = [_said(kind, _CUT, _CUT, palette) for kind in own.kinds]
    parts = [(*head.split(_CUT), rest) for head, rest in kinds]
    for chunk in own.rows.chunks():
        yield "".join(
            [f"{parts[k][0]}{starts[s]}{parts[k][1]}{ends[d]}{parts[k][2]}{parts[k][3]}" for s, d, k in chunk]
        )


#: Where an end goes; no name holds it.
_CUT = "\0"


def _said(row: Row, source: str, destination: str, palette: Palette) -> tuple[str, str]:
    """Return the line of a row, and the lines of what did it."""
    colour = {"added": palette.good, "removed": palette.bad, "changed": palette.doubt}[row.change]
    tag = f"  [{tags(row)}]" if tags(row) else ""
    line = paint(f"{MARKS[row.change]} {source}  {destination}  {moved(row)}{tag}", colour)
    return line, "".join(f"\n{paint(f'    {cause}', palette.faint)}" for cause in because_of(row)) + "\n"
