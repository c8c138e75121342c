"""Stage times of one reachability question: ``python -m benchmarks --pods 10000 --policies 1000``."""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from netsim import knowledge, queries
from netsim.cluster import Compiled
from netsim.ingest import snapshot

T = TypeVar("T")

GENERATOR = Path(__file__).resolve().parents[2] / "shared" / "bench" / "gen_cluster.py"


def main() -> int:
    """Generate a cluster, time each stage, print the figures as a table and, with ``--json``, as JSON."""
    options = _options()
    generator = Path(os.environ.get("NETSIM_BENCH_GENERATOR", GENERATOR))
    if not generator.is_file():
        print(f"no cluster generator at {generator}: set NETSIM_BENCH_GENERATOR to its path", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cluster.json"
        arguments = [f"--{name}={getattr(options, name)}" for name in ("pods", "policies", "seed")]
        subprocess.run([sys.executable, generator, *arguments, "--format=json", f"--out={path}"], check=True)
        figures = measured(path)
    figures |= {"pods": options.pods, "policies": options.policies, "seed": options.seed, **_machine()}
    print(json.dumps(figures, indent=1) if options.json else _table(figures))
    return 0


def measured(path: Path) -> dict[str, Any]:
    """Return the seconds of each stage, and what came out."""
    seconds: dict[str, float] = {}
    _timed(seconds, "json.loads alone", lambda: json.loads(path.read_bytes()))
    found, _ = _timed(seconds, "read", lambda: snapshot([path]))
    cluster = Compiled(found, knowledge.profile())
    _timed(seconds, "lower", lambda: cluster.program)
    _timed(seconds, "reach", lambda: cluster.reachability)
    listing = _timed(seconds, "list", lambda: queries.reach(cluster))
    _timed(seconds, "write", lambda: sum(len(row.destination) for row in listing))
    return {
        "megabytes": round(path.stat().st_size / 1e6, 1),
        "seconds": {stage: round(taken, 3) for stage, taken in seconds.items()},
        "summary": _summary(listing),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
    }


def _summary(listing: queries.Reachability) -> dict[str, int]:
    allowed, unknown = listing.counted
    return {"endpoints": listing.endpoints, "classes": listing.classes, "connections": allowed, "unknown": unknown}


def _timed(seconds: dict[str, float], stage: str, work: Callable[[], T]) -> T:
    start = time.perf_counter()
    result = work()
    seconds[stage] = time.perf_counter() - start
    return result


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--policies", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _table(figures: dict[str, Any]) -> str:
    unit = figures["seconds"]["json.loads alone"]
    rows = [f"{stage:<18} {taken:>8.3f} s {taken / unit:>8.1f} x" for stage, taken in figures["seconds"].items()]
    rest = [f"{name:<18} {value}" for name, value in figures.items() if name != "seconds"]
    return "\n".join([*rest, "", *rows, "", "x: times json.loads of the same file, in the same run"])


if __name__ == "__main__":
    sys.exit(main())
