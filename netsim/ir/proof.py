"""What a proof says of policies: whether a claim holds, the parts that it is about, and what refutes it."""

from dataclasses import dataclass
from enum import Enum

from netsim.ir.objects import Namespace
from netsim.ir.policy import Policy, Rule
from netsim.ir.verdict import Flow


class Outcome(Enum):
    """What became of a claim."""

    HOLDS = "holds"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A concrete flow that proves a claim wrong, and the new namespaces that its pods live in."""

    flow: Flow
    namespaces: tuple[Namespace, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A policy, or one of its rules."""

    policy: Policy
    rule: Rule | None = None

    @property
    def name(self) -> str:
        """What tells it apart from every other part."""
        of_policy = f"{self.policy.kind} {self.policy}"
        return f"{of_policy} {self.rule}" if self.rule else of_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """One of the policies that an isolation rests on: under the others of them alone it is not proved.

    Attributes:
        without: A connection that these others allow; None where it is only not known that they do not.
        alone: What becomes of the isolation where this one is deleted and every other policy stays.
    """

    policy: Policy
    without: Witness | None
    alone: Outcome
