"""What is wrong with a pod: the controls of the standards that it fails, and what they leave out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from netsim.ingest.document import Path, written
from netsim.ingest.podspecs import Container, PodSpec, mapping, mappings, text
from netsim.ir.finding import Severity
from netsim.ir.podsecurity import Level
from netsim.posture.faults import Fault, items
from netsim.posture.podsecurity import Failure, failures

_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_DAY = 24 * 3600
_CREDENTIAL = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PWD|TOKEN|SECRET|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY)$", re.IGNORECASE
)
#: Volumes that a program may write to.
_WRITABLE = frozenset({"emptyDir", "ephemeral", "persistentVolumeClaim", "csi", "hostPath", "nfs", "iscsi"})
_FEW = 5


def pod_of(spec: PodSpec) -> Mapping[str, Any]:
    """Return a pod, or the pod of a template, as ``failures`` reads it."""
    holder: Mapping[str, Any] = spec.manifest.body
    for step in spec.path[:-1]:
        holder = mapping(holder, str(step))
    return {"metadata": mapping(holder, "metadata"), "spec": spec.body}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Accounts by namespace and name: to whom something is granted, and which mount no token unless a pod says so."""

    granted: frozenset[tuple[str, str]] = frozenset()
    silent: frozenset[tuple[str, str]] = frozenset()


def pod_faults(spec: PodSpec, version: str, accounts: Accounts) -> Iterator[Fault]:
    """Yield what is wrong with a pod; paths start at the pod.

    Args:
        version: Of the standards: ``latest`` or ``v1.N``.
        accounts: Those of the input of which something is known.
    """
    yield from _of_standards(spec, version)
    yield from _of_users(spec)
    yield from _of_tokens(spec, accounts)
    yield from _of_volumes(spec)
    yield from _of_placement(spec)
    for container in spec.containers:
        yield from _of_container(container, spec)


def _of_standards(spec: PodSpec, version: str) -> Iterator[Fault]:
    pod = pod_of(spec)
    base = failures(pod, Level.BASELINE, version)
    for failure in base:
        for offence in failure.offences:
            yield Fault(check=failure.control.id, path=offence.path, message=f"is {_shown(offence.value)}")
    known = {failure.control.id for failure in base}
    strict = [each for each in failures(pod, Level.RESTRICTED, version) if each.control.id not in known]
    if strict:
        facts = tuple((each.control.id, _fields(each)) for each in strict)
        named = ", ".join(each.control.id for each in strict)
        yield Fault(check="pod-not-restricted", path=("spec",), message=f"fails {named}", evidence=facts)


def _fields(failure: Failure) -> str:
    paths = [written(offence.path) for offence in failure.offences]
    return ", ".join(paths[:_FEW]) + (f" and {len(paths) - _FEW} more" if len(paths) > _FEW else "")


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return (
            ", ".join(f"{key} {each}" for key, each in value.items() if not isinstance(each, Mapping | list)) or "set"
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    return "set" if isinstance(value, list) else str(value)


def path_of(container: Container) -> Path:
    """Return where a container stands in its pod."""
    return ("spec", container.field, container.index)


def _of_users(spec: PodSpec) -> Iterator[Fault]:
    pod = mapping(spec.body, "securityContext")
    if mapping(spec.body, "os").get("name") == "windows":
        return
    root, unset, waived, loose = list[str](), list[str](), list[str](), list[str]()
    for each in spec.containers:
        own = mapping(each.body, "securityContext")
        demanded = _first(own.get("runAsNonRoot"), pod.get("runAsNonRoot"))
        user = _first(own.get("runAsUser"), pod.get("runAsUser"))
        if demanded is True:
            continue
        open_ = waived if demanded is False else unset
        (root if user == 0 else open_ if user is None else loose).append(each.name)
    inside = Severity.MEDIUM if spec.body.get("hostUsers") is False else None
    if root:
        message = f"has the user 0 for {', '.join(root)}"
        yield Fault(check="pod-runs-as-root", path=("spec",), message=message, severity=inside)
    elif unset or waived:
        told = [f"says neither runAsNonRoot nor runAsUser for {', '.join(unset)}"] if unset else []
        told += [f"sets runAsNonRoot: false and no runAsUser for {', '.join(waived)}"] if waived else []
        message = f"{' and '.join(told)}: the image decides"
        yield Fault(check="pod-runs-as-root", path=("spec",), message=message, severity=inside)
    if loose:
        message = f"sets runAsUser and not runAsNonRoot for {', '.join(loose)}"
        yield Fault(check="pod-nonroot-not-enforced", path=("spec", "securityContext"), message=message)


def _first(own: Any, of_pod: Any) -> Any:
    return of_pod if own is None else own


def _of_tokens(spec: PodSpec, accounts: Accounts) -> Iterator[Fault]:
    said, account = spec.body.get("automountServiceAccountToken"), (spec.namespace, spec.account)
    is_mounted = said is True or (said is None and account not in accounts.silent)
    if is_mounted and account not in accounts.granted:
        message = f"mounts a token of the account {spec.account}, and nothing shows that it is needed"
        yield Fault(check="pod-sa-token-automounted", path=("spec",), message=message)
    for number, volume in enumerate(mappings(spec.body, "volumes")):
        for index, source in enumerate(mappings(mapping(volume, "projected"), "sources")):
            seconds = mapping(source, "serviceAccountToken").get("expirationSeconds")
            if isinstance(seconds, int) and seconds > _DAY:
                path: Path = ("spec", "volumes", number, "projected", "sources", index, "serviceAccountToken")
                yield Fault(check="pod-long-token", path=(*path, "expirationSeconds"), message=f"is {seconds} seconds")


def _of_volumes(spec: PodSpec) -> Iterator[Fault]:
    of_host = {
        text(volume, "name"): text(mapping(volume, "hostPath"), "path")
        for volume in mappings(spec.body, "volumes")
        if "hostPath" in volume
    }
    for container in spec.containers:
        for number, mount in enumerate(mappings(container.body, "volumeMounts")):
            name = text(mount, "name")
            if name in of_host and mount.get("readOnly") is not True:
                message = f"mounts {of_host[name]} of the node writable"
                path = (*path_of(container), "volumeMounts", number)
                yield Fault(check="pod-hostpath-writable", path=path, message=message)


def _of_placement(spec: PodSpec) -> Iterator[Fault]:
    if items(spec.body.get("hostAliases")):
        yield Fault(check="pod-host-aliases", path=("spec", "hostAliases"))
    if spec.body.get("shareProcessNamespace") is True:
        yield Fault(check="pod-shared-processes", path=("spec", "shareProcessNamespace"))
    if tolerates_control_plane(spec.body):
        yield Fault(check="pod-reaches-control-plane", path=("spec", "tolerations"))
    elif any(key in mapping(spec.body, "nodeSelector") for key in _CONTROL_PLANE):
        yield Fault(check="pod-reaches-control-plane", path=("spec", "nodeSelector"))
    priority = text(spec.body, "priorityClassName")
    if priority.startswith("system-") and spec.namespace != "kube-system":
        yield Fault(check="pod-system-priority", path=("spec", "priorityClassName"), message=f"is {priority}")


def tolerates_control_plane(body: Mapping[str, Any]) -> bool:
    """Does a pod tolerate the taint NoSchedule that nodes of the control plane have?"""
    for each in mappings(body, "tolerations"):
        key, operator = text(each, "key"), text(each, "operator") or "Equal"
        effect = text(each, "effect")
        named = key in _CONTROL_PLANE and (operator == "Exists" or not text(each, "value"))
        if (named or (not key and operator == "Exists")) and effect in ("", "NoSchedule"):
            return True
    return False


def _of_container(container: Container, spec: PodSpec) -> Iterator[Fault]:
    path = path_of(container)
    yield from _of_image(text(container.body, "image"), (*path, "image"))
    if container.field != "ephemeralContainers":
        whole = mapping(mapping(spec.body, "resources"), "limits")
        limits = {**whole, **mapping(mapping(container.body, "resources"), "limits")}
        lacking = [each for each in ("memory", "cpu") if limits.get(each) is None]
        if lacking:
            message = f"has no limit of {' and '.join(lacking)}"
            yield Fault(check="pod-no-resource-limits", path=(*path, "resources"), message=message)
    own = mapping(container.body, "securityContext")
    if own.get("readOnlyRootFilesystem") is not True:
        yield Fault(check="pod-writable-root", path=(*path, "securityContext"))
    elif not _writes_somewhere(container, spec):
        yield Fault(check="pod-writable-paths-unknown", path=(*path, "securityContext", "readOnlyRootFilesystem"))
    for number, variable in enumerate(mappings(container.body, "env")):
        if text(variable, "value") and _CREDENTIAL.search(text(variable, "name")):
            message = f"gives {text(variable, 'name')} its value"
            yield Fault(check="pod-secret-in-manifest", path=(*path, "env", number), message=message)


def _of_image(image: str, path: Path) -> Iterator[Fault]:
    if not image or "@" in image:
        return
    name, colon, tag = image.rpartition("/")[2].partition(":")
    if not colon or tag == "latest":
        said = "has no tag, which means latest" if not colon else "is latest"
        yield Fault(check="pod-image-mutable-tag", path=path, message=f"{image} {said}")
    elif name:
        message = f"{image} is a tag, and no digest"
        yield Fault(check="pod-image-mutable-tag", path=path, message=message, severity=Severity.LOW)


def _writes_somewhere(container: Container, spec: PodSpec) -> bool:
    writable = {text(volume, "name") for volume in mappings(spec.body, "volumes") if _WRITABLE & volume.keys()}
    return any(
        text(mount, "name") in writable and mount.get("readOnly") is not True
        for mount in mappings(container.body, "volumeMounts")
    )
