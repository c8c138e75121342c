"""Connections that are not what they were."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, NotRequired, TypedDict, overload

from netsim.bits.columns import Triples
from netsim.ir.objects import Family
from netsim.ir.shapes import EndsShape, NamedShape, PlaceShape, TrafficShape, named
from netsim.ir.traffic import NONE, Traffic
from netsim.queries.answer import BetweenShape, between
from netsim.queries.blame import Cause
from netsim.queries.moved import Moved, Risk
from netsim.queries.outside import sorting_key
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

    def between(self, source: str, destination: str) -> "Change":
        """Return the change of other ends: as ``dataclasses.replace`` would, of which a million take long."""
        return Change(
            source=source,
            destination=destination,
            old=self.old,
            new=self.new,
            old_unknown=self.old_unknown,
            new_unknown=self.new_unknown,
            family=self.family,
            network=self.network,
            because=self.because,
            risks=self.risks,
        )

    def rated(self, risks: tuple[Risk, ...]) -> "Change":
        """Return the change with its risks."""
        return replace(self, risks=risks) if risks else self

    @property
    def key(self) -> str:
        """What it is known by in a baseline."""
        where = "".join(f" {what}" for what in (self.family, self.network) if what)
        return f"connection {self.ends}{where}"


class Changes(Sequence[Change]):
    """Changes in an order, of which those that are alike but for their ends are told once.

    A value for each of a million takes longer than to find out what they are: one is made when somebody looks at it.

    Attributes:
        names: The ends, by number.
        kinds: Changes without ends, one for all that are alike.
        rows: For each change the numbers of its source, its destination and its kind.
    """

    def __init__(self, names: Sequence[str], kinds: Sequence[Change], rows: Triples) -> None:
        self.names, self.kinds, self.rows = names, kinds, rows

    @staticmethod
    def of(changes: Iterable[Change]) -> "Changes":
        """Return changes as they are held."""
        if isinstance(changes, Changes):
            return changes
        names: dict[str, int] = {}
        kinds: dict[Change, int] = {}
        rows = [
            (
                names.setdefault(each.source, len(names)),
                names.setdefault(each.destination, len(names)),
                kinds.setdefault(each.between("", ""), len(kinds)),
            )
            for each in changes
        ]
        return Changes([*names], [*kinds], Triples.of(rows))

    @staticmethod
    def joined(some: Sequence["Changes"]) -> "Changes":
        """Return the changes of several, one after the other."""
        if len(some) == 1:
            return some[0]
        names: dict[str, int] = {}
        kinds: list[Change] = []
        rows = []
        for own in some:
            places = [names.setdefault(name, len(names)) for name in own.names]
            rows.append(own.rows.renumbered(places, range(len(kinds), len(kinds) + len(own.kinds))))
            kinds += own.kinds
        return Changes([*names], kinds, Triples.joined(rows) if rows else Triples.of(()))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Change]:
        return (kind.between(source, destination) for source, destination, kind in self.each())

    def each(self) -> Iterator[tuple[str, str, Change]]:
        """Yield the source and the destination of each change, with its kind."""
        names, kinds = self.names, self.kinds
        return ((names[source], names[destination], kinds[kind]) for source, destination, kind in self.rows)

    @overload
    def __getitem__(self, at: int) -> Change: ...
    @overload
    def __getitem__(self, at: slice) -> "Changes": ...
    def __getitem__(self, at: int | slice) -> "Change | Changes":
        if isinstance(at, slice):
            return Changes(self.names, self.kinds, self.rows.taken(at))
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        return next(iter(self[at : at + 1 or None]))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Changes | tuple):
            return NotImplemented
        return len(self) == len(other) and all(one == another for one, another in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Changes({[*self]!r})"

    @cached_property
    def alike(self) -> tuple[tuple[Change, int], ...]:
        """The kinds that there are, and how many changes are of each."""
        counts = self.rows.counts(len(self.kinds))
        return tuple((kind, count) for kind, count in zip(self.kinds, counts, strict=True) if count)

    @property
    def sources(self) -> frozenset[str]:
        """Whose connections differ."""
        return frozenset(self.names[number] for number in self.rows.distinct_sources())

    @property
    def destinations(self) -> frozenset[str]:
        """The connections to whom differ."""
        return frozenset(self.names[number] for number in self.rows.distinct_destinations())

    def of_kinds(self, wanted: Callable[[Change], bool]) -> "Changes":
        """Return the changes of the kinds that are wanted."""
        own = [wanted(kind) for kind in self.kinds]
        return self if all(own) else Changes(self.names, self.kinds, self.rows.taken(self.rows.of_kinds(own)))

    def onto(self, destination: str) -> "Changes":
        """Return the changes of connections to one end."""
        rows = self.rows.onto([name == destination for name in self.names])
        return Changes(self.names, self.kinds, rows)

    def in_order(self) -> "Changes":
        """Return the changes sorted by their ends, each of which is read once: workloads, then addresses."""
        order = sorted(range(len(self.names)), key=lambda at: sorting_key(self.names[at]))
        ranks = {family: rank for rank, family in enumerate(sorted({str(kind.family) for kind in self.kinds}))}
        rows = self.rows.in_order(_places(order), [ranks[str(kind.family)] for kind in self.kinds])
        return Changes(self.names, self.kinds, rows)

    def by_kind(self, rank: Callable[[Change], Any]) -> "Changes":
        """Return the changes sorted by a rank of their kinds; those of one rank in their order."""
        return Changes(self.names, self.kinds, self.rows.by_kind(_ranks(self.kinds, rank)))

    def stretches(self, rank: Callable[[Change], Any]) -> Iterator[tuple[Any, "Changes"]]:
        """Yield the changes of each rank of kinds, in the order of the ranks, with the rank."""
        known = {rank(kind) for kind in self.kinds}
        ranks = _ranks(self.kinds, rank)
        order = sorted(known)
        for number, rows in self.rows.by_kind(ranks).runs(ranks):
            yield order[number], Changes(self.names, self.kinds, rows)

    def rated(self, end: Callable[[str], int], risks: Callable[[int, int], tuple[Risk, ...]]) -> "Changes":
        """Return the changes with the risks of what they open, which hang on the ends alone.

        Args:
            end: A number for an end: equal for those that make the same risks.
            risks: The risks of what opens between two such ends.
        """
        ends = list(map(end, self.names))
        met, numbers = self.rows.refined(ends, ends, [kind.opens for kind in self.kinds])
        known: dict[tuple[Risk, ...], int] = {}
        found = [known.setdefault(risks(*own) if opens else (), len(known)) for *own, opens in met]
        told = [*known]
        parted, rows = self.rows.parted(found, numbers)
        return Changes(self.names, [self.kinds[kind].rated(told[number]) for kind, number in parted], rows)


def _places(order: Sequence[int]) -> list[int]:
    """Return the place of each number in an order of all of them."""
    found = [0] * len(order)
    for place, number in enumerate(order):
        found[number] = place
    return found


def _ranks(kinds: Sequence[Change], rank: Callable[[Change], Any]) -> list[int]:
    known = [rank(kind) for kind in kinds]
    place = {each: at for at, each in enumerate(sorted(set(known)))}
    return [place[each] for each in known]


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
