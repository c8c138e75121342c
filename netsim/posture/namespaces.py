"""Namespaces and what of Pod Security is enforced in them; PodSecurityPolicies, which nothing enforces."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from netsim.ingest.document import Path
from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import PodSpec
from netsim.ir.podsecurity import KeysRule, Level
from netsim.knowledge import pod_security
from netsim.posture.faults import Fault, items, mapping
from netsim.posture.podsecurity import minor_of
from netsim.posture.podsecurityadmission import (
    LATEST,
    PREFIX,
    Asked,
    Exemptions,
    Mode,
    NamespacePolicy,
    is_version,
    policy_of,
)

_CONFIGURATION = "PodSecurityConfiguration"
_CONTROLLERS = "system:serviceaccount:kube-system:"
_LEVELS = {level.label: level for level in Level}


def defaults_of(manifests: Iterable[Manifest]) -> tuple[NamespacePolicy, Exemptions]:
    """Return what the input's configuration of the plugin says: its defaults and exemptions; those built in if none."""
    for manifest in manifests:
        for _, written in _configurations(manifest):
            return _defaults(mapping(written.get("defaults"))), exemptions_of(mapping(written.get("exemptions")))
    return NamespacePolicy(), Exemptions()


def _configurations(manifest: Manifest) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield each configuration of the plugin, and where it stands."""
    if manifest.kind == _CONFIGURATION:
        yield (), manifest.body
    elif manifest.kind == "AdmissionConfiguration":
        for number, plugin in enumerate(items(manifest.body.get("plugins"))):
            if mapping(plugin).get("name") == "PodSecurity":
                yield ("plugins", number, "configuration"), mapping(mapping(plugin).get("configuration"))


def _defaults(written: Mapping[str, Any]) -> NamespacePolicy:
    """Return what the valid ones say; ``configuration_faults`` tells of the others, with which no server starts."""

    def asked(mode: str) -> Asked:
        level, version = written.get(mode), written.get(f"{mode}-version")
        return Asked(
            level=_LEVELS.get(str(level), Level.PRIVILEGED),
            version=version if isinstance(version, str) and is_version(version) else LATEST,
        )

    return NamespacePolicy(enforce=asked("enforce"), audit=asked("audit"), warn=asked("warn"))


def _refused(defaults: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the defaults with which the API server does not start."""
    for field, value in defaults.items():
        mode, _, version = field.partition("-")
        if mode not in {each.value for each in Mode} or version not in ("", "version"):
            message = "is no field of the defaults: the API server does not start"
        elif value in (None, "") or (is_version(str(value)) if version else value in _LEVELS):
            continue
        else:
            message = f"is {value}, which is none: the API server does not start"
        yield Fault(check="pod-security-defaults-invalid", path=("defaults", field), message=message)


def exemptions_of(written: Mapping[str, Any]) -> Exemptions:
    """Return whom a configuration exempts."""
    return Exemptions(
        usernames=frozenset(map(str, items(written.get("usernames")))),
        namespaces=frozenset(map(str, items(written.get("namespaces")))),
        runtime_classes=frozenset(map(str, items(written.get("runtimeClasses")))),
    )


def labels_of(manifest: Manifest) -> Mapping[str, str]:
    """Return the labels of an object that are texts."""
    labels = mapping(mapping(manifest.body.get("metadata")).get("labels"))
    return {str(key): value for key, value in labels.items() if isinstance(value, str)}


def namespace_faults(labels: Mapping[str, str], defaults: NamespacePolicy, *, version: str) -> Iterator[Fault]:
    """Yield what is wrong with the Pod Security labels of a namespace.

    Args:
        version: That of the cluster.
    """
    policy = policy_of(labels, defaults)
    for label in policy.invalid:
        message = f"is {labels[label]}, which is none"
        yield Fault(check="namespace-label-invalid", path=("metadata", "labels", label), message=message)
    enforced = PREFIX + "enforce"
    if policy.enforce.level > Level.PRIVILEGED:
        newest = min(minor_of(version), pod_security().newest)
        pinned = minor_of(policy.enforce.version)
        if pinned < newest and (later := _later(policy.enforce.level, pinned, newest)):
            message = f"is {policy.enforce.version}: {', '.join(later)} came or changed since"
            path = ("metadata", "labels", f"{enforced}-version")
            yield Fault(check="namespace-version-pinned", path=path, message=message)
    elif enforced in labels:
        yield Fault(check="namespace-privileged", path=("metadata", "labels", enforced))
    else:
        message = "has no label pod-security.kubernetes.io/enforce, and nothing else enforces a level"
        yield Fault(check="namespace-no-pod-security", message=message)


def _later(level: Level, old: int, new: int) -> list[str]:
    known = [each for each in pod_security().controls if each.level <= level]
    return [each.id for each in known if each.at(old) != each.at(new)]


def configuration_faults(manifest: Manifest) -> Iterator[Fault]:
    """Yield what is wrong with the defaults and the exemptions of a configuration of the plugin."""
    for path, written in _configurations(manifest):
        for fault in _refused(mapping(written.get("defaults"))):
            yield replace(fault, path=(*path, *fault.path))
        exempt = exemptions_of(mapping(written.get("exemptions")))
        for name in sorted(exempt.usernames):
            if name.startswith((_CONTROLLERS, "system:kube-controller-manager")):
                message = f"exempts {name}: so is whoever may make what it turns into pods"
                yield Fault(check="pod-security-exemption", message=message)


def closest_level(spec: Mapping[str, Any]) -> Level:
    """Return the strictest level whose controls a PodSecurityPolicy demanded, but for those of SELinux.

    Source: kubernetes.io/docs/reference/access-authn-authz/psp-to-pod-security-standards.
    """
    volumes = set(map(str, items(spec.get("volumes"))))
    added = {
        str(each) for field in ("allowedCapabilities", "defaultAddCapabilities") for each in items(spec.get(field))
    }
    if (
        any(spec.get(field) is True for field in ("privileged", "hostNetwork", "hostPID", "hostIPC"))
        or any(items(spec.get(field)) for field in ("hostPorts", "allowedUnsafeSysctls"))
        or volumes & {"*", "hostPath"}
        or not added <= _admitted("capabilities_baseline")
        or not set(items(spec.get("allowedProcMountTypes"))) <= _admitted("procMount")
    ):
        return Level.PRIVILEGED
    is_strict = (
        mapping(spec.get("runAsUser")).get("rule") == "MustRunAsNonRoot"
        and "ALL" in items(spec.get("requiredDropCapabilities"))
        and spec.get("allowPrivilegeEscalation") is False
        and added <= _admitted("capabilities_restricted")
        and volumes <= _admitted("restrictedVolumes")
    )
    return Level.RESTRICTED if is_strict else Level.BASELINE


def _admitted(control: str) -> frozenset[Any]:
    """Return the values, or the keys, that the newest revision of a control admits."""
    newest = next(each for each in pod_security().controls if each.id == control).revisions[-1]
    found: set[Any] = set()
    for rule in newest.rules:
        found |= set(rule.keys if isinstance(rule, KeysRule) else getattr(rule, "allowed", None) or ())
    return frozenset(found)


def removed_faults(manifest: Manifest) -> Iterator[Fault]:
    """Yield that a PodSecurityPolicy does nothing, with the level that is closest to it."""
    level = closest_level(mapping(manifest.body.get("spec"))).label
    yield Fault(
        check="pod-security-policy-removed",
        message=f"is no longer enforced; the closest Pod Security level is {level}",
        hint=f"label the namespaces that it was for pod-security.kubernetes.io/enforce: {level}",
    )


def namespaces_of(manifests: Iterable[Manifest], specs: Iterable[PodSpec]) -> dict[str, Manifest | PodSpec]:
    """Return each namespace that is declared or holds pods: its object, or the first pod that names it."""
    found: dict[str, Manifest | PodSpec] = {}
    for spec in specs:
        found.setdefault(spec.namespace, spec)
    for manifest in manifests:
        if manifest.kind == "Namespace" and not manifest.group:
            found[manifest.name] = manifest
    return found
