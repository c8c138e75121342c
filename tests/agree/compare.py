"""The fast form against the definition, on every pair, family, protocol and boundary port."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address

from netsim import spec
from netsim.bits.reach import Answer, Reach
from netsim.ir.objects import Address, Family, Node, Pod
from netsim.ir.place import NOWHERE
from netsim.ir.policy import Action, Direction, Policy, Rule, Tier
from netsim.ir.profile import SelfViaService
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import ALL
from netsim.ir.truth import Truth
from netsim.ir.verdict import Flow
from netsim.lower import lower
from netsim.lower.program import EndpointClass, Program, Sort
from tests.agree.generate import Case, boundary_ports


@dataclass(frozen=True)
class Asked:
    """One flow, and what the fast form says of it."""

    flow: Flow
    fast: Truth


def asked(case: Case) -> Iterator[Asked]:
    """Yield every flow between the endpoints of a case, and between them and the outside."""
    program = lower(case.snapshot, case.profile)
    reach = Reach(program)
    ports = boundary_ports(case.snapshot)
    for family in program.families:
        ends = [*_inside(program), *_outside(program, family)]
        for source, one in ends:
            for destination, other in ends:
                if not (isinstance(source, Pod | Node) or isinstance(destination, Pod | Node)):
                    continue
                allowed, unknown = _between(reach, one, other, family)
                for protocol, port in ports:
                    flow = Flow(source=source, destination=destination, protocol=protocol, port=port, family=family)
                    yield Asked(flow, _truth((protocol, port) in allowed, (protocol, port) in unknown))
    if case.snapshot.services:
        yield from _by_services(case, reach)


def _by_services(case: Case, reach: Reach) -> Iterator[Asked]:
    """Yield flows of pods that a Service leads back to themselves (S4.6).

    What the classes say of another pod that is the same is what is said of one itself, where all policies are asked;
    where NetworkPolicies are not, what they would say of it if they allowed everything.
    """
    via = case.profile.self_via_service
    opened = via is SelfViaService.CLUSTER_POLICIES
    says = Reach(lower(_opened(case.snapshot), case.profile)) if opened else reach
    for number, pod in _pods(says.program):
        for family in says.program.families:
            member = says.program.class_of[number]
            allowed, unknown = says.traffic(says.cell(member, member, family))
            if via is SelfViaService.NO_POLICY:
                allowed = ALL
            for protocol, port in boundary_ports(case.snapshot):
                flow = Flow(source=pod, destination=pod, protocol=protocol, port=port, family=family, by_service=True)
                yield Asked(flow, _truth((protocol, port) in allowed, (protocol, port) in unknown))


def _opened(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot whose NetworkPolicies allow everything to the pods that they isolate."""
    return replace(snapshot, policies=tuple(map(_opening, snapshot.policies)))


def _opening(policy: Policy) -> Policy:
    if policy.tier is not Tier.NETWORK_POLICY:
        return policy
    rules = (
        Rule(direction=each, index=0, action=Action.ALLOW, peers=None, ports=None, place=NOWHERE)
        for each in Direction
        if each in policy.isolates
    )
    return replace(policy, rules=tuple(rules))


def _pods(program: Program) -> list[tuple[int, Pod]]:
    return [(number, end) for number, end in enumerate(program.endpoints) if isinstance(end, Pod) and not end.template]


#: An endpoint's number, or an outside class.
End = tuple[int | None, int]


def _inside(program: Program) -> list[tuple[Pod | Node, End]]:
    return [(e, (number, program.class_of[number])) for number, e in enumerate(program.endpoints)]


def _outside(program: Program, family: Family) -> list[tuple[Address, End]]:
    """Return an address of each outside region: its first, its last, and those that names resolve to.

    The addresses of nodes are asked about as nodes.
    """
    nodes = {int(address) for node in program.snapshot.nodes for address in node.addresses}
    named = {int(a) for own in (program.snapshot.names or {}).values() for a in own if a.version == family}
    return [
        (ip_address(number if family is Family.IPV4 else number.to_bytes(16)), (None, member))
        for member, outside in enumerate(program.classes)
        if outside.sort is Sort.OUTSIDE and outside.family is family
        for number in sorted({outside.ranges[0][0], outside.ranges[-1][1], *_within(named, outside)} - nodes)
    ]


def _within(numbers: set[int], outside: EndpointClass) -> set[int]:
    return {number for number in numbers if any(first <= number <= last for first, last in outside.ranges)}


def _between(reach: Reach, one: End, other: End, family: Family) -> Answer:
    if one[0] is not None and other[0] is not None:
        return reach.between(one[0], other[0], family)
    return reach.traffic(reach.cell(one[1], other[1], family))


def _truth(allowed: bool, unknown: bool) -> Truth:  # noqa: FBT001 - two sets of one answer
    return True if allowed else None if unknown else False


def disagreements(case: Case) -> Iterator[tuple[Asked, Truth]]:
    """Yield every flow of which the two forms do not say the same, with what the definition says."""
    for question in asked(case):
        verdict = spec.judge(case.snapshot, case.profile, question.flow).allowed
        if verdict is not question.fast:
            yield question, verdict
