"""Which pods a policy applies to, and in which directions being selected is enough to be denied (S2.1, S2.2)."""

from collections.abc import Iterable

from netsim.ir.policy import Direction, Policy, Tier
from netsim.ir.verdict import Endpoint
from netsim.spec.peers import pods_match
from netsim.spec.world import World


def selected(policy: Policy, endpoint: Endpoint, world: World) -> bool:
    """Return whether the policy applies to the endpoint; it never does to what is no pod (S1.2, S2.1)."""
    if not world.is_pod(endpoint):
        return False
    # which network a pod is on does not hang on who owns it
    applies = policy.tier is Tier.NETWORK or world.is_governed(endpoint)
    return applies and pods_match(policy.subject, endpoint, world)


def isolating(policies: Iterable[Policy], endpoint: Endpoint, direction: Direction, world: World) -> tuple[Policy, ...]:
    """Return the policies that isolate the endpoint in this direction; their order means nothing (S2.1)."""
    return tuple(policy for policy in policies if direction in policy.isolates and selected(policy, endpoint, world))
