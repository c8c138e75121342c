"""Endpoints into equivalence classes: those that no rule tells apart."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from netsim.ir.labels import Selector
from netsim.ir.objects import Address, ContainerPort, Family, Node, Pod
from netsim.ir.policy import AddressPeer, DomainPeer, NodePeer, Peer, PodPeer
from netsim.ir.profile import HostNetwork, Profile
from netsim.ir.snapshot import Snapshot
from netsim.lower.index import LabelIndex, Vocabulary
from netsim.lower.program import EndpointClass, Named, Sort, Term
from netsim.lower.space import AddressRange, Space, address_ranges, block_ranges, cut, last_address

#: For each family, the regions that an endpoint's addresses lie in; None where the addresses are not known.
Regions = tuple[tuple[int, ...], ...] | None


class Shape(NamedTuple):
    """Endpoints that agree in all that rules mention. Several shapes may still be one class.

    ``namespace`` and ``labels`` are unused for hosts, which pod selectors do not see; ``node`` is told where rules
    mean nodes, None where it is not known. ``host_network`` tells pods of the host's network from others (S3.1),
    ``governed`` those that policies apply to (S2.1).
    """

    sort: Sort
    namespace: str
    labels: tuple[tuple[str, str], ...]
    named: tuple[Named, ...]
    regions: Regions
    node: str | None = ""
    host_network: bool = False
    governed: bool = True


Of = TypeVar("Of")
Found = TypeVar("Found")

#: A peer as it is asked in one family of connections; in every family where that is None.
Asked = tuple[Peer, Family | None]


@dataclass(slots=True)
class Classifier:
    """The work of classing the endpoints of one snapshot; used once, then dropped."""

    snapshot: Snapshot
    profile: Profile
    asked: Sequence[Asked]
    names: frozenset[str]
    families: tuple[Family, ...]
    spaces: tuple[Space, ...] = field(init=False)
    vocabulary: Vocabulary = field(init=False)
    means_nodes: bool = field(init=False)
    _ranges: Mapping[int, tuple[AddressRange, ...]] = field(init=False)
    _nodes: Mapping[str, Node] = field(init=False)
    _shared: dict[int, tuple[Any, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ranges = dict(_address_terms(self.snapshot, self.asked))
        self.spaces = tuple(
            cut(family, [(n, ranges) for n, ranges in self._ranges.items() if self.asked[n][1] is family])
            for family in self.families
        )
        self.vocabulary = Vocabulary(peer.pods for peer, _ in self.asked if isinstance(peer, PodPeer))
        self.means_nodes = any(isinstance(peer, NodePeer) for peer, _ in self.asked)
        self._nodes = {node.name: node for node in self.snapshot.nodes}

    def shape(self, endpoint: Pod | Node) -> Shape:
        """Return the endpoint's shape."""
        if isinstance(endpoint, Node):
            return self._host(endpoint.name, endpoint.addresses)
        if endpoint.host_network and self.profile.host_network is HostNetwork.AS_NODE:  # S2.10
            node = self._nodes.get(endpoint.node or "")
            return self._host(node.name if node else None, endpoint.addresses + (node.addresses if node else ()))
        seen = endpoint.addresses if self.profile.blocks_match_pods else ()  # S2.6
        return Shape(
            Sort.POD,
            endpoint.namespace,
            self._once(endpoint.labels, self.vocabulary.reduced),
            self._once(endpoint.ports, self._named) if endpoint.ports else (),
            self._regions(seen),
            host_network=endpoint.host_network,
            governed=self.profile.bare_pods_governed or endpoint.workload.kind != "Pod",  # S2.1
        )

    def _host(self, node: str | None, addresses: tuple[Address, ...]) -> Shape:
        regions = self._regions(addresses) if addresses else None
        return Shape(Sort.HOST, "", (), (), regions, node if self.means_nodes else "")

    def _once(self, of: Of, make: Callable[[Of], tuple[Found, ...]]) -> tuple[Found, ...]:
        """Return what is made of an object that many pods share: it lives as long as the snapshot, and so its id."""
        if id(of) not in self._shared:
            self._shared[id(of)] = make(of)
        return self._shared[id(of)]

    def _named(self, ports: tuple[ContainerPort, ...]) -> tuple[Named, ...]:
        found = [(p.name, p.protocol, p.number) for p in ports if p.name is not None and p.name in self.names]
        return tuple(sorted(set(found))) if len(found) > 1 else tuple(found)

    def _regions(self, addresses: tuple[Address, ...]) -> tuple[tuple[int, ...], ...]:
        if len(addresses) == 1 and len(self.spaces) == 1:  # as in most clusters, and many times as fast
            (space,), (address,) = self.spaces, addresses
            return ((space.region(address),) if address.version == space.family else (),)
        return tuple(
            tuple(sorted({space.region(a) for a in addresses if a.version == space.family})) for space in self.spaces
        )

    def terms(self, shapes: Sequence[Shape]) -> list[tuple[set[int], set[int]]]:
        """Return, for each peer, the shapes that it means for sure and perhaps."""
        pods = _PodSelection(self.snapshot, shapes)
        hosts = [number for number, shape in enumerate(shapes) if shape.sort is Sort.HOST]
        outside = [number for number, shape in enumerate(shapes) if shape.sort is Sort.OUTSIDE]
        found: list[tuple[set[int], set[int]]] = []
        for number, (peer, _) in enumerate(self.asked):
            if isinstance(peer, PodPeer):
                found.append((pods.select(peer), set()))
            elif isinstance(peer, NodePeer):
                found.append(self._of_nodes(peer, hosts, shapes))
            elif number in self._ranges:
                found.append((set(), set()))
            else:  # S3.5: a name that no table resolves may be any address that is no pod's
                found.append((set(), {*hosts, *outside}))
        self._add_addressed(found, shapes)
        return found

    def _of_nodes(self, peer: NodePeer, hosts: Sequence[int], shapes: Sequence[Shape]) -> tuple[set[int], set[int]]:
        unknown = {number for number in hosts if shapes[number].node is None}
        nodes = LabelIndex((number, self._nodes[shapes[number].node or ""].labels) for number in set(hosts) - unknown)
        sure = nodes.select(peer.nodes)
        return (sure | unknown, set()) if not peer.nodes.requirements else (sure, unknown)

    def _add_addressed(self, found: Sequence[tuple[set[int], set[int]]], shapes: Sequence[Shape]) -> None:
        """Add to each peer that means addresses the shapes whose addresses lie there, surely or perhaps."""
        every = frozenset(self._ranges)
        blocks = frozenset(n for n in every if isinstance(self.asked[n][0], AddressPeer))
        whole = frozenset(n for n in blocks if _is_whole(self._ranges[n]))
        for number, shape in enumerate(shapes):
            surely, perhaps = _of_regions(shape, self.spaces, every, whole)
            if shape.sort is Sort.HOST and not self.profile.blocks_match_nodes:  # S2.6
                surely, perhaps = surely - blocks, perhaps - blocks
            for term in surely:
                found[term][0].add(number)
            for term in perhaps:
                found[term][1].add(number)


def _address_terms(snapshot: Snapshot, asked: Sequence[Asked]) -> Iterator[tuple[int, tuple[AddressRange, ...]]]:
    """Yield the peers that mean known addresses, each with its addresses."""
    for number, (peer, family) in enumerate(asked):
        if isinstance(peer, AddressPeer):
            yield number, tuple(block_ranges(peer))
        elif isinstance(peer, DomainPeer) and snapshot.names is not None:
            meant = [addresses for name, addresses in snapshot.names.items() if covers(peer.name, name)]
            if meant:
                yield number, tuple(address_ranges(a for own in meant for a in own if a.version == family))


def covers(pattern: str, name: str) -> bool:
    """Return whether a pattern of a domain name covers a name (S3.5)."""
    pattern, name = pattern.lower().rstrip("."), name.lower().rstrip(".")
    if not pattern.startswith("*."):
        return name == pattern
    return name.endswith(pattern[1:]) and len(name) >= len(pattern)


def _is_whole(ranges: Sequence[AddressRange]) -> bool:
    return len(ranges) == 1 and ranges[0] in {(0, last_address(family)) for family in Family}


def _of_regions(
    shape: Shape, spaces: Sequence[Space], every: frozenset[int], whole: frozenset[int]
) -> tuple[frozenset[int], frozenset[int]]:
    """Return the peers in whose addresses the shape's lie, surely and perhaps.

    Args:
        every: All peers that mean known addresses. ``whole``: those that mean all of a family.
    """
    if shape.regions is None:  # a host of unknown addresses is surely in a block of all addresses, else perhaps
        return whole, every - whole
    surely: set[int] = set()
    perhaps: set[int] = set()
    for space, regions in zip(spaces, shape.regions, strict=True):
        inside = [frozenset(space.inside[region]) for region in regions]
        if inside:
            surely |= frozenset.intersection(*inside)
            perhaps |= frozenset.union(*inside)
    return frozenset(surely), frozenset(perhaps - surely)


class _PodSelection:
    """Pod shapes by namespace and label; namespaces by label."""

    def __init__(self, snapshot: Snapshot, shapes: Sequence[Shape]) -> None:
        pods = [(number, shape) for number, shape in enumerate(shapes) if shape.sort is Sort.POD]
        self._of_host = {number for number, shape in pods if shape.host_network}
        self._names = sorted(snapshot.namespaces)
        self._namespaces = LabelIndex((n, snapshot.namespaces[name].labels) for n, name in enumerate(self._names))
        self._everywhere = LabelIndex((number, dict(shape.labels)) for number, shape in pods)
        self._members: dict[str, list[tuple[int, Shape]]] = {}
        for number, shape in pods:
            self._members.setdefault(shape.namespace, []).append((number, shape))
        self._within: dict[str, LabelIndex] = {}
        self._chosen: dict[Selector, list[str]] = {}
        self._inside: dict[Selector, set[int]] = {}

    def select(self, peer: PodPeer) -> set[int]:
        """Return the shapes of the pods that the peer means (S2.4); the set is shared."""
        found = self._selected(peer)
        return found if peer.host_network else found - self._of_host  # S3.1

    def _selected(self, peer: PodPeer) -> set[int]:
        if not peer.pods.requirements:
            return self._in(peer.namespaces)
        names = self._named(peer.namespaces)
        if len(names) == 1:
            return self._index(names[0]).select(peer.pods)
        found = self._everywhere.select(peer.pods)
        return found if len(names) == len(self._names) else found & self._in(peer.namespaces)

    def _index(self, namespace: str) -> LabelIndex:
        """Return the shapes of one namespace by label."""
        if namespace not in self._within:
            own = self._members.get(namespace, ())
            self._within[namespace] = LabelIndex((number, dict(shape.labels)) for number, shape in own)
        return self._within[namespace]

    def _named(self, namespaces: Selector) -> list[str]:
        """Return the names of the namespaces that a selector selects."""
        if namespaces not in self._chosen:
            self._chosen[namespaces] = [self._names[number] for number in self._namespaces.select(namespaces)]
        return self._chosen[namespaces]

    def _in(self, namespaces: Selector) -> set[int]:
        """Return the shapes of the namespaces that a selector selects."""
        if namespaces not in self._inside:
            names = self._named(namespaces)
            self._inside[namespaces] = {number for name in names for number, _ in self._members.get(name, ())}
        return self._inside[namespaces]


def classify(
    snapshot: Snapshot,
    profile: Profile,
    asked: Sequence[Asked],
    names: frozenset[str],
    families: tuple[Family, ...],
    endpoints: Iterable[Pod | Node],
) -> tuple[list[int], tuple[EndpointClass, ...], tuple[Term, ...]]:
    """Return the class of each endpoint, the classes, and what each peer means of them.

    Args:
        asked: Every distinct peer and subject that the policies mention, by family where it is asked so.
        names: The port names that they mention.
    """
    classifier = Classifier(snapshot, profile, asked, names, families)
    numbers: dict[Shape, int] = {}
    shape_of = [numbers.setdefault(shape, len(numbers)) for shape in map(classifier.shape, endpoints)]
    outside = [
        (Shape(Sort.OUTSIDE, "", (), (), _only(at, region, len(families))), space.family, ranges)
        for at, space in enumerate(classifier.spaces)
        for region, ranges in enumerate(space.ranges())
    ]
    shapes = [*numbers, *(shape for shape, _, _ in outside)]
    meanings = classifier.terms(shapes)
    merged = _merge(shapes, len(numbers), meanings)
    classes: dict[int, EndpointClass] = {}
    for number, shape in enumerate(shapes):
        family, ranges = (None, ()) if number < len(numbers) else outside[number - len(numbers)][1:]
        classes.setdefault(merged[number], EndpointClass(shape.sort, shape.named, family, ranges, shape.governed))
    terms = tuple(
        Term(
            peer,
            family,
            tuple(sorted({merged[shape] for shape in sure})) if sure else (),
            tuple(sorted({merged[shape] for shape in maybe})) if maybe else (),
        )
        for (peer, family), (sure, maybe) in zip(asked, meanings, strict=True)
    )
    return [merged[shape] for shape in shape_of], tuple(classes[number] for number in range(len(classes))), terms


def _only(at: int, region: int, count: int) -> tuple[tuple[int, ...], ...]:
    return tuple((region,) if number == at else () for number in range(count))


def _merge(shapes: Sequence[Shape], inner: int, meanings: Sequence[tuple[set[int], set[int]]]) -> list[int]:
    """Return the class of each shape: shapes of one sort, one named-port table and the same peers are one class.

    Outside regions (from ``inner`` on) stay apart, since each has its own addresses.
    """
    signature: list[list[int]] = [[] for _ in shapes]
    for number, (sure, maybe) in enumerate(meanings):
        for shape in sure:
            signature[shape].append(number)
        for shape in maybe:
            signature[shape].append(~number)
    classes: dict[object, int] = {}
    return [
        classes.setdefault(
            (shape.sort, shape.named, shape.governed, tuple(signature[number])) if number < inner else number,
            len(classes),
        )
        for number, shape in enumerate(shapes)
    ]
