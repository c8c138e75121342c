"""Text for people: short, aligned, sorted."""

from collections.abc import Iterable, Iterator

from netsim.queries import Diff, Reachability
from netsim.queries.answer import Listing
from netsim.queries.blame import Cause
from netsim.queries.changes import Change
from netsim.render.blocks import Gathering, Shown, changes
from netsim.render.entries import section
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import before_or_after, counted, named, safe, traffic_cell, where

#: A longer cell does not widen its column: its row stands out instead.
WIDEST = 60

MARKS = {"added": "+", "removed": "-", "changed": "~"}


def reach(answer: Reachability, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the listing in three columns, the ways in below it, with a summary line at its end."""
    if answer.summary_only:
        yield _counts(answer)
        return
    gathering = Gathering(answer)  # gone through twice: a list of every row would cost more than the answer
    left, right = _widths(gathering)
    if answer.listed:
        yield paint(f"{'FROM':{left}}  {'TO':{right}}  TRAFFIC", palette.head) + "\n"
    cells: dict[object, str] = {}
    rows = 0
    for source, shown in gathering:
        rows += len(shown)
        start = f"{safe(source):{left}}  "
        yield "".join([start + _cells(entry, cells, right, palette) for entry in shown])
    yield from section(answer.entries, palette)
    yield ("\n" if rows or answer.entries else "") + summary(answer, rows) + "\n"


def _widths(gathering: Gathering) -> tuple[int, int]:
    sources, destinations = {"FROM"}, {"TO"}
    for source, shown in gathering:
        sources.add(source)
        destinations.update(label for label, _ in shown)
    return width(sources), width(destinations)


def width(cells: Iterable[str]) -> int:
    return max((len(safe(cell)) for cell in cells if len(cell) <= WIDEST), default=0)


def _cells(entry: Shown, known: dict[object, str], width: int, palette: Palette) -> str:
    """Return the last two columns of a row; equal ones, of which there are many, are made once."""
    label, line = entry
    key = (label, id(line))
    if key not in known:
        traffic = paint(traffic_cell(line), palette.doubt if line.unknown else "")
        known[key] = f"{safe(label):{width}}  {traffic}\n"
    return known[key]


def summary(answer: Listing, rows: int) -> str:
    """Return how much was listed, and of how much, in one line."""
    allowed, unknown = answer.counted
    found = counted(allowed, "connection") if allowed else "no connection"
    doubt = f", {unknown:,} unknown" if unknown else ""
    fewer = f", in {counted(rows, 'row')}" if rows < allowed + unknown else ""
    among = counted(answer.endpoints, "endpoint")
    return f"{found}{doubt}{fewer}; {among} in {_classes(answer)}, {_policies(answer)}"


def _classes(answer: Listing) -> str:
    return f"{answer.classes:,} class{'' if answer.classes == 1 else 'es'}"


def _policies(answer: Listing) -> str:
    return counted(answer.policies, "policy")


def _counts(answer: Reachability) -> str:
    counts = {name: f"{count:,}" for name, count in answer.summary.items()}
    width = max(len(count) for count in counts.values())
    return "".join(f"{name:12}{count:>{width}}\n" for name, count in counts.items())


def diff(answer: Diff, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the counts, then each change with what did it."""
    shown = changes(answer)
    yield paint(headline(answer, len(shown)), palette.head) + ("\n\n" if shown else "\n")
    left = width(change.source for change in shown)
    right = width(change.destination for change in shown)
    for change in shown:
        yield _change(change, left, right, palette)


def headline(answer: Diff, rows: int) -> str:
    """Return the counts: ``+3 connections, -1, ~2``; with the number of rows where it is smaller."""
    if not answer.changes:
        return "no connection differs"
    counts = answer.counts
    noun = "connection" if counts["added"] == 1 else "connections"
    fewer = f", in {counted(rows, 'row')}" if rows < len(answer) else ""
    return f"+{counts['added']:,} {noun}, -{counts['removed']:,}, ~{counts['changed']:,}{fewer}"


def _change(change: Change, left: int, right: int, palette: Palette) -> str:
    colour = {"added": palette.good, "removed": palette.bad, "changed": palette.doubt}[change.change]
    row = f"{MARKS[change.change]} {safe(change.source):{left}}  {safe(change.destination):{right}}  {moved(change)}"
    because = [paint(f"    {cause}", palette.faint) for cause in because_of(change)]
    return "\n".join([paint(row, colour), *because]) + "\n"


def moved(change: Change) -> str:
    """Return what a change does to the traffic: ``TCP 80``, or ``TCP 80 => TCP 443``."""
    old = before_or_after(change.old, change.old_unknown)
    new = before_or_after(change.new, change.new_unknown)
    told = {"added": new, "removed": old}.get(change.change, f"{old} => {new}")
    family = f" over {change.family}" if change.family else ""
    network = f" on {safe(change.network)}" if change.network else ""
    return told + family + network


#: What a policy or an object did to a connection, by its side and its deed.
DEEDS = {
    ("old", "allows"): "no longer allows {it}",
    ("new", "allows"): "allows {it} now",
    ("old", "may allow"): "no longer may allow {it}",
    ("new", "may allow"): "may allow {it} now",
    ("old", "denies"): "no longer denies {it}",
    ("new", "denies"): "denies {it} now",
    ("old", "may deny"): "no longer may deny {it}",
    ("new", "may deny"): "may deny {it} now",
    ("old", "passes"): "no longer passes {it} on",
    ("new", "passes"): "passes {it} on now",
    ("old", "may pass"): "no longer may pass {it} on",
    ("new", "may pass"): "may pass {it} on now",
    ("old", "isolates"): "no longer keeps {it} out",
    ("new", "isolates"): "keeps {it} out now",
    ("old", "removed"): "is gone",
    ("new", "added"): "is new",
    ("new", "changed"): "has changed",
}


def because_of(change: Change) -> tuple[str, ...]:
    """Return the causes of a change as sentences, each with its place.

    That a policy isolates goes without saying where one of its rules is named.
    """
    ruled = {cause.object for cause in change.because if cause.rule}
    it = "some of it" if change.change == "changed" else "it"
    return tuple(_cause(cause, it) for cause in change.because if cause.rule or cause.object not in ruled)


def _cause(cause: Cause, it: str) -> str:
    rule = f" {named(cause.rule, cause.name)}" if cause.rule else ""
    deed = DEEDS[cause.side, cause.what].format(it=it)
    return f"{safe(cause.object)}{rule} {deed} ({where(cause.place)})"
