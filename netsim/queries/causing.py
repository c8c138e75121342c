"""Why traffic between two ends is not what it was: found once for rows that are alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from netsim.bits.columns import array, numbered
from netsim.bits.compare import SAME
from netsim.bits.differing import Alike, Ends, Rows
from netsim.bits.sets import Numbers
from netsim.cluster import Compiled
from netsim.ir.objects import Pod
from netsim.queries.blame import Blame, Cause, End, Samples, in_order, object_of
from netsim.queries.outside import address_of
from netsim.queries.pairs import Pair, Region

#: What made a difference, sorted; many rows share one.
Causes = tuple[Cause, ...]


@dataclass(slots=True)
class Causing:
    """The work of finding out why; used once, then dropped.

    Attributes:
        sources, targets: The ends, by number. ``samples``: the ports to ask about, by what traffic was and is.
    """

    old: Compiled
    new: Compiled
    sources: Sequence[Pair | Region]
    targets: Sequence[Pair | Region]
    samples: Sequence[Samples]
    _blame: Blame = field(init=False)
    _known: dict[Causes, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._blame = Blame(self.old, self.new)

    def of(self, rows: Rows, sources: Ends, targets: Ends) -> tuple[list[Causes], Numbers]:
        """Return what made any difference, and which of these made that of each row."""
        alike, numbers = rows.alike(sources, targets)
        found = [self._causes(rows, each) for each in alike]
        if any(of_labels for _, of_labels in found):
            because, numbers = self._with_labels(rows, found, numbers)
        else:
            because = [causes for causes, _ in found]
        places = array([self._known.setdefault(causes, len(self._known)) for causes in because])
        return [*self._known], places[numbers]

    def _causes(self, rows: Rows, alike: Alike) -> tuple[Causes, bool]:
        """Return what made a difference, and whether the labels of its ends did, too."""
        at = alike.row
        source, target = self.sources[int(rows.sources[at])], self.targets[int(rows.destinations[at])]
        if None in source.joint or None in target.joint:
            return come_or_gone(self.old, self.new, source, target), False
        ends = [(_end(source, side), _end(target, side)) for side in (0, 1)]
        cases = (int(rows.egress[at]), int(rows.ingress[at]))
        asked = None if any(alike.itself) or min(cases) < SAME else cases
        family = self.old.program.families[int(rows.families[at])]
        return self._blame.of(ends[0], ends[1], self.samples[int(rows.shifts[at])], family, asked)

    def _with_labels(
        self, rows: Rows, found: Sequence[tuple[Causes, bool]], numbers: Numbers
    ) -> tuple[list[Causes], Numbers]:
        """Return the reasons and those of each row, with the labels of its ends where they are among the reasons."""
        told: dict[Causes, int] = {(): 0}
        labels = [
            array([told.setdefault(self._labels(end), len(told)) for end in ends])
            for ends in (self.sources, self.targets)
        ]
        of_labels = array([own for _, own in found])[numbers]
        ours, theirs = labels[0][rows.sources] * of_labels, labels[1][rows.destinations] * of_labels
        parted, firsts = numbered(numbers, ours, theirs)
        every = [*told]
        because = []
        for number, one, other in zip(*(each[firsts].tolist() for each in (numbers, ours, theirs)), strict=True):
            causes = found[number][0]
            because.append(in_order([*causes, *every[one], *every[other]]) if one or other else causes)
        return because, parted

    def _labels(self, end: Pair | Region) -> Causes:
        """Return the workload and the namespace of an end where they are not the same in both inputs."""
        if isinstance(end, Region) or end.old is None or end.new is None:
            return ()
        one = self.old.program.endpoints[end.old.endpoints[0]]
        other = self.new.program.endpoints[end.new.endpoints[0]]
        if isinstance(one, Pod) and isinstance(other, Pod):
            return tuple(self._blame.changed.labels(one, other))
        return ()


def _end(end: Pair | Region, at: int) -> End:
    if isinstance(end, Region):
        return address_of(end.family, end.ranges[0][0])
    unit = end.new if at else end.old
    if unit is None:
        raise ValueError(f"{end.name} is in one input only")
    return unit.endpoints[0]


def come_or_gone(old: Compiled, new: Compiled, *ends: Pair | Region) -> Causes:
    """Return the workloads that are in one input only: they explain their connections."""
    found = []
    for end in ends:
        if isinstance(end, Pair) and (end.old is None or end.new is None):
            cluster, unit, side, what = (new, end.new, "new", "added") if end.new else (old, end.old, "old", "removed")
            pod = cluster.program.endpoints[unit.endpoints[0]] if unit else None
            if isinstance(pod, Pod):
                found.append(Cause(object_of(pod), None, None, pod.place, side, what))
    return tuple(dict.fromkeys(found))
