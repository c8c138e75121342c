"""Scripts, Dockerfiles, certificates, dumps and flags: what is found in each, and what is not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

import netsim
from netsim.errors import InputError

DAY = datetime(2026, 8, 1, tzinfo=UTC)


def _codes(folder: Path, name: str, text: str, *, area: str = "all") -> set[str]:
    (folder / name).write_text(text, encoding="utf-8")
    cluster = netsim.load(folder / name)
    return {each.code for each in (cluster.posture() if area == "all" else cluster.posture(area))}


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("vault kv put secret/x password=hunter22", "NS801"),
        ("mysql --password=hunter22", "NS801"),
        ('curl -H "Authorization: Bearer abcdefgh" https://x', "NS802"),
        ("export API_TOKEN=abcdefgh", "NS802"),
        ("curl https://v/v1/secret/app", "NS803"),
        ("curl -sL https://x | sudo bash", "NS804"),
        ("curl -k https://x", "NS805"),
        ("kubectl --insecure-skip-tls-verify get pods", "NS805"),
    ],
)
def test_a_script_gives_away(tmp_path: Path, script: str, code: str) -> None:
    assert code in _codes(tmp_path, "run.sh", f"#!/bin/sh\n{script}\n", area="files")


@pytest.mark.parametrize(
    "script",
    [
        "vault kv put secret/x password=@file",
        'curl -H "Authorization: Bearer $TOKEN" https://x',
        "export API_TOKEN=$(cat /run/token)",
        "curl https://v/v1/secret/data/app",
        "curl -sL https://x -o file && sha256sum -c sums",
        "# curl -k https://x",
        "kubectl create secret generic x --from-file=key=./key",
    ],
)
def test_a_script_that_gives_nothing_away_is_let_be(tmp_path: Path, script: str) -> None:
    assert _codes(tmp_path, "run.sh", f"#!/bin/sh\n{script}\n", area="files") == set()


@pytest.mark.parametrize(
    ("dockerfile", "codes"),
    [
        ("FROM alpine:3.12@sha256:00\nUSER 1000\n", {"NS812"}),
        ("FROM scratch\nUSER 1000\n", set()),
        ("FROM x@sha256:00 AS build\nRUN apk add curl\nFROM build\nUSER 1000\n", set()),
        ("FROM x@sha256:00\n", {"NS811"}),
        ("FROM x@sha256:00\nUSER root\n", {"NS811"}),
        ("FROM x@sha256:00\nUSER app\n", {"NS810"}),
        ("FROM x:1\nUSER 1000\n", {"NS813"}),
        ("FROM x@sha256:00\nCOPY --chown=app:app . /app\nUSER app\n", {"NS810", "NS814", "NS815"}),
        ("FROM x@sha256:00\nENV DB_PASSWORD=hunter2\nUSER 1000\n", {"NS817"}),
        ("FROM x@sha256:00\nADD https://x/y /y\nUSER 1000\n", {"NS818"}),
    ],
)
def test_a_dockerfile_is_found_fault_with(tmp_path: Path, dockerfile: str, codes: set[str]) -> None:
    assert _codes(tmp_path, "Dockerfile", dockerfile, area="files") == codes


def test_a_file_that_is_no_certificate_is_told(tmp_path: Path) -> None:
    assert _codes(tmp_path, "server.crt", "nothing\n", area="etcd") == {"NS683"}


def test_a_private_key_beside_its_certificate_is_told(tmp_path: Path) -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    assert _codes(tmp_path, "server.pem", pem, area="etcd") == {"NS684"}


def test_values_of_a_dump_that_were_never_rewritten_are_counted(tmp_path: Path) -> None:
    dump = "/registry/secrets/a/x\nk8s:enc:secretbox:v1:k1:...\n/registry/secrets/a/y\nk8s\n"
    assert _codes(tmp_path, "dump", dump, area="encryption") == {"NS533"}


def test_a_dump_that_is_damaged_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dump").write_text('{"kvs": [{"key": "x"}]}', encoding="utf-8")
    with pytest.raises(InputError, match="no dump of etcd"):
        netsim.load(tmp_path / "dump").posture("encryption")


STATIC = """\
apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
  - name: kube-apiserver
    image: registry.k8s.io/kube-apiserver:v1.34.0
    command:
    - kube-apiserver
    - --etcd-servers=http://10.0.0.1:2379
    - --authorization-mode=Node,AlwaysAllow
    - --encryption-provider-config=/etc/kubernetes/enc.yaml
    volumeMounts: [{name: pki, mountPath: /etc/kubernetes/pki}]
"""


def test_flags_of_a_static_pod_are_found_fault_with_at_their_lines() -> None:
    documents = [yaml.safe_load(STATIC)]
    found = {each.code: each for each in netsim.load(documents=documents).posture("etcd", "encryption", "audit")}
    assert {"NS642", "NS620", "NS661", "NS720"} <= found.keys()
    assert "enc.yaml" in found["NS661"].message
    assert "NS659" not in found


def test_the_line_of_a_flag_is_that_of_its_argument(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(STATIC, encoding="utf-8")
    found = {each.code: each.line for each in netsim.load(tmp_path / "pod.yaml").posture("etcd")}
    assert (found["NS642"], found["NS661"]) == (11, 12)


@pytest.mark.parametrize(
    "written", ["{etcd-servers: http://10.0.0.1}", "[{name: etcd-servers, value: http://10.0.0.1}]"]
)
def test_extra_arguments_of_kubeadm_are_flags_beside_its_own(written: str) -> None:
    document = yaml.safe_load(
        f"{{apiVersion: kubeadm.k8s.io/v1beta4, kind: ClusterConfiguration, apiServer: {{extraArgs: {written}}}}}"
    )
    codes = {each.code for each in netsim.load(documents=[document]).posture("etcd", "encryption", "audit")}
    assert {"NS620", "NS501", "NS720"} <= codes
    assert not {"NS652", "NS642", "NS602", "NS606", "NS660"} & codes


def test_an_etcd_that_kubeadm_does_not_start_is_one_that_the_api_server_asks() -> None:
    external = {"endpoints": ["http://10.0.0.1:2379"], "caFile": "/ca.crt"}
    document = {"apiVersion": "kubeadm.k8s.io/v1beta3", "kind": "ClusterConfiguration", "etcd": {"external": external}}
    codes = {each.code for each in netsim.load(documents=[document]).posture("etcd")}
    assert {"NS620", "NS622"} <= codes
    assert "NS621" not in codes


def test_a_file_that_kubeadm_does_not_mount_is_told() -> None:
    server = {"extraArgs": {"audit-policy-file": "/etc/a/p.yaml", "encryption-provider-config": "/etc/b/e.yaml"}}
    server["extraVolumes"] = [{"name": "a", "hostPath": "/etc/a", "mountPath": "/etc/a"}]  # type: ignore[assignment]
    document = {"apiVersion": "kubeadm.k8s.io/v1beta3", "kind": "ClusterConfiguration", "apiServer": server}
    (found,) = [each for each in netsim.load(documents=[document]).posture("etcd") if each.code == "NS661"]
    assert "/etc/b/e.yaml" in found.message


def test_a_unit_of_systemd_is_read_with_its_environment(tmp_path: Path) -> None:
    unit = "[Service]\nEnvironment=ETCD_LISTEN_CLIENT_URLS=http://10.0.0.1:2379\nExecStart=/usr/bin/etcd --name=a\n"
    assert "NS601" in _codes(tmp_path, "etcd.service", unit, area="etcd")
    two = unit.replace("ETCD_LISTEN", '"ETCD_ENABLE_PPROF=true" ETCD_LISTEN')
    assert {"NS601", "NS619"} <= _codes(tmp_path, "etcd.service", two, area="etcd")


_ENVIRONMENT = "# etcd\nETCD_NAME=a\nETCD_LISTEN_CLIENT_URLS=http://10.0.0.1:2379\n"


def test_an_environment_file_is_read_with_its_unit_and_by_itself(tmp_path: Path) -> None:
    unit = "[Service]\nEnvironmentFile=-/etc/default/etcd\nExecStart=/usr/bin/etcd --enable-pprof\n"
    (tmp_path / "etcd.service").write_text(unit, encoding="utf-8")
    (tmp_path / "etcd").write_text(_ENVIRONMENT, encoding="utf-8")
    both = netsim.load(tmp_path / "etcd.service", tmp_path / "etcd").posture("etcd")
    assert {"NS601", "NS619"} <= {each.code for each in both}
    assert {each.object for each in both} == {"etcd in etcd.service"}
    assert "NS601" in _codes(tmp_path, "etcd", _ENVIRONMENT, area="etcd")


@pytest.mark.parametrize(
    ("script", "codes"),
    [
        ("ETCD_VER=v3.5.0\nETCD_NAME=a\netcd --name=${ETCD_NAME}\n", set()),
        ("export ETCD_NAME=a\netcd --name=b\n", {"NS662"}),
        ("ETCD_NAME=a etcd --name=b\n", {"NS662"}),
        ("etcd --client-cert-auth true\n", {"NS662"}),
        ("etcd --client-cert-auth=yes\n", {"NS662"}),
        ("etcd --listen-client-urls=http://127.0.0.1:1\n", {"NS662"}),
        ("etcd --listen-peer-urls=http://host.example:1\n", {"NS662"}),
        ("etcd --listen-peer-urls=https://127.0.0.1:1\n", {"NS662"}),
        ("etcd --name a > /tmp/log 2>&1 &\n", set()),
        ("sudo -u etcd etcd --name a; echo started\n", set()),
    ],
)
def test_whether_etcd_starts_with_its_flags_is_predicted(script: str, codes: set[str], tmp_path: Path) -> None:
    assert _codes(tmp_path, "start.sh", script, area="etcd") & {"NS616", "NS662"} == codes
