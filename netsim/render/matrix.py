"""A truth table that fits a screen: pods are numbered, and columns are headed by the numbers, written downwards."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from netsim.ir.truth import Truth
from netsim.queries import Matrix
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import safe

SIGNS: dict[Truth, str] = {True: ".", False: "X", None: "?"}
#: The sign of a pair that is not asked about.
NOT_ASKED = " "


def text(answer: Matrix, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the table: a row for each source, a column for each destination."""
    destinations = columns(answer)
    numbers = {pod: number for number, pod in enumerate(dict.fromkeys([*answer.table, *destinations]), start=1)}
    digits = len(str(len(numbers)))
    width = max((len(pod) for pod in numbers), default=0)
    yield f"{_port(answer)}: . allowed, X denied, ? unknown; a row opens, a column accepts\n\n"
    for line in _heads([numbers[pod] for pod in destinations], digits):
        yield f"{'':{digits + width + 2}}{line}\n"
    colours = {".": palette.good, "X": palette.bad, "?": palette.doubt}
    for pod, number in numbers.items():  # a pod that is a column only is named too
        cells = answer.table.get(pod, {})
        row = " ".join(paint(sign, colours.get(sign, "")) for sign in signs(cells, destinations))
        yield f"{number:>{digits}} {safe(pod):{width}} {row}".rstrip() + "\n"


def columns(answer: Matrix) -> Sequence[str]:
    """Return the columns; those without a port of the asked name are in no row."""
    rows = sorted(answer.table.values(), key=len, reverse=True)  # the longest has them all, where one has
    return list(dict.fromkeys(destination for row in rows for destination in row))


def signs(cells: Mapping[str, Truth], destinations: Iterable[str]) -> Iterator[str]:
    """Yield the sign of each column of a row."""
    return (SIGNS[cells[each]] if each in cells else NOT_ASKED for each in destinations)


def _port(answer: Matrix) -> str:
    port, _, protocol = answer.port.partition("/")
    return f"{protocol} {safe(port)}"


def _heads(numbers: Sequence[int], digits: int) -> Iterator[str]:
    """Yield the lines of the head: each number from its top digit down to its last."""
    texts = [f"{number:>{digits}}" for number in numbers]
    for digit in range(digits):
        yield " ".join(text[digit] for text in texts).rstrip()
