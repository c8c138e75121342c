"""What an audit policy sees of attacks, and the smallest one that sees all of it, for people."""

from collections.abc import Iterator

from netsim.graph.catalogue import catalogue
from netsim.queries.coverage import Coverage, Drafted, Watched, WatchedPath, shown
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe
from netsim.render.yaml import dumped

_FEW = 4


def text(answer: Coverage, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield each path with what is written of its steps; of every step of the input, only the unseen ones."""
    if answer.source:
        for number, path in enumerate(answer.paths, start=1):
            yield from _path(number, path, palette)
    else:
        yield from _unseen(answer, palette)
    yield f"{summary(answer)}\n"


def _unseen(answer: Coverage, palette: Palette) -> Iterator[str]:
    """Yield the unseen steps of each subject and kind as one."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for each in answer.unseen:
        alike.setdefault((each.step.source, each.step.id, _quiet(each)), []).append(each.step.target)
    for (source, kind, quiet), targets in alike.items():
        more = f" and {len(targets) - _FEW:,} more" if len(targets) > _FEW else ""
        yield f"{paint(safe(source), palette.head)}: {catalogue().kinds[kind].title} ({kind})\n"
        yield f"  {paint('not logged', palette.bad)}: {safe(quiet)}\n"
        yield f"  to {safe(', '.join(sorted(targets)[:_FEW]))}{more}\n"
    yield "\n" if alike else ""


def _path(number: int, path: WatchedPath, palette: Palette) -> Iterator[str]:
    first = "no step is seen" if path.first is None else f"first seen at step {path.first}"
    told = f"{path.logged} of {counted(len(path.asked), 'API step')} logged, {first}" if path.asked else "asks no API"
    yield f"{paint(f'path {number}', palette.head)}: {told}\n"
    yield from (f"  {step}. {_line(each, palette)}\n" for step, each in enumerate(path.steps, start=1))
    yield "\n"


def _line(each: Watched, palette: Palette) -> str:
    step = f"{safe(each.step.source)} -> {safe(each.step.target)}: {catalogue().kinds[each.step.id].title}"
    match each.level:
        case None:
            return step
        case level if level:
            return f"{step}; {paint(f'logged at {level.label}', palette.good)}"
        case _:
            return f"{step}; {paint('not logged', palette.bad)}: {safe(_quiet(each))}"


def _quiet(each: Watched) -> str:
    return " and ".join(map(shown, each.quiet))


def summary(answer: Coverage) -> str:
    """Return how much is seen, in one line."""
    asked = len(answer.asked)
    if answer.source and not answer.paths:
        return f"no path from {safe(answer.source)} to {safe(answer.target)}"
    if not asked:
        return "no attack step asks the API server for anything"
    return f"of {counted(asked, 'attack step')} by requests to the API server, {asked - len(answer.unseen):,} logged"


def yaml(answer: Drafted) -> Iterator[str]:
    """Yield the policy, each rule below the steps that it records."""
    steps, requests = answer.covers
    yield f"# Records {counted(steps, 'attack step')}, in {counted(requests, 'form')} of requests; simulated.\n"
    yield "# Metadata alone: no body, and so no value of a Secret and no token, is ever written.\n"
    for kind in sorted({each.id for each in answer.beside}):
        yield f"# Not in any audit log: {kind}, {catalogue().kinds[kind].title.lower()}.\n"
    body = dict(answer.body)
    rules = body.pop("rules")
    yield f"{dumped(body)}rules:\n"
    for kinds, rule in zip(answer.steps, rules, strict=True):
        yield f"# {', '.join(kinds)}\n{dumped([rule])}"
