"""Attack steps, blast radius and paths as text and Markdown; nearest and gravest first, grouped by namespace."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from netsim.graph.catalogue import catalogue
from netsim.graph.vertices import kind_of, namespace_of
from netsim.ir.attack import Certainty, Guard, Step
from netsim.queries.blast import BlastRadius, Fallen
from netsim.queries.paths import AttackPath, Paths
from netsim.queries.steps import Steps
from netsim.queries.whatif import WhatIf
from netsim.render.md import code, table
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe, where

#: The gravest first.
GRAVE = ("cluster-admin", "etcd", "node", "namespace-admin", "cloud", "secret", "cluster", "sa", "user", "group", "pod")
#: Proofs that are written out under a blast radius, of the gravest things that fall.
MOST_PROOFS = 3
#: Rows of one namespace; the others are counted. JSON holds them all.
MOST_ROWS = 25


_MASTERS = "group:system:masters"


@dataclass(frozen=True, slots=True)
class Row:
    """What is shown as one: things of one sort that fall by one way."""

    name: str
    count: int
    certainty: Certainty
    way: tuple[str, ...]


def blast(answer: BlastRadius, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield what falls, by namespace, then how the gravest of it falls."""
    yield paint(f"if {safe(answer.source)} is taken", palette.head) + f"   score {answer.score} of 100\n"
    if not answer.fallen:
        yield "\nnothing else falls\n"
        return
    for level, counts in answer.summary.items():
        if counts:
            yield f"  {Certainty[level.upper()].label:<17} {_counts(counts)}\n"
    for space, rows in groups(answer):
        yield "\n" + paint(_heading(answer, space), palette.head) + "\n"
        width = max(len(_shown(row)) for row in rows[:MOST_ROWS])
        for row in rows[:MOST_ROWS]:
            colour = _colour(row.certainty, palette)
            yield f"  {_shown(row):{width}}  {paint(f'{row.certainty.label:<16}', colour)}  {' > '.join(row.way)}\n"
        if len(rows) > MOST_ROWS:
            yield f"  ... and {counted(len(rows) - MOST_ROWS, 'row')} more\n"
    beside = sum(follows_from_admin(answer, each) for each in answer.fallen)
    if beside:
        yield f"\n... and {beside} more that every cluster-admin has\n"
    for each in gravest(answer)[:MOST_PROOFS]:
        yield "\n" + paint(f"how {safe(each.vertex)} falls", palette.head) + f", {each.certainty.label}\n"
        logged = [answer.logged[number] for number in each.proof]
        yield from _proof([answer.steps[number] for number in each.proof], logged, palette)


def groups(answer: BlastRadius) -> list[tuple[str, list[Row]]]:
    """Return what falls, the cluster's own first, then by namespace; without what every administrator has."""
    found: dict[str, dict[tuple[str, Certainty, tuple[str, ...]], list[str]]] = {}
    for each in answer.fallen:
        if follows_from_admin(answer, each):
            continue
        way = tuple(answer.steps[number].id for number in each.proof)
        name = _sort(answer, each)
        found.setdefault(namespace_of(each.vertex), {}).setdefault((name, each.certainty, way), []).append(each.vertex)
    return [
        (
            space,
            sorted(
                (Row(name, len(members), certainty, way) for (name, certainty, way), members in own.items()),
                key=lambda row: (_gravity(row.name), row.certainty, len(row.way), row.name),
            ),
        )
        for space, own in sorted(found.items())
    ]


def follows_from_admin(answer: BlastRadius, each: Fallen) -> bool:
    """Return whether something falls because the whole cluster does."""
    return any(answer.steps[number].source == _MASTERS for number in each.proof)


def _sort(answer: BlastRadius, each: Fallen) -> str:
    """Return what a thing is shown as: pods as their workload, nodes' own users as one."""
    owner = answer.owners.get(each.vertex)
    if owner:
        return f"pod:{owner}"
    if each.vertex.startswith("user:system:node:"):
        return "user:system:node:*"
    return each.vertex


def _shown(row: Row) -> str:
    return safe(row.name) + (f" (x{row.count})" if row.count > 1 else "")


def _gravity(vertex: str) -> int:
    kind = kind_of(vertex)
    return GRAVE.index(kind) if kind in GRAVE else len(GRAVE)


def gravest(answer: BlastRadius) -> list[Fallen]:
    """Return what falls and is more than a pod or an account, one of each kind, the gravest first."""
    first: dict[str, Fallen] = {}
    for each in answer.fallen:
        kind = kind_of(each.vertex)
        if kind in GRAVE[:7]:
            first.setdefault(kind, each)
    return sorted(first.values(), key=lambda each: (_gravity(each.vertex), each.certainty))


def _heading(answer: BlastRadius, space: str) -> str:
    if not space:
        return "the cluster"
    down, all_ = answer.namespaces.get(space, (0, 0))
    return f"namespace {safe(space)}" + (f", {down} of {counted(all_, 'pod')}" if all_ else "")


def _counts(counts: Mapping[str, int]) -> str:
    words = {"sa": "account", "cluster-admin": "cluster-admin", "namespace-admin": "namespace"}
    ordered = sorted(counts.items(), key=lambda entry: _gravity(entry[0]))
    return ", ".join(
        words.get(kind, kind)
        if kind in ("cluster-admin", "etcd", "cluster", "metadata", "connections")
        else counted(count, words.get(kind, kind))
        for kind, count in ordered
    )


def _colour(certainty: Certainty, palette: Palette) -> str:
    return (palette.bad, palette.doubt, palette.faint)[certainty]


def _proof(steps: Sequence[Step], logged: Sequence[str | None], palette: Palette) -> Iterator[str]:
    width = max((len(step.id) for step in steps), default=0)
    for number, (step, level) in enumerate(zip(steps, logged, strict=True), start=1):
        beside = f"  with {', '.join(map(safe, step.with_))}" if step.with_ else ""
        name = paint(f"{step.id:{width}}", palette.head)
        yield f"  {number}. {name}  {safe(step.source)} -> {safe(step.target)}{beside}\n"
        yield f"     {'':{width}}  {paint(_told(step, level), palette.faint)}\n"


def _told(step: Step, logged: str | None) -> str:
    kind = catalogue().kinds[step.id]
    places = [f"{guard} ({where(guard.place)})" for guard in step.guards]
    why = "; ".join(places) or "; ".join(step.because)
    audit = {None: "", "None": "; not logged"}.get(logged, f"; logged at {logged}")
    return safe(f"{kind.title}" + (f": {why}" if why else "") + audit)


def paths(answer: Paths, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the paths, what cuts them, and what is left then."""
    ends = f"{safe(answer.source)} -> {safe(answer.target)}"
    if not answer.reachable:
        yield paint(f"{ends}: no path\n", palette.good)
        return
    yield (
        paint(ends, palette.head)
        + f": {counted(len(answer.shortest), 'path')}{'' if answer.complete else ' or more'}\n"
    )
    for number, path in enumerate(answer.shortest, start=1):
        yield f"\n{number}. {path_words(path)}\n"
        yield from _proof(path.steps, path.logged, palette)
        if path.also:
            others = sorted({kind for kinds in path.also for kind in kinds} - set(path.kinds))
            yield f"     the same by {', '.join(others)}\n" if others else ""
    yield from _cut(answer, palette)


def path_words(path: AttackPath) -> str:
    """Return how long and how sure a path is, and how much of it is logged."""
    asked = [level for level in path.logged if level is not None]
    quiet = sum(level == "None" for level in asked)
    audit = f", {len(asked) - quiet} of {counted(len(asked), 'API step')} logged" if asked else ""
    return f"{path.certainty.label}, {counted(len(path.steps), 'step')}{audit}"


def _cut(answer: Paths, palette: Palette) -> Iterator[str]:
    yield "\n" + paint("to close every path, change", palette.head) + "\n"
    if answer.cut is None:
        yield "  nothing that is in the input does it: some path hangs on nothing that can be changed\n"
    for guard in answer.cut or ():
        yield f"  {_guard(guard)}\n"
    if not answer.exact:
        yield "  (the smallest set that was found; whether there is a smaller one was not settled)\n"
    others = [guard for guard in answer.chokes if guard not in (answer.cut or ())]
    if others:
        yield "\n" + paint("or any one of these, on which every path hangs, too", palette.head) + "\n"
        yield from (f"  {_guard(guard)}\n" for guard in others)
    for fix in answer.fixes:
        if fix.left is not None:
            yield "\n" + paint(f"what still works without {safe(str(fix.guard))}", palette.head) + "\n"
            yield f"  {' > '.join(fix.left.kinds)}, {fix.left.certainty.label}\n"


def _guard(guard: Guard) -> str:
    return f"{safe(str(guard))}  {where(guard.place)}"


def steps(answer: Steps, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the steps, one a line."""
    for step in answer:
        name = paint(f"{step.id:<22}", palette.head)
        yield f"{name} {safe(step.source)} -> {safe(step.target)}  {step.certainty.label}\n"


def whatif(answer: WhatIf, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield what a change makes fall and stand."""
    old, new = answer.before, answer.after
    yield paint(f"if {safe(answer.source)} is taken", palette.head)
    yield f"   score {old.score} -> {new.score} of 100\n"
    if answer.edits:
        yield f"  after {', '.join(map(safe, answer.edits))}\n"
    for title, mark, colour, found in (
        ("no longer falls", "-", palette.good, answer.saved),
        ("falls now", "+", palette.bad, answer.lost),
        ("falls by another way", "~", palette.doubt, answer.moved),
    ):
        if found:
            yield "\n" + paint(f"{title}: {len(found)}", palette.head) + "\n"
            for name, count in _gathered(answer, found):
                yield paint(f"  {mark} {safe(name)}" + (f" (x{count})" if count > 1 else ""), colour) + "\n"
    if not (answer.saved or answer.lost or answer.moved):
        yield "\nthe same falls, by the same ways\n"


def _gathered(answer: WhatIf, vertices: Iterable[str]) -> list[tuple[str, int]]:
    owners = {**answer.before.owners, **answer.after.owners}
    counts: dict[str, int] = {}
    for vertex in sorted(vertices, key=lambda each: (_gravity(each), each)):
        name = f"pod:{owners[vertex]}" if vertex in owners else vertex
        counts[name] = counts.get(name, 0) + 1
    return list(counts.items())


def blast_md(answer: BlastRadius) -> Iterator[str]:
    """Yield what falls as tables."""
    yield f"**If {code(answer.source)} is taken: score {answer.score} of 100**\n\n"
    rows = (
        [code(_shown(row)), row.certainty.label, code(" > ".join(row.way))] for _, own in groups(answer) for row in own
    )
    yield from table(["Falls", "Certainty", "By"], rows)


def paths_md(answer: Paths) -> Iterator[str]:
    """Yield the paths as tables, and what cuts them."""
    yield f"**{code(answer.source)} to {code(answer.target)}: {counted(len(answer.shortest), 'path')}**\n"
    for number, path in enumerate(answer.shortest, start=1):
        yield f"\n{number}. {path_words(path)}\n\n"
        rows = ([code(step.id), code(step.source), code(step.target), code(_told(step, level))]
                for step, level in zip(path.steps, path.logged, strict=True))  # fmt: skip
        yield from table(["Step", "From", "To", "Because"], rows)
    if answer.reachable:
        cut = ", ".join(code(str(guard)) for guard in answer.cut or ()) or "nothing that can be changed"
        yield f"\nTo close every path, change: {cut}\n"


def whatif_md(answer: WhatIf) -> Iterator[str]:
    """Yield what a change makes fall and stand as a table."""
    yield f"**If {code(answer.source)} is taken: score {answer.before.score} to {answer.after.score} of 100**\n\n"
    rows = [["no longer falls", code(vertex)] for vertex in answer.saved]
    rows += [["falls now", code(vertex)] for vertex in answer.lost]
    rows += [["falls by another way", code(vertex)] for vertex in answer.moved]
    yield from table(["Change", "What"], rows)
