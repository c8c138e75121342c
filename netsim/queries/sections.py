"""What a diff compares beside connections: lists of both sides, item by item, by a stable key.

A new list is one more of SECTIONS: who finds the items, what an item is known by, and what it says.
Findings of another area also want its catalogue in ``render.catalogue``.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict

from netsim.ir.attack import StepShape
from netsim.ir.finding import Finding, FindingShape, Severity
from netsim.queries.both import Both
from netsim.queries.found import found
from netsim.queries.routes import RouteShape, compared_routes
from netsim.queries.seam import Delta, Word, compared
from netsim.queries.steps import compared_steps

Name = Literal["findings", "steps", "paths"]


class DeltaShape(TypedDict):
    """What became of an item; of one that has changed, what it said before, as far as that differs."""

    change: Word
    was: NotRequired[dict[str, Any]]


class FoundShape(FindingShape, DeltaShape):
    """A finding that differs."""


class SteppedShape(StepShape, DeltaShape):
    """An attack step that differs."""


class RoutedShape(RouteShape, DeltaShape):
    """An attack path that differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One list of a diff.

    Attributes:
        name: The field of ``Diff`` and of its JSON.
        items: Finds the items of both sides; what is the same on both may be left out.
        key: What an item is known by, the same on both sides whatever lines have moved; a text.
        told: Returns an item as JSON values.
        rank: How bad an item is, the lower the worse.
        silent: Of what is told, what makes no difference: where it stands, and what goes without saying.
        place: Where an item stands that has another key when it is edited; None for nowhere.
    """

    name: Name
    items: Callable[[Both], tuple[Iterable[Any], Iterable[Any]]]
    key: Callable[[Any], str]
    told: Callable[[Any], Mapping[str, Any]]
    rank: Callable[[Any], int]
    silent: frozenset[str] = frozenset({"file", "line", "because"})
    place: Callable[[Any], Hashable] = lambda _: None

    def compared(self, both: Both) -> tuple[Delta[Any], ...]:
        """Return where the two clusters differ: what is new, has changed, is gone; the worst of each first."""
        old, new = self.items(both)
        deltas = compared(old, new, key=self.key, says=self._says, place=self.place, follow=both.follow)
        return tuple(sorted(deltas, key=lambda delta: (_ORDER.index(delta.change), self.rank(delta.item))))

    def _says(self, item: Any) -> dict[str, Any]:
        return {name: _anywhere(value) for name, value in self.told(item).items() if name not in self.silent}

    def opens(self, delta: Delta[Any]) -> bool:
        """Return whether something is found that was not, or is no better than it was."""
        return delta.new is not None and (delta.old is None or self.rank(delta.new) <= self.rank(delta.old))

    def closes(self, delta: Delta[Any]) -> bool:
        """Return whether something is found no longer, or is no worse than it was."""
        return delta.old is not None and (delta.new is None or self.rank(delta.new) >= self.rank(delta.old))

    def facts(self, delta: Delta[Any]) -> dict[str, Any]:
        """Return a difference as JSON values: the item, as it is or as it was, and what became of it.

        Of what has changed, ``was`` says what it said before, as far as that differs.
        """
        now = self.told(delta.item)
        if delta.change != "changed":
            return {**now, "change": delta.change}
        before, says = self.told(delta.old), self._says(delta.new)
        was = {name: before[name] for name, value in self._says(delta.old).items() if value != says[name]}
        return {**now, "change": delta.change, "was": was}

    def key_of(self, delta: Delta[Any]) -> str:
        """Return what a difference is known by in a baseline."""
        return f"{self.name} {delta.change} {delta.key}"


_ORDER = ("added", "changed", "removed")
_RULE = re.compile(r"\b(ingress|egress)\[\d+\](?: peer \d+)?(?:,? port \d+)?")


def _anywhere(value: Any) -> Any:
    """Return what is told without the numbers of rules and their parts, which are where it stands, as lines are."""
    match value:
        case str():
            return _RULE.sub(r"\1", value)
        case dict():
            return {name: _anywhere(each) for name, each in value.items()}
        case _:
            return value


def _place(finding: Finding) -> Hashable:
    return (finding.code, finding.object, finding.position) if finding.position else None


FINDINGS = Section(
    name="findings",
    items=found,
    key=lambda finding: finding.key,
    told=lambda finding: finding.to_dict(),
    rank=lambda finding: finding.severity.rank,
    silent=frozenset({"file", "line", "why", "hint"}),
    place=_place,
)
STEPS = Section(
    name="steps",
    items=compared_steps,
    key=lambda step: step.key,
    told=lambda step: step.to_dict(),
    rank=lambda step: step.certainty,
)
PATHS = Section(
    name="paths",
    items=compared_routes,
    key=lambda route: route.key,
    told=lambda route: route.to_dict(),
    rank=lambda route: route.certainty,
    silent=frozenset({"file", "line", "steps"}),
)
#: Every list that is compared, in the order in which answers hold them.
SECTIONS: tuple[Section, ...] = (FINDINGS, STEPS, PATHS)


def worse(severity: Severity) -> Callable[[Delta[Any]], bool]:
    """Return what says whether a finding was or is as bad as this, or worse."""
    return lambda delta: any(each.severity.rank <= severity.rank for each in (delta.old, delta.new) if each)
