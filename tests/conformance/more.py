"""The cases of netpol-analyzer of the kinds explain, focus and warnings, and how that tool's choices differ."""

from functools import cache
from pathlib import Path

from netsim.ingest.kinds import KINDS
from tests.conformance.analyzer import Case, Departure
from tests.conformance.data import read_yaml, root

#: What a case uses, and the API kind that netsim has to model for it.
NEEDS = {
    "AdminNetworkPolicy": "AdminNetworkPolicy",
    "BaselineAdminNetworkPolicy": "BaselineAdminNetworkPolicy",
    "ClusterUserDefinedNetwork": "ClusterUserDefinedNetwork",
    "MultiNetworkPolicy": "MultiNetworkPolicy",
    "NetworkAttachmentDefinition": "NetworkAttachmentDefinition",
    "UserDefinedNetwork": "UserDefinedNetwork",
    "VirtualMachine": "VirtualMachine",
}

MODELLED = frozenset(kind.name for kind in KINDS)


@cache
def cases(kind: str) -> tuple[Case, ...]:
    """Return every case of a kind, sorted."""
    return tuple(Case(path.parent) for path in sorted((root() / "netpol-analyzer" / kind).glob("*/expect.json")))


def not_modelled(case: Case) -> frozenset[str]:
    """Return the kinds that a case uses and netsim does not model."""
    return frozenset(NEEDS[name] for name in case.said["features"] if name in NEEDS) - MODELLED


def asked(kind: str) -> tuple[Case, ...]:
    """Return the cases of a kind that use nothing that netsim does not model."""
    return tuple(case for case in cases(kind) if not not_modelled(case))


@cache
def departures() -> tuple[Departure, ...]:
    """Return what ``netpol_analyzer_more_differences.yaml`` lists."""
    entries = read_yaml(Path(__file__).with_name("netpol_analyzer_more_differences.yaml"))
    return tuple(Departure(e["choice"], e["reason"], e["clause"], tuple(e["cases"])) for e in entries)


@cache
def listed(choice: str) -> frozenset[Case]:
    """Return the cases that are listed under one choice."""
    names = {name for departure in departures() if departure.choice == choice for name in departure.cases}
    every = [case for kind in ("explain", "focus", "warnings") for case in cases(kind)]
    return frozenset(case for case in every if str(case) in names)


def refusals(kind: str) -> list[tuple[str, str]]:
    """Return the cases of a kind that are listed as refused, with the code."""
    found = [(name, each.clause) for each in departures() if each.choice == "refused" for name in each.cases]
    return sorted(entry for entry in found if entry[0].startswith(f"{kind}/"))
