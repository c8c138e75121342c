"""The API server's flags, beside those of encryption, etcd and audit: CIS Kubernetes Benchmark 1.12, section 1.2."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from netsim.posture.commandlines import Flags
from netsim.posture.etcd import is_weak
from netsim.posture.faults import Fault

#: Flags that are wrong where they are absent from a command line that is whole: one of each row has to be there.
_NEEDED = (
    ("apiserver-tls-cert-missing", ("tls-cert-file", "tls-private-key-file")),
    ("apiserver-client-ca-missing", ("client-ca-file",)),
    ("apiserver-account-key-missing", ("service-account-key-file",)),
    ("apiserver-kubelet-cert-missing", ("kubelet-client-certificate", "kubelet-client-key")),
    ("apiserver-kubelet-ca-missing", ("kubelet-certificate-authority",)),
)
#: What is shown of an excerpt as left out.
_TELLING = ("authorization-mode", "encryption-provider-config", "etcd-cafile", "tls-cert-file", "client-ca-file")
_PROTECTING = frozenset({"ServiceAccount", "NamespaceLifecycle", "PodSecurity"})
_FALSE = frozenset({"false", "False", "FALSE", "0", "f", "F"})
#: Flags that name files that the API server has to find.
_FILES = (
    "audit-policy-file",
    "audit-webhook-config-file",
    "client-ca-file",
    "encryption-provider-config",
    "etcd-cafile",
    "etcd-certfile",
    "etcd-keyfile",
    "admission-control-config-file",
    "tls-cert-file",
    "tls-private-key-file",
)


def flag_faults(flags: Flags, *, whole: bool, inside_pod: bool) -> Iterator[Fault]:
    """Yield what is wrong with the flags.

    Args:
        whole: Whether a flag that is not there has its default.
        inside_pod: Whether a static pod starts it, which mounts the files.
    """
    yield from _of_values(flags)
    if not whole:
        lacking = [f"--{name}" for name in _TELLING if name not in flags.values]
        if lacking and "etcd-servers" not in flags.values:
            yield Fault(check="apiserver-flags-incomplete", message=f"has no {', '.join(lacking)}")
    else:
        yield from _of_absence(flags)
    if not inside_pod and (files := [f"--{name}" for name in (*_FILES, "audit-log-path") if flags.get(name)]):
        yield Fault(check="apiserver-static-pod-mounts", message=f"names files by {', '.join(files)}")


def _of_values(flags: Flags) -> Iterator[Fault]:
    yield from _of_authorization(flags)
    yield from _of_admission(flags)
    if flags.is_on("anonymous-auth"):
        yield _fault("apiserver-anonymous-auth", "anonymous-auth")
    if flags.get("token-auth-file"):
        yield _fault("apiserver-token-auth-file", "token-auth-file")
    if flags.get("service-account-lookup") in _FALSE:
        yield _fault("apiserver-account-lookup-off", "service-account-lookup")
    if weak := [suite for suite in flags.urls("tls-cipher-suites") if is_weak(suite)]:
        yield _fault("apiserver-weak-cipher", "tls-cipher-suites", f"allows {', '.join(weak)}")
    if flags.get("tls-min-version") in ("VersionTLS10", "VersionTLS11"):
        yield _fault("apiserver-old-tls", "tls-min-version", f"is {flags.get('tls-min-version')}")
    if flags.get("insecure-port", "0") != "0" or flags.get("insecure-bind-address"):
        yield _fault("apiserver-insecure-port", "insecure-port")


def _of_authorization(flags: Flags) -> Iterator[Fault]:
    modes = flags.urls("authorization-mode")
    if "AlwaysAllow" in modes:
        yield _fault("apiserver-authorization-always-allow", "authorization-mode", f"is {','.join(modes)}")
    elif modes:
        if "Node" not in modes:
            yield _fault("apiserver-no-node-authorizer", "authorization-mode", f"is {','.join(modes)}")
        if "RBAC" not in modes:
            yield _fault("apiserver-no-rbac", "authorization-mode", f"is {','.join(modes)}")


def _of_admission(flags: Flags) -> Iterator[Fault]:
    if "AlwaysAdmit" in flags.urls("enable-admission-plugins"):
        yield _fault("apiserver-admission-always-admit", "enable-admission-plugins")
    if off := sorted(_PROTECTING.intersection(flags.urls("disable-admission-plugins"))):
        yield _fault("apiserver-admission-disabled", "disable-admission-plugins", f"holds {', '.join(off)}")


def _of_absence(flags: Flags) -> Iterator[Fault]:
    if not {"authorization-mode", "authorization-config"} & flags.values.keys():
        message = "has no --authorization-mode, whose default is AlwaysAllow"
        yield Fault(check="apiserver-authorization-always-allow", message=message)
    if not {"anonymous-auth", "authentication-config"} & flags.values.keys():
        yield Fault(check="apiserver-anonymous-auth", message="has no --anonymous-auth, whose default is true")
    if "NodeRestriction" not in flags.urls("enable-admission-plugins"):
        yield Fault(check="apiserver-no-node-restriction")
    if flags.get("profiling") not in _FALSE:
        yield Fault(check="apiserver-profiling", message="has no --profiling=false: it is on by default")
    if flags.get("service-account-extend-token-expiration") not in _FALSE:
        yield Fault(check="apiserver-token-extension")
    for check, names in _NEEDED:
        if lacking := [f"--{name}" for name in names if not flags.get(name)]:
            yield Fault(check=check, message=f"has no {' and no '.join(lacking)}")


def _fault(check: str, flag: str, message: str = "") -> Fault:
    return Fault(check=check, path=(flag,), message=message)


def mount_faults(flags: Flags, mounted: Sequence[str]) -> Iterator[Fault]:
    """Yield each file that the flags name and that nothing mounted holds."""
    log = flags.get("audit-log-path")
    for name in (*_FILES, *(["audit-log-path"] if log not in ("", "-") else [])):
        file = flags.get(name)
        if file.startswith("/") and not any(PurePosixPath(file).is_relative_to(each) for each in mounted):
            yield _fault("apiserver-file-not-mounted", name, f"is {file}, and no volume is mounted there")
