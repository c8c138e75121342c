"""The catalogue of checks: what each code of a finding means, for the formats that tell it."""

from collections.abc import Mapping
from functools import cache

from netsim.ir.finding import Check
from netsim.knowledge import checks
from netsim.queries.posture import known_checks


@cache
def catalogue(*tables: str) -> Mapping[str, Check]:
    """Return the checks of some tables by their codes."""
    return {check.code: check for table in tables for check in checks(table).values()}


@cache
def every_check() -> Mapping[str, Check]:
    """Return the check of each code that a finding about a cluster, or a diff of two, may have."""
    return {**known_checks(), **catalogue("gaps", "diff")}
