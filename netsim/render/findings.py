"""Findings for people: the worst first, each with its place and the way out."""

from collections.abc import Iterator
from itertools import groupby

from netsim.ir.finding import Finding, Severity
from netsim.ir.place import Place
from netsim.queries.findings import Findings
from netsim.render.md import code
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe, where

NOTHING = "nothing found"


def text(answer: Findings, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the findings by severity; why a check matters and what to do is said once for each code."""
    for severity, found in groupby(answer, key=lambda each: each.severity):
        own = list(found)
        yield f"{paint(f'{severity} ({len(own):,})', _colour(severity, palette))}\n"
        for _, alike in groupby(own, key=lambda each: each.code):
            yield from _alike(list(alike), palette)
        yield "\n"
    yield f"{summary(answer)}\n"


def _alike(found: list[Finding], palette: Palette) -> Iterator[str]:
    for each in found:
        place = where(Place(each.file, each.line)) if each.file else ""
        yield f"  {each.code} {paint(safe(each.object), palette.head)}: {safe(each.message)}"
        yield f"\n        {place}\n" if place else "\n"
    for why in dict.fromkeys(each.why for each in found if each.why):
        yield f"        why: {safe(why)}\n"
    for hint in dict.fromkeys(each.hint for each in found if each.hint):
        yield f"        hint: {safe(hint)}\n"


def _colour(severity: Severity, palette: Palette) -> str:
    return {Severity.CRITICAL: palette.bad, Severity.HIGH: palette.bad}.get(severity, palette.doubt)


def summary(answer: Findings) -> str:
    """Return how much was found, and in how much, in one line."""
    counts = ", ".join(f"{number:,} {severity}" for severity, number in answer.counts.items() if number)
    found = f"{counted(len(answer), 'finding')}: {counts}" if len(answer) else NOTHING
    accepted = f"; {answer.accepted:,} accepted" if answer.accepted else ""
    read = "1 object or file" if answer.objects == 1 else f"{answer.objects:,} objects and files"
    return f"{found}{accepted}; {read} read"


def md(answer: Findings) -> Iterator[str]:
    """Yield the findings as a table, and below it what each code means."""
    if not len(answer):
        yield f"{summary(answer)}\n"
        return
    yield "| Severity | Code | Object | Finding | Place |\n| --- | --- | --- | --- | --- |\n"
    for each in answer:
        place = where(Place(each.file, each.line)) if each.file else ""
        cells = (each.severity, each.code, code(each.object), _plain(each.message), code(place) if place else "")
        yield f"| {' | '.join(cells)} |\n"
    yield f"\n{summary(answer)}\n\n"
    for each in sorted({each.code: each for each in answer}.values(), key=lambda each: each.code):
        yield f"- {each.code}: {_plain(each.why)} {_plain(each.hint)}\n"


def _plain(text: str) -> str:
    """Return a sentence in which nothing but code is markup."""
    shown = safe(text).replace("|", "\\|").replace("<", "&lt;")
    return shown.replace("*", "\\*").replace("_", "\\_") if "`" not in shown else shown
