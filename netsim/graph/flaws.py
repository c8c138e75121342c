"""Nodes that run something out of which a way is known, by the versions that they state."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from netsim.knowledge import attack_table, exact_rows

#: Major, minor and patch.
_Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """A flaw of some versions of a component; ``mended`` is the first mended patch of each line that has one."""

    id: str
    component: str
    since: tuple[int, int]
    mended: tuple[_Version, ...]
    what: str

    def has(self, version: _Version) -> bool:
        """Return whether a version has it: one of a line before those that are mended does, one after them does not."""
        line = version[:2]
        if line < self.since:
            return False
        own = next((each for each in self.mended if each[:2] == line), None)
        return line < min(self.mended)[:2] if own is None else version < own


@cache
def flaws() -> tuple[Flaw, ...]:
    """Return the flaws that are known, in the order of the table."""
    rows = attack_table("flaws")["flaw"]
    exact_rows(rows, known=("id", "component", "since", "mended", "what"))
    return tuple(
        Flaw(
            id=row["id"],
            component=row["component"],
            since=_parsed(f"{row['since']}.0")[:2],
            mended=tuple(map(_parsed, row["mended"])),
            what=row["what"],
        )
        for row in rows
    )


def flaws_of(node: Mapping[str, Any]) -> Iterator[str]:
    """Yield the flaws of what a Node object says that it runs, each with the version and what it is."""
    info = (node.get("status") or {}).get("nodeInfo") or {}
    runtime, _, version = str(info.get("containerRuntimeVersion") or "").partition("://")
    for component, text in ((runtime, version), ("kubelet", str(info.get("kubeletVersion") or ""))):
        found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text)
        for flaw in flaws() if found else ():
            if found and flaw.component == component and flaw.has(_parsed(found[0])):
                yield f"{flaw.id}: {component} {found[0].removeprefix('v')}, {flaw.what}"


def _parsed(text: str) -> _Version:
    major, minor, patch = (int(part) for part in text.removeprefix("v").split("."))
    return major, minor, patch
