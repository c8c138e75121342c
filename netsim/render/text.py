"""Text for people: short, aligned, sorted."""

from collections.abc import Iterable, Iterator

from netsim.queries import Diff, Reachability
from netsim.queries.blame import Cause
from netsim.queries.diff import Change
from netsim.queries.explain import Explained, Ground
from netsim.queries.reach import Line
from netsim.render.blocks import Gathering, Shown, as_rows, changes
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import before_or_after, counted, safe, traffic_cell, where

#: A longer cell does not widen its column: its row stands out instead.
WIDEST = 60

MARKS = {"added": "+", "removed": "-", "changed": "~"}


def reach(answer: Reachability, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the listing in three columns, with a summary line at its end."""
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
    yield ("\n" if rows else "") + _summary(answer, rows) + "\n"


def _widths(gathering: Gathering) -> tuple[int, int]:
    sources, destinations = {"FROM"}, {"TO"}
    for source, shown in gathering:
        sources.add(source)
        destinations.update(label for label, _ in shown)
    return _width(sources), _width(destinations)


def _width(cells: Iterable[str]) -> int:
    return max((len(safe(cell)) for cell in cells if len(cell) <= WIDEST), default=0)


def _cells(entry: Shown, known: dict[object, str], width: int, palette: Palette) -> str:
    """Return the last two columns of a row; equal ones, of which there are many, are made once."""
    label, line = entry
    key = (label, id(line))
    if key not in known:
        traffic = paint(traffic_cell(line), palette.doubt if line.unknown else "")
        known[key] = f"{safe(label):{width}}  {traffic}\n"
    return known[key]


def _summary(answer: Reachability, rows: int) -> str:
    allowed, unknown = answer.counted
    found = counted(allowed, "connection") if allowed else "no connection"
    doubt = f", {unknown:,} unknown" if unknown else ""
    fewer = f", in {counted(rows, 'row')}" if rows < allowed + unknown else ""
    among = counted(answer.endpoints, "endpoint")
    return f"{found}{doubt}{fewer}; {among} in {_classes(answer)}, {_policies(answer)}"


def _classes(answer: Reachability) -> str:
    return f"{answer.classes:,} class{'' if answer.classes == 1 else 'es'}"


def _policies(answer: Reachability) -> str:
    return counted(answer.policies, "policy")


def _counts(answer: Reachability) -> str:
    counts = {name: f"{count:,}" for name, count in answer.summary.items()}
    width = max(len(count) for count in counts.values())
    return "".join(f"{name:12}{count:>{width}}\n" for name, count in counts.items())


def diff(answer: Diff, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the counts, then each change with what did it."""
    shown = changes(answer)
    yield paint(headline(answer, len(shown)), palette.head) + ("\n\n" if shown else "\n")
    left = _width(change.source for change in shown)
    right = _width(change.destination for change in shown)
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
    return f"{told} over {change.family}" if change.family else told


#: What a policy or an object did to a connection, by its side and its deed.
DEEDS = {
    ("old", "allows"): "no longer allows {it}",
    ("new", "allows"): "allows {it} now",
    ("old", "may allow"): "no longer may allow {it}",
    ("new", "may allow"): "may allow {it} now",
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
    rule = f" {cause.rule}" if cause.rule else ""
    deed = DEEDS[cause.side, cause.what].format(it=it)
    return f"{safe(cause.object)}{rule} {deed} ({where(cause.place)})"


def explained(answer: Explained, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the listing, below each row the rules that allow it."""
    rows = ((row, (row.traffic, row.unknown, grounds)) for row, grounds in zip(answer, answer.grounds, strict=True))
    shown = [(row, grounds) for row, (_, _, grounds) in as_rows(rows)]
    left = _width(["FROM", *(row.source for row, _ in shown)])
    right = _width(["TO", *(row.destination for row, _ in shown)])
    if shown:
        yield paint(f"{'FROM':{left}}  {'TO':{right}}  TRAFFIC", palette.head) + "\n"
    for row, grounds in shown:
        traffic = traffic_cell(Line(row.destination, row.traffic, row.unknown, row.family))
        yield f"{safe(row.source):{left}}  {safe(row.destination):{right}}  {traffic}\n"
        yield from (
            f"    {paint(told, palette.faint)}\n" for ground in grounds for told in _behind(ground, len(grounds))
        )
    yield ("\n" if shown else "") + _summary(answer, len(shown)) + "\n"


def _behind(ground: Ground, of: int) -> Iterator[str]:
    """Yield the rules of either direction, which may be none; of what traffic, where there are several grounds."""
    what = f"{ground.traffic} " if of > 1 else ""
    for direction, causes in (("egress", ground.egress), ("ingress", ground.ingress)):
        rules = (f"{cause.policy} {cause.rule or 'isolates'} ({where(cause.place)})" for cause in causes)
        yield f"{what}{direction}: {', '.join(rules) or 'no policy in the way'}"
