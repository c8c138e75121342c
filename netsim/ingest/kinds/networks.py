"""Networks beside the pod network: UserDefinedNetwork, ClusterUserDefinedNetwork, NetworkAttachmentDefinition.

Sources:
    k8s.ovn.org/v1 of OVN-Kubernetes, ``userdefinednetwork_types.go``; k8s.cni.cncf.io/v1 of the Network Plumbing
    Working Group, whose definitions hold the configuration of a CNI plugin: there, those of one name are one network.
"""

import json
from collections.abc import Mapping
from typing import Any

from netsim.ingest.document import Path
from netsim.ingest.kinds.kind import AnyKind, DeclaredNetwork, Kind, Reading
from netsim.ingest.kinds.metadata import Metadata, OwnerReference
from netsim.ingest.kinds.selectors import LabelSelector, check_selector, selector
from netsim.ingest.schema import Model
from netsim.ingest.validation import dns_subdomain


class AddressManagement(Model, frozen=True):
    """Who hands out the addresses of a network."""

    mode: str | None = None


class Layer(Model, frozen=True):
    """How a network of one topology is set up; of the rest only its role matters here."""

    role: str | None = None
    subnets: list[Any] | None = None
    ipam: AddressManagement | None = None


class Topology(Model, frozen=True):
    """What a network is, in the field of its topology."""

    topology: str | None = None
    layer2: Layer | None = None
    layer3: Layer | None = None
    localnet: Layer | None = None


class WrittenNetwork(Model, frozen=True):
    """A UserDefinedNetwork."""

    metadata: Metadata | None = None
    spec: Topology | None = None


class ClusterSpec(Model, frozen=True):
    """A network, and the namespaces that it is for."""

    namespace_selector: LabelSelector | None = None
    network: Topology | None = None


class WrittenClusterNetwork(Model, frozen=True):
    """A ClusterUserDefinedNetwork."""

    metadata: Metadata | None = None
    spec: ClusterSpec | None = None


class AttachmentSpec(Model, frozen=True):
    """The configuration of a CNI plugin, as a text of JSON."""

    config: str | None = None


class WrittenAttachmentDefinition(Model, frozen=True):
    """A NetworkAttachmentDefinition."""

    metadata: Metadata | None = None
    spec: AttachmentSpec | None = None


_PRIMARY, _SECONDARY, _DISABLED = "Primary", "Secondary", "Disabled"
#: What a network of each topology may write to have addresses.
_SUBNETS = {
    "Layer2": "write subnets: [10.100.0.0/16], for one",
    "Layer3": "write subnets: [{cidr: 10.100.0.0/16}], for one",
    "Localnet": "write subnets: [10.100.0.0/16], for one, or ipam: {mode: Disabled}",
}
_NO_TOPOLOGY, _NO_LAYER = Topology(), Layer()
_USER_DEFINED = ("UserDefinedNetwork", "ClusterUserDefinedNetwork")


def _layers(network: Topology) -> Mapping[str, tuple[str, Layer | None]]:
    """Return for each topology its field, and what is written there."""
    return {
        "Layer2": ("layer2", network.layer2),
        "Layer3": ("layer3", network.layer3),
        "Localnet": ("localnet", network.localnet),
    }


def _check_topology(network: Topology | None, topologies: tuple[str, ...], path: Path, reading: Reading) -> None:
    network = network or _NO_TOPOLOGY
    if not network.topology:
        reading.refuse("NS108", (*path, "topology"), f"is required: {', '.join(topologies)}")
        return
    if network.topology not in topologies:
        reading.refuse("NS123", (*path, "topology"), f'"{network.topology}" is none of {", ".join(topologies)}')
        return
    for topology, (field, layer) in _layers(network).items():
        if topology == network.topology:
            _check_layer(layer, topology, (*path, field), reading)
        elif layer is not None:
            reading.refuse("NS118", (*path, field), f"has no meaning where `topology` is {network.topology}")


def _check_layer(layer: Layer | None, topology: str, path: Path, reading: Reading) -> None:
    if layer is None:
        reading.refuse("NS108", path, f"is required where `topology` is {topology}")
        return
    roles = (_SECONDARY,) if topology == "Localnet" else (_PRIMARY, _SECONDARY)
    if layer.role not in roles:
        reading.refuse("NS123", (*path, "role"), f'"{layer.role or ""}" is none of {", ".join(roles)}')
    mode = layer.ipam.mode if layer.ipam else None
    if mode == _DISABLED and topology != "Layer3":
        _check_unmanaged(layer, path, reading)
    elif not layer.subnets:
        reading.refuse(
            "NS108", (*path, "subnets"), "is required: the addresses of the network", hint=_SUBNETS[topology]
        )


def _check_unmanaged(layer: Layer, path: Path, reading: Reading) -> None:
    """Note what a network may not say that hands out no addresses."""
    if layer.subnets is not None:
        reading.refuse("NS118", (*path, "subnets"), f"has no meaning where `ipam.mode` is {_DISABLED}")
    if layer.role == _PRIMARY:
        reading.refuse("NS123", (*path, "ipam", "mode"), f'"{_DISABLED}" is for a role of {_SECONDARY} alone')


def _is_primary(network: Topology | None) -> bool:
    layers = _layers(network or _NO_TOPOLOGY)
    _, layer = layers.get((network or _NO_TOPOLOGY).topology or "", ("", None))
    return (layer or _NO_LAYER).role == _PRIMARY


def _check_network(network: WrittenNetwork, reading: Reading) -> None:
    _check_topology(network.spec, ("Layer2", "Layer3"), ("spec",), reading)
    if reading.name == "default":
        reading.refuse("NS123", ("metadata", "name"), '"default" is the name of the pod network', hint="choose another")
    if _is_primary(network.spec) and (reading.namespace == "default" or reading.namespace.startswith("openshift-")):
        message = (
            f'"{reading.namespace}" holds pods that the cluster needs on the pod network: they would not be isolated'
        )
        hint = "put the network, and its pods, in a namespace of their own"
        reading.refuse("NS123", ("metadata", "namespace"), message, hint=hint)


def _check_cluster_network(network: WrittenClusterNetwork, reading: Reading) -> None:
    spec = network.spec or ClusterSpec()
    _check_topology(spec.network, ("Layer2", "Layer3", "Localnet"), ("spec", "network"), reading)
    check_selector(spec.namespace_selector, ("spec", "namespaceSelector"), reading)
    if spec.namespace_selector is None:
        reading.refuse("NS108", ("spec", "namespaceSelector"), "is required", hint="write {} for every namespace")
    if reading.name == "default":
        reading.refuse("NS123", ("metadata", "name"), '"default" is the name of the pod network', hint="choose another")


def _check_attachment_definition(_definition: WrittenAttachmentDefinition, _reading: Reading) -> None:
    """Nothing: no server reads the configuration."""


def _read_network(network: WrittenNetwork, reading: Reading) -> DeclaredNetwork:
    return DeclaredNetwork(
        kind=reading.kind,
        namespace=reading.namespace,
        name=reading.name,
        shared=f"{reading.namespace}/{reading.name}",
        primary=_is_primary(network.spec),
        place=reading.place(),
    )


def _read_cluster_network(network: WrittenClusterNetwork, reading: Reading) -> DeclaredNetwork:
    spec = network.spec or ClusterSpec()
    return DeclaredNetwork(
        kind=reading.kind,
        namespace="",
        name=reading.name,
        shared=reading.name,
        primary=_is_primary(spec.network),
        namespaces=selector(spec.namespace_selector),
        place=reading.place(),
    )


def _read_attachment_definition(definition: WrittenAttachmentDefinition, reading: Reading) -> DeclaredNetwork:
    config = _config(definition.spec.config if definition.spec else None, reading)
    owners = (definition.metadata.owner_references if definition.metadata else None) or ()
    name = config.get("name")
    return DeclaredNetwork(
        kind=reading.kind,
        namespace=reading.namespace,
        name=reading.name,
        # A plugin is told the definition's own name where the configuration names no network.
        shared=name if name and isinstance(name, str) else reading.name,
        primary=str(config.get("role", "")).lower() == "primary",
        owner=next((_owner(each, reading.namespace) for each in owners if each and each.kind in _USER_DEFINED), None),
        place=reading.place(),
    )


def _owner(owner: OwnerReference, namespace: str) -> tuple[str, str, str]:
    return owner.kind or "", namespace if owner.kind == "UserDefinedNetwork" else "", owner.name or ""


def _config(text: str | None, reading: Reading) -> Mapping[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        message = f"is no JSON ({error}): the network was taken to have the definition's name"
        reading.warn(("spec", "config"), message)
        return {}
    return found if isinstance(found, Mapping) else {}


USER_DEFINED_NETWORK = Kind(
    api_versions=("k8s.ovn.org/v1",),
    name="UserDefinedNetwork",
    naming=dns_subdomain,
    model=WrittenNetwork,
    check=_check_network,
    read=_read_network,
)
CLUSTER_USER_DEFINED_NETWORK = Kind(
    api_versions=("k8s.ovn.org/v1",),
    name="ClusterUserDefinedNetwork",
    namespaced=False,
    naming=dns_subdomain,
    model=WrittenClusterNetwork,
    check=_check_cluster_network,
    read=_read_cluster_network,
)
NETWORK_ATTACHMENT_DEFINITION = Kind(
    api_versions=("k8s.cni.cncf.io/v1",),
    name="NetworkAttachmentDefinition",
    naming=dns_subdomain,
    model=WrittenAttachmentDefinition,
    check=_check_attachment_definition,
    read=_read_attachment_definition,
)

#: Every kind that declares a network.
NETWORKS: tuple[AnyKind, ...] = (USER_DEFINED_NETWORK, CLUSTER_USER_DEFINED_NETWORK, NETWORK_ATTACHMENT_DEFINITION)
