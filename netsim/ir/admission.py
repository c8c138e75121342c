"""What an admission policy says of an object."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Outcome(Enum):
    """What a rule makes of an object; ``UNKNOWN`` where it could not be evaluated, which is no pass."""

    PASS = "pass"
    FAIL = "fail"
    SKIP = "skip"
    UNKNOWN = "unknown"


class Action(Enum):
    """What is done with an object that fails."""

    DENY = "deny"
    WARN = "warn"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A request to create an object.

    Attributes:
        labels: Those of its namespace.
    """

    group: str
    version: str
    kind: str
    namespace: str
    name: str
    object: Mapping[str, Any]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What one rule says.

    Attributes:
        why: Its message, or why it could not be evaluated.
        action: What is done where the object fails; None where that is what the policy as a whole does.
    """

    rule: str
    outcome: Outcome
    why: str = ""
    action: Action | None = None


class NotEvaluatedError(Exception):
    """A policy, or a part of it, needs what is not there: an engine, the cluster's state, another server."""
