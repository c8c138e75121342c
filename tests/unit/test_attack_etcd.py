"""Who reads etcd past the API server: the network reach, and the certificate."""

from typing import Any

import pytest

from tests.unit.attacked import cluster, found, mount, namespace, pod

ETCD = [
    "etcd",
    "--listen-client-urls=https://127.0.0.1:2379,https://192.0.2.1:2379",
    "--cert-file=/pki/server.crt",
    "--key-file=/pki/server.key",
    "--client-cert-auth=true",
    "--trusted-ca-file=/pki/ca.crt",
]


def _etcd(*command: str) -> dict[str, Any]:
    made = pod("etcd-cp", at="kube-system", node="cp", hostNetwork=True, container={"command": list(command)})
    made["metadata"]["labels"] = {"component": "etcd", "tier": "control-plane"}
    return made


def _closed(*ports: int) -> dict[str, Any]:
    """Return a policy of namespace lab that lets out to these ports alone."""
    rules = [{"ports": [{"port": port} for port in ports]}] if ports else []
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "out", "namespace": "lab"},
        "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": rules},
    }


def _secret(name: str, *keys: str, type_: str = "Opaque") -> dict[str, Any]:
    data = dict.fromkeys(keys, "eA==")
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": type_,
        "metadata": {"name": name, "namespace": "lab"},
        "data": data,
    }


def _mounting(name: str) -> dict[str, Any]:
    own = [{"name": "s", "mountPath": "/s"}]
    return pod(container={"volumeMounts": own}, volumes=[{"name": "s", "secret": {"secretName": name}}])


SECRETS: dict[str, tuple[dict[str, Any], bool]] = {
    "a key of a network plugin": (_secret("calico-etcd-secrets", "etcd-key", "etcd-cert", "etcd-ca"), True),
    "a certificate that is called so": (_secret("etcd-client", type_="kubernetes.io/tls"), True),
    "a certificate of something else": (_secret("web-tls", "tls.key", type_="kubernetes.io/tls"), False),
    "a certificate without its key": (_secret("etcd-ca", "ca.crt"), False),
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_with_a_clients_key_opens_etcd(name: str) -> None:
    secret, expected = SECRETS[name]
    asked = cluster(namespace("lab"), secret, _mounting(secret["metadata"]["name"]), _etcd(*ETCD))
    assert found(asked, "net.etcd", "pod:lab/p", "etcd") is expected
    assert asked.paths("lab/p", "etcd", level="likely").reachable is expected
    assert not asked.paths("lab/p", "etcd", level="certain")


@pytest.mark.parametrize(("ports", "expected"), [((2379,), True), ((6443,), False), ((), False)])
def test_etcd_is_read_by_who_may_connect_to_it(ports: tuple[int, ...], *, expected: bool) -> None:
    secret = _secret("calico-etcd-secrets", "etcd-key")
    asked = cluster(namespace("lab"), secret, _mounting("calico-etcd-secrets"), _etcd(*ETCD), _closed(*ports))
    assert asked.paths("lab/p", "etcd").reachable is expected


@pytest.mark.parametrize(("node", "expected"), [("cp", True), ("n1", False)])
def test_keys_of_the_control_plane_open_etcd_where_they_lie(node: str, *, expected: bool) -> None:
    keys = pod(node=node, **mount("/etc/kubernetes/pki/etcd", read_only=True))
    assert found(cluster(namespace("lab"), keys, _etcd(*ETCD)), "net.etcd", "pod:lab/p") is expected


def test_keys_of_a_worker_do_not_open_etcd() -> None:
    asked = cluster(namespace("lab"), pod(**mount("/var/lib/kubelet/pki", read_only=True)), _etcd(*ETCD))
    assert not found(asked, "net.etcd", "pod:lab/p")


OPEN: dict[str, tuple[list[str], bool]] = {
    "with certificates": (ETCD, False),
    "in plain text": (["etcd", "--listen-client-urls=http://192.0.2.1:2379"], True),
    "in plain text for itself alone": (["etcd", "--listen-client-urls=http://127.0.0.1:2379"], False),
    "by default, which is for itself alone": (["etcd"], False),
    "encrypted, and asking for none": ([each for each in ETCD if "auth" not in each and "trusted" not in each], True),
    "encrypted, and asking by its authority": ([each for each in ETCD if "auth" not in each], False),
}


@pytest.mark.parametrize("name", OPEN)
def test_an_etcd_that_asks_for_no_certificate_is_open_to_who_may_connect(name: str) -> None:
    command, expected = OPEN[name]
    asked = cluster(namespace("lab"), pod(automountServiceAccountToken=False), _etcd(*command))
    assert found(asked, "net.etcd", "pod:lab/p", "etcd") is expected
    answer = asked.paths("lab/p", "etcd", level="certain")
    assert answer.reachable is expected
    assert not expected or any(guard.object == "kube-system/etcd-cp[Pod]" for guard in answer.chokes)


def test_where_etcd_runs_elsewhere_the_api_server_says_it() -> None:
    server = pod(
        "kube-apiserver-cp",
        at="kube-system",
        node="cp",
        hostNetwork=True,
        container={"command": ["kube-apiserver", "--etcd-servers=https://203.0.113.9:2379"]},
    )
    policy = _closed()
    policy["spec"]["egress"] = [{"to": [{"ipBlock": {"cidr": "203.0.113.9/32"}}]}]
    secret = _secret("calico-etcd-secrets", "etcd-key")
    asked = [namespace("lab"), secret, _mounting("calico-etcd-secrets"), policy]
    assert not cluster(*asked).paths("lab/p", "etcd")
    assert cluster(*asked, server).paths("lab/p", "etcd")
