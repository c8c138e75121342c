"""Who may be taken for whom by the headers ``Impersonate-*``.

Source:
    kubernetes/staging/src/k8s.io/apiserver/pkg/endpoints/filters/impersonation; KEP-5284 for the modes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from netsim.access.compiled import Access
from netsim.access.identity import MASTERS, Identity, account_groups, account_of, identity, node_of
from netsim.ir.access import Decision, Disguise, Impersonation, Request, Subject

_LEGACY = "impersonate"
_AUTHENTICATION = "authentication.k8s.io"
_NODES = "system:nodes"
#: So many groups, or values of extra fields, may be asked for with one wildcard in a constrained mode.
_MANY = 4

_Checks = tuple[tuple[Request, Decision], ...]


def may_impersonate(
    access: Access,
    caller: Identity,
    wanted: Disguise,
    *,
    constrained: bool = False,
    action: Request | None = None,
    node: str = "",
) -> Impersonation:
    """Return whether a caller may be taken for whom it wants to be.

    Args:
        constrained: Whether the modes of KEP-5284 are asked, which need ``action``.
        action: The request that is made so. Without one, only what holds for every request is asked.
        node: The node that the token of the caller, an account, is bound to.
    """
    if not wanted.user:
        # A group, a uid or an extra field needs a user, too; without headers there is nothing to refuse.
        return Impersonation(allowed=not (wanted.groups or wanted.uid or wanted.extra))
    tried: _Checks = ()
    for mode in _modes(caller, wanted, node) if constrained and action is not None else ():
        found = _constrained(access, caller, wanted, mode, action) if action else None
        if found:
            return found
    allowed, tried = _asked(access, caller, _checks(wanted, _LEGACY))
    return _answer(allowed, _LEGACY, tried, wanted)


def _modes(caller: Identity, wanted: Disguise, node: str) -> Iterator[str]:
    """Yield the constrained modes for a wish, in the order in which they are tried."""
    alone = not (wanted.groups or wanted.uid or wanted.extra)
    as_node = node_of(wanted.user)
    if as_node is not None:
        if alone and as_node == node and account_of(caller.user):
            yield "associated-node"
        if alone:
            yield "arbitrary-node"
    elif account_of(wanted.user):
        if alone:
            yield "serviceaccount"
    else:
        yield "user-info"


def _constrained(
    access: Access, caller: Identity, wanted: Disguise, mode: str, action: Request
) -> Impersonation | None:
    """Return the impersonation by one mode, or None where it does not allow it."""
    if "" in wanted.groups or MASTERS in wanted.groups:
        return None
    if any(not key or not values or "" in values for key, values in wanted.extra):
        return None
    on = replace(action, verb=f"impersonate-on:{mode}:{action.verb}")
    checks = [on, *_checks(wanted, f"impersonate:{mode}")]
    if len(wanted.groups) >= _MANY:
        checks = _by_wildcard(access, caller, checks, replace(checks[1], resource="groups", namespace="", name="*"))
    if len(wanted.extra) >= _MANY or sum(len(values) for _, values in wanted.extra) >= _MANY:
        every = Request(verb=checks[1].verb, group=_AUTHENTICATION, resource="userextras", subresource="*", name="*")
        checks = _by_wildcard(access, caller, checks, every)
    allowed, tried = _asked(access, caller, checks)
    return _answer(allowed, f"impersonate:{mode}", tried, wanted) if allowed else None


def _by_wildcard(access: Access, caller: Identity, checks: list[Request], every: Request) -> list[Request]:
    """Return the checks with those of one resource replaced by one for all, if that is allowed."""
    if not access.may(caller, every):
        return checks
    on, *rest = checks
    return [on, *(each for each in rest if each.resource != every.resource), every]


def _checks(wanted: Disguise, verb: str) -> Iterator[Request]:
    """Yield what must be allowed to be taken for somebody; modes but the old one know nodes, and ask in one group."""
    group = "" if verb == _LEGACY else _AUTHENTICATION
    account, node = account_of(wanted.user), node_of(wanted.user)
    if account:
        yield Request(
            verb=verb, group=group, resource="serviceaccounts", namespace=account.namespace, name=account.name
        )
    elif node is not None and group:
        # The answer for one node is kept for all: it is asked for any of them.
        yield Request(verb=verb, group=group, resource="nodes", name="*" if verb.endswith(":associated-node") else node)
    else:
        yield Request(verb=verb, group=group, resource="users", name=wanted.user)
    yield from (Request(verb=verb, group=group, resource="groups", name=each) for each in wanted.groups)
    if wanted.uid:
        yield Request(verb=verb, group=_AUTHENTICATION, resource="uids", name=wanted.uid)
    for key, values in wanted.extra:
        for value in values:
            yield Request(verb=verb, group=_AUTHENTICATION, resource="userextras", subresource=key, name=value)


def _asked(access: Access, caller: Identity, checks: Iterable[Request]) -> tuple[bool, _Checks]:
    tried = []
    for request in checks:
        decision = access.decides(caller, request)
        tried.append((request, decision))
        if not decision:
            return False, tuple(tried)
    return True, tuple(tried)


def _answer(allowed: bool, mode: str, checks: _Checks, wanted: Disguise) -> Impersonation:  # noqa: FBT001
    if not allowed:
        return Impersonation(allowed=False, mode=mode, checks=checks)
    return Impersonation(allowed=True, mode=mode, checks=checks, user=wanted.user, groups=_groups(wanted, mode))


def _groups(wanted: Disguise, mode: str) -> frozenset[str]:
    """Return the groups of whom a caller is taken for; where groups are asked for, those of an account do not count."""
    account = account_of(wanted.user)
    if account and not wanted.groups:
        return frozenset(account_groups(account.namespace))
    if mode.endswith("-node"):
        return identity(Subject.user(wanted.user), (_NODES,)).groups
    return identity(Subject.user(wanted.user), wanted.groups).groups
