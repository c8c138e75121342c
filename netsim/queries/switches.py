"""Which switches of a profile can make a difference to some flows: those that the definition would look at."""

from collections import Counter
from collections.abc import Iterator, Sequence

from netsim.ir.objects import Node, Pod
from netsim.ir.policy import AddressPeer, DomainPeer, NamedPort, Policy, Ports, Tier
from netsim.ir.verdict import Endpoint, Flow

#: A flow, and every policy that may apply to one of its ends.
Question = tuple[Flow, Sequence[Policy]]

_ORDERED = frozenset(Tier) - {Tier.NETWORK_POLICY}


def switches(questions: Sequence[Question]) -> frozenset[str]:
    """Return the switches on which some verdict may hang; whatever the others say, each is judged the same."""
    return frozenset(switch for flow, policies in questions for switch in _of(flow, policies))


def _of(flow: Flow, policies: Sequence[Policy]) -> Iterator[str]:
    ends = (flow.source, flow.destination)
    if any(map(_on_host, ends)):
        yield from ("host_network", "own_node_enters", "blocks_match_nodes")
    if any(isinstance(end, Pod) and end.workload.kind == "Pod" for end in ends):
        yield "bare_pods_governed"
    if flow.by_service:
        yield "self_via_service"
    if any(policy.tier is Tier.BASELINE for policy in policies):
        yield "baseline"
    ranks = Counter((policy.tier, policy.priority) for policy in policies if policy.tier in _ORDERED)
    if any(count > 1 for count in ranks.values()):
        yield "ties"
    rules = [rule for policy in policies for rule in policy.rules]
    if any(isinstance(peer, AddressPeer | DomainPeer) for rule in rules for peer in rule.peers or ()):
        yield "blocks_match_pods"
    entries = [entry for rule in rules for entry in rule.ports or ()]
    if any(isinstance(entry, NamedPort) for entry in entries):
        yield "named_ports"
    if any(isinstance(entry, Ports) and entry.ranged for entry in entries):
        yield "end_port"


def _on_host(end: Endpoint) -> bool:
    return isinstance(end, Node) or (isinstance(end, Pod) and end.host_network)
