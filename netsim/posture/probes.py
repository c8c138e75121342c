"""Pods that are asked of a policy: one that is hardened, and the ways in which it can be made worse, or stay as safe.

Each danger stands in several places, of which a policy that looks at one only lets the others pass.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from netsim.ir.admission import Review

_LISTS = ("containers", "initContainers", "ephemeralContainers")
#: What a danger is in the security context of a container, by its name.
_OF_CONTAINERS: Mapping[str, Mapping[str, Any]] = {
    "privileged": {"privileged": True},
    "privilege escalation": {"allowPrivilegeEscalation": True},
    "added capabilities": {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}},
    "unmasked /proc": {"procMount": "Unmasked"},
}
#: What a danger is in the spec of a pod.
_OF_PODS: Mapping[str, Mapping[str, Any]] = {
    "host network": {"hostNetwork": True},
    "host processes": {"hostPID": True},
    "host IPC": {"hostIPC": True},
    "host path": {"volumes": [{"name": "host", "hostPath": {"path": "/"}}]},
}
ROOT = "root"


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A pod.

    Attributes:
        danger: What it may be refused for; empty of one that is as safe as the hardened one.
        name: How it differs.
        unset: Whether it is dangerous by saying nothing.
    """

    danger: str
    name: str
    pod: Mapping[str, Any]
    unset: bool = False


@cache
def hardened() -> Mapping[str, Any]:
    """Return a pod to which no policy can object that asks for what the level restricted asks for."""
    container = {
        "image": "registry.example.com/probe/app@sha256:" + "0" * 64,
        "resources": {"limits": {"cpu": "100m", "memory": "64Mi"}, "requests": {"cpu": "100m", "memory": "64Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "runAsUser": 1000,
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "probe", "namespace": "probe", "labels": {"app": "probe"}},
        "spec": {
            "automountServiceAccountToken": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 1000,
                "runAsGroup": 3000,
                "fsGroup": 2000,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [{"name": "app", **container}],
        },
    }


@dataclass(frozen=True, kw_only=True)
class Space:
    """A namespace in which probes are asked about, and its labels."""

    name: str
    labels: Mapping[str, str]


PROBE = Space(name="probe", labels={})
SYSTEM = Space(name="kube-system", labels={})


def review_of(pod: Mapping[str, Any], space: Space = PROBE) -> Review:
    """Return the request to create a pod in a namespace."""
    body = {**pod, "metadata": {**pod["metadata"], "namespace": space.name}}
    return _within(Review(group="", version="v1", kind="Pod", namespace="", name="probe", object=body), space)


def _within(review: Review, space: Space) -> Review:
    return replace(review, namespace=space.name, labels={**space.labels, "kubernetes.io/metadata.name": space.name})


def workload(space: Space = PROBE) -> Review:
    """Return the request to create a Deployment in a namespace."""
    pod = hardened()
    spec = {"template": {"metadata": {"labels": {"app": "probe"}}, "spec": pod["spec"]}}
    metadata = {**pod["metadata"], "namespace": space.name}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
    return _within(
        Review(group="apps", version="v1", kind="Deployment", namespace="", name="probe", object=body), space
    )


@cache
def probes() -> tuple[Probe, ...]:
    """Return every probe, those of one danger together."""
    return tuple(_probes())


def _probes() -> Iterator[Probe]:
    yield from _of_root()
    for danger, context in _OF_CONTAINERS.items():
        for field in _LISTS:
            yield Probe(danger=danger, name=f"{danger} in {field}", pod=_with_container(field, context))
    for danger, part in _OF_PODS.items():
        yield Probe(danger=danger, name=danger, pod=_changed(hardened(), part))


def _with_container(field: str, context: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the hardened pod with the context of one container changed; of another list, with one more container."""
    pod = deepcopy(dict(hardened()))
    spec = pod["spec"]
    if field == "containers":
        spec["containers"][0]["securityContext"].update(context)
    else:
        added = deepcopy(spec["containers"][0])
        added["name"] = "added"
        added["securityContext"].update(context)
        spec[field] = [added]
    return pod


def _changed(pod: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    made = deepcopy(dict(pod))
    made["spec"] = {**made["spec"], **part}
    return made


def _of_root() -> Iterator[Probe]:
    """Yield the ways to run as root, and the ways not to: what the pod says, and what a container says."""
    for name, pod, container, field, unset in (
        ("runAsUser 0 of the pod", {"runAsUser": 0}, {}, "containers", False),
        ("runAsUser 0 of a container", {}, {"runAsUser": 0}, "containers", False),
        (
            "runAsUser 0 of a container below 1000 of the pod",
            {"runAsUser": 1000},
            {"runAsUser": 0},
            "containers",
            False,
        ),
        ("runAsUser 0 of an init container", {"runAsUser": 1000}, {"runAsUser": 0}, "initContainers", False),
        ("runAsUser 0 of an ephemeral container", {"runAsUser": 1000}, {"runAsUser": 0}, "ephemeralContainers", False),
        ("runAsNonRoot false of the pod", {"runAsNonRoot": False}, {}, "containers", False),
        (
            "runAsNonRoot false of a container below true of the pod",
            {"runAsNonRoot": True},
            {"runAsNonRoot": False},
            "containers",
            False,
        ),
        ("nothing said of users", {}, {}, "containers", True),
    ):
        yield Probe(danger=ROOT, name=name, pod=_users(pod, container, field), unset=unset)
    for name, pod, container in (
        ("runAsNonRoot true of the pod", {"runAsNonRoot": True}, {}),
        ("runAsNonRoot true of every container", {}, {"runAsNonRoot": True}),
        ("runAsNonRoot true of both", {"runAsNonRoot": True}, {"runAsNonRoot": True}),
    ):
        yield Probe(danger="", name=name, pod=_users(pod, container, "containers"))


def _users(pod: Mapping[str, Any], container: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    made = deepcopy(dict(hardened()))
    spec = made["spec"]
    own = spec["containers"][0]["securityContext"]
    for context in (spec["securityContext"], own):
        for key in ("runAsNonRoot", "runAsUser"):
            context.pop(key, None)
    spec["securityContext"].update(pod)
    if field == "containers":
        own.update(container)
    else:
        added = deepcopy(spec["containers"][0])
        added["name"] = "added"
        added["securityContext"].update(container)
        spec[field] = [added]
    return made
