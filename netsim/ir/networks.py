"""Networks beside the one that every pod is on: what a pod's interfaces are attached to."""

from dataclasses import dataclass

from netsim.ir.objects import Address
from netsim.ir.place import Place
from netsim.ir.policy import Policy

#: What the network of pods that are on no other is called, where there are others.
POD_NETWORK = "pod-network"

#: A definition of a network that pods name: namespace, name.
Definition = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Attachment:
    """An interface of a pod: the definition of its network, and the addresses that are known of it.

    ``primary`` is true where the interface takes the place of the one on the pod network.
    """

    definition: Definition
    addresses: tuple[Address, ...] = ()
    primary: bool = False


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
