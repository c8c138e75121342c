"""Pods that could be: what rules say of them, and the snapshot with some of them in it."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace

from netsim.ir.labels import EVERYTHING, NAME_LABEL, Labels, Operator, Requirement, Selector
from netsim.ir.objects import ContainerPort, Namespace, Pod, Workload
from netsim.ir.place import NOWHERE
from netsim.ir.policy import NamedPort, PodPeer, Ports
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import FIRST_PORT, LAST_PORT, PORT_PROTOCOLS
from netsim.spec.labels import selects


@dataclass(frozen=True, slots=True)
class Term:
    """What a peer or a subject says of a pod's namespace and of the pod.

    ``excludes`` is true for a term of one NotIn alone: it is told by those whom it leaves out.
    """

    namespaces: Selector
    pods: Selector
    excludes: bool = False

    def __str__(self) -> str:
        return f"{self.namespaces};{self.pods}"


def parts(peer: PodPeer) -> tuple[Term, ...]:
    """Return the terms that a peer is the conjunction of: one, or each NotIn alone where it holds nothing else."""
    requirements = peer.namespaces.requirements + peer.pods.requirements
    if any(requirement.operator is not Operator.NOT_IN for requirement in requirements):
        return (Term(peer.namespaces, peer.pods),)
    return (
        *(Term(_only(requirement), EVERYTHING, excludes=True) for requirement in peer.namespaces.requirements),
        *(Term(EVERYTHING, _only(requirement), excludes=True) for requirement in peer.pods.requirements),
    )


def _only(requirement: Requirement) -> Selector:
    return Selector((requirement,))


@dataclass(frozen=True, slots=True)
class Potential:
    """A pod that could be, by its number among the endpoints.

    ``twin`` is the same pod with ports of every name that rules mention; None where they mention none.
    """

    number: int
    twin: int | None


@dataclass(slots=True)
class Supposition:
    """A snapshot, and pods that could be in it, each told by its labels and by those of its namespace.

    Attributes:
        names: A port for each name that rules mention and each protocol, all of different numbers.
    """

    snapshot: Snapshot
    names: tuple[ContainerPort, ...] = field(init=False)
    _first: int = field(init=False)
    _pods: list[Pod] = field(default_factory=list)
    _known: dict[object, Potential] = field(default_factory=dict)

    def __post_init__(self) -> None:
        entries = [e for policy in self.snapshot.policies for rule in policy.rules for e in rule.ports or ()]
        named = sorted({entry.name for entry in entries if isinstance(entry, NamedPort)})
        numbers = _unused(entry for entry in entries if isinstance(entry, Ports))
        self.names = tuple(ContainerPort(name, p, next(numbers)) for name in named for p in PORT_PROTOCOLS)
        self._first = sum(not pod.finished for pod in self.snapshot.pods)

    def add(self, namespace: str, labels: Labels) -> Potential:
        """Return the pod with these labels in a namespace; one and the same for the same labels."""
        key = (namespace, tuple(sorted(labels.items())))
        if key not in self._known:
            number = self._first + len(self._pods)
            pod = _pod(namespace, number, labels)
            twins = [replace(_pod(namespace, number + 1, labels), ports=self.names)] if self.names else []
            self._pods += [pod, *twins]
            self._known[key] = Potential(number, number + 1 if twins else None)
        return self._known[key]

    def supposed(self, namespaces: Iterable[Namespace]) -> Snapshot:
        """Return the snapshot with the pods that were added, and with these namespaces for them."""
        new = {namespace.name: namespace for namespace in namespaces}
        return replace(
            self.snapshot,
            namespaces={**self.snapshot.namespaces, **new},
            pods=(*self.snapshot.pods, *self._pods),
        )


def _pod(namespace: str, number: int, labels: Labels) -> Pod:
    """Return a pod that has not been made; a controller would make it."""
    name = f"potential-{number}"
    return Pod(
        namespace=namespace,
        name=name,
        labels=labels,
        workload=Workload(namespace, name, "Deployment"),
        template=True,
        place=NOWHERE,
    )


def _unused(entries: Iterable[Ports]) -> Iterator[int]:
    """Yield port numbers, those first that no rule mentions: only there does a name open what nothing else does."""
    mentioned: set[int] = set()
    for entry in entries:
        if (entry.first, entry.last) != (FIRST_PORT, LAST_PORT):
            mentioned.update(range(entry.first, entry.last + 1))
    yield from (number for number in range(LAST_PORT, 0, -1) if number not in mentioned)
    yield from range(LAST_PORT, 0, -1)


def pinned(selector: Selector, existing: Container[str]) -> bool:
    """Return whether a selector of namespaces means existing ones alone, by their names."""
    return any(
        r.key == NAME_LABEL and r.operator is Operator.IN and all(value in existing for value in r.values)
        for r in selector.requirements
    )


def selected(terms: Iterable[Term], namespace: Labels) -> tuple[Term, ...]:
    """Return the terms that mean some pod of a namespace with these labels."""
    return tuple(term for term in terms if selects(term.namespaces, namespace))
