"""Many clusters: a table with what they were asked below it, JSON lines, Parquet."""

import json as standard
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from netsim.errors import UsageError
from netsim.queries.across import Said
from netsim.queries.fleet import LISTS, MOST_NAMES, TEXTS, Drift, Fleet, Row, line
from netsim.queries.measures import COLUMNS
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe


def text(answer: Fleet, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the table, then who says what, then how many there are and how many failed."""
    if answer.rows:
        yield from _table(answer, palette)
    for title, said in _questions(answer):
        yield "\n" + paint(f"{safe(title)}:", palette.head) + "\n"
        yield from (f"  {word} {len(names):,}: {_some(names)}\n" for word, names in said if names)
    bad = len(answer.failed)
    yield f"\n{counted(len(answer), 'cluster')}{f', {bad:,} failed' if bad else ''}\n"


def _some(names: Sequence[str]) -> str:
    """Return the first names; the table has them all."""
    more = len(names) - MOST_NAMES
    return ", ".join(map(safe, names[:MOST_NAMES])) + (f" and {more:,} more" if more > 0 else "")


def _table(answer: Fleet, palette: Palette) -> Iterator[str]:
    asked = answer.question
    head = ["CLUSTER", *map(str.upper, COLUMNS)]
    more = [("ALLOWED", asked.asks_verdict), ("EXPOSES", asked.exposes is not None), ("DRIFT", asked.fingerprint)]
    head += [title for title, wanted in more if wanted]
    rows = [_cells(row, [wanted for _, wanted in more]) for row in answer if row.counts]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    if not rows:
        widths[0] = max(len(safe(row.cluster)) for row in answer)
    elif failures := [len(safe(row.cluster)) for row in answer if not row.counts]:
        widths[0] = max(widths[0], *failures)
    if rows:
        yield paint(_aligned(head, widths), palette.head) + "\n"
    ready = iter(rows)
    for row in answer:
        if row.counts:
            yield _aligned(next(ready), widths) + "\n"
        if not row.ok:
            yield f"{safe(row.cluster):{widths[0]}}  {paint(f'{row.state.value}: {reason(row)}', palette.bad)}\n"


def reason(row: Row) -> str:
    """Return the first of what is wrong, and how much more there is."""
    first = safe(row.error.partition("\n")[0])
    more = len(row.problems) - 1
    return f"{first} ... and {counted(more, 'problem')} more" if more > 0 else first


def _cells(row: Row, wanted: Sequence[bool]) -> list[str]:
    said = [
        row.reply.allowed.value if row.reply.allowed else "-",
        row.reply.exposes.value if row.reply.exposes else "-",
        _drift(row.drift),
    ]
    shown = [text for text, is_wanted in zip(said, wanted, strict=True) if is_wanted]
    return [safe(row.cluster), *(f"{count:,}" for count in row.counts), *shown]


def _drift(drift: Drift | None) -> str:
    if drift is None:
        return "-"
    return f"+{drift.added:,} -{drift.removed:,} ~{drift.changed:,}" if drift.differs else "same"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return a row: counts to the right, words to the left."""
    last = len(COLUMNS)
    padded = (
        f"{cell:>{width}}" if 0 < at <= last else f"{cell:{width}}"
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(padded).rstrip()


#: What stands before the names of the clusters that say so.
_VERDICT = {Said.YES: "allowed in", Said.NO: "denied in", Said.UNKNOWN: "unknown in", Said.ABSENT: "absent from"}
_EXPOSURE = {
    Said.YES: "exposed in",
    Said.NO: "not exposed in",
    Said.UNKNOWN: "unknown in",
    Said.ABSENT: "absent from",
}


def _questions(answer: Fleet) -> Iterator[tuple[str, list[tuple[str, Sequence[str]]]]]:
    """Yield what was asked, with the clusters by what they say."""
    asked = answer.question
    if asked.asks_verdict:
        yield str(asked), _by_reply(_VERDICT, answer.that_say)
    if asked.exposes is not None:
        yield asked.exposes, _by_reply(_EXPOSURE, answer.that_expose)
    if answer.reference is not None:
        differ = [row.cluster for row in answer if row.drift and row.drift.differs]
        same = [row.cluster for row in answer if row.drift and not row.drift.differs]
        yield f"connections, compared with {answer.reference}", [("differ in", differ), ("the same in", same)]


def _by_reply(words: dict[Said, str], names: Callable[[Said], Sequence[str]]) -> list[tuple[str, Sequence[str]]]:
    return [(word, names(said)) for said, word in words.items()]


def jsonl(rows: Iterable[Row]) -> Iterator[str]:
    """Yield a line for each cluster."""
    for row in rows:
        yield standard.dumps(line(row)) + "\n"


def parquet(answer: Fleet, file: Path) -> None:
    """Write a table of one row a cluster.

    Raises:
        UsageError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet as writer
    except ImportError as missing:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed", hint="pip install 'netsim[fleet]'"
        ) from missing
    rows = [row.to_dict() for row in answer]
    writer.write_table(pa.Table.from_pylist(rows, schema=_schema(pa, rows[0])), file)


def _schema(pa: Any, columns: Iterable[str]) -> Any:
    """Return the type of each column, so that one without a value has it, too."""
    of = {**dict.fromkeys(TEXTS, pa.string()), **dict.fromkeys(LISTS, pa.list_(pa.string()))}
    return pa.schema([(name, of.get(name, pa.int64())) for name in columns])
