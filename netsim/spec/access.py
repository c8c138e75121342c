"""Who may ask the API server for what (RBAC), as the standard says it: every rule of every binding is looked at.

Nothing is prepared and nothing is shared with ``netsim.access``, so that the two can be argued into agreement. The
clauses A1 to A17 are those of docs/access.md.
"""

from collections.abc import Collection, Iterator

from netsim.ir.access import Authority, Binding, Decision, Grant, Request, Rights, Role, Rule, Subject, SubjectKind
from netsim.spec.labels import selects


def authorize(rights: Rights, subject: Subject, request: Request, groups: Collection[str] = ()) -> Decision:
    """Return whether a subject, in these groups beside its own, may make a request, and by which rules."""
    # A16: before any rule is asked.
    if "system:masters" in groups_of(subject, groups):
        return Decision(by=Authority.MASTERS)
    # A1: any rule of any binding that applies is enough; nothing denies.
    found = tuple(
        grant for grant in held(rights, subject, _namespace(request), groups) if rule_allows(grant.rule, request)
    )
    return Decision(by=Authority.RBAC, grants=found) if found else Decision(by=None)


def who_can(rights: Rights, request: Request) -> tuple[Subject, ...]:
    """Return every account and every subject of a binding that may make a request, as its text sorts."""
    bound = [subject for binding in rights.bindings for subject in binding.subjects]
    known = {*bound, *(account.subject for account in rights.accounts)}
    return tuple(sorted((each for each in known if authorize(rights, each, request)), key=str))


def held(rights: Rights, subject: Subject, namespace: str, groups: Collection[str] = ()) -> Iterator[Grant]:
    """Yield every rule that a subject holds for requests in a namespace; in none where that is empty."""
    for binding in rights.bindings:
        # A1: a ClusterRoleBinding always counts, a RoleBinding for requests in its own namespace alone.
        if binding.namespace not in ("", namespace):
            continue
        applying = next((each for each in binding.subjects if applies(each, subject, groups)), None)
        role = role_of(rights, binding)
        if applying is not None and role is not None:
            for origin, rule in rules_of(rights, role):
                yield Grant(subject=applying, binding=binding, role=role, rule=rule, origin=origin)


def applies(bound: Subject, subject: Subject, groups: Collection[str] = ()) -> bool:
    """Return whether a subject is meant by what a binding names (A14). All of a binding's subjects are looked at."""
    match bound.kind:
        case SubjectKind.USER:
            return bound.name == user_of(subject)
        case SubjectKind.GROUP:
            return bound.name in groups_of(subject, groups)
        case SubjectKind.ACCOUNT:
            # In a ClusterRoleBinding an account without a namespace is nobody.
            return bound.namespace != "" and f"system:serviceaccount:{bound.namespace}:{bound.name}" == user_of(subject)


def user_of(subject: Subject) -> str | None:
    """Return a subject's user name; None for a member of a group, of whom nothing else is known."""
    match subject.kind:
        case SubjectKind.USER:
            return subject.name
        case SubjectKind.ACCOUNT:
            return f"system:serviceaccount:{subject.namespace}:{subject.name}"
        case SubjectKind.GROUP:
            return None


def groups_of(subject: Subject, given: Collection[str] = ()) -> set[str]:
    """Return the groups of a subject: those given, and those that it is in anyway (A15)."""
    found = set(given)
    if subject.kind is SubjectKind.ACCOUNT:
        return found | {"system:serviceaccounts", f"system:serviceaccounts:{subject.namespace}", "system:authenticated"}
    if subject.kind is SubjectKind.GROUP:
        found.add(subject.name)
        if subject.name.startswith("system:serviceaccounts:"):
            found.add("system:serviceaccounts")
    if user_of(subject) == "system:anonymous":
        found.add("system:unauthenticated")
    # The server adds the group of all who are known to whoever is not in that of all who are not.
    if "system:unauthenticated" not in found:
        found.add("system:authenticated")
    return found


def role_of(rights: Rights, binding: Binding) -> Role | None:
    """Return the role that a binding grants (A12, A13): its kind decides; what does not exist grants nothing."""
    if binding.role_kind == "ClusterRole":
        wanted = ("", binding.role)
    elif binding.role_kind == "Role" and binding.namespace:
        wanted = (binding.namespace, binding.role)
    else:
        return None
    return next((role for role in rights.roles if (role.namespace, role.name) == wanted), None)


def rules_of(rights: Rights, role: Role) -> list[tuple[Role, Rule]]:
    """Return the rules of a role in the order of the roles they are written in (A17).

    An aggregated ClusterRole has the rules of those that its selectors match, and not its own, which the controller
    overwrites; one that a server wrote has them already, and gains those of roles that no server has seen.
    """
    if role.namespace or role.aggregates is None:
        return [(role, rule) for rule in role.rules]
    parts = _parts(rights, role, {role.name})
    return [(each, rule) for each in rights.roles if not each.namespace and each.name in parts for rule in each.rules]


def _parts(rights: Rights, role: Role, seen: set[str]) -> set[str]:
    """Return the names of the ClusterRoles whose own rules an aggregated one has in the end."""
    found = {role.name} if role.aggregates is None or role.served else set()
    for other in rights.roles:
        if other.namespace or other.name in seen or not _takes(role, other):
            continue
        found |= _parts(rights, other, seen | {other.name})
    return found


def _takes(role: Role, other: Role) -> bool:
    if role.served and (other.served or other.shipped):
        return False
    return any(selects(selector, other.labels) for selector in role.aggregates or ())


def rule_allows(rule: Rule, request: Request) -> bool:
    """Return whether one rule allows a request (A2): its verb, group, resource and name must all match."""
    if not verb_matches(rule, request.verb):
        return False
    if request.path:
        return url_matches(rule, request.path)
    return (
        group_matches(rule, request.group)
        and resource_matches(rule, request.resource, request.subresource)
        and name_matches(rule, name_of(request))
    )


def verb_matches(rule: Rule, verb: str) -> bool:
    """Return whether a rule is about a verb (A3): exactly, or every verb, also those that are no part of the API."""
    return "*" in rule.verbs or verb in rule.verbs


def group_matches(rule: Rule, group: str) -> bool:
    """Return whether a rule is about an API group (A4)."""
    return "*" in rule.groups or group in rule.groups


def resource_matches(rule: Rule, resource: str, subresource: str) -> bool:
    """Return whether a rule is about a resource (A5); `pods` is not `pods/exec`, and `pods/*` is nothing at all."""
    if "*" in rule.resources:
        return True
    if not subresource:
        return resource in rule.resources
    return f"{resource}/{subresource}" in rule.resources or f"*/{subresource}" in rule.resources


def name_matches(rule: Rule, name: str) -> bool:
    """Return whether a rule is about an object's name (A6); the empty name is that of requests without one."""
    return not rule.names or name in rule.names


def url_matches(rule: Rule, path: str) -> bool:
    """Return whether a rule is about a path (A11): exactly, or with stars at its end, as a prefix."""
    return any(
        url == path or (url.endswith("*") and path.startswith(url.rstrip("*")))  # a star elsewhere is a star
        for url in rule.urls
    )


def name_of(request: Request) -> str:
    """Return the name that the server knows when it decides (A7, A8)."""
    if request.verb == "deletecollection" or (request.verb == "create" and not request.subresource):
        return ""
    return request.name


def _namespace(request: Request) -> str:
    """Return the namespace of a request; for one Namespace that is its name (A10)."""
    if request.path:
        return ""  # A12: URLs are in none, so that a ClusterRoleBinding alone can grant them
    if request.group == "" and request.resource == "namespaces" and not request.namespace:
        return "" if request.verb in ("list", "watch") else name_of(request)
    return request.namespace
