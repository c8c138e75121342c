"""What a listing has a line for: a workload's pods that no rule tells apart, a pod, a node."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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


def units(program: Program, chosen: Iterable[int], *, by_pod: bool) -> tuple[Unit, ...]:
    """Return the units of these endpoints, sorted by name, which is the same whatever else is chosen.

    Args:
        by_pod: A unit for each pod, instead of one for each workload and class.
    """
    numbers = frozenset(chosen)
    keys = {_key(program.endpoints[number], by_pod=by_pod) for number in numbers}
    groups: dict[str, dict[int, list[int]]] = {}
    for number, endpoint in enumerate(program.endpoints):
        key = _key(endpoint, by_pod=by_pod)
        if key in keys:
            groups.setdefault(key, {}).setdefault(program.class_of[number], []).append(number)
    found = []
    for key, classes in groups.items():
        for member, suffix in _suffixes(program, classes).items():
            own = [number for number in classes[member] if number in numbers]
            if own:
                found.append(_unit(program, key, key + suffix, member, own))
    return tuple(sorted(found, key=lambda unit: unit.name))


def _key(endpoint: Pod | Node, *, by_pod: bool) -> str:
    if isinstance(endpoint, Node):
        return f"node:{endpoint.name}"
    return str(endpoint) if by_pod else str(endpoint.workload)


def _unit(program: Program, key: str, name: str, member: int, numbers: Sequence[int]) -> Unit:
    endpoints = [program.endpoints[number] for number in numbers]
    versions = {Family(address.version) for endpoint in endpoints for address in endpoint.addresses}
    return Unit(
        name=name,
        key=key,
        member=member,
        endpoints=tuple(numbers),
        nodes=frozenset(e.name if isinstance(e, Node) else e.node for e in endpoints),
        families=frozenset(versions or program.families),
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
