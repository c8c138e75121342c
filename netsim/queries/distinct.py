"""Kinds of pods that could be, in words, and which of them a listing needs a row for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from netsim.ir.labels import NAME_LABEL, Operator, Requirement, Selector
from netsim.ir.traffic import NONE, Traffic
from netsim.queries.potential import Potential, Term

#: Port names that open something, and port names that close something.
Names = tuple[tuple[str, ...], tuple[str, ...]]

#: What is allowed, what may be, and what port names change of it.
Says = tuple[Traffic, Traffic, Names]


@dataclass(frozen=True, slots=True)
class PotentialPeer:
    """Pods that could be: in one namespace of the snapshot, or in any that the selector selects.

    ``str`` writes ``[namespaces with team=a]/[pods with app=x]``, ``[all namespaces]/...``, ``shop/[all pods]``.
    """

    namespace: str | None
    namespaces: Selector
    pods: Selector

    def __str__(self) -> str:
        pods = f"[pods with {self.pods}]" if self.pods.requirements else "[all pods]"
        return f"{self.namespace or _named(self.namespaces) or _several(self.namespaces)}/{pods}"


def _named(namespaces: Selector) -> str | None:
    """Return the name where it is all that is asked of a namespace."""
    match namespaces.requirements:
        case (Requirement(key=key, operator=Operator.IN, values=(name,)),) if key == NAME_LABEL:
            return name
    return None


def _several(namespaces: Selector) -> str:
    return f"[namespaces with {namespaces}]" if namespaces.requirements else "[all namespaces]"


@dataclass(frozen=True, slots=True)
class Case:
    """Potential pods that are one to a group of subjects.

    Attributes:
        potential: One of them.
        signature: The terms that mean them, and the exclusions that do not: what sets them apart from a pod of
            which no rule says anything.
        existing: Whether they are named by the values of labels, in one namespace, and some pod there is one.
    """

    potential: Potential
    signature: frozenset[Term]
    peer: PotentialPeer
    existing: bool

    def covers(self, other: "Case") -> bool:
        """Return whether the other case is a more specific one."""
        place = self.peer.namespace
        return place in (None, other.peer.namespace) and self.signature <= other.signature and self is not other


def differing(cases: Sequence[Case], said: Sequence[Says], whole: Says) -> Iterator[tuple[Case, Says]]:
    """Yield the cases of which the more general ones that are listed do not say enough, with what is said of them.

    One that says the same as a more general one that exists is that one with further labels: it exists as well.
    """
    listed: dict[str | None, list[tuple[Case, Says]]] = {None: []}
    populated: dict[str | None, list[tuple[Case, Says]]] = {}
    for case, own in zip(cases, said, strict=True):
        place = case.peer.namespace
        if case.existing:
            populated.setdefault(place, []).append((case, own))
        near = listed[None] if place is None else [*listed[None], *listed.get(place, ())]
        covering = [entry for entry in near if entry[0].covers(case)] if near else []
        nearest = [says for one, says in covering if not any(one.covers(nearer) for nearer, _ in covering)]
        if own != (_any_of(nearest) if nearest else whole):
            alike = (one.covers(case) and says == own for one, says in populated.get(place, ()))
            entry = (replace(case, existing=case.existing or any(alike)), own)
            listed.setdefault(place, []).append(entry)
            yield entry


def _any_of(answers: Sequence[Says]) -> Says | None:
    """Return what some of them allow; None where port names close something, which is then not said of all."""
    if len(set(answers)) == 1:
        return answers[0]
    if any(closed for _, _, (_, closed) in answers):
        return None
    allowed = possible = NONE
    names: set[str] = set()
    for traffic, unknown, (opened, _) in answers:
        allowed, possible, names = allowed | traffic, possible | traffic | unknown, names | {*opened}
    return allowed, possible - allowed, (tuple(sorted(names)), ())
