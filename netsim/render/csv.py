"""CSV for spreadsheets and scripts: one row a connection."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from netsim.ir.access import Grant
from netsim.ir.truth import Truth
from netsim.queries import Diff, Holders, Matrix, Permissions, Reachability
from netsim.queries.reach import Line
from netsim.render.rows import rows

TRUTHS: dict[Truth, str] = {True: "true", False: "false", None: "unknown"}


def reach(answer: Reachability) -> Iterator[str]:
    """Yield the listing: from, to, traffic, unknown, family; network where there are some."""
    if answer.summary_only:
        yield _row(answer.summary)
        yield _row(answer.summary.values())
        return
    yield _row(["from", "to", "traffic", "unknown", "family", *(["network"] if answer.networked else [])])
    some = False
    for chunk in rows(answer, lambda source: _cells([source]) + ",", _tail, "\n"):
        yield chunk
        some = True
    if some:
        yield "\n"


def _tail(line: Line) -> str:
    network = [line.network] if line.network else []
    return _cells([line.destination, line.traffic or "", line.unknown or "", line.family or "", *network])


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
    """Yield the changes, each with its causes in one cell: ``object rule side file:line``, joined by semicolons."""
    networked = any(change.network for change in answer)
    columns = ["change", "from", "to", "old", "new", "old_unknown", "new_unknown", "family", "because"]
    yield _row([*columns, *(["network"] if networked else [])])
    for change in answer:
        because = (
            " ".join(
                filter(
                    None, (cause.object, cause.rule, cause.side, cause.what, f"{cause.place.file}:{cause.place.line}")
                )
            )
            for cause in change.because
        )
        traffics = (change.old, change.new, change.old_unknown, change.new_unknown)
        yield _row(
            [
                change.change,
                change.source,
                change.destination,
                *(traffic or "" for traffic in traffics),
                change.family or "",
                "; ".join(because),
                *([change.network or ""] if networked else []),
            ]
        )


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
