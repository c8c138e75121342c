"""Encryption at rest: every file of ``encryption`` loads or not, is written and found fault with as stated."""

from collections.abc import Iterable
from typing import Any

import yaml

from netsim.ingest.document import written
from netsim.ir.finding import Check
from netsim.knowledge import checks
from netsim.posture.encryption import AtRest, at_rest, flag_faults
from netsim.posture.faults import Fault
from netsim.posture.rotation import Step, rotation
from tests.conformance.data import root


def _cases(name: str, key: str) -> list[dict[str, Any]]:
    return yaml.safe_load((root() / "encryption" / name).read_text(encoding="utf-8"))[key]


def _said(faults: Iterable[Fault], catalogue: dict[str, Check]) -> list[tuple[str, str, str]]:
    """Return faults in the words of VOCABULARY.md: its id is our row's name behind ``enc-``."""
    return sorted((f"enc-{fault.check}", str(catalogue[fault.check].severity), _path(fault)) for fault in faults)


def _path(fault: Fault) -> str:
    return "kind/apiVersion" if fault.check == "invalid-kind" else written(fault.path)


def _expected(rows: Iterable[dict[str, str]]) -> list[tuple[str, str, str]]:
    return sorted((row["id"], row["severity"], row.get("path", "")) for row in rows)


def test_every_file_loads_or_is_refused_and_is_found_fault_with_as_stated() -> None:
    catalogue = dict(checks("encryption"))
    for case in _cases("cases.yaml", "cases"):
        found, expect = at_rest(case["config"]), case["expect"]
        flags = case.get("apiserver_flags")
        of_flags = [] if flags is None else list(flag_faults(dict(_flag(flag) for flag in flags)))
        assert (case["id"], _said(found.refused, catalogue)) == (case["id"], _expected(expect["errors"]))
        assert (case["id"], not found.refused) == (case["id"], expect["loads"])
        assert (case["id"], _said([*found.faults, *of_flags], catalogue)) == (case["id"], _expected(expect["findings"]))
        assert (case["id"], _written(found, expect["writes"])) == (case["id"], expect["writes"])


def _flag(written_flag: str) -> tuple[str, str]:
    name, _, value = written_flag.lstrip("-").partition("=")
    return name, value


def _written(found: AtRest, wanted: dict[str, str] | None) -> dict[str, str] | None:
    if found.refused:
        return None
    return {resource: str(found.written(resource)) for resource in wanted or ()}


def test_every_rotation_leaves_unreadable_what_is_stated() -> None:
    for sequence in _cases("rotation.yaml", "sequences"):
        steps = [Step(configuration=each["config"], rewrite=each["rewrite"]) for each in sequence["steps"]]
        for after, step in zip(rotation(steps), sequence["steps"], strict=True):
            said = {
                "stored": {name: str(value) for name, value in after.stored.items()},
                "unreadable": list(after.unreadable),
            }
            assert (sequence["id"], step["step"], said) == (sequence["id"], step["step"], step["expect"])
