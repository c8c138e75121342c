"""Blast radius and paths for notebooks: a table, and the picture where Graphviz is there. SVG alone for files."""

from collections.abc import Iterator

from netsim.queries.blast import BlastRadius
from netsim.queries.paths import Paths
from netsim.queries.steps import Steps
from netsim.queries.whatif import WhatIf
from netsim.render import attackdot
from netsim.render.attack import groups, path_words
from netsim.render.html import notes, paragraph, pictured, table
from netsim.render.svg import drawn, picture


def blast_svg(answer: BlastRadius) -> Iterator[str]:
    """Yield the picture of what falls; raises as ``svg.drawn``."""
    return drawn(attackdot.blast(answer))


def paths_svg(answer: Paths) -> Iterator[str]:
    """Yield the picture of the paths; raises as ``svg.drawn``."""
    return drawn(attackdot.paths(answer))


def blast_png(answer: BlastRadius) -> bytes:
    """Return the picture of what falls as PNG; raises as ``svg.picture``."""
    return picture(attackdot.blast(answer), "png")


def paths_png(answer: Paths) -> bytes:
    """Return the picture of the paths as PNG; raises as ``svg.picture``."""
    return picture(attackdot.paths(answer), "png")


def blast(answer: BlastRadius) -> Iterator[str]:
    """Yield the score, what falls, and the picture."""
    yield paragraph(f"if {answer.source} is taken: score {answer.score} of 100")
    rows = (
        (space or "the cluster", row.name + (f" (x{row.count})" if row.count > 1 else ""), row.certainty.label,
         " > ".join(row.way))
        for space, own in groups(answer) for row in own
    )  # fmt: skip
    yield from table(["namespace", "falls", "certainty", "by"], rows)
    yield from pictured(attackdot.blast(answer))
    yield from notes(answer)


def paths(answer: Paths) -> Iterator[str]:
    """Yield the paths, what cuts them, and the picture."""
    if not answer.reachable:
        yield paragraph(f"{answer.source} to {answer.target}: no path")
        yield from notes(answer)
        return
    rows = (
        (f"{number}: {path_words(path)}" if first else "", step.id, step.source, step.target,
         "; ".join(map(str, step.guards)), level or "")
        for number, path in enumerate(answer.shortest, start=1)
        for first, (step, level) in zip(_firsts(), zip(path.steps, path.logged, strict=True), strict=False)
    )  # fmt: skip
    yield from table(["path", "step", "from", "to", "hangs on", "logged"], rows)
    cut = "; ".join(map(str, answer.cut or ())) or "nothing that can be changed"
    yield paragraph(f"to close every path, change: {cut}")
    yield from pictured(attackdot.paths(answer))
    yield from notes(answer)


def _firsts() -> Iterator[bool]:
    yield True
    while True:
        yield False


def steps(answer: Steps) -> Iterator[str]:
    """Yield the steps."""
    yield from table(
        ["step", "from", "to", "certainty"],
        ((step.id, step.source, step.target, step.certainty.label) for step in answer),
    )


def whatif(answer: WhatIf) -> Iterator[str]:
    """Yield what a change makes fall and stand."""
    yield paragraph(f"if {answer.source} is taken: score {answer.before.score} to {answer.after.score} of 100")
    rows = [("no longer falls", vertex) for vertex in answer.saved]
    rows += [("falls now", vertex) for vertex in answer.lost]
    rows += [("falls by another way", vertex) for vertex in answer.moved]
    yield from table(["change", "what"], rows)
    yield from notes(answer)
