"""What the Pod Security admission plugin does: the policy of a namespace, exemptions, and each mode's outcome.

Source: k8s.io/pod-security-admission, ``api/helpers.go`` (PolicyToEvaluate) and ``admission/admission.go``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from netsim.ir.podsecurity import Level
from netsim.posture.podsecurity import Failure, failures

PREFIX = "pod-security.kubernetes.io/"
LATEST = "latest"
_VERSION = re.compile(r"v1\.(?:[0-9]|[1-9][0-9]*)")
_LEVELS = {level.label: level for level in Level}


class Mode(Enum):
    """What is done where a pod fails a level."""

    ENFORCE = "enforce"
    AUDIT = "audit"
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A level at a version."""

    level: Level = Level.PRIVILEGED
    version: str = LATEST


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespacePolicy:
    """What each mode asks of the pods of a namespace.

    ``invalid`` are the labels whose values are none, sorted; a server refuses them on a new namespace.
    """

    enforce: Asked = Asked()
    audit: Asked = Asked()
    warn: Asked = Asked()
    invalid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemptions:
    """Whom the plugin does not ask, each an exact text: ``PodSecurityConfiguration.exemptions``."""

    usernames: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    runtime_classes: frozenset[str] = frozenset()

    def of(self, *, user: str, namespace: str, pod: Mapping[str, Any]) -> str | None:
        """Return what a pod is exempt by: ``namespace``, ``user`` or ``runtimeClass``; None where it is not."""
        if namespace in self.namespaces:
            return "namespace"
        if user in self.usernames:
            return "user"
        runtime = (pod.get("spec") or {}).get("runtimeClassName")
        return "runtimeClass" if runtime in self.runtime_classes else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of a request to make a pod, or an object with a pod template.

    Attributes:
        refused_by: The checks of the enforced level that the pod fails; empty for a template, which is admitted.
        warned_by, audited_by: Those that the other modes tell of.
        pods_refused_by: Of a template: the checks that its pods will be refused by.
        exempt: What exempts it, if anything.
    """

    refused_by: tuple[Failure, ...] = ()
    warned_by: tuple[Failure, ...] = ()
    audited_by: tuple[Failure, ...] = ()
    pods_refused_by: tuple[Failure, ...] = field(default=())
    exempt: str | None = None


def policy_of(labels: Mapping[str, str], defaults: NamespacePolicy | None = None) -> NamespacePolicy:
    """Return the policy of a namespace with these labels.

    Args:
        defaults: Those of the cluster's PodSecurityConfiguration; privileged where None.
    """
    cluster = defaults or NamespacePolicy()
    invalid: list[str] = []

    def resolved(mode: Mode, default: Asked, fallback: Level) -> tuple[Asked, bool]:
        """Return what a mode asks, and whether a valid label says the level."""
        level, version = labels.get(PREFIX + mode.value), labels.get(f"{PREFIX}{mode.value}-version")
        found = default.level if level is None else _LEVELS.get(level)
        if found is None:
            invalid.append(PREFIX + mode.value)
        pinned = default.version if version is None else version if is_version(version) else None
        if pinned is None:
            invalid.append(f"{PREFIX}{mode.value}-version")
        asked = Asked(level=fallback if found is None else found, version=LATEST if pinned is None else pinned)
        return asked, level is not None and found is not None

    # An unknown level fails closed where it is enforced, and open where it is only told.
    enforce, is_said = resolved(Mode.ENFORCE, cluster.enforce, Level.RESTRICTED)
    audit, _ = resolved(Mode.AUDIT, cluster.audit, Level.PRIVILEGED)
    warn, _ = resolved(Mode.WARN, cluster.warn, Level.PRIVILEGED)
    if is_said and PREFIX + Mode.WARN.value not in labels and enforce.level > warn.level:
        has_version = f"{PREFIX}{Mode.WARN.value}-version" in labels
        warn = Asked(level=enforce.level, version=warn.version if has_version else enforce.version)
    return NamespacePolicy(enforce=enforce, audit=audit, warn=warn, invalid=tuple(sorted(invalid)))


def is_version(written: str) -> bool:
    """Is it a version as labels and defaults have it: ``latest`` or ``v1.N``?"""
    return written == LATEST or _VERSION.fullmatch(written) is not None


def outcome_of_pod(pod: Mapping[str, Any], policy: NamespacePolicy, *, exempt: str | None = None) -> Outcome:
    """Return what becomes of a request to make a pod, or to change its images."""
    if exempt:
        return Outcome(exempt=exempt)
    refused = _failures(pod, policy.enforce)
    return Outcome(
        refused_by=refused,
        # A refusal carries no warning.
        warned_by=() if refused else _failures(pod, policy.warn),
        audited_by=_failures(pod, policy.audit),
    )


def outcome_of_template(pod: Mapping[str, Any], policy: NamespacePolicy, *, exempt: str | None = None) -> Outcome:
    """Return what becomes of a request to make a controller, and of the pods that it makes afterwards.

    ``enforce`` asks nothing of a template. Its pods come from a controller's own account, which no exemption of the
    user covers.
    """
    later = () if exempt in {"namespace", "runtimeClass"} else _failures(pod, policy.enforce)
    if exempt:
        return Outcome(exempt=exempt, pods_refused_by=later)
    return Outcome(
        warned_by=_failures(pod, policy.warn), audited_by=_failures(pod, policy.audit), pods_refused_by=later
    )


def _failures(pod: Mapping[str, Any], asked: Asked) -> tuple[Failure, ...]:
    return failures(pod, asked.level, asked.version)
