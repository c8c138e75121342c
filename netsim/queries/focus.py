"""Which rows a listing is about: who opens, who accepts, or what has to do with a workload."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import collapse_addresses

from netsim.cluster import Compiled
from netsim.errors import UnknownPeerError, UsageError
from netsim.ir.objects import Network, Pod
from netsim.lower.program import Program
from netsim.queries.outside import INTERNET
from netsim.queries.peers import Chosen, choose

#: Peers as users write them: one, several, or None for every peer.
Peers = str | Sequence[str] | None

#: Sources and destinations.
Product = tuple[Chosen, Chosen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """Which rows a listing is about.

    Attributes:
        source, destination: Rows from these peers alone, to these alone.
        workload: Rows of which either end is one of these; excludes the other two.
    """

    source: Peers = None
    destination: Peers = None
    workload: Peers = None


def products(focus: Focus, *clusters: Compiled) -> tuple[tuple[Product, ...], ...]:
    """Return the sources and destinations to list, for each cluster: one product, or two without a common row.

    Raises:
        UnknownPeerError: A peer names nothing in any of the clusters.
        UsageError: ``workload`` stands beside ``source`` or ``destination``.
    """
    if focus.workload is None:
        sources, destinations = (_chosen(peers, clusters) for peers in (focus.source, focus.destination))
        return (tuple(zip(sources, destinations, strict=True)),)
    if focus.source is not None or focus.destination is not None:
        raise UsageError(
            "a workload at either end excludes a source and a destination",
            hint="take --workload alone, or --from and --to",
        )
    either, everything = _chosen(focus.workload, clusters), _chosen(None, clusters)
    opened = tuple(zip(either, everything, strict=True))
    accepted = tuple((_without(every, one), one) for every, one in zip(everything, either, strict=True))
    return opened, accepted


def _chosen(peers: Peers, clusters: Sequence[Compiled]) -> list[Chosen]:
    """Return what the peers mean in each cluster; what a diff asks about may be in one of its inputs only."""
    if peers is None:
        return [Chosen(every_pod(cluster.program), INTERNET, controller=True) for cluster in clusters]
    texts = [peers] if isinstance(peers, str) else peers
    found: list[list[Chosen]] = [[] for _ in clusters]
    for text in texts:
        unknown: list[UnknownPeerError] = []
        for own, cluster in zip(found, clusters, strict=True):
            try:
                own.append(choose(text, cluster))
            except UnknownPeerError as error:
                unknown.append(error)
        if len(unknown) == len(clusters):
            raise unknown[-1]
    return [_union(own) for own in found]


def every_pod(program: Program) -> tuple[int, ...]:
    """Return the numbers of a program's pods."""
    return tuple(number for number, endpoint in enumerate(program.endpoints) if isinstance(endpoint, Pod))


def _union(found: Iterable[Chosen]) -> Chosen:
    endpoints: set[int] = set()
    blocks: list[Network] = []
    controller = False
    for each in found:
        endpoints.update(each.endpoints)
        blocks += each.blocks
        controller = controller or each.controller
    return Chosen(tuple(sorted(endpoints)), tuple(_collapsed(blocks)), controller)


def _collapsed(blocks: Sequence[Network]) -> Iterator[Network]:
    for version in (4, 6):
        yield from collapse_addresses([block for block in blocks if block.version == version])  # type: ignore[type-var]


def _without(every: Chosen, some: Chosen) -> Chosen:
    blocks = every.blocks
    for hole in some.blocks:
        blocks = tuple(piece for block in blocks for piece in _pieces(block, hole))
    left_out = frozenset(some.endpoints)
    endpoints = tuple(number for number in every.endpoints if number not in left_out)
    return Chosen(endpoints, blocks, every.controller and not some.controller)


def _pieces(block: Network, hole: Network) -> Iterable[Network]:
    """Return what is left of a block; of two that overlap one holds the other."""
    if not block.overlaps(hole):
        return (block,)
    return () if hole.prefixlen <= block.prefixlen else block.address_exclude(hole)  # type: ignore[arg-type]
