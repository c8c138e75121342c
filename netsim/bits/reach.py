"""Who may open what to whom, factored: never pods by pods."""

from collections.abc import Mapping, Sequence

import numpy as np

from netsim.bits.sets import Numbers, TrafficSets
from netsim.bits.table import Table
from netsim.ir.objects import Family, Node, Pod
from netsim.ir.policy import Direction, Tier
from netsim.ir.traffic import Traffic
from netsim.lower.program import Program, Sort

#: Traffic that is allowed, and traffic of which that is unknown.
Answer = tuple[Traffic, Traffic]


class Reach:
    """The reachability relation of a Program: ``egress[group(src)][dst] AND ingress[group(dst)][src]`` (S1.2).

    Rows speak of classes; what hangs on the very endpoints (a pod and itself, a pod and its own node, S2.9) is in
    ``between`` and ``exception`` alone.

    Source:
        Classes and packed rules: Kano, Li et al., HotI 2020; atoms: Yang and Lam, ICNP 2013.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.sets = TrafficSets(program.atoms.everything)
        self.tables: Mapping[tuple[Direction, Family], Table] = {
            (direction, family): Table(program, direction, family, self.sets)
            for direction in Direction
            for family in program.families
        }
        self._traffic: dict[int, Answer] = {}

    def row(self, source: int, family: Family) -> Numbers:
        """Return, for every class as destination, the number of the traffic that the class ``source`` may open."""
        egress = self.tables[Direction.EGRESS, family]
        ingress = self.tables[Direction.INGRESS, family]
        opened = egress.row(int(egress.group_of[source]))
        accepted = ingress.column(source)[ingress.group_of]
        return self.sets.meet(opened, accepted)

    def column(self, destination: int, family: Family) -> Numbers:
        """Return, for every class as source, the number of the traffic that it may open to ``destination``."""
        egress = self.tables[Direction.EGRESS, family]
        ingress = self.tables[Direction.INGRESS, family]
        opened = egress.column(destination)[egress.group_of]
        accepted = ingress.row(int(ingress.group_of[destination]))
        return self.sets.meet(opened, accepted)

    def targets(self, members: Sequence[int]) -> "Targets":
        """Return a way to ask what sources reach of these classes, which may repeat."""
        return Targets(self, members)

    def cell(self, source: int, destination: int, family: Family) -> int:
        """Return the number of the traffic that one class may open to another."""
        egress = self.tables[Direction.EGRESS, family]
        ingress = self.tables[Direction.INGRESS, family]
        opened = egress.cell(int(egress.group_of[source]), destination)
        accepted = ingress.cell(int(ingress.group_of[destination]), source)
        return self._met(opened, accepted)

    def _met(self, opened: int, accepted: int) -> int:
        pair = (np.asarray([opened], dtype=np.int32), np.asarray([accepted], dtype=np.int32))
        return int(self.sets.meet(*pair)[0])

    def traffic(self, number: int) -> Answer:
        """Return a traffic set by its number."""
        if number not in self._traffic:
            allowed, unknown = self.sets.answers[number]
            atoms = self.program.atoms
            self._traffic[number] = atoms.traffic(allowed), atoms.traffic(unknown)
        return self._traffic[number]

    def between(self, source: int, destination: int, family: Family) -> Answer:
        """Return the traffic that one endpoint may open to another, by their numbers, exceptions included."""
        return self.traffic(self.between_number(source, destination, family))

    def between_number(self, source: int, destination: int, family: Family) -> int:
        """Return ``between`` as a number."""
        program = self.program
        one, other = program.endpoints[source], program.endpoints[destination]
        if source == destination and isinstance(one, Pod) and not one.template:  # S2.9
            return TrafficSets.EVERYTHING
        return self.exception(
            self.cell(program.class_of[source], program.class_of[destination], family),
            program.class_of[source],
            program.class_of[destination],
            family,
            _node_of(one),
            _node_of(other),
        )

    def exception(
        self, number: int, source: int, destination: int, family: Family, one: str | None, other: str | None
    ) -> int:
        """Return the traffic of two classes once their endpoints' nodes are known: a pod's own node enters (S2.9).

        Args:
            number: The traffic of the classes without the exception.
            one, other: The nodes of the source and of the destination; None where not known.
        """
        program = self.program
        group = program.groups[Direction.INGRESS][program.group_of[Direction.INGRESS][destination]]
        own_node = program.profile.own_node_enters and program.classes[source].sort is Sort.HOST
        guarded = group.isolated or any(rule.tier is Tier.NETWORK for rule in group.rules)
        if not own_node or not guarded or (one is not None and other is not None and one != other):
            return number
        egress, ingress = self.tables[Direction.EGRESS, family], self.tables[Direction.INGRESS, family]
        opened = egress.cell(int(egress.group_of[source]), destination)
        accepted = ingress.entered(int(ingress.group_of[destination]), source)
        entered = self._met(opened, accepted)
        if one is not None and other is not None:
            return entered
        surely, perhaps = self.sets.answers[number], self.sets.answers[entered]
        return self.sets.number((surely[0], (perhaps[0] | perhaps[1] | surely[1]) & ~surely[0]))


def _node_of(endpoint: Pod | Node) -> str | None:
    return endpoint.name if isinstance(endpoint, Node) else endpoint.node


class Targets:
    """Many destinations, by class, asked about at once: what a source does not reach costs nothing to pass over."""

    def __init__(self, reach: Reach, members: Sequence[int]) -> None:
        self._reach = reach
        self._members: Numbers = np.asarray(members, dtype=np.int32)

    def reached(self, source: int, family: Family) -> list[tuple[int, int]]:
        """Return the destinations that the class reaches, by index, with the number of the traffic."""
        numbers = self._reach.row(source, family)[self._members]
        found = np.flatnonzero(numbers != TrafficSets.NOTHING)
        return list(zip(found.tolist(), numbers[found].tolist(), strict=True))

    def opened(self, source: int, family: Family) -> Numbers:
        """Return the number of the traffic that a class may open to each of the classes."""
        return self._reach.row(source, family)[self._members]

    def accepted(self, destination: int, family: Family) -> Numbers:
        """Return the number of the traffic that each of the classes may open to a class."""
        return self._reach.column(destination, family)[self._members]


def distinct(rows: Sequence[Numbers], without: int | None = None) -> list[tuple[int, tuple[int, ...]]]:
    """Return the first index of each distinct column of some rows of one length, with the column, by index.

    Args:
        without: An index that is left out.
    """
    size = len(rows[0])
    kept = np.arange(size) if without is None else np.delete(np.arange(size), without)
    keys = np.zeros(len(kept), dtype=np.int64)
    for row in rows:
        keys = keys * (int(row.max(initial=0)) + 1) + row[kept]
    firsts = np.sort(np.unique(keys, return_index=True)[1])
    return [(int(kept[first]), tuple(int(row[kept[first]]) for row in rows)) for first in firsts]
