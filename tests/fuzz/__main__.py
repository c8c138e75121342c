"""Damage inputs until the time is out: ``python -m tests.fuzz --seconds 3600 [--seed N]``.

Every input is made from a number, which is printed where something goes wrong; ``--seed`` starts there again.
"""

import argparse
import itertools
import sys
import time
from random import Random

from tests.agree.choices import Seeded
from tests.fuzz.checks import read_without_a_traceback, refused_or_right, torn_text


def main() -> int:
    """Return 0 if nothing went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=None, help="the first number; chance where not given")
    options = parser.parse_args()
    first = options.seed if options.seed is not None else time.time_ns()
    end, refused = time.monotonic() + options.seconds, 0
    for number in itertools.count(first):
        if time.monotonic() >= end:
            break
        try:
            refused += refused_or_right(Seeded(Random(number)))  # noqa: S311
            read_without_a_traceback(torn_text(Seeded(Random(number))))  # noqa: S311
        except Exception:
            print(f"--seed {number} goes wrong", file=sys.stderr)  # noqa: T201
            raise
    print(f"{number - first} clusters from --seed {first}: {refused} refused, the others read aright")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
