"""Namespaces and what of Pod Security is enforced in them; PodSecurityPolicies, which nothing enforces."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import PodSpec
from netsim.ir.podsecurity import Level
from netsim.knowledge import pod_security
from netsim.posture.faults import Fault, items, mapping
from netsim.posture.podsecurity import minor_of
from netsim.posture.podsecurityadmission import PREFIX, Asked, Exemptions, NamespacePolicy, policy_of

_CONFIGURATION = "PodSecurityConfiguration"
_CONTROLLERS = "system:serviceaccount:kube-system:"
_LEVELS = {level.label: level for level in Level}


def defaults_of(manifests: Iterable[Manifest]) -> tuple[NamespacePolicy, Exemptions]:
    """Return what the input's configuration of the plugin says: its defaults and exemptions; those built in if none."""
    for manifest in manifests:
        for written in _configurations(manifest):
            return _defaults(mapping(written.get("defaults"))), exemptions_of(mapping(written.get("exemptions")))
    return NamespacePolicy(), Exemptions()


def _configurations(manifest: Manifest) -> Iterator[Mapping[str, Any]]:
    if manifest.kind == _CONFIGURATION:
        yield manifest.body
    elif manifest.kind == "AdmissionConfiguration":
        for plugin in items(manifest.body.get("plugins")):
            if mapping(plugin).get("name") == "PodSecurity":
                yield mapping(mapping(plugin).get("configuration"))


def _defaults(written: Mapping[str, Any]) -> NamespacePolicy:
    def asked(mode: str) -> Asked:
        level = _LEVELS.get(str(written.get(mode)), Level.PRIVILEGED)
        return Asked(level=level, version=str(written.get(f"{mode}-version") or "latest"))

    return NamespacePolicy(enforce=asked("enforce"), audit=asked("audit"), warn=asked("warn"))


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
    """Yield what is wrong with the exemptions of a configuration of the plugin."""
    for written in _configurations(manifest):
        exempt = exemptions_of(mapping(written.get("exemptions")))
        for name in sorted(exempt.usernames):
            if name.startswith((_CONTROLLERS, "system:kube-controller-manager")):
                message = f"exempts {name}: so is whoever may make what it turns into pods"
                yield Fault(check="pod-security-exemption", message=message)


def closest_level(spec: Mapping[str, Any]) -> Level:
    """Return the strictest level that asks for no more than a PodSecurityPolicy did."""
    refused = ("privileged", "hostNetwork", "hostPID", "hostIPC")
    if any(spec.get(field) is True for field in refused) or "hostPath" in items(spec.get("volumes")):
        return Level.PRIVILEGED
    if "*" in items(spec.get("volumes")) and not items(spec.get("allowedHostPaths")):
        return Level.PRIVILEGED
    if items(spec.get("allowedCapabilities")) or items(spec.get("hostPorts")):
        return Level.PRIVILEGED
    demands = mapping(spec.get("runAsUser")).get("rule") == "MustRunAsNonRoot"
    drops = "ALL" in items(spec.get("requiredDropCapabilities"))
    is_strict = demands and drops and spec.get("allowPrivilegeEscalation") is False
    return Level.RESTRICTED if is_strict else Level.BASELINE


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
