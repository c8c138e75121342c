"""Markdown for pull requests and job summaries."""

from collections.abc import Iterable, Iterator, Sequence

from netsim.ir.verdict import Side
from netsim.queries import Exposed, Reachability
from netsim.queries.explain import Explained, Explanation
from netsim.render import entries, exposure
from netsim.render.blocks import Gathering
from netsim.render.explained import OTHERS, called_in, gathered, said
from netsim.render.text import summary
from netsim.render.verdict import TRUTHS
from netsim.render.words import allowed_cell, safe


def reach(answer: Reachability) -> Iterator[str]:
    """Yield the listing as a table, the ways in as another."""
    if answer.summary_only:
        yield from table(["What", "Count"], ([name, f"{count:,}"] for name, count in answer.summary.items()))
        return
    rows = (
        [code(source), code(label), code(allowed_cell(line)), *([code(line.network)] if line.network else [])]
        for source, shown in Gathering(answer)
        for label, line in shown
    )
    yield from table(["From", "To", "Traffic", *(["Network"] if answer.networked else [])], rows)
    if answer.entries:
        yield "\n"
        ways = ([*map(code, cells[:-1]), cells[-1]] for cells in map(entries.cells, entries.as_rows(answer.entries)))
        yield from table(entries.HEAD, ways)


def exposed(answer: Exposed) -> Iterator[str]:
    """Yield the listing, what is open to pods that could be, and what no policy protects."""
    yield from reach(answer)
    rows = [row for row in answer.exposure if not row.existing]
    if not rows:
        yield f"\n{exposure.NOTHING}\n"
        return
    yield "\n"
    shown = ((row.workload, exposure.ARROWS[row.direction], exposure.peer(row), exposure.traffic(row)) for row in rows)
    yield from table(["Workload", "", "Potential peer", "Exposed to"], ([*map(code, row)] for row in shown))
    if answer.unprotected:
        yield "\n"
        found = exposure.unprotected(answer.unprotected).items()
        yield from table(["No policy protects", "Direction"], ([code(name), own] for name, own in found))


def explained(answer: Explained) -> Iterator[str]:
    """Yield each pair's classes of traffic, with what either direction says."""
    networked = any(pair.network for pair in answer)
    head = ["From", "To", "Verdict", "Traffic", "Egress", "Ingress", *(["Network"] if networked else [])]
    pairs = gathered(answer)
    yield from table(head, (row for pair in pairs for row in _classes(pair, answer, networked=networked)))
    yield f"\n{summary(answer, sum(bool(pair.allowed or pair.unknown) for pair in pairs))}\n"
    if not answer.every_pair:
        yield f"\n{OTHERS}\n"


def _classes(pair: Explanation, answer: Explained, *, networked: bool) -> Iterator[list[str]]:
    network = [code(pair.network) if pair.network else ""] if networked else []
    family = f" over {pair.family}" if pair.family else ""
    for part in pair.parts:
        traffic = code(called_in(part, pair) + family)
        sides = (_said(side, misses=answer.every_pair) for side in (part.egress, part.ingress))
        yield [code(pair.source), code(pair.destination), TRUTHS[part.allowed], traffic, *sides, *network]


def _said(side: Side, *, misses: bool) -> str:
    return "<br>".join(code(line.strip()) for line in said(side, misses=misses))


def table(head: Sequence[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |\n|{' --- |' * len(head)}\n"
    for row in rows:
        yield f"| {' | '.join(row)} |\n"


def code(text: str) -> str:
    """Return the text as code, in which nothing is markup; in a table the bar still is."""
    shown = safe(text).replace("|", "\\|")
    fence = "``" if "`" in shown else "`"
    return f"{fence} {shown} {fence}" if "`" in shown else f"{fence}{shown}{fence}"
