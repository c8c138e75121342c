"""All that was read at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass

from netsim.ir.access import Binding, Role, ServiceAccount
from netsim.ir.entries import ControllerClass, Entry, Gateway, ReferenceGrant
from netsim.ir.networks import Network
from netsim.ir.objects import Address, Namespace, Node, Pod, Service
from netsim.ir.place import Place
from netsim.ir.policy import Policy


@dataclass(frozen=True, slots=True, order=True)
class Unmodelled:
    """Objects that were read and not modelled: counted, listed, never dropped in silence."""

    api_version: str
    kind: str
    count: int
    place: Place


@dataclass(frozen=True, slots=True, order=True)
class Override:
    """An object that a later input replaced."""

    kind: str
    name: str
    old: Place
    new: Place


@dataclass(frozen=True, slots=True, order=True)
class Notice:
    """Something that a user should know of an answer, though it is no error."""

    message: str
    place: Place | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The cluster as the inputs describe it, in canonical order (sorted by namespace, name, kind).

    ``namespaces`` holds every namespace that any object names, declared or not (S2.5).
    ``pods`` holds pods, and one template pod for each workload of which the input holds no pod.
    ``networks`` are those beside the pod network, declared or only named by pods, sorted: primary ones first.
    ``entries`` are the objects that say what is forwarded to which Services; ``gateways``, ``grants`` and ``classes``
    are what they hang on.
    ``roles``, ``bindings`` and ``accounts`` say who may ask the API server for what, sorted by namespace and name.
    ``names`` are the addresses that domain names resolve to (S3.5); None where no such table was given.
    """

    namespaces: Mapping[str, Namespace]
    pods: tuple[Pod, ...]
    nodes: tuple[Node, ...] = ()
    services: tuple[Service, ...] = ()
    policies: tuple[Policy, ...] = ()
    entries: tuple[Entry, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    grants: tuple[ReferenceGrant, ...] = ()
    classes: tuple[ControllerClass, ...] = ()
    networks: tuple[Network, ...] = ()
    roles: tuple[Role, ...] = ()
    bindings: tuple[Binding, ...] = ()
    accounts: tuple[ServiceAccount, ...] = ()
    names: Mapping[str, tuple[Address, ...]] | None = None
    unmodelled: tuple[Unmodelled, ...] = ()
    overrides: tuple[Override, ...] = ()
    warnings: tuple[Notice, ...] = ()
