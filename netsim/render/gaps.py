"""Gaps for people: the worst first, each with its place and the way out."""

from collections.abc import Iterator
from itertools import groupby

from netsim.ir.finding import Finding, Severity
from netsim.ir.place import Place
from netsim.queries.gaps import Gaps
from netsim.render.md import code
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe, where


def text(answer: Gaps, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the findings by severity and code; what a code means and what to do is said once for each."""
    for severity, found in groupby(answer, key=lambda each: each.severity):
        own = list(found)
        colour = palette.bad if severity in (Severity.CRITICAL, Severity.HIGH) else palette.doubt
        yield f"{paint(f'{severity} ({len(own):,})', colour)}\n"
        for _, alike in groupby(own, key=lambda each: each.code):
            every = list(alike)
            yield from (line for each in every for line in _one(each, palette))
            yield f"        why: {safe(every[0].why)}\n        hint: {safe(every[0].hint)}\n"
        yield "\n"
    yield f"{summary(answer)}\n"


def _one(found: Finding, palette: Palette) -> Iterator[str]:
    yield f"  {found.code} {paint(safe(found.object), palette.head)}: {safe(found.message)}\n"
    if found.file:
        yield f"        {where(Place(found.file, found.line))}\n"


def summary(answer: Gaps) -> str:
    """Return how much was found, in one line."""
    counts = ", ".join(f"{number:,} {severity}" for severity, number in answer.counts.items() if number)
    found = f"{counted(len(answer), 'finding')}: {counts}" if len(answer) else "nothing found"
    return f"{found}; {answer.accepted:,} accepted" if answer.accepted else found


def md(answer: Gaps) -> Iterator[str]:
    """Yield the findings as a table."""
    if len(answer):
        yield "| Severity | Code | Object | Finding | Place |\n| --- | --- | --- | --- | --- |\n"
    for each in answer:
        place = code(where(Place(each.file, each.line))) if each.file else ""
        yield f"| {each.severity} | {each.code} | {code(each.object)} | {_cell(each.message)} | {place} |\n"
    yield f"\n{summary(answer)}\n"


def _cell(text: str) -> str:
    return safe(text).replace("|", "\\|").replace("<", "&lt;")
