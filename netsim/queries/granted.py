"""Requests, and the grants that allow them, as JSON."""

from typing import Annotated, TypedDict

from netsim.access.near import Part
from netsim.ir.access import Authority, Grant, Request
from netsim.ir.place import Place
from netsim.ir.shapes import PlaceShape


class RequestShape(TypedDict):
    """A request for a resource; null for none, and for every one."""

    verb: str
    group: str
    resource: str
    subresource: str | None
    namespace: str | None
    name: str | None


class PathShape(TypedDict):
    """A request that is not for a resource."""

    verb: str
    path: str


class ObjectShape(PlaceShape):
    """An object, and where it stands."""

    kind: str
    name: str


_GrantShape = TypedDict("_GrantShape", {"from": str})


class GrantShape(_GrantShape, PlaceShape):
    """The proof of a permission: the rule by its index, in the role ``from``."""

    subject: str
    binding: ObjectShape
    role: ObjectShape
    rule: int


class NearGrantShape(GrantShape):
    """A rule of the subject that all of the request matches but this part."""

    part: Annotated[str, Part]


class DecisionShape(TypedDict):
    """Whether a subject may make a request, and by which authorizer."""

    subject: str
    groups: list[str]
    request: RequestShape | PathShape
    allowed: bool
    by: Annotated[str | None, Authority]
    grants: list[GrantShape]
    near_misses: list[NearGrantShape]


class SubjectShape(TypedDict):
    """A subject, and what allows it; no grant where it is in system:masters."""

    subject: str
    grants: list[GrantShape]


class WhoCanShape(TypedDict):
    """Everybody known who may make a request."""

    request: RequestShape | PathShape
    subjects: list[SubjectShape]


class RuleShape(TypedDict):
    """What a rule grants, and where: null for the whole cluster."""

    namespace: str | None
    verbs: list[str]
    groups: list[str]
    resources: list[str]
    names: list[str]
    urls: list[str]


class PermissionShape(RuleShape, GrantShape):
    """A rule that a subject holds."""


class PermissionsShape(TypedDict):
    """Every rule that a subject holds; ``everything`` for system:masters."""

    subject: str
    groups: list[str]
    everything: bool
    permissions: list[PermissionShape]


def request_dict(request: Request) -> RequestShape | PathShape:
    """Return a request as JSON values."""
    if request.path:
        return {"verb": request.verb, "path": request.path}
    return {
        "verb": request.verb,
        "group": request.group,
        "resource": request.resource,
        "subresource": request.subresource or None,
        "namespace": request.namespace or None,
        "name": request.name or None,
    }


def grant_dict(grant: Grant) -> GrantShape:
    """Return the proof of a permission as JSON values; ``file`` and ``line`` are the rule's."""
    return {
        "subject": str(grant.subject),
        "binding": _object_dict(str(grant.binding), grant.binding.place),
        "role": _object_dict(str(grant.role), grant.role.place),
        "rule": grant.rule.index,
        "from": str(grant.origin),
        **place_dict(grant.rule.place),
    }


def rule_dict(grant: Grant) -> RuleShape:
    """Return what a rule grants, and where, as JSON values."""
    rule = grant.rule
    return {
        "namespace": grant.binding.namespace or None,
        "verbs": list(rule.verbs),
        "groups": list(rule.groups),
        "resources": list(rule.resources),
        "names": list(rule.names),
        "urls": list(rule.urls),
    }


def _object_dict(text: str, place: Place) -> ObjectShape:
    kind, _, name = text.partition(" ")
    return {"kind": kind, "name": name, **place_dict(place)}


def place_dict(place: Place) -> PlaceShape:
    """Return a place as JSON values."""
    return {"file": place.file, "line": place.line or None}
