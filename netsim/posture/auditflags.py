"""The API server's flags on audit, and who carries the log away.

Source: CIS Kubernetes Benchmark 1.12, 1.2.16 to 1.2.19 and 3.2.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from netsim.ingest.podspecs import PodSpec, mapping, mappings, text
from netsim.posture.commandlines import Flags
from netsim.posture.faults import Fault
from netsim.posture.podchecks import path_of, tolerates_control_plane

#: What the benchmark asks for at least: days, files, megabytes.
_LEAST = (
    ("audit-max-age", "audit-log-maxage", 30),
    ("audit-max-backup", "audit-log-maxbackup", 10),
    ("audit-max-size", "audit-log-maxsize", 100),
)
#: Megabytes of events that a quiet cluster writes a day, at Metadata.
_QUIET_DAY = 200
_LOG_FOLDERS = ("/var/log", "/var/log/kubernetes", "/var/log/audit", "/var/log/kube-apiserver")
_SINKS = re.compile(r"ELASTIC|OPENSEARCH|LOKI|SPLUNK|GRAYLOG|LOGSTASH|FLUENT", re.IGNORECASE)
_PLAIN_PORTS = frozenset({"9200", "3100", "8088", "24224", "5044", "12201"})
_SECURE = re.compile(r"SCHEME|SSL|TLS", re.IGNORECASE)


def flag_faults(flags: Flags, *, whole: bool) -> Iterator[Fault]:
    """Yield what is wrong with the flags on audit; where they are not all known, only with those that are given."""
    asked = [name for name in flags.values if name.startswith("audit-")]
    if not (whole or asked):
        return
    if not flags.get("audit-policy-file"):
        yield Fault(check="audit-policy-missing", message="has no --audit-policy-file")
    log, webhook = flags.get("audit-log-path"), flags.get("audit-webhook-config-file")
    if not (log or webhook):
        yield Fault(check="audit-log-missing", message="has neither --audit-log-path nor --audit-webhook-config-file")
    if flags.get("audit-log-mode") == "batch":
        yield Fault(check="audit-lossy-mode", path=("audit-log-mode",))
    if not log or log == "-":
        return
    for check, name, least in _LEAST:
        value = _number(flags.get(name))
        if value < least:
            said = f"is {value}" if name in flags.values else "is not set"
            yield Fault(check=check, path=(name,), message=f"{said}, below {least}")
    yield from _of_retention(flags)
    if not webhook:
        message = "has a log and no --audit-webhook-config-file: no event leaves the node by the API server"
        yield Fault(check="audit-log-only-on-node", message=message)


def _number(written: str) -> int:
    return int(written) if written.isdigit() else 0


def _of_retention(flags: Flags) -> Iterator[Fault]:
    days, files, size = (_number(flags.get(name)) for _, name, _ in _LEAST)
    if not (files and size):
        return
    held = (files + 1) * size
    if days and held < days * _QUIET_DAY:
        message = f"keeps about {held / 1000:.1f} GB: {days} days only below {round(held / days)} MB a day"
        yield Fault(check="audit-retention-by-size", message=message)


def shipper_faults(spec: PodSpec) -> Iterator[Fault]:
    """Yield what is wrong with a DaemonSet that carries the logs of nodes away; paths start at the pod."""
    mounted = {
        text(mapping(volume, "hostPath"), "path").rstrip("/")
        for volume in mappings(spec.body, "volumes")
        if "hostPath" in volume
    }
    if spec.kind != "DaemonSet" or not any(_holds_logs(path) for path in mounted):
        return
    if not tolerates_control_plane(spec.body):
        message = "mounts logs of its nodes, and does not tolerate the taint of the control plane"
        yield Fault(check="audit-shipper-misses-control-plane", path=("spec",), message=message)
    for container in spec.containers:
        values = {text(each, "name"): text(each, "value") for each in mappings(container.body, "env")}
        path = (*path_of(container), "env")
        plain = [name for name, value in values.items() if _is_plain(name, value, values)]
        if plain:
            yield Fault(check="log-transport-plaintext", path=path, message=f"sends in the clear: {', '.join(plain)}")
        image = text(container.body, "image").partition("@")[0].removeprefix("docker.io/")
        configured = any("fluent" in text(mount, "mountPath") for mount in mappings(container.body, "volumeMounts"))
        if (
            image.partition(":")[0] == "fluent/fluentd"
            and any(n.startswith("FLUENT_") for n in values)
            and not configured
        ):
            yield Fault(check="log-config-missing", path=path)


def _holds_logs(path: str) -> bool:
    return any(PurePosixPath(folder) == PurePosixPath(path or "/") for folder in (*_LOG_FOLDERS, "/", "/var"))


def _is_plain(name: str, value: str, values: dict[str, str]) -> bool:
    """Does a variable send logs in the clear: by an http address, or by a port that is plain unless told otherwise?"""
    if value.startswith("http://"):
        return True
    secured = any(_SECURE.search(each) and text not in ("", "http", "false") for each, text in values.items())
    return bool(_SINKS.search(name)) and name.endswith("PORT") and value in _PLAIN_PORTS and not secured
