"""Connections that are not what they were."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, NotRequired, TypedDict

from netsim.ir.objects import Family
from netsim.ir.shapes import EndsShape, NamedShape, PlaceShape, TrafficShape, named
from netsim.ir.traffic import NONE, Traffic
from netsim.queries.answer import BetweenShape, between
from netsim.queries.blame import Cause
from netsim.queries.moved import Moved, Risk
from netsim.queries.risk import CauseKind, cause_kinds
from netsim.queries.seam import Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Moved):
    """One connection that is not what it was.

    Attributes:
        change: ``added`` (nothing was allowed), ``removed`` (nothing is), or ``changed``.
        family: Set where only the connections of one address family changed so; None otherwise.
        network: The secondary network that it is on; None for the pod network and those that take its place.
        because: What did it, sorted.
        risks: Why it deserves a look, the gravest first.
    """

    source: str
    destination: str
    old: Traffic
    new: Traffic
    old_unknown: Traffic = NONE
    new_unknown: Traffic = NONE
    family: Family | None = None
    network: str | None = None
    because: tuple[Cause, ...] = ()
    risks: tuple[Risk, ...] = ()

    def rated(self, risks: tuple[Risk, ...]) -> "Change":
        """Return the change with its risks: as ``dataclasses.replace`` would, of which a million take long."""
        return Change(
            source=self.source,
            destination=self.destination,
            old=self.old,
            new=self.new,
            old_unknown=self.old_unknown,
            new_unknown=self.new_unknown,
            family=self.family,
            network=self.network,
            because=self.because,
            risks=risks,
        )

    @property
    def key(self) -> str:
        """What it is known by in a baseline."""
        where = "".join(f" {what}" for what in (self.family, self.network) if what)
        return f"connection {self.ends}{where}"


class CauseShape(NamedShape, PlaceShape):
    """What did it, and in which input it stands."""

    object: str
    policy: str | None
    rule: str | None
    side: Annotated[str, ("old", "new", "")]
    what: str


class UnknownShape(TypedDict):
    """What may be allowed, before and after."""

    old_unknown: NotRequired[TrafficShape]
    new_unknown: NotRequired[TrafficShape]


class MovedShape(EndsShape, UnknownShape):
    """Traffic that is not what it was: null where nothing is allowed."""

    old: TrafficShape | None
    new: TrafficShape | None
    change: Word
    risks: Annotated[list[str], Risk]
    because: list[CauseShape]


class ChangeShape(MovedShape, BetweenShape):
    """One connection that is not what it was."""

    causes: Annotated[list[str], CauseKind]


def unknown_dict(moved: Moved) -> UnknownShape:
    """Return what may be allowed as JSON values, where something may."""
    shape: UnknownShape = {}
    if moved.old_unknown:
        shape["old_unknown"] = moved.old_unknown.to_json()
    if moved.new_unknown:
        shape["new_unknown"] = moved.new_unknown.to_json()
    return shape


def change_dict(change: Change) -> ChangeShape:
    """Return a change as JSON values."""
    return {
        "from": change.source,
        "to": change.destination,
        "old": change.old.to_json() if change.old else None,
        "new": change.new.to_json() if change.new else None,
        **unknown_dict(change),
        **between(change.family, change.network),
        "change": change.change,
        "risks": list(change.risks),
        "causes": list(cause_kinds(change.because)),
        "because": causes_list(change.because),
    }


def causes_list(causes: Iterable[Cause]) -> list[CauseShape]:
    """Return causes as JSON values."""
    return [
        {
            "object": cause.object,
            "policy": cause.policy,
            "rule": cause.rule,
            **named(cause.name),
            "file": cause.place.file,
            "line": cause.place.line or None,
            "side": cause.side,
            "what": cause.what,
        }
        for cause in causes
    ]
