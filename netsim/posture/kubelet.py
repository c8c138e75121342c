"""KubeletConfiguration: CIS Kubernetes Benchmark 1.12, section 4.2, as far as a file tells.

What a file leaves out has the default of a file: anonymous requests are refused and authorization is asked, where the
flags of the kubelet would have it the other way round.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from netsim.posture.etcd import is_weak
from netsim.posture.faults import Fault, items, mapping

#: A field whose value is wrong: the row, the field, the values.
_VALUES: tuple[tuple[str, tuple[str, ...], tuple[Any, ...]], ...] = (
    ("kubelet-anonymous", ("authentication", "anonymous", "enabled"), (True,)),
    ("kubelet-always-allow", ("authorization", "mode"), ("AlwaysAllow",)),
    ("kubelet-idle-streams", ("streamingConnectionIdleTimeout",), (0, "0", "0s", "0h0m0s")),
    ("kubelet-iptables-off", ("makeIPTablesUtilChains",), (False,)),
    ("kubelet-no-rotation", ("rotateCertificates",), (False, None)),
    ("kubelet-pids-unlimited", ("podPidsLimit",), (None, -1, 0)),
    ("kubelet-seccomp-default-off", ("seccompDefault",), (False, None)),
    ("kubelet-client-ca-missing", ("authentication", "x509", "clientCAFile"), (None, "")),
)
_OLD_TLS = ("VersionTLS10", "VersionTLS11")


def kubelet_faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with a KubeletConfiguration."""
    for check, path, wrong in _VALUES:
        found = _at(body, path)
        if any(type(found) is type(each) and found == each for each in wrong):
            # What is absent has no place of its own.
            message = "" if found is None else f"is {_shown(found)}"
            yield Fault(check=check, path=() if found is None else path, message=message)
    if body.get("readOnlyPort"):
        yield Fault(check="kubelet-read-only-port", path=("readOnlyPort",), message=f"is {body['readOnlyPort']}")
    if body.get("serverTLSBootstrap") is not True and not (body.get("tlsCertFile") and body.get("tlsPrivateKeyFile")):
        yield Fault(check="kubelet-certificate-missing")
    if weak := [str(each) for each in items(body.get("tlsCipherSuites")) if is_weak(str(each))]:
        yield Fault(check="kubelet-weak-cipher", path=("tlsCipherSuites",), message=f"allows {', '.join(weak)}")
    if body.get("tlsMinVersion") in _OLD_TLS:
        yield Fault(check="kubelet-weak-cipher", path=("tlsMinVersion",), message=f"is {body['tlsMinVersion']}")
    if unsafe := [str(each) for each in items(body.get("allowedUnsafeSysctls"))]:
        message = f"allows {', '.join(unsafe)}"
        yield Fault(check="kubelet-unsafe-sysctls", path=("allowedUnsafeSysctls",), message=message)
    if url := str(body.get("staticPodURL") or ""):
        yield Fault(check="kubelet-static-pods-by-url", path=("staticPodURL",), message=f"is {url}")


def _at(body: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = body
    for step in path:
        found = mapping(found).get(step)
    return found


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
