"""Who may write which roles and bindings: the write itself, and what keeps it from giving more than its writer holds.

Source:
    kubernetes/pkg/registry/rbac: ``escalation_check.go``, the ``policybased`` storages; component-helpers
    ``auth/rbac/validation/policy_comparator.go``.
"""

from collections.abc import Iterable

from netsim.access.compiled import Access
from netsim.access.identity import Identity
from netsim.ir.access import RBAC_GROUP, Binding, Refusal, Request, Role, Rule, Warrant, WriteDecision

#: What whoever sets an aggregationRule must hold: others decide by labels what it will give.
_EVERYTHING = (
    Rule(index=0, verbs=("*",), groups=("*",), resources=("*",)),
    Rule(index=1, verbs=("*",), urls=("*",)),
)


def may_write(access: Access, caller: Identity, verb: str, target: Role | Binding) -> WriteDecision:
    """Return whether a caller may create, update or patch a role or a binding.

    What is updated is compared with the one of its name that there is; where there is none, with nothing.
    """
    request = access.decides(caller, _on(target, verb))
    if not request:
        return WriteDecision(request=request, refusal=Refusal.REQUEST)
    if isinstance(target, Binding) and verb != "create" and _rebinds(access, target):
        return WriteDecision(request=request, refusal=Refusal.IMMUTABLE)
    if caller.master:
        return WriteDecision(request=request, warrant=Warrant.MASTERS)
    special = access.decides(caller, _special(target, verb))
    if special:
        return WriteDecision(request=request, special=special, warrant=Warrant.VERB)
    given = _given(access, verb, target)
    if given is None:
        return WriteDecision(request=request, special=special, refusal=Refusal.ABSENT)
    missing = tuple(rule for rule in given if not access.covers(caller, target.namespace, rule))
    if missing:
        return WriteDecision(request=request, special=special, refusal=Refusal.HELD, missing=missing)
    return WriteDecision(request=request, special=special, warrant=Warrant.HELD)


def _on(target: Role | Binding, verb: str) -> Request:
    """Return the request of the write; the API server knows the name of what it creates too late to ask for it."""
    name = "" if verb == "create" else target.name
    resource = f"{target.kind.lower()}s"
    return Request(verb=verb, group=RBAC_GROUP, resource=resource, namespace=target.namespace, name=name)


def _special(target: Role | Binding, verb: str) -> Request:
    """Return the request that stands for holding the rules: ``escalate`` this role, or ``bind`` that one."""
    if isinstance(target, Role):
        written = _on(target, verb)
        name, resource = written.name, written.resource
        return Request(verb="escalate", group=RBAC_GROUP, resource=resource, namespace=target.namespace, name=name)
    return Request(
        verb="bind",
        group=RBAC_GROUP,
        resource=f"{target.role_kind.lower()}s",
        namespace=target.namespace,
        name=target.role,
    )


def _given(access: Access, verb: str, target: Role | Binding) -> Iterable[Rule] | None:
    """Return the rules that the write would give; None where it binds a role that does not exist."""
    if isinstance(target, Binding):
        role = access.role(target)
        return None if role is None else [rule for _, rule in access.rules_of(role)]
    before = access.roles.get((target.namespace, target.name)) if verb != "create" else None
    aggregated = target.aggregates or (before and before.aggregates)
    return (*target.rules, *_EVERYTHING) if aggregated else target.rules


def _rebinds(access: Access, target: Binding) -> bool:
    before = access.bindings.get((target.namespace, target.name))
    return before is not None and (before.role_kind, before.role) != (target.role_kind, target.role)
