"""Classes into subject groups: those with the same ordered list of applicable rules."""

from collections.abc import Iterator, Mapping, Sequence

from netsim.ir.policy import Direction, Peer, Policy, Tier
from netsim.ir.profile import Baseline, Profile, Ties
from netsim.lower.program import EndpointClass, Group, GroupRule, Term, port_names


def group(
    direction: Direction,
    policies: Sequence[Policy],
    classes: Sequence[EndpointClass],
    terms: Sequence[Term],
    number_of: Mapping[Peer, Sequence[int]],
    profile: Profile,
) -> tuple[tuple[Group, ...], list[int]]:
    """Return the groups of one direction, and the group of each class; group 0 is of those whom nothing governs."""
    applying: list[list[int]] = [[] for _ in classes]
    for number in sorted(range(len(policies)), key=lambda n: (policies[n].tier, rank(policies[n], profile))):
        if speaks(policies[number], direction):
            for subject in _subjects(policies[number], classes, terms, number_of):
                applying[subject].append(number)
    if profile.baseline is Baseline.UNSELECTED:  # S4.3: another reading
        _drop_baseline(applying, policies, classes, terms, number_of)
    rules = {n: rules_of(n, policy, direction, number_of, profile) for n, policy in enumerate(policies)}
    names = {number: frozenset(n for r in own for n in port_names(r.rule)) for number, own in rules.items()}
    nobody = Group(direction, (), (), isolated=False)
    groups: list[Group] = [nobody]
    numbers: dict[object, int] = {((), ()): 0}
    group_of = []
    for member, own in zip(classes, applying, strict=True):
        # S2.8: at ingress a name resolves on the subject, so subjects that resolve it differently are set apart
        used = frozenset().union(*(names[n] for n in own)) if direction is Direction.INGRESS else frozenset()
        named = tuple(entry for entry in member.named if entry[0] in used)
        key = (tuple(own), named)
        if key not in numbers:
            isolated = any(direction in policies[n].isolates for n in own)
            numbers[key] = len(groups)
            groups.append(Group(direction, tuple(own), tuple(r for n in own for r in rules[n]), isolated, named))
        group_of.append(numbers[key])
    return tuple(groups), group_of


def speaks(policy: Policy, direction: Direction) -> bool:
    """Return whether a policy has a say in a direction."""
    return direction in policy.isolates or any(rule.direction is direction for rule in policy.rules)


def rank(policy: Policy, profile: Profile) -> tuple[int, str]:
    """Return a policy's place in its tier: by priority, and by name where the profile breaks ties so (S3.3)."""
    return policy.priority, policy.name if profile.ties is Ties.BY_NAME else ""


def _subjects(
    policy: Policy, classes: Sequence[EndpointClass], terms: Sequence[Term], number_of: Mapping[Peer, Sequence[int]]
) -> Iterator[int]:
    members = (member for number in number_of[policy.subject] for member in terms[number].sure)
    return (member for member in members if classes[member].governed or policy.tier is Tier.NETWORK)


def _drop_baseline(
    applying: list[list[int]],
    policies: Sequence[Policy],
    classes: Sequence[EndpointClass],
    terms: Sequence[Term],
    number_of: Mapping[Peer, Sequence[int]],
) -> None:
    isolated = {member for p in policies if p.isolates for member in _subjects(p, classes, terms, number_of)}
    for member in isolated:
        applying[member] = [n for n in applying[member] if policies[n].tier is not Tier.BASELINE]


def rules_of(
    number: int, policy: Policy, direction: Direction, number_of: Mapping[Peer, Sequence[int]], profile: Profile
) -> tuple[GroupRule, ...]:
    """Return the rules of a policy in one direction, as they stand in groups."""
    return tuple(
        GroupRule(
            policy=number,
            rule=rule,
            tier=policy.tier,
            rank=rank(policy, profile),
            action=rule.action,
            terms=None if rule.peers is None else tuple(sorted({n for peer in rule.peers for n in number_of[peer]})),
        )
        for rule in policy.rules
        if rule.direction is direction
    )
