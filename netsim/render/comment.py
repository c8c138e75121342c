"""A diff as a comment on a pull request, in Markdown: short, the gravest first, what is long folded away.

The first line is a marker that never changes, by which a comment is found again and updated in place. Code hosts cut
comments that are too long, so that this does it first, and says what was cut.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from netsim.errors import UsageError
from netsim.queries import Diff
from netsim.queries.changes import Change
from netsim.render.beside import MARKS, beside
from netsim.render.md import code
from netsim.render.review import TITLES, because_of, groups, headline, moved, network, tags
from netsim.render.shown import Lines, Row, Shown, rows
from netsim.render.words import counted, safe, where

#: Nobody sees it, and every comment of netsim on a diff starts with it.
MARKER = "<!-- netsim:diff -->"

#: What code hosts accept is a little more: GitHub 65,536 characters, GitLab 1,000,000.
LIMIT = 65_000
LEAST = 1_000

#: Rows of a group that are seen without unfolding anything.
SEEN = 10
#: Causes of a row that are named.
MOST_CAUSES = 3

_COLUMNS = ("", "From", "To", "Traffic", "Because")
#: Room for what is said at the end where something was cut.
_FAREWELL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """Some lines with what stands around them; a block that loses all its lines is left out."""

    start: str
    lines: Sequence[str]
    end: str = ""


def diff(answer: Diff, limit: int = LIMIT) -> Iterator[str]:
    """Yield the comment, of at most ``limit`` characters.

    Raises:
        UsageError: The limit leaves no room for anything.
    """
    if limit < LEAST:
        raise UsageError(f"a comment of {limit:,} characters says nothing", hint=f"allow {LEAST:,} at least")
    shown = rows(answer)
    head = f"{MARKER}\n### netsim: {headline(answer, shown)}\n"
    yield head
    left, cut, whole = limit - len(head) - _FAREWELL, 0, 0
    risky, rest = _of_rows(shown, risky=True), _of_rows(shown, risky=False)
    for block in (*risky, *_grave(answer), *rest, *_of_others(answer), *_at_the_end(answer)):
        fitting = _fitting(block, left)
        whole, cut = whole + len(block.lines), cut + len(block.lines) - len(fitting)
        if fitting:
            text = f"{block.start}{''.join(fitting)}{block.end}"
            left -= len(text)
            yield text
    if cut:
        yield f"\n_{cut:,} of {whole:,} lines were cut to fit {limit:,} characters: `netsim diff -o json` has all._\n"


def _fitting(block: _Block, room: int) -> Sequence[str]:
    left = room - len(block.start) - len(block.end)
    for number, line in enumerate(block.lines):
        left -= len(line)
        if left < 0:
            return block.lines[:number]
    return block.lines


def _of_rows(shown: Shown, *, risky: bool) -> Iterator[_Block]:
    """Yield the groups of rows that have a risk, or the one of those that have none."""
    found = list(groups(shown))
    networked = any(map(network, shown.kinds))
    columns = (*_COLUMNS, *(["Network"] if networked else []))
    head = f"|{'|'.join(f' {name} ' if name else ' ' for name in columns)}|\n|{' --- |' * len(columns)}\n"
    for risk, own in found:
        if (risk is not None) is not risky:
            continue
        title = TITLES[risk].capitalize()
        # What has no risk is folded away, except where there is little else to see.
        seen = SEEN if risk is not None or (len(found) == 1 and len(own) <= SEEN) else 0
        lines = Lines(own, partial(_row, networked=networked))
        if seen:
            yield _Block(start=f"\n**{title}**\n\n{head}", lines=lines[:seen])
        if lines[seen:]:
            more = f"{title}: {counted(len(lines) - seen, 'more row' if seen else 'row')}"
            yield _folded(more, lines[seen:], head=head)


def _row(row: Row, *, networked: bool) -> str:
    causes = [code(cause) for cause in because_of(row)]
    if len(causes) > MOST_CAUSES:
        causes = [*causes[:MOST_CAUSES], f"and {len(causes) - MOST_CAUSES} more"]
    marks = f"{MARKS[row.change]} {row.change}{f', {tags(row)}' if tags(row) else ''}"
    told = moved(replace(row, network=None) if isinstance(row, Change) else row)
    cells = [marks, code(row.source), code(row.destination), code(told), "<br>".join(causes)]
    cells += [code(network(row)) if network(row) else ""] if networked else []
    return f"| {' | '.join(cells)} |\n"


def _grave(answer: Diff) -> Iterator[_Block]:
    """Yield what nobody should overlook beside traffic."""
    for each in beside(answer):
        if each.grave:
            lines = each.lines[: min(each.grave, SEEN)]
            yield _Block(start=f"\n**New {each.title}**\n\n", lines=list(map(_item, lines)))


def _of_others(answer: Diff) -> Iterator[_Block]:
    for each in beside(answer):
        seen = min(each.grave, SEEN)
        if each.lines[seen:]:
            title = f"{each.title.capitalize()}: {len(each.lines) - seen:,}{' more' if seen else ''}"
            yield _folded(title, list(map(_item, each.lines[seen:])))


def _item(line: str) -> str:
    return f"- {code(line)}\n"


def _at_the_end(answer: Diff) -> Iterator[_Block]:
    """Yield what the answer takes for granted, and what its reader should know."""
    notices = [f"{where(n.place)}: {n.message}" if n.place else n.message for n in answer.warnings]
    for title, texts in (("Assumptions", answer.assumptions), ("Warnings", notices)):
        if texts:
            yield _folded(f"{title}: {len(texts):,}", [f"- {code(safe(text))}\n" for text in texts])


def _folded(title: str, lines: Sequence[str], *, head: str = "") -> _Block:
    return _Block(start=f"\n<details><summary>{title}</summary>\n\n{head}", lines=lines, end="\n</details>\n")
