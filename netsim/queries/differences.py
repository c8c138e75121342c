"""The answer to what a change does."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, TypedDict

from netsim.graph.export import digraph
from netsim.ir.shapes import PlaceShape
from netsim.queries.answer import Answer, frame
from netsim.queries.both import Part
from netsim.queries.changes import Change, Changes, ChangeShape, causes_list, change_dict
from netsim.queries.entrances import Entrance, EntranceShape, entrance_dict
from netsim.queries.moved import Risk
from netsim.queries.renames import Fate, WorkloadChange
from netsim.queries.seam import Delta
from netsim.queries.sections import SECTIONS, FoundShape, RoutedShape, Section, SteppedShape


class WorkloadShape(PlaceShape):
    """A workload that came, went or was renamed."""

    change: Annotated[str, Fate]
    old: str | None
    new: str | None


class DiffSummary(TypedDict):
    """How many connections were added, removed and changed, and what else there is to know at a glance."""

    added: int
    removed: int
    changed: int
    exposed: int
    risks: dict[str, int]
    accepted: int
    lesser: int


class DiffShape(TypedDict):
    """What differs between two clusters, in the parts that were compared."""

    summary: DiffSummary
    compared: Annotated[list[str], Part]
    changes: list[ChangeShape]
    entries: list[EntranceShape]
    workloads: list[WorkloadShape]
    findings: list[FoundShape]
    steps: list[SteppedShape]
    paths: list[RoutedShape]


@dataclass(frozen=True, kw_only=True)
class Diff(Answer):
    """What differs between two clusters.

    Attributes:
        changes: Connections, the gravest opening first; alike ones by their ends: workloads, then addresses.
        entries: The ways into the cluster, the gravest opening first.
        workloads: Those that came, went or were renamed.
        findings, steps, paths: What else was compared, by section (``queries.sections``).
        accepted: How many of all these a baseline took away.
        lesser: How many findings that differ were left out, for they are less bad than was asked for.
        parts: What was compared.
    """

    kind: ClassVar[str] = "Diff"

    changes: Sequence[Change]
    entries: tuple[Entrance, ...] = ()
    workloads: tuple[WorkloadChange, ...] = ()
    findings: tuple[Delta[Any], ...] = ()
    steps: tuple[Delta[Any], ...] = ()
    paths: tuple[Delta[Any], ...] = ()
    accepted: int = 0
    lesser: int = 0
    parts: frozenset[Part] = frozenset({Part.CONNECTIONS})

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    @property
    def counts(self) -> dict[str, int]:
        """How many connections were added, removed, changed."""
        found = dict.fromkeys(("added", "removed", "changed"), 0)
        for kind, count in self._connections.alike:
            found[kind.change] += count
        return found

    @property
    def moved(self) -> Iterator[Change | Entrance]:
        """All that traffic differs in: the connections, then the ways in."""
        yield from self.changes
        yield from self.entries

    @property
    def _connections(self) -> Changes:
        return Changes.of(self.changes)

    @property
    def _alike(self) -> tuple[tuple[Change | Entrance, int], ...]:
        """What traffic differs in, one of those that are alike but for their ends, and how many these are."""
        return (*self._connections.alike, *((each, 1) for each in self.entries))

    @property
    def deltas(self) -> tuple[tuple[Section, Delta[Any]], ...]:
        """What differs in the sections, each with its section."""
        return tuple((section, delta) for section in SECTIONS for delta in self._of(section))

    def _of(self, section: Section) -> tuple[Delta[Any], ...]:
        found: tuple[Delta[Any], ...] = getattr(self, section.name)
        return found

    @property
    def exposed(self) -> tuple[str, ...]:
        """The workloads to which something comes from the internet that did not, sorted."""
        connections = self._connections.of_kinds(lambda kind: Risk.INTERNET in kind.risks).destinations
        entries = {each.destination for each in self.entries if Risk.INTERNET in each.risks}
        return tuple(sorted({*connections, *entries}))

    @property
    def opens(self) -> bool:
        """Whether something is allowed, or found, that was not."""
        return any(each.opens for each, _ in self._alike) or any(own.opens(delta) for own, delta in self.deltas)

    @property
    def closes(self) -> bool:
        """Whether something is no longer allowed, or found."""
        return any(each.closes for each, _ in self._alike) or any(own.closes(delta) for own, delta in self.deltas)

    @property
    def keys(self) -> tuple[str, ...]:
        """What each difference is known by in a baseline, sorted."""
        own = (section.key_of(delta) for section, delta in self.deltas)
        return tuple(sorted({*(each.key for each in self.moved), *own}))

    def without(self, accepted: Collection[str]) -> "Diff":
        """Return the diff without the differences that are accepted, by key; it tells how many there were."""
        if not accepted:
            return self
        changes = Changes.of(each for each in self.changes if each.key not in accepted)
        entries = tuple(each for each in self.entries if each.key not in accepted)
        kept = [(section, delta) for section, delta in self.deltas if section.key_of(delta) not in accepted]
        less = len(self.changes) + len(self.entries) + len(self.deltas) - len(changes) - len(entries) - len(kept)
        sections: dict[str, Any] = {
            section.name: tuple(delta for own, delta in kept if own is section) for section in SECTIONS
        }
        return replace(self, changes=changes, entries=entries, accepted=self.accepted + less, **sections)

    @property
    def summary(self) -> DiffSummary:
        """How much differs, as JSON values."""
        return {
            "added": self.counts["added"],
            "removed": self.counts["removed"],
            "changed": self.counts["changed"],
            "exposed": len(self.exposed),
            "risks": {str(risk): sum(n for each, n in self._alike if risk in each.risks) for risk in Risk},
            "accepted": self.accepted,
            "lesser": self.lesser,
        }

    def facts(self) -> DiffShape:
        """Return the differences as JSON values."""
        found: Any = {section.name: [section.facts(delta) for delta in self._of(section)] for section in SECTIONS}
        return {
            "summary": self.summary,
            "compared": [str(part) for part in Part if part in self.parts],
            "changes": [change_dict(change) for change in self.changes],
            "entries": [entrance_dict(each, causes_list(each.because)) for each in self.entries],
            "workloads": [_workload_dict(each) for each in self.workloads],
            "findings": found["findings"],
            "steps": found["steps"],
            "paths": found["paths"],
        }

    def to_frame(self) -> Any:
        """Return the changes as a pandas DataFrame: change, from, to, old, new, because."""
        rows = (
            (c.change, c.source, c.destination, str(c.old), str(c.new), "; ".join(x.object for x in c.because))
            for c in self.changes
        )
        return frame(("change", "from", "to", "old", "new", "because"), rows)

    def to_networkx(self) -> Any:
        """Return the changes as a ``networkx.MultiDiGraph``: edges with ``change``, ``old`` and ``new`` as texts."""
        edges = (
            (each.source, each.destination, {"change": each.change, "old": str(each.old), "new": str(each.new)})
            for each in self.changes
        )
        return digraph((), edges)


def _workload_dict(each: WorkloadChange) -> WorkloadShape:
    return {
        "change": str(each.fate),
        "old": each.old,
        "new": each.new,
        "file": each.place.file,
        "line": each.place.line or None,
    }
