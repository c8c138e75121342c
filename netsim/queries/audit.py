"""What an audit policy records of one request."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, NotRequired, TypedDict

from netsim.errors import UsageError
from netsim.ingest.manifests import Manifest
from netsim.ir.access import Request
from netsim.ir.audit import AuditLevel, AuditRequest, Recorded
from netsim.ir.place import Place
from netsim.ir.shapes import PlaceShape
from netsim.posture.auditloader import loader_faults
from netsim.posture.auditpolicy import policy_of, recorded
from netsim.queries.answer import Answer

_READS = frozenset({"get", "list", "watch"})
#: Resources whose bodies hold credentials: in what is sent, and in what comes back.
_SENT = frozenset({("", "secrets", ""), ("authentication.k8s.io", "tokenreviews", "")})
_RETURNED = _SENT | {("", "serviceaccounts", "token")}


class AuditRequestShape(TypedDict):
    """A request, for a resource or for a path."""

    user: str | None
    groups: list[str]
    verb: str
    path: NotRequired[str]
    group: NotRequired[str]
    resource: NotRequired[str]
    subresource: NotRequired[str]
    namespace: NotRequired[str]
    name: NotRequired[str]


class AuditTraceShape(PlaceShape):
    """What is written of a request: at which level, by which rule, the parts of an event; those that leak secrets."""

    request: AuditRequestShape
    level: Annotated[str, tuple(level.label for level in AuditLevel)]
    rule: int | None
    stages: list[str]
    fields: list[str]
    leaks: list[str]


@dataclass(frozen=True, kw_only=True)
class AuditTrace(Answer):
    """What is written of a request; true in a condition iff something is.

    Attributes:
        recorded: Level, rule, stages.
        place: The rule that decides; the policy where none does.
        leaks: The parts that carry credentials: ``requestObject``, ``responseObject``.
    """

    kind: ClassVar[str] = "AuditTrace"

    request: AuditRequest
    recorded: Recorded
    place: Place
    leaks: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.recorded.is_written

    @property
    def fields(self) -> tuple[str, ...]:
        """The parts of an event that are written."""
        if not self.recorded.is_written:
            return ()
        parts = ["user", "verb", "requestURI", "objectRef", "sourceIPs", "responseStatus"]
        if self.recorded.level >= AuditLevel.REQUEST:
            parts.append("requestObject")
        if self.recorded.level >= AuditLevel.REQUEST_RESPONSE:
            parts.append("responseObject")
        return tuple(parts)

    def facts(self) -> AuditTraceShape:
        """Return the trace as JSON values."""
        return {
            "request": _request_dict(self.request),
            "level": self.recorded.level.label,
            "rule": self.recorded.rule,
            "stages": [stage.value for stage in self.recorded.stages],
            "fields": list(self.fields),
            "leaks": list(self.leaks),
            "file": self.place.file or None,
            "line": self.place.line or None,
        }


def _request_dict(asked: AuditRequest) -> AuditRequestShape:
    shape: AuditRequestShape = {"user": asked.user, "groups": sorted(asked.groups), "verb": asked.verb}
    if asked.resource is None:
        return {**shape, "path": asked.path}
    return {
        **shape,
        "group": asked.group,
        "resource": asked.resource,
        "subresource": asked.subresource,
        "namespace": asked.namespace,
        "name": asked.name,
    }


def audit_trace(manifest: Manifest, request: Request, *, user: str, groups: tuple[str, ...] = ()) -> AuditTrace:
    """Return what a policy records of a request.

    Args:
        groups: Those of the user, beside ``system:authenticated``.

    Raises:
        UsageError: The API server refuses the policy.
    """
    if refused := next(iter(loader_faults(manifest.body)), None):
        raise UsageError(f"{manifest.place()}: the API server refuses this policy: {refused.message}")
    asked = AuditRequest(
        verb=request.verb,
        user=user,
        groups=frozenset({*groups, "system:authenticated", *_of_account(user)}),
        path=request.path,
        group=request.group,
        resource=request.resource or None,
        subresource=request.subresource,
        namespace=request.namespace,
        name=request.name,
    )
    found = recorded(policy_of(manifest.body), asked)
    place = manifest.place(() if found.rule is None else ("rules", found.rule))
    return AuditTrace(request=asked, recorded=found, place=place, leaks=_leaks(asked, found))


def _of_account(user: str) -> tuple[str, ...]:
    parts = user.split(":")
    is_account = parts[:2] == ["system", "serviceaccount"] and len(parts) == 4
    return ("system:serviceaccounts", f"system:serviceaccounts:{parts[2]}") if is_account else ()


def _leaks(asked: AuditRequest, found: Recorded) -> tuple[str, ...]:
    if not found.is_written:
        return ()
    key = (asked.group, asked.resource or "", asked.subresource)
    sent = found.level >= AuditLevel.REQUEST and key in _SENT and asked.verb not in _READS
    returned = found.level >= AuditLevel.REQUEST_RESPONSE and key in _RETURNED
    return tuple(part for part, holds in (("requestObject", sent), ("responseObject", returned)) if holds)
