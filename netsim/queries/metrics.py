"""What a monitoring system is told: figures of posture, each with its labels."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from netsim.cluster import Compiled
from netsim.ingest.artifacts import ArtifactKind
from netsim.ingest.podspecs import pod_specs
from netsim.ir.access import Request
from netsim.ir.podsecurity import Level
from netsim.posture.areas import Area
from netsim.posture.certificates import Held, certificates
from netsim.posture.encryption import at_rest
from netsim.posture.podchecks import pod_of
from netsim.posture.podsecurity import failures
from netsim.queries.findings import Findings
from netsim.queries.flowmetrics import Samples, fallen, pairs, unprotected, watched
from netsim.queries.posture import inputs_of
from netsim.queries.rights import who_can


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A family of samples: its name without the prefix, what it measures, and a value for each set of labels."""

    name: str
    help: str
    samples: Samples


#: The digit after NS of each area's codes.
_AREAS = {
    "2": Area.RBAC,
    "3": Area.PODSEC,
    "4": Area.ADMISSION,
    "5": Area.ENCRYPTION,
    "6": Area.ETCD,
    "7": Area.AUDIT,
    "8": Area.FILES,
}
#: What encryption at rest is for.
_RESOURCES = ("secrets", "configmaps")


def metrics(cluster: Compiled, answer: Findings, now: datetime | None = None) -> tuple[Metric, ...]:
    """Return the metrics of a cluster, beside those of the findings of an answer about it."""
    moment = now or datetime.now(tz=UTC)
    return (
        Metric(name="findings", help="Findings by area, severity, check and namespace.", samples=_findings(answer)),
        Metric(
            name="pods_violating", help="Workloads whose pods fail a Pod Security level.", samples=_violating(cluster)
        ),
        Metric(name="secret_readers", help="Subjects that may get Secrets, by namespace.", samples=_readers(cluster)),
        Metric(
            name="encryption_plaintext_resources",
            help="Resources (secrets, configmaps) that are written in plain text, by configuration.",
            samples=_plain(cluster),
        ),
        Metric(
            name="certificate_expiry_seconds",
            help="When certificates expire, in seconds since 1970.",
            samples=dict(_expiry(cluster)),
        ),
        Metric(
            name="unprotected_pods", help="Pods to which no policy limits connections.", samples=unprotected(cluster)
        ),
        Metric(
            name="reachable_pairs",
            help="Pairs of workloads of which one may connect to the other, by namespaces.",
            samples=pairs(cluster),
        ),
        Metric(name="blast_radius", help="What falls to who starts on the internet, by kind.", samples=fallen(cluster)),
        Metric(
            name="audit_coverage_ratio",
            help="Part of the attack steps by requests to the API server that is logged, from 0 to 1.",
            samples=watched(cluster),
        ),
        Metric(
            name="run_timestamp_seconds",
            help="When netsim ran, in seconds since 1970.",
            samples={(): float(int(moment.timestamp()))},
        ),
    )


def _findings(answer: Findings) -> Samples:
    counted = Counter(
        (
            # What follows from several areas together is of none.
            ("area", "all" if found.code.startswith("NS89") else str(_AREAS[found.code[2]])),
            ("severity", str(found.severity)),
            ("check", found.code),
            ("namespace", namespace_of(found.object)),
        )
        for found in answer
    )
    return {labels: float(number) for labels, number in sorted(counted.items())}


def namespace_of(object_: str) -> str:
    """Return the namespace of an object as findings name it: ``Pod shop/web``; empty where it has none."""
    kind, _, name = object_.partition(" ")
    if kind == "Namespace":
        return name
    namespace, slash, rest = name.partition("/")
    return namespace if slash and " " not in name and "/" not in rest else ""


def _violating(cluster: Compiled) -> Samples:
    version = inputs_of(cluster).version
    counted: Counter[tuple[tuple[str, str], ...]] = Counter()
    for spec in pod_specs(cluster.manifests):
        for level in (Level.BASELINE, Level.RESTRICTED):
            labels = (("level", level.label), ("namespace", spec.namespace))
            counted[labels] += bool(failures(pod_of(spec), level, version))
    return {labels: float(number) for labels, number in sorted(counted.items())}


def _readers(cluster: Compiled) -> Samples:
    if not cluster.snapshot.bindings:
        return {}
    requests = {
        name: Request(verb="get", resource="secrets", namespace=name) for name in sorted(cluster.snapshot.namespaces)
    }
    return {
        (("namespace", name),): float(len(who_can(cluster, request).subjects)) for name, request in requests.items()
    }


def _plain(cluster: Compiled) -> Samples:
    found: dict[tuple[tuple[str, str], ...], float] = {}
    for manifest in cluster.manifests:
        if manifest.kind in ("EncryptionConfiguration", "EncryptionConfig"):
            stored = [at_rest(manifest.body).written(resource) for resource in _RESOURCES]
            plain = sum(each is None or each.kind == "identity" for each in stored)
            found[(("file", manifest.place().file),)] = float(plain)
    return found


def _expiry(cluster: Compiled) -> Iterator[tuple[tuple[tuple[str, str], ...], float]]:
    for artifact in cluster.artifacts:
        if artifact.kind is ArtifactKind.CERTIFICATES:
            for each in certificates(artifact.data, artifact.file):
                if isinstance(each, Held):
                    labels = (("cert", each.certificate.subject.rfc4514_string()), ("file", artifact.file))
                    yield labels, each.certificate.not_valid_after_utc.timestamp()
