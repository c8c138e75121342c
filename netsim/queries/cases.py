"""Which pods that could be a group of subjects tells apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from netsim.ir.labels import NAME_LABEL, Labels, Operator, Requirement, Selector
from netsim.ir.objects import Namespace
from netsim.ir.place import NOWHERE
from netsim.ir.policy import Direction, PodPeer
from netsim.ir.profile import Baseline
from netsim.lower.program import Program
from netsim.queries.distinct import Case, PotentialPeer
from netsim.queries.labelspace import LabelSpace, conjunction, label_space, unmentioned
from netsim.queries.potential import Supposition, Term, parts, pinned, selected
from netsim.spec.labels import selects


@dataclass(frozen=True, slots=True)
class _Home:
    """A namespace that a potential pod would live in; ``known`` is its name where it exists."""

    key: str
    labels: Labels
    known: str | None


@dataclass(slots=True)
class Cases:
    """The cases of the groups of a program; all are collected before any is asked about.

    Attributes:
        bounded: Where more pods could be told apart than are: namespaces by name; ``""`` for new ones.
    """

    program: Program
    supposition: Supposition
    bounded: dict[str, None] = field(default_factory=dict)
    _subjects: dict[Direction, tuple[Term, ...]] = field(init=False)
    _here: dict[tuple[Direction, str], tuple[Term, ...]] = field(default_factory=dict)
    _new: dict[tuple[tuple[str, str], ...], Namespace] = field(default_factory=dict)
    _spaces: dict[object, LabelSpace] = field(default_factory=dict)
    _groups: dict[tuple[Direction, int], tuple[Case, ...]] = field(default_factory=dict)
    _inside: dict[object, tuple[Case, ...]] = field(default_factory=dict)
    _populated: dict[str, tuple[Labels, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self._subjects = {direction: self._subjects_of(direction) for direction in Direction}
        distinct: dict[str, dict[object, Labels]] = {}
        for pod in self.program.snapshot.pods:
            if not pod.finished:
                distinct.setdefault(pod.namespace, {})[tuple(sorted(pod.labels.items()))] = pod.labels
        self._populated = {name: tuple(labels.values()) for name, labels in distinct.items()}

    @property
    def namespaces(self) -> tuple[Namespace, ...]:
        """The namespaces of the potential pods that do not exist yet."""
        return tuple(self._new.values())

    def of(self, direction: Direction, group: int) -> tuple[Case, ...]:
        """Return the cases that a group tells apart, general ones first."""
        if (direction, group) not in self._groups:
            found: dict[tuple[str | None, frozenset[Term]], Case] = {}
            for case in self._of(direction, group):
                # what an existing namespace has in common with new ones is said of those
                if (None, case.signature) not in found:
                    found.setdefault((case.peer.namespace, case.signature), case)
            ordered = sorted(found.values(), key=lambda case: (len(case.signature), case.peer.namespace or ""))
            self._groups[direction, group] = tuple(ordered)
        return self._groups[direction, group]

    def _of(self, direction: Direction, group: int) -> Iterator[Case]:
        """Yield the cases of a group: those of new namespaces, then those of existing ones that rules tell from new."""
        existing = self.program.snapshot.namespaces
        rules = self.program.groups[direction][group].rules
        own = _terms(peer for rule in rules for peer in rule.rule.peers or () if isinstance(peer, PodPeer))
        subjects = self._subjects[direction]
        general = sorted({t for t in (*subjects, *own) if not pinned(t.namespaces, existing)}, key=str)
        excludes = frozenset(term for term in general if term.excludes)
        selectors = tuple(sorted({term.namespaces for term in general}, key=str))
        space = self._space(selectors, "", self._new_names(selectors))
        for region in space.regions:
            namespace = self._namespace(region.example)
            home = _Home(namespace.name, namespace.labels, None)
            yield from self._within(home, selected(general, namespace.labels), excludes)
        told = {region.selected for region in space.regions}
        for name in sorted(existing):
            labels = existing[name].labels
            inside = dict.fromkeys((*self._subjects_in(direction, name), *selected(own, labels)))
            as_new = frozenset(n for n, selector in enumerate(selectors) if selects(selector, labels)) in told
            if not as_new or any(pinned(term.namespaces, existing) for term in inside):
                yield from self._within(_Home(name, labels, name), tuple(inside), excludes)

    def _subjects_of(self, direction: Direction) -> tuple[Term, ...]:
        """Return the terms of the subjects of a peer's own policies, of which its side of a verdict hangs."""
        other = Direction.INGRESS if direction is Direction.EGRESS else Direction.EGRESS
        asks_all = self.program.profile.baseline is Baseline.UNSELECTED  # S4.3: isolated in either direction
        return _terms(
            policy.subject
            for policy in self.program.snapshot.policies
            if other in policy.isolates
            or any(rule.direction is other for rule in policy.rules)
            or (asks_all and policy.isolates)
        )

    def _subjects_in(self, direction: Direction, name: str) -> tuple[Term, ...]:
        if (direction, name) not in self._here:
            labels = self.program.snapshot.namespaces[name].labels
            self._here[direction, name] = selected(self._subjects[direction], labels)
        return self._here[direction, name]

    def _namespace(self, labels: Labels) -> Namespace:
        key = tuple(sorted(labels.items()))
        if key not in self._new:  # no name of a namespace holds a blank
            self._new[key] = Namespace(name=f"new namespace {len(self._new)}", labels=labels, place=NOWHERE)
        return self._new[key]

    def _new_names(self, selectors: Sequence[Selector]) -> tuple[str, ...]:
        """Return the names that a new namespace may have, as far as rules tell them apart."""
        requirements = [r for selector in selectors for r in selector.requirements if r.key == NAME_LABEL]
        mentioned = {value for requirement in requirements for value in requirement.values}
        existing = self.program.snapshot.namespaces.keys()
        return (unmentioned(mentioned | existing, "new"), *sorted(mentioned - existing))

    def _space(self, selectors: tuple[Selector, ...], where: str, names: tuple[str, ...] = ()) -> LabelSpace:
        if (selectors, names) not in self._spaces:
            self._spaces[selectors, names] = label_space(selectors, {NAME_LABEL: names} if names else {})
        space = self._spaces[selectors, names]
        if not space.whole:
            self.bounded[where] = None
        return space

    def _within(self, home: _Home, inside: tuple[Term, ...], excludes: frozenset[Term]) -> tuple[Case, ...]:
        """Return the cases of one namespace.

        Args:
            inside: The relevant terms that mean some pod there. ``excludes``: all relevant exclusions.
        """
        key = (home.key, frozenset(inside), excludes)
        if key not in self._inside:
            selectors = tuple(sorted({term.pods for term in inside}, key=str))
            regions = self._space(selectors, home.known or "").regions
            self._inside[key] = tuple(self._case(home, region.example, inside, excludes) for region in regions)
        return self._inside[key]

    def _case(self, home: _Home, labels: Labels, inside: Sequence[Term], excludes: frozenset[Term]) -> Case:
        meant = _meant(inside, labels)
        excluded = excludes - meant
        included = [term for term in meant if not term.excludes]
        namespaces = [term.namespaces for term in included] + [_flipped(term.namespaces) for term in excluded]
        pods = _joint([term.pods for term in included] + [_flipped(term.pods) for term in excluded])
        peer = PotentialPeer(home.known, Selector() if home.known else _joint(namespaces), pods)
        by_value = pods.requirements and all(
            r.operator is Operator.IN and len(r.values) == 1 for r in pods.requirements
        )
        existing = bool(by_value) and any(_meant(inside, own) == meant for own in self._populated.get(home.key, ()))
        return Case(self.supposition.add(home.key, labels), frozenset(included) | excluded, peer, existing)


def _terms(peers: Iterator[PodPeer]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(term for peer in peers for term in parts(peer)))


def _meant(inside: Sequence[Term], labels: Labels) -> frozenset[Term]:
    return frozenset(term for term in inside if selects(term.pods, labels))


def _joint(selectors: Sequence[Selector]) -> Selector:
    joint = conjunction(selectors)
    if joint is None:
        raise AssertionError("terms that mean one pod do not contradict each other")
    return joint


def _flipped(selector: Selector) -> Selector:
    """Return who an exclusion leaves out."""
    return Selector(tuple(Requirement(r.key, Operator.IN, r.values) for r in selector.requirements))
