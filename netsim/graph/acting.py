"""What somebody may ask for in another's name: the constrained impersonation of KEP-5284.

Who may `impersonate:MODE` somebody and `impersonate-on:MODE:VERB` some objects makes those requests that both he is let
make so and the other is allowed. That is less than to be the other: the other does not fall.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from netsim.access import Access, Identity, identity
from netsim.access.identity import account_of, node_of
from netsim.graph.catalogue import Wanted
from netsim.graph.horn import Fact
from netsim.graph.horn import Rule as Horn
from netsim.graph.rbac import of_rights
from netsim.graph.rights import EVERYWHERE, Profile, Profiles, Way, guard_of
from netsim.graph.world import MASTERS, World
from netsim.ir.access import Binding, Grant, Request, Rights, Role, Rule, Subject, SubjectKind
from netsim.ir.attack import Guard
from netsim.knowledge import gates

_GROUP = "authentication.k8s.io"
_ACCOUNT, _USER = "serviceaccount", "user-info"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Disguise:
    """Somebody for whom one may be taken, and by what."""

    name: str
    caller: Identity
    mode: str
    ways: tuple[Way, ...]

    @property
    def guards(self) -> tuple[Guard, ...]:
        return tuple(guard for way in self.ways for guard in way.guards)


def rules_of(world: World, fact: Fact) -> Iterator[Horn]:
    """Yield the steps that an identity, whose rights a fact is, may take in the names of others."""
    if world.release is not None and world.release < gates()["constrained-impersonation"]:
        return
    profile = world.profiles.by_key(fact.partition(":")[2])
    caller, seen = profile.caller, set[tuple[str, str, tuple[Guard, ...]]]()
    if caller.master or world.access.decides(caller, Request(verb="*", group="*", resource="*")):
        return  # nothing to gain
    for disguise in _disguises(world, profile):
        other = world.profiles.of(disguise.caller)
        key = (other.key, disguise.mode, disguise.guards)
        if other.scopes and key not in seen:
            seen.add(key)
            yield from _in_the_name_of(world, profile, other, disguise, fact)


def _disguises(world: World, profile: Profile) -> Iterator[_Disguise]:
    for scope in profile.scopes:
        for way in world.profiles.single(profile, _wanted(_ACCOUNT, "serviceaccounts"), scope):
            for space in world.namespaces if scope == EVERYWHERE else (scope,):
                for name in sorted(world.account_names.get(space, ())):
                    if way.names is None or name in way.names:
                        yield _disguise(world, f"sa:{space}/{name}", _ACCOUNT, way)
    for way in world.profiles.single(profile, _wanted(_USER, "users"), EVERYWHERE):
        yield from _of_kind(world, SubjectKind.USER, "user", way)
        for more in world.profiles.single(profile, _wanted(_USER, "groups"), EVERYWHERE):
            yield from _of_kind(world, SubjectKind.GROUP, "group", more, way)


def _of_kind(world: World, kind: SubjectKind, prefix: str, *ways: Way) -> Iterator[_Disguise]:
    names = ways[0].names
    for subject in world.access.subjects:
        fact = f"{prefix}:{subject.name}"
        # Names of accounts and of nodes are asked for in modes of their own.
        if account_of(subject.name) or node_of(subject.name):
            continue
        if subject.kind is kind and fact != MASTERS and (names is None or subject.name in names):
            yield _disguise(world, fact, _USER, *ways)


def _disguise(world: World, fact: Fact, mode: str, *ways: Way) -> _Disguise:
    caller = world.caller(fact)
    if caller is None:
        raise AssertionError(fact)
    return _Disguise(name=fact, caller=caller, mode=mode, ways=ways)


def _wanted(mode: str, resource: str) -> Wanted:
    return Wanted(verb=f"impersonate:{mode}", resource=resource, group=_GROUP)


def _in_the_name_of(world: World, profile: Profile, other: Profile, disguise: _Disguise, fact: Fact) -> Iterator[Horn]:
    """Yield the steps of the rights that both have, each with all that it hangs on."""
    user = Subject.user(f"{profile.key} as {disguise.name}")
    roles: list[Role] = []
    bindings: list[Binding] = []
    behind: dict[str, tuple[Guard, ...]] = {}
    for let in _grants(world, profile):
        for held in _grants(world, other):
            space, rule = _scope(let.binding, held.binding), narrowed(let.rule, held.rule, disguise.mode)
            if space is None or rule is None:
                continue
            kind, name = "Role" if space else "ClusterRole", str(len(roles))
            roles.append(Role(namespace=space, name=name, rules=(rule,)))
            bindings.append(Binding(namespace=space, name=name, role_kind=kind, role=name, subjects=(user,)))
            behind[str(bindings[-1])] = (*disguise.guards, guard_of(let.binding), guard_of(held.binding))
    profiles = Profiles(Access(Rights(roles=tuple(roles), bindings=tuple(bindings))))
    because = (f"in the name of {disguise.name}",)
    for step in of_rights(world, profiles, profiles.of(identity(user)), fact):
        if step.head.startswith("holds:"):
            continue
        guards = (own for guard in step.guards for own in behind.get(guard.object, (guard,)))
        yield replace(step, guards=tuple(dict.fromkeys(guards)), because=because)


def _grants(world: World, profile: Profile) -> Sequence[Grant]:
    spaces = ("" if scope == EVERYWHERE else scope for scope in profile.scopes)
    return tuple(dict.fromkeys(grant for space in spaces for grant in world.access.held_by(profile.caller, space)))


def _scope(one: Binding, other: Binding) -> str | None:
    """Return the namespace in which two bindings apply, empty for all of them; None where there is none."""
    if one.namespace and other.namespace and one.namespace != other.namespace:
        return None
    return one.namespace or other.namespace


def narrowed(let: Rule, held: Rule, mode: str) -> Rule | None:
    """Return what of a rule somebody may use in a mode by a rule that lets him; None where that is nothing."""
    prefix = f"impersonate-on:{mode}:"
    verbs = _common(
        tuple(verb.removeprefix(prefix) for verb in let.verbs if verb == "*" or verb.startswith(prefix)), held.verbs
    )
    groups = _common(let.groups, held.groups)
    resources = tuple(dict.fromkeys(each for a in let.resources for b in held.resources for each in _resource(a, b)))
    names = _common(let.names or ("*",), held.names or ("*",))
    if not (verbs and groups and resources and names):
        return None
    return replace(held, verbs=verbs, groups=groups, resources=resources, names=() if "*" in names else names)


def _common(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """Return what is in both, where a star is everything."""
    if "*" in one:
        return tuple(other)
    return tuple(one) if "*" in other else tuple(each for each in one if each in other)


def _resource(one: str, other: str) -> tuple[str, ...]:
    """Return the resource that two of them have in common: `*/exec` and `pods/exec` have the latter."""
    for wide, narrow in ((one, other), (other, one)):
        part = wide.removeprefix("*/")
        if wide in ("*", narrow) or (part != wide and narrow.endswith(f"/{part}")):
            return (narrow,)
    return ()
