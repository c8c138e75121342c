"""The decision over symbolic endpoints, with the names that ``netsim.spec.judge`` has, to be read side by side.

Each side is two formulas, for an answer may be unknown: ``allowed`` holds where it may be allowed, ``denied`` where it
may be denied. Surely allowed is then ``not denied``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from netsim.ir.labels import NAME_LABEL
from netsim.ir.objects import Address, Family
from netsim.ir.policy import (
    Action,
    AddressPeer,
    Direction,
    DomainPeer,
    NamedPort,
    NodePeer,
    Peer,
    PodPeer,
    Policy,
    PortMatch,
    Ports,
    Rule,
    Tier,
)
from netsim.ir.profile import Baseline, NamedPorts, Profile, Ties
from netsim.ir.traffic import PORT_PROTOCOLS, Protocol
from netsim.smt import terms
from netsim.smt.endpoints import AnyPod, Endpoint, OneOf
from netsim.smt.terms import Number, Term
from netsim.spec.peers import name_covers

Names = Mapping[str, tuple[Address, ...]]
#: Ports of protocols: each the first and the last.
Ranges = tuple[tuple[Protocol, int, int], ...]


@dataclass(frozen=True, slots=True)
class Possible:
    """What may be: each of the two may hold at once, where the answer is unknown."""

    allowed: Term
    denied: Term


def joined(egress: Possible, ingress: Possible) -> Possible:
    """Return what may become of a connection: it is allowed iff both sides allow it (S1.2)."""
    return Possible(
        allowed=terms.all_of([egress.allowed, ingress.allowed]),
        denied=terms.any_of([egress.denied, ingress.denied]),
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """That a rule may decide the connection, in the direction that it is of."""

    policy: Policy
    rule: Rule
    term: Term


class Flow:
    """A connection that the solver may choose: its ends, protocol and port."""

    def __init__(
        self, source: Endpoint, destination: Endpoint, family: Family, carried: dict[Ranges, Term] | None = None
    ) -> None:
        """``carried`` keeps what was asked of protocols and ports, which are the same of every connection."""
        self.source = source
        self.destination = destination
        self.family = family
        self.protocols = {protocol: terms.variable(f"protocol.{protocol}") for protocol in PORT_PROTOCOLS}
        self.port: Number = terms.number("port", 16)
        self._carried = {} if carried is None else carried

    @property
    def constraints(self) -> list[Term]:
        """What must hold for it to be a connection."""
        traffic = [terms.exactly_one(self.protocols.values()), terms.between(self.port, 1, 65535)]
        ends = [*self.source.constraints, *self.destination.constraints]
        return [*ends, *traffic, *self._of_one_namespace(), *self._not_itself()]

    def _not_itself(self) -> Iterator[Term]:
        """Yield that no pod connects to itself, which no policy stops (S2.9); a template stands for many pods."""
        source, destination = self.source, self.destination
        if isinstance(source, OneOf) and isinstance(destination, OneOf):
            for pod, term in source.choices:
                if not pod.template:
                    yield terms.negation(terms.all_of([term, destination.is_one_of([pod])]))

    def _of_one_namespace(self) -> Iterator[Term]:
        """Yield that two pods in new namespaces of one name see the same labels on it."""
        source, destination = self.source, self.destination
        if not (isinstance(source, AnyPod) and isinstance(destination, AnyPod)):
            return
        names = source.space_labels.get(NAME_LABEL, {})
        for name in (name for name in names if name is not None):
            both = [
                each.space_labels[NAME_LABEL][name] for each in (source, destination) if NAME_LABEL in each.space_labels
            ]
            if len(both) == 2:
                together = terms.all_of(both)
                for key, choices in source.space_labels.items():
                    other = destination.space_labels[key]
                    alike = (terms.same(term, other[value]) for value, term in choices.items())
                    yield terms.any_of([terms.negation(together), terms.all_of(alike)])

    def carries(self, parts: Iterable[tuple[Protocol, int, int]]) -> Term:
        """Return that the protocol and port are in one of some ranges."""
        key = tuple(parts)
        if key not in self._carried:
            self._carried[key] = terms.any_of(
                terms.all_of([self.protocols[protocol], terms.between(self.port, first, last)])
                for protocol, first, last in key
            )
        return self._carried[key]

    def carries_named(self, port: NamedPort) -> Term:
        """Return that the port is one that the destination declares by this name (S2.8)."""
        return terms.any_of(
            terms.all_of([self.protocols[each], self.destination.declares(port.name, each, self.port)])
            for each in PORT_PROTOCOLS
            if port.protocol in (None, each)
        )

    def carries_any(self, ports: Iterable[PortMatch]) -> Term:
        """Return that the protocol and port are some of these, as a question names them."""
        return terms.any_of(
            self.carries_named(port)
            if isinstance(port, NamedPort)
            else self.carries([(port.protocol, port.first, port.last)])
            for port in ports
        )


#: Whether a policy, or a rule of it, is there: true, unless a question leaves it to the solver.
Switch = Callable[[Policy, Rule | None], Term]


def always(policy: Policy, rule: Rule | None) -> Term:  # noqa: ARG001 - a Switch
    """Every policy and every rule is there."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """Policies under a profile, asked about one symbolic connection.

    Attributes:
        names: What domain names resolve to; None: unknown.
        switch: Which policies and rules are there.
    """

    policies: Sequence[Policy]
    profile: Profile
    flow: Flow
    names: Names | None = None
    switch: Switch = always

    def verdict(self) -> Possible:
        """Return what may become of the connection: allowed iff both sides allow it (S1.2)."""
        return joined(self.side(Direction.EGRESS), self.side(Direction.INGRESS))

    def explicit(self) -> Term:
        """Return that it may be allowed, and that some rule allows it: not only that nothing denies it."""
        allowing = [
            each.term
            for direction in Direction
            for each in self.decisions(direction)
            if each.rule.action is Action.ALLOW
        ]
        return terms.all_of([self.verdict().allowed, terms.any_of(allowing)])

    def side(self, direction: Direction) -> Possible:
        """Return what one direction may say: the first tier with a final verdict decides (S1.3)."""
        found, _ = self._decided(direction)
        return found

    def decisions(self, direction: Direction) -> list[Decision]:
        """Return, for each rule of a direction, that it may be one that decides."""
        _, decisions = self._decided(direction)
        return decisions

    def _decided(self, direction: Direction) -> tuple[Possible, list[Decision]]:
        subject = self.flow.source if direction is Direction.EGRESS else self.flow.destination
        if not subject.is_pod:  # S1.2: what is no pod decides nothing
            return Possible(allowed=True, denied=False), []
        decisions: list[Decision] = []
        denied: list[Term] = []
        reached: Term = True
        for tier in Tier:
            found, no_rule, reached = self._tier(tier, direction, subject, reached)
            decisions += found
            denied.append(no_rule)
        by_action = {
            action: [each.term for each in decisions if each.rule.action is action]
            for action in (Action.ALLOW, Action.DENY)
        }
        possible = Possible(
            allowed=terms.any_of([*by_action[Action.ALLOW], reached]),
            denied=terms.any_of([*by_action[Action.DENY], *denied]),
        )
        return possible, decisions

    def isolated(self, subject: Endpoint, direction: Direction) -> Term:
        """Return that some policy isolates the subject in this direction (S2.1)."""
        return terms.any_of(
            terms.all_of([self.selected(policy, subject), self.switch(policy, None)])
            for policy in self.policies
            if direction in policy.isolates
        )

    def selected(self, policy: Policy, subject: Endpoint) -> Term:
        """Return that a policy applies to the subject."""
        applies = _pods_match(policy.subject, subject)
        governed = self.profile.bare_pods_governed or policy.tier is Tier.NETWORK
        return applies if governed else terms.all_of([applies, subject.by_controllers])

    def _tier(
        self, tier: Tier, direction: Direction, subject: Endpoint, reached: Term
    ) -> tuple[list[Decision], Term, Term]:
        """Return what a tier may say where evaluation reaches it: by a rule, by having none, and that it goes on."""
        if tier is Tier.NETWORK_POLICY:
            return self._isolators(direction, subject, reached)
        policies = [policy for policy in self.policies if policy.tier is tier]
        skipped: Term = False
        if tier is Tier.BASELINE and self.profile.baseline is Baseline.UNSELECTED:  # S4.3
            skipped = terms.any_of(self.isolated(subject, each) for each in Direction)
        asked = terms.all_of([reached, terms.negation(skipped)])
        found, left = self._ordered(policies, direction, subject, asked)
        return found, False, terms.any_of([left, terms.all_of([reached, skipped])])

    def _isolators(self, direction: Direction, subject: Endpoint, reached: Term) -> tuple[list[Decision], Term, Term]:
        isolated = self.isolated(subject, direction)
        found: list[Decision] = []
        sure: list[Term] = []
        for policy in self.policies:
            if direction not in policy.isolates:
                continue
            applies = terms.all_of([self.selected(policy, subject), self.switch(policy, None)])
            if applies is False:
                continue
            for rule in _rules(policy, direction):
                there = terms.all_of([reached, applies, self.switch(policy, rule)])
                possibly, surely = self.matches(rule)
                found.append(Decision(policy, rule, terms.all_of([there, possibly])))
                sure.append(terms.all_of([there, surely]))
        no_rule = terms.all_of([reached, isolated, terms.negation(terms.any_of(sure))])
        return found, no_rule, terms.all_of([reached, terms.negation(isolated)])

    def _ordered(
        self, policies: Sequence[Policy], direction: Direction, subject: Endpoint, reached: Term
    ) -> tuple[list[Decision], Term]:
        """Return what a tier of ordered rules may say: the first that matches decides, Pass leaves the tier (S1.3)."""
        found: list[Decision] = []
        for rank in self._ranks(policies):
            sure: list[Term] = []
            for policy in rank:
                asked = terms.all_of([reached, self.selected(policy, subject), self.switch(policy, None)])
                if asked is False:
                    continue
                matched: list[Term] = []
                for rule in _rules(policy, direction):
                    possibly, surely = self.matches(rule)
                    there = self.switch(policy, rule)
                    term = terms.all_of([asked, there, possibly, terms.negation(terms.any_of(matched))])
                    found.append(Decision(policy, rule, term))
                    matched.append(terms.all_of([there, surely]))
                sure.append(terms.all_of([asked, terms.any_of(matched)]))
            reached = terms.all_of([reached, terms.negation(terms.any_of(sure))])
        passed = [each.term for each in found if each.rule.action is Action.PASS]
        return found, terms.any_of([*passed, reached])

    def _ranks(self, policies: Sequence[Policy]) -> list[list[Policy]]:
        """Return policies in the order in which they are asked, those of equal priority together (S3.3)."""
        by_name = self.profile.ties is Ties.BY_NAME
        ranks: dict[tuple[int, str], list[Policy]] = {}
        for policy in policies:
            ranks.setdefault((policy.priority, policy.name if by_name else ""), []).append(policy)
        return [ranks[rank] for rank in sorted(ranks)]

    def matches(self, rule: Rule) -> tuple[Term, Term]:
        """Return that a rule may match the connection, and that it surely does (S2.4)."""
        peer = self.flow.source if rule.direction is Direction.INGRESS else self.flow.destination
        carried = True if rule.ports is None else terms.any_of(self._carries(port) for port in rule.ports)
        if carried is False or rule.peers is None:
            return carried, carried
        means = [self._means(each, peer) for each in rule.peers]
        may, must = (terms.any_of(pair[index] for pair in means) for index in (0, 1))
        return terms.all_of([carried, may]), terms.all_of([carried, must])

    def _means(self, peer: Peer, endpoint: Endpoint) -> tuple[Term, Term]:
        """Return that a peer may mean the endpoint, and that it surely does."""
        match peer:
            case PodPeer():
                term = _pods_match(peer, endpoint)
            case AddressPeer():
                matched = self.profile.blocks_match_pods or not endpoint.is_pod
                return endpoint.within(peer.block, peer.excepts) if matched else (False, False)
            case NodePeer():  # S3.5: an outside address is no node's, and no pod is a node
                term = False
            case DomainPeer():
                return self._resolves(peer, endpoint)
            case _:
                assert_never(peer)
        return term, term

    def _resolves(self, peer: DomainPeer, endpoint: Endpoint) -> tuple[Term, Term]:
        if endpoint.is_pod and not self.profile.blocks_match_pods:
            return False, False
        meant = [name for name in self.names or () if name_covers(peer.name, name)]
        if self.names is None or not meant:
            # S3.5: what it resolves to is unknown; it is not taken to be a pod.
            return not endpoint.is_pod, False
        return endpoint.among(address for name in meant for address in (self.names or {})[name])

    def _carries(self, port: PortMatch) -> Term:
        flow = self.flow
        match port:
            case Ports():
                last = port.last if self.profile.end_port or not port.ranged else port.first
                return flow.carries([(port.protocol, port.first, last)])
            case NamedPort(protocol=protocol) if (
                self.profile.named_ports is NamedPorts.EVERY_PORT and protocol is not None
            ):
                return flow.protocols[protocol]
            case NamedPort():
                return flow.carries_named(port)
        assert_never(port)


def _pods_match(peer: PodPeer, endpoint: Endpoint) -> Term:
    """Return that both selectors select the endpoint; the cluster-wide kinds never mean hostNetwork pods (S3.1)."""
    selected = endpoint.selected(peer.namespaces, peer.pods)
    return selected if peer.host_network else terms.all_of([selected, terms.negation(endpoint.on_host)])


def _rules(policy: Policy, direction: Direction) -> Iterator[Rule]:
    return (rule for rule in policy.rules if rule.direction is direction)
