"""Pictures: graphs drawn by Graphviz's ``dot``."""

from collections.abc import Iterable, Iterator

from netsim.errors import MissingProgramError, UsageError
from netsim.queries import Diff, Reachability
from netsim.render import dot

#: Over more arrows than this, `dot` takes minutes, and the eye gives up long before.
MOST_ARROWS = 3_000


def reach(answer: Reachability) -> Iterator[str]:
    """Yield the picture of a listing.

    Raises:
        MissingProgramError: There is no ``dot``.
        UsageError: The picture would be too large.
    """
    return drawn(dot.reach(answer))


def diff(answer: Diff) -> Iterator[str]:
    """Yield the picture of the changes; raises as ``reach`` does."""
    return drawn(dot.diff(answer))


def drawn(graph: Iterable[str]) -> Iterator[str]:
    """Yield the picture of a graph in Graphviz's language."""
    import graphviz

    text = "".join(graph)
    arrows = text.count(" -> ")
    if arrows > MOST_ARROWS:
        raise UsageError(
            f"a picture of {arrows:,} connections would take minutes and show nothing",
            hint="narrow it with --from, --to and --port; `-o dot` writes the graph whatever its size",
        )
    try:
        yield graphviz.Source(text).pipe(format="svg", encoding="utf-8", quiet=True)
    except graphviz.ExecutableNotFound:
        raise MissingProgramError(
            "the program `dot` of Graphviz, which draws SVG, is not on PATH",
            hint="install Graphviz (Debian, Ubuntu: apt install graphviz; Fedora: dnf install graphviz; "
            "macOS: brew install graphviz; Windows: choco install graphviz), or take `-o dot`, which needs nothing",
        ) from None
