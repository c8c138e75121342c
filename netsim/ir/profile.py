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


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Where the standard leaves a choice, what this network does (S5).

    Args:
        host_network: S2.10: whether hostNetwork pods count as their node or as pods.
        blocks_match_pods: S2.6: whether an ipBlock matches the addresses of pods.
        own_node_enters: S2.9: whether a pod's own node may always connect to it.
        end_port: S2.7: whether endPort is supported; without it ``port`` alone counts.
        ties: S3.3: what rules of equal priority do.
        baseline: S4.3: which pods the Baseline tier speaks of.
    """

    name: str
    host_network: HostNetwork = HostNetwork.AS_NODE
    blocks_match_pods: bool = True
    own_node_enters: bool = True
    end_port: bool = True
    ties: Ties = Ties.AMBIGUOUS
    baseline: Baseline = Baseline.PER_DIRECTION
