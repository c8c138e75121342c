"""The benchmarks run: a smoke size, on clusters of our own, so that they can where no generator is at hand."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.quality.tree import REPOSITORY

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path]:
    plot = tmp_path_factory.mktemp("plot") / "growth.svg"
    asked = [sys.executable, "-m", "benchmarks", "--size=smoke", "-o", "json", f"--plot={plot}"]
    environment = {**os.environ, "NETSIM_BENCH": str(plot.parent / "no generator is here")}
    ran = subprocess.run(asked, cwd=REPOSITORY, env=environment, check=True, capture_output=True, text=True)
    return json.loads(ran.stdout), plot


def test_every_figure_comes_with_its_machine_sizes_seeds_and_versions(figures: tuple[dict, Path]) -> None:
    found, _ = figures
    assert {"python", "numpy", "orjson", "cores", "date"} <= found["machine"].keys()
    assert found["generator"] == "benchmarks/clusters.py"
    assert (found["seed"], found["pods"]) == (1, 400)


def test_every_promise_is_measured(figures: tuple[dict, Path]) -> None:
    from benchmarks.run import PROMISED

    found, _ = figures
    assert found["ratios"].keys() >= PROMISED.keys()
    assert all(value > 0 for value in found["ratios"].values())


def test_the_definition_pair_by_pair_says_what_the_engine_says(figures: tuple[dict, Path]) -> None:
    found, _ = figures
    assert found["stages"]["pairwise"]["agree"] is True


def test_packed_matrices_hold_every_pair_that_the_engine_connects(figures: tuple[dict, Path]) -> None:
    found, _ = figures
    stage = found["stages"]["packed"]
    # Kano knows no ports: what egress and ingress allow on different ones is connected there.
    assert stage["connected pairs of pods"] >= stage["pairs that netsim connects"] > 0


def test_the_growth_is_drawn(figures: tuple[dict, Path]) -> None:
    found, plot = figures
    drawn = ET.fromstring(plot.read_text(encoding="utf-8"))  # noqa: S314 - our own
    assert len(drawn.findall("{*}polyline")) == 4
    assert [row["pods"] for row in found["growth"]] == [200, 400]
