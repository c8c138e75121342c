"""All traffic between two ends, in classes of one verdict for the same reasons."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from netsim.cluster import Compiled
from netsim.ir.objects import Family, Pod
from netsim.ir.policy import Direction, NamedPort, Policy, Ports, Rule
from netsim.ir.traffic import LAST_PORT, PORT_PROTOCOLS, Protocol, Traffic
from netsim.ir.truth import Truth, both
from netsim.ir.verdict import Condition, Endpoint, Flow, Mismatch, Reason, Side, Why
from netsim.lower.atoms import cut
from netsim.queries.blame import End, Sides
from netsim.spec.explain import near_misses

#: The ``at`` of a mismatch that speaks of all ports of a rule: ``wanted`` holds them.
PORTS = "ports"

_OF_PORTS = frozenset({Condition.PROTOCOL, Condition.PORT, Condition.NAMED_PORT})
_OF_ADDRESSES = frozenset({Condition.ADDRESS, Condition.EXCEPT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A class of traffic.

    Attributes:
        egress, ingress: What each direction says of it. Where a policy isolates and no rule of it matches, the
            mismatches tell why: a rule whose peers match has one at ``PORTS``.
        likeness: Equal for parts of equal reasons, whatever the endpoints are called.
    """

    traffic: Traffic
    allowed: Truth
    egress: Side
    ingress: Side
    likeness: object


@dataclass(frozen=True, slots=True)
class _Slice:
    """Traffic of which one direction says the same, a port of it, and what tells the reasons apart."""

    traffic: Traffic
    side: Side
    sample: tuple[Protocol, int]
    likeness: object


class Reasons:
    """What the two directions say of all traffic, and why; each case is judged once."""

    def __init__(self, cluster: Compiled) -> None:
        self._program = cluster.program
        self._sides = Sides(cluster)
        self._slices: dict[object, tuple[_Slice, ...]] = {}
        self._told: dict[tuple[int, End], Side] = {}
        self._meets: dict[tuple[int, int], Traffic] = {}

    def parts(self, source: End, destination: End, family: Family) -> tuple[Part, ...]:
        """Return the classes of all traffic between two ends: allowed, unknown, denied; the largest last."""
        egress, ingress = (
            self._sliced(direction, source, destination, family) for direction in (Direction.EGRESS, Direction.INGRESS)
        )
        found = [
            Part(
                traffic=traffic,
                allowed=both(out.side.allowed, into.side.allowed),
                egress=self._explained(out, source, destination, family),
                ingress=self._explained(into, source, destination, family),
                likeness=(out.likeness, into.likeness),
            )
            for out in egress
            for into in ingress
            if (traffic := self._meet(out, into))
        ]
        return in_order(found)

    def _meet(self, one: _Slice, other: _Slice) -> Traffic:
        key = (id(one), id(other))
        if key not in self._meets:
            self._meets[key] = one.traffic & other.traffic
        return self._meets[key]

    def _sliced(self, direction: Direction, source: End, destination: End, family: Family) -> tuple[_Slice, ...]:
        case = self._sides.case(direction, source, destination, family)
        if case is None:  # what is said of ends that nothing governs hangs on what they are
            subject = source if direction is Direction.EGRESS else destination
            case = (
                self._program.classes[self._program.class_of[subject]].sort if isinstance(subject, int) else "outside"
            )
        key = (direction, case, family)
        if key not in self._slices:
            self._slices[key] = tuple(self._judged(direction, source, destination, family))
        return self._slices[key]

    def _judged(self, direction: Direction, source: End, destination: End, family: Family) -> Iterator[_Slice]:
        one, other = self._sides.endpoint(source), self._sides.endpoint(destination)
        policies = self._sides.applying(direction, source, destination)
        found: dict[object, list[tuple[Protocol, int, int]]] = {}
        sides: dict[object, Side] = {}
        for protocol, first, last in _runs(policies, direction, other):
            flow = Flow(source=one, destination=other, protocol=protocol, port=first, family=family)
            judged = self._sides.judged(direction, source, destination, flow)
            likeness: object = tuple(self._likeness(reason, flow, direction) for reason in judged.reasons)
            sides.setdefault(likeness, judged)
            found.setdefault(likeness, []).append((protocol, first, last))
        for likeness, runs in found.items():
            yield _Slice(Traffic.of(runs), sides[likeness], runs[0][:2], (sides[likeness].allowed, likeness))

    def _likeness(self, reason: Reason, flow: Flow, direction: Direction) -> object:
        """Return what tells a reason from others: of rules that do not match, whether their ports are why."""
        misses = self._misses(reason, direction, flow)
        of_ports = tuple(str(rule) for rule, miss in misses if miss.at == PORTS)
        peer = flow.source if direction is Direction.INGRESS else flow.destination
        of_peers = () if isinstance(peer, Pod) else tuple((str(rule), miss.condition) for rule, miss in misses)
        policy = reason.policy and f"{reason.policy.kind} {reason.policy}"
        return reason.why, policy, str(reason.rule), of_ports, of_peers

    def _misses(self, reason: Reason, direction: Direction, flow: Flow) -> tuple[tuple[Rule, Mismatch], ...]:
        if reason.why is not Why.NO_RULE or reason.policy is None:
            return ()
        found = near_misses(reason.policy, direction, flow, self._sides.world)
        return tuple((rule, _told(rule, miss, flow)) for rule, miss in found)

    def _explained(self, found: _Slice, source: End, destination: End, family: Family) -> Side:
        """Return what a direction says, its mismatches told of these very ends."""
        side = found.side
        if all(reason.why is not Why.NO_RULE for reason in side.reasons):
            return side
        peer = source if side.direction is Direction.INGRESS else destination
        key = (id(found), peer)
        if key not in self._told:
            one, other = self._sides.endpoint(source), self._sides.endpoint(destination)
            protocol, port = found.sample
            flow = Flow(source=one, destination=other, protocol=protocol, port=port, family=family)
            reasons = (replace(r, mismatches=self._misses(r, side.direction, flow)) for r in side.reasons)
            self._told[key] = replace(side, reasons=tuple(reasons))
        return self._told[key]


def in_order(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return parts in the order in which they are told."""
    return tuple(sorted(parts, key=lambda part: (_ORDER[part.allowed], size(part.traffic), str(part.traffic))))


_ORDER: dict[Truth, int] = {True: 0, None: 1, False: 2}


def size(traffic: Traffic) -> int:
    """Return how many ports a traffic set holds."""
    return sum(last - first + 1 for _, first, last in traffic)


def _runs(
    policies: Sequence[Policy], direction: Direction, destination: Endpoint
) -> Iterator[tuple[Protocol, int, int]]:
    """Yield all ports in runs that no rule of these policies tells apart."""
    rules = [rule for policy in policies for rule in policy.rules if rule.direction is direction]
    atoms = cut(bound for rule in rules for bound in _bounds(rule, destination))
    for protocol in PORT_PROTOCOLS:
        for start, after in pairwise((*atoms.starts[protocol], LAST_PORT + 1)):
            yield protocol, start, after - 1


def _bounds(rule: Rule, destination: Endpoint) -> Iterator[tuple[Protocol, int, int]]:
    for entry in rule.ports or ():
        if isinstance(entry, Ports):
            yield entry.protocol, entry.first, entry.first  # all that it means where endPort is not known (S2.7)
            yield entry.protocol, entry.first, entry.last
        else:
            yield from ((protocol, number, number) for protocol, number in _declared(entry, destination))


def _declared(entry: NamedPort, destination: Endpoint) -> list[tuple[Protocol, int]]:
    """Return what a port name means on the destination (S2.8)."""
    ports = destination.ports if isinstance(destination, Pod) else ()
    return [(p.protocol, p.number) for p in ports if p.name == entry.name and entry.protocol in (None, p.protocol)]


def _told(rule: Rule, miss: Mismatch, flow: Flow) -> Mismatch:
    """Return a mismatch as it holds for every flow of its class."""
    if miss.condition in _OF_PORTS:
        ports = ", ".join(_port(entry, flow.destination) for entry in rule.ports or ())
        return replace(miss, at=PORTS, wanted=ports, found="", place=rule.place)
    if miss.condition in _OF_ADDRESSES and not isinstance(
        flow.source if rule.direction is Direction.INGRESS else flow.destination, Pod
    ):
        return replace(miss, found="")  # the block's addresses all fare so, not the one that was asked about
    return miss


def _port(entry: Ports | NamedPort, destination: Endpoint) -> str:
    if isinstance(entry, Ports):
        return str(Traffic.of([(entry.protocol, entry.first, entry.last)]))
    numbers = ", ".join(str(Traffic.of([(protocol, n, n)])) for protocol, n in _declared(entry, destination))
    return f"{entry.name} ({numbers or 'not declared there'})"
