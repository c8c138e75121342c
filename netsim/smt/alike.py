"""What two sets of policies may say differently: found by their text alone, so that the solver is asked of little.

Contract: a connection of which two sets do not say the same has, in some direction, a subject that ``touched`` selects
there. NetworkPolicies of one subject only ever add up, so that how their rules are cut into policies means nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from netsim.ir.labels import NAME_LABEL, Operator, Requirement
from netsim.ir.objects import Namespace
from netsim.ir.policy import Direction, PodPeer, Policy, Tier
from netsim.ir.profile import Baseline, Profile
from netsim.spec.labels import selects

#: Subjects, by the direction in which something about them differs.
Touched = Mapping[Direction, tuple[PodPeer, ...]]


def touched(one: Sequence[Policy], other: Sequence[Policy], profile: Profile) -> Touched:
    """Return the subjects about which two sets of policies are not written alike, by direction."""
    own, others = _written(one), _written(other)
    found: dict[Direction, set[PodPeer]] = {direction: set() for direction in Direction}
    for subject, direction in own.keys() | others.keys():
        if own.get((subject, direction)) != others.get((subject, direction)):
            found[direction].add(subject)
    if profile.baseline is Baseline.UNSELECTED:  # S4.3: what isolates in one direction matters in the other, too
        everything = set().union(*found.values())
        found = dict.fromkeys(Direction, everything)
    return {direction: tuple(sorted(own, key=str)) for direction, own in found.items() if own}


def _written(policies: Iterable[Policy]) -> dict[tuple[PodPeer, Direction], frozenset[object]]:
    """Return what policies say of each subject in each direction."""
    found: dict[tuple[PodPeer, Direction], set[object]] = {}
    for policy in policies:
        for direction, said in _sayings(policy):
            found.setdefault((policy.subject, direction), set()).add(said)
    return {key: frozenset(said) for key, said in found.items()}


def _sayings(policy: Policy) -> Iterator[tuple[Direction, object]]:
    if policy.tier is not Tier.NETWORK_POLICY:
        for direction in {rule.direction for rule in policy.rules}:
            yield direction, policy
        return
    yield from ((direction, "isolated") for direction in policy.isolates)
    for rule in policy.rules:
        if rule.direction in policy.isolates:
            for peer in rule.peers if rule.peers is not None else (None,):
                for port in rule.ports if rule.ports is not None else (None,):
                    yield rule.direction, (peer, port)


@dataclass(frozen=True, slots=True)
class Homes:
    """Namespaces that subjects may live in: existing ones by name, and whether new ones are among them."""

    names: frozenset[str]
    new: bool

    def within(self, known: Collection[str]) -> Requirement:
        """Return what namespaces these are among, where some are known to exist."""
        if self.new:
            return Requirement(NAME_LABEL, Operator.NOT_IN, tuple(sorted(set(known) - self.names)))
        return Requirement(NAME_LABEL, Operator.IN, tuple(sorted(self.names)))


def homes(subject: PodPeer, namespaces: Mapping[str, Namespace]) -> Homes:
    """Return where pods may live that a subject means."""
    named = [
        set(each.values)
        for each in subject.namespaces.requirements
        if each.key == NAME_LABEL and each.operator is Operator.IN
    ]
    tried = named[0] & namespaces.keys() if named else namespaces.keys()
    names = frozenset(name for name in tried if selects(subject.namespaces, namespaces[name].labels))
    return Homes(names, new=not named or not named[0] <= namespaces.keys())


def groups(
    sides: Sequence[Sequence[Policy]], subjects: Iterable[PodPeer], namespaces: Mapping[str, Namespace]
) -> Iterator[tuple[Homes, tuple[tuple[Policy, ...], ...]]]:
    """Yield the namespaces that some subjects live in, those together to which the same policies of each side apply."""
    places = [homes(subject, namespaces) for subject in set(subjects)]
    applying: dict[str | None, list[list[Policy]]] = {}
    for number, policies in enumerate(sides):
        for policy in policies:
            own = homes(policy.subject, namespaces)
            for name in (*own.names, *([None] if own.new else [])):
                applying.setdefault(name, [[] for _ in sides])[number].append(policy)
    alike: dict[tuple[tuple[int, ...], ...], set[str]] = {}
    for name in sorted(frozenset[str]().union(*(each.names for each in places))):
        key = tuple(tuple(map(id, policies)) for policies in applying[name])
        alike.setdefault(key, set()).add(name)
    for names in alike.values():
        yield Homes(frozenset(names), new=False), tuple(map(tuple, applying[min(names)]))
    if any(each.new for each in places):
        yield Homes(frozenset(), new=True), tuple(map(tuple, applying[None]))
