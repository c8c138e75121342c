"""Text for people: short, aligned, sorted."""

from collections.abc import Iterable, Iterator

from netsim.queries import Reachability
from netsim.queries.answer import Listing
from netsim.render.blocks import Gathering, Shown
from netsim.render.entries import section
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe, traffic_cell

#: A longer cell does not widen its column: its row stands out instead.
WIDEST = 60


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
