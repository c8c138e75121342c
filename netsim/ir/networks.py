"""Networks beside the one that every pod is on."""

from dataclasses import dataclass

from netsim.ir.objects import Definition
from netsim.ir.place import Place
from netsim.ir.policy import Policy

#: What the network of pods that are on no other is called, where there are others.
POD_NETWORK = "pod-network"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network beside the pod network.

    Attributes:
        label: What it is called in answers: its kind, and its name.
        primary: Whether it takes the place of the pod network, for the pods of some namespaces.
        namespaces: Those, for a primary one; none otherwise.
        definitions: By what names pods are attached to it.
        policies: For a secondary one, the policies that are made for it; those of the pod network mean nothing there.
    """

    label: str
    primary: bool
    namespaces: frozenset[str] = frozenset()
    definitions: frozenset[Definition] = frozenset()
    policies: tuple[Policy, ...] = ()
    place: Place
