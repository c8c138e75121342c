"""What is measured of each cluster of a fleet: one line a measure, which gives some columns of its row."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from netsim.cluster import Compiled
from netsim.ir.truth import Truth
from netsim.queries.controllers import INGRESS_CONTROLLER
from netsim.queries.entries import WayIn, Ways
from netsim.queries.networks import reach
from netsim.queries.outside import sorting_key
from netsim.queries.reach import Reachability


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Some counts of a cluster.

    Attributes:
        columns: Their names, in order.
        of: Returns them, in that order.
    """

    columns: tuple[str, ...]
    of: Callable[[Compiled], tuple[int, ...]]


def _reachability(cluster: Compiled) -> tuple[int, ...]:
    answer = reach(cluster, summary=True)  # which need not list what it counts
    open_to = exposures(reach(cluster, source="internet"), Ways(cluster).rows())
    exposed = sum(allowed is True for allowed, _ in open_to.values())
    counts = answer.summary
    sizes = (counts["endpoints"], counts["classes"], counts["policies"], counts["connections"], counts["unknown"])
    return (*sizes, exposed, len(answer.warnings))


#: A new measure is one entry here; table, JSON lines and Parquet get its columns from it.
MEASURES = (
    Measure(
        columns=("endpoints", "classes", "policies", "connections", "unknown", "exposed", "warnings"),
        of=_reachability,
    ),
)

#: The columns of all measures, in order.
COLUMNS = tuple(column for measure in MEASURES for column in measure.columns)


def measured(cluster: Compiled) -> tuple[int, ...]:
    """Return every measure of a cluster, in the order of COLUMNS."""
    return tuple(count for measure in MEASURES for count in measure.of(cluster))


def exposures(answer: Reachability, ways: Iterable[WayIn]) -> Mapping[str, tuple[Truth, tuple[str, ...]]]:
    """Return what of a listing is open to the outside: each destination, how surely, and by whom or what.

    The outside are the addresses that the input does not name, and whoever comes by a way in (a Service, an Ingress, a
    hostPort, ...) that policies let through.
    """
    found: dict[str, dict[str, Truth]] = {}
    for destination, who, allowed in [*_by_policy(answer), *_by_ways(ways)]:
        own = found.setdefault(destination, {})
        own[who] = True if allowed or own.get(who) else None
    return {
        destination: (True if any(own.values()) else None, tuple(sorted(own, key=sorting_key)))
        for destination, own in sorted(found.items())
    }


def _by_policy(answer: Reachability) -> Iterator[tuple[str, str, Truth]]:
    for source, lines in answer.listed:
        if source == INGRESS_CONTROLLER or sorting_key(source)[0]:
            yield from ((line.destination, source, True if line.traffic else None) for line in lines)


def _by_ways(ways: Iterable[WayIn]) -> Iterator[tuple[str, str, Truth]]:
    for way in ways:
        if way.allowed is not False:
            yield way.destination, f"{way.kind} {way.name}", way.allowed
