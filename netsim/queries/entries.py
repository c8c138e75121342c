"""What enters the cluster, by which objects, and whether policies let it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netsim.cluster import Compiled
from netsim.ingest.ports import Asked
from netsim.ir.objects import Family, Network
from netsim.ir.place import Place
from netsim.ir.policy import Direction
from netsim.ir.shapes import EndsShape, PlaceShape, TrafficShape
from netsim.ir.snapshot import Notice
from netsim.ir.traffic import NONE, Traffic
from netsim.ir.truth import Truth
from netsim.ir.verdict import Side
from netsim.lower.space import AddressRange
from netsim.queries.controllers import INGRESS_CONTROLLER, ON_ITS_NETWORK, crosses
from netsim.queries.doors import Door, Doors
from netsim.queries.focus import Product
from netsim.queries.judge import Judge
from netsim.queries.outside import cidrs, outside_classes
from netsim.queries.peers import Chosen
from netsim.queries.units import Unit, met_nodes, units


class WayInShape(EndsShape, PlaceShape):
    """One way into the cluster, to one workload; ``allowed`` is null where that is unknown."""

    kind: str
    name: str
    traffic: TrafficShape
    via: str
    allowed: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """One way into the cluster, to one workload.

    Attributes:
        kind: ``Ingress``, ``HTTPRoute``, ``LoadBalancer``, ``hostPort``, ...
        name: The object: ``namespace/name``.
        source: Who connects to the workload: a controller, or the addresses outside that policies let in; all that may
            come by it where they let none in.
        traffic: What this verdict is about, at the workload's own ports.
        via: How: ``Service shop/web port 80 -> 8080``.
        allowed: Whether policies allow it; None where that is unknown.
        opened: The Service's port that it leads to: ``shop/web:80/TCP``; empty where it leads to pods themselves.
    """

    kind: str
    name: str
    source: str
    destination: str
    traffic: Traffic
    via: str
    allowed: Truth
    opened: str = ""
    place: Place

    def to_dict(self) -> WayInShape:
        """Return the way in as JSON values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "from": self.source,
            "to": self.destination,
            "traffic": self.traffic.to_json(),
            "via": self.via,
            "allowed": self.allowed,
            "file": self.place.file,
            "line": self.place.line or None,
        }


#: The kinds of ways in that lead over nodes, which may put their own address in the place of the client's.
_BY_NODES = frozenset({"LoadBalancer", "NodePort", "externalIP"})

#: Some traffic, split by what policies say of it.
Split = Mapping[Truth, Traffic]


#: Some traffic, whether it is allowed, and what egress and ingress say of it.
Told = tuple[Traffic, Truth, Side, Side]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What policies say of a door to one unit, for each who comes by it."""

    door: Door
    unit: Unit
    traffic: Traffic
    says: tuple[tuple[str, Split], ...]


@dataclass(slots=True)
class Ways:
    """All ways into one cluster; used for one answer, then dropped.

    Attributes:
        by_pod: Whether they lead to pods instead of workloads.
        products: The sources and destinations that are asked about; None for all.
        wanted: The traffic that is asked about; None for all.
        doors: What leads to those destinations, for some of those sources.
    """

    cluster: Compiled
    by_pod: bool = False
    products: Sequence[Product] | None = None
    wanted: Asked | None = None
    doors: tuple[Door, ...] = field(init=False)
    judge: Judge = field(init=False)
    _of_doors: list[Notice] = field(init=False)
    _unit_of: Mapping[int, Unit] = field(init=False)
    _outside: Mapping[Network, Mapping[int, tuple[AddressRange, ...]]] = field(init=False)
    _judgements: tuple[Judgement, ...] = field(init=False)
    _accepted: dict[tuple[Network, int], Mapping[int, list[AddressRange]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found = Doors.of(self.cluster)
        self._of_doors = found.notices
        inside = [(sources, frozenset(own.endpoints)) for sources, own in self.products or ()]
        self.doors = tuple(door for each in found.found if (door := self._asked(each, inside)).targets)
        self.judge = Judge(self.cluster)
        met = {number for door in self.doors for number in (*door.targets, *(door.controllers or ()))}
        own = units(self.cluster, met, by_pod=self.by_pod) if met else ()
        self._unit_of = {number: unit for unit in own for number in unit.endpoints}
        blocks = {block for door in self.doors for block in door.blocks}
        self._outside = {block: outside_classes(self.cluster, (block,)) for block in blocks}
        self._judgements = tuple(self._every_judgement())

    def _asked(self, door: Door, inside: Sequence[tuple[Chosen, frozenset[int]]]) -> Door:
        """Return a door with only those of its targets that are asked about.

        Args:
            inside: For each product, the sources, and the destinations by number.
        """
        if self.products is None and self.wanted is None:
            return door
        endpoints = self.cluster.program.endpoints
        own = [destinations for sources, destinations in inside if _comes(door, sources)]
        targets = {n: t for n, t in door.targets.items() if self.products is None or any(n in each for each in own)}
        if self.wanted is not None:
            targets = {n: t & self.wanted.traffic(endpoints[n]) for n, t in targets.items()}
        return replace(door, targets={n: t for n, t in targets.items() if t})

    def rows(self) -> tuple[WayIn, ...]:
        """Return every way in, sorted."""
        found = (row for judgement in self._judgements for row in _rows(judgement))
        return tuple(dict.fromkeys(sorted(found, key=lambda row: (row.kind, row.name, row.via, row.destination))))

    def opened(self) -> Mapping[Unit, tuple[Traffic, Traffic]]:
        """Return what the controller that is not in the input may open, surely and perhaps, to each unit it leads to.

        A unit is left out to which nothing is allowed.
        """
        found = {}
        for unit, traffic in self._entered():
            parts = self.judge.split(unit.endpoints[0], traffic)
            if parts.keys() - {False}:
                found[unit] = parts.get(True, NONE), parts.get(None, NONE)
        return found

    def _entered(self) -> Iterator[tuple[Unit, Traffic]]:
        """Yield each unit that the controller comes to which is not in the input, with the traffic there."""
        met: dict[str, tuple[Unit, Traffic]] = {}
        for judgement in self._judgements:
            if judgement.door.unknown:
                _, traffic = met.get(judgement.unit.name, (None, NONE))
                met[judgement.unit.name] = judgement.unit, traffic | judgement.traffic
        yield from met.values()

    def told(self) -> Iterator[tuple[Unit, tuple[Told, ...]]]:
        """Yield each unit that the controller comes to which is not in the input, with what is said of the traffic."""
        for unit, traffic in self._entered():
            parts = self.judge.split(unit.endpoints[0], traffic)
            yield unit, tuple((part, truth, *self._sides(unit, part)) for truth, part in parts.items())

    def _sides(self, unit: Unit, traffic: Traffic) -> tuple[Side, Side]:
        protocol, port, _ = next(iter(traffic))
        return self.judge.explained(unit.endpoints[0], protocol, port)

    def _units(self, door: Door) -> Iterator[tuple[Unit, Traffic]]:
        """Yield the units that a door leads to, each with the traffic there, sorted by name."""
        found: dict[str, tuple[Unit, Traffic]] = {}
        for number, traffic in door.targets.items():
            unit = self._unit_of[number]
            found[unit.name] = unit, found.get(unit.name, (unit, NONE))[1] | traffic
        yield from (found[name] for name in sorted(found))

    def _every_judgement(self) -> Iterator[Judgement]:
        for door in self.doors:
            for unit, traffic in self._units(door):
                yield Judgement(door, unit, traffic, tuple(self._judged(door, unit, traffic)))

    def _judged(self, door: Door, unit: Unit, traffic: Traffic) -> Iterator[tuple[str, Split]]:
        """Yield who comes through a door to a unit, with what policies say of the traffic."""
        if door.blocks:
            for block in door.blocks:
                yield from self._from_block(block, unit, traffic)
        elif door.controllers is None:
            yield INGRESS_CONTROLLER, self.judge.split(unit.endpoints[0], traffic)
        else:
            for source in {self._unit_of[number].name: self._unit_of[number] for number in door.controllers}.values():
                if source.key != unit.key:
                    yield source.name, self._between(source, unit, traffic)

    def _between(self, source: Unit, unit: Unit, traffic: Traffic) -> Split:
        reach = self.cluster.reachability
        one, other = met_nodes(source, unit)
        surely, perhaps = traffic, NONE
        for family in sorted(source.families & unit.families or source.families | unit.families):
            number = reach.cell(source.member, unit.member, family)
            answer = reach.traffic(reach.exception(number, source.member, unit.member, family, one, other))
            surely, perhaps = surely & answer[0], perhaps | answer[0] | answer[1]
        return split(traffic, surely, perhaps)

    def _from_block(self, block: Network, unit: Unit, traffic: Traffic) -> Iterator[tuple[str, Split]]:
        """Yield the CIDRs of a block that are let in, each with what is; the block itself where none is."""
        reach, family = self.cluster.reachability, Family(block.version)
        if family not in unit.families or family not in reach.program.families:
            return
        alike: dict[tuple[tuple[Truth, Traffic], ...], list[AddressRange]] = {}
        for number, own in self._by_number(block, unit.member).items():
            alike.setdefault(tuple(split(traffic, *reach.traffic(number)).items()), []).extend(own)
        let_in = [(tuple(p for p in parts if p[0] is not False), own) for parts, own in alike.items()]
        if not any(parts for parts, _ in let_in):
            yield str(block), {False: traffic}
        for parts, own in let_in:
            for cidr in cidrs(family, own) if parts else ():
                yield str(cidr), dict(parts)

    def _by_number(self, block: Network, member: int) -> Mapping[int, list[AddressRange]]:
        """Return the addresses of a block by the number of what a class accepts from them: its group's say."""
        program = self.cluster.program
        group = program.group_of[Direction.INGRESS][member]
        if (block, group) not in self._accepted:
            found: dict[int, list[AddressRange]] = {}
            own = sorted(self._outside[block])
            numbers = self.cluster.reachability.said(Direction.INGRESS, group, own, Family(block.version))
            for number, one in zip(numbers.tolist(), own, strict=True):
                found.setdefault(number, []).extend(self._outside[block][one])
            self._accepted[block, group] = found
        return self._accepted[block, group]

    def assumptions(self) -> tuple[str, ...]:
        """Return what the ways in take for granted."""
        found = []
        if any(door.kind in _BY_NODES and not door.keeps_source and self._asks_addresses(door) for door in self.doors):
            found.append(
                "pods are taken to see the client's own address; where a Service's externalTrafficPolicy is Cluster, "
                "they may see a node's instead (S2.6, S5)"
            )
        if any(door.unknown for door in self.doors):
            found.append(
                f"{INGRESS_CONTROLLER} stands for a controller that the input does not hold: "
                "a pod without labels, in a namespace that no policy names"
            )
        program = self.cluster.program
        met = {number for door in self.doors if door.unknown for number in door.targets}
        if any(crosses(program.endpoints[number], program.snapshot) for number in met):
            found.append(ON_ITS_NETWORK)
        return tuple(found)

    def _asks_addresses(self, door: Door) -> bool:
        return any(self.judge.asks_addresses(unit.endpoints[0]) for unit, _ in self._units(door))

    def notices(self) -> tuple[Notice, ...]:
        """Return what a user should know of the ways in: what leads nowhere, and what policies block."""
        return tuple(dict.fromkeys([*self._of_doors, *self._blocked()]))

    def _blocked(self) -> Iterator[Notice]:
        for judgement in self._judgements:
            said = {truth for _, parts in judgement.says for truth in parts}
            if said == {False}:
                yield Notice(self._said(judgement.door, judgement.unit, judgement.traffic), judgement.door.place)

    def _said(self, door: Door, unit: Unit, traffic: Traffic) -> str:
        who = ", ".join(self.judge.isolating(unit.endpoints[0])) or "policies"
        leads = f"{door.kind} {door.name} leads to {unit.name} {traffic}"
        if door.blocks:
            return f"{leads}, and no outside address is let in by {who}"
        if door.controllers is not None:
            return f"{leads}, and its controller is not let in by {who}"
        return (
            f"{leads}, and a controller without labels is not let in by {who}; "
            "where the controller has labels that they ask for, add its pods and their namespace to the input"
        )


def _rows(judgement: Judgement) -> Iterator[WayIn]:
    door = judgement.door
    for source, parts in judgement.says:
        for allowed, traffic in parts.items():
            yield WayIn(
                kind=door.kind,
                name=door.name,
                source=source,
                destination=judgement.unit.name,
                traffic=traffic,
                via=door.via,
                allowed=allowed,
                opened=door.opened,
                place=door.place,
            )


def _comes(door: Door, sources: Chosen) -> bool:
    """Return whether some of these sources come by a door."""
    if door.blocks:
        return any(own.overlaps(asked) for own in door.blocks for asked in sources.blocks)
    if door.controllers is None:
        return sources.controller
    return not set(door.controllers).isdisjoint(sources.endpoints)


def split(traffic: Traffic, surely: Traffic, perhaps: Traffic) -> Split:
    """Return some traffic by what is said of it; what nothing is said of is denied."""
    parts: dict[Truth, Traffic] = {True: traffic & surely, None: (traffic & perhaps) - surely}
    parts[False] = traffic - surely - perhaps
    return {truth: part for truth, part in parts.items() if part}
