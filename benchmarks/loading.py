"""What it takes to read a dump: ``python -m benchmarks.loading --pods 100000 --policies 10000``, or of a ``FILE``.

Every step runs in a process of its own, so that its peak of memory is its own. The unit is ``orjson.loads``, and for
YAML PyYAML's bare events.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.clusters import generate
from benchmarks.run import machine

UNIT = "orjson.loads"


def _bytes(path: Path) -> None:
    path.read_bytes()


def _orjson(path: Path) -> None:
    import orjson

    orjson.loads(path.read_bytes())


def _orjson_still(path: Path) -> None:
    import gc

    gc.disable()
    _orjson(path)


def _events(path: Path) -> None:
    import yaml

    parser = yaml.CBaseLoader(path.read_bytes())
    while parser.get_event() is not None:
        pass


def _snapshot(path: Path) -> None:
    from netsim.ingest import snapshot

    snapshot([path])


def _cached(path: Path) -> None:
    from netsim.ingest import snapshot

    snapshot([path], cached=path.parent / "cache")


STEPS: dict[str, Callable[[Path], None]] = {
    "bytes alone": _bytes,
    UNIT: _orjson,
    "orjson.loads, no garbage collection": _orjson_still,
    "snapshot": _snapshot,
    "snapshot, first with a cache": _cached,
    "snapshot, from the cache": _cached,
}
OF_YAML: dict[str, Callable[[Path], None]] = {
    "PyYAML's events alone": _events,
    "snapshot": _snapshot,
    "snapshot, first with a cache": _cached,
    "snapshot, from the cache": _cached,
}


def measured(path: Path) -> dict[str, dict[str, float]]:
    """Return for each step its seconds, those of its processor, and the megabytes of its peak."""
    steps = OF_YAML if path.suffix in (".yaml", ".yml") else STEPS
    return {name: _measured(name, path) for name in steps}


def _measured(name: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.loading", "--step", name, str(path)]
    folder = Path(__file__).resolve().parents[1]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def _step(name: str, path: Path) -> None:
    work = {**OF_YAML, **STEPS}[name]
    for library in ("netsim.ingest", "orjson", "yaml"):  # to import them takes the same half second of every command
        import_module(library)
    wall, processor = time.perf_counter(), time.process_time()
    work(path)
    figures = {
        "seconds": time.perf_counter() - wall,
        "processor": time.process_time() - processor,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


def table(path: Path, found: dict[str, Any]) -> str:
    """Return the figures, each with what it is of the unit and of the file's size."""
    figures = found["steps"]
    unit = figures[UNIT if UNIT in figures else "PyYAML's events alone"]["processor"]
    rows = [
        f"{name:<38}{one['processor']:>8.2f} s{one['processor'] / unit:>7.2f} x"
        f"{one['megabytes']:>8.0f} MB{one['megabytes'] / found['megabytes']:>7.1f} x"
        for name, one in figures.items()
    ]
    machine = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    seed = "" if found["seed"] is None else f", seed {found['seed']}"
    return "\n".join([f"{path.name}, {found['megabytes']} MB{seed}", machine, *rows])


def _options() -> Any:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loading", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--policies", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    parser.add_argument("--step", choices=[*STEPS, *OF_YAML], help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Measure, and print a table or the figures."""
    options = _options()
    if options.step:
        _step(options.step, options.file)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"cluster{options.file.suffix if options.file else '.json'}"
        if options.file:
            path.symlink_to(options.file.resolve())
        else:
            generate(path, pods=options.pods, policies=options.policies, seed=options.seed)
        found = {
            "machine": machine(),
            "seed": None if options.file else options.seed,
            "megabytes": round(path.stat().st_size / 1e6, 1),
            "steps": measured(path),
        }
        print(json.dumps(found, indent=1) if options.output == "json" else table(path, found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
