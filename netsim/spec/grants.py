"""Who may write which roles and bindings, take somebody else's name, and have certificates signed.

Like ``netsim.spec.access`` it shares nothing with ``netsim.access``. The clauses are those of docs/access.md.
"""

import re
from collections.abc import Callable, Collection, Iterator

from netsim.ir.access import RBAC_GROUP, Binding, CsrAction, Disguise, Request, Rights, Role, Rule, Subject, SubjectKind
from netsim.ir.release import Release
from netsim.spec.access import authorize, groups_of, held, role_of, rules_of

_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_ACCOUNT = re.compile(rf"system:serviceaccount:({_LABEL}):({_SUBDOMAIN})")
_NODE = re.compile(rf"system:node:({_SUBDOMAIN})")
#: So many groups, or values of extra fields, may be asked for with one wildcard (A23).
_MANY = 4
#: Since when constrained impersonation is on (A23).
_CONSTRAINED = Release(1, 36)


def may_write(
    rights: Rights, subject: Subject, verb: str, target: Role | Binding, groups: Collection[str] = ()
) -> bool:
    """Return whether a subject may create, update or patch a role or a binding (A18 to A21)."""
    resource = f"{target.kind.lower()}s"
    known = "" if verb == "create" else target.name
    write = Request(verb=verb, group=RBAC_GROUP, resource=resource, namespace=target.namespace, name=known)
    if not authorize(rights, subject, write, groups):
        return False
    before = _before(rights, target)
    if isinstance(target, Binding):
        changed = isinstance(before, Binding) and (before.role_kind, before.role) != (target.role_kind, target.role)
        # A21: roleRef is immutable.
        if verb != "create" and changed:
            return False
    # A16: escalation is not looked at.
    if "system:masters" in groups_of(subject, groups):
        return True
    if isinstance(target, Binding):
        return may_bind(rights, subject, target, groups)
    # A18: the name is known to `escalate` on update and patch only, as it is to the write.
    special = Request(verb="escalate", group=RBAC_GROUP, resource=resource, namespace=target.namespace, name=known)
    if authorize(rights, subject, special, groups):
        return True
    wanted = list(target.rules)
    # A20: who sets an aggregationRule, or changes a role that has one, gives away whatever others will label.
    aggregated = target.aggregates or (verb != "create" and isinstance(before, Role) and before.aggregates)
    if aggregated:
        wanted += [
            Rule(index=0, verbs=("*",), groups=("*",), resources=("*",)),
            Rule(index=1, verbs=("*",), urls=("*",)),
        ]
    return covers(held_rules(rights, subject, target.namespace, groups), wanted)


def _before(rights: Rights, target: Role | Binding) -> Role | Binding | None:
    known: tuple[Role | Binding, ...] = rights.roles if isinstance(target, Role) else rights.bindings
    same = (each for each in known if (each.namespace, each.name) == (target.namespace, target.name))
    return next(same, None)


def may_bind(rights: Rights, subject: Subject, binding: Binding, groups: Collection[str]) -> bool:
    """A21: `bind` on the role, in the namespace of the binding, or every rule of the role held."""
    resource = "clusterroles" if binding.role_kind == "ClusterRole" else "roles"
    bind = Request(verb="bind", group=RBAC_GROUP, resource=resource, namespace=binding.namespace, name=binding.role)
    if authorize(rights, subject, bind, groups):
        return True
    role = role_of(rights, binding)
    if role is None:
        return False
    wanted = [rule for _, rule in rules_of(rights, role)]
    return covers(held_rules(rights, subject, binding.namespace, groups), wanted)


def held_rules(rights: Rights, subject: Subject, namespace: str, groups: Collection[str]) -> list[Rule]:
    """A19: for what is in no namespace only what is held cluster-wide counts."""
    return [grant.rule for grant in held(rights, subject, namespace, groups)]


def covers(owned: list[Rule], wanted: list[Rule]) -> bool:
    """Return whether each smallest part of the wanted rules lies inside one owned rule, as texts (A19)."""
    return all(any(rule_covers(own, part) for own in owned) for rule in wanted for part in parts_of(rule))


def parts_of(rule: Rule) -> Iterator[Rule]:
    """Yield a rule for each verb with each group, resource and name, and each verb with each URL."""
    for verb in rule.verbs:
        for url in rule.urls:
            yield Rule(index=0, verbs=(verb,), urls=(url,))
        for group in rule.groups:
            for resource in rule.resources:
                for names in zip(rule.names) if rule.names else [()]:
                    yield Rule(index=0, verbs=(verb,), groups=(group,), resources=(resource,), names=names)


def rule_covers(own: Rule, part: Rule) -> bool:
    return (
        _all_in(part.verbs, own.verbs)
        and _all_in(part.groups, own.groups)
        and all(_resource_covered(own, resource) for resource in part.resources)
        and (not own.names if not part.names else not own.names or set(part.names) <= set(own.names))
        and all(any(_url_covered(each, url) for each in own.urls) for url in part.urls)
    )


def _all_in(wanted: Collection[str], owned: Collection[str]) -> bool:
    return "*" in owned or set(wanted) <= set(owned)


def _resource_covered(own: Rule, resource: str) -> bool:
    _, slash, subresource = resource.partition("/")
    return "*" in own.resources or resource in own.resources or bool(slash and f"*/{subresource}" in own.resources)


def _url_covered(own: str, url: str) -> bool:
    return own == url or (own.endswith("*") and url.startswith(own.rstrip("*")))


def may_impersonate(
    rights: Rights,
    subject: Subject,
    wanted: Disguise,
    groups: Collection[str] = (),
    *,
    release: Release,
    action: Request | None = None,
    node: str = "",
) -> bool:
    """Return whether headers that ask for another identity are accepted (A22, A23).

    Args:
        action: The request that is made so; without one, only what holds for every request is asked.
        node: The node that the token of the subject, an account, is bound to.
    """
    if not wanted.user:
        # A group, a uid or an extra field needs a user, too; without headers there is nothing to be refused.
        return not (wanted.groups or wanted.uid or wanted.extra)

    def allowed(request: Request) -> bool:
        return bool(authorize(rights, subject, request, groups))

    if action is not None and release >= _CONSTRAINED:
        for mode in _modes(subject, wanted, node):
            acting = Request(
                verb=f"impersonate-on:{mode}:{action.verb}",
                group=action.group,
                resource=action.resource,
                subresource=action.subresource,
                namespace=action.namespace,
                name=action.name,
                path=action.path,
            )
            if allowed(acting) and _may_take(allowed, wanted, mode):
                return True
    return all(map(allowed, _identity_checks(wanted, "impersonate", "")))


def _modes(subject: Subject, wanted: Disguise, node: str) -> list[str]:
    """Return the modes of A23 for such a wish; those for nodes and accounts take a name alone."""
    alone = not (wanted.groups or wanted.uid or wanted.extra)
    as_node, as_account = _NODE.fullmatch(wanted.user), _ACCOUNT.fullmatch(wanted.user)
    if as_node:
        own = bool(node) and as_node[1] == node and subject.kind is SubjectKind.ACCOUNT
        return (["associated-node"] if own else []) + ["arbitrary-node"] if alone else []
    if as_account:
        return ["serviceaccount"] if alone else []
    return ["user-info"]


def _may_take(allowed: Callable[[Request], bool], wanted: Disguise, mode: str) -> bool:
    if "" in wanted.groups or "system:masters" in wanted.groups:
        return False
    if any(not key or not values or "" in values for key, values in wanted.extra):
        return False
    checks = list(_identity_checks(wanted, f"impersonate:{mode}", "authentication.k8s.io"))
    every_group = Request(verb=f"impersonate:{mode}", group="authentication.k8s.io", resource="groups", name="*")
    every_extra = Request(
        verb=f"impersonate:{mode}", group="authentication.k8s.io", resource="userextras", subresource="*", name="*"
    )
    if len(wanted.groups) >= _MANY and allowed(every_group):
        checks = [each for each in checks if each.resource != "groups"]
    many = len(wanted.extra) >= _MANY or sum(len(values) for _, values in wanted.extra) >= _MANY
    if many and allowed(every_extra):
        checks = [each for each in checks if each.resource != "userextras"]
    return all(map(allowed, checks))


def _identity_checks(wanted: Disguise, verb: str, group: str) -> Iterator[Request]:
    """Yield the requests that must each be allowed to be taken for somebody (A22)."""
    account, node = _ACCOUNT.fullmatch(wanted.user), _NODE.fullmatch(wanted.user)
    if account:
        yield Request(verb=verb, group=group, resource="serviceaccounts", namespace=account[1], name=account[2])
    elif node and group:
        named = "*" if verb.endswith(":associated-node") else node[1]
        yield Request(verb=verb, group=group, resource="nodes", name=named)
    else:
        yield Request(verb=verb, group=group, resource="users", name=wanted.user)
    for each in wanted.groups:
        yield Request(verb=verb, group=group, resource="groups", name=each)
    if wanted.uid:
        yield Request(verb=verb, group="authentication.k8s.io", resource="uids", name=wanted.uid)
    for key, values in wanted.extra:
        for value in values:
            yield Request(verb=verb, group="authentication.k8s.io", resource="userextras", subresource=key, name=value)


def may_certify(rights: Rights, subject: Subject, action: CsrAction, signer: str, groups: Collection[str] = ()) -> bool:
    """Return whether a subject may create, approve or sign a CertificateSigningRequest, of whatever name (A24)."""

    def allowed(verb: str, resource: str, subresource: str = "", name: str = "") -> bool:
        request = Request(verb=verb, group="certificates.k8s.io", resource=resource, subresource=subresource, name=name)
        return bool(authorize(rights, subject, request, groups))

    if action is CsrAction.CREATE:
        return allowed("create", "certificatesigningrequests")
    subresource, verb = ("approval", "approve") if action is CsrAction.APPROVE else ("status", "sign")
    # The name of the request for a certificate is no rule's to know.
    unnamed = "\0"
    writes = any(allowed(each, "certificatesigningrequests", subresource, unnamed) for each in ("update", "patch"))
    domain = signer.partition("/")[0]
    return writes and (allowed(verb, "signers", name=signer) or allowed(verb, "signers", name=f"{domain}/*"))
