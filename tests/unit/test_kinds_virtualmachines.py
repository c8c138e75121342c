"""Machines: each is the pod that it runs in."""

import pytest

from netsim.ir.objects import ContainerPort, Pod, Workload
from netsim.ir.traffic import Protocol
from tests.unit.ingested import ingested, pod, refused

SPEC = """
    domain: {devices: {interfaces: [{name: default, masquerade: {}, ports: [{name: ssh, port: 22}]}]}}
    networks: [{name: default, pod: {}}, {name: fast, multus: {networkName: ops/fast}}]
"""


def machine(labels: str = "{app: web}", spec: str = SPEC) -> str:
    """Return the VirtualMachine ``shop/vm``."""
    return (
        "---\napiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: vm, namespace: shop}\n"
        f"spec:\n  running: false\n  template:\n   metadata: {{labels: {labels}}}\n   spec: {spec}\n"
    )


def instance(owner: str = "") -> str:
    """Return the VirtualMachineInstance ``shop/vm``."""
    owners = f", ownerReferences: [{owner}]" if owner else ""
    head = "---\napiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\n"
    return f"{head}metadata: {{name: vm, namespace: shop, labels: {{app: web}}{owners}}}\nspec: {SPEC}\n"


OWNER = "{{apiVersion: kubevirt.io/v1, kind: {kind}, name: vm, uid: u, controller: true}}"
LAUNCHER = pod("virt-launcher-vm-x1", metadata=f"ownerReferences: [{OWNER.format(kind='VirtualMachineInstance')}]")


def _only(*texts: str) -> Pod:
    (found,) = ingested(*texts).pods
    return found


def test_a_machine_is_one_pod_with_the_labels_of_its_template_and_its_own() -> None:
    found = _only(machine())
    assert found.workload == Workload("shop", "vm", "VirtualMachine")
    assert found.labels == {"app": "web", "kubevirt.io": "virt-launcher", "vm.kubevirt.io/name": "vm"}
    assert found.ports == (ContainerPort("ssh", Protocol.TCP, 22),)
    assert [each.definition for each in found.attachments] == [("ops", "fast")]
    assert found.template


def test_an_instance_alone_is_a_workload() -> None:
    assert _only(instance()).workload == Workload("shop", "vm", "VirtualMachineInstance")


@pytest.mark.parametrize(
    "texts",
    [
        machine() + LAUNCHER,
        machine() + instance(OWNER.format(kind="VirtualMachine")),
        machine() + instance(OWNER.format(kind="VirtualMachine")) + LAUNCHER,
    ],
    ids=["without its instance", "without its pod", "whole"],
)
def test_a_machine_its_instance_and_its_pod_are_one_workload(texts: str) -> None:
    assert _only(texts).workload == Workload("shop", "vm", "VirtualMachine")


@pytest.mark.parametrize(
    ("spec", "wrong"),
    [
        ("{domain: {devices: {interfaces: [{name: a, ports: [{port: 0}]}]}}}", "NS113"),
        ("{domain: {devices: {interfaces: [{name: a, ports: [{port: 1, protocol: tcp}]}]}}}", "NS115"),
        ("{networks: [{name: a, multus: {}}]}", "NS108"),
    ],
)
def test_what_a_machine_may_be(spec: str, wrong: str) -> None:
    assert [code for code, _ in refused(machine(spec=spec))] == [wrong]


def test_a_machine_needs_a_template() -> None:
    text = "{apiVersion: kubevirt.io/v1, kind: VirtualMachine, metadata: {name: vm}, spec: {running: true}}"
    assert refused(text) == [("NS108", "spec.template")]
