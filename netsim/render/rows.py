"""A listing written a source at a time, so that a million rows take no more memory than their answer."""

from collections.abc import Callable, Iterator

from netsim.queries import Reachability
from netsim.queries.listing import Line

#: What a row says of its line; None leaves the row out.
Tail = Callable[[Line], str | None]


def rows(answer: Reachability, head: Callable[[str], str], tail: Tail, between: str) -> Iterator[str]:
    """Yield the rows of each source as one text; rows, and texts, are joined by ``between``.

    Lines are shared by sources, and each is written once.
    """
    written: dict[int, str | None] = {}
    start = ""
    for source, lines in answer.listed:
        tails = []
        for line in lines:
            number = id(line)
            if number not in written:
                written[number] = tail(line)
            text = written[number]
            if text is not None and line.destination != source:
                tails.append(text)
        if tails:
            first = head(source)
            yield start + first + (between + first).join(tails)
            start = between
