"""CSV for spreadsheets and scripts: one row a connection."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any, assert_never

from netsim.ir.access import Grant
from netsim.ir.attack import Step
from netsim.ir.finding import Finding
from netsim.ir.place import NOWHERE, Place
from netsim.ir.policy import Direction
from netsim.ir.truth import Truth
from netsim.queries import Diff, Exposed, Holders, Matrix, Permissions, Reachability
from netsim.queries.blame import Cause
from netsim.queries.changes import Change, Changes
from netsim.queries.entrances import Entrance
from netsim.queries.entries import WayIn
from netsim.queries.explain import Explained
from netsim.queries.exposure import Exposure
from netsim.queries.listing import Line
from netsim.queries.risk import cause_kinds
from netsim.queries.routes import Route
from netsim.queries.seam import Delta
from netsim.queries.sections import Section
from netsim.render.explained import said
from netsim.render.exposure import peer
from netsim.render.rows import rows
from netsim.render.verdict import TRUTHS as VERDICTS

TRUTHS: dict[Truth, str] = {True: "true", False: "false", None: "unknown"}


#: The columns of a connection; the last one where there are networks.
CONNECTION = ("from", "to", "traffic", "unknown", "family", "network")
#: What a row of a way in has beside them. It is ``from`` the object that lets in, which keeps it apart from the
#: connections of who forwards; its ``traffic`` is what policies let in, ``blocked`` what they do not.
WAY_IN = ("entered_from", "via", "blocked")
#: What a row of a peer that could be has beside them: which end it is, and ports by name.
POTENTIAL = ("potential", "named", "but_named", "unprotected")

Row = Mapping[str, object]


def reach(answer: Reachability) -> Iterator[str]:
    """Yield the listing, and the ways in as rows below it with columns of their own: each row is true by itself."""
    if answer.summary_only:
        yield _row(answer.summary)
        yield _row(answer.summary.values())
        return
    yield from _table(answer, map(_way_in, answer.entries), WAY_IN if answer.entries else ())


def exposed(answer: Exposed) -> Iterator[str]:
    """Yield the listing, the ways in, what is open to pods that could be, and what no policy protects."""
    open_to = [_potential(row) for row in answer.exposure if not row.existing]
    open_to += [{_END[each]: name, "unprotected": each.value} for name, each in answer.unprotected]
    more = (*map(_way_in, answer.entries), *open_to)
    yield from _table(answer, more, (*(WAY_IN if answer.entries else ()), *POTENTIAL))


def _table(answer: Reachability, more: Iterable[Row], beside: Sequence[str]) -> Iterator[str]:
    """Yield the connections, then further rows, which have columns beside theirs."""
    columns = [*(CONNECTION if answer.networked else CONNECTION[:-1]), *beside]
    yield _row(columns)
    padding = "," * len(beside)
    some = False
    for chunk in rows(answer, lambda source: _cells([source]) + ",", lambda line: _tail(line) + padding, "\n"):
        yield chunk
        some = True
    if some:
        yield "\n"
    yield from (_row(row.get(column, "") for column in columns) for row in more)


def _tail(line: Line) -> str:
    network = [line.network] if line.network else []
    return _cells([line.destination, line.traffic or "", line.unknown or "", line.family or "", *network])


def _way_in(way: WayIn) -> Row:
    column = {True: "traffic", None: "unknown", False: "blocked"}[way.allowed]
    by = f"{way.kind} {way.name}"
    return {"from": by, "to": way.destination, column: way.traffic, "entered_from": way.source, "via": way.via}


#: The column of a workload that opens, and of one that accepts.
_END = {Direction.EGRESS: "from", Direction.INGRESS: "to"}


def _potential(row: Exposure) -> Row:
    own = _END[row.direction]
    other = "to" if own == "from" else "from"
    return {
        own: row.workload,
        other: peer(row),
        "traffic": row.traffic or "",
        "unknown": row.unknown or "",
        "potential": other,
        "named": "; ".join(row.named),
        "but_named": "; ".join(row.but_named),
    }


def explained(answer: Explained) -> Iterator[str]:
    """Yield each pair's classes of traffic, with what either direction says in one cell, joined by semicolons."""
    networked = any(pair.network for pair in answer)
    columns = ["from", "to", "verdict", "traffic", "family", "egress", "ingress"]
    yield _row([*columns, *(["network"] if networked else [])])
    for pair in answer:
        network = [pair.network or ""] if networked else []
        for part in pair.parts:
            sides = ("; ".join(map(str.strip, said(s, misses=answer.every_pair))) for s in (part.egress, part.ingress))
            told = (VERDICTS[part.allowed], part.traffic, pair.family or "")
            yield _row([pair.source, pair.destination, *told, *sides, *network])


def holders(answer: Holders) -> Iterator[str]:
    """Yield who may make a request, one row a grant; whoever is in system:masters has one row without a grant."""
    yield _row(["subject", "binding", "role", "rule", "place"])
    for subject, grants in zip(answer.subjects, answer.grants, strict=True):
        if not grants:
            yield _row([subject, "", "", "", ""])
        yield from (_row([subject, *_grant(grant)]) for grant in grants)


def permissions(answer: Permissions) -> Iterator[str]:
    """Yield every rule that a subject holds; lists are joined by spaces, the core group is `core`."""
    head = ["namespace", "verbs", "groups", "resources", "names", "urls"]
    yield _row([*head, "binding", "role", "rule", "place"])
    for grant in answer:
        held = grant.rule
        groups = [group or "core" for group in held.groups]
        lists = (held.verbs, groups, held.resources, held.names, held.urls)
        yield _row([grant.binding.namespace, *(" ".join(each) for each in lists), *_grant(grant)])


def _grant(grant: Grant) -> list[object]:
    return [grant.binding, grant.role, grant.rule.index, grant.rule.place]


def diff(answer: Diff) -> Iterator[str]:
    """Yield the connections and the ways in that differ, the gravest first; the latter say ``by`` what they enter.

    Causes share one cell, as ``object rule side what file:line``, joined by semicolons; so do risks, and kinds of
    causes. Below stand findings, attack steps and attack paths, which have a ``section`` and a ``code``: ``to`` is
    whom they are about, ``old`` and ``new`` are how bad or how sure they were and are.
    """
    changes = Changes.of(answer.changes)
    networked = any(kind.network for kind in changes.kinds)
    columns = ["change", "from", "to", "old", "new", "old_unknown", "new_unknown", "family", "because"]
    more = ["section", "code"]
    yield _row([*columns, "risks", "causes", "by", *more, *(["network"] if networked else [])])
    names = [_cells([name]) for name in changes.names]
    rest = [_cells(_rest(kind, networked=networked)) for kind in changes.kinds]
    for chunk in changes.rows.chunks():
        yield "".join([f"{changes.kinds[k].change},{names[s]},{names[d]},{rest[k]}\n" for s, d, k in chunk])
    for each in answer.entries:
        yield _row([each.change, each.source, each.destination, *_rest(each, networked=networked)])
    for section, delta in answer.deltas:
        yield _row([*_beside(section, delta), *([""] if networked else [])])


def _rest(each: Change | Entrance, *, networked: bool) -> list[object]:
    """Return what a row says of a connection or a way in after its ends."""
    family, network, by = _particulars(each)
    return [
        *(traffic or "" for traffic in (each.old, each.new, each.old_unknown, each.new_unknown)),
        *(family, "; ".join(map(_cause, each.because))),
        *("; ".join(each.risks), "; ".join(cause_kinds(each.because)), by, "", ""),
        *([network] if networked else []),
    ]


def _beside(section: Section, delta: Delta[Any]) -> list[object]:
    """Return what differs beside traffic, as a row."""
    old, new = (_measure(each) for each in (delta.old, delta.new))
    match delta.item:
        case Finding() as found:
            source, target, code, told = "", found.object, found.code, found.message
            place = Place(found.file, found.line) if found.file else NOWHERE
        case Step() as step:
            source, target, code, told, place = step.source, step.target, step.id, "; ".join(step.because), step.place
        case Route() as route:
            source, target, code, place = route.source, route.target, "", route.place
            told = ", ".join(each.id for each in route.steps)
        case other:
            raise TypeError(other)
    because = told if place == NOWHERE else f"{told} {place.file}:{place.line}".strip()
    return [delta.change, source, target, old, new, "", "", "", because, "", "", "", section.name, code]


def _measure(item: Finding | Step | Route | None) -> str:
    """Return how bad a finding is, or how sure a step or a path."""
    match item:
        case None:
            return ""
        case Finding():
            return str(item.severity)
        case _:
            return item.certainty.label


def _particulars(each: Change | Entrance) -> tuple[str, str, str]:
    """Return the family and the network of a connection, and the object of a way in."""
    match each:
        case Change():
            return str(each.family or ""), each.network or "", ""
        case Entrance():
            return "", "", f"{each.kind} {each.name}"
        case _:
            assert_never(each)


def _cause(cause: Cause) -> str:
    place = f"{cause.place.file}:{cause.place.line}"
    return " ".join(filter(None, (cause.object, cause.rule, cause.side, cause.what, place)))


def matrix(answer: Matrix) -> Iterator[str]:
    """Yield the truth table as it is: from, to, allowed."""
    yield _row(["from", "to", "allowed"])
    for source, cells in answer.table.items():
        for destination, truth in cells.items():
            yield _row([source, destination, TRUTHS[truth]])


def _row(cells: Iterable[object]) -> str:
    return _cells(cells) + "\n"


def _cells(cells: Iterable[object]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="").writerow([str(cell) for cell in cells])
    return text.getvalue()
