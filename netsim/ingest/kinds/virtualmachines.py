"""VirtualMachine and VirtualMachineInstance of kubevirt.io: each runs in a pod, which the networks see.

Source:
    kubevirt.io/v1, and what virt-controller makes of it: the pod has the labels of the machine's template and two of
    its own, the ports that its interfaces declare, and an attachment for each ``multus`` network.
"""

from netsim.ingest.document import Path
from netsim.ingest.kinds.attachments import ASKED, attachments, definition
from netsim.ingest.kinds.kind import AnyKind, Controller, Kind, Reading
from netsim.ingest.kinds.metadata import Metadata, check_labels, crown_jewel, texts
from netsim.ingest.kinds.pods import controller_of
from netsim.ingest.kinds.podspec import check_protocol
from netsim.ingest.kinds.ports import check_port_number
from netsim.ingest.schema import Model
from netsim.ingest.validation import dns_subdomain
from netsim.ir.objects import Attachment, ContainerPort, Pod, Workload
from netsim.ir.traffic import Protocol


class Port(Model, frozen=True):
    """A port that an interface declares."""

    name: str | None = None
    protocol: str | None = None
    port: int | None = None


class Interface(Model, frozen=True):
    """An interface of the machine."""

    name: str | None = None
    ports: list[Port | None] | None = None


class Devices(Model, frozen=True):
    """The devices of the machine, as far as they are read."""

    interfaces: list[Interface | None] | None = None


class Domain(Model, frozen=True):
    """The hardware of the machine."""

    devices: Devices | None = None


class Multus(Model, frozen=True):
    """A network by the name of its definition."""

    network_name: str | None = None


class MachineNetwork(Model, frozen=True):
    """One element of networks: the pod network, or one by its definition."""

    name: str | None = None
    multus: Multus | None = None


class InstanceSpec(Model, frozen=True):
    """The spec of a running machine."""

    domain: Domain | None = None
    networks: list[MachineNetwork | None] | None = None


class WrittenInstance(Model, frozen=True):
    """A VirtualMachineInstance, or the template of one."""

    metadata: Metadata | None = None
    spec: InstanceSpec | None = None


class MachineSpec(Model, frozen=True):
    """The spec of a VirtualMachine."""

    template: WrittenInstance | None = None


class WrittenMachine(Model, frozen=True):
    """A VirtualMachine; one that is stopped counts, as a workload without replicas does."""

    metadata: Metadata | None = None
    spec: MachineSpec | None = None


_NO_INSTANCE, _NO_SPEC, _NO_PORT = WrittenInstance(), InstanceSpec(), Port()
_TEMPLATE: Path = ("spec", "template")


def _template(machine: WrittenMachine) -> WrittenInstance:
    return (machine.spec.template if machine.spec else None) or _NO_INSTANCE


def _interfaces(instance: WrittenInstance) -> list[Interface | None]:
    domain = (instance.spec or _NO_SPEC).domain
    return (domain.devices.interfaces if domain and domain.devices else None) or []


def _check_machine(machine: WrittenMachine, reading: Reading) -> None:
    if machine.spec is None or machine.spec.template is None:
        reading.refuse("NS108", _TEMPLATE, "is required")
    _check(_template(machine), _TEMPLATE, reading)


def _check_instance(instance: WrittenInstance, reading: Reading) -> None:
    _check(instance, (), reading)


def _check(instance: WrittenInstance, path: Path, reading: Reading) -> None:
    if path and instance.metadata:  # the labels of an object itself have been checked
        check_labels(instance.metadata.labels, (*path, "metadata", "labels"), reading)
    for index, interface in enumerate(_interfaces(instance)):
        for at, port in enumerate((interface.ports if interface else None) or ()):
            place: Path = (*path, "spec", "domain", "devices", "interfaces", index, "ports", at)
            _check_port(port or _NO_PORT, place, reading)
    for index, network in enumerate((instance.spec or _NO_SPEC).networks or ()):
        if network and network.multus and not network.multus.network_name:
            place = (*path, "spec", "networks", index, "multus", "networkName")
            reading.refuse("NS108", place, "is required: the name of a NetworkAttachmentDefinition")


def _check_port(port: Port, path: Path, reading: Reading) -> None:
    check_port_number(port.port or 0, (*path, "port"), reading)
    if port.protocol:
        check_protocol(port.protocol, path, reading)


def _read_machine(machine: WrittenMachine, reading: Reading) -> Controller:
    return _controller(machine.metadata, _template(machine), _TEMPLATE, reading)


def _read_instance(instance: WrittenInstance, reading: Reading) -> Controller:
    return _controller(instance.metadata, instance, (), reading)


def _controller(metadata: Metadata | None, instance: WrittenInstance, path: Path, reading: Reading) -> Controller:
    workload = Workload(reading.namespace, reading.name, reading.kind)
    own = instance.metadata or Metadata()
    machine = {"kubevirt.io": "virt-launcher", "vm.kubevirt.io/name": reading.name}
    pod = Pod(
        namespace=reading.namespace,
        name=reading.name,
        labels={**texts(own.labels), **machine},
        workload=workload,
        ports=_ports(instance),
        attachments=_attachments(instance, own, path, reading),
        template=True,
        crown_jewel=crown_jewel(metadata, ("metadata",), reading) or crown_jewel(own, (*path, "metadata"), reading),
        place=reading.place(),
    )
    owners = metadata.owner_references if metadata else None
    return Controller(
        workload=workload, owner=controller_of(owners, reading.namespace), template=pod, place=reading.place()
    )


def _ports(instance: WrittenInstance) -> tuple[ContainerPort, ...]:
    return tuple(
        ContainerPort(port.name or None, Protocol(port.protocol or "TCP"), port.port or 0)
        for interface in _interfaces(instance)
        if interface
        for port in interface.ports or ()
        if port
    )


def _attachments(instance: WrittenInstance, own: Metadata, path: Path, reading: Reading) -> tuple[Attachment, ...]:
    networks = (instance.spec or _NO_SPEC).networks or ()
    named = [each.multus.network_name for each in networks if each and each.multus and each.multus.network_name]
    asked = attachments({ASKED: (own.annotations or {}).get(ASKED)}, (*path, "metadata", "annotations"), reading)
    found = {each.definition: each for each in asked}
    for text in named:
        found.setdefault(definition(text, reading.namespace), Attachment(definition(text, reading.namespace)))
    return tuple(found.values())


VIRTUAL_MACHINE = Kind(
    api_versions=("kubevirt.io/v1",),
    also_served=("kubevirt.io/v1alpha3",),
    name="VirtualMachine",
    naming=dns_subdomain,
    model=WrittenMachine,
    check=_check_machine,
    read=_read_machine,
)
VIRTUAL_MACHINE_INSTANCE = Kind(
    api_versions=("kubevirt.io/v1",),
    also_served=("kubevirt.io/v1alpha3",),
    name="VirtualMachineInstance",
    naming=dns_subdomain,
    model=WrittenInstance,
    check=_check_instance,
    read=_read_instance,
)

#: Every kind that is a machine.
VIRTUAL_MACHINES: tuple[AnyKind, ...] = (VIRTUAL_MACHINE, VIRTUAL_MACHINE_INSTANCE)
