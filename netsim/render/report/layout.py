"""Where things stand on the map: who opens stands left of whom it opens to, the same for the same input.

Source:
    Of six libraries with layouts of their own, each drew a hairball of 500 workloads; boxes by namespace, in columns by
    the balance of what they open and accept, stayed readable.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the grid of a namespace's box: column and row, from 0."""

    column: int
    row: int


def balance(names: Iterable[str], edges: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Return how much more each opens than it accepts: 1 for who only opens, -1 for who only accepts."""
    opens, accepts = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    for source, target in edges:
        opens[source] = opens.get(source, 0) + 1
        accepts[target] = accepts.get(target, 0) + 1
    return {name: (opens[name] - accepts.get(name, 0)) / ((opens[name] + accepts.get(name, 0)) or 1) for name in opens}


def ranked(names: Sequence[str], leanings: Mapping[str, float]) -> list[str]:
    """Return names from those that open to those that accept."""
    return sorted(names, key=lambda name: (-leanings.get(name, 0.0), name))


def grid(names: Sequence[str], leanings: Mapping[str, float]) -> dict[str, Spot]:
    """Return the places of the workloads of one namespace: columns from left to right, about twice as high as wide."""
    columns = max(1, round(sqrt(len(names) / 3)))
    rows = ceil(len(names) / columns)
    order = ranked(names, leanings)
    return {name: Spot(at // rows, at % rows) for at, name in enumerate(order)}
