"""Who may open what to whom, factored: never pods by pods."""

from collections.abc import Mapping, Sequence

import numpy as np

from netsim.bits.edited import Edited
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

    def __init__(self, program: Program, edited: "tuple[Reach, Sequence[int]] | None" = None) -> None:
        """``edited`` is the Reach of the program that this one was edited from, and whence its new classes come."""
        self.program = program
        self._traffic: dict[int, Answer] = {}
        keys = [(direction, family) for direction in Direction for family in program.families]
        self.tables: Mapping[tuple[Direction, Family], Table]
        if edited is None:
            self.sets = TrafficSets(program.atoms.everything)
            self.tables = {key: Table(program, *key, self.sets) for key in keys}
        else:
            old, origin = edited
            parted: Numbers = np.asarray(origin, dtype=np.int32)
            same = program.atoms is old.program.atoms
            self.sets = old.sets if same else old.sets.recut(old.program.atoms, program.atoms)
            self.tables = {key: Edited(program, *key, self.sets, (old.tables[key], parted)) for key in keys}

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

    def said(self, direction: Direction, group: int, members: Sequence[int], family: Family) -> Numbers:
        """Return the numbers of the traffic that one direction allows a group with these classes, sorted."""
        return self.tables[direction, family].part(group, np.asarray(members, dtype=np.int32))

    def cell(self, source: int, destination: int, family: Family) -> int:
        """Return the number of the traffic that one class may open to another."""
        egress = self.tables[Direction.EGRESS, family]
        ingress = self.tables[Direction.INGRESS, family]
        opened = egress.cell(int(egress.group_of[source]), destination)
        accepted = ingress.cell(int(ingress.group_of[destination]), source)
        return self.sets.met(opened, accepted)

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
        entered = self.sets.met(opened, accepted)
        if one is not None and other is not None:
            return entered
        surely, perhaps = self.sets.answers[number], self.sets.answers[entered]
        return self.sets.number((surely[0], (perhaps[0] | perhaps[1] | surely[1]) & ~surely[0]))


def _node_of(endpoint: Pod | Node) -> str | None:
    return endpoint.name if isinstance(endpoint, Node) else endpoint.node
