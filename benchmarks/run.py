"""Every figure of one run: clusters are generated, and each stage is measured in a process of its own."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.clusters import generate, generator

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """How large the clusters are, in pods; a tenth as many policies.

    Attributes:
        whole: The one that most figures are of. ``growth``: those that the growth is shown over.
        listed: Every connection of it is written. ``packed``: two bits are kept for each pair of its pods.
        pairwise: Every pair of its pods is judged by the definition.
    """

    whole: int
    growth: tuple[int, ...]
    listed: int
    packed: int
    pairwise: int


SIZES = {
    "smoke": Size(whole=400, growth=(200, 400), listed=200, packed=200, pairwise=20),
    "small": Size(whole=10_000, growth=(1_000, 3_000, 10_000), listed=3_000, packed=2_000, pairwise=60),
    "full": Size(
        whole=100_000, growth=(1_000, 3_000, 10_000, 30_000, 100_000), listed=10_000, packed=10_000, pairwise=100
    ),
}


def everything(size: Size, folder: Path, *, seed: int, told: Callable[[str], None]) -> Figures:
    """Return every figure; ``told`` hears what is being measured."""
    clusters = Clusters(folder, seed)
    whole = clusters.of(size.whole)
    stages: dict[str, Figures] = {}
    for name, files in (
        ("orjson", (whole,)),
        ("msgspec", (whole,)),
        ("command", (whole,)),
        ("engine", (whole,)),
        ("difference", (whole, clusters.of(size.whole, drop_policies=0.1))),
        ("edit", (whole,)),
        ("listing", (clusters.of(size.listed),)),
        ("packed", (clusters.of(size.packed),)),
        ("pairwise", (clusters.of(size.pairwise),)),
    ):
        told(f"{name}: {files[0].stem}")
        stages[name] = measured(name, *files)
    told("engine: labels that break classes")
    stages["unique"] = measured("engine", clusters.of(size.whole, unique_labels=0.2, unique_refs=0.5))
    growth = []
    for pods in size.growth:
        told(f"growth: {pods} pods")
        growth.append({"pods": pods, **measured("engine", clusters.of(pods)), **clusters.facts(pods)})
    return {
        "machine": machine(),
        "generator": "gen_cluster.py" if generator() else "benchmarks/clusters.py",
        "seed": seed,
        "pods": size.whole,
        **clusters.facts(size.whole),
        "ratios": ratios(stages, whole.stat().st_size / 1e6),
        "stages": stages,
        "growth": growth,
    }


class Clusters:
    """Generated clusters, each once."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._seed = seed

    def of(self, pods: int, **more: float) -> Path:
        """Return the file of a cluster."""
        what = "".join(f"-{name}-{share}" for name, share in more.items())
        path = self._folder / f"{pods}-pods{what}.json"
        if not path.exists():
            generate(path, pods=pods, policies=self.policies(pods), seed=self._seed, **self._apps(pods), **more)
        return path

    def facts(self, pods: int) -> Figures:
        """Return what there is to say of a cluster's size."""
        return {"policies": self.policies(pods), "megabytes": round(self.of(pods).stat().st_size / 1e6, 1)}

    @staticmethod
    def policies(pods: int) -> int:
        """Return how many policies go with so many pods."""
        return max(10, pods // 10)

    @staticmethod
    def _apps(pods: int) -> dict[str, int]:
        return {"apps_per_namespace": 25} if pods >= 1_000 else {}


def measured(stage: str, *files: Path) -> Figures:
    """Return the figures of one stage."""
    command = [sys.executable, "-m", "benchmarks.stages", stage, *map(str, files)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[1])
    found: Figures = json.loads(ran.stdout.splitlines()[-1])
    return found


#: What is promised of each ratio; a run on a busy machine may miss one that a quiet one keeps.
PROMISED = {
    "reach --summary / orjson.loads": 8,
    "peak memory / file": 12,
    "engine with labels that break classes / engine": 3,
    "diff / load": 2.5,
    "query, seconds": 0.001,
    "edit, seconds": 0.1,
    "engine, seconds": 3,
}


def ratios(stages: dict[str, Figures], megabytes: float) -> dict[str, float]:
    """Return the figures that are promised, as ratios where a machine's speed would tell."""
    engines = {name: sum(_seconds(stages[name], "lower", "reach")) for name in ("engine", "unique")}
    (unit,) = _seconds(stages["orjson"], "parse")
    found = {
        "reach --summary / orjson.loads": next(_seconds(stages["command"], "netsim reach --summary")) / unit,
        "peak memory / file": stages["command"]["peak megabytes"] / megabytes,
        "load / orjson.loads": next(_seconds(stages["engine"], "load")) / unit,
        "load / msgspec": next(_seconds(stages["engine"], "load")) / next(_seconds(stages["msgspec"], "decode")),
        "engine / orjson.loads": engines["engine"] / unit,
        "engine, seconds": engines["engine"],
        "engine with labels that break classes / engine": engines["unique"] / engines["engine"],
        "diff / load": next(_seconds(stages["difference"], "diff")) / next(_seconds(stages["difference"], "load one")),
        "query, seconds": next(_seconds(stages["engine"], "query")),
        "edit, seconds": next(_seconds(stages["edit"], "edit, the median")),
        "pair by pair / netsim": next(_seconds(stages["pairwise"], "pair by pair"))
        / next(_seconds(stages["pairwise"], "netsim")),
        "packed matrices / netsim": next(_seconds(stages["packed"], "packed matrices, without ports"))
        / next(_seconds(stages["packed"], "netsim, with ports")),
    }
    return {name: round(value, 5 if "seconds" in name else 2) for name, value in found.items()}


def _seconds(figures: Figures, *names: str) -> Iterator[float]:
    return (figures["processor"][name] for name in names)


def machine() -> Figures:
    """Return what the figures were measured on."""
    libraries = {name: version(name) for name in ("msgspec", "netsim", "numpy", "orjson")}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        **libraries,
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "load before": round(os.getloadavg()[0], 1),
    }
