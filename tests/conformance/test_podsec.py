"""The Pod Security Standards: every fixture of ``podsec`` exactly."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from netsim.ir.podsecurity import Level
from netsim.posture.podsecurity import failures
from netsim.posture.podsecurityadmission import (
    Asked,
    Exemptions,
    NamespacePolicy,
    outcome_of_pod,
    outcome_of_template,
    policy_of,
)
from tests.conformance.data import root

LEVELS = {level.label: level for level in Level}


def _read(name: str) -> Any:
    return yaml.safe_load((root() / "podsec" / name).read_text(encoding="utf-8"))


def _failing(pod: Mapping[str, Any], level: str, version: str) -> list[str]:
    return sorted(failure.control.id for failure in failures(pod, LEVELS[level], version))


def test_every_fixture_fails_by_the_checks_that_it_was_made_for_and_no_other() -> None:
    expected = _read("failing-checks.yaml")
    folder = root() / "podsec"
    wrong, seen = [], 0
    for path in sorted([*folder.glob("baseline/*/*/*.yaml"), *folder.glob("restricted/*/*/*.yaml")]):
        name = path.relative_to(folder).as_posix()
        level, version, *_ = name.split("/")
        found = _failing(yaml.safe_load(path.read_text(encoding="utf-8")), level, version)
        seen += 1
        if found != sorted(expected.get(name, [])):
            wrong.append(f"{name}: {found}, not {expected.get(name, [])}")
    assert not wrong, "\n".join(wrong)
    assert seen > len(expected)


def test_every_edge_case_fails_by_exactly_its_checks() -> None:
    found = {
        case["id"]: _failing(case["pod"], case["level"], case["version"]) for case in _read("edge-cases.yaml")["cases"]
    }
    assert found == {case["id"]: sorted(case["failing"]) for case in _read("edge-cases.yaml")["cases"]}


def test_every_set_of_namespace_labels_resolves_to_its_policy() -> None:
    for case in _read("namespace-labels.yaml")["cases"]:
        found = policy_of(case["labels"], _defaults(case["defaults"]))
        modes = {"enforce": found.enforce, "audit": found.audit, "warn": found.warn}
        said = {mode: {"level": asked.level.label, "version": asked.version} for mode, asked in modes.items()}
        assert (case["id"], said) == (case["id"], case["resolved"])
        assert (case["id"], list(found.invalid)) == (case["id"], sorted(case["invalid_labels"]))


def _defaults(written: Mapping[str, str]) -> NamespacePolicy:
    asked = {
        mode: Asked(level=LEVELS[written.get(mode, "privileged")], version=written.get(f"{mode}-version", "latest"))
        for mode in ("enforce", "audit", "warn")
    }
    return NamespacePolicy(enforce=asked["enforce"], audit=asked["audit"], warn=asked["warn"])


@pytest.mark.parametrize("of_pod", [True, False])
def test_every_admission_has_its_outcome(of_pod: bool) -> None:  # noqa: FBT001 - a parameter of the test
    for case in _read("admission.yaml")["cases"]:
        if (case["kind"] == "Pod") is not of_pod:
            continue
        pod, given = case["pod_template"], case["exemptions"]
        exemptions = Exemptions(
            usernames=frozenset(given.get("usernames", ())),
            namespaces=frozenset(given.get("namespaces", ())),
            runtime_classes=frozenset(given.get("runtimeClasses", ())),
        )
        exempt = exemptions.of(user=case["user"], namespace=pod["metadata"]["namespace"], pod=pod)
        decide = outcome_of_pod if of_pod else outcome_of_template
        outcome = decide(pod, policy_of(case["namespace_labels"]), exempt=exempt)
        assert {
            "id": case["id"],
            "admitted": not outcome.refused_by,
            "exempt": outcome.exempt,
            "warn": bool(outcome.warned_by),
            "audit": bool(outcome.audited_by),
            "enforce_failing": sorted(failure.control.id for failure in outcome.refused_by),
            "pods_created_later_rejected": None if of_pod else bool(outcome.pods_refused_by),
        } == {"id": case["id"], **case["expected"]}
