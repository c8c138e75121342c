"""A baseline: the file of what is accepted."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from netsim.errors import Problem
from netsim.ingest.document import Document
from netsim.ingest.documents import read_documents
from netsim.ir.baseline import Acceptance

_FORM = 'write `accepted: [{key: "...", reason: "...", expires: 2027-01-31}]`; --write-baseline does'
_FIELDS = ("key", "reason", "expires")


def read_baseline(file: Path, problems: list[Problem]) -> tuple[Acceptance, ...]:
    """Return what a baseline accepts; append to ``problems`` what is wrong with it.

    It is one mapping, in YAML or JSON. Entries with problems are left out.
    """
    before = len(problems)
    documents = [document for document in read_documents([file], problems) if document.tree()]
    if len(problems) == before and (len(documents) != 1 or not isinstance(documents[0].tree().get("accepted"), list)):
        problems.append(
            Problem(file=str(file), code="NS107", message="is no baseline: it has no list `accepted`", hint=_FORM)
        )
    if len(problems) > before:
        return ()
    entries = enumerate(documents[0].tree()["accepted"])
    return tuple(found for index, entry in entries for found in _acceptance(entry, index, documents[0], problems))


def _acceptance(entry: Any, index: int, document: Document, problems: list[Problem]) -> Iterator[Acceptance]:
    at = ("accepted", index)
    if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
        problems.append(document.problem("NS108", (*at, "key"), "is required, and a text", hint=_FORM))
        return
    if unknown := sorted(entry.keys() - {*_FIELDS}):
        problems.append(document.problem("NS106", (*at, unknown[0]), "is no field of an accepted thing", hint=_FORM))
        return
    said = entry.get("expires")
    expires = _day(said)
    if said is not None and expires is None:
        problems.append(document.problem("NS107", (*at, "expires"), f'"{said}" is no day', hint="write 2027-01-31"))
        return
    reason = str(entry.get("reason") or "")
    yield Acceptance(key=entry["key"], reason=reason, expires=expires, place=document.place(at))


def _day(said: Any) -> date | None:
    try:
        return date.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
