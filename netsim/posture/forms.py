"""What somebody who may create pods would create: each form that takes a node, an account, a Secret.

Every form is one that the API server itself accepts: a container that is privileged, or adds SYS_ADMIN, cannot forbid
the escalation of privileges.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

#: Capabilities of which each alone is a way to the node.
_CAPABILITIES = ("SYS_ADMIN", "SYS_MODULE", "DAC_READ_SEARCH", "SYS_RAWIO", "BPF", "SYS_PTRACE")
#: Paths of the node of which each alone is a way to it.
_PATHS = ("/", "/etc", "/root", "/var/lib/kubelet", "/var/log", "/proc", "/run/containerd/containerd.sock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A way to make a pod worse.

    Attributes:
        name: How it is told.
        pod: What is set in the spec; lists are added to.
        container: What is set in the security context of one container; lists and mappings are replaced.
        among: The list that the container stands in.
        more: What is set in that container beside its security context.
        is_root: Whether it runs as root.
    """

    name: str
    pod: Mapping[str, Any] = field(default_factory=dict)
    container: Mapping[str, Any] = field(default_factory=dict)
    among: str = "containers"
    more: Mapping[str, Any] = field(default_factory=dict)
    is_root: bool = False

    def of(self, pod: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a pod made worse in this way."""
        made = deepcopy(dict(pod))
        spec = made["spec"] = dict(made.get("spec") or {})
        for key, value in self.pod.items():
            spec[key] = [*(spec.get(key) or ()), *value] if isinstance(value, list) else value
        first = dict((spec.get("containers") or [{}])[0])
        own = {**first, **self.more, "securityContext": {**(first.get("securityContext") or {}), **self.container}}
        if self.is_root:
            own["securityContext"] |= {"runAsUser": 0, "runAsNonRoot": False}
            spec["securityContext"] = {**(spec.get("securityContext") or {}), "runAsUser": 0, "runAsNonRoot": False}
        rest = list(spec.get(self.among) or ())
        if self.among == "containers":
            spec["containers"] = [own, *rest[1:]]
        else:
            spec[self.among] = [*rest, {**own, "name": "added"}]
        return made


def node_forms(*, windows: bool) -> Iterator[Form]:
    """Yield the pods that take the node which they run on.

    Args:
        windows: Whether some node may run Windows.
    """
    for among in ("containers", "initContainers"):
        for is_root in (False, True):
            # Where only users other than root are admitted, an image of one's own has a program that is setuid root.
            raised = {"allowPrivilegeEscalation": True}
            yield Form(
                name=f"privileged in {among}",
                container={"privileged": True, **raised},
                among=among,
                is_root=is_root,
            )
            for each in _CAPABILITIES:
                yield Form(
                    name=f"{each} in {among}",
                    container={"capabilities": {"add": [each]}, **raised},
                    pod={"hostPID": True} if each == "SYS_PTRACE" else {},
                    among=among,
                    is_root=is_root,
                )
            yield from _mounting(among, is_root=is_root)
    if windows:
        options = {"windowsOptions": {"hostProcess": True, "runAsUserName": "NT AUTHORITY\\SYSTEM"}}
        yield Form(name="a host process of Windows", pod={"hostNetwork": True}, container=options)


def _mounting(among: str, *, is_root: bool) -> Iterator[Form]:
    # The user need not be root: the sockets of runtimes open to their group.
    group = {"runAsGroup": 0, "allowPrivilegeEscalation": False}
    for path in _PATHS:
        yield Form(
            name=f"hostPath {path} in {among}",
            pod={"volumes": [{"name": "host", "hostPath": {"path": path}}]},
            container=group,
            more={"volumeMounts": [{"name": "host", "mountPath": "/host"}]},
            among=among,
            is_root=is_root,
        )


def account_forms(account: str) -> Iterator[Form]:
    """Yield the pods that hold a token of an account."""
    named = {"serviceAccountName": account, "serviceAccount": account}
    yield Form(name=f"runs as {account}", pod={**named, "automountServiceAccountToken": True})
    source = {"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}
    yield Form(
        name=f"projects a token of {account}",
        pod={**named, "automountServiceAccountToken": False, "volumes": [{"name": "token", **source}]},
        more={"volumeMounts": [{"name": "token", "mountPath": "/token"}]},
    )


def secret_forms(secret: str) -> Iterator[Form]:
    """Yield the pods that hold the values of a Secret."""
    mounts = {"volumeMounts": [{"name": "held", "mountPath": "/held"}]}
    for source in (
        {"secret": {"secretName": secret}},
        {"projected": {"sources": [{"secret": {"name": secret}}]}},
    ):
        (kind,) = source
        yield Form(name=f"mounts {secret} by {kind}", pod={"volumes": [{"name": "held", **source}]}, more=mounts)
    key = {"valueFrom": {"secretKeyRef": {"name": secret, "key": "value"}}}
    yield Form(name=f"has {secret} in env", more={"env": [{"name": "HELD", **key}]})
    yield Form(name=f"has {secret} in envFrom", more={"envFrom": [{"secretRef": {"name": secret}}]})
