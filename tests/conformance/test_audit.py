"""Audit policies: every request is recorded, and every policy found fault with, as stated."""

from typing import Any

import yaml

from netsim.ingest.document import written
from netsim.ir.audit import AuditRequest
from netsim.knowledge import checks
from netsim.posture.auditlint import audit_faults
from netsim.posture.auditpolicy import policy_of, recorded
from netsim.posture.faults import Fault
from tests.conformance.data import root


def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load((root() / "audit" / name).read_text(encoding="utf-8"))


def _request(said: dict[str, Any]) -> AuditRequest:
    return AuditRequest(
        verb=said["verb"],
        user=said.get("user"),
        groups=frozenset(said.get("groups", ())),
        path=said.get("path", ""),
        group=said.get("apiGroup", ""),
        resource=said.get("resource"),
        subresource=said.get("subresource", ""),
        namespace=said.get("namespace", ""),
        name=said.get("name", ""),
    )


def test_every_request_is_recorded_as_stated() -> None:
    file = _read("cases.yaml")
    for case in file["cases"]:
        found = recorded(policy_of(file["policies"][case["policy"]]), _request(case["request"]))
        assert {
            "id": case["id"],
            "level": found.level.label,
            "rule": found.rule,
            "stages": [stage.value for stage in found.stages],
            "omit_managed_fields": found.omit_managed_fields,
        } == {"id": case["id"], **case["expect"]}


def _said(fault: Fault) -> tuple[str, str, str]:
    severity = str(checks("audit")[fault.check].severity)
    of_rule = fault.check in {"audit-dead-rule", "audit-never-matching-rule"}
    of_field = fault.check == "audit-unknown-field-ignored"
    return fault.check, severity, str(fault.path[1]) if of_rule else written(fault.path) if of_field else ""


def test_every_policy_is_found_fault_with_as_stated() -> None:
    for case in _read("lint.yaml")["cases"]:
        expected = {(row["id"], row["severity"], str(row.get("rule", row.get("path", "")))) for row in case["findings"]}
        assert (case["id"], set(map(_said, audit_faults(case["policy"])))) == (case["id"], expected)
