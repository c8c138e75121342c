"""What policies say of a controller that is not in the input: the definition is asked, as of any pod."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from netsim.cluster import Compiled
from netsim.ir.objects import Family, Pod
from netsim.ir.policy import Direction, Policy, Tier
from netsim.ir.traffic import Protocol, Traffic
from netsim.ir.truth import Truth, agreed, both
from netsim.ir.verdict import Flow, Side
from netsim.queries.controllers import blocks, entering, possible, with_controller, without_address
from netsim.spec.explain import explained_side
from netsim.spec.judge import side
from netsim.spec.world import World


@dataclass(slots=True)
class Judge:
    """The unknown controller as a source; each case is asked once."""

    cluster: Compiled
    _world: World = field(init=False)
    _known: dict[object, Truth] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._world = World(with_controller(self.cluster.snapshot), self.cluster.profile)

    def split(self, destination: int, traffic: Traffic) -> dict[Truth, Traffic]:
        """Return some traffic to an endpoint, by whether the controller may open it: atom by atom."""
        found: dict[Truth, list[tuple[Protocol, int, int]]] = {}
        for protocol, first, last in traffic:
            starts = [first, *(start for start in self.cluster.program.atoms.starts[protocol] if first < start <= last)]
            for start, end in zip(starts, [*(start - 1 for start in starts[1:]), last], strict=True):
                found.setdefault(self.truth(destination, protocol, start), []).append((protocol, start, end))
        return {truth: Traffic.of(parts) for truth, parts in found.items()}

    def truth(self, destination: int, protocol: Protocol, port: int) -> Truth:
        """Return whether the controller may open a connection, whatever its address."""
        key = (self.cluster.program.class_of[destination], protocol, port)
        if key not in self._known:
            verdicts = (both(e.allowed, i.allowed) for e, i in self.sides(destination, protocol, port))
            self._known[key] = agreed(verdicts)
        return self._known[key]

    def sides(self, destination: int, protocol: Protocol, port: int) -> Iterator[tuple[Side, Side]]:
        """Yield what egress and ingress say, once for each address that the controller may have."""
        yield from (sides for _, sides in self._judged(destination, protocol, port))

    def explained(self, destination: int, protocol: Protocol, port: int) -> tuple[Side, Side]:
        """Return what egress and ingress say, and which rules nearly matched, of an address that is not let in if any.

        No address is told: nobody knows which the controller has.
        """
        judged = list(self._judged(destination, protocol, port))
        denied = (each for each in judged if both(*(side.allowed for side in each[1])) is not True)
        flow, (egress, ingress) = next(denied, judged[0])
        return egress, without_address(explained_side(ingress, flow, self._world))

    def _judged(self, destination: int, protocol: Protocol, port: int) -> Iterator[tuple[Flow, tuple[Side, Side]]]:
        program = self.cluster.program
        endpoint = program.endpoints[destination]
        # S1.3: no NetworkPolicy stands in a namespace that nobody knows; cluster-wide policies may select it.
        opened = [policy for policy in program.snapshot.policies if policy.tier in (Tier.ADMIN, Tier.BASELINE)]
        accepted = self._applying(destination)
        own = {Family(address.version) for address in endpoint.addresses}
        for family in sorted(own & set(program.families) or program.families):
            for controller in possible(accepted, family):
                flow = Flow(source=controller, destination=endpoint, protocol=protocol, port=port, family=family)
                egress = side(Direction.EGRESS, flow, opened, self._world)
                yield flow, (egress, side(Direction.INGRESS, flow, accepted, self._world))

    def isolating(self, destination: int) -> tuple[str, ...]:
        """Return the policies that govern what an endpoint accepts, with their kinds, sorted."""
        return tuple(sorted(f"{policy.kind} {policy}" for policy in self._applying(destination)))

    def asks_addresses(self, destination: int) -> bool:
        """Return whether what an endpoint accepts hangs on the source's address."""
        return any(blocks(policy) for policy in self._applying(destination))

    def _applying(self, destination: int) -> list[Policy]:
        program = self.cluster.program
        if not isinstance(program.endpoints[destination], Pod):
            return []
        return list(entering(program.applying(Direction.INGRESS, program.class_of[destination])))
