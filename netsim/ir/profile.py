"""How a CNI departs from the upstream text, as named switches."""

from dataclasses import dataclass
from enum import StrEnum


class HostNetwork(StrEnum):
    """The two permitted readings of hostNetwork pods (S2.10)."""

    AS_NODE = "node"
    AS_POD = "pod"


class Ties(StrEnum):
    """What rules of equal priority do where they say different things (S3.3)."""

    AMBIGUOUS = "ambiguous"
    BY_NAME = "name"


class Baseline(StrEnum):
    """Which pods the Baseline tier speaks of, where a NetworkPolicy selects them (S4.3)."""

    PER_DIRECTION = "per-direction"
    """Those that no NetworkPolicy isolates in this direction."""
    UNSELECTED = "unselected"
    """Those that no NetworkPolicy isolates in any direction."""


class SelfViaService(StrEnum):
    """Which policies are asked of a pod that reaches itself by a Service (S4.6)."""

    CLUSTER_POLICIES = "cluster-policies"
    """Those of the admin and the baseline tier; no NetworkPolicy stops it."""
    EVERY_POLICY = "every-policy"
    NO_POLICY = "no-policy"


class NamedPorts(StrEnum):
    """What a NetworkPolicy's port name means (S2.8)."""

    RESOLVED = "resolved"
    """The ports that the destination pod declares under it."""
    EVERY_PORT = "every-port"
    """Every port of the entry's protocol: the name is not looked up at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Where the standard leaves a choice, what this network does (S5).

    Args:
        host_network: S2.10: whether hostNetwork pods count as their node or as pods.
        blocks_match_pods: S2.6: whether an ipBlock matches the addresses of pods.
        blocks_match_nodes: S2.6: whether an ipBlock matches the addresses of nodes, and of pods that are their node.
        bare_pods_governed: S2.1: whether policies apply to pods that no controller owns.
        named_ports: S2.8: what a NetworkPolicy's port name means.
        own_node_enters: S2.9: whether a pod's own node may always connect to it.
        end_port: S2.7: whether endPort is supported; without it ``port`` alone counts.
        ties: S3.3: what rules of equal priority do.
        baseline: S4.3: which pods the Baseline tier speaks of.
        self_via_service: S4.6: which policies are asked of a pod that reaches itself by a Service.
    """

    name: str
    host_network: HostNetwork = HostNetwork.AS_NODE
    blocks_match_pods: bool = True
    blocks_match_nodes: bool = True
    bare_pods_governed: bool = True
    named_ports: NamedPorts = NamedPorts.RESOLVED
    own_node_enters: bool = True
    end_port: bool = True
    ties: Ties = Ties.AMBIGUOUS
    baseline: Baseline = Baseline.PER_DIRECTION
    self_via_service: SelfViaService = SelfViaService.CLUSTER_POLICIES
