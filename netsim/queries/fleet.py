"""Many clusters side by side: one row each."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from netsim.errors import Problem
from netsim.queries.across import Question, Reply, Said
from netsim.queries.answer import SCHEMA, Answer, frame
from netsim.queries.measures import COLUMNS


class State(Enum):
    """How the analysis of a cluster ended.

    PARTIAL: There were problems, and the rest was analysed. LOST: Its worker died. CRASH: An error that netsim did not
    foresee.
    """

    OK = "ok"
    PARTIAL = "partial"
    INPUT = "input"
    USAGE = "usage"
    TIMEOUT = "timeout"
    LOST = "lost"
    CRASH = "crash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How many connections differ from those of the cluster ``reference``."""

    reference: str
    added: int = 0
    removed: int = 0
    changed: int = 0

    @property
    def differs(self) -> bool:
        """Whether any does."""
        return bool(self.added or self.removed or self.changed)


#: An assumption names so many of its clusters; the rows name them all.
MOST_NAMES = 3

_NOTHING_ASKED = Reply()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was found out about one cluster.

    Attributes:
        error: Why it is not OK; empty where it is.
        problems: What is wrong with its inputs.
        attempts: How often it was tried.
        counts: Its measures, in the order of COLUMNS; empty where it could not be analysed.
        drift: None where it was not asked for, or could not be told.
    """

    cluster: str
    state: State = State.OK
    error: str = ""
    problems: tuple[Problem, ...] = ()
    attempts: int = 1
    counts: tuple[int, ...] = ()
    reply: Reply = _NOTHING_ASKED
    drift: Drift | None = None
    assumptions: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether all was analysed."""
        return self.state is State.OK

    @property
    def measures(self) -> Mapping[str, int | None]:
        """The measures by name; None each where it could not be analysed."""
        return dict(zip(COLUMNS, self.counts or (None,) * len(COLUMNS), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON values, flat: the columns of Parquet; null for what is not known or not asked."""
        drift = self.drift
        return {
            "cluster": self.cluster,
            "state": self.state.value,
            "error": self.error or None,
            "attempts": self.attempts,
            **self.measures,
            "allowed": self.reply.allowed.value if self.reply.allowed else None,
            "exposes": self.reply.exposes.value if self.reply.exposes else None,
            "exposed_by": list(self.reply.exposed_by),
            "fingerprint": self.reply.fingerprint,
            "reference": drift.reference if drift else None,
            "added": drift.added if drift else None,
            "removed": drift.removed if drift else None,
            "changed": drift.changed if drift else None,
            "assumptions": list(self.assumptions),
        }


#: The columns of ``Row.to_dict`` that hold texts, and lists of texts; the rest hold counts.
TEXTS = ("cluster", "state", "error", "allowed", "exposes", "fingerprint", "reference")
LISTS = ("exposed_by", "assumptions")


def line(row: Row) -> dict[str, Any]:
    """Return a row as one line of JSON lines: with what it is."""
    return {"schema": SCHEMA, "kind": "FleetRow", **row.to_dict()}


@dataclass(frozen=True, kw_only=True)
class Fleet(Answer):
    """The rows of many clusters, sorted by name.

    Attributes:
        question: What each was asked.
        reference: The cluster that connections were compared with; None where they were not.
    """

    kind: ClassVar[str] = "Fleet"

    rows: tuple[Row, ...]
    question: Question
    reference: str | None = None

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def failed(self) -> tuple[Row, ...]:
        """The rows of clusters that were not, or not wholly, analysed."""
        return tuple(row for row in self.rows if not row.ok)

    def that_say(self, said: Said) -> tuple[str, ...]:
        """Return the clusters that say this to the verdict: which allow, deny, do not know, have no such peer."""
        return tuple(row.cluster for row in self.rows if row.reply.allowed is said)

    def that_expose(self, said: Said = Said.YES) -> tuple[str, ...]:
        """Return the clusters that say this to whether they expose the peer that was asked about."""
        return tuple(row.cluster for row in self.rows if row.reply.exposes is said)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The clusters by equal connections, the largest group first; empty where that was not asked."""
        found: dict[str, list[str]] = {}
        for row in self.rows:
            if row.reply.fingerprint:
                found.setdefault(row.reply.fingerprint, []).append(row.cluster)
        return tuple(sorted((tuple(group) for group in found.values()), key=lambda group: (-len(group), group)))

    @property
    def divided(self) -> bool:
        """Whether no group of equal connections is the largest, so that there is no majority to compare with."""
        sizes = [len(group) for group in self.groups[:2]]
        return len(sizes) > 1 and sizes[0] == sizes[1]

    @property
    def missing(self) -> tuple[str, ...]:
        """What the question names that no cluster has: a slip of the pen, most likely."""
        known = [row.reply.missing for row in self.rows if row.counts]
        return tuple(text for text in (known[0] if known else ()) if all(text in missing for missing in known))

    def facts(self) -> Mapping[str, Any]:
        """Return the rows as JSON values."""
        return {
            "summary": {"clusters": len(self), "failed": len(self.failed)},
            "clusters": [row.to_dict() for row in self.rows],
        }

    def to_frame(self) -> Any:
        """Return the rows as a pandas DataFrame, with the columns of ``Row.to_dict``."""
        rows = [row.to_dict() for row in self.rows]
        columns = list(rows[0] if rows else Row(cluster="").to_dict())
        return frame(columns, ([row[column] for column in columns] for row in rows))


def fleet_of(rows: Iterable[Row], question: Question) -> Fleet:
    """Return the rows as an answer, sorted by name."""
    ordered = tuple(sorted(rows, key=lambda row: row.cluster))
    return Fleet(
        rows=ordered,
        question=question,
        reference=next((row.drift.reference for row in ordered if row.drift), None),
        assumptions=tuple(_assumed(ordered)),
    )


def _assumed(rows: Sequence[Row]) -> Iterator[str]:
    """Yield what is taken for granted, with the clusters of which it is."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for text in row.assumptions:
            found.setdefault(text, []).append(row.cluster)
    for text, names in sorted(found.items()):
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        yield f"of {', '.join(names[:MOST_NAMES])}{more}: {text}"


def typical(rows: tuple[Row, ...]) -> Row | None:
    """Return the first by name of the most clusters with the same connections; None where none has been analysed."""
    known = sorted((row for row in rows if row.reply.fingerprint), key=lambda row: row.cluster)
    sizes = Counter(row.reply.fingerprint for row in known)
    return max(known, key=lambda row: sizes[row.reply.fingerprint], default=None)
