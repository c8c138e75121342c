"""A diff as text: the counts, then each change with what did it, the gravest first."""

from collections.abc import Iterator, Sequence

from netsim.queries import Diff
from netsim.render.beside import MARKS, Beside, beside
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.review import TITLES, Row, because_of, groups, headline, moved, rows, tags
from netsim.render.text import width
from netsim.render.words import counted, safe

#: More workloads, findings or steps than this are counted and not listed.
MOST_LINES = 40


def text(answer: Diff, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the counts, the rows by risk, then what differs beside traffic."""
    shown = rows(answer)
    yield paint(headline(answer, shown), palette.head) + "\n"
    found = dict(groups(shown))
    lists = list(beside(answer))
    grave = [own for own in lists if own.grave]
    titled = len(found) > 1 or bool(grave)
    for risk, alike in found.items():
        if risk is not None:
            yield f"\n{paint(TITLES[risk].upper(), palette.head)}\n"
            yield from _rows(alike, shown, palette)
    yield from _lists(grave, palette)
    if None in found:
        yield f"\n{paint(TITLES[None].upper(), palette.head)}\n" if titled else "\n"
        yield from _rows(found[None], shown, palette)
    yield from _lists([own for own in lists if not own.grave], palette)


def _lists(lists: Sequence[Beside], palette: Palette) -> Iterator[str]:
    for own in lists:
        yield f"\n{paint(own.title.upper(), palette.head)}\n"
        yield from (f"{line}\n" for line in own.lines[:MOST_LINES])
        if len(own.lines) > MOST_LINES:
            yield f"... and {counted(len(own.lines) - MOST_LINES, 'line')} more: -o json lists all\n"


def _rows(own: Sequence[Row], shown: Sequence[Row], palette: Palette) -> Iterator[str]:
    left = width(row.source for row in shown)
    right = width(row.destination for row in shown)
    for row in own:
        colour = {"added": palette.good, "removed": palette.bad, "changed": palette.doubt}[row.change]
        tag = f"  [{tags(row)}]" if tags(row) else ""
        line = f"{MARKS[row.change]} {safe(row.source):{left}}  {safe(row.destination):{right}}  {moved(row)}{tag}"
        because = [paint(f"    {cause}", palette.faint) for cause in because_of(row)]
        yield "\n".join([paint(line, colour), *because]) + "\n"
