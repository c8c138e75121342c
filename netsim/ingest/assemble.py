"""Documents to a Snapshot."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from netsim.errors import Problem
from netsim.ingest.document import Document
from netsim.ingest.inventory import Inventory
from netsim.ingest.kinds.kind import Controller, DeclaredNetwork, PolicyElsewhere, Right
from netsim.ingest.networks import Networks
from netsim.ingest.owners import Controllers, resolve
from netsim.ir.access import Binding, Role, ServiceAccount
from netsim.ir.entries import ControllerClass, Entry, Gateway, ReferenceGrant
from netsim.ir.labels import NAME_LABEL
from netsim.ir.objects import Namespace, Node, Pod, Service
from netsim.ir.place import NOWHERE, Place
from netsim.ir.policy import Policy
from netsim.ir.snapshot import Notice, Snapshot

V = TypeVar("V")


def assemble(documents: Iterable[Document], problems: list[Problem]) -> Snapshot:
    """Return what the documents say; append to ``problems`` what is wrong with them.

    Objects whose meaning the problems leave in doubt are left out.
    """
    inventory = Inventory(problems)
    inventory.read(documents)
    pods, of_pods = resolve(
        [(value, number) for value, number in inventory.entries.values() if isinstance(value, Pod)],
        _controllers(inventory),
    )
    services = _values(inventory, Service)
    policies = _values(inventory, Policy)
    namespaces, of_namespaces = _namespaces(inventory)
    networks = Networks(
        declared=_values(inventory, DeclaredNetwork),
        elsewhere=_values(inventory, PolicyElsewhere),
        namespaces=namespaces,
        pods=pods,
        problems=problems,
    )
    policies += networks.isolation
    return Snapshot(
        namespaces=namespaces,
        networks=networks.networks,
        pods=tuple(sorted(networks.pods, key=lambda pod: (pod.namespace, pod.name, pod.workload.kind))),
        nodes=tuple(sorted(_values(inventory, Node), key=lambda node: node.name)),
        services=tuple(sorted(services, key=lambda service: (service.namespace, service.name))),
        policies=tuple(sorted(policies, key=lambda policy: (policy.kind, policy.namespace or "", policy.name))),
        entries=tuple(sorted(_values(inventory, Entry), key=lambda entry: (entry.kind, entry.namespace, entry.name))),
        gateways=tuple(sorted(_values(inventory, Gateway), key=lambda gateway: (gateway.namespace, gateway.name))),
        grants=tuple(sorted(_values(inventory, ReferenceGrant), key=lambda grant: (grant.namespace, grant.name))),
        classes=tuple(sorted(_values(inventory, ControllerClass), key=lambda each: (each.kind, each.name))),
        roles=tuple(sorted(_values(inventory, Role), key=_named)),
        bindings=tuple(sorted(_values(inventory, Binding), key=_named)),
        accounts=tuple(sorted(_values(inventory, ServiceAccount), key=_named)),
        unmodelled=tuple(sorted(inventory.unmodelled.values())),
        overrides=tuple(sorted(inventory.overrides)),
        warnings=tuple(sorted([*of_pods, *of_namespaces, *networks.notices, *inventory.notices()], key=_order)),
    )


def _values(inventory: Inventory, kind: type[V]) -> list[V]:
    return [value for value, _ in inventory.entries.values() if isinstance(value, kind)]


def _controllers(inventory: Inventory) -> Controllers:
    entries = [(value, number) for value, number in inventory.entries.values() if isinstance(value, Controller)]
    return Controllers(
        found={value.workload: value for value, _ in entries},
        inputs={value.workload: number for value, number in entries},
        replaced=inventory.replaced,
    )


def _namespaces(inventory: Inventory) -> tuple[dict[str, Namespace], list[Notice]]:
    """Return every namespace that some object names, each with the label of its name, and where one said otherwise."""
    found: dict[str, Namespace] = {}
    notices: list[Notice] = []
    for declared in _values(inventory, Namespace):
        said = declared.labels.get(NAME_LABEL, declared.name)
        if said != declared.name:
            message = f"label {NAME_LABEL} of namespace {declared.name} is {said}: the API server sets it to the name"
            notices.append(Notice(message, declared.place))
        # S2.5: the API server sets the label on every namespace, and lets nobody change it.
        found[declared.name] = replace(declared, labels={**declared.labels, NAME_LABEL: declared.name})
    for (_, _, name, _), (value, _) in inventory.entries.items():
        if name and name not in found:
            found[name] = Namespace(name=name, labels={NAME_LABEL: name}, declared=False, place=value.place)
    return dict(sorted(found.items())), notices


def _named(value: Right) -> tuple[str, str]:
    return value.namespace, value.name


def _order(notice: Notice) -> tuple[Place, str]:
    return notice.place or NOWHERE, notice.message
