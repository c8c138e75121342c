"""What a node gives to who has taken it."""

from collections.abc import Iterator

from netsim.graph.horn import Rule
from netsim.graph.pods import PodFacts, token_account
from netsim.graph.world import UNKNOWN_NODE, World
from netsim.ir.attack import Certainty, Guard


def node_rules(world: World, name: str) -> Iterator[Rule]:
    """Yield what follows from being root on a node."""
    here = (f"node:{name}",)
    yield Rule("node-taken", here)
    if name == UNKNOWN_NODE:
        yield Rule("apiserver", here, certainty=Certainty.LIKELY)
        return
    yield Rule("apiserver", here)
    for pod in world.by_node.get(name, ()):
        yield Rule(f"pod:{pod}", here, "node.pods", guards=_scheduled(world.pods[pod]))
        yield from _held(name, world.pods[pod])
    yield Rule(f"user:system:node:{name}", here, "node.kubelet")
    yield Rule("group:system:nodes", here, "node.kubelet")
    yield Rule(f"traffic:{name}", here, "node.traffic")
    node = world.nodes.get(name)
    if node and world.objects.control_plane(node):
        yield Rule("cluster-admin", here, "node.control-plane")
        yield Rule("etcd", here, "node.control-plane")
    number = world.node_numbers.get(name)
    if number is not None:
        yield Rule(f"at:{world.program.class_of[number]}", here)


def _scheduled(facts: PodFacts) -> tuple[Guard, ...]:
    return (Guard("scheduling", facts.owner, f"runs on {facts.pod.node}", facts.place),)


def _held(name: str, facts: PodFacts) -> Iterator[Rule]:
    here, space = (f"node:{name}",), facts.pod.namespace
    for account in token_account(facts):
        yield Rule(f"sa:{space}/{account}", here, "node.tokens", guards=_scheduled(facts))
    if not facts.static:
        account = f"sa:{space}/{facts.account}"
        yield Rule(account, here, "node.token-request", guards=_scheduled(facts), gate=("apiserver",))
    for own, secret in sorted(facts.node_secrets):
        yield Rule(f"secret:{own}/{secret}", here, "node.secrets", guards=_scheduled(facts))
