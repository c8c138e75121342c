"""A program edited: policies come and go; classes that a rule newly tells apart part, those that none does meet.

What is edited is what lowering everything again would make, but for what no answer hangs on: classes have other
numbers, some of which mean nobody any more, and ports that no rule mentions any more stay boundaries of atoms.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from netsim.ir.policy import AddressPeer, Direction, Peer, PodPeer, Policy, Ports
from netsim.ir.profile import Baseline
from netsim.ir.snapshot import Snapshot
from netsim.lower.atoms import Atoms, cut
from netsim.lower.bench import Asked, Bench, class_key, keys_of, mentions, names_of
from netsim.lower.program import (
    EndpointClass,
    Term,
    key_of,
)
from netsim.lower.regroup import Regrouping
from netsim.lower.space import AddressRange, block_ranges, merged


@dataclass(frozen=True, slots=True)
class Edit:
    """A program edited.

    Attributes:
        bench: The bench with the new program on it.
        origin: For each class that was added, the one that it parted from; they are numbered from the old count on.
        moved: The endpoints that are in another class than before.
        touched: For each direction, the classes of which another group speaks than before, or that were added.
    """

    bench: Bench
    origin: tuple[int, ...]
    moved: tuple[int, ...]
    touched: Mapping[Direction, frozenset[int]]


def edited(bench: Bench, snapshot: Snapshot) -> Edit | None:
    """Return the program of a snapshot that differs from that on the bench in policies alone.

    None where the difference is of a kind that is not edited: port names that no rule mentioned, or mentions any more;
    nodes and domain names; another address family; the reading of S4.3 by which a baseline asks of both directions.
    """
    before = {key_of(policy): policy for policy in bench.program.snapshot.policies}
    after = {key_of(policy): policy for policy in snapshot.policies}
    gone = [policy for key, policy in before.items() if after.get(key) is not policy]
    come = [policy for key, policy in after.items() if before.get(key) is not policy]
    work = _Work(bench.copied(), snapshot, gone, come)
    return work.edited() if work.is_possible() else None


class _Work:
    """The work of one edit; used once, then dropped."""

    def __init__(self, bench: Bench, snapshot: Snapshot, gone: Sequence[Policy], come: Sequence[Policy]) -> None:
        self._bench = bench
        self._old = bench.program
        self._snapshot = snapshot
        self._gone, self._come = gone, come
        self._classes = list(self._old.classes)
        self._class_of = list(self._old.class_of)
        self._terms = list(self._old.terms)
        self._origin: list[int] = []
        self._moved: set[int] = set()

    def is_possible(self) -> bool:
        """Return whether this difference can be edited."""
        bench, names = self._bench, self._bench.names
        lost = Counter(name for policy in self._gone for name in names_of(policy))
        won = Counter(name for policy in self._come for name in names_of(policy))
        if any(name not in names for name in won) or any(names[name] + won[name] <= lost[name] for name in lost):
            return False
        asked = [each for policy in (*self._gone, *self._come) for each in mentions(policy)]
        known = all(isinstance(peer, PodPeer | AddressPeer) for peer, _ in asked)
        families = all(family is None or family in self._old.families for _, family in asked)
        return (
            known and families and bench.program.profile.baseline is not Baseline.UNSELECTED and self._keeps_families()
        )

    def _keeps_families(self) -> bool:
        """Return whether every family is in use by endpoints, so that no block decides which there are."""
        lost = {family for policy in self._gone for _, family in mentions(policy) if family is not None}
        return all(any(a.version == f for e in self._old.endpoints for a in e.addresses) for f in lost)

    def edited(self) -> Edit:
        """Return the edit."""
        bench = self._bench
        for policy in self._come:
            for asked in mentions(policy):
                if asked not in bench.term_of:
                    self._add(asked)
                bench.uses[bench.term_of[asked]] += 1
        dropped = []
        for policy in self._gone:
            for asked in mentions(policy):
                number = bench.term_of[asked]
                bench.uses[number] -= 1
                if not bench.uses[number]:
                    dropped.append(asked)
        self._drop(dropped)
        return self._regrouped()

    def _add(self, asked: Asked) -> None:
        """Add a term: part the classes of which it means some endpoints and not all, or not all for sure."""
        peer, family = asked
        number = self._bench.term_of[asked] = len(self._terms)
        parted: list[tuple[int, int]] = []
        sure, maybe = (self._parted(found, parted) for found in self._meaning(peer))
        for member, target in self._cut(peer) if isinstance(peer, AddressPeer) else ():
            sure.append(target)
            parted += [(member, target)] if member != target else []
        self._extend(parted)
        self._terms.append(Term(peer, family, tuple(sorted(sure)), tuple(sorted(maybe))))
        for code, targets in ((number, sure), (~number, maybe)):
            for target in targets:
                self._tell(target, tuple(sorted((*self._bench.meant[target], code))))
        self._bench.keys.update(keys_of(peer))

    def _parted(self, found: Iterable[int], parted: list[tuple[int, int]]) -> list[int]:
        """Return the classes that hold these endpoints and no others; add those that were parted, and from which."""
        by_class: dict[int, list[int]] = {}
        for endpoint in found:
            by_class.setdefault(self._class_of[endpoint], []).append(endpoint)
        targets = []
        for member, own in by_class.items():
            whole = len(own) == len(self._bench.members[member])
            targets.append(member if whole else self._part(member, own))
            parted += [] if whole else [(member, targets[-1])]
        return targets

    def _meaning(self, peer: Peer) -> tuple[set[int], set[int]]:
        if isinstance(peer, PodPeer):
            return self._bench.people.pods(peer, self._snapshot.namespaces), set()
        if isinstance(peer, AddressPeer):
            return self._bench.people.addressed(peer)
        raise TypeError(f"{peer} is not edited")

    def _part(self, member: int, own: Sequence[int]) -> int:
        """Return a new class of some endpoints of another, which is said of as of the other."""
        bench = self._bench
        target = self._new(member, self._classes[member])
        taken = frozenset(own)
        bench.members[member] = tuple(number for number in bench.members[member] if number not in taken)
        bench.members[target] = tuple(own)
        for number in own:
            self._class_of[number] = target
        self._moved.update(own)
        return target

    def _new(self, member: int, made: EndpointClass) -> int:
        self._classes.append(made)
        self._origin.append(member)
        self._bench.members.append(())
        self._bench.meant.append(self._bench.meant[member])
        return len(self._classes) - 1

    def _cut(self, peer: AddressPeer) -> Iterator[tuple[int, int]]:
        """Yield the classes of outside addresses in a block, each with its part in there."""
        ranges = tuple(block_ranges(peer))
        for number, member in enumerate(self._classes[:]):
            if member.family == peer.block.version:
                inside, others = _split(member.ranges, ranges)
                if inside and others:
                    self._classes[number] = replace(member, ranges=others)
                    yield number, self._new(number, replace(member, ranges=inside))
                elif inside:
                    yield number, number

    def _extend(self, parted: Sequence[tuple[int, int]]) -> None:
        """Enter new classes in the terms that mean the ones that they parted from."""
        added: dict[int, list[int]] = {}
        for member, target in parted:
            for code in self._bench.meant[member]:
                added.setdefault(code, []).append(target)
        for code, targets in added.items():
            term = self._terms[max(code, ~code)]
            if code >= 0:
                self._terms[code] = replace(term, sure=(*term.sure, *sorted(targets)))
            else:
                self._terms[~code] = replace(term, maybe=(*term.maybe, *sorted(targets)))

    def _tell(self, member: int, meant: tuple[int, ...]) -> None:
        """Note that other terms than before mean a class; a class that was parted from another is new to the bench."""
        bench = self._bench
        old = class_key(self._classes[member], bench.meant[member])
        if bench.alike.get(old) == member:
            del bench.alike[old]
        bench.meant[member] = meant
        bench.alike[class_key(self._classes[member], meant)] = member

    def _drop(self, dropped: Iterable[Asked]) -> None:
        """Forget terms that nobody mentions any more; classes that only they told apart are one."""
        told: dict[int, set[int]] = {}
        for asked in dropped:
            number = self._bench.term_of.pop(asked)
            self._bench.keys.subtract(keys_of(asked[0]))
            term = self._terms[number]
            for code, members in ((number, term.sure), (~number, term.maybe)):
                for member in members:
                    told.setdefault(member, set()).add(code)
        for member, codes in told.items():
            self._meet(member, tuple(code for code in self._bench.meant[member] if code not in codes))

    def _meet(self, member: int, meant: tuple[int, ...]) -> None:
        bench = self._bench
        key = class_key(self._classes[member], meant)
        other = bench.alike.get(key)
        self._tell(member, meant)
        if other is None or other == member:
            return
        bench.alike[key] = other
        ranges = tuple(merged(sorted((*self._classes[other].ranges, *self._classes[member].ranges))))
        self._classes[other] = replace(self._classes[other], ranges=ranges)
        self._classes[member] = replace(self._classes[member], ranges=())
        for number in bench.members[member]:
            self._class_of[number] = other
        self._moved.update(bench.members[member])
        bench.members[other] = (*bench.members[other], *bench.members[member])
        bench.members[member] = ()

    def _regrouped(self) -> Edit:
        bench, old = self._bench, self._old
        numbered = (*old.policies, *self._come)
        lost = {id(policy) for policy in self._gone}
        gone = frozenset(number for number, policy in enumerate(old.policies) if id(policy) in lost)
        bench.names.update(name for policy in self._come for name in names_of(policy))
        bench.names.subtract(name for policy in self._gone for name in names_of(policy))
        come = range(len(old.policies), len(numbered))
        subjects = {n: self._terms[bench.term_of[numbered[n].subject, None]].sure for n in come}
        groups, group_of, touched = {}, {}, {}
        for direction in Direction:
            work = Regrouping(bench, direction, self._classes, numbered, gone, subjects)
            groups[direction], group_of[direction], touched[direction] = work.done(self._origin)
        bench.program = replace(
            old,
            snapshot=self._snapshot,
            class_of=self._class_of,
            classes=tuple(self._classes),
            terms=tuple(self._terms),
            mentioned=frozenset(key for key, count in bench.keys.items() if count > 0),
            atoms=_atoms(old.atoms, self._come),
            groups=groups,
            group_of=group_of,
            policies=numbered,
        )
        return Edit(bench, tuple(self._origin), tuple(sorted(self._moved)), touched)


def _split(
    ranges: Sequence[AddressRange], block: Sequence[AddressRange]
) -> tuple[tuple[AddressRange, ...], tuple[AddressRange, ...]]:
    """Return what of some ranges lies in a block, and what does not; all are sorted and disjoint."""
    inside: list[AddressRange] = []
    others: list[AddressRange] = []
    for first, last in ranges:
        start = first
        for low, high in block:
            if high < start or low > last:
                continue
            if start < low:
                others.append((start, low - 1))
            inside.append((max(start, low), min(last, high)))
            start = min(last, high) + 1
        if start <= last:
            others.append((start, last))
    return tuple(inside), tuple(others)


def _atoms(old: Atoms, come: Iterable[Policy]) -> Atoms:
    """Return the atoms cut by new policies, too; the very same where they cut nothing."""
    bounds = [
        (entry.protocol, bound)
        for policy in come
        for rule in policy.rules
        for entry in rule.ports or ()
        if isinstance(entry, Ports)
        for bound in (entry.first, entry.first + 1, entry.last + 1)
    ]
    if all(bound > 65535 or bound in old.starts[protocol] for protocol, bound in bounds):
        return old
    known = [(protocol, start, start - 1) for protocol, starts in old.starts.items() for start in starts]
    return cut([*known, *((protocol, bound, bound - 1) for protocol, bound in bounds)])
