"""How much a change matters, and what kind of thing did it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_network

from netsim.ir.objects import Network
from netsim.queries.attachment import GATEWAY_KINDS
from netsim.queries.blame import Cause
from netsim.queries.controllers import INGRESS_CONTROLLER
from netsim.queries.moved import Moved, Risk


class CauseKind(StrEnum):
    """What kind of thing made a change."""

    POLICY = "policy"
    WORKLOAD_ADDED = "workload-added"
    WORKLOAD_REMOVED = "workload-removed"
    WORKLOAD_CHANGED = "workload-changed"
    NAMESPACE_CHANGED = "namespace-changed"
    WAY_IN = "way-in"


#: Addresses that nobody out there can have: private, shared, of this host or link, multicast, reserved.
#: The blocks for documentation (192.0.2.0/24, ...) count as the internet: examples write them for public addresses.
_NOT_INTERNET = tuple(
    ip_network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/127", "fc00::/7", "fe80::/10", "ff00::/8"),
    )
)

_WAYS_IN = frozenset({"Gateway", "Ingress", "Route", "Service"}) | GATEWAY_KINDS


def is_internet(block: Network) -> bool:
    """Return whether some address of a block may be anybody's on the internet."""
    return not any(block.version == own.version and block.subnet_of(own) for own in _NOT_INTERNET)  # type: ignore[arg-type]


@lru_cache(maxsize=2**14)
def block_of(name: str) -> Network | None:
    """Return the CIDR that an end of a row is, or None where it is a workload, a pod, a node or a controller."""
    # Names of namespaces hold neither dots nor colons, so that no pod reads as a CIDR.
    if "[" in name or not (name[:1].isdigit() or ":" in name):
        return None
    try:
        return ip_network(name)
    except ValueError:
        return None


def key_of(name: str) -> str:
    """Return what an end of a row is of: of a workload whose pods differ, the workload."""
    return name.partition("{")[0] or name


def namespace_of(name: str) -> str | None:
    """Return the namespace of an end of a row; None where it is in none."""
    if block_of(name) is not None or name.startswith(("node:", "{")) or "/" not in name:
        return None
    return name.partition("/")[0]


@dataclass(frozen=True, slots=True)
class _End:
    """What of an end of a row makes a risk."""

    namespace: str | None
    internet: bool
    block: bool
    crown: bool
    controller: bool


@dataclass(slots=True)
class Rating:
    """Why changes deserve a look. Many rows are about the same ends: each is looked at once.

    Attributes:
        is_crown: Whether an end of a row is a crown jewel.
    """

    is_crown: Callable[[str], bool]
    _number_of: dict[str, int] = field(default_factory=dict)
    _numbers: dict[_End, int] = field(default_factory=dict)
    _ends: list[_End] = field(default_factory=list)

    def risks(self, entered: Moved) -> tuple[Risk, ...]:
        """Return why a way in deserves a look, the gravest first; nothing where it opens nothing.

        Whoever comes by a controller comes from outside.
        """
        if not entered.opens:
            return ()
        source, destination = (self._ends[self.end(name)] for name in (entered.source, entered.destination))
        return tuple(_risks(source, destination, from_outside=not source.block))

    def between(self, source: int, destination: int) -> tuple[Risk, ...]:
        """Return why what opens from one end to another deserves a look, the gravest first."""
        own = self._ends[source]
        return tuple(_risks(own, self._ends[destination], from_outside=own.controller))

    def end(self, name: str) -> int:
        """Return the number of an end: ends that make the same risks have one."""
        if name not in self._number_of:
            block = block_of(name)
            end = _End(
                namespace=namespace_of(name),
                internet=block is not None and is_internet(block),
                block=block is not None,
                crown=self.is_crown(name),
                controller=name == INGRESS_CONTROLLER,
            )
            self._number_of[name] = self._numbers.setdefault(end, len(self._ends))
            if self._number_of[name] == len(self._ends):
                self._ends.append(end)
        return self._number_of[name]


def _risks(source: _End, destination: _End, *, from_outside: bool) -> Iterator[Risk]:
    found = {
        Risk.INTERNET: from_outside or source.internet,
        Risk.CROSS_NAMESPACE: None not in (source.namespace, destination.namespace)
        and source.namespace != destination.namespace,
        Risk.CROWN_JEWEL: destination.crown,
        Risk.INTERNET_EGRESS: destination.internet,
    }
    return (risk for risk in Risk if found[risk])


def order(found: tuple[Risk, ...], *, opens: bool) -> tuple[bool, ...]:
    """Return the sorting key of a change: by its risks, the gravest first; then what opens before what closes."""
    return (*(risk not in found for risk in Risk), not opens)


def cause_kinds(causes: Iterable[Cause]) -> tuple[CauseKind, ...]:
    """Return what kinds of things made a change, in the order of the kinds."""
    found = {_kind(cause) for cause in causes}
    return tuple(kind for kind in CauseKind if kind in found)


def _kind(cause: Cause) -> CauseKind:
    kind = cause.object.partition(" ")[0]
    if cause.policy is not None:
        return CauseKind.POLICY
    if kind in _WAYS_IN:
        return CauseKind.WAY_IN
    if kind == "Namespace":
        return CauseKind.NAMESPACE_CHANGED
    return {"added": CauseKind.WORKLOAD_ADDED, "removed": CauseKind.WORKLOAD_REMOVED}.get(
        cause.what, CauseKind.WORKLOAD_CHANGED
    )
