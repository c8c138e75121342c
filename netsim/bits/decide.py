"""One group and one peer class: which traffic is allowed, which is unknown. The scalar tier semantics, on bits."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from netsim.ir.policy import Action, NamedPort, Ports, Tier
from netsim.ir.profile import NamedPorts, Profile
from netsim.ir.traffic import FIRST_PORT, LAST_PORT, Protocol
from netsim.lower.atoms import Atoms
from netsim.lower.program import Group, GroupRule, Named

#: Traffic that is allowed, and traffic of which that is unknown; disjoint.
Answer = tuple[int, int]


def carried(rule: GroupRule, named: Sequence[Named], atoms: Atoms, profile: Profile) -> int:
    """Return the traffic that a rule's ports mean on a destination with these declared names (S2.7, S2.8)."""
    if rule.rule.ports is None:
        return atoms.everything
    found = 0
    for entry in rule.rule.ports:
        match entry:
            case Ports():
                last = entry.last if profile.end_port or not entry.ranged else entry.first
                found |= atoms.bits(entry.protocol, entry.first, last)
            case NamedPort(protocol=Protocol() as wanted) if profile.named_ports is NamedPorts.EVERY_PORT:
                found |= atoms.bits(wanted, FIRST_PORT, LAST_PORT)
            case NamedPort():
                for name, protocol, number in named:
                    if name == entry.name and entry.protocol in (None, protocol):
                        found |= atoms.bits(protocol, number, number)
    return found


def decide(
    group: Group,
    matching: Iterable[tuple[int, bool]],
    traffic: Mapping[int, int],
    everything: int,
    *,
    own_node: bool = False,
) -> Answer:
    """Return what the group says of a peer.

    Args:
        matching: The numbers of the group's rules that match the peer, in order, and whether for sure.
        traffic: What each rule of the group carries.
        own_node: The peer is the subjects' own node, which neither a NetworkPolicy nor a network keeps out (S2.9).

    An atom is unknown iff both outcomes are possible for it: a rule that perhaps matches adds its outcome and lets
    the atom go on to the next rule.
    """
    allowed = denied = 0
    arriving = everything
    by_tier: dict[Tier, list[Matching]] = {}
    for number, sure in matching:
        rule = group.rules[number]
        by_tier.setdefault(rule.tier, []).append((rule, traffic[number], sure))
    for tier in _TIERS:
        own = by_tier.get(tier, ())
        if tier is Tier.NETWORK_POLICY and group.isolated:  # S2.1: they only allow, order means nothing, it is final
            surely = everything if own_node else _union(bits for _, bits, sure in own if sure)
            allowed |= arriving & (surely | _union(bits for _, bits, _ in own))
            denied |= arriving & ~surely
            arriving = 0
        elif own and tier is not Tier.NETWORK_POLICY and not (tier is Tier.NETWORK and own_node):
            yes, no, arriving = _ordered(own, arriving)
            allowed, denied = allowed | yes, denied | no
    allowed |= arriving  # S1.3: the default
    return allowed & ~denied, allowed & denied


_TIERS = tuple(Tier)

#: A rule, what it carries, and whether its peers surely match.
Matching = tuple[GroupRule, int, bool]


def _ordered(rules: Sequence[Matching], arriving: int) -> tuple[int, int, int]:
    """Return what a tier of ordered rules may allow, may deny, and may leave to the next tier.

    Of policies of one rank any may be asked first (S3.3): what each says of the arriving traffic is possible.
    """
    allowed = denied = passed = 0
    for _, rank in groupby(rules, key=lambda entry: entry[0].rank):
        rest = arriving
        for _, own in groupby(rank, key=lambda entry: entry[0].policy):
            yes, no, on, left = _of_policy(own, arriving)
            allowed, denied, passed, rest = allowed | yes, denied | no, passed | on, rest & left
        arriving = rest
    return allowed, denied, arriving | passed


def _of_policy(rules: Iterable[Matching], arriving: int) -> tuple[int, int, int, int]:
    """Return what one policy may allow, deny and pass on, and what no rule of it surely matches."""
    allowed = denied = passed = 0
    for rule, bits, sure in rules:
        hit = arriving & bits
        match rule.action:
            case Action.ALLOW:
                allowed |= hit
            case Action.DENY:
                denied |= hit
            case Action.PASS:
                passed |= hit
        if sure:
            arriving &= ~bits
    return allowed, denied, passed, arriving


def _union(sets: Iterable[int]) -> int:
    union = 0
    for bits in sets:
        union |= bits
    return union
