"""The subject groups of an edited program."""

from collections.abc import Mapping, Sequence

from netsim.ir.policy import Direction, Peer, Policy, Tier
from netsim.lower.bench import Bench, mentions
from netsim.lower.groups import rank, rules_of, speaks
from netsim.lower.program import (
    EndpointClass,
    Group,
    GroupRule,
    key_of,
    port_names,
)


class Regrouping:
    """The subject groups of one direction after an edit; used once, then dropped."""

    def __init__(
        self,
        bench: Bench,
        direction: Direction,
        classes: Sequence[EndpointClass],
        policies: Sequence[Policy],
        gone: frozenset[int],
        subjects: Mapping[int, Sequence[int]],
    ) -> None:
        """``subjects`` are the classes that each new policy selects; ``gone`` are policies by number."""
        self._bench = bench
        self._direction = direction
        self._classes = classes
        self._policies = policies
        self._gone = gone
        self._groups = list(bench.program.groups[direction])
        self._rules: dict[int, tuple[GroupRule, ...]] = {}
        self._coming: dict[int, list[int]] = {}
        for number, members in subjects.items():
            if speaks(policies[number], direction):
                for member in members:
                    if classes[member].governed or policies[number].tier is Tier.NETWORK:
                        self._coming.setdefault(member, []).append(number)

    def done(self, origin: Sequence[int]) -> tuple[tuple[Group, ...], list[int], frozenset[int]]:
        """Return the groups, the group of each class, and the classes whose group is another or that are new."""
        old = self._bench.program.group_of[self._direction]
        group_of = list(old)
        for member in origin:
            group_of.append(group_of[member])
        leaving = {n for n, group in enumerate(self._groups) if not self._gone.isdisjoint(group.policies)}
        asked = {member for member, number in enumerate(group_of) if number in leaving} | self._coming.keys()
        for member in asked:
            group_of[member] = self._regrouped(member, self._groups[group_of[member]])
        touched = {member for member in asked if member >= len(old) or group_of[member] != old[member]}
        return tuple(self._groups), group_of, frozenset({*touched, *range(len(old), len(group_of))})

    def _regrouped(self, member: int, group: Group) -> int:
        numbers = [number for number in group.policies if number not in self._gone]
        own = tuple(sorted([*numbers, *self._coming.get(member, ())], key=self._order))
        rules = tuple(rule for number in own for rule in self._rules_of(number, group))
        used = {name for rule in rules for name in port_names(rule.rule)}
        inward = self._direction is Direction.INGRESS  # S2.8: there a name resolves on the subject
        named = tuple(entry for entry in self._classes[member].named if inward and entry[0] in used)
        known = self._bench.groups[self._direction]
        if (own, named) not in known:
            isolated = any(self._direction in self._policies[number].isolates for number in own)
            known[own, named] = len(self._groups)
            self._groups.append(Group(self._direction, own, rules, isolated, named))
        return known[own, named]

    def _order(self, number: int) -> tuple[object, ...]:
        policy = self._policies[number]
        return policy.tier, rank(policy, self._bench.program.profile), key_of(policy)

    def _rules_of(self, number: int, group: Group) -> tuple[GroupRule, ...]:
        """Return the rules of a policy: those of the group that it was in, so that they stay the same objects."""
        if number not in self._rules:
            found = tuple(rule for rule in group.rules if rule.policy == number)
            policy, bench = self._policies[number], self._bench
            if number not in group.policies:
                terms: dict[Peer, list[int]] = {}
                for asked in dict.fromkeys(mentions(policy)):
                    terms.setdefault(asked[0], []).append(bench.term_of[asked])
                found = rules_of(number, policy, self._direction, terms, bench.program.profile)
            self._rules[number] = found
        return self._rules[number]
