"""How hard tests try: little by day, long at night."""

import os

from hypothesis import settings

#: How many times as many examples the long argument draws (``NETSIM_HYPOTHESIS=nightly``).
LONGER = 25 if os.environ.get("NETSIM_HYPOTHESIS") == "nightly" else 1


def tries(daily: int) -> settings:
    """Return settings that draw so many examples by day, and more at night."""
    return settings(max_examples=daily * LONGER)
