"""Many clusters at once: which they are, who works on them, and what becomes of those that fail.

Named in the plural because ``netsim.fleet`` is the function.
"""

from netsim.fleets.plan import Options, Plan, plan
from netsim.fleets.rows import Progress, fleet, rows

__all__ = ["Options", "Plan", "Progress", "fleet", "plan", "rows"]
