"""How hard hypothesis tries: ``NETSIM_HYPOTHESIS=nightly`` for the long argument, nothing for the daily one."""

import os
import signal

from hypothesis import HealthCheck, settings

# A generated cluster takes as long as it takes: on a busy machine, deadlines and the check for slow generation
# would fail good code.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# In CI the examples are the same on every run: a red run is the change's fault. Chance is for the nightly.
settings.register_profile("default", UNHURRIED, max_examples=100, derandomize=bool(os.environ.get("CI")))
settings.register_profile("nightly", UNHURRIED, max_examples=2_500, derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("NETSIM_HYPOTHESIS", "default"))

# A job in the background ignores interrupts, and so would the commands that the tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
