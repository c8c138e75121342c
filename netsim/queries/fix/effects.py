"""What edits make of one connection, as a formula over them: the definition's own words, with edits for truths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from netsim.cluster import Compiled
from netsim.ir.labels import EVERYTHING, namespace_named
from netsim.ir.objects import Pod
from netsim.ir.place import NOWHERE
from netsim.ir.policy import Action, Direction, PodPeer, Policy, Rule, Tier
from netsim.ir.truth import Truth
from netsim.ir.verdict import Endpoint, Flow
from netsim.queries.fix.edits import Add, Drop, Edit, New
from netsim.spec import judge
from netsim.spec.isolation import selected
from netsim.spec.peers import peer_matches, rule_means
from netsim.spec.ports import port_matches
from netsim.spec.world import World

Term = Any


@dataclass(slots=True)
class Effects:
    """The formulas of one cluster; each edit is one variable, made when a formula first asks for it.

    Attributes:
        edits: Every edit that some formula hangs on, by its variable's name.
    """

    cluster: Compiled
    edits: dict[str, Edit] = field(default_factory=dict)
    added: dict[Add, None] = field(default_factory=dict)
    made: dict[New, None] = field(default_factory=dict)
    _names: dict[Edit, str] = field(default_factory=dict)

    def variable(self, edit: Edit) -> Term:
        """Return that an edit is made."""
        from netsim.smt import terms

        name = self._names.setdefault(edit, f"edit {len(self._names)}")
        self.edits[name] = edit
        return terms.variable(name)

    def is_let_through(self, flow: Flow) -> Term:
        """Return that a connection is surely allowed."""
        from netsim.smt import terms

        return terms.all_of(self._side(flow, direction, sure=True) for direction in Direction)

    def is_stopped(self, flow: Flow) -> Term:
        """Return that a connection is surely denied."""
        from netsim.smt import terms

        return terms.any_of(terms.negation(self._side(flow, direction, sure=False)) for direction in Direction)

    def hangs_on_edits(self, flow: Flow, direction: Direction) -> bool:
        """Return whether NetworkPolicies have a say in a direction: no other tier has had the last word before."""
        closed, opened = (self._probe(flow, direction, rules) for rules in ((), (_anybody(direction),)))
        return closed is not opened

    def isolated_without(self, flow: Flow, direction: Direction, *, sure: bool) -> bool:
        """Return whether a direction allows a connection where its subject is isolated and no rule lets anybody in."""
        return _holds(self._probe(flow, direction, ()), sure=sure)

    def isolated_with_all(self, flow: Flow, direction: Direction, *, sure: bool) -> bool:
        """Return whether a direction allows a connection where its subject is isolated and everybody is let in."""
        return _holds(self._probe(flow, direction, (_anybody(direction),)), sure=sure)

    def not_isolated(self, flow: Flow, direction: Direction, *, sure: bool) -> bool:
        """Return whether a direction allows a connection where no NetworkPolicy isolates its subject."""
        return _holds(self._probe(flow, direction, None), sure=sure)

    def _side(self, flow: Flow, direction: Direction, *, sure: bool) -> Term:
        """Return that a direction allows a connection, surely or perhaps."""
        from netsim.smt import terms

        if not self.hangs_on_edits(flow, direction):
            return self.isolated_without(flow, direction, sure=sure)
        subject = subject_of(flow, direction)
        world = World(self.cluster.snapshot, self.cluster.profile)
        own = [each for each in self.policies if direction in each.isolates and selected(each, subject, world)]
        new = [each for each in self.made if each.direction is direction and selected(each.made(), subject, world)]
        isolated = terms.any_of([bool(own), *(self.variable(each) for each in new)])
        names = {str(policy) for policy in own} | {each.policy for each in new}
        matching = [term for policy in own for term in self._of_policy(policy, flow, direction, world, sure=sure)]
        matching += self._of_added(names, flow, direction, world, sure=sure)
        open_else = self.not_isolated(flow, direction, sure=sure)
        return terms.any_of(
            [
                terms.all_of([isolated, terms.any_of(matching)]),
                terms.all_of([terms.negation(isolated), open_else]),
            ]
        )

    @property
    def policies(self) -> Sequence[Policy]:
        """The NetworkPolicies."""
        return [policy for policy in self.cluster.snapshot.policies if policy.tier is Tier.NETWORK_POLICY]

    def _of_policy(
        self, policy: Policy, flow: Flow, direction: Direction, world: World, *, sure: bool
    ) -> Iterator[Term]:
        from netsim.smt import terms

        name, peer = str(policy), peer_of(flow, direction)
        for number, rule in enumerate(policy.rules):
            if rule.direction is not direction:
                continue
            met = [
                at
                for at, each in enumerate(rule.peers or ())
                if _holds(peer_matches(each, peer, flow.family, world), sure=sure)
            ]
            carried = [at for at, each in enumerate(rule.ports or ()) if port_matches(each, flow, world)]
            if (rule.peers is not None and not met) or (rule.ports is not None and not carried):
                continue
            kept = [terms.negation(self.variable(Drop(name, number)))]
            if rule.peers is not None and len(rule.peers) > 1:
                kept.append(terms.any_of(terms.negation(self.variable(Drop(name, number, peer=at))) for at in met))
            if rule.ports is not None and len(rule.ports) > 1:
                kept.append(terms.any_of(terms.negation(self.variable(Drop(name, number, port=at))) for at in carried))
            yield terms.all_of(kept)

    def _of_added(
        self, names: set[str], flow: Flow, direction: Direction, world: World, *, sure: bool
    ) -> Iterator[Term]:
        from netsim.smt import terms

        peer = peer_of(flow, direction)
        for add in self.added:
            asked = add.policy in names and add.direction is direction and (flow.protocol, flow.port) in add.traffic
            means = rule_means(None if add.peer is None else (add.peer,), peer, flow.family, world)
            if asked and _holds(means, sure=sure):
                yield terms.all_of([self.variable(add), *([self.variable(add.new)] if add.new else [])])

    def _probe(self, flow: Flow, direction: Direction, rules: Iterable[Rule] | None) -> Truth:
        """Return what a direction says where its subject is isolated with some rules alone; not at all where None."""
        subject = subject_of(flow, direction)
        others = [policy for policy in self.cluster.snapshot.policies if policy.tier is not Tier.NETWORK_POLICY]
        if rules is not None and isinstance(subject, Pod):
            others.append(_isolating(subject.namespace, direction, tuple(rules)))
        found = judge(self.cluster.snapshot, self.cluster.profile, flow, others)
        return (found.egress if direction is Direction.EGRESS else found.ingress).allowed


def subject_of(flow: Flow, direction: Direction) -> Endpoint:
    """Return whose policies are asked in a direction."""
    return flow.source if direction is Direction.EGRESS else flow.destination


def peer_of(flow: Flow, direction: Direction) -> Endpoint:
    """Return whom the rules of a direction mean."""
    return flow.destination if direction is Direction.EGRESS else flow.source


def _holds(truth: Truth, *, sure: bool) -> bool:
    return truth is True if sure else truth is not False


def _anybody(direction: Direction) -> Rule:
    return Rule(direction=direction, index=0, action=Action.ALLOW, peers=None, ports=None, place=NOWHERE)


def _isolating(namespace: str, direction: Direction, rules: tuple[Rule, ...]) -> Policy:
    return Policy(
        kind="NetworkPolicy",
        namespace=namespace,
        name="probe",
        tier=Tier.NETWORK_POLICY,
        subject=PodPeer(namespaces=namespace_named(namespace), pods=EVERYTHING, place=NOWHERE),
        isolates=frozenset({direction}),
        rules=rules,
        place=NOWHERE,
    )
