"""All figures in one run: ``python -m benchmarks [--size smoke|small|full] [-o json|table]``."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks import plot, report, run

SIZES = tuple(run.SIZES)


def main() -> int:
    """Measure, and print the figures; with ``--plot`` draw the growth."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        figures = run.everything(run.SIZES[options.size], Path(folder), seed=options.seed, told=_told)
    if options.plot:
        Path(options.plot).write_text(plot.growth(figures["growth"]), encoding="utf-8")
    print(json.dumps(figures, indent=1) if options.output == "json" else report.table(figures))
    return 0


def _told(what: str) -> None:
    print(f"measuring {what}", file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full", help="full: 100,000 pods; smoke: seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", metavar="FILE.svg", help="draw the growth with the size of the cluster")
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
