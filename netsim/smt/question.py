"""What a claim is about: symbolic connections between ends, in a world of policies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import assert_never

from netsim.ir.labels import EVERYTHING, NAME_LABEL, Operator, Selector
from netsim.ir.objects import Address, Family, Namespace, Network, Pod
from netsim.ir.policy import NamedPort, Policy, PortMatch
from netsim.ir.profile import Profile
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import ALL, Traffic
from netsim.smt import terms
from netsim.smt.encode import Flow, Ranges
from netsim.smt.endpoints import AnyAddress, AnyPod, Endpoint, OneOf
from netsim.smt.solve import TIMEOUT
from netsim.smt.terms import Term
from netsim.smt.universe import Universe, universe
from netsim.spec.labels import selects


@dataclass(frozen=True, slots=True, kw_only=True)
class Pods:
    """Every pod that could exist and that selectors over its namespace and its own labels select."""

    spaces: Selector = EVERYTHING
    pods: Selector = EVERYTHING


@dataclass(frozen=True, slots=True)
class Outside:
    """Every address in some blocks that the snapshot does not name."""

    blocks: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Some pods that exist, none of which uses its node's network."""

    pods: tuple[Pod, ...]


#: One end of the connections that a claim is about.
End = Pods | Outside | Known


@dataclass(frozen=True, slots=True)
class On:
    """An end, on some ports alone; a port's name is what the destination declares."""

    end: End
    ports: tuple[PortMatch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A set of policies, and the snapshot that it belongs to."""

    snapshot: Snapshot
    profile: Profile
    policies: tuple[Policy, ...]

    @property
    def namespaces(self) -> Mapping[str, Namespace]:
        """Those that exist."""
        return self.snapshot.namespaces


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which connections a claim is about.

    Attributes:
        but_from, but_to: Ends that are not among the sources, and the destinations; on some ports alone where ``On``.
        families: The address families that are asked about.
        traffic: The protocols and ports.
        ports: Of the traffic, these alone, among which may be names; all of it where None.
        pod_blocks: Where pods that could exist have their addresses; empty: nowhere that an ipBlock matches.
        timeout: Milliseconds for each call of the solver.
    """

    sources: tuple[End, ...] = (Pods(), Outside(()))
    destinations: tuple[End, ...] = (Pods(), Outside(()))
    but_from: tuple[End | On, ...] = ()
    but_to: tuple[End | On, ...] = ()
    families: tuple[Family, ...] = (Family.IPV4,)
    traffic: Traffic = ALL
    ports: tuple[PortMatch, ...] | None = None
    pod_blocks: tuple[Network, ...] = ()
    timeout: int = TIMEOUT


def flows(sides: Sequence[Side], question: Question) -> Iterator[tuple[Flow, list[Term]]]:
    """Yield a symbolic connection for each pair of ends and family, with what restricts the ends."""
    every = _universe(sides, question)
    named = _named_addresses(sides)
    carried: dict[Ranges, Term] = {}
    made: dict[tuple[int, str, Family | None], tuple[Endpoint, Term]] = {}
    for family in question.families:
        for ends in product(question.sources, question.destinations):
            if all(isinstance(end, Outside) for end in ends):
                continue
            if family != question.families[0] and not _hangs_on_family(ends, question):
                continue
            found = []
            for end, name in zip(ends, ("source", "destination"), strict=True):
                # A pod that could exist is the same in every family, unless it has an address. Pods have no hash.
                key = (id(end), name, None if isinstance(end, Pods) and not question.pod_blocks else family)
                if key not in made:
                    made[key] = _endpoint(end, name, every, family, named)
                found.append(made[key])
            flow = Flow(found[0][0], found[1][0], family, carried)
            but = [*(_excused(flow, flow.source, each) for each in question.but_from)]
            but += (_excused(flow, flow.destination, each) for each in question.but_to)
            asked = True if question.ports is None else flow.carries_any(question.ports)
            yield flow, [found[0][1], found[1][1], asked, *map(terms.negation, but)]


def _excused(flow: Flow, endpoint: Endpoint, but: End | On) -> Term:
    if isinstance(but, On):
        return terms.all_of([_is(endpoint, but.end), flow.carries_any(but.ports)])
    return _is(endpoint, but)


def _hangs_on_family(ends: Iterable[End], question: Question) -> bool:
    """May the address of some end be told from others? Pods without addresses are alike in every family."""
    return bool(question.pod_blocks) or not all(isinstance(end, Pods) for end in ends)


def _universe(sides: Sequence[Side], question: Question) -> Universe:
    namespaces: dict[str, Namespace] = {}
    for side in sides:
        namespaces.update(side.namespaces)
    buts = (*question.but_from, *question.but_to)
    ends = (*question.sources, *question.destinations, *(but.end if isinstance(but, On) else but for but in buts))
    selectors = [(end.spaces, end.pods) for end in ends if isinstance(end, Pods)]
    asked = (*(question.ports or ()), *(port for but in buts if isinstance(but, On) for port in but.ports))
    names = [port.name for port in asked if isinstance(port, NamedPort)]
    policies = [policy for side in sides for policy in side.policies]
    return universe(policies, namespaces, selectors, blocks=question.pod_blocks, names=names)


def _named_addresses(sides: Sequence[Side]) -> list[Address]:
    pods = [address for side in sides for pod in side.snapshot.pods for address in pod.addresses]
    nodes = [address for side in sides for node in side.snapshot.nodes for address in node.addresses]
    return sorted({*pods, *nodes}, key=lambda address: (address.version, int(address)))


def _endpoint(end: End, name: str, every: Universe, family: Family, named: Sequence[Address]) -> tuple[Endpoint, Term]:
    match end:
        case Pods():
            pod = AnyPod(name, every, family, _namespaces(end.spaces, every.namespaces))
            return pod, pod.selected(end.spaces, end.pods)
        case Outside():
            return AnyAddress(name, family, end.blocks, named), True
        case Known():
            return OneOf(name, end.pods, every.namespaces, family), True
    assert_never(end)


def _namespaces(spaces: Selector, existing: Mapping[str, Namespace]) -> tuple[str, ...] | None:
    """Return the namespaces that a selector leaves; None where new ones are among them."""
    wanted = [each for each in spaces.requirements if each.key == NAME_LABEL and each.operator is Operator.IN]
    if not any(set(each.values) <= existing.keys() for each in wanted):
        return None
    return tuple(name for name, namespace in existing.items() if selects(spaces, namespace.labels))


def _is(endpoint: Endpoint, end: End) -> Term:
    """Return that an endpoint is surely one of an end."""
    match end:
        case Pods():
            return endpoint.selected(end.spaces, end.pods)
        case Outside():
            own = [endpoint.within(block, ())[1] for block in end.blocks]
            return False if endpoint.is_pod else terms.any_of(own)
        case Known():
            return endpoint.is_one_of(end.pods) if isinstance(endpoint, OneOf) else False
    assert_never(end)
