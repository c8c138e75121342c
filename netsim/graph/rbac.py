"""Steps by rights: the catalogue's requests, asked of the evaluator for each identity that is taken."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from netsim.access.identity import account_of
from netsim.graph.admitted import OFF, left, made, to_nodes
from netsim.graph.catalogue import Together, Wanted, alternatives, catalogue, operators, policies_off, wanted
from netsim.graph.groups import OF, group_rules, in_namespaces, nodes_of_pods, single_rules, spread
from netsim.graph.horn import Fact, Rule
from netsim.graph.rights import EVERYWHERE, Names, Profile, Profiles, Way, existing
from netsim.graph.world import ADMIN, MASTERS, World
from netsim.ir.access import Request, SubjectKind
from netsim.ir.attack import Certainty, Guard, StepKind

#: For each sort of target: the group that it is in, and the resource whose names are its names.
_TARGETS: Mapping[str, tuple[str, str]] = {
    "pod": ("pods", "pods"),
    "port": ("listening", "pods"),
    "account": ("accounts", "serviceaccounts"),
    "secret": ("secrets", "secrets"),
    "token-account": ("tokensecrets", "secrets"),
    "node": ("nodes", ""),
    "node-pods": ("nodepods", "nodes"),
    "node-logs": ("nodelogs", "nodes"),
    "namespace": ("relabel", "namespaces"),
    "pod-labels": ("podlabels", "pods"),
    "namespace-policies": ("netpol", ""),
    "pod-security": ("podsecurity", ""),
    "any-user": ("users", ""),
    "any-node-user": ("nodeusers", ""),
    "stolen-pods": ("stolen", ""),
}

#: Targets that are one vertex.
_SINGLE: Mapping[str, str] = {
    "cluster": "cluster",
    "connections": "connections",
    "scheduling": "scheduling",
    "masters": MASTERS,
}

#: Requests whose objects every cluster has, whatever the input holds.
_ALWAYS = frozenset({"nodes", "clusterroles", "users", "groups", "serviceaccounts", "namespaces", "pods", "secrets"})


@dataclass(frozen=True, slots=True)
class _Asking:
    """One profile in one scope, and the fact that it holds."""

    world: World
    profiles: Profiles
    profile: Profile
    scope: str
    here: tuple[Fact, ...]
    idle: set[Wanted]

    def ways(self, together: Together) -> Iterable[Way]:
        """Return the ways to be allowed requests that rest on some binding of the scope itself."""
        return self._ways(together) if self.idle.isdisjoint(together) else ()

    def _ways(self, together: Together) -> Iterator[Way]:
        for way in self.profiles.ways(self.profile, together, self.scope):
            if self.scope == EVERYWHERE or any(binding.namespace for binding in way.bindings):
                yield way

    def any(self, wanted: Wanted) -> Iterator[Way]:
        """Yield the ways to be allowed one request in the scope, by whatever bindings."""
        yield from self.profiles.single(self.profile, wanted, self.scope)


def rules_of(world: World, fact: Fact) -> Iterator[Rule]:
    """Yield what follows from rights, from groups, and from what one subject may do of a step that takes several."""
    kind, _, rest = fact.partition(":")
    if kind == "rights":
        yield from of_rights(world, world.profiles, world.profiles.by_key(rest), fact)
    elif kind == "move":
        yield from _moved(world, rest, fact)
    elif "@" in fact and ":" not in fact:
        yield from group_rules(world, fact)
    else:
        yield from single_rules(world, kind, rest, (fact,))
        if kind == "namespace-admin":
            yield from of_gained(world, f"clusterrole:cluster-admin@{rest}", fact)


def of_gained(world: World, fact: Fact, here: Fact | None = None) -> Iterator[Rule]:
    """Yield what follows from a role that was gained."""
    found = world.gained(fact)
    if found is not None:
        yield from of_rights(world, *found, here or fact)


def of_rights(world: World, profiles: Profiles, profile: Profile, fact: Fact) -> Iterator[Rule]:
    """Yield the steps that an identity may take."""
    here = (fact,)
    for binding in profile.bindings:
        yield Rule(f"holds:{binding}", here)
    for scope in profile.scopes:
        asking = _Asking(world, profiles, profile, scope, here, profiles.idle(profile, scope))
        full = tuple(_full(asking))
        yield from full
        for kind in _kinds():
            if full and kind.id in _GAINS:
                continue  # who may do everything gains nothing by a role, and there are roles times namespaces of them
            if kind.id in _SPECIAL:
                yield from _SPECIAL[kind.id](asking, kind)
            elif len(kind.moves) == 1:
                yield from _one_move(asking, kind)
            else:
                yield from _moves(asking, kind)
        yield from _logs(asking)
        yield from _off(asking)
        yield from _operators(asking)


@cache
def _kinds() -> tuple[StepKind, ...]:
    return tuple(kind for kind in catalogue().kinds.values() if kind.source == "subject" and kind.moves)


def _full(asking: _Asking) -> Iterator[Rule]:
    """Yield that somebody holds every right: in the cluster, or in a namespace."""
    namespace = "" if asking.scope == EVERYWHERE else asking.scope
    caller = asking.profile.caller
    request = Request(verb="*", group="*", resource="*", namespace=namespace)
    if caller.master:
        yield Rule(ADMIN, asking.here)
        return
    seen: set[str] = set()
    for grant in asking.profiles.access.decides(caller, request).grants:
        if grant.binding.namespace != namespace or str(grant.binding) in seen:
            continue
        seen.add(str(grant.binding))
        head = f"namespace-admin:{namespace}" if namespace else ADMIN
        guard = Guard("binding", str(grant.binding), place=grant.binding.place)
        yield Rule(head, asking.here, "rbac.bound", guards=(guard,), because=(f"{grant.binding}: {grant.role}",))


def _one_move(asking: _Asking, kind: StepKind) -> Iterator[Rule]:
    for together in alternatives(kind.moves[0], asking.world.release):
        for way in asking.ways(together):
            for names in _counted(asking, kind, together, way):
                yield from _led(asking, kind, together, names, way)


def _counted(asking: _Asking, kind: StepKind, together: Together, way: Way) -> Iterator[Names]:
    """Yield the names of the targets, if the objects exist that the requests are about."""
    last = together[-1]
    _, resource = _TARGETS.get(kind.target, ("", ""))
    if last.resource == resource:
        yield way.names
    elif (
        last.nameless
        or last.names
        or last.resource in _ALWAYS
        or existing(way.names, asking.world.objects.exist(last.resource, asking.scope))
    ):
        yield None


def _spaces(asking: _Asking, kind: StepKind, together: Together, way: Way) -> tuple[str, ...] | None:
    """Return the namespaces in which there is what a request everywhere would change; None where that is no matter."""
    last = together[-1]
    made_anew = last.nameless or last.names or last.resource in _ALWAYS or last.resource == _TARGETS[kind.target][1]
    if asking.scope != EVERYWHERE or made_anew or not last.namespaced:
        return None
    return asking.world.objects.where(last.resource, way.names)


def _led(asking: _Asking, kind: StepKind, together: Together, names: Names, way: Way) -> Iterator[Rule]:
    world, scope = asking.world, asking.scope
    if kind.target not in _TARGETS:
        for head in _single(world, kind):
            yield Rule(head, asking.here, kind.id, kind.certainty, way.guards, way.because, asked=way.asked)
        return
    group, spaces = _TARGETS[kind.target][0], _spaces(asking, kind, together, way)
    if spaces is None or not in_namespaces(group):
        heads = _heads(asking, group, together, names)
    elif way.names is None:
        # One rule stands for all of them: whoever may change everything may change every sort of controller.
        heads = [f"{group}{OF}{together[-1].resource}@*"]
    else:
        heads = [f"{group}@{space}" for space in spaces]
    if kind.id == "rbac.workload-node":
        yield from _privileged(asking, kind, made(together), heads, way, spaces)
        return
    for each in left(world, kind.id, scope, names, made(together), heads, spaces):
        certainty, because = each.certainty(kind.certainty), (*way.because, *each.doubts)
        yield Rule(each.head, asking.here, kind.id, certainty, way.guards, because, each.gate, way.asked)
    if kind.id == "rbac.pod-ephemeral":
        for head in (f"podnodes@{scope}",) if names is None else nodes_of_pods(world, scope, names):
            yield Rule(head, asking.here, kind.id, kind.certainty, way.guards, way.because, asked=way.asked)


def _heads(asking: _Asking, group: str, together: Together, names: Names) -> list[Fact]:
    """Return what a right leads to: a group, or its members of these names."""
    scope = asking.scope
    if any(each.by_kubelet for each in together):
        return ["bykubelet@*"] if names is None else [f"kubelet1:{name}" for name in sorted(names)]
    if group == "relabel" and scope != EVERYWHERE:
        return [f"relabel:{scope}"] if names is None or scope in names else []
    return list(spread(group, scope, names, asking.world)) if group in _SPREADABLE else [f"{group}@{scope}"]


_SPREADABLE = frozenset({
    "pods", "podlabels", "listening", "accounts", "secrets", "tokensecrets", "nodepods", "nodelogs", "relabel", "nodes",
})  # fmt: skip


def _privileged(
    asking: _Asking, kind: StepKind, resource: str, heads: list[str], way: Way, where: Iterable[str] | None
) -> Iterator[Rule]:
    """Yield the nodes that who creates pods takes: where admission lets it, or once that is changed."""
    world, scope = asking.world, asking.scope
    spaces = where if where is not None else world.namespaces if scope == EVERYWHERE else (scope,)
    ways = [each for space in spaces for each in to_nodes(world, space, resource)]
    # Where one namespace is open, nothing has to be changed; one that is surely open is enough.
    open_ = sorted((each for each in ways if not each.gate), key=lambda each: len(each.doubts))[:1]
    guards = way.guards
    if open_ and scope != EVERYWHERE:
        known = world.snapshot.namespaces.get(scope)
        place = {"place": known.place} if known else {}
        guards = (*guards, Guard("namespace", f"Namespace {scope}", "pod-security.kubernetes.io/enforce", **place))
    for head in heads:
        for each in open_ or ways:
            because, certainty = (*way.because, *each.doubts), each.certainty(kind.certainty)
            yield Rule(head, asking.here, kind.id, certainty, guards, because, each.gate, way.asked)


def _single(world: World, kind: StepKind) -> Iterable[Fact]:
    """Return what a step leads to whose targets are in no group."""
    if kind.target == "bootstrappers":
        return _bootstrappers(world)
    if "aws-auth" in kind.needs and "aws-auth" not in world.objects.exist("configmaps", "kube-system"):
        return ()
    return (_SINGLE[kind.target],)


def _bootstrappers(world: World) -> Iterator[Fact]:
    """Yield the groups that a bootstrap token may name and that something is bound to."""
    for subject in world.access.subjects:
        if subject.kind is SubjectKind.GROUP and subject.name.startswith("system:bootstrappers"):
            yield f"group:{subject.name}"


def _moves(asking: _Asking, kind: StepKind) -> Iterator[Rule]:
    """Yield what one subject may do of a step that takes several requests, which several may make."""
    for number, texts in enumerate(kind.moves):
        for together in alternatives(texts, asking.world.release):
            for way in asking.ways(together):
                for _ in _counted(asking, kind, together, way):
                    narrow = _spaces(asking, kind, together, way) is not None
                    of = f"{OF}{together[-1].resource}" if narrow else ""
                    head = f"move:{kind.id}#{number}{of}@{asking.scope}"
                    yield Rule(head, asking.here, "", Certainty.CERTAIN, way.guards, way.because, asked=way.asked)


def _moved(world: World, rest: str, fact: Fact) -> Iterator[Rule]:
    step, _, tail = rest.partition("#")
    number, _, scope = tail.partition("@")
    number, _, resource = number.partition(OF)
    if resource:
        yield from (Rule(f"move:{step}#{number}@{space}", (fact,)) for space in world.objects.where(resource))
        return
    if scope == EVERYWHERE:
        yield from (Rule(f"move:{step}#{number}@{space}", (fact,)) for space in world.namespaces)
    if number != "0":
        return
    kind = catalogue().kinds[step]
    if "hostpath-provisioner" in kind.needs and not world.provisioned:
        return
    because = world.provisioned if "hostpath-provisioner" in kind.needs else ()
    body = tuple(f"move:{step}#{each}@{scope}" for each in range(len(kind.moves)))
    gate = ("node-taken",) if "node-taken" in kind.needs else ()
    for group in ("users", "groups") if kind.target == "any-user" else (_TARGETS[kind.target][0],):
        head = f"{group}@{EVERYWHERE if group in ('nodes', 'nodeusers', 'users', 'groups') else scope}"
        yield Rule(head, body, step, kind.certainty, because=because, gate=gate)


def _logs(asking: _Asking) -> Iterator[Rule]:
    """Yield whose logs may be read: what the link among a node's logs needs."""
    for together in alternatives(catalogue().kinds["esc.varlog-symlink"].moves[0], asking.world.release):
        for way in asking.ways(together):
            if together[0].resource == "nodes":
                yield Rule(f"may.logs@{EVERYWHERE}", asking.here, guards=way.guards, because=way.because)
                continue
            for head in spread("may.logs", asking.scope, way.names, asking.world):
                yield Rule(head, asking.here, guards=way.guards, because=way.because)


def _off(asking: _Asking) -> Iterator[Rule]:
    """Yield that the policies of the input can be changed or taken away."""
    if asking.scope != EVERYWHERE or not asking.world.creations.policies:
        return
    for together in alternatives(policies_off(), asking.world.release):
        for way in asking.ways(together):
            yield Rule(OFF, asking.here, guards=way.guards, because=way.because, asked=way.asked)


def _operators(asking: _Asking) -> Iterator[Rule]:
    kind = catalogue().kinds["rbac.operator"]
    for operator in operators():
        accounts = asking.world.running(operator.pods)
        for each in wanted(f"create,update,patch {operator.resource} named *", None) if accounts else ():
            for way in asking.ways((each,)):
                for account in accounts:
                    yield Rule(
                        account,
                        asking.here,
                        kind.id,
                        kind.certainty,
                        way.guards,
                        (*way.because, operator.reason),
                        asked=way.asked,
                    )


def _bind_cluster(asking: _Asking, kind: StepKind) -> Iterator[Rule]:
    if asking.scope != EVERYWHERE:
        return
    yield from _bind(asking, kind, ("clusterroles",))


def _bind_namespace(asking: _Asking, kind: StepKind) -> Iterator[Rule]:
    yield from _bind(asking, kind, ("boundclusterroles", "boundroles"))


def _bind(asking: _Asking, kind: StepKind, groups: tuple[str, ...]) -> Iterator[Rule]:
    for together in alternatives(kind.moves[0], asking.world.release):
        write, bind = together
        group = groups[-1] if bind.resource == "roles" else groups[0]
        for way in asking.ways(together):
            names = way.names
            if not write.nameless:
                names = frozenset(_referenced(asking, write, bind, names))
            for head in spread(group, asking.scope, names, asking.world):
                yield Rule(head, asking.here, kind.id, kind.certainty, way.guards, way.because, asked=way.asked)


def _referenced(asking: _Asking, write: Wanted, bind: Wanted, names: Names) -> Iterator[str]:
    """Yield the roles that the bindings which may be changed refer to: a reference never changes."""
    allowed = [way.names for way in asking.any(write)]
    kind = "ClusterRole" if bind.resource == "clusterroles" else "Role"
    for binding in asking.world.access.rights.bindings:
        here = binding.namespace == ("" if write.resource == "clusterrolebindings" else asking.scope)
        anywhere = asking.scope == EVERYWHERE and bool(binding.namespace) == (write.resource == "rolebindings")
        meant = binding.role_kind == kind and (names is None or binding.role in names)
        if (here or anywhere) and meant and any(own is None or binding.name in own for own in allowed):
            yield binding.role


def _escalate(asking: _Asking, kind: StepKind) -> Iterator[Rule]:
    for together in alternatives(kind.moves[0], asking.world.release):
        cluster = together[0].resource == "clusterroles"
        if cluster and asking.scope != EVERYWHERE:
            continue
        group = "rewrittenclusterroles" if cluster else "rewrittenroles"
        for way in asking.ways(together):
            for head in spread(group, asking.scope, way.names, asking.world):
                yield Rule(head, asking.here, kind.id, kind.certainty, way.guards, way.because, asked=way.asked)
    yield from _new_role(asking, kind)


def _new_role(asking: _Asking, kind: StepKind) -> Iterator[Rule]:
    """Yield what a new role of whatever rights leads to: it is bound to oneself, or joins one that is bound already."""
    rbac = "rbac.authorization.k8s.io"
    roles = "clusterroles" if asking.scope == EVERYWHERE else "roles"
    (create,), (escalate,) = (tuple(wanted(f"{verb} {roles}.{rbac}", None)) for verb in ("create", "escalate"))
    (bind,) = wanted(f"bind {roles}.{rbac} named *", None)
    bindings = "clusterrolebindings" if asking.scope == EVERYWHERE else "rolebindings"
    (binding,) = wanted(f"create {bindings}.{rbac}", None)
    head = ADMIN if asking.scope == EVERYWHERE else f"namespace-admin:{asking.scope}"
    for way in asking.ways((create, escalate)):
        if way.names is not None:
            continue
        for more in asking.any(bind):
            for last in asking.any(binding):
                guards = tuple(dict.fromkeys((*way.guards, *more.guards, *last.guards)))
                yield Rule(
                    head, asking.here, kind.id, kind.certainty, guards, (*way.because, *more.because), asked=way.asked
                )
        for own in asking.profile.bindings:
            role = asking.world.roles.get(own.role_key)
            if role and role.aggregates is not None:
                guards = tuple(dict.fromkeys((*way.guards, Guard("binding", str(own), place=own.place))))
                gained = f"namespace-admin:{own.namespace}" if own.namespace else ADMIN
                yield Rule(gained, asking.here, kind.id, kind.certainty, guards, way.because)


def _proxy(asking: _Asking, kind: StepKind) -> Iterator[Rule]:
    """Yield what is connected to by the API server, which is named with a scheme and a port: ``https:web:8443``."""
    for together in alternatives(kind.moves[0], asking.world.release):
        group = "services" if together[-1].resource == "services" else "proxied"
        for way in asking.ways(together):
            names = None if way.names is None else frozenset(map(_unported, way.names))
            for head in spread(group, asking.scope, names, asking.world):
                yield Rule(head, asking.here, kind.id, kind.certainty, way.guards, way.because, asked=way.asked)


def _unported(name: str) -> str:
    parts = name.split(":")
    return parts[1] if len(parts) == 3 else parts[0]


def _impersonate(asking: _Asking, kind: StepKind) -> Iterator[Rule]:
    accounts, users, groups = (together[0] for together in alternatives(kind.moves[0], asking.world.release))
    for way in asking.ways((accounts,)):
        for head in spread("accounts", asking.scope, way.names, asking.world):
            yield Rule(head, asking.here, kind.id, kind.certainty, way.guards, way.because, asked=way.asked)
    if asking.scope != EVERYWHERE:
        return
    for way in asking.ways((users,)):
        # Whoever asks for the name of an account is asked for the right over that account instead.
        users_ = (name for name in way.names or () if account_of(name) is None)
        for head in ("users@*",) if way.names is None else sorted(f"user:{name}" for name in users_):
            yield Rule(head, asking.here, kind.id, kind.certainty, way.guards, way.because, asked=way.asked)
    for way in asking.ways((groups,)):
        heads = ("groups@*", MASTERS) if way.names is None else sorted(f"group:{name}" for name in way.names)
        for other in _somebody(asking, users, accounts):  # a group needs a user beside it
            guards = tuple(dict.fromkeys((*way.guards, *other.guards)))
            for head in heads:
                yield Rule(
                    head, asking.here, kind.id, kind.certainty, guards, (*way.because, *other.because), asked=way.asked
                )


def _somebody(asking: _Asking, users: Wanted, accounts: Wanted) -> Iterator[Way]:
    """Yield the ways to act as some user or account, whichever."""
    for scope in dict.fromkeys((EVERYWHERE, *asking.profile.scopes)):
        yield from asking.profiles.single(asking.profile, accounts, scope)
    yield from asking.any(users)


#: Steps that lead to roles alone.
_GAINS = frozenset({"rbac.bind-cluster", "rbac.bind-namespace", "rbac.escalate"})

_SPECIAL: Mapping[str, Callable[[_Asking, StepKind], Iterator[Rule]]] = {
    "rbac.bind-cluster": _bind_cluster,
    "rbac.bind-namespace": _bind_namespace,
    "rbac.escalate": _escalate,
    "rbac.pods-proxy": _proxy,
    "rbac.impersonate": _impersonate,
}
