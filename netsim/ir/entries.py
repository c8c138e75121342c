"""Ways into the cluster, as objects declare them: what a controller or a gateway forwards to which Service."""

from dataclasses import dataclass, field

from netsim.ir.labels import Selector
from netsim.ir.place import Place
from netsim.ir.traffic import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A Service that an entry forwards to.

    ``port`` is a number or a name, None for every port of the Service. It is the Service's port; for an OpenShift Route
    a number is the pods' port.
    """

    namespace: str
    name: str
    port: int | str | None
    protocol: Protocol = Protocol.TCP
    place: Place = field(compare=False)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A Gateway that a route wants to be attached to; ``section`` and ``port`` choose among its listeners."""

    namespace: str
    name: str
    section: str | None = None
    port: int | None = None
    place: Place = field(compare=False)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An Ingress, a route of the Gateway API, or an OpenShift Route.

    ``parents`` is empty for the kinds that are attached to no Gateway; ``hosts`` are the names that a route is for,
    empty for every name. ``class_name`` is an Ingress's class, where it names one.
    """

    kind: str
    namespace: str
    name: str
    backends: tuple[Backend, ...]
    parents: tuple[Parent, ...] = ()
    hosts: tuple[str, ...] = ()
    class_name: str | None = None
    place: Place = field(compare=False)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One port of a Gateway.

    ``kinds`` are the kinds of routes that it takes. ``namespaces`` selects those that routes may come from; None: the
    Gateway's own. ``host`` is the name that it answers for, ``*.`` in front of it for all below; None: every name.
    """

    name: str
    port: int
    kinds: frozenset[str]
    namespaces: Selector | None
    host: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A Gateway of the Gateway API."""

    namespace: str
    name: str
    class_name: str
    listeners: tuple[Listener, ...]
    place: Place = field(compare=False)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceGrant:
    """Leave for objects of other namespaces to name Services of this one.

    ``sources`` are pairs of kind and namespace. ``services`` are names; None among them is every Service.
    """

    namespace: str
    name: str
    sources: frozenset[tuple[str, str]]
    services: frozenset[str | None]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerClass:
    """An IngressClass or a GatewayClass: which controller serves it.

    ``default`` is whether it serves the Ingresses that name no class.
    """

    kind: str
    name: str
    controller: str
    default: bool = False
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownController:
    """A controller that netsim recognises.

    Attributes:
        controllers: What classes call it.
        pods: Label selectors, in kubectl's language, of the pods that forward; any of them will do.
        kinds: The kinds of entries that it serves.
    """

    name: str
    controllers: tuple[str, ...]
    pods: tuple[str, ...]
    kinds: tuple[str, ...]
