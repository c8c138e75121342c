"""NetworkPolicies read as intents: what their rules let through must be allowed, or must be denied."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from netsim.cluster import Compiled
from netsim.ir.objects import Node
from netsim.ir.policy import AddressPeer, Direction, Policy, Rule
from netsim.lower.program import GroupRule
from netsim.queries.intents.breaches import Search, Wanted
from netsim.queries.intents.ends import End, Ends
from netsim.queries.intents.meaning import port_names
from netsim.queries.intents.results import Checked, Reason, Result

_PARTY = frozenset({0})


def demanded(cluster: Compiled, policies: Sequence[Policy], wanted: Wanted) -> tuple[Checked, ...]:
    """Return, for each rule of some NetworkPolicies, whether the cluster does what it demands.

    A rule demands the connections that it lets through and that the policies together allow: an egress rule to
    somebody whose ingress another of them closes demands nothing there. Isolation by itself demands nothing.
    """
    bound = Compiled(replace(cluster.snapshot, policies=tuple(policies)), cluster.profile)
    return tuple(_Demand(cluster, bound, number, wanted).checked(rule) for number, rule in _rules(bound))


def _rules(bound: Compiled) -> Iterator[tuple[int, Rule]]:
    for number, policy in enumerate(bound.program.policies):
        yield from ((number, rule) for rule in policy.rules)


@dataclass(slots=True)
class _Demand:
    """One policy of those that are read as intents."""

    cluster: Compiled
    bound: Compiled
    number: int
    wanted: Wanted
    _ends: Ends = field(init=False)

    def __post_init__(self) -> None:
        policy = self.bound.program.policies[self.number]
        programs = [self.cluster.program, self.bound.program]
        self._ends = Ends(programs, port_names(rule.ports for rule in policy.rules))

    def checked(self, rule: Rule) -> Checked:
        """Return what is said of one rule."""
        policy = self.bound.program.policies[self.number]
        found = Checked(
            name=f"{policy.kind} {policy} {rule}",
            claim="must-allow" if self.wanted is Wanted.ALLOWED else "must-deny",
            place=rule.place,
            result=Result.HOLDS,
        )
        applied = self._applied(rule)
        subjects, peers = self._subjects(rule.direction), self._peers(rule, applied)
        inward = rule.direction is Direction.INGRESS
        sources, destinations = (peers, subjects) if inward else (subjects, peers)
        if not sources or not destinations:
            reason = Reason.NO_DESTINATION if sources else Reason.NO_SOURCE
            return replace(found, result=Result.VACUOUS, reason=reason)
        search = Search(self.cluster, self.bound, self.wanted, lambda _, end: end.traffic(rule.ports))
        found = found.judged(search.breaches(sources, destinations))
        if found.holds and not search.spoke:
            return replace(found, result=Result.VACUOUS, reason=Reason.NO_CONNECTION)
        return found

    def _subjects(self, direction: Direction) -> tuple[End, ...]:
        """Return the ends that the policy applies to."""
        program = self.bound.program
        groups = [self.number in group.policies for group in program.groups[direction]]
        own = {n: _PARTY for n, c in enumerate(program.class_of) if groups[program.group_of[direction][c]]}
        return self._ends.of_endpoints(own)

    def _applied(self, rule: Rule) -> GroupRule | None:
        groups = self.bound.program.groups[rule.direction]
        return next((e for group in groups for e in group.rules if e.policy == self.number and e.rule == rule), None)

    def _peers(self, rule: Rule, applied: GroupRule | None) -> tuple[End, ...]:
        """Return the ends that a rule surely means; nobody where the policy applies to nobody."""
        program = self.bound.program
        if applied is None:
            return ()
        if applied.terms is None:
            meant = frozenset(range(len(program.classes)))
        else:
            meant = frozenset(member for term in applied.terms for member in program.terms[term].sure)
        # A node is meant by its address alone: everybody is every pod, and every address outside.
        nodes = any(isinstance(peer, AddressPeer) for peer in rule.peers or ())
        endpoints = {
            number: _PARTY
            for number, member in enumerate(program.class_of)
            if member in meant and (nodes or not isinstance(program.endpoints[number], Node))
        }
        outer = (end for end in self._ends.outside((), every=True) if end.members[-1] in meant)
        return (*self._ends.of_endpoints(endpoints), *outer)
