"""Endpoints that the solver may choose, and such as are known, behind one interface."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import assert_never

from netsim.ir.labels import NAME_LABEL, Operator, Requirement, Selector
from netsim.ir.objects import Address, Family, Namespace, Network, Pod
from netsim.ir.traffic import Protocol
from netsim.smt import terms
from netsim.smt.terms import Number, Term
from netsim.smt.universe import Universe
from netsim.spec.labels import selects

BITS = {Family.IPV4: 32, Family.IPV6: 128}
#: That something may hold, and that it surely does.
Pair = tuple[Term, Term]


class Endpoint(ABC):
    """What can open or accept a connection, as a formula sees it."""

    #: What must hold for the solver's choices to be an endpoint at all.
    constraints: Sequence[Term] = ()
    #: What the solver may choose to be there, and may leave out: labels, declared ports.
    extras: Sequence[Term] = ()
    is_pod = True

    @property
    def by_controllers(self) -> Term:
        """That some controller made it, where it is a pod; pods that could exist are taken to be made so (S2.1)."""
        return True

    @property
    def on_host(self) -> Term:
        """That it uses its node's network, where it is a pod; those that could exist are taken not to."""
        return False

    @abstractmethod
    def selected(self, spaces: Selector, pods: Selector) -> Term:
        """Return that selectors over its namespace and over its labels select it; never, unless it is a pod."""

    @abstractmethod
    def within(self, block: Network, excepts: Sequence[Network]) -> Pair:
        """Return that its address may be, and surely is, in a block and in none of the excepts."""

    @abstractmethod
    def among(self, addresses: Iterable[Address]) -> Pair:
        """Return that its address may be, and surely is, one of these."""

    @abstractmethod
    def declares(self, name: str, protocol: Protocol, port: Number) -> Term:
        """Return that it declares a port of this name, protocol and number."""


def _in_block(value: Number, block: Network) -> Term:
    return terms.between(value, int(block.network_address), int(block.broadcast_address))


def _within(value: Number, family: Family, block: Network, excepts: Sequence[Network]) -> Term:
    if block.version != family:
        return False
    outside = [terms.negation(_in_block(value, hole)) for hole in excepts if hole.version == family]
    return terms.all_of([_in_block(value, block), *outside])


def _among(value: Number, family: Family, addresses: Iterable[Address]) -> Term:
    own = [int(address) for address in addresses if address.version == family]
    return terms.any_of(terms.between(value, each, each) for each in own)


class AnyAddress(Endpoint):
    """Any outside address of one family in one of some blocks, and none that the snapshot names."""

    is_pod = False

    def __init__(self, name: str, family: Family, blocks: Sequence[Network], taken: Iterable[Address]) -> None:
        self.family = family
        self.value = terms.number(f"{name}.address", BITS[family])
        own = [block for block in blocks if block.version == family]
        self.constraints = (
            terms.any_of(_in_block(self.value, block) for block in own),
            terms.negation(_among(self.value, family, taken)),
        )

    def selected(self, spaces: Selector, pods: Selector) -> Term:  # noqa: ARG002 - S2.4: not even {} selects it
        return False

    def within(self, block: Network, excepts: Sequence[Network]) -> Pair:
        term = _within(self.value, self.family, block, excepts)
        return term, term

    def among(self, addresses: Iterable[Address]) -> Pair:
        term = _among(self.value, self.family, addresses)
        return term, term

    def declares(self, name: str, protocol: Protocol, port: Number) -> Term:  # noqa: ARG002 - S2.8: it has no names
        return False


class OneOf(Endpoint):
    """One of some pods that exist, or of workloads' templates."""

    def __init__(self, name: str, pods: Sequence[Pod], namespaces: Mapping[str, Namespace], family: Family) -> None:
        self.choices = [(pod, terms.variable(f"{name}.is.{number}")) for number, pod in enumerate(pods)]
        self.constraints = (terms.exactly_one(term for _, term in self.choices),)
        self.family = family
        self._namespaces = namespaces
        self._selected: dict[tuple[Selector, Selector], Term] = {}

    @property
    def by_controllers(self) -> Term:
        return terms.any_of(term for pod, term in self.choices if pod.workload.kind != "Pod")

    @property
    def on_host(self) -> Term:
        return terms.any_of(term for pod, term in self.choices if pod.host_network)

    def selected(self, spaces: Selector, pods: Selector) -> Term:
        key = (spaces, pods)
        if key not in self._selected:
            chosen = [
                term
                for pod, term in self.choices
                if selects(spaces, self._namespaces[pod.namespace].labels) and selects(pods, pod.labels)
            ]
            self._selected[key] = True if len(chosen) == len(self.choices) else terms.any_of(chosen)
        return self._selected[key]

    def within(self, block: Network, excepts: Sequence[Network]) -> Pair:
        return self._agreed(lambda address: address in block and not any(address in hole for hole in excepts))

    def among(self, addresses: Iterable[Address]) -> Pair:
        known = set(addresses)
        return self._agreed(lambda address: address in known)

    def is_one_of(self, pods: Iterable[Pod]) -> Term:
        """Return that it is one of these."""
        return terms.any_of(term for pod, term in self.choices if pod in pods)

    def _agreed(self, inside: Callable[[Address], bool]) -> Pair:
        """Return what the addresses of each say together; where they do not agree, it is unknown which one is used."""
        may, must = [], []
        for pod, term in self.choices:
            said = [inside(address) for address in pod.addresses if address.version == self.family]
            may += [term] if any(said) else []
            must += [term] if said and all(said) else []
        return terms.any_of(may), terms.any_of(must)

    def declares(self, name: str, protocol: Protocol, port: Number) -> Term:
        # S2.8: containers of one pod may give one name to several numbers, and each of them is meant.
        choosing: dict[int, list[Term]] = {}
        for pod, term in self.choices:
            for number in {each.number for each in pod.ports if each.name == name and each.protocol is protocol}:
                choosing.setdefault(number, []).append(term)
        return terms.any_of(
            terms.all_of([terms.between(port, number, number), terms.any_of(chosen)])
            for number, chosen in choosing.items()
        )


class AnyPod(Endpoint):
    """Any pod that could exist: any labels, in any namespace, existing or new, declaring any ports."""

    def __init__(self, name: str, universe: Universe, family: Family, namespaces: Iterable[str] | None = None) -> None:
        """``namespaces`` are those that it may be in; any, and a new one, where None."""
        self.family = family
        self._name = name
        self._universe = universe
        self.existing = universe.namespaces
        self._cache: dict[tuple[str, Selector], Term] = {}
        self._selected: dict[tuple[Selector, Selector], Term] = {}
        self._requirements: dict[tuple[str, Requirement], Term] = {}
        chosen = sorted(universe.namespaces if namespaces is None else namespaces)
        self.spaces = {each: terms.variable(f"{name}.in.{each}") for each in chosen}
        self.new = terms.variable(f"{name}.in a new one") if namespaces is None else False
        self.labels = {key: self._choices("label", key, values) for key, values in universe.pods.items()}
        self.space_labels = {
            key: self._choices("namespace label", key, values)
            for key, values in universe.spaces.items()
            if self.new is not False
        }
        self.ports = {
            (port, protocol): (
                terms.variable(f"{name}.port.{port}.{protocol}"),
                terms.number(f"{name}.{port}.{protocol}", 16),
            )
            for port, protocol in universe.ports
        }
        blocks = [block for block in universe.blocks if block.version == family]
        self.address = terms.number(f"{name}.address", BITS[family]) if blocks else None
        self.constraints = tuple(self._constraints(blocks))
        labels = (*self.labels.items(), *self.space_labels.items())
        self.extras = (
            *(terms.any_of(choices.values()) for key, choices in labels if key != NAME_LABEL),
            *(there for there, _ in self.ports.values()),
        )

    def _choices(self, what: str, key: str, values: tuple[str, ...]) -> dict[str | None, Term]:
        """Return a variable for each value of a label, and one, under None, for any other value."""
        return {value: terms.variable(f"{self._name}.{what}.{key}={value}") for value in (*values, None)}

    def _constraints(self, blocks: list[Network]) -> Iterable[Term]:
        yield terms.exactly_one([*self.spaces.values(), *([self.new] if self.new is not False else [])])
        yield from (terms.at_most_one(choices.values()) for choices in self.labels.values())
        for key, choices in self.space_labels.items():
            if key == NAME_LABEL:
                # S2.5: a namespace always has it, and a new one is called otherwise than those that exist.
                yield terms.exactly_one(choices.values())
                existing = self._universe.namespaces
                yield from (terms.negation(term) for value, term in choices.items() if value in existing)
            else:
                yield terms.at_most_one(choices.values())
        yield from (terms.between(value, 1, 65535) for _, value in self.ports.values())
        if self.address is not None:
            yield terms.any_of(_in_block(self.address, block) for block in blocks)

    def selected(self, spaces: Selector, pods: Selector) -> Term:
        key = (spaces, pods)
        if key not in self._selected:
            in_space = self._in_spaces(spaces)
            self._selected[key] = False if in_space is False else terms.all_of([in_space, self._has(pods)])
        return self._selected[key]

    def _in_spaces(self, selector: Selector) -> Term:
        key = ("spaces", selector)
        if key not in self._cache:
            existing = self._universe.namespaces
            meant = [term for name, term in self.spaces.items() if selects(selector, existing[name].labels)]
            if self.new is not False:
                wanted = [self._satisfied(each, self.space_labels, "space") for each in selector.requirements]
                meant.append(terms.all_of([self.new, *wanted]))
            # Whoever may be in every one of them is in one of them.
            every = len(meant) == len(self.spaces) + (self.new is not False) and not selector.requirements
            self._cache[key] = True if every else terms.any_of(meant)
        return self._cache[key]

    def _has(self, selector: Selector) -> Term:
        key = ("pods", selector)
        if key not in self._cache:
            self._cache[key] = terms.all_of(self._satisfied(each, self.labels, "pod") for each in selector.requirements)
        return self._cache[key]

    def _satisfied(self, requirement: Requirement, labels: dict[str, dict[str | None, Term]], whose: str) -> Term:
        key = (whose, requirement)
        if key not in self._requirements:
            self._requirements[key] = _satisfied(requirement, labels[requirement.key])
        return self._requirements[key]

    def within(self, block: Network, excepts: Sequence[Network]) -> Pair:
        term = False if self.address is None else _within(self.address, self.family, block, excepts)
        return term, term

    def among(self, addresses: Iterable[Address]) -> Pair:
        term = False if self.address is None else _among(self.address, self.family, addresses)
        return term, term

    def declares(self, name: str, protocol: Protocol, port: Number) -> Term:
        there, number = self.ports[name, protocol]
        return terms.all_of([there, terms.same(number, port)])


def _satisfied(requirement: Requirement, choices: dict[str | None, Term]) -> Term:
    """Return that a label, as one variable a value, satisfies a requirement (S2.5)."""
    listed = terms.any_of(choices[value] for value in requirement.values)
    match requirement.operator:
        case Operator.IN:
            return listed
        case Operator.NOT_IN:  # S2.5: an absent key matches NotIn
            return terms.negation(listed)
        case Operator.EXISTS:
            return terms.any_of(choices.values())
        case Operator.DOES_NOT_EXIST:
            return terms.negation(terms.any_of(choices.values()))
    assert_never(requirement.operator)


def address_of(value: int, family: Family) -> Address:
    """Return a chosen number as an address."""
    return IPv4Address(value) if family is Family.IPV4 else IPv6Address(value)
