"""The catalogue of checks: what each code of a finding means, for the formats that tell it."""

from collections.abc import Mapping
from functools import cache

from netsim.ir.finding import Check
from netsim.knowledge import checks

#: The areas whose findings a diff may hold: its own, and those of the sections that it compares.
DIFF_AREAS = ("diff",)
GAP_AREAS = ("gaps",)


@cache
def catalogue(areas: tuple[str, ...]) -> Mapping[str, Check]:
    """Return the checks of some areas by their codes."""
    return {check.code: check for area in areas for check in checks(area).values()}
