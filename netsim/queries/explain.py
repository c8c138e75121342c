"""A listing with the rules behind each row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from typing import Any

from netsim.cluster import Compiled
from netsim.ir.objects import Family, Node
from netsim.ir.policy import Direction
from netsim.ir.traffic import Protocol, Traffic
from netsim.queries.blame import Cause, End, Ends, Sides
from netsim.queries.outside import outside_classes
from netsim.queries.reach import Connection, Reachability
from netsim.queries.units import Unit, met_nodes, units

Causes = tuple[Cause, ...]

#: A protocol, a first port and a last one.
Run = tuple[Protocol, int, int]


@dataclass(frozen=True, slots=True)
class Ground:
    """What allows, or may allow, some of a row's traffic: the rules of each direction, none where none is asked."""

    traffic: Traffic
    egress: Causes
    ingress: Causes


@dataclass(frozen=True, kw_only=True)
class Explained(Reachability):
    """A listing; ``grounds`` holds what is behind each row, in the order of the rows."""

    grounds: tuple[tuple[Ground, ...], ...]

    def facts(self) -> Mapping[str, Any]:
        """Return the listing as JSON values, each row with what allows it."""
        rows = [(row, grounds) for row, grounds in zip(self, self.grounds, strict=True)]
        return {
            "summary": self.summary,
            "connections": [_row_dict(row, row.traffic, grounds) for row, grounds in rows if row.traffic],
            "unknown": [_row_dict(row, row.unknown, grounds) for row, grounds in rows if row.unknown],
        }


def _row_dict(row: Connection, traffic: Traffic, grounds: Sequence[Ground]) -> dict[str, Any]:
    return {
        "from": row.source,
        "to": row.destination,
        "traffic": traffic.to_json(),
        **({"family": str(row.family)} if row.family else {}),
        "because": [
            {
                "traffic": (ground.traffic & traffic).to_json(),
                "egress": [_cause_dict(cause) for cause in ground.egress],
                "ingress": [_cause_dict(cause) for cause in ground.ingress],
            }
            for ground in grounds
            if ground.traffic & traffic
        ],
    }


def _cause_dict(cause: Cause) -> dict[str, Any]:
    return {
        "policy": cause.policy,
        "rule": cause.rule,
        "file": cause.place.file,
        "line": cause.place.line or None,
        "what": cause.what,
    }


def explain(cluster: Compiled, answer: Reachability, *, pods: bool = False) -> Explained:
    """Return a listing of the cluster with what is behind each row.

    Args:
        pods: Whether the listing is pod by pod.
    """
    work = _Work(cluster, pods)
    own = {entry.name: getattr(answer, entry.name) for entry in fields(answer)}
    return Explained(**own, grounds=tuple(work.grounds(row) for row in answer))


@dataclass(slots=True)
class _Work:
    """The work of one explanation; used once, then dropped."""

    cluster: Compiled
    by_pod: bool
    sides: Sides = field(init=False)
    units: Mapping[str, Unit] = field(init=False)
    _named: dict[str, tuple[End, ...]] = field(default_factory=dict)
    _known: dict[object, tuple[Causes, ...]] = field(default_factory=dict)
    _cut: dict[Traffic, tuple[Run, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        program = self.cluster.program
        self.sides = Sides(self.cluster)
        everything = units(program, range(len(program.endpoints)), by_pod=self.by_pod)
        self.units = {unit.name: unit for unit in everything}

    def grounds(self, row: Connection) -> tuple[Ground, ...]:
        """Return what is behind a row: runs of ports that the same rules allow, in order."""
        ends = [(one, other) for one in self._ends(row.source) for other in self._ends(row.destination)]
        source, destination = self.units.get(row.source), self.units.get(row.destination)
        if source and destination:
            ends = [self._met(source, destination)]
        family = row.family or self._family(row)
        traffic = row.traffic | row.unknown
        egress, ingress = (self._behind(direction, ends, traffic, family) for direction in _BOTH)
        found: dict[tuple[Causes, Causes], list[Run]] = {}
        for run, one, other in zip(self._runs(traffic), egress, ingress, strict=True):
            found.setdefault((one, other), []).append(run)
        return tuple(Ground(Traffic.of(runs), *sides) for sides, runs in found.items())

    def _behind(
        self, direction: Direction, ends: Sequence[Ends], traffic: Traffic, family: Family
    ) -> tuple[Causes, ...]:
        """Return the rules of one direction for each run of the traffic; rows of one case share them."""
        key = (direction, traffic, family, *(self.sides.case(direction, one, other) for one, other in ends))
        if key not in self._known:
            self._known[key] = tuple(
                self._says(direction, ends, (protocol, first, family)) for protocol, first, _ in self._runs(traffic)
            )
        return self._known[key]

    def _says(self, direction: Direction, ends: Sequence[Ends], asked: tuple[Protocol, int, Family]) -> Causes:
        said = (self.sides.says(direction, one, other, *asked)[1] for one, other in ends)
        return tuple(dict.fromkeys(cause for causes in said for cause in causes))

    def _runs(self, traffic: Traffic) -> tuple[Run, ...]:
        """Return the traffic in runs of ports that no rule tells apart."""
        if traffic not in self._cut:
            self._cut[traffic] = tuple(self._pieces(traffic))
        return self._cut[traffic]

    def _pieces(self, traffic: Traffic) -> Iterator[Run]:
        for protocol, first, last in traffic:
            inside = [start for start in self.cluster.program.atoms.starts[protocol] if first < start <= last]
            for start, after in zip([first, *inside], [*inside, last + 1], strict=True):
                yield protocol, start, after - 1

    def _family(self, row: Connection) -> Family:
        """Return a family in which the row's ends connect: they fare alike in all."""
        for name in (row.source, row.destination):
            if name not in self.units:
                return Family(ip_network(name).version)
        one, other = self.units[row.source].families, self.units[row.destination].families
        return min(one & other or one | other)

    def _ends(self, name: str) -> tuple[End, ...]:
        """Return an endpoint of a unit, or an address for each region of a block that rules tell apart."""
        if name not in self._named:
            unit = self.units.get(name)
            if unit:
                self._named[name] = (unit.endpoints[0],)
            else:
                block = ip_network(name)
                regions = outside_classes(self.cluster.program, (block,)).values()
                first = (ranges[0][0] - int(block.network_address) for ranges in regions)
                self._named[name] = tuple(block[offset] for offset in first)
        return self._named[name]

    def _met(self, source: Unit, destination: Unit) -> Ends:
        """Return an endpoint of each, on one node where some are (S2.9)."""
        node, other = met_nodes(source, destination)
        if node is None or node != other:
            return source.endpoints[0], destination.endpoints[0]
        return self._on(source, node), self._on(destination, node)

    def _on(self, unit: Unit, node: str) -> int:
        endpoints = ((number, self.cluster.program.endpoints[number]) for number in unit.endpoints)
        return next(number for number, e in endpoints if (e.name if isinstance(e, Node) else e.node) == node)


_BOTH = (Direction.EGRESS, Direction.INGRESS)
