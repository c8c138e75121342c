"""The figures of one run as tables."""

from collections.abc import Iterator
from typing import Any

from benchmarks.run import PROMISED

Figures = dict[str, Any]


def table(figures: Figures) -> str:
    """Return everything that was measured, for people."""
    return "\n".join([*_head(figures), "", *_ratios(figures), "", *_stages(figures), "", *_growth(figures)])


def _head(figures: Figures) -> Iterator[str]:
    machine = ", ".join(f"{name} {value}" for name, value in figures["machine"].items())
    yield f"{figures['pods']:,} pods, {figures['policies']:,} policies, {figures['megabytes']} MB of JSON, "
    yield f"made by {figures['generator']}, seed {figures['seed']}"
    yield machine


def _ratios(figures: Figures) -> Iterator[str]:
    yield f"{'ratio':<50}{'measured':>10}{'promised':>10}"
    for name, value in figures["ratios"].items():
        promised = PROMISED.get(name)
        yield f"{name:<50}{value:>10g}{f'<= {promised:g}' if promised else '':>10}"


def _stages(figures: Figures) -> Iterator[str]:
    yield f"{'stage':<14}{'step':<34}{'processor s':>12}{'wall s':>10}{'peak MB':>9}"
    for stage, found in figures["stages"].items():
        for name, seconds in found["processor"].items():
            wall = found["seconds"][name]
            yield f"{stage:<14}{name:<34}{seconds:>12.4f}{wall:>10.4f}{found['peak megabytes']:>9.0f}"
        rest = {name: value for name, value in found.items() if name not in ("processor", "seconds", "peak megabytes")}
        if rest:
            yield f"{'':<14}{', '.join(f'{name} {_said(value)}' for name, value in rest.items())}"


def _said(value: object) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{name} {_said(each)}" for name, each in value.items()) + ")"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _growth(figures: Figures) -> Iterator[str]:
    yield f"{'pods':>9}{'MB':>8}{'load':>9}{'lower':>9}{'reach':>9}{'summary':>9}{'engine / MB':>13}{'peak MB':>9}"
    for row in figures["growth"]:
        seconds = row["processor"]
        engine = seconds["lower"] + seconds["reach"]
        steps = "".join(f"{seconds[name]:>9.3f}" for name in ("load", "lower", "reach", "summary"))
        rate = engine / row["megabytes"]
        yield f"{row['pods']:>9,}{row['megabytes']:>8}{steps}{rate:>13.4f}{row['peak megabytes']:>9.0f}"
