"""What a listing has a line for: a workload's pods that no rule tells apart, a pod, a node."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property

from netsim.cluster import Compiled
from netsim.ir.objects import Family, Node, Pod
from netsim.lower.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Endpoints under one name and in one class.

    Attributes:
        name: As users write it: ``shop/cart[Deployment]``, with ``{version=v2}`` where a workload's pods differ in
            what some rule asks; ``shop/cart-x1`` pod by pod; ``node:NAME``.
        key: What the unit is of: a workload, a pod or a node; several units of one workload share it.
        member: The class.
        endpoints: The endpoints, by number.
        nodes: The nodes that they are on; None among them where one is not known.
        families: The families of their addresses; all in use where they have none.
    """

    name: str
    key: str
    member: int
    endpoints: tuple[int, ...]
    nodes: frozenset[str | None]
    families: frozenset[Family]


class Roster:
    """All units of a cluster: asked for once, then looked up.

    Attributes:
        pods, nodes: Each sorted by name.
    """

    def __init__(self, program: Program, *, by_pod: bool) -> None:
        count = sum(isinstance(endpoint, Pod) for endpoint in program.endpoints)  # pods come first
        self.pods = _all(program, range(count), by_pod=by_pod)
        self.nodes = _all(program, range(count, len(program.endpoints)), by_pod=by_pod)
        self._program, self._count = program, count

    def edited(self, program: Program, moved: Collection[int], *, by_pod: bool) -> "Roster":
        """Return the units after an edit: the same ones, but of workloads of which pods moved to another class.

        Where other labels are mentioned than before, workloads whose pods differ are told apart by other names.
        """
        keys = {self.unit_of[number].key for number in moved}
        if program.mentioned != self._program.mentioned:
            counts = Counter(unit.key for unit in (*self.pods, *self.nodes))
            keys.update(key for key, count in counts.items() if count > 1)
        found = copy(self)
        found.__dict__.pop("unit_of", None)
        found._program = program  # noqa: SLF001 - of its own kind
        found.pods, found.nodes = (_renewed(own, program, keys, by_pod=by_pod) for own in (self.pods, self.nodes))
        return found

    @cached_property
    def unit_of(self) -> Mapping[int, Unit]:
        """The unit of each endpoint."""
        return {number: unit for unit in (*self.pods, *self.nodes) for number in unit.endpoints}

    def of(self, chosen: Collection[int]) -> tuple[Unit, ...]:
        """Return the units of some endpoints, sorted by name, which is the same whatever else is chosen."""
        if len(chosen) == self._count and max(chosen, default=0) < self._count:
            return self.pods
        found: dict[str, tuple[Unit, list[int]]] = {}
        for number in sorted(chosen):
            unit = self.unit_of[number]
            found.setdefault(unit.name, (unit, []))[1].append(number)
        return tuple(self._part(*found[name]) for name in sorted(found))

    def _part(self, unit: Unit, numbers: Sequence[int]) -> Unit:
        whole = len(numbers) == len(unit.endpoints)
        return unit if whole else _unit(self._program, unit.key, unit.name, unit.member, numbers)


def units(cluster: Compiled, chosen: Collection[int], *, by_pod: bool) -> tuple[Unit, ...]:
    """Return the units of these endpoints, which are distinct, sorted by name.

    Args:
        by_pod: A unit for each pod, instead of one for each workload and class.
    """
    return roster(cluster, by_pod=by_pod).of(chosen)


def every_unit(cluster: Compiled, *, by_pod: bool) -> tuple[Unit, ...]:
    """Return the units of all pods."""
    return roster(cluster, by_pod=by_pod).pods


def roster(cluster: Compiled, *, by_pod: bool) -> Roster:
    """Return all units of a cluster; those of one that was edited are taken over as far as they are the same."""
    return cluster.once(("units", by_pod), lambda: _roster(cluster, by_pod=by_pod))


def _roster(cluster: Compiled, *, by_pod: bool) -> Roster:
    if cluster.base is None or cluster.edit is None:
        return Roster(cluster.program, by_pod=by_pod)
    return roster(cluster.base, by_pod=by_pod).edited(cluster.program, cluster.edit.moved, by_pod=by_pod)


def _renewed(own: Sequence[Unit], program: Program, keys: Collection[str], *, by_pod: bool) -> tuple[Unit, ...]:
    """Return units of which those of some workloads are made anew."""
    numbers = sorted(number for unit in own if unit.key in keys for number in unit.endpoints)
    if not numbers:
        return tuple(own)
    made = _all(program, numbers, by_pod=by_pod)
    return tuple(sorted((*(unit for unit in own if unit.key not in keys), *made), key=lambda unit: unit.name))


def _all(program: Program, numbers: Iterable[int], *, by_pod: bool) -> tuple[Unit, ...]:
    groups: dict[object, dict[int, list[int]]] = {}
    class_of = program.class_of
    for number in numbers:
        endpoint = program.endpoints[number]
        if by_pod or isinstance(endpoint, Node):
            same: object = _key(endpoint, by_pod=by_pod)
        else:  # a workload's fields are hashed many times as fast as the workload
            same = (endpoint.workload.namespace, endpoint.workload.name, endpoint.workload.kind)
        groups.setdefault(same, {}).setdefault(class_of[number], []).append(number)
    found = []
    for classes in groups.values():
        key = _key(program.endpoints[next(iter(classes.values()))[0]], by_pod=by_pod)
        for member, suffix in _suffixes(program, classes).items():
            found.append(_unit(program, key, key + suffix, member, classes[member]))
    return tuple(sorted(found, key=lambda unit: unit.name))


def _key(endpoint: Pod | Node, *, by_pod: bool) -> str:
    if isinstance(endpoint, Node):
        return f"node:{endpoint.name}"
    return str(endpoint) if by_pod else str(endpoint.workload)


def _unit(program: Program, key: str, name: str, member: int, numbers: Sequence[int]) -> Unit:
    endpoints = [program.endpoints[number] for number in numbers]
    versions = {address.version for endpoint in endpoints for address in endpoint.addresses}
    return Unit(
        name=name,
        key=key,
        member=member,
        endpoints=tuple(numbers),
        nodes=frozenset(e.name if isinstance(e, Node) else e.node for e in endpoints),
        families=frozenset(map(Family, versions)) if versions else frozenset(program.families),
    )


def _suffixes(program: Program, classes: Mapping[int, Sequence[int]]) -> dict[int, str]:
    """Return what to add to a workload's name for each of its classes: nothing where it has one.

    The labels in which the classes differ tell them apart; where labels do not, the first pod's name does.
    """
    if len(classes) == 1:
        return dict.fromkeys(classes, "")
    common = {member: _common_labels(program, numbers) for member, numbers in classes.items()}
    shared = set.intersection(*(set(labels.items()) for labels in common.values()))
    told = {
        member: ",".join(f"{key}={value}" for key, value in sorted(set(labels.items()) - shared))
        for member, labels in common.items()
    }
    if len(set(told.values())) < len(told):
        told = {member: program.endpoints[numbers[0]].name for member, numbers in classes.items()}
    return {member: f"{{{text}}}" for member, text in told.items()}


def _common_labels(program: Program, numbers: Sequence[int]) -> dict[str, str]:
    """Return the labels that rules mention and that all of these endpoints share."""
    mentioned = program.mentioned
    own = [{(k, v) for k, v in program.endpoints[n].labels.items() if k in mentioned} for n in numbers]
    return dict(set.intersection(*own))


def met_nodes(source: Unit, destination: Unit) -> tuple[str | None, str | None]:
    """Return two nodes to judge by whether some pod of the one is on the node of some pod of the other (S2.9).

    The same name twice where they share one, two names where they surely share none, else None.
    """
    shared = sorted(node for node in source.nodes & destination.nodes if node is not None)
    if shared:
        return shared[0], shared[0]
    known = None not in source.nodes and None not in destination.nodes
    return ("one", "other") if known else (None, None)
