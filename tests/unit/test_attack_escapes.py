"""What leads from a container to its node, and what is nearly the same and does not."""

from typing import Any

import pytest

from tests.unit.attacked import account, cluster, found, mount, pod


def _secure(**context: Any) -> dict[str, Any]:
    return {"container": {"securityContext": context}}


ESCAPES: dict[str, tuple[str, dict[str, Any], bool]] = {
    "a privileged container": ("esc.privileged", _secure(privileged=True), True),
    "one that is not": ("esc.privileged", _secure(privileged=False), False),
    "a privileged one that is not root": ("esc.privileged", _secure(privileged=True, runAsUser=1000), False),
    "a privileged one of a user namespace": ("esc.privileged", {**_secure(privileged=True), "hostUsers": False}, False),
    "privileged with the node's processes": ("esc.nsenter", {**_secure(privileged=True), "hostPID": True}, True),
    "privileged without them": ("esc.nsenter", _secure(privileged=True), False),
    "the node's processes without privilege": ("esc.nsenter", {"hostPID": True}, False),
    "a capability": ("esc.module-load", _secure(capabilities={"add": ["SYS_MODULE"]}), True),
    "a capability in small letters": ("esc.module-load", _secure(capabilities={"add": ["sys_module"]}), True),
    "every capability": ("esc.module-load", _secure(capabilities={"add": ["ALL"]}), True),
    "every capability but the one": (
        "esc.module-load",
        _secure(capabilities={"add": ["ALL"], "drop": ["SYS_MODULE"]}),
        False,
    ),
    "all dropped and the one added": (
        "esc.module-load",
        _secure(capabilities={"add": ["SYS_MODULE"], "drop": ["ALL"]}),
        True,
    ),
    "a capability without root": (
        "esc.module-load",
        _secure(capabilities={"add": ["SYS_MODULE"]}, runAsNonRoot=True),
        False,
    ),
    "the pod's user, overridden by the container's": (
        "esc.module-load",
        {**_secure(capabilities={"add": ["SYS_MODULE"]}, runAsUser=0), "securityContext": {"runAsUser": 1000}},
        True,
    ),
    "ptrace with the node's processes": (
        "esc.ptrace",
        {**_secure(capabilities={"add": ["SYS_PTRACE"]}), "hostPID": True},
        True,
    ),
    "ptrace without them": ("esc.ptrace", _secure(capabilities={"add": ["SYS_PTRACE"]}), False),
    "a capability that traces": ("esc.bpf", _secure(capabilities={"add": ["BPF", "PERFMON"]}), True),
    "half of it": ("esc.bpf", _secure(capabilities={"add": ["BPF"]}), False),
    "the capability for all": ("esc.bpf", _secure(capabilities={"add": ["SYS_ADMIN"]}), True),
    "a default capability": ("esc.open-by-handle", {}, False),
    "the node's root, writable": ("esc.host-write", mount("/"), True),
    "the node's root, read-only": ("esc.host-write", mount("/", read_only=True), False),
    "the node's root, and the kernel's settings in it": ("esc.core-pattern", mount("/"), True),
    "the kernel's settings, read-only": ("esc.core-pattern", mount("/proc", read_only=True), False),
    "a folder that cron runs": ("esc.host-write", mount("/etc/cron.d"), True),
    "a folder below it": ("esc.host-write", mount("/etc/cron.d/app"), True),
    "a parent of it": ("esc.host-write", mount("/etc"), True),
    "a folder of nearly its name": ("esc.host-write", mount("/etc/cron.data"), False),
    "a folder that nothing runs": ("esc.host-write", mount("/srv/data"), False),
    "a harmless part of a dangerous volume": ("esc.host-write", mount("/", below="srv/data"), False),
    "a dangerous part of it": ("esc.host-write", mount("/", below="etc/cron.d"), True),
    "a path with dots": ("esc.host-write", mount("/srv/../etc/cron.d"), True),
    "static pods, writable": ("esc.static-pod", mount("/etc/kubernetes/manifests"), True),
    "static pods, read-only": ("esc.static-pod", mount("/etc/kubernetes/manifests", read_only=True), False),
    "a runtime's socket, read-only": ("esc.runtime-socket", mount("/run/crio/crio.sock", read_only=True), True),
    "its folder by the other name": ("esc.runtime-socket", mount("/var/run", read_only=True), True),
    "a neighbour of it": ("esc.runtime-socket", mount("/run/udev"), False),
    "keys, read-only": ("esc.host-read", mount("/etc/kubernetes/pki", read_only=True), True),
    "logs without leave to read them": ("esc.varlog-symlink", mount("/var/log"), False),
    "the node's own process": (
        "esc.windows-hostprocess",
        {"securityContext": {"windowsOptions": {"hostProcess": True}}},
        True,
    ),
    "a network of the node, with a capability": (
        "net.mitm",
        {**_secure(capabilities={"add": ["NET_ADMIN"]}), "hostNetwork": True},
        True,
    ),
    "a setting of the kernel for its own pod": (
        "esc.unmasked-proc",
        {"securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "65536"}]}},
        False,
    ),
    "a network of the node, with what all have": ("net.mitm", {"hostNetwork": True}, False),
}


@pytest.mark.parametrize("name", ESCAPES)
def test_a_step_rests_on_exactly_what_the_catalogue_says(name: str) -> None:
    step, spec, expected = ESCAPES[name]
    assert found(cluster(pod(**spec)), step, "container:lab/p/c") is expected


def test_an_escape_is_not_certain_where_the_image_names_the_user() -> None:
    told = cluster(pod("told", **_secure(privileged=True, runAsUser=0)), pod("untold", **_secure(privileged=True)))
    levels = {step.source: step.certainty.label for step in told.steps() if step.id == "esc.privileged"}
    assert levels == {"container:lab/told/c": "certain", "container:lab/untold/c": "likely"}


TOKENS: dict[str, tuple[str, list[Any], bool]] = {
    "nothing said": ("tok.mounted", [pod()], True),
    "the pod says no": ("tok.mounted", [pod(automountServiceAccountToken=False)], False),
    "the account says no": ("tok.mounted", [account("default", automountServiceAccountToken=False), pod()], False),
    "the account says no, the pod yes": (
        "tok.mounted",
        [account("default", automountServiceAccountToken=False), pod(automountServiceAccountToken=True)],
        True,
    ),
}


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_is_held_where_it_is_mounted(name: str) -> None:
    step, objects, expected = TOKENS[name]
    assert found(cluster(*objects), step, "container:lab/p/c", "sa:lab/default") is expected


def test_a_container_that_has_ended_is_no_way_into_the_node_from_its_pod() -> None:
    init = {"name": "i", "image": "registry.example/app", "securityContext": {"privileged": True, "runAsUser": 0}}
    ended = cluster(pod(initContainers=[init]))
    assert found(ended, "esc.privileged", "container:lab/p/i")
    assert "node:n1" not in ended.blast("lab/p")
    assert "node:n1" in cluster(pod(initContainers=[{**init, "restartPolicy": "Always"}])).blast("lab/p")


def test_tokens_of_other_nodes_are_out_of_reach_of_a_mount() -> None:
    traversing = cluster(pod(**mount("/var/lib/kubelet/pods", read_only=True)), pod("far", node="cp"), pod("near"))
    accounts = {step.target for step in traversing.steps() if step.id == "esc.host-tokens"}
    assert accounts == {"sa:lab/default"}
    apart = cluster(pod(**mount("/var/lib/kubelet/pods")), pod("far", at="bank", node="cp"))
    assert not found(apart, "esc.host-tokens", target="sa:bank/default")


@pytest.mark.parametrize(("host", "level"), [(True, "certain"), (False, "likely")])
def test_a_hop_limit_that_nobody_knows_leaves_the_metadata_service_likely(level: str, *, host: bool) -> None:
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "n2"},
        "spec": {"providerID": "aws:///eu-west-1a/i-0"},
        "status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.3"}]},
    }
    asked = cluster(node, pod(node="n2", hostNetwork=host))
    levels = {each.certainty.label for each in asked.steps() if each.id == "net.metadata" and "pod:" in each.source}
    assert levels == {level}


@pytest.mark.parametrize(
    ("runtime", "kubelet", "flaw"),
    [
        ("containerd://1.7.12", "v1.30.1", "CVE-2024-21626"),
        ("containerd://1.7.13", "v1.30.1", ""),
        ("containerd://1.5.18", "v1.30.1", "CVE-2024-21626"),
        ("containerd://2.0.0", "v1.30.1", ""),
        ("cri-o://1.18.4", "v1.30.1", ""),
        ("cri-o://1.23.1", "v1.30.1", "CVE-2022-0811"),
        ("cri-o://1.24.0", "v1.30.1", ""),
        ("containerd://1.7.20", "v1.21.4-gke.100", "CVE-2021-25741"),
        ("containerd://1.7.20", "v1.21.5", ""),
        ("", "", ""),
    ],
)
def test_a_node_with_a_known_flaw_is_told_as_information(runtime: str, kubelet: str, flaw: str) -> None:
    info = {"containerRuntimeVersion": runtime, "kubeletVersion": kubelet}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n2"}, "status": {"nodeInfo": info}}
    asked = cluster(node, pod(node="n2"))
    told = [each.because[0].partition(":")[0] for each in asked.steps() if each.id == "esc.cve"]
    assert told == ([flaw] if flaw else [])
    assert not asked.paths("lab/p", "node:n2")  # no more than information


def test_a_node_may_read_the_secrets_that_its_pods_name_mounted_or_not() -> None:
    spec = {"csi": {"driver": "d", "volumeHandle": "h", "nodePublishSecretRef": {"name": "key", "namespace": "store"}}}
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "v"},
        "spec": {**spec, "claimRef": {"name": "c", "namespace": "lab"}},
    }
    volumes = [{"name": "a", "secret": {"secretName": "s"}}, {"name": "b", "persistentVolumeClaim": {"claimName": "c"}}]
    reading = cluster(account("default", imagePullSecrets=[{"name": "pull"}]), volume, pod(volumes=volumes))
    found = {step.target for step in reading.steps() if step.id == "node.secrets" and step.source == "node:n1"}
    assert found == {"secret:lab/pull", "secret:lab/s", "secret:store/key"}


def test_addresses_of_a_family_that_no_pod_has_are_out_of_reach() -> None:
    everywhere = {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "out", "namespace": "lab"},
        "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [everywhere]}]},
    }
    assert not found(cluster(pod(), policy), "net.metadata", "pod:lab/p")
