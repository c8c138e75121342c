"""What every change of some traffic says of itself."""

from enum import StrEnum
from functools import lru_cache

from netsim.ir.traffic import Traffic
from netsim.queries.seam import Word


class Risk(StrEnum):
    """Why an opening deserves a look, the gravest first: the order in which changes are listed."""

    INTERNET = "internet"
    CROSS_NAMESPACE = "cross-namespace"
    CROWN_JEWEL = "crown-jewel"
    INTERNET_EGRESS = "internet-egress"


class Moved:
    """Traffic that is not what it was, known to be allowed and unknown, before and after."""

    __slots__ = ()

    source: str
    destination: str
    old: Traffic
    new: Traffic
    old_unknown: Traffic
    new_unknown: Traffic
    risks: tuple[Risk, ...]

    @property
    def change(self) -> Word:
        """``added``, ``removed`` or ``changed``."""
        if not self.old and not self.old_unknown:
            return "added"
        return "changed" if self.new or self.new_unknown else "removed"

    @property
    def opens(self) -> bool:
        """Whether some traffic is allowed that was not, or may be allowed that was denied."""
        return _exceeds(self.new, self.new_unknown, self.old, self.old_unknown)

    @property
    def closes(self) -> bool:
        """Whether some traffic is no longer allowed, or denied that may have been allowed."""
        return _exceeds(self.old, self.old_unknown, self.new, self.new_unknown)

    @property
    def key(self) -> str:
        """What it is known by in a baseline, from run to run."""
        raise NotImplementedError

    @property
    def ends(self) -> str:
        """The ends, and what was and is allowed: no lines, no files."""
        was, now = (f"{sure}{f' ?{doubt}' if doubt else ''}" for sure, doubt in self._sides())
        return f"{self.change} {self.source} -> {self.destination}: {was} => {now}"

    def _sides(self) -> tuple[tuple[Traffic, Traffic], tuple[Traffic, Traffic]]:
        return (self.old, self.old_unknown), (self.new, self.new_unknown)


@lru_cache(maxsize=2**14)
def _exceeds(one: Traffic, one_unknown: Traffic, other: Traffic, other_unknown: Traffic) -> bool:
    """Return whether one side allows, or may allow, what the other does not; many rows are about the same traffic."""
    return bool((one - other) or (one_unknown - other - other_unknown))
