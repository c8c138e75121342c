"""Which pods may connect to the control plane, and what a kubelet's configuration lets in."""

from typing import Any

import pytest

import netsim
from netsim.ir.finding import Finding
from tests.unit.attacked import cluster, namespace, pod

FREE = pod("free", hostNetwork=False)
HELD = pod("held", at="kept")
#: Nothing leaves the namespace but to the rest of the world.
POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "p", "namespace": "kept"},
    "spec": {
        "podSelector": {},
        "policyTypes": ["Egress"],
        "egress": [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["192.0.2.0/24"]}}]}],
    },
}
BASE = [namespace("lab"), namespace("kept"), FREE, HELD, POLICY]


def told(*objects: Any) -> dict[str, Finding]:
    """Return the findings of the control plane by code."""
    return {each.code: each for each in cluster(*objects).posture("etcd")}


def etcd(*flags: str) -> dict[str, Any]:
    """Return the static pod of an etcd."""
    container = {"image": "registry.example/etcd", "command": ["etcd", *flags]}
    return pod("etcd-cp", at="kube-system", node="cp", hostNetwork=True, container=container)


def kubelet(**fields: Any) -> dict[str, Any]:
    """Return a KubeletConfiguration in which nothing is wrong, but for some fields."""
    sound = {
        "authentication": {"anonymous": {"enabled": False}, "x509": {"clientCAFile": "/ca.crt"}},
        "rotateCertificates": True,
        "serverTLSBootstrap": True,
        "podPidsLimit": 4096,
        "seccompDefault": True,
    }
    kind = {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration"}
    return {**kind, **sound, **fields}


def test_who_may_connect_to_etcd_to_kubelets_and_to_the_api_server_is_told_with_what_holds_others_back() -> None:
    found = told(BASE, pod("there", hostNetwork=True))
    for code, port, object_ in (
        ("NS624", 2379, "etcd of Node cp"),
        ("NS625", 10250, "kubelet"),
        ("NS626", 6443, "kube-apiserver of Node cp"),
    ):
        assert found[code].object == object_
        assert found[code].message == f"1 of 2 workloads may connect to TCP {port}: lab/free[Pod]"
        assert dict(found[code].evidence)["on a node's network"] == "lab/there[Pod]"


def test_where_nobody_may_connect_nothing_is_told() -> None:
    assert not {"NS624", "NS625", "NS626"} & told(namespace("kept"), HELD, POLICY).keys()


def test_etcd_that_asks_for_no_certificate_is_worse_where_pods_reach_it() -> None:
    plain = etcd("--listen-client-urls=http://192.0.2.1:2379", "--advertise-client-urls=http://192.0.2.1:2379")
    worse = told(BASE, plain)["NS624"]
    assert worse.severity == "critical"
    assert "NS601" in dict(worse.evidence)["open by"]
    assert told(BASE)["NS624"].severity == "medium"


def test_an_etcd_that_kubeadm_starts_listens_on_its_node() -> None:
    kubeadm = {"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "ClusterConfiguration"}
    found = told(BASE, kubeadm)
    assert "TCP 2379" in found["NS624"].message
    assert not {"NS601", "NS602", "NS603", "NS604", "NS606", "NS607", "NS620", "NS662"} & found.keys()


def test_etcd_is_asked_about_where_it_listens() -> None:
    assert "TCP 4001" in told(BASE, etcd("--listen-client-urls=https://192.0.2.1:4001"))["NS624"].message
    assert "NS624" not in told(BASE, etcd("--listen-client-urls=https://127.0.0.1:2379"))
    elsewhere = {
        "image": "registry.example/k",
        "command": ["kube-apiserver", "--etcd-servers=https://198.51.100.9:2379"],
    }
    server = pod("kube-apiserver-cp", at="kube-system", node="cp", hostNetwork=True, container=elsewhere)
    addresses = dict(told(BASE, server)["NS624"].evidence)["addresses"]
    assert "198.51.100.9:2379" in addresses


def test_what_was_not_asked_for_want_of_an_address_is_said() -> None:
    answer = netsim.load(documents=[pod("p"), etcd("--listen-client-urls=https://0.0.0.0:2379")]).posture("etcd")
    assert any("etcd" in each and "no address" in each for each in answer.assumptions)
    assert not netsim.load(documents=[pod("p")]).posture("etcd").assumptions


#: Fields of a KubeletConfiguration, and the code that they have.
FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"authentication": {"anonymous": {"enabled": True}, "x509": {"clientCAFile": "/ca"}}}, "NS631"),
    ({"authorization": {"mode": "AlwaysAllow"}}, "NS632"),
    ({"authentication": {"x509": {}}}, "NS633"),
    ({"readOnlyPort": 10255}, "NS634"),
    ({"streamingConnectionIdleTimeout": "0s"}, "NS635"),
    ({"makeIPTablesUtilChains": False}, "NS636"),
    ({"serverTLSBootstrap": False}, "NS637"),
    ({"rotateCertificates": False}, "NS638"),
    ({"tlsCipherSuites": ["TLS_RSA_WITH_AES_128_GCM_SHA256"]}, "NS639"),
    ({"tlsMinVersion": "VersionTLS11"}, "NS639"),
    ({"podPidsLimit": -1}, "NS627"),
    ({"podPidsLimit": None}, "NS627"),
    ({"seccompDefault": None}, "NS628"),
    ({"allowedUnsafeSysctls": ["net.core.somaxconn"]}, "NS629"),
    ({"staticPodURL": "http://192.0.2.9/pods"}, "NS630"),
]
HARMLESS: list[dict[str, Any]] = [
    {},
    {"authorization": {"mode": "Webhook"}},
    {"readOnlyPort": 0},
    {"serverTLSBootstrap": False, "tlsCertFile": "/c", "tlsPrivateKeyFile": "/k"},
    {"tlsCipherSuites": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]},
    {"streamingConnectionIdleTimeout": "4h0m0s"},
]


def of_kubelet(fields: dict[str, Any]) -> set[str]:
    """Return the codes of a kubelet's configuration."""
    return {each.code for each in netsim.load(documents=[kubelet(**fields)]).posture("etcd")}


@pytest.mark.parametrize(("fields", "code"), FIELDS)
def test_each_field_of_a_kubelet_that_is_wrong_is_told_alone(fields: dict[str, Any], code: str) -> None:
    assert of_kubelet(fields) == {code}


@pytest.mark.parametrize("fields", HARMLESS)
def test_a_sound_kubelet_has_no_findings(fields: dict[str, Any]) -> None:
    assert of_kubelet(fields) == set()


def test_a_read_only_port_of_kubelets_is_asked_about_too() -> None:
    found = told(BASE, kubelet(readOnlyPort=10255, authorization={"mode": "AlwaysAllow"}))["NS625"]
    assert "10255" in found.message
    assert found.severity == "critical"
