"""What a listing leaves open to pods that could be, in text."""

from collections.abc import Iterable, Iterator

from netsim.ir.policy import Direction
from netsim.ir.traffic import ALL
from netsim.queries.exposure import ENTIRE_CLUSTER, Exposed, Exposure
from netsim.render import text
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import safe

NOTHING = "nothing is open to pods that could be"

ARROWS = {Direction.EGRESS: "->", Direction.INGRESS: "<-"}


def exposed(answer: Exposed, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the listing, then the exposure in four columns, then the unprotected workloads."""
    yield from text.reach(answer, palette)
    rows = [row for row in answer.exposure if not row.existing]
    if not rows:
        yield f"\n{NOTHING}\n"
        return
    left = text.width(["WORKLOAD", *(row.workload for row in rows)])
    right = text.width(["POTENTIAL PEER", *(peer(row) for row in rows)])
    yield "\n" + paint(f"{'WORKLOAD':{left}}      {'POTENTIAL PEER':{right}}  EXPOSED TO", palette.head) + "\n"
    for row in rows:
        other = f"{ARROWS[row.direction]}  {safe(peer(row)):{right}}"
        yield f"{safe(row.workload):{left}}  {other}  {paint(traffic(row), palette.doubt if row.unknown else '')}\n"
    found = unprotected(answer.unprotected)
    if found:
        yield "\n" + paint("no policy protects:", palette.head) + "\n"
        yield from (f"  {safe(workload)}: {own}\n" for workload, own in found.items())


def peer(row: Exposure) -> str:
    """Return the peer of a row, which could be."""
    return str(row.peer or ENTIRE_CLUSTER)


def traffic(row: Exposure) -> str:
    """Return what a row is exposed to: ``TCP 80; ports named http``, ``none``."""
    parts = [str(row.traffic)] if row.traffic else []
    parts += [f"ports named {_names(row.named)}"] if row.named else []
    told = "; ".join(parts + ([f"unknown: {row.unknown}"] if row.unknown else [])) or "none"
    return f"{told}, but not ports named {_names(row.but_named)}" if row.but_named else told


def _names(names: Iterable[str]) -> str:
    """Return port names, without their protocol where it is every one."""
    protocols: dict[str, list[str]] = {}
    for entry in names:
        protocol, _, name = entry.partition(" ")
        protocols.setdefault(name, []).append(protocol)
    every = sum(1 for ranges in ALL.ranges if ranges)
    told = (name if len(own) == every else f"{name} ({', '.join(own)})" for name, own in sorted(protocols.items()))
    return ", ".join(told)


def unprotected(found: Iterable[tuple[str, Direction]]) -> dict[str, str]:
    """Return the workloads that no policy protects, each with its directions: ``egress and ingress``."""
    directions: dict[str, list[str]] = {}
    for workload, direction in found:
        directions.setdefault(workload, []).append(direction.value)
    return {workload: " and ".join(own) for workload, own in directions.items()}
