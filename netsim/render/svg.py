"""Pictures: graphs drawn by Graphviz's ``dot``, as SVG and as PNG."""

from collections.abc import Iterable, Iterator

from netsim.errors import MissingProgramError, UsageError
from netsim.queries import Diff, Reachability
from netsim.render import dot
from netsim.render.dot import CROWDED, IN_ROWS, By

#: Over more arrows than this, `dot` takes minutes, and the eye gives up long before.
MOST_ARROWS = 3_000

#: A PNG is no wider and no higher, in inches of 96 pixels: a larger one is drawn smaller.
WIDEST = 64


def reach(answer: Reachability, by: By | None = None) -> Iterator[str]:
    """Yield the picture of a listing.

    Args:
        by: What there is a node for; workloads where None, or namespaces where those would be too many to read.

    Raises:
        MissingProgramError: There is no ``dot``.
        UsageError: The picture would be too large.
    """
    return drawn(dot.reach(answer, by))


def diff(answer: Diff, by: By | None = None) -> Iterator[str]:
    """Yield the picture of the changes; as ``reach``."""
    return drawn(dot.diff(answer, by))


def reach_png(answer: Reachability, by: By | None = None) -> bytes:
    """Return the picture of a listing as PNG; as ``reach``."""
    return picture(dot.reach(answer, by), "png")


def diff_png(answer: Diff, by: By | None = None) -> bytes:
    """Return the picture of the changes as PNG; as ``reach``."""
    return picture(dot.diff(answer, by), "png")


def drawn(graph: Iterable[str]) -> Iterator[str]:
    """Yield the picture of a graph in Graphviz's language as SVG; raises as ``picture``."""
    yield picture(graph, "svg").decode()


def picture(graph: Iterable[str], form: str) -> bytes:
    """Return the picture of a graph in Graphviz's language.

    Args:
        form: ``svg`` or ``png``.

    Raises:
        MissingProgramError: There is no ``dot``.
        UsageError: The picture would be too large, or Graphviz fails.
    """
    import graphviz

    text = "".join(graph)
    arrows = text.count(" -> ")
    if arrows > MOST_ARROWS:
        raise UsageError(
            f"a picture of {arrows:,} connections would take minutes and show nothing",
            hint="narrow it with --from, --to and --port, or take --by namespace; "
            "`-o dot` writes the graph whatever its size",
        )
    if form == "png":
        text = text.replace("{\n", f'{{\n  size="{WIDEST},{WIDEST}";\n', 1)
    # Some graphs make `dot` itself fail: other ways to lay them out get by.
    for attempt in (text, text.replace(IN_ROWS, f"{IN_ROWS}, newrank=true"), text.replace(CROWDED, IN_ROWS)):
        try:
            found: bytes = graphviz.Source(attempt).pipe(format=form, quiet=True)
        except graphviz.ExecutableNotFound:
            raise MissingProgramError(
                "the program `dot` of Graphviz, which draws pictures, is not on PATH",
                hint="install Graphviz (Debian, Ubuntu: apt install graphviz; Fedora: dnf install graphviz; "
                "macOS: brew install graphviz; Windows: choco install graphviz), or take `-o dot`, which needs nothing",
            ) from None
        except graphviz.CalledProcessError:
            continue
        return found
    raise UsageError(
        "the program `dot` of Graphviz failed to draw this graph",
        hint="take --by namespace, narrow it with --from, --to and --port, or take `-o dot` and draw it otherwise",
    )
