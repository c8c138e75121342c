"""Every allowed connection between workloads, and with the outside."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NotRequired, TypedDict

from netsim.bits.reach import Answer as Traffics
from netsim.cluster import Compiled
from netsim.graph.export import digraph
from netsim.ingest.ports import asked
from netsim.ir.objects import Family, Network
from netsim.ir.shapes import EndsShape, TrafficShape
from netsim.ir.still import still
from netsim.ir.traffic import NONE, Traffic
from netsim.queries.answer import BetweenShape, Listing, ListingSummary, between, frame, warnings_of
from netsim.queries.assumptions import of_listing
from netsim.queries.controllers import INGRESS_CONTROLLER
from netsim.queries.counting import Totals, between_units, with_outside
from netsim.queries.entries import WayIn, WayInShape, Ways
from netsim.queries.focus import Focus, Peers, products
from netsim.queries.listing import Ends, Line, Lister
from netsim.queries.units import Unit, every_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One line of a listing.

    Attributes:
        traffic: What is allowed. ``unknown``: what may be allowed.
        family: Set where the address families of the two do not agree; None otherwise.
        network: The network that it is on; None where the input names none but the pod network.
    """

    source: str
    destination: str
    traffic: Traffic
    unknown: Traffic = NONE
    family: Family | None = None
    network: str | None = None


class ConnectionShape(EndsShape, BetweenShape):
    """Some traffic from one to another."""

    traffic: TrafficShape


class ReachabilityShape(TypedDict):
    """Which connections are allowed. Where only the counts were asked for, there is nothing else."""

    summary: ListingSummary
    connections: NotRequired[list[ConnectionShape]]
    unknown: NotRequired[list[ConnectionShape]]
    entries: NotRequired[list[WayInShape]]


@dataclass(frozen=True, kw_only=True)
class Reachability(Listing):
    """Which connections are allowed, listed by source.

    Iterating yields a Connection for each pair with some traffic that is allowed or unknown, sorted: workloads, then
    addresses. A workload's connections to itself are left out; pod by pod, those between its pods are listed.

    Attributes:
        entries: The ways into the cluster that lead to what is listed, whether policies allow them or not.
        listed: For each source, the lines of what it reaches; sources that reach the same share one tuple.
        totals: How many lines there would be, where only the counts were asked for; None otherwise.
    """

    kind: ClassVar[str] = "Reachability"

    listed: tuple[tuple[str, tuple[Line, ...]], ...]
    entries: tuple[WayIn, ...] = ()
    totals: Totals | None = None

    def __iter__(self) -> Iterator[Connection]:
        for source, lines in self.listed:
            for line in lines:
                if line.destination != source:
                    yield Connection(
                        source=source,
                        destination=line.destination,
                        traffic=line.traffic,
                        unknown=line.unknown,
                        family=line.family,
                        network=line.network,
                    )

    def __len__(self) -> int:
        return self.counted[0] + self.counted[1]

    @property
    def counted(self) -> tuple[int, int]:
        """How many lines have some allowed traffic, and how many are unknown only."""
        if self.totals is not None:
            return self.totals.allowed, self.totals.unknown
        tallies: dict[int, tuple[int, int]] = {}
        allowed = unknown = 0
        for source, lines in self.listed:
            if id(lines) not in tallies:
                yes = sum(bool(line.traffic) for line in lines)
                tallies[id(lines)] = yes, len(lines) - yes
            own = [line for line in lines if line.destination == source]
            yes = sum(bool(line.traffic) for line in own)
            allowed += tallies[id(lines)][0] - yes
            unknown += tallies[id(lines)][1] - (len(own) - yes)
        return allowed, unknown

    @property
    def summary_only(self) -> bool:
        """Whether only the counts were asked for."""
        return self.totals is not None

    @property
    def networked(self) -> bool:
        """Whether rows say which network they are on."""
        return any(line.network for _, lines in self.listed for line in lines[:1])

    def facts(self) -> ReachabilityShape:
        """Return the listing as JSON values; where only the counts were asked for, those."""
        if self.summary_only:
            return {"summary": self.summary}
        return {
            "summary": self.summary,
            "connections": [_row_dict(row, row.traffic) for row in self if row.traffic],
            "unknown": [_row_dict(row, row.unknown) for row in self if row.unknown],
            "entries": [way.to_dict() for way in self.entries],
        }

    def to_frame(self) -> Any:
        """Return the listing as a pandas DataFrame: from, to, traffic, unknown, family; network where it is set."""
        columns = ("from", "to", "traffic", "unknown", "family", *(("network",) if self.networked else ()))
        rows = (
            (
                row.source,
                row.destination,
                str(row.traffic),
                str(row.unknown),
                str(row.family) if row.family else None,
                row.network,
            )[: len(columns)]
            for row in self
        )
        return frame(columns, rows)

    def to_networkx(self) -> Any:
        """Return the listing as a ``networkx.MultiDiGraph``: edges with ``traffic`` and ``unknown`` as text."""
        edges = (
            (row.source, row.destination, {"traffic": str(row.traffic), "unknown": str(row.unknown)}) for row in self
        )
        return digraph((), edges)


def _row_dict(row: Connection, traffic: Traffic) -> ConnectionShape:
    ends = between(row.family, row.network)
    return {"from": row.source, "to": row.destination, "traffic": traffic.to_json(), **ends}


@still()
def reach(
    cluster: Compiled,
    *,
    source: Peers = None,
    destination: Peers = None,
    workload: Peers = None,
    port: int | str | None = None,
    pods: bool = False,
    summary: bool = False,
) -> Reachability:
    """Return every allowed connection.

    Args:
        source, destination: List those of these peers alone; nodes are listed only where they are named here.
        workload: List those of which either end is one of these peers.
        port: Count this traffic alone.
        pods: Pod by pod instead of workload by workload.
        summary: The counts alone.
    """
    wanted = None if port is None else asked(port)
    focus = Focus(source=source, destination=destination, workload=workload)
    chosen = [product for (product,) in products(focus, cluster)]
    listings = [
        Lister(cluster.reachability, Ends.of(cluster, one, pods=pods), Ends.of(cluster, other, pods=pods), wanted)
        for one, other in chosen
    ]
    ways = Ways(cluster, by_pod=pods, products=chosen, wanted=wanted)
    entered = _entered(ways)
    everyone = every_unit(cluster, by_pod=pods)
    return Reachability(
        listed=() if summary else _in_order(listings, entered),
        totals=_totals(listings, entered) if summary else None,
        endpoints=len(everyone),
        classes=len({unit.member for unit in everyone}),
        policies=len(cluster.snapshot.policies),
        entries=() if summary else ways.rows(),
        assumptions=(*of_listing(cluster), *ways.assumptions()),
        warnings=(*warnings_of(cluster), *ways.notices()),
    )


def _totals(listings: Sequence[Lister], entered: tuple[Line, ...]) -> Totals:
    inner, outer = Counter[bool](), Counter(bool(line.traffic) for line in entered)
    for listing in listings:
        inner.update(between_units(listing))
        outer.update(with_outside(listing))
    return Totals(inner=(inner[True], inner[False]), outer=(outer[True], outer[False]))


def _entered(ways: Ways) -> tuple[Line, ...]:
    """Return what the controller reaches that is not in the input."""
    return tuple(Line(unit.name, *opened, None) for unit, opened in sorted(ways.opened().items(), key=_by_name))


def _by_name(entry: tuple[Unit, Traffics]) -> str:
    return entry[0].name


def _in_order(listings: Sequence[Lister], entered: tuple[Line, ...]) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    """Return the rows of listings without a common source: workloads, what enters by controllers, then addresses."""
    inner = sorted((rows for listing in listings for rows in listing.from_units()), key=lambda rows: rows[0])
    outer = sorted((rows for listing in listings for rows in listing.from_outside()), key=lambda rows: _order(rows[0]))
    controller = [(INGRESS_CONTROLLER, entered)] if entered else []
    return (*inner, *controller, *((str(cidr), lines) for cidr, lines in outer))


def _order(cidr: Network) -> tuple[int, int, int]:
    return cidr.version, int(cidr.network_address), cidr.prefixlen
