"""What is wrong with an audit policy: rules that never decide, and what leaves no trace or too much of one."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from netsim.ingest.document import written as shown
from netsim.ir.audit import AuditLevel, AuditPolicy, AuditRequest, AuditRule, Stage
from netsim.posture.auditloader import dropped, loader_faults
from netsim.posture.auditpolicy import policy_of, recorded
from netsim.posture.auditspace import dead_rules
from netsim.posture.encryptionresources import is_suspicious
from netsim.posture.faults import Fault

_READS = ("get", "list", "watch")
_WRITES = ("create", "update", "patch")
_DELETES = ("delete", "deletecollection")
_CHANGES = (*_WRITES, *_DELETES)
_VERBS = (*_READS, *_CHANGES)
#: Verbs of requests: those of resources, and the methods of paths.
_OF_REQUESTS = frozenset({*_VERBS, "proxy", "head", "options", "post", "put", "connect"})
_NAMELESS = frozenset({"create", "deletecollection", "list", "watch"})
_BROAD = frozenset({"system:authenticated", "system:masters", "system:serviceaccounts"})
_ORDINARY = frozenset({Stage.REQUEST_RECEIVED, Stage.RESPONSE_STARTED, Stage.RESPONSE_COMPLETE})
_RBAC = "rbac.authorization.k8s.io"
_SESSIONS = ("exec", "attach", "portforward")

#: Somebody of whom no policy speaks, in a namespace of which none does.
_SOMEBODY = AuditRequest(
    verb="get", user="somebody", groups=frozenset({"system:authenticated"}), namespace="somewhere", name="something"
)


def audit_faults(written: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with an audit policy; of one that the API server refuses, only why."""
    refused = list(loader_faults(written))
    yield from refused
    if refused:
        return
    policy = policy_of(written)
    yield from dropped(written)
    yield from _of_rules(policy)
    yield from _of_traces(policy)


def _of_rules(policy: AuditPolicy) -> Iterator[Fault]:
    dead = {each.number: each.by for each in dead_rules(policy)}
    for number, rule in enumerate(policy.rules):
        path = ("rules", number)
        if why := _never(rule) or (not dead.get(number, (0,)) and "asks for a name where no request has one"):
            yield Fault(check="audit-never-matching-rule", path=path, message=why)
        elif by := dead.get(number):
            earlier = ", ".join(shown(("rules", each)) for each in by)
            message = f"decides nothing: {earlier} {'decides' if len(by) == 1 else 'decide'} all that it is about"
            yield Fault(check="audit-dead-rule", path=path, message=message, evidence=(("decided by", earlier),))
        if rule.level > AuditLevel.NONE and policy.omitted | rule.omitted >= _ORDINARY:
            yield Fault(check="audit-nothing-written", path=path)
        if _mutes(rule):
            yield Fault(check="audit-broad-identity-muted", path=path, message=f"mutes {', '.join(rule.groups)}")
    logging = [rule for rule in policy.rules if rule.level > AuditLevel.NONE]
    if any(Stage.REQUEST_RECEIVED not in policy.omitted | rule.omitted for rule in logging):
        yield Fault(check="audit-request-received-not-omitted")


def beyond_faults(written: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what else is wrong with an audit policy that the API server accepts: what no row of a benchmark asks."""
    if any(loader_faults(written)):
        return
    policy = policy_of(written)
    if _level(policy, "create", "tokenreviews", "authentication.k8s.io") >= AuditLevel.REQUEST:
        yield Fault(check="audit-token-review-body-logged")
    for number, rule in enumerate(policy.rules):
        for index, each in enumerate(rule.resources):
            for place, pattern in enumerate(each.resources):
                if wrong := _misnamed(pattern.partition("/")[0], each.group):
                    path = ("rules", number, "resources", index, "resources", place)
                    yield Fault(check="audit-resource-misnamed", path=path, message=f'"{pattern}" {wrong}')


def _misnamed(resource: str, group: str) -> str:
    """Return why a name is that of no resource of a group; empty where nothing is known against it."""
    if resource == "*":
        return ""
    if resource != resource.lower():
        return "is no resource: a plural in lower case is asked for"
    meant = is_suspicious(f"{resource}.{group}" if group else resource)
    return f"is no resource of {group or 'the core group'}: {meant}" if meant else ""


def _never(rule: AuditRule) -> str:
    for field in ("verbs", "users", "groups", "namespaces"):
        if "*" in getattr(rule, field):
            return f"has `*` in {field}, where it is no wildcard"
    if rule.verbs and not _OF_REQUESTS.intersection(rule.verbs):
        return f"has only verbs that no request has: {', '.join(rule.verbs)}"
    return ""


def _mutes(rule: AuditRule) -> bool:
    limits = (rule.users, rule.verbs, rule.namespaces, rule.resources, rule.urls)
    return rule.level is AuditLevel.NONE and bool(_BROAD.intersection(rule.groups)) and not any(limits)


def _of_traces(policy: AuditPolicy) -> Iterator[Fault]:
    if unseen := _leaves_none(policy, "widgets", _VERBS, "unknown.example.com"):
        yield Fault(check="audit-no-catch-all", message=f"nothing is written of an unknown resource: {unseen}")
    yield from _of_secrets(policy)
    yield from _of_sessions(policy)
    yield from _of_rbac(policy)
    if _leaves_none(policy, "pods", _CHANGES) or _leaves_none(policy, "deployments", _CHANGES, "apps"):
        yield Fault(check="audit-workload-changes-not-logged")


def _of_secrets(policy: AuditPolicy) -> Iterator[Fault]:
    if unseen := _leaves_none(policy, "secrets", _VERBS) or _list_everywhere(policy):
        yield Fault(check="audit-secrets-not-logged", message=f"nothing is written of secrets: {unseen}")
    bodies = [verb for verb in _READS if _level(policy, verb, "secrets") is AuditLevel.REQUEST_RESPONSE]
    # What is answered to a deletecollection is what was deleted; to a delete, a status.
    if _level(policy, "deletecollection", "secrets") is AuditLevel.REQUEST_RESPONSE:
        bodies.append("deletecollection")
    bodies += [verb for verb in _WRITES if _level(policy, verb, "secrets") >= AuditLevel.REQUEST]
    if bodies:
        yield Fault(check="audit-secrets-body-logged", message=f"values of secrets are written: {', '.join(bodies)}")
    if _level(policy, "create", "serviceaccounts", subresource="token") is AuditLevel.REQUEST_RESPONSE:
        yield Fault(check="audit-token-body-logged")


def _of_sessions(policy: AuditPolicy) -> Iterator[Fault]:
    traces = {
        (verb, each): recorded(policy, probe(verb, "pods", subresource=each)).is_written
        for verb in ("create", "get")
        for each in _SESSIONS
    }
    if unseen := [each for each in _SESSIONS if not traces["create", each]]:
        message = f"nothing is written of create on pods/{', pods/'.join(unseen)}"
        yield Fault(check="audit-exec-not-logged", message=message)
    if unseen := [each for each in _SESSIONS if traces["create", each] and not traces["get", each]]:
        message = f"a WebSocket is a get, and nothing is written of it: pods/{', pods/'.join(unseen)}"
        yield Fault(check="audit-exec-get-blind-spot", message=message)


def _of_rbac(policy: AuditPolicy) -> Iterator[Fault]:
    if unseen := _leaves_none(policy, "rolebindings", _CHANGES, _RBAC):
        yield Fault(check="audit-rbac-changes-not-logged", message=f"nothing is written of rolebindings: {unseen}")
    levels = {verb: _level(policy, verb, "rolebindings", _RBAC) for verb in _CHANGES}
    if any(len({levels[verb] for verb in verbs}) > 1 for verbs in (_WRITES, _DELETES)):
        said = ", ".join(f"{verb} {level.label}" for verb, level in levels.items())
        yield Fault(check="audit-rbac-mutation-verbs-incomplete", message=f"changes of rolebindings differ: {said}")


def _level(policy: AuditPolicy, verb: str, resource: str, group: str = "", subresource: str = "") -> AuditLevel:
    return recorded(policy, probe(verb, resource, group, subresource)).level


def _leaves_none(policy: AuditPolicy, resource: str, verbs: tuple[str, ...], group: str = "") -> str:
    """Return the verbs that leave no trace; empty where all do."""
    return ", ".join(verb for verb in verbs if not recorded(policy, probe(verb, resource, group)).is_written)


def _list_everywhere(policy: AuditPolicy) -> str:
    everywhere = replace(probe("list", "secrets"), namespace="")
    return "" if recorded(policy, everywhere).is_written else "list over all namespaces"


def probe(verb: str, resource: str, group: str = "", subresource: str = "") -> AuditRequest:
    """Return a request of somebody of whom no policy speaks."""
    nameless = verb in _NAMELESS and not subresource
    return replace(
        _SOMEBODY,
        verb=verb,
        resource=resource,
        group=group,
        subresource=subresource,
        name="" if nameless else _SOMEBODY.name,
    )
