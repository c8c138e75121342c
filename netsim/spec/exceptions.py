"""What no NetworkPolicy can cut off (S2.9, S4.6)."""

from typing import assert_never

from netsim.ir.objects import Pod
from netsim.ir.policy import Direction, Tier
from netsim.ir.profile import SelfViaService
from netsim.ir.truth import Truth
from netsim.ir.verdict import Flow
from netsim.spec.world import World


def reaches_itself(flow: Flow) -> bool:
    """Return whether a pod connects to itself (S2.9, S4.6); a template stands for many: it may be another replica."""
    return _is_itself(flow) and not flow.by_service


def not_asked_of_itself(flow: Flow, world: World) -> frozenset[Tier]:
    """Return the tiers that are not asked of a pod which a Service leads back to itself (S4.6); else none."""
    if not (_is_itself(flow) and flow.by_service):
        return frozenset()
    match world.profile.self_via_service:
        case SelfViaService.NO_POLICY:
            return frozenset(Tier)
        case SelfViaService.CLUSTER_POLICIES:
            return frozenset({Tier.NETWORK_POLICY})
        case SelfViaService.EVERY_POLICY:
            return frozenset()
    assert_never(world.profile.self_via_service)


def _is_itself(flow: Flow) -> bool:
    return isinstance(flow.source, Pod) and flow.source == flow.destination and not flow.source.template


def enters_from_own_node(direction: Direction, flow: Flow, world: World) -> Truth:
    """Return whether the source is the destination pod's own node (S2.9): ingress only.

    A hostNetwork pod counts as its node (S2.10). Unknown where either node is not known.
    """
    if direction is not Direction.INGRESS or not world.profile.own_node_enters or not world.is_host(flow.source):
        return False
    source, destination = world.node_of(flow.source), world.node_of(flow.destination)
    return None if source is None or destination is None else source == destination
