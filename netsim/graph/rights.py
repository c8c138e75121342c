"""What an identity may ask of the API server, as the catalogue asks: names, and the bindings that are behind it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product

from netsim.access import Access, Identity
from netsim.graph.catalogue import Together, Wanted
from netsim.ir.access import Binding, Decision, Grant, Request, Subject, SubjectKind
from netsim.ir.attack import Guard

#: Names of objects; None is every name.
Names = frozenset[str] | None

#: The scope of what holds in every namespace. No namespace has this name.
EVERYWHERE = "*"

#: No more ways than this to be allowed one thing are told apart.
MOST_WAYS = 24


@dataclass(frozen=True, slots=True)
class Way:
    """One way to be allowed something: for which names, and by which bindings."""

    names: Names
    bindings: tuple[Binding, ...]
    because: tuple[str, ...] = ()
    asked: tuple[Request, ...] = ()

    @property
    def guards(self) -> tuple[Guard, ...]:
        """The bindings, as what can be changed."""
        return tuple(guard_of(binding) for binding in self.bindings)


def guard_of(binding: Binding) -> Guard:
    """Return a binding as what can be changed."""
    return Guard("binding", str(binding), place=binding.place)


@dataclass(frozen=True, slots=True)
class Profile:
    """An identity's rights: those of all who are bound alike are one.

    Attributes:
        scopes: Where some binding applies: namespaces, and ``*``.
    """

    key: str
    caller: Identity
    bindings: tuple[Binding, ...] = field(compare=False)
    scopes: tuple[str, ...] = field(compare=False)


@dataclass(slots=True)
class Profiles:
    """The profiles of the identities of one cluster."""

    access: Access
    _known: dict[tuple[str, ...], Profile] = field(default_factory=dict)
    _by_subject: dict[str, list[Binding]] = field(default_factory=dict)
    _listed: list[Profile] = field(default_factory=list)
    _held: dict[tuple[str, str], set[Wanted]] = field(default_factory=dict)
    _idle: dict[tuple[str, ...], set[Wanted]] = field(default_factory=dict)
    _ways: dict[tuple[str, Wanted, str], tuple[Way, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for binding in self.access.rights.bindings:
            if self.access.role(binding) is None or (not binding.namespace and binding.role_kind == "Role"):
                continue
            for subject in binding.subjects:
                self._by_subject.setdefault(_key(subject), []).append(binding)

    def of(self, caller: Identity) -> Profile:
        """Return the profile of an identity."""
        if caller.master:
            return self._keep(("system:masters",), caller, ())
        keys = [f"User {caller.user}", *(f"Group {group}" for group in sorted(caller.groups))]
        bindings = tuple(dict.fromkeys(binding for key in keys for binding in self._by_subject.get(key, ())))
        return self._keep(tuple(sorted(map(str, bindings))), caller, bindings)

    def by_key(self, key: str) -> Profile:
        """Return a profile by its key."""
        return self._listed[int(key)]

    def _keep(self, key: tuple[str, ...], caller: Identity, bindings: tuple[Binding, ...]) -> Profile:
        if key not in self._known:
            spaces = sorted({binding.namespace or EVERYWHERE for binding in bindings})
            scopes = (EVERYWHERE,) if caller.master else tuple(spaces)
            self._known[key] = Profile(str(len(self._known)), caller, bindings, scopes)
            self._listed.append(self._known[key])
        return self._known[key]

    def ways(self, profile: Profile, together: Together, scope: str) -> Iterator[Way]:
        """Yield each way to be allowed several requests at once; ``names`` are those of the last."""
        options = [self.single(profile, wanted, scope) for wanted in together]
        for count, chosen in enumerate(product(*options)):
            if count == MOST_WAYS:
                return
            names = chosen[-1].names
            if len(together) > 1 and together[0].resource == together[1].resource:
                names = both(names, chosen[0].names)
            bindings = tuple(dict.fromkeys(binding for way in chosen for binding in way.bindings))
            because = tuple(dict.fromkeys(text for way in chosen for text in way.because))
            asked = tuple(
                each for way, wanted in zip(chosen, together, strict=True) if wanted.is_sent for each in way.asked
            )
            yield Way(names, bindings, because, asked)

    def single(self, profile: Profile, wanted: Wanted, scope: str) -> tuple[Way, ...]:
        """Return the ways to be allowed one request in a scope; one for each binding that is enough."""
        if wanted.namespace and scope not in (EVERYWHERE, wanted.namespace):
            return ()
        # Most identities hold the same few roles, and most roles allow nothing that is asked: that is asked once.
        idle = self.idle(profile, scope)
        if wanted in idle:
            return ()
        key = (profile.key, wanted, scope)
        if key not in self._ways:
            self._ways[key] = tuple(self._single(profile, wanted, scope))
            if not self._ways[key]:
                idle.add(wanted)
        return self._ways[key]

    def idle(self, profile: Profile, scope: str) -> set[Wanted]:
        """Return what is known not to be allowed to whoever holds the same roles in a scope."""
        key = (profile.key, scope)
        if key not in self._held:
            names = {
                f"{bool(each.namespace)} {each.role_key}" for each in profile.bindings if each.namespace in ("", scope)
            }
            self._held[key] = self._idle.setdefault((str(profile.caller.master), *sorted(names)), set())
        return self._held[key]

    def _single(self, profile: Profile, wanted: Wanted, scope: str) -> Iterator[Way]:
        caller, request = profile.caller, wanted.request(scope)
        if caller.master:
            yield Way(None, (), ("system:masters",), (request,))
        elif wanted.nameless:
            yield from _ways_of(self.access.decides(caller, request), None, request)
        elif wanted.names and "*" not in wanted.names:
            for name in wanted.names:
                each = wanted.request(scope, name)
                yield from _ways_of(self.access.decides(caller, each), None, each)
        else:
            yield from self._named(caller, wanted, scope)

    def _named(self, caller: Identity, wanted: Wanted, scope: str) -> Iterator[Way]:
        """Yield the ways for every name, and those for some names; any name will do where ``*`` is wanted."""
        request = wanted.request(scope)
        names = self.access.names(caller, request)
        if names is None:
            yield from _ways_of(self.access.decides(caller, request), None, request)
            return
        whole = "*" in wanted.names
        found = (
            way
            for name in sorted(names)
            for way in _ways_of(
                self.access.decides(caller, wanted.request(scope, name)),
                None if whole else frozenset({name}),
                wanted.request(scope, name),
            )
        )
        yield from _by_binding(found)


def _key(subject: Subject) -> str:
    """Return what a caller must have to be a subject; an account without a namespace is nobody."""
    if subject.kind is SubjectKind.ACCOUNT:
        return f"User system:serviceaccount:{subject.namespace}:{subject.name}" if subject.namespace else ""
    return f"{subject.kind} {subject.name}"


def _ways_of(decision: Decision, names: Names, asked: Request) -> Iterator[Way]:
    first: dict[str, Grant] = {}
    for grant in decision.grants:
        first.setdefault(str(grant.binding), grant)
    for grant in first.values():
        yield Way(
            names, (grant.binding,), (f"{asked}: {grant.binding}, {grant.role} rules[{grant.rule.index}]",), (asked,)
        )


def _by_binding(ways: Iterable[Way]) -> Iterator[Way]:
    """Yield one way for each binding, for all of its names."""
    merged: dict[tuple[Binding, ...], Way] = {}
    for way in ways:
        known = merged.get(way.bindings)
        names = way.names if known is None or known.names is None or way.names is None else known.names | way.names
        merged[way.bindings] = Way(
            names, way.bindings, known.because if known else way.because, known.asked if known else way.asked
        )
    yield from merged.values()


def both(one: Names, other: Names) -> Names:
    """Return the names that are in both."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def existing(names: Names, known: Iterable[str]) -> frozenset[str]:
    """Return those of the known names that are meant."""
    return frozenset(known) if names is None else names & frozenset(known)
