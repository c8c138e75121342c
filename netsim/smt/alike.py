"""What two sets of policies may say differently: found by their text alone, so that the solver is asked of little.

Contract: a connection of which two sets do not say the same has, in some direction, a subject that ``touched`` selects
there. NetworkPolicies of one subject only ever add up, so that how their rules are cut into policies means nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from netsim.ir.labels import NAME_LABEL, Operator, Requirement
from netsim.ir.objects import Namespace
from netsim.ir.policy import Direction, PodPeer, Policy, Tier
from netsim.ir.profile import Baseline, Profile

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


def only_spaces(subjects: Sequence[PodPeer], namespaces: Mapping[str, Namespace]) -> Requirement | None:
    """Return the existing namespaces that subjects all live in; None where some may live elsewhere."""
    names: set[str] = set()
    for subject in subjects:
        wanted = [
            set(each.values)
            for each in subject.namespaces.requirements
            if each.key == NAME_LABEL and each.operator is Operator.IN
        ]
        if not wanted or not wanted[0] <= namespaces.keys():
            return None
        names |= wanted[0]
    return Requirement(NAME_LABEL, Operator.IN, tuple(sorted(names)))
