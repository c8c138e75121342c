"""The example configurations that netsim grew from: what is wrong with them is found, and no false alarm is given."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import netsim
from netsim.ir.admission import Outcome, Ruling
from netsim.ir.finding import Finding
from netsim.posture.admission import reviews
from netsim.posture.areas import Area
from netsim.posture.policies import policies
from netsim.queries import posture
from tests.conformance.data import read_yaml, root

#: Our codes in the words of the cases. Several codes may be one word, and one code several words.
WORDS: dict[str, tuple[str, ...]] = {
    "rbac-wildcard": ("NS221", "NS222"),
    "rbac-secrets-readable": ("NS223",),
    "rbac-node-proxy": ("NS224",),
    "rbac-exec-by-get": ("NS226",),
    "rbac-service-proxy": ("NS227",),
    "rbac-pod-logs-readable": ("NS228",),
    "rbac-binding-to-user": ("NS208",),
    "rbac-cluster-wide-binding": ("NS210",),
    "rbac-misleading-name": ("NS211",),
    "rbac-can-create-pods": ("NS230",),
    "rbac-can-escalate": ("NS231",),
    "rbac-can-bind": ("NS231",),
    "rbac-can-impersonate": ("NS232",),
    "rbac-privilege-escalation": ("NS231", "NS232"),
    "rbac-unused-role": ("NS203",),
    "rbac-dangling-roleref": ("NS201",),
    "namespace-no-pod-security": ("NS301",),
    "pod-privileged": ("NS310",),
    "pod-host-namespace": ("NS311",),
    "pod-hostpath": ("NS312",),
    "pod-not-restricted": ("NS330",),
    "pod-runs-as-root": ("NS331",),
    "pod-nonroot-not-enforced": ("NS332",),
    "pod-image-mutable-tag": ("NS333",),
    "pod-no-resource-limits": ("NS334",),
    "pod-sa-token-automounted": ("NS335",),
    "pod-writable-paths-unknown": ("NS337",),
    "pod-hostpath-writable": ("NS338",),
    "admission-policy-incomplete": ("NS401",),
    "admission-policy-unset-passes": ("NS402",),
    "admission-policy-kinds-pod-only": ("NS403",),
    "admission-policy-no-exemptions": ("NS404",),
    "admission-template-old-api": ("NS405",),
    "admission-fail-open-default": ("NS406",),
    "admission-audit-only": ("NS408",),
    "admission-policy-false-positive": ("NS409",),
    "admission-deprecated-field": ("NS410",),
    "admission-deprecated-kind": ("NS411",),
    "admission-own-examples-fail": ("NS412",),
    "policies-contradict": ("NS413",),
    "enc-flag-missing": ("NS501",),
    "enc-invalid-kind": ("NS503",),
    "enc-key-invalid": ("NS507",),
    "enc-identity-first": ("NS512",),
    "enc-secrets-not-covered": ("NS513",),
    "enc-key-guessable": ("NS515",),
    "enc-aescbc-weak": ("NS518",),
    "enc-static-key-file": ("NS520",),
    "enc-single-key": ("NS521",),
    "enc-plaintext-still-readable": ("NS523",),
    "enc-other-resources-plaintext": ("NS525",),
    "enc-config-path": ("NS530",),
    "enc-no-rotation-steps": ("NS531",),
    "enc-vault-not-connected": ("NS532",),
    "etcd-client-plaintext-loopback": ("NS602",),
    "etcd-peer-plaintext-loopback": ("NS604",),
    "etcd-tls-ignored": ("NS605",),
    "etcd-cert-missing": ("NS606",),
    "etcd-client-cert-auth-off": ("NS607",),
    "etcd-auto-tls": ("NS609",),
    "etcd-peer-auto-tls": ("NS610",),
    "etcd-peer-cert-missing": ("NS611",),
    "etcd-flags-ignored-by-config-file": ("NS615",),
    "etcd-unknown-option": ("NS616",),
    "etcd-tls-min-version-unset": ("NS623",),
    "apiserver-authorization-always-allow": ("NS642",),
    "apiserver-flags-incomplete": ("NS659",),
    "apiserver-static-pod-mounts": ("NS660",),
    "cert-no-san": ("NS670",),
    "cert-v1": ("NS671",),
    "cert-peer-never-generated": ("NS672",),
    "cert-long-lived-ca": ("NS673",),
    "cert-no-renewal": ("NS674",),
    "audit-dead-rule": ("NS703",),
    "audit-no-catch-all": ("NS707",),
    "audit-secrets-not-logged": ("NS708",),
    "audit-exec-not-logged": ("NS711",),
    "audit-rbac-mutation-verbs-incomplete": ("NS714",),
    "audit-workload-changes-not-logged": ("NS715",),
    "audit-request-received-not-omitted": ("NS716",),
    "audit-policy-narrow": ("NS721",),
    "audit-retention-by-size": ("NS726",),
    "audit-log-only-on-node": ("NS727",),
    "audit-shipper-misses-control-plane": ("NS728",),
    "log-transport-plaintext": ("NS729",),
    "log-config-missing": ("NS730",),
    "secret-on-command-line": ("NS801",),
    "secret-token-in-script": ("NS802",),
    "vault-kv2-path": ("NS803",),
    "image-user-not-numeric": ("NS810",),
    "image-base-outdated": ("NS812",),
    "image-copy-everything": ("NS814",),
    "image-user-owns-code": ("NS815",),
    "image-curl-in-production": ("NS816",),
}
#: The words of network policies, which the search for gaps finds.
ELSEWHERE = ("netpol-",)
#: The inputs of each example beside its own files, where what is said of it is said of both.
WITH = {
    "09-kyverno-disallow-root": (
        "07-pods/secure-pod.yaml",
        "07-pods/readonly-pod.yaml",
        "07-pods/capabilities-pod.yaml",
        "07-pods/seccomp-pod.yaml",
    ),
    "10-etcd-config-file": ("12-etcd-tls/etcd-flags.txt",),
    "11-encryption-config": ("10-etcd-config-file/etcd.conf.yaml",),
    "14-apiserver-audit-flags": ("15-audit-policy/audit-policy.yaml",),
}
#: A day on which the certificates of the cases are valid and the base image is not.
DAY = datetime(2026, 8, 1, tzinfo=UTC)
EXAMPLES = (
    "01-rbac-pod-reader",
    "02-rbac-cluster-readonly",
    "07-pods",
    "08-gatekeeper-disallow-root",
    "09-kyverno-disallow-root",
    "10-etcd-config-file",
    "11-encryption-config",
    "12-etcd-tls",
    "13-vault-key",
    "14-apiserver-audit-flags",
    "15-audit-policy",
    "16-fluentd",
    "17-dockerfile",
)


def folder(example: str) -> Path:
    """Return the folder of an example."""
    return root() / "seed-examples" / example


def found(example: str, *, leave_out: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    """Return what is found in an example, and in what belongs to it."""
    own = [
        each
        for each in sorted(folder(example).iterdir())
        if each.name not in ("expect.yaml", "objects.yaml", "rbac-fixed.yaml", *leave_out)
    ]
    beside = [root() / "seed-examples" / each for each in WITH.get(example, ())]
    return posture(netsim.load(*own, *beside, kubernetes="1.34"), now=DAY).findings


def expected(example: str) -> Iterator[dict[str, Any]]:
    """Yield the findings that an example has to have: not those that are optional, or depend on something else."""
    for row in read_yaml(folder(example) / "expect.yaml")["findings"]:
        if not row.get("condition") and not row["id"].startswith(ELSEWHERE):
            yield row


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_finding_of_an_example_is_reported_at_its_severity(example: str) -> None:
    seen = [(each.code, str(each.severity)) for each in found(example)]
    lacking = [
        (row["id"], row["severity"])
        for row in expected(example)
        if not any((code, row["severity"]) in seen for code in WORDS[row["id"]])
    ]
    assert not lacking
    for word in {row["id"] for row in expected(example)}:
        wanted = sum(row["id"] == word for row in expected(example))
        assert sum(code in WORDS[word] for code, _ in seen) >= wanted, word


@pytest.mark.parametrize("example", EXAMPLES)
def test_nothing_is_reported_of_an_example_that_is_a_false_alarm(example: str) -> None:
    own = found(example)
    asked = read_yaml(folder(example) / "expect.yaml").get("must_not_report", [])
    for word in asked:
        name, _, scope = word.partition(" on ")
        if name == "pod-privilege-escalation":  # in our words, a control of the level restricted
            said = [each for each in own if each.code == "NS330" and each.object.endswith(scope)]
            assert said
            assert all("allowPrivilegeEscalation" not in each.message for each in said)
            continue
        false = [each for each in own if each.code in WORDS[name] and (not scope or each.object.endswith(scope))]
        assert not false, (word, false)


@pytest.mark.parametrize("example", ["07-pods", "16-fluentd"])
def test_the_pods_of_an_example_fail_the_standards_as_stated(example: str) -> None:
    own = found(example)
    for row in read_yaml(folder(example) / "expect.yaml")["pod_security"]:
        name = row.get("pod") or row["object"].partition("/")[2]
        said = {each.code: each for each in own if each.object.endswith(f"/{name}") and each.code in ("NS312", "NS330")}
        strict = dict(said["NS330"].evidence) if "NS330" in said else {}
        assert sorted(strict) == row["restricted"]["failing"], name
        assert ("NS312" in said) is ("hostPathVolumes" in row["baseline"]["failing"]), name


def test_a_condition_of_a_finding_is_the_finding_once_it_holds() -> None:
    rows = read_yaml(folder("15-audit-policy") / "expect.yaml")["findings"]
    (row,) = [each for each in rows if each.get("condition") == "after swapping the two rules"]
    policy = read_yaml(folder("15-audit-policy") / "audit-policy.yaml")
    swapped = {**policy, "rules": policy["rules"][::-1]}
    answer = netsim.load(documents=[swapped]).posture("audit")
    assert any(each.code in WORDS[row["id"]] and each.severity == row["severity"] for each in answer)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_repaired_form_of_an_example_has_no_grave_finding(example: str, tmp_path: Path) -> None:
    repaired = read_yaml(folder(example) / "expect.yaml").get("repaired")
    if repaired is None:
        return
    (tmp_path / "repaired.yaml").write_text(repaired, encoding="utf-8")
    area = Area.ENCRYPTION if example.startswith("11") else Area.AUDIT
    answer = netsim.load(tmp_path / "repaired.yaml").posture(area)
    assert [each for each in answer if str(each.severity) in ("critical", "high")] == []


def _rulings(example: str) -> dict[tuple[str, str], Ruling]:
    """Return what the policy of an example says of each of its objects, by kind and name."""
    cluster = netsim.load(folder(example) / "policy.yaml", folder(example) / "objects.yaml")
    (policy,) = policies(cluster.manifests)
    return {(each.kind, each.name): policy.says(each) for each in reviews(cluster.manifests)}


def test_gatekeeper_refuses_the_objects_of_its_example_as_stated() -> None:
    said = _rulings("08-gatekeeper-disallow-root")
    stated = read_yaml(folder("08-gatekeeper-disallow-root") / "expect.yaml")
    for row in stated["admission"]:
        ruling = said.pop((row["kind"], row["object"]))
        wanted = Outcome.FAIL if row["violation"] else Outcome.PASS if row["matched"] else Outcome.SKIP
        assert ruling.outcome is wanted, row
    assert not said


def test_kyverno_fails_the_objects_of_its_example_by_the_rules_stated() -> None:
    said = _rulings("09-kyverno-disallow-root")
    stated = read_yaml(folder("09-kyverno-disallow-root") / "expect.yaml")
    for row in stated["admission"]:
        ruling = said.pop((row["kind"], row["object"]))
        assert (ruling.rule, ruling.outcome.value) == (row["rule"], row["result"]), row
    assert not said
    refused = {row["object"] for row in stated["admission"] if row["result"] == "fail"}
    assert refused == set(stated["would_be_refused_under_enforce"])


@pytest.mark.parametrize("example", ["08-gatekeeper-disallow-root", "09-kyverno-disallow-root"])
def test_the_search_finds_a_way_around_the_policy_of_each_kind_that_is_stated(example: str) -> None:
    """The objects of the case that get by are found by probes that do the same."""
    (incomplete,) = [each for each in found(example) if each.code == "NS401"]
    (unset,) = [each for each in found(example) if each.code == "NS402"] or [incomplete]
    told = {*dict(incomplete.evidence).values(), unset.message}
    alike = {
        "container-level-root": "runAsUser 0 of a container",
        "container-overrides-with-root": "runAsUser 0 of a container below 1000 of the pod",
        "init-container-root": "runAsUser 0 of an init container",
        "run-as-nonroot-false": "runAsNonRoot false of the pod",
        "nonroot-pod-level-container-false": "runAsNonRoot false of a container below true of the pod",
        "nothing-set": "nothing said of users",
    }
    for name in read_yaml(folder(example) / "expect.yaml")["bypasses"]:
        assert any(alike[name] in each for each in told), name


def test_the_policies_of_all_examples_together_contradict_each_other_as_stated() -> None:
    rows = read_yaml(folder("90-all-together") / "expect.yaml")["cross_findings"]
    (row,) = [each for each in rows if each["id"] == "policies-contradict"]
    given = [folder(name) / "policy.yaml" for name in ("08-gatekeeper-disallow-root", "09-kyverno-disallow-root")]
    pods = [file for file in sorted(folder("07-pods").glob("*-pod.yaml")) if file.name != "all-together-pod.yaml"]
    answer = netsim.load(*given, *pods).posture("admission")
    (told,) = [each for each in answer if each.code in WORDS["policies-contradict"]]
    assert str(told.severity) == row["severity"]
    assert all(name in told.message for name in ("secure-pod", "readonly-pod", "capabilities-pod", "seccomp-pod"))


def test_every_example_of_what_posture_finds_is_asked_about() -> None:
    files = sorted((root() / "seed-examples").glob("*/expect.yaml"))
    told = [file.parent.name for file in files if any(True for row in _rows(file) if row["id"] in WORDS)]
    assert set(told) <= set(EXAMPLES)


def _rows(file: Path) -> list[dict[str, Any]]:
    return read_yaml(file).get("findings", [])


#: What is found of all examples together; the one on default denies is the search for gaps'.
CROSSED = {
    "detection-coverage-zero": "NS893",
    "secrets-exposed-four-ways": "NS891",
    "hostnetwork-reaches-etcd": "NS892",
    "policies-contradict": "NS413",
}


def test_what_the_examples_mean_together_is_told_as_stated() -> None:
    expect = read_yaml(folder("90-all-together") / "expect.yaml")
    given = [folder("90-all-together") / each for each in expect["inputs"] if each != "../07-pods/"]
    given += sorted(folder("07-pods").glob("*-pod.yaml"))
    # Examples 3 to 6 are policies and clusters of their own, which say different things of the same objects.
    given = [each for each in given if "-netpol-" not in str(each)]
    answer = posture(netsim.load(*given, kubernetes="1.34"), now=DAY)
    told = {(each.code, str(each.severity)) for each in answer}
    stated = {row["id"]: row["severity"] for row in expect["cross_findings"] if row["id"] in CROSSED}
    assert set(stated) == set(CROSSED)
    assert {(CROSSED[name], severity) for name, severity in stated.items()} <= told
    (coverage,) = [each for each in answer if each.code == "NS893"]
    assert coverage.message.startswith("records 0 of ")
