"""What annotations accept: ``netsim.dev/accept: "NS168 until 2027-01-31 it is probed; NS177 a mesh"``."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from netsim.ingest.manifests import Manifest
from netsim.ir.finding import Finding
from netsim.ir.snapshot import Notice

ANNOTATION = "netsim.dev/accept"
_ENTRY = re.compile(r"(?P<code>NS\d+)(?:\s+until\s+(?P<day>\S+))?(?:\s+(?P<reason>.+))?", re.DOTALL)


def accepted(
    manifests: Sequence[Manifest], found: Sequence[Finding], today: date | None = None
) -> tuple[frozenset[str], tuple[Notice, ...]]:
    """Return the keys of the findings that annotations of their objects accept, and what is wrong with annotations."""
    now = today or datetime.now(tz=UTC).date()
    keys: set[str] = set()
    notices: list[Notice] = []
    for manifest, entry in _entries(manifests):
        place = manifest.place(("metadata", "annotations", ANNOTATION))
        form = _ENTRY.fullmatch(entry)
        day = _day(form["day"]) if form else None
        if form is None or (form["day"] and day is None):
            notices.append(Notice(f"`{entry}` accepts nothing: write NS168 until 2027-01-31 REASON", place))
            continue
        own = {each.key for each in found if each.code == form["code"] and _is_about(each, manifest)}
        if not own:
            notices.append(Notice(f"nothing is found that `{entry}` accepts: take it out", place))
        elif day is not None and day < now:
            notices.append(Notice(f"`{entry}` has expired: what it accepted is told again", place))
        else:
            keys |= own
            if not form["reason"]:
                notices.append(Notice(f"`{entry}` says not why: write {entry} REASON", place))
    return frozenset(keys), tuple(notices)


def _entries(manifests: Sequence[Manifest]) -> Iterator[tuple[Manifest, str]]:
    for manifest in manifests:
        metadata = manifest.body.get("metadata")
        annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
        text = annotations.get(ANNOTATION) if isinstance(annotations, dict) else None
        if isinstance(text, str):
            yield from ((manifest, entry.strip()) for entry in text.split(";") if entry.strip())


def _is_about(found: Finding, manifest: Manifest) -> bool:
    name = manifest.name if manifest.kind == "Namespace" else f"{manifest.namespace or 'default'}/{manifest.name}"
    return found.object in (f"{manifest.kind} {name}", f"{manifest.kind} {manifest.name}")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
