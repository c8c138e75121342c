"""netsim: what can reach what in a Kubernetes cluster, and why, offline.

The public names are imported on first use, so that ``import netsim`` and ``netsim --help`` stay fast.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netsim.api import Cluster, diff, load
    from netsim.errors import InputError, NetsimError, UsageError
    from netsim.fleets import fleet
    from netsim.queries import BlastRadius, Diff, Matrix, Paths, Reachability, Steps, Verdict, WhatIf
    from netsim.queries.fleet import Fleet
    from netsim.queries.intents import Check

__version__ = "0.1.0"
__all__ = [
    "BlastRadius",
    "Check",
    "Cluster",
    "Diff",
    "Fleet",
    "InputError",
    "Matrix",
    "NetsimError",
    "Paths",
    "Reachability",
    "Steps",
    "UsageError",
    "Verdict",
    "WhatIf",
    "diff",
    "fleet",
    "load",
]

_HOMES = {
    "BlastRadius": "netsim.queries",
    "Check": "netsim.queries.intents",
    "Cluster": "netsim.api",
    "Diff": "netsim.queries",
    "Fleet": "netsim.queries.fleet",
    "InputError": "netsim.errors",
    "Matrix": "netsim.queries",
    "NetsimError": "netsim.errors",
    "Paths": "netsim.queries",
    "Reachability": "netsim.queries",
    "Steps": "netsim.queries",
    "UsageError": "netsim.errors",
    "Verdict": "netsim.queries",
    "WhatIf": "netsim.queries",
    "diff": "netsim.api",
    "fleet": "netsim.fleets",
    "load": "netsim.api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'netsim' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
