"""netsim posture, as a user sees it."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Netsim

GUIDE = """\
# How to start etcd

```bash
etcd --cert-file=/a.crt \\
  --key-file=/a.key
```

- a pod:

  ```yaml
  apiVersion: v1
  kind: Pod
  metadata: {name: web, namespace: shop}
  spec:
    hostNetwork: true
    containers: [{name: web, image: "web@sha256:00"}]
  ```

```
FROM alpine:3.12
USER 1000
```

```yaml
metadata: {name: [}
kind: Pod
```
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {hostPID: true, containers: [{name: web, image: web}]}
"""


@pytest.fixture
def guide(tmp_path: Path) -> str:
    """Write a guide, and return its name."""
    file = tmp_path / "guide.md"
    file.write_text(GUIDE, encoding="utf-8")
    return str(file)


@pytest.fixture
def pod(tmp_path: Path) -> str:
    """Write a pod, and return its file's name."""
    file = tmp_path / "pod.yaml"
    file.write_text(POD, encoding="utf-8")
    return str(file)


def _lines(out: str) -> dict[str, int]:
    return {each["code"]: each["line"] for each in json.loads(out)["findings"]}


def test_the_code_blocks_of_a_guide_are_read_each_as_what_it_is_with_its_lines(netsim: Netsim, guide: str) -> None:
    ran = netsim("posture", guide, "-o", "json")
    lines = _lines(ran.out)
    assert (lines["NS605"], lines["NS311"], lines["NS812"]) == (4, 15, 20)
    assert ran.status == 1


def test_a_block_of_a_guide_that_is_no_yaml_is_passed_over_with_a_warning(netsim: Netsim, guide: str) -> None:
    ran = netsim("posture", guide)
    assert "this block is passed over" in ran.err


@pytest.mark.parametrize(("fail_on", "status"), [("critical", 0), ("high", 1), ("info", 1), ("none", 0)])
def test_the_exit_code_is_what_fail_on_says(netsim: Netsim, pod: str, fail_on: str, status: int) -> None:
    assert netsim("posture", pod, "--fail-on", fail_on).status == status


def test_one_area_is_looked_at_alone(netsim: Netsim, pod: str) -> None:
    codes = {each["code"][:3] for each in json.loads(netsim("posture", "podsec", pod, "-o", "json").out)["findings"]}
    assert codes == {"NS3"}
    assert json.loads(netsim("posture", "audit", pod, "-o", "json").out)["findings"] == []


@pytest.mark.parametrize("form", ["text", "json", "md", "sarif", "junit", "github", "gitlab"])
def test_every_format_names_the_code_and_the_file(netsim: Netsim, pod: str, form: str) -> None:
    ran = netsim("posture", pod, "-o", form)
    assert "NS311" in ran.out
    assert "pod.yaml" in ran.out


def test_what_a_baseline_accepts_is_no_reason_to_fail(netsim: Netsim, pod: str, tmp_path: Path) -> None:
    accepted = str(tmp_path / "accepted.json")
    assert netsim("posture", pod, "--write-baseline", accepted).status == 0
    ran = netsim("posture", pod, "--baseline", accepted)
    assert ran.status == 0
    assert "nothing found" in ran.out


def test_a_file_that_is_not_there_is_trouble(netsim: Netsim) -> None:
    assert netsim("posture", "nowhere.yaml").status == 2


KEYS = """\
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - secretbox: {keys: [%s]}
"""
OLD = "{name: k1, secret: YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=}"
NEW = "{name: k2, secret: ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY3ODk=}"


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    """Write the files of a change of keys, and return their names."""
    found = {}
    for name, held in (("old", OLD), ("both", f"{OLD}, {NEW}"), ("moved", f"{NEW}, {OLD}"), ("new", NEW)):
        (tmp_path / f"{name}.yaml").write_text(KEYS % held, encoding="utf-8")
        found[name] = str(tmp_path / f"{name}.yaml")
    return found


def test_a_change_of_keys_in_every_step_is_safe(netsim: Netsim, keys: dict[str, str]) -> None:
    order = [keys["old"], keys["both"], keys["moved"], "rewrite", keys["new"]]
    ran = netsim("posture", "encryption", "--rotate", *order)
    assert (ran.status, ran.out.splitlines()[-1]) == (0, "safe: every secrets object can be read at every step")


def test_a_change_of_keys_in_one_step_is_not_safe(netsim: Netsim, keys: dict[str, str]) -> None:
    ran = netsim("posture", "encryption", "--rotate", keys["old"], keys["new"])
    assert ran.status == 1
    assert "secret-0: secretbox k1, CANNOT BE READ" in ran.out


def test_a_key_that_the_other_api_servers_do_not_know_yet_tears_the_cluster(
    netsim: Netsim, keys: dict[str, str]
) -> None:
    ran = netsim("posture", "encryption", "--rotate", keys["old"], keys["moved"], "-o", "json")
    answer = json.loads(ran.out)
    assert [step["torn"] for step in answer["steps"]] == [False, True]
    assert not answer["safe"]


DANGLING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: gone}
subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: developers}]
"""


def test_a_fix_of_roles_is_told_and_is_printed_as_patches(netsim: Netsim, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(DANGLING, encoding="utf-8")
    ran = netsim("posture", "rbac", str(tmp_path / "b.yaml"), "--fix")
    assert ran.status == 1
    assert "mends NS201" in ran.out
    ran = netsim("posture", "rbac", str(tmp_path / "b.yaml"), "--fix", "-o", "yaml")
    assert yaml.safe_load(ran.out)["$patch"] == "delete"
    assert netsim("posture", "rbac", str(tmp_path / "b.yaml"), "-o", "yaml").status == 2


def test_what_if_prints_a_patch_that_passes(netsim: Netsim, pod: str) -> None:
    ran = netsim("posture", "podsec", pod, "--what-if", "restricted", "-o", "json")
    (found,) = json.loads(ran.out)["workloads"]
    assert (ran.status, found["proved"], found["patch"]["spec"]["hostPID"]) == (1, True, None)
    assert netsim("posture", "podsec", pod, "--what-if", "restricted", "-n", "other").status == 2


def test_what_if_since_a_version_tells_what_breaks_by_the_newer_one(netsim: Netsim, tmp_path: Path) -> None:
    file = tmp_path / "pod.yaml"
    probe = "livenessProbe: {tcpSocket: {host: 10.0.0.1, port: 80}}"
    file.write_text(POD.replace("hostPID: true, ", "").replace("image: web", f"image: web, {probe}"), encoding="utf-8")
    ran = netsim("posture", "podsec", str(file), "--what-if", "baseline:v1.37", "--since", "v1.33", "-o", "json")
    assert [list(each["failing"]) for each in json.loads(ran.out)["workloads"]] == [["hostProbesAndHostLifecycle"]]
    assert netsim("posture", "podsec", str(file), "--what-if", "baseline:v1.37", "--since", "v1.34").status == 0


def test_audit_level_says_the_rule_and_what_leaks(netsim: Netsim, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: RequestResponse\n", encoding="utf-8")
    asked = ("posture", "audit", "level", "--policy", str(policy), "--as", "bob", "--verb", "get", "-n", "shop")
    answer = json.loads(netsim(*asked, "--resource", "secrets", "-o", "json").out)
    assert (answer["level"], answer["rule"], answer["leaks"], answer["line"]) == (
        "RequestResponse",
        0,
        ["responseObject"],
        4,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("podsec", "--since", "v1.30"),
        ("podsec", "--what-if", "strict"),
        ("encryption", "--rotate"),
        ("audit", "level", "--policy", "nowhere.yaml", "--as", "a", "--verb", "get", "--resource", "pods"),
    ],
)
def test_a_question_that_is_none_is_trouble(netsim: Netsim, pod: str, arguments: tuple[str, ...]) -> None:
    beside = (pod,) if arguments[0] == "podsec" else ()
    assert netsim("posture", *arguments, *beside).status == 2


def test_metrics_are_written_as_node_exporter_reads_them(netsim: Netsim, pod: str, tmp_path: Path) -> None:
    file = tmp_path / "netsim.prom"
    assert netsim("posture", pod, "--metrics", str(file), "--fail-on", "none").status == 0
    lines = file.read_text("utf-8").splitlines()
    assert 'netsim_findings{area="podsec",severity="high",check="NS311",namespace="shop"} 1' in lines
    assert 'netsim_pods_violating{level="baseline",namespace="shop"} 1' in lines
    assert 'netsim_unprotected_pods{namespace="shop"} 1' in lines
    assert list(tmp_path.glob(".*")) == []
    assert netsim("posture", pod, "--metrics", str(tmp_path / "netsim.txt")).status == 2


def test_policy_reports_are_objects_that_kubernetes_takes(netsim: Netsim, pod: str) -> None:
    ran = netsim("posture", pod, "-o", "policyreport")
    reports = list(yaml.safe_load_all(ran.out))
    assert [each["kind"] for each in reports] == ["ClusterPolicyReport", "PolicyReport"]
    for each in reports:
        results = each["results"]
        assert each["summary"]["fail"] == sum(row["result"] == "fail" for row in results)
        assert {row["severity"] for row in results} <= {"critical", "high", "medium", "low", "info"}
    assert reports[1]["results"][0]["resources"] == [
        {"apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": "web"}
    ]


def test_files_of_a_folder_that_are_no_objects_are_named_where_nothing_else_is_there(
    netsim: Netsim, tmp_path: Path
) -> None:
    (tmp_path / "etcd-flags.txt").write_text("etcd --auto-tls\n", encoding="utf-8")
    (tmp_path / "values.yaml").write_text("a: 1\n", encoding="utf-8")
    ran = netsim("posture", str(tmp_path))
    assert ran.status == 0
    assert "etcd-flags.txt" in ran.err


COVERED = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: r}
rules: [{apiGroups: [''], resources: [secrets], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: r}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}
subjects: [{kind: User, name: bob, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
"""


def test_the_audit_policy_that_is_generated_leaves_no_step_uncovered(netsim: Netsim, tmp_path: Path) -> None:
    given, made = tmp_path / "rights.yaml", tmp_path / "audit-policy.yaml"
    given.write_text(COVERED, encoding="utf-8")
    assert netsim("posture", "audit", "coverage", str(given)).status == 2
    assert netsim("posture", "audit", "generate", str(given), "-f", str(made)).status == 0
    assert yaml.safe_load(made.read_text("utf-8"))["rules"][0]["verbs"] == ["list"]
    ran = netsim("posture", "audit", "coverage", str(given), str(made))
    assert (ran.status, ran.out) == (0, "of 1 attack step by requests to the API server, 1 logged\n")
    made.write_text(made.read_text("utf-8").replace("- list", "- get"), encoding="utf-8")
    ran = netsim("posture", "audit", "coverage", str(given), str(made))
    assert ran.status == 1
    assert "not logged: list secrets" in ran.out
