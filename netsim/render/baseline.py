"""A baseline as a file: JSON, one accepted thing a line, so that a review sees what was added."""

import json
from collections.abc import Iterable, Iterator

from netsim.ir.baseline import Acceptance
from netsim.queries.answer import SCHEMA


def baseline(accepted: Iterable[Acceptance]) -> Iterator[str]:
    """Yield the file."""
    lines = [json.dumps(_entry(each), ensure_ascii=False) for each in sorted(accepted, key=lambda each: each.key)]
    yield f'{{\n  "schema": {json.dumps(SCHEMA)},\n  "kind": "Baseline",\n  "accepted": ['
    yield "\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "]"
    yield "\n}\n"


def _entry(each: Acceptance) -> dict[str, str]:
    expires = {"expires": each.expires.isoformat()} if each.expires else {}
    return {"key": each.key, "reason": each.reason, **expires}
