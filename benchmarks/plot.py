"""Growth as a picture: seconds over pods, both axes by powers of ten, in SVG written by hand."""

from collections.abc import Iterator, Sequence
from math import ceil, floor, log10
from typing import Any

WIDTH, HEIGHT = 640, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 120, 30, 50

#: The lines that are drawn, with their colours: told apart by those who see few, and named at their ends.
LINES = {"load": "#666666", "lower": "#0072b2", "reach": "#d55e00", "summary": "#009e73"}


def growth(rows: Sequence[dict[str, Any]]) -> str:
    """Return the picture of the growth with the size of the cluster; a dashed line is exactly linear."""
    return "\n".join(_drawn(Frame(rows), rows)) + "\n"


class Frame:
    """Where a value lies on the picture: each axis spans whole powers of ten."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        pods = [row["pods"] for row in rows]
        seconds = [max(row["processor"][name], 1e-4) for row in rows for name in LINES]
        self.across = floor(log10(min(pods))), max(ceil(log10(max(pods))), floor(log10(min(pods))) + 1)
        self.up = floor(log10(min(seconds))), max(ceil(log10(max(seconds))), floor(log10(min(seconds))) + 1)

    def x(self, pods: float) -> float:
        """Return how far right."""
        first, last = self.across
        return LEFT + (log10(pods) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(self, seconds: float) -> float:
        """Return how far down."""
        first, last = self.up
        return HEIGHT - BOTTOM - (log10(max(seconds, 1e-4)) - first) / (last - first) * (HEIGHT - TOP - BOTTOM)


def _drawn(frame: Frame, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
    yield "<title>Processor seconds over pods</title>"
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    yield from _axes(frame)
    yield _linear(frame, rows)
    for name, colour in LINES.items():
        points = [(frame.x(row["pods"]), frame.y(row["processor"][name])) for row in rows]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
        yield _text(points[-1][0] + 8, points[-1][1] + 4, name, colour=colour)
    yield "</svg>"


def _axes(frame: Frame) -> Iterator[str]:
    for power in range(frame.across[0], frame.across[1] + 1):
        x = frame.x(10**power)
        yield f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#dddddd"/>'
        yield _text(x, HEIGHT - BOTTOM + 18, f"{10**power:,}", anchor="middle")
    for power in range(frame.up[0], frame.up[1] + 1):
        y = frame.y(10**power)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>'
        yield _text(LEFT - 8, y + 4, f"{10.0**power:g} s", anchor="end")
    yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "pods", anchor="middle")


def _linear(frame: Frame, rows: Sequence[dict[str, Any]]) -> str:
    """Return the line that the load of the first row would follow if it grew as the pods do."""
    first, last = rows[0], rows[-1]
    start = first["processor"]["load"]
    end = min(start * last["pods"] / first["pods"], 10.0 ** frame.up[1])
    where = f"M{frame.x(first['pods']):.1f} {frame.y(start):.1f}L{frame.x(last['pods']):.1f} {frame.y(end):.1f}"
    return f'<path d="{where}" stroke="#999999" stroke-dasharray="4 4" fill="none"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = "#333333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" text-anchor="{anchor}" fill="{colour}">{text}</text>'
