"""What an audit policy records of a request.

Source: k8s.io/apiserver ``pkg/audit/policy/checker.go``, and ``pkg/server/filters/longrunning.go``.
"""

from collections.abc import Mapping
from typing import Any

from netsim.ir.audit import AuditLevel, AuditPolicy, AuditRequest, AuditResources, AuditRule, Recorded, Stage
from netsim.posture.faults import items, mapping

_LEVELS = {level.label: level for level in AuditLevel}
_STAGES = {stage.value: stage for stage in Stage}
_ORDINARY = (Stage.REQUEST_RECEIVED, Stage.RESPONSE_STARTED, Stage.RESPONSE_COMPLETE)
_LONG_VERBS = frozenset({"watch", "proxy"})
_LONG_SUBRESOURCES = frozenset({"attach", "exec", "log", "portforward", "proxy"})


def policy_of(written: Mapping[str, Any]) -> AuditPolicy:
    """Return a policy as the API server reads it: fields that it does not know are dropped.

    A level or a stage that is none is read as none; whether the API server would start is the loader's question.
    """
    return AuditPolicy(
        rules=tuple(_rule(mapping(rule)) for rule in items(written.get("rules"))),
        omitted=_stages(written.get("omitStages")),
        omit_managed_fields=bool(written.get("omitManagedFields")),
    )


def _rule(written: Mapping[str, Any]) -> AuditRule:
    return AuditRule(
        level=_LEVELS.get(str(written.get("level")), AuditLevel.NONE),
        users=_texts(written.get("users")),
        groups=_texts(written.get("userGroups")),
        verbs=_texts(written.get("verbs")),
        namespaces=_texts(written.get("namespaces")),
        resources=tuple(_resources(mapping(each)) for each in items(written.get("resources"))),
        urls=_texts(written.get("nonResourceURLs")),
        omitted=_stages(written.get("omitStages")),
        omit_managed_fields=written.get("omitManagedFields"),
    )


def _resources(written: Mapping[str, Any]) -> AuditResources:
    return AuditResources(
        group=str(written.get("group") or ""),
        resources=_texts(written.get("resources")),
        names=_texts(written.get("resourceNames")),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple("" if each is None else str(each) for each in items(value))


def _stages(value: Any) -> frozenset[Stage]:
    return frozenset(_STAGES[each] for each in items(value) if each in _STAGES)


def recorded(policy: AuditPolicy, request: AuditRequest) -> Recorded:
    """Return what is written of a request: the first rule that matches decides, and without one nothing is."""
    for number, rule in enumerate(policy.rules):
        if matches(rule, request):
            return _by(rule, number, policy, request)
    return Recorded(level=AuditLevel.NONE, rule=None, stages=(), omit_managed_fields=None)


def _by(rule: AuditRule, number: int, policy: AuditPolicy, request: AuditRequest) -> Recorded:
    if rule.level is AuditLevel.NONE:
        return Recorded(level=rule.level, rule=number, stages=(), omit_managed_fields=None)
    own = rule.omit_managed_fields
    return Recorded(
        level=rule.level,
        rule=number,
        stages=tuple(stage for stage in _reached(request) if stage not in policy.omitted | rule.omitted),
        omit_managed_fields=(policy.omit_managed_fields if own is None else own)
        if rule.level >= AuditLevel.REQUEST
        else None,
    )


def _reached(request: AuditRequest) -> tuple[Stage, ...]:
    """Return the stages of a request that succeeds; only a long-running one starts to answer before it is complete."""
    long = request.verb in _LONG_VERBS or request.subresource in _LONG_SUBRESOURCES
    return tuple(stage for stage in _ORDINARY if long or stage is not Stage.RESPONSE_STARTED)


def matches(rule: AuditRule, request: AuditRequest) -> bool:
    """Is a request what a rule is about?"""
    if rule.users and request.user not in rule.users:
        return False
    if rule.groups and not request.groups & set(rule.groups):
        return False
    if rule.verbs and request.verb not in rule.verbs:
        return False
    if rule.namespaces or rule.resources:
        return request.resource is not None and _is_about(rule, request, request.resource)
    if rule.urls:
        return request.resource is None and any(covers_path(url, request.path) for url in rule.urls)
    return True


def _is_about(rule: AuditRule, request: AuditRequest, resource: str) -> bool:
    if rule.namespaces and request.namespace not in rule.namespaces:
        return False
    return not rule.resources or any(
        each.group == request.group
        and (
            not each.resources
            or (
                (not each.names or request.name in each.names)
                and any(names_resource(pattern, resource, request.subresource) for pattern in each.resources)
            )
        )
        for each in rule.resources
    )


def names_resource(pattern: str, resource: str, subresource: str) -> bool:
    """Does ``pods``, ``pods/log``, ``*``, ``*/scale`` or ``pods/*`` mean a resource? The last means pods, too."""
    if pattern == "*" or pattern == "/".join(filter(None, (resource, subresource))):
        return True
    if pattern.startswith("*/"):
        return bool(subresource) and subresource == pattern[2:]
    return pattern.endswith("/*") and resource == pattern[:-2]


def covers_path(pattern: str, path: str) -> bool:
    """Does a URL of a rule mean a path? A trailing ``*`` means all that start so."""
    return pattern in ("*", path) or (pattern.endswith("*") and path.startswith(pattern.rstrip("*")))
