"""Node."""

import msgspec

from netsim.ingest.kinds.kind import Kind, Reading
from netsim.ingest.kinds.metadata import Metadata, texts
from netsim.ingest.schema import Model
from netsim.ingest.validation import address, block, dns_subdomain
from netsim.ir.objects import Node


class NodeAddress(Model, frozen=True):
    """An address or a name of a node, as ``type`` says."""

    type: str | None = None
    address: str | None = None


class NodeStatus(Model, frozen=True):
    """Where the node is on the network."""

    addresses: list[NodeAddress | None] | None = None


class NodeSpec(Model, frozen=True):
    """Where the addresses of its pods come from; the second repeats the first."""

    pod_cidr: str | None = msgspec.field(default=None, name="podCIDR")
    pod_cidrs: list[str | None] | None = msgspec.field(default=None, name="podCIDRs")


class WrittenNode(Model, frozen=True):
    """A node, as far as it is read."""

    metadata: Metadata | None = None
    spec: NodeSpec | None = None
    status: NodeStatus | None = None


_ADDRESS_TYPES = frozenset({"ExternalIP", "InternalIP"})


def _check(node: WrittenNode, reading: Reading) -> None:
    for index, each in enumerate(_addresses(node)):
        if each and each.type in _ADDRESS_TYPES and address(each.address or "") is None:
            at = ("status", "addresses", index, "address")
            reading.refuse("NS116", at, f'"{each.address or ""}" is no address, and `type` is {each.type}')


def _addresses(node: WrittenNode) -> list[NodeAddress | None]:
    return (node.status.addresses or []) if node.status else []


def _read(node: WrittenNode, reading: Reading) -> Node:
    found = [address(each.address) for each in _addresses(node) if each and each.address]
    blocks = [block(text) for text in _pod_cidrs(node) if text]
    return Node(
        name=reading.name,
        labels=texts(node.metadata.labels) if node.metadata else {},
        # A hostname may be written as an address, and the same address may have two types.
        addresses=tuple(dict.fromkeys(each for each in found if each is not None)),
        pod_blocks=tuple(dict.fromkeys(each for each in blocks if each is not None)),
        place=reading.place(),
    )


def _pod_cidrs(node: WrittenNode) -> list[str | None]:
    return [node.spec.pod_cidr, *(node.spec.pod_cidrs or ())] if node.spec else []


NODE = Kind(
    api_versions=("v1",),
    name="Node",
    namespaced=False,
    naming=dns_subdomain,
    model=WrittenNode,
    check=_check,
    read=_read,
)
