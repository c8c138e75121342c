"""How much a change matters, and what kind of thing did it."""

from collections.abc import Callable, Iterable
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


def risks(moved: Moved, is_crown: Callable[[str], bool], *, enters: bool = False) -> tuple[Risk, ...]:
    """Return why a change deserves a look, the gravest first; nothing where it opens nothing.

    Args:
        is_crown: Whether an end of a row is a crown jewel.
        enters: Whether it is a way in: then whoever comes by a controller comes from outside.
    """
    if not moved.opens:
        return ()
    source, destination = block_of(moved.source), block_of(moved.destination)
    own, other = namespace_of(moved.source), namespace_of(moved.destination)
    by_controller = moved.source == INGRESS_CONTROLLER or (enters and source is None)
    found = {
        Risk.INTERNET: by_controller or (source is not None and is_internet(source)),
        Risk.CROSS_NAMESPACE: own is not None and other is not None and own != other,
        Risk.CROWN_JEWEL: is_crown(moved.destination),
        Risk.INTERNET_EGRESS: destination is not None and is_internet(destination),
    }
    return tuple(risk for risk in Risk if found[risk])


def order(moved: Moved, found: tuple[Risk, ...]) -> tuple[bool, ...]:
    """Return the sorting key of a change: by its risks, the gravest first; then what opens before what closes."""
    return (*(risk not in found for risk in Risk), not moved.opens)


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
