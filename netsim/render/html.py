"""Small tables for notebooks. Every text of the input is escaped."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import islice

from netsim.errors import NetsimError
from netsim.queries import Allowed, Diff, Holders, Matrix, Permissions, Reachability, Verdict
from netsim.queries.answer import Answer
from netsim.queries.codes import Meaning, Meanings
from netsim.queries.explain import Explained
from netsim.queries.fix import Fix
from netsim.queries.fleet import Fleet
from netsim.queries.intents import Check, Inferred
from netsim.queries.proof import Proof
from netsim.queries.whocould import WhoCould
from netsim.render import codes, dot, entries, intents, review, rights, verdict
from netsim.render.beside import MARKS, beside
from netsim.render.blocks import Gathering
from netsim.render.explained import text as text_of_explained
from netsim.render.fix import text as text_of_fix
from netsim.render.fleet import text as text_of_fleet
from netsim.render.matrix import columns, signs
from netsim.render.proof import text as text_of_proof
from netsim.render.shown import rows as shown_rows
from netsim.render.svg import drawn
from netsim.render.whocould import text as text_of_who_could
from netsim.render.words import allowed_cell, counted, safe

#: A notebook shows this many rows; the answer itself holds them all.
MOST_ROWS = 200

#: A picture of more rows than this takes longer than a cell should.
MOST_DRAWN = 100


def reach(answer: Reachability) -> Iterator[str]:
    """Yield the listing."""
    if answer.summary_only:
        yield from table(["what", "count"], ((name, f"{count:,}") for name, count in answer.summary.items()))
        return
    rows = (
        (source, label, allowed_cell(line), *([line.network] if line.network else []))
        for source, shown in Gathering(answer)
        for label, line in shown
    )
    yield from table(["from", "to", "traffic", *(["network"] if answer.networked else [])], rows)
    yield paragraph(counted(len(answer), "connection"))
    if 0 < len(answer) <= MOST_DRAWN:
        yield from pictured(dot.reach(answer))
    if answer.entries:
        yield from table([head.lower() for head in entries.HEAD], map(entries.cells, entries.as_rows(answer.entries)))
    yield from notes(answer)


def diff(answer: Diff) -> Iterator[str]:
    """Yield the changes."""
    shown = shown_rows(answer)
    rows = (
        (
            f"{MARKS[row.change]} {row.change}",
            row.source,
            row.destination,
            review.moved(row),
            "\n".join([*row.risks, *review.because_of(row)]),
        )
        for row in shown
    )
    yield paragraph(review.headline(answer, shown))
    yield from table(["change", "from", "to", "traffic", "because"], rows)
    if 0 < len(shown) <= MOST_DRAWN:
        yield from pictured(dot.diff(answer))
    for each in beside(answer):
        yield from table([each.title], ([line] for line in each.lines))
    yield from notes(answer)


def explained(answer: Explained) -> Iterator[str]:
    """Yield the pairs with their reasons."""
    yield f"<pre>{escape(''.join(text_of_explained(answer)))}</pre>"
    yield from notes(answer)


def fleet(answer: Fleet) -> Iterator[str]:
    """Yield the table, and what was asked."""
    yield f"<pre>{escape(''.join(text_of_fleet(answer)))}</pre>"
    yield from notes(answer)


def query(answer: Verdict) -> Iterator[str]:
    """Yield the verdict and its reasons."""
    head, _, reasons = "".join(verdict.query(answer)).partition("\n")
    yield f"<p><strong>{escape(head)}</strong></p><pre>{escape(reasons.strip())}</pre>"
    yield from notes(answer)


def codes_told(answer: Meaning | Meanings) -> Iterator[str]:
    """Yield what codes mean, as text."""
    told = codes.one(answer) if isinstance(answer, Meaning) else codes.listed(answer)
    yield f"<pre>{escape(''.join(told).strip())}</pre>"


def proof(answer: Proof) -> Iterator[str]:
    """Yield what became of a claim, and the witness."""
    head, _, shown = "".join(text_of_proof(answer)).partition("\n")
    yield f"<p><strong>{escape(head)}</strong></p><pre>{escape(shown.strip())}</pre>"
    yield from notes(answer)


def who_could(answer: WhoCould) -> Iterator[str]:
    """Yield who connects, and who could come to."""
    yield f"<pre>{escape(''.join(text_of_who_could(answer)).strip())}</pre>"
    yield from notes(answer)


def fix(answer: Fix) -> Iterator[str]:
    """Yield what is to be changed."""
    yield f"<pre>{escape(''.join(text_of_fix(answer)).strip())}</pre>"
    yield from notes(answer)


def matrix(answer: Matrix) -> Iterator[str]:
    """Yield the truth table; a row opens, a column accepts."""
    shown = columns(answer)[:MOST_ROWS]
    rows = ((source, *signs(cells, shown)) for source, cells in answer.table.items())
    yield from table(["", *shown], rows)
    yield paragraph(f"{answer.port}: . allowed, X denied, ? unknown; a row opens, a column accepts")
    yield from notes(answer)


def decision(answer: Allowed) -> Iterator[str]:
    """Yield the decision and its proof."""
    head, _, proof = "".join(rights.decision(answer)).partition("\n")
    yield f"<p><strong>{escape(head)}</strong></p><pre>{escape(proof.strip())}</pre>"
    yield from notes(answer)


def holders(answer: Holders) -> Iterator[str]:
    """Yield who may make a request, and by which bindings."""
    yield paragraph(f"may {rights.asked(answer.request)}")
    rows = zip(answer.subjects, answer.grants, strict=True)
    yield from table(
        ["subject", "because"],
        ((subject, "\n".join(dict.fromkeys(map(rights.line, grants)))) for subject, grants in rows),
    )
    yield from notes(answer)


def permissions(answer: Permissions) -> Iterator[str]:
    """Yield every rule that a subject holds."""
    rows = (
        (grant.binding.namespace or "cluster-wide", rights.rule(grant.rule), rights.line(grant)) for grant in answer
    )
    yield paragraph(f"{answer.subject}{': everything (system:masters)' if answer.everything else ''}")
    yield from table(["namespace", "rule", "because"], rows)
    yield from notes(answer)


def checked(answer: Check) -> Iterator[str]:
    """Yield the results of intents."""
    yield paragraph(intents.summary(answer))
    rows = ((str(e.result), e.name, "\n".join(intents.details(e, explain=False))) for e in answer)
    yield from table(["result", "intent", "because"], rows)
    yield from notes(answer)


def inferred(answer: Inferred) -> Iterator[str]:
    """Yield an intent file."""
    yield f"<pre>{escape(''.join(intents.inferred(answer)))}</pre>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    remaining = iter(rows)
    yield f"<table><thead>{_row('th', head)}</thead><tbody>"
    yield from (_row("td", row) for row in islice(remaining, MOST_ROWS))
    yield "</tbody></table>"
    more = sum(1 for _ in remaining)
    if more:
        yield paragraph(f"... and {counted(more, 'row')} more")


def pictured(graph: Iterable[str]) -> Iterator[str]:
    """Yield a picture, if it can be drawn; a notebook without Graphviz has its tables."""
    try:
        text = "".join(drawn(graph))
    except NetsimError:
        return
    shown = text[text.index("<svg") :].replace("\xa0", "&#160;")
    yield f'<div style="overflow-x: auto">{shown}</div>'


def _row(tag: str, cells: Iterable[str]) -> str:
    style = ' style="text-align: left; white-space: pre-line"'
    return f"<tr>{''.join(f'<{tag}{style}>{_shown(cell)}</{tag}>' for cell in cells)}</tr>"


def paragraph(told: str) -> str:
    return f"<p>{_shown(told)}</p>"


def _shown(text: str) -> str:
    return escape("\n".join(safe(line) for line in text.split("\n")))


def notes(answer: Answer) -> Iterator[str]:
    """Yield what the answer takes for granted, and what its reader should know."""
    yield from (paragraph(f"assumption: {assumption}") for assumption in answer.assumptions)
    yield from (paragraph(f"warning: {notice}") for notice in islice(answer.warnings, MOST_ROWS))
