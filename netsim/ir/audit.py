"""An audit policy as it was written, a request, and what of it is recorded."""

from dataclasses import dataclass
from enum import Enum, IntEnum


class AuditLevel(IntEnum):
    """How much of a request is recorded; the greater, the more."""

    NONE = 0
    METADATA = 1
    REQUEST = 2
    REQUEST_RESPONSE = 3

    @property
    def label(self) -> str:
        """As a policy writes it."""
        return "".join(word.capitalize() for word in self.name.split("_"))


class Stage(Enum):
    """When an event is written."""

    REQUEST_RECEIVED = "RequestReceived"
    RESPONSE_STARTED = "ResponseStarted"
    RESPONSE_COMPLETE = "ResponseComplete"
    PANIC = "Panic"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditResources:
    """Resources of one API group; none listed stands for the whole group, none named for every object."""

    group: str = ""
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRule:
    """One rule: whom and what it is about, and how much it records. An empty list asks nothing."""

    level: AuditLevel
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    resources: tuple[AuditResources, ...] = ()
    urls: tuple[str, ...] = ()
    omitted: frozenset[Stage] = frozenset()
    omit_managed_fields: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPolicy:
    """Rules, of which the first that matches a request decides; ``omitted`` holds for all of them."""

    rules: tuple[AuditRule, ...]
    omitted: frozenset[Stage] = frozenset()
    omit_managed_fields: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """A request as the audit filter sees it: before impersonation.

    Attributes:
        user: None where authentication failed.
        resource: None for a request to a path.
        namespace: Empty for cluster-scoped objects, and for lists over all namespaces.
        name: Empty where the request has none, as a create.
    """

    verb: str
    user: str | None = None
    groups: frozenset[str] = frozenset()
    path: str = ""
    group: str = ""
    resource: str | None = None
    subresource: str = ""
    namespace: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is written of a request.

    Attributes:
        rule: The number of the rule that decided, from 0; None where none matched.
        stages: The stages at which an event is written, in their order, of a request that neither panics nor fails.
        omit_managed_fields: Whether bodies are stripped of them; None where no body is written.
    """

    level: AuditLevel
    rule: int | None
    stages: tuple[Stage, ...]
    omit_managed_fields: bool | None

    @property
    def is_written(self) -> bool:
        """Does the request leave a trace?"""
        return bool(self.stages)
