"""Markdown for pull requests and job summaries."""

from collections.abc import Iterable, Iterator

from netsim.queries import Diff, Reachability
from netsim.render.blocks import Gathering, changes
from netsim.render.text import MARKS, because_of, headline, moved
from netsim.render.words import safe, traffic_cell


def reach(answer: Reachability) -> Iterator[str]:
    """Yield the listing as a table."""
    if answer.summary_only:
        yield from _table(["What", "Count"], ([name, f"{count:,}"] for name, count in answer.summary.items()))
        return
    rows = (
        [code(source), code(label), code(traffic_cell(line))]
        for source, shown in Gathering(answer)
        for label, line in shown
    )
    yield from _table(["From", "To", "Traffic"], rows)


def diff(answer: Diff) -> Iterator[str]:
    """Yield the counts, then the changes as a table."""
    shown = changes(answer)
    yield f"**{headline(answer, len(shown))}**\n"
    if shown:
        yield "\n"
        rows = (
            [
                f"{MARKS[change.change]} {change.change}",
                code(change.source),
                code(change.destination),
                code(moved(change)),
                "<br>".join(code(cause) for cause in because_of(change)),
            ]
            for change in shown
        )
        yield from _table(["Change", "From", "To", "Traffic", "Because"], rows)


def _table(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |\n|{' --- |' * len(head)}\n"
    for row in rows:
        yield f"| {' | '.join(row)} |\n"


def code(text: str) -> str:
    """Return the text as code, in which nothing is markup; in a table the bar still is."""
    shown = safe(text).replace("|", "\\|")
    fence = "``" if "`" in shown else "`"
    return f"{fence} {shown} {fence}" if "`" in shown else f"{fence}{shown}{fence}"
