"""Intents: what somebody wants to be true of a cluster's connections."""

from dataclasses import dataclass, field
from enum import StrEnum

from netsim.ir.place import Place
from netsim.ir.policy import PodPeer, PortMatch


class Claim(StrEnum):
    """What an intent says of the traffic between its sources and its destinations.

    The ``ONLY_`` claims bound what is allowed from above: that the named peers may connect is not claimed.
    """

    ALLOW = "allow"
    """All of it is allowed."""
    DENY = "deny"
    """None of it is allowed."""
    ONLY_FROM = "only-from"
    """Nobody but the sources may open any of it to the destinations."""
    ONLY_TO = "only-to"
    """The sources may open none of it to anybody but the destinations."""


class Over(StrEnum):
    """Which pods an intent speaks of."""

    EXISTING_PODS = "existing-pods"
    ALL_PODS = "all-pods"
    """Those that could exist, too: with any labels, in any namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPeer:
    """A peer as the command line takes it: ``shop/cart``, ``prod/*``, ``10.0.0.0/8``, ``internet``."""

    text: str
    place: Place = field(compare=False)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedPeer:
    """Pods by their labels and those of their namespaces; ``text`` is how it was written."""

    text: str
    pods: PodPeer
    place: Place = field(compare=False)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One peer of an intent; ``ports``, for what an ``ONLY_`` claim permits: on these alone (None: on any)."""

    peer: NamedPeer | SelectedPeer
    ports: tuple[PortMatch, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One claim.

    Attributes:
        ports: The traffic that it speaks of; None for every protocol that has ports, and every port.
    """

    name: str
    claim: Claim
    sources: tuple[Party, ...]
    destinations: tuple[Party, ...]
    ports: tuple[PortMatch, ...] | None
    over: Over
    place: Place
