"""What an edit does to connections: only what the edited policies touch is compared."""

from collections.abc import Iterator, Sequence

from netsim.bits.affected import Affected
from netsim.cluster import Compiled
from netsim.errors import UsageError
from netsim.ir.policy import Direction
from netsim.ir.still import still
from netsim.lower.edit import Edit
from netsim.lower.program import Sort
from netsim.queries.answer import warnings_of
from netsim.queries.assumptions import of_listing
from netsim.queries.changes import Change, Changes
from netsim.queries.comparing import Comparing
from netsim.queries.diff import diff, entered_change
from netsim.queries.differences import Diff
from netsim.queries.entered import Entering
from netsim.queries.focus import Focus, products
from netsim.queries.outside import INTERNET
from netsim.queries.pairs import Pair, Region, Sides, pairs, regions
from netsim.queries.units import roster


@still()
def edited(cluster: Compiled) -> Diff:
    """Return the connections that differ from those of the cluster which this one was edited from.

    Raises:
        UsageError: It was not edited from another.
    """
    if cluster.base is None:
        raise UsageError("this cluster was not edited from another", hint="compare two with netsim.diff(old, new)")
    return Diff(
        changes=Changes.joined([*_changes(cluster.base, cluster)]).in_order(),
        assumptions=of_listing(cluster.base, cluster),
        warnings=tuple(dict.fromkeys([*warnings_of(cluster.base), *warnings_of(cluster)])),
    )


def _changes(old: Compiled, new: Compiled) -> Iterator[Changes]:
    if new.edit is None:  # it had to be compiled anew: everything is compared
        yield Changes.of(diff(old, new).changes)
        return
    everywhere = regions(old, new, INTERNET)
    touched = _Touched(old, new, new.edit)
    opening, accepting = touched.of(Direction.EGRESS), touched.of(Direction.INGRESS)
    if opening:
        met = touched.met(Direction.EGRESS, opening, everywhere)
        yield Comparing(old, new, Sides(opening, ()), met, None).changes()
    if accepting:
        met = touched.met(Direction.INGRESS, accepting, everywhere)
        known = {pair.name for pair in opening}
        others = tuple(pair for pair in met.pairs if pair.name not in known)
        yield Comparing(old, new, Sides(others, met.regions), Sides(accepting, ()), None).changes()
    if new.snapshot.entries:
        yield Changes.of(_entered(old, new, touched))


def _entered(old: Compiled, new: Compiled, touched: "_Touched") -> Iterator[Change]:
    """Yield what an edit does to the connections of a controller that is not in the input."""
    for one, other in products(Focus(), old, new):
        for entered in Entering(old, new, (one, other), touched.every, None, by_pod=False).changes():
            yield entered_change(old, new, entered)


class _Touched:
    """The workloads that an edit touches, and those that may reach them otherwise, or be reached otherwise."""

    def __init__(self, old: Compiled, new: Compiled, edit: Edit) -> None:
        self._old, self._new, self._edit = old, new, edit
        before = {unit.name: unit for unit in roster(old, by_pod=False).pods}
        self._after = roster(new, by_pod=False).pods
        kept = {unit.name for unit in self._after if before.get(unit.name) is unit}
        made = [unit for unit in self._after if unit.name not in kept]
        gone = [unit for name, unit in before.items() if name not in kept]
        self._made = pairs(gone, made, {})
        self._kept = [unit for unit in self._after if unit.name in kept]

    @property
    def every(self) -> tuple[Pair, ...]:
        """Every unit, touched or not."""
        return (*self._made, *(Pair(unit.name, unit, unit) for unit in self._kept))

    def of(self, direction: Direction) -> tuple[Pair, ...]:
        """Return the units of which a direction may say something else, sorted by name."""
        touched = self._edit.touched[direction]
        own = (Pair(unit.name, unit, unit) for unit in self._kept if unit.member in touched)
        return tuple(sorted((*self._made, *own), key=lambda pair: pair.name))

    def met(self, direction: Direction, subjects: Sequence[Pair], outside: Sequence[Region]) -> Sides:
        """Return the units, sorted by name, and the addresses that some of these subjects may meet otherwise."""
        affected = Affected(self._old.reachability, self._new.reachability)
        joints = {pair.joint for pair in subjects}
        members = affected.peers(direction, joints)
        hosts = direction is Direction.INGRESS  # a host may be on a subject's node (S2.9), which classes do not tell
        classes = self._new.program.classes
        own = (
            Pair(unit.name, unit, unit)
            for unit in self._kept
            if unit.member in members or (hosts and classes[unit.member].sort is Sort.HOST)
        )
        regions = (region for region in outside if region.joint[0] in members or region.joint[0] != region.joint[1])
        return Sides(tuple(sorted((*self._made, *own), key=lambda pair: pair.name)), tuple(regions))
