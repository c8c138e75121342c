"""How networks depart from the standard, and the controllers by which something enters."""

from dataclasses import fields
from difflib import get_close_matches
from functools import cache
from typing import Any

from netsim.errors import UsageError
from netsim.ir.entries import KnownController
from netsim.ir.profile import Baseline, HostNetwork, NamedPorts, Profile, SelfViaService, Ties
from netsim.knowledge.tables import names, table

DEFAULT_PROFILE = "upstream"

_CHOICES = {
    "baseline": Baseline,
    "host_network": HostNetwork,
    "named_ports": NamedPorts,
    "self_via_service": SelfViaService,
    "ties": Ties,
}


@cache
def profile_names() -> tuple[str, ...]:
    """Return the names of the profiles that are shipped, sorted."""
    return names("cni")


@cache  # what is shipped does not change while it runs
def profile(name: str = DEFAULT_PROFILE) -> Profile:
    """Return the profile of a CNI by its name.

    Raises:
        UsageError: No such profile is shipped, or its table holds a switch that no code reads.
    """
    if name not in profile_names():
        near = get_close_matches(name, profile_names(), n=1)
        known = ", ".join(profile_names())
        raise UsageError(
            f"there is no CNI profile `{name}`", hint=f"did you mean {near[0]}?" if near else f"known: {known}"
        )
    return profile_of(table("cni", f"{name}.toml"))


def profile_of(row: dict[str, Any]) -> Profile:
    """Return the profile that a table describes; a switch that it leaves out keeps the upstream reading."""
    switches = {key.replace("-", "_"): value for key, value in row.get("switches", {}).items()}
    unknown = sorted(switches.keys() - {field.name for field in fields(Profile)} | row.keys() - {"name", "switches"})
    if unknown:
        raise UsageError(f"profile `{row.get('name')}` has keys that no code reads: {', '.join(unknown)}")
    switches |= {name: kind(switches[name]) for name, kind in _CHOICES.items() if name in switches}
    return Profile(name=row["name"], **switches)


def known_controllers() -> tuple[KnownController, ...]:
    """Return the controllers and gateways that are recognised by their pods, in the order of the table.

    Raises:
        UsageError: A row holds a key that no code reads, or lacks one.
    """
    return tuple(_controller(row) for row in _ways_in()["controller"])


def unread_ways_in() -> frozenset[tuple[str, str]]:
    """Return the API groups and kinds of objects by which something enters and that are not read."""
    pairs = (text.partition("/") for text in _ways_in()["not-read"])
    return frozenset((group, kind) for group, _, kind in pairs)


def _ways_in() -> dict[str, Any]:
    return table("ingress-controllers.toml")


def _controller(row: dict[str, Any]) -> KnownController:
    if row.keys() != {field.name for field in fields(KnownController)}:
        keys = ", ".join(sorted(row))
        raise UsageError(f"controller `{row.get('name')}` has not exactly the keys that are read: {keys}")
    return KnownController(
        name=row["name"],
        controllers=tuple(row["controllers"]),
        pods=tuple(row["pods"]),
        kinds=tuple(row["kinds"]),
    )
