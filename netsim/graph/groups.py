"""Many vertices as one, as the pods of a namespace: a right over many is one rule, not one for each."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from netsim.graph.horn import Fact, Rule
from netsim.graph.rights import EVERYWHERE, Names
from netsim.graph.world import ANY_SECRET, MASTERS, UNKNOWN_NODE, World
from netsim.ir.access import Binding, SubjectKind
from netsim.ir.attack import Guard

#: ``accounts.of.deployments@*`` are the accounts of the namespaces that hold some Deployment.
OF = ".of."
#: That the rules and labels of some ClusterRole can be rewritten.
JOINING = "joining:"

#: Returns the names of a group's members in one namespace; the empty one for what is in none.
Members = Callable[[World, str], Iterable[str]]


def _pods(world: World, namespace: str) -> Iterable[str]:
    return (world.pods[name].pod.name for name in world.by_namespace.get(namespace, ()))


def _accounts(world: World, namespace: str) -> Iterable[str]:
    return sorted(world.account_names.get(namespace, ()))


def _secrets(world: World, namespace: str) -> Iterable[str]:
    return sorted(world.secret_names.get(namespace, ())) if world.secret_names else (ANY_SECRET,)


def _token_secrets(world: World, namespace: str) -> Iterable[str]:
    return sorted(name for space, name in world.objects.token_secrets if space == namespace)


def _nodes(world: World, namespace: str) -> Iterable[str]:
    del namespace
    return world.node_names


def _listening(world: World, namespace: str) -> Iterable[str]:
    return (world.by_number[number].pod.name for number in world.units_of.get(namespace, ()))


def _proxied(world: World, namespace: str) -> Iterable[str]:
    numbers = (number for number in world.units_of.get(namespace, ()) if number in world.proxied)
    return (world.by_number[number].pod.name for number in numbers)


def _services(world: World, namespace: str) -> Iterable[str]:
    return sorted({each.name for each in world.snapshot.services if each.namespace == namespace})


def _itself(world: World, namespace: str) -> Iterable[str]:
    del world
    return (namespace,)


def _cluster_roles(world: World, namespace: str) -> Iterable[str]:
    del namespace
    return sorted(name for space, name in world.roles if not space)


def _own_roles(world: World, namespace: str) -> Iterable[str]:
    return sorted(name for space, name in world.roles if space == namespace)


#: The groups of what is in namespaces: the members, and what each is as a fact.
_IN_NAMESPACES: Mapping[str, tuple[Members, str]] = {
    "pods": (_pods, "pod:{space}/{name}"),
    "podlabels": (_pods, "podlabels:{space}/{name}"),
    "may.logs": (_pods, "may.logs:{space}/{name}"),
    "stolen": (_pods, "pod:{space}/{name}"),
    "listening": (_listening, "pod:{space}/{name}"),
    "proxied": (_proxied, "pod:{space}/{name}"),
    "services": (_services, "behind:{space}/{name}"),
    "accounts": (_accounts, "sa:{space}/{name}"),
    "secrets": (_secrets, "secret:{space}/{name}"),
    "tokensecrets": (_token_secrets, "tokensecret:{space}/{name}"),
    "relabel": (_itself, "relabel:{name}"),
    "netpol": (_itself, "netpol:{name}"),
    "podsecurity": (_itself, "podsecurity:{name}"),
    "rewrittenroles": (_own_roles, "rewritten:role:{space}/{name}"),
    "boundroles": (_own_roles, "role:{space}/{name}"),
    "boundclusterroles": (_cluster_roles, "clusterrole:{name}@{space}"),
}

#: The groups of what is in no namespace.
_OF_CLUSTER: Mapping[str, tuple[Members, str]] = {
    "nodes": (_nodes, "node:{name}"),
    "nodepods": (_nodes, "nodepods:{name}"),
    "nodelogs": (_nodes, "nodelogs:{name}"),
    "rewrittenclusterroles": (_cluster_roles, "rewritten:clusterrole:{name}"),
    "clusterroles": (_cluster_roles, "clusterrole:{name}"),
}


def in_namespaces(group: str) -> bool:
    """Return whether the members of a group are in namespaces."""
    return group in _IN_NAMESPACES


def spread(group: str, scope: str, names: Names, world: World) -> Iterator[Fact]:
    """Yield what a right over some names leads to: the group for all of them, or each that exists."""
    if names is None:
        yield f"{group}@{EVERYWHERE if group in _OF_CLUSTER else scope}"
        return
    members, form = _IN_NAMESPACES.get(group) or _OF_CLUSTER[group]
    spaces = world.namespaces if scope == EVERYWHERE and group in _IN_NAMESPACES else (scope,)
    # Where the input holds no Secret, each that is named is taken to be there.
    there = group == "secrets" and not world.secret_names
    for space in spaces:
        found = names if there else names.intersection(members(world, space))
        yield from (form.format(space=space, name=name) for name in sorted(found))


def secrets(world: World, namespace: str) -> Iterator[Fact]:
    """Yield the Secrets of a namespace."""
    yield from (f"secret:{namespace}/{name}" for name in _secrets(world, namespace))


def group_rules(world: World, fact: Fact) -> Iterator[Rule]:
    """Yield the members of a group."""
    group, _, scope = fact.partition("@")
    here = (fact,)
    group, _, resource = group.partition(OF)
    if resource:  # whoever changes what is there, changes it where it is
        yield from (Rule(f"{group}@{space}", here) for space in world.objects.where(resource))
    elif group in _IN_NAMESPACES and scope == EVERYWHERE:
        yield from (Rule(f"{group}@{space}", here) for space in world.namespaces)
    elif group in _IN_NAMESPACES:
        members, form = _IN_NAMESPACES[group]
        yield from (Rule(form.format(space=scope, name=name), here) for name in members(world, scope))
    elif group in _OF_CLUSTER:
        members, form = _OF_CLUSTER[group]
        yield from (Rule(form.format(name=name), here) for name in members(world, ""))
    elif group in _ODD:
        yield from _ODD[group](world, scope, here)


def _nodes_of_pods(world: World, scope: str, here: tuple[Fact, ...]) -> Iterator[Rule]:
    yield from (Rule(node, here) for node in nodes_of_pods(world, scope, None))


def nodes_of_pods(world: World, scope: str, names: Names) -> tuple[Fact, ...]:
    """Return the nodes of pods of these names, where Pod Security lets a container of them be privileged."""
    spaces = world.namespaces if scope == EVERYWHERE else (scope,)
    pods = (
        world.pods[name].pod
        for space in spaces
        if world.objects.admits_privileged(space)
        for name in world.by_namespace.get(space, ())
    )
    nodes = {pod.node or UNKNOWN_NODE for pod in pods if names is None or pod.name in names}
    return tuple(f"node:{node}" for node in sorted(nodes))


def _users(world: World, scope: str, here: tuple[Fact, ...]) -> Iterator[Rule]:
    del scope
    for subject in world.access.subjects:
        if subject.kind is SubjectKind.USER and not subject.name.startswith("system:serviceaccount:"):
            yield Rule(f"user:{subject.name}", here)


#: To act as a member of these is nothing that an account is not anyway.
_EVERYBODY = frozenset({"system:authenticated", "system:unauthenticated", "system:serviceaccounts"})


def _user_groups(world: World, scope: str, here: tuple[Fact, ...]) -> Iterator[Rule]:
    del scope
    for subject in world.access.subjects:
        everybody = subject.name in _EVERYBODY or subject.name.startswith("system:serviceaccounts:")
        if subject.kind is SubjectKind.GROUP and not everybody and f"group:{subject.name}" != MASTERS:
            yield Rule(f"group:{subject.name}", here)


def _node_users(world: World, scope: str, here: tuple[Fact, ...]) -> Iterator[Rule]:
    del scope
    yield Rule("group:system:nodes", here)
    yield from (Rule(f"user:system:node:{name}", here) for name in sorted(world.nodes))


def _by_kubelets(world: World, scope: str, here: tuple[Fact, ...]) -> Iterator[Rule]:
    del scope
    for name in world.node_names:
        yield Rule(f"nodepods:{name}", here, gate=(f"kubelet:{name}",))


_ODD: Mapping[str, Callable[[World, str, tuple[Fact, ...]], Iterator[Rule]]] = {
    "podnodes": _nodes_of_pods,
    "users": _users,
    "groups": _user_groups,
    "nodeusers": _node_users,
    "bykubelet": _by_kubelets,
}


def single_rules(world: World, kind: str, name: str, here: tuple[Fact, ...]) -> Iterator[Rule]:
    """Yield what follows from one thing that says something of others."""
    match kind:
        case "nodepods":
            pods = world.unplaced if name == UNKNOWN_NODE else world.by_node.get(name, ())
            yield from (Rule(f"pod:{pod}", here) for pod in pods)
        case "kubelet1":
            yield Rule(f"nodepods:{name}", here, gate=(f"kubelet:{name}",))
        case "tokensecret":
            space, _, secret = name.partition("/")
            owner = world.objects.token_secrets.get((space, secret))
            if owner:
                yield Rule(f"sa:{space}/{owner}", here)
        case "behind":
            yield from (Rule(pod, here) for pod in world.behind(name))
        case "rewritten":
            yield from _rewritten(world, name, here)
        case "joining":
            yield from _joining(world, here)


def _rewritten(world: World, role: str, here: tuple[Fact, ...]) -> Iterator[Rule]:
    """Yield what a role gives that says whatever one likes: everything to those who are bound to it."""
    kind, _, name = role.partition(":")
    if kind == "clusterrole":
        yield Rule(JOINING, here)
    for binding in world.access.rights.bindings:
        space, own = binding.role_key
        if (f"{space}/{own}" if space else own) == name and (kind == "role") == bool(space):
            yield _everything(binding, here)


def _joining(world: World, here: tuple[Fact, ...]) -> Iterator[Rule]:
    """Yield what a ClusterRole gives that says whatever one likes, its labels too: it joins each that aggregates."""
    for binding in world.access.rights.bindings:
        role = world.roles.get(binding.role_key)
        if role and role.aggregates:
            yield _everything(binding, here)


def _everything(binding: Binding, here: tuple[Fact, ...]) -> Rule:
    """Return that who is bound to a role which gives everything has it."""
    guard = Guard("binding", str(binding), place=binding.place)
    head = f"namespace-admin:{binding.namespace}" if binding.namespace else "cluster-admin"
    return Rule(head, here, guards=(guard,), gate=(f"holds:{binding}",))
