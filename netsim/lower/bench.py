"""A program taken apart, so that it can be edited."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from netsim.ir.objects import Family
from netsim.ir.policy import Direction, Peer, PodPeer, Policy
from netsim.lower.people import People
from netsim.lower.program import (
    EndpointClass,
    Program,
    Sort,
    families_asked,
    port_names,
)

#: A peer in one family of connections, in every family where that is None.
Asked = tuple[Peer, Family | None]

#: Policies of a group by number, and what the subjects declare under the names that its rules use.
GroupKey = tuple[tuple[int, ...], tuple[object, ...]]


@dataclass(slots=True)
class Bench:
    """A program on the bench: what there is to know of it to edit it. Edits work on copies.

    Attributes:
        people: The endpoints, by what peers ask of them.
        term_of: The number of each peer's term. ``uses``: how often policies mention it.
        meant: For each class, the terms that mean it: ``n`` surely, ``~n`` perhaps; sorted.
        alike: The class of each sort, named ports, family and terms.
        members: The endpoints of each class.
        groups: For each direction, the groups by what makes them.
        names, keys: How often policies mention each port name, terms each label key.
    """

    program: Program
    people: People
    term_of: dict[Asked, int]
    uses: Counter[int]
    meant: list[tuple[int, ...]]
    alike: dict[object, int]
    members: list[tuple[int, ...]]
    groups: dict[Direction, dict[GroupKey, int]]
    names: Counter[str]
    keys: Counter[str]

    @staticmethod
    def of(program: Program) -> "Bench":
        """Return the bench of a program that was lowered."""
        term_of = {(term.peer, term.family): number for number, term in enumerate(program.terms)}
        members: list[list[int]] = [[] for _ in program.classes]
        for number, member in enumerate(program.class_of):
            members[member].append(number)
        hosts = {number for n, own in enumerate(members) if program.classes[n].sort is Sort.HOST for number in own}
        meant = _meant(program)
        return Bench(
            program=program,
            people=People(program.endpoints, frozenset(hosts), program.profile),
            term_of=term_of,
            uses=Counter(term_of[asked] for policy in program.policies for asked in mentions(policy)),
            meant=meant,
            alike={key: n for n, key in enumerate(map(class_key, program.classes, meant))},
            members=[tuple(own) for own in members],
            groups={d: {(g.policies, g.named): n for n, g in enumerate(program.groups[d])} for d in Direction},
            names=Counter(name for policy in program.policies for name in names_of(policy)),
            keys=Counter(key for term in program.terms for key in keys_of(term.peer)),
        )

    def copied(self) -> "Bench":
        """Return a bench to work on, which leaves this one as it is."""
        return replace(
            self,
            term_of=dict(self.term_of),
            uses=Counter(self.uses),
            meant=list(self.meant),
            alike=dict(self.alike),
            members=list(self.members),
            groups={direction: dict(own) for direction, own in self.groups.items()},
            names=Counter(self.names),
            keys=Counter(self.keys),
        )


def _meant(program: Program) -> list[tuple[int, ...]]:
    found: list[list[int]] = [[] for _ in program.classes]
    for number, term in enumerate(program.terms):
        for member in term.sure:
            found[member].append(number)
        for member in term.maybe:
            found[member].append(~number)
    return [tuple(sorted(own)) for own in found]


def class_key(member: EndpointClass, meant: tuple[int, ...]) -> object:
    """Return what is equal for endpoints, and for outside addresses, of one class."""
    return member.sort, member.named, member.governed, member.family, meant


def mentions(policy: Policy) -> Iterator[Asked]:
    """Yield the peers that a policy mentions, its subject first, in the families in which they are asked apart."""
    for peer in (policy.subject, *(peer for rule in policy.rules for peer in rule.peers or ())):
        yield from ((peer, family) for family in families_asked(peer))


def names_of(policy: Policy) -> Iterator[str]:
    return (name for rule in policy.rules for name in port_names(rule))


def keys_of(peer: Peer) -> Iterator[str]:
    return (r.key for r in peer.pods.requirements) if isinstance(peer, PodPeer) else iter(())
