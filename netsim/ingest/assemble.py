"""Documents to a Snapshot."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from netsim.errors import Problem
from netsim.ingest.document import Document
from netsim.ingest.inventory import Entry as Numbered
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
    found = _Found(inventory.entries.values())
    pods, of_pods = resolve(found.numbered(Pod), _controllers(found, inventory))
    services = found.values(Service)
    policies = found.values(Policy)
    namespaces, of_namespaces = _namespaces(found.values(Namespace), inventory)
    networks = Networks(
        declared=found.values(DeclaredNetwork),
        elsewhere=found.values(PolicyElsewhere),
        namespaces=namespaces,
        pods=pods,
        problems=problems,
    )
    policies += networks.isolation
    return Snapshot(
        namespaces=namespaces,
        networks=networks.networks,
        pods=tuple(sorted(networks.pods, key=lambda pod: (pod.namespace, pod.name, pod.workload.kind))),
        nodes=tuple(sorted(found.values(Node), key=lambda node: node.name)),
        services=tuple(sorted(services, key=lambda service: (service.namespace, service.name))),
        policies=tuple(sorted(policies, key=lambda policy: (policy.kind, policy.namespace or "", policy.name))),
        entries=tuple(sorted(found.values(Entry), key=lambda entry: (entry.kind, entry.namespace, entry.name))),
        gateways=tuple(sorted(found.values(Gateway), key=lambda gateway: (gateway.namespace, gateway.name))),
        grants=tuple(sorted(found.values(ReferenceGrant), key=lambda grant: (grant.namespace, grant.name))),
        classes=tuple(sorted(found.values(ControllerClass), key=lambda each: (each.kind, each.name))),
        roles=tuple(sorted(found.values(Role), key=_named)),
        bindings=tuple(sorted(found.values(Binding), key=_named)),
        accounts=tuple(sorted(found.values(ServiceAccount), key=_named)),
        unmodelled=tuple(sorted(inventory.unmodelled.values())),
        overrides=tuple(sorted(inventory.overrides)),
        warnings=tuple(sorted([*of_pods, *of_namespaces, *networks.notices, *inventory.notices()], key=_order)),
    )


class _Found:
    """The values that count, by type, each with the number of its input."""

    def __init__(self, entries: Iterable[Numbered]) -> None:
        self._entries: dict[type[Any], list[Any]] = defaultdict(list)
        for entry in entries:
            self._entries[type(entry[0])].append(entry)

    def numbered(self, kind: type[V]) -> list[tuple[V, int]]:
        return self._entries.get(kind, [])

    def values(self, kind: type[V]) -> list[V]:
        return [value for value, _ in self.numbered(kind)]


def _controllers(found: _Found, inventory: Inventory) -> Controllers:
    entries = found.numbered(Controller)
    return Controllers(
        found={value.workload: value for value, _ in entries},
        inputs={value.workload: number for value, number in entries},
        replaced=inventory.replaced,
    )


def _namespaces(said: Iterable[Namespace], inventory: Inventory) -> tuple[dict[str, Namespace], list[Notice]]:
    """Return every namespace that some object names, each with the label of its name, and where one said otherwise."""
    found: dict[str, Namespace] = {}
    notices: list[Notice] = []
    for declared in said:
        label = declared.labels.get(NAME_LABEL, declared.name)
        if label != declared.name:
            message = f"label {NAME_LABEL} of namespace {declared.name} is {label}: the API server sets it to the name"
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
