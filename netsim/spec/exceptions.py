"""What no NetworkPolicy can cut off (S2.9)."""

from netsim.ir.objects import Pod
from netsim.ir.policy import Direction
from netsim.ir.truth import Truth
from netsim.ir.verdict import Flow
from netsim.spec.world import World


def reaches_itself(flow: Flow) -> bool:
    """Return whether a pod connects to itself (S2.9, S4.6); a template stands for many: it may be another replica."""
    return isinstance(flow.source, Pod) and flow.source == flow.destination and not flow.source.template


def enters_from_own_node(direction: Direction, flow: Flow, world: World) -> Truth:
    """Return whether the source is the destination pod's own node (S2.9): ingress only.

    A hostNetwork pod counts as its node (S2.10). Unknown where either node is not known.
    """
    if direction is not Direction.INGRESS or not world.profile.own_node_enters or not world.is_host(flow.source):
        return False
    source, destination = world.node_of(flow.source), world.node_of(flow.destination)
    return None if source is None or destination is None else source == destination
