"""What somebody has looked at and accepted."""

from dataclasses import dataclass
from datetime import date

from netsim.ir.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """One thing that is accepted.

    Attributes:
        key: What it is known by, from run to run: that of a finding, or of a difference.
        reason: Why; may be empty.
        expires: The last day on which it is accepted; None: for good.
    """

    key: str
    reason: str = ""
    expires: date | None = None
    place: Place

    def holds(self, today: date) -> bool:
        """Return whether it is still accepted."""
        return self.expires is None or today <= self.expires
