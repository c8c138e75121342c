"""The areas of posture: what each finds in the inputs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from netsim.errors import InputError, Problem
from netsim.ingest.artifacts import Artifact, ArtifactKind
from netsim.ingest.etcddump import Value, values
from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import PodSpec, pod_specs
from netsim.ir.access import Binding, ServiceAccount, SubjectKind
from netsim.ir.encryption import Provider
from netsim.ir.finding import Check, Finding
from netsim.knowledge import checks
from netsim.posture import apiserver, auditflags, scripts
from netsim.posture.admission import admission
from netsim.posture.auditlint import audit_faults, beyond_faults
from netsim.posture.certificates import Held, certificate_faults, certificates
from netsim.posture.commandlines import Flags
from netsim.posture.controlplane import API_SERVER, ETCD, Configured, Started, configured, started
from netsim.posture.dockerfiles import dockerfile_faults
from netsim.posture.encryption import at_rest
from netsim.posture.encryption import flag_faults as encryption_flag_faults
from netsim.posture.encryptionresources import of_key
from netsim.posture.etcd import Etcd, apiserver_faults, etcd_faults, refusals
from netsim.posture.faults import Fault, InText, Within, findings, subject
from netsim.posture.kubelet import kubelet_faults
from netsim.posture.namespaces import (
    configuration_faults,
    defaults_of,
    labels_of,
    namespace_faults,
    namespaces_of,
    removed_faults,
)
from netsim.posture.podchecks import Accounts, pod_faults

_ENCRYPTION_FLAG = "encryption-provider-config"


class Area(StrEnum):
    """A part of posture; ``FILES`` are scripts and Dockerfiles, which no part of its own asks for."""

    RBAC = "rbac"
    PODSEC = "podsec"
    ADMISSION = "admission"
    ENCRYPTION = "encryption"
    ETCD = "etcd"
    AUDIT = "audit"
    FILES = "files"


#: The catalogues that the findings of each area come from; those of RBAC are a table of their own.
CATALOGUES: Mapping[Area, tuple[str, ...]] = {
    Area.PODSEC: ("pods",),
    Area.ADMISSION: ("admission",),
    Area.ENCRYPTION: ("encryption",),
    Area.ETCD: ("etcd", "apiserver", "kubelet", "certificates"),
    Area.AUDIT: ("audit",),
    Area.FILES: ("files",),
}


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What posture looks at.

    Attributes:
        version: Of Kubernetes, as the standards are pinned: ``v1.37``.
        now: With a time zone.
    """

    manifests: Sequence[Manifest]
    artifacts: Sequence[Artifact] = ()
    accounts: Sequence[ServiceAccount] = ()
    bindings: Sequence[Binding] = ()
    version: str
    now: datetime

    @cached_property
    def specs(self) -> tuple[PodSpec, ...]:
        """Every pod and template of pods."""
        return tuple(pod_specs(self.manifests))

    @cached_property
    def started(self) -> tuple[Started, ...]:
        """How programs of the control plane are started."""
        return tuple(started(self.manifests, self.artifacts))

    @cached_property
    def etcd_files(self) -> tuple[Configured, ...]:
        """The configuration files of etcd."""
        return tuple(configured(self.artifacts))

    def of(self, *kinds: str) -> Iterator[Manifest]:
        """Yield the objects of some kinds."""
        return (each for each in self.manifests if each.kind in kinds)

    def texts(self, kind: ArtifactKind) -> Iterator[tuple[Artifact, InText]]:
        """Yield the artifacts of a kind, each with what its findings are about."""
        for each in self.artifacts:
            if each.kind is kind:
                noun = {ArtifactKind.COMMANDS: "script", ArtifactKind.DUMP: "dump"}.get(kind, kind.value)
                yield each, InText(subject=f"{noun} {each.name}", file=each.file)


def podsec(given: Inputs) -> Iterator[Finding]:
    """Yield what is wrong with pods and namespaces."""
    catalogue = checks("pods")
    accounts = _accounts(given)
    for spec in given.specs:
        faults = pod_faults(spec, given.version, accounts)
        about = Within(subject=subject(spec.manifest), manifest=spec.manifest, path=spec.path[:-1])
        yield from findings(faults, about, catalogue)
    defaults, exempt = defaults_of(given.manifests)
    for name, declared in namespaces_of(given.manifests, given.specs).items():
        if name in exempt.namespaces:
            continue
        manifest = declared if isinstance(declared, Manifest) else declared.manifest
        labels = labels_of(manifest) if isinstance(declared, Manifest) else {}
        about = Within(subject=f"Namespace {name}", manifest=manifest)
        yield from findings(namespace_faults(labels, defaults, version=given.version), about, catalogue)
    for manifest in given.of("PodSecurityConfiguration", "AdmissionConfiguration"):
        yield from findings(configuration_faults(manifest), manifest, catalogue)
    for manifest in given.of("PodSecurityPolicy"):
        yield from findings(removed_faults(manifest), manifest, catalogue)


def _accounts(given: Inputs) -> Accounts:
    granted = {
        (each.namespace, each.name)
        for binding in given.bindings
        if not binding.shipped
        for each in binding.subjects
        if each.kind is SubjectKind.ACCOUNT
    }
    silent = {(each.namespace, each.name) for each in given.accounts if each.automount is False}
    return Accounts(granted=frozenset(granted), silent=frozenset(silent))


def encryption(given: Inputs) -> Iterator[Finding]:
    """Yield what is wrong with encryption at rest."""
    catalogue = checks("encryption")
    has_kms = False
    configurations = list(given.of("EncryptionConfiguration", "EncryptionConfig"))
    for manifest in configurations:
        found = at_rest(manifest.body)
        has_kms |= any(provider.kind == "kms" for entry in found.entries for provider in entry.providers)
        yield from findings((*found.refused, *found.faults), manifest, catalogue)
    for each in given.started:
        if each.program == API_SERVER and (each.whole or _ENCRYPTION_FLAG in str(each.flags.values)):
            yield from findings(encryption_flag_faults(each.flags.values), each.about, catalogue)
    yield from _misplaced(given, catalogue)
    for artifact, about in given.texts(ArtifactKind.COMMANDS):
        yield from findings(scripts.key_faults(artifact.text, has_kms=has_kms), about, catalogue)
    for artifact, about in given.texts(ArtifactKind.DUMP):
        try:
            held = list(values(artifact.data))
        except (ValueError, KeyError, TypeError) as error:
            message = f"no dump of etcd: {error}"
            raise InputError([Problem(file=artifact.file, code="NS102", message=message)]) from error
        yield from findings(_dump_faults(held, configurations), about, catalogue)


def _misplaced(given: Inputs, catalogue: Mapping[str, Check]) -> Iterator[Finding]:
    """Yield that a configuration of encryption is given to etcd, and to no API server."""
    servers = [each for each in given.started if each.program == API_SERVER]
    is_given = any(each.flags.get(_ENCRYPTION_FLAG) for each in servers)
    places = [(file.about, path) for file in given.etcd_files for path in _paths_to(file.body, _ENCRYPTION_FLAG)]
    places += [
        (each.about, (name,))
        for each in given.started
        for name in each.flags.values
        if each.program == ETCD and name.endswith(_ENCRYPTION_FLAG)
    ]
    for about, path in places:
        faults = [Fault(check="config-path", path=path, message="is no option of etcd, which encrypts nothing")]
        if not is_given:
            message = "goes to etcd, and no kube-apiserver of the input has --encryption-provider-config"
            faults.append(Fault(check="flag-missing", path=path, message=message))
        yield from findings(faults, about, catalogue)


def _paths_to(body: Mapping[str, object], name: str, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    for key, value in body.items():
        if str(key).endswith(name):
            yield (*at, str(key))
        elif isinstance(value, Mapping):
            yield from _paths_to(value, name, (*at, str(key)))


def _dump_faults(dump: Sequence[Value], configurations: Sequence[Manifest]) -> Iterator[Fault]:
    """Yield the objects of a dump of etcd that are in plain text, or that no provider reads, by resource."""
    plain: dict[str, list[str]] = {}
    unread: dict[str, list[str]] = {}
    covered = [at_rest(manifest.body) for manifest in configurations]
    known: dict[str, set[str]] = {}
    for value in dump:
        resource = of_key(value.key)
        if not resource:
            continue
        if not value.provider:
            plain.setdefault(resource, []).append(value.key)
            continue
        if resource not in known:
            known[resource] = {
                name for found in covered for each in found.providers(resource) for name in _prefixes(each)
            }
        if covered and value.provider not in known[resource]:
            unread.setdefault(f"{resource} by {value.provider}", []).append(value.key)
    for resource, keys in sorted(plain.items()):
        providers = [each for found in covered for each in found.providers(resource)]
        if resource == "secrets" or any(each.encrypts for each in providers[:1]):
            message = f"has {len(keys):,} in plain text, {keys[0]} among them"
            yield Fault(check="never-rewritten", path=(resource,), message=message)
    for stored, keys in sorted(unread.items()):
        message = f"has {len(keys):,}, {keys[0]} among them, and no provider of that resource has that key"
        yield Fault(check="other-key-in-dump", path=(stored,), message=message)


def _prefixes(provider: Provider) -> Iterator[str]:
    if provider.kind == "kms":
        yield f"kms:{provider.version}:{provider.name}"
    yield from (f"{provider.kind}:v1:{key.name}" for key in provider.keys)


def etcd(given: Inputs) -> Iterator[Finding]:
    """Yield what is wrong with etcd, with the API server's flags, with kubelets, and with certificates."""
    catalogue = {name: check for area in CATALOGUES[Area.ETCD] for name, check in checks(area).items()}
    cluster_ca = next((ca for each in given.started if (ca := each.flags.get("client-ca-file"))), "")
    for each in given.started:
        match each.program:
            case "etcd":
                yield from findings(_of_etcd(each, cluster_ca), each.about, catalogue)
            case "kube-apiserver":
                yield from findings(_of_api_server(each), each.about, catalogue)
    for file in given.etcd_files:
        faults = [*etcd_faults(Etcd(flags=_beside(given), file=file.body, cluster_ca=cluster_ca))]
        yield from findings(faults, file.about, catalogue)
    for manifest in given.of("KubeletConfiguration"):
        yield from findings(kubelet_faults(manifest.body), manifest, catalogue)
    yield from _certificates(given, catalogue)


def _beside(given: Inputs) -> Flags:
    """Return the flags of an etcd that the input starts beside its file: with a file they count for nothing."""
    own = [each.flags for each in given.started if each.program == ETCD]
    return own[0] if len(own) == 1 else Flags(program=ETCD)


def _of_etcd(each: Started, cluster_ca: str) -> Iterator[Fault]:
    if each.flags.get("config-file"):
        # Of its file nothing is known here; the flags count for nothing.
        others = sorted(each.flags.values.keys() - {"config-file"})
        if others:
            yield Fault(check="etcd-flags-ignored-by-config-file", message=f"passed over: {', '.join(others)}")
        return
    yield from refusals(each.flags)
    yield from etcd_faults(Etcd(flags=each.flags, cluster_ca=cluster_ca))
    if each.flags.get("cert-file") and not {"tls-min-version", "cipher-suites"} & each.flags.values.keys():
        yield Fault(check="etcd-tls-min-version-unset", message="has neither --tls-min-version nor --cipher-suites")


def _of_api_server(each: Started) -> Iterator[Fault]:
    yield from apiserver.flag_faults(each.flags, whole=each.whole, inside_pod=each.mounted is not None)
    if each.mounted is not None:
        yield from apiserver.mount_faults(each.flags, each.mounted)
    if each.whole:
        yield from apiserver_faults(each.flags)
    else:
        yield from (fault for fault in apiserver_faults(each.flags) if fault.path)


def _certificates(given: Inputs, catalogue: Mapping[str, Check]) -> Iterator[Finding]:
    held: list[Held] = []
    for artifact, about in given.texts(ArtifactKind.CERTIFICATES):
        for found in certificates(artifact.data, artifact.file):
            if isinstance(found, Fault):
                yield from findings([found], about, catalogue)
            else:
                held.append(found)
    for each in held:
        certificate = InText(subject=each.subject, file=each.file, line=each.line)
        yield from findings(certificate_faults(each, held, given.now), certificate, catalogue)
    made: dict[str, str] = {}
    for artifact, about in given.texts(ArtifactKind.COMMANDS):
        yield from findings(scripts.openssl_faults(artifact.text), about, catalogue)
        made |= {file: artifact.name for file, _ in scripts.made(artifact.text).files}
    if any(file.endswith((".crt", ".pem", ".cert")) for file in made):
        yield from _never_made(given, made, catalogue)


def _never_made(given: Inputs, made: Mapping[str, str], catalogue: Mapping[str, Check]) -> Iterator[Finding]:
    """Yield the certificates and keys that flags name and that the scripts, which make others of them, do not make."""
    for each in given.started:
        named = {
            name: file.rpartition("/")[2]
            for name, file in each.flags.values.items()
            if name.endswith(("cert-file", "key-file", "ca-file", "certfile", "keyfile"))
        }
        lacking = sorted(name for name, file in named.items() if file not in made)
        if lacking and len(lacking) < len(named):
            by, makers = ", ".join(f"--{name}" for name in lacking), ", ".join(sorted(set(made.values())))
            message = f"names by {by} what {makers} does not make"
            yield from findings([Fault(check="cert-peer-never-generated", message=message)], each.about, catalogue)


def audit(given: Inputs) -> Iterator[Finding]:
    """Yield what is wrong with audit policies, with the flags on audit, and with who carries the log away."""
    catalogue = checks("audit")
    policies = [each for each in given.of("Policy") if each.group == "audit.k8s.io"]
    gaps: set[str] = set()
    for manifest in policies:
        faults = list(audit_faults(manifest.body))
        gaps |= {
            catalogue[fault.check].code
            for fault in faults
            if fault.check.endswith(("not-logged", "no-catch-all", "invalid-policy"))
        }
        yield from findings((*faults, *beyond_faults(manifest.body)), manifest, catalogue)
    for each in given.started:
        if each.program == API_SERVER:
            faults = list(auditflags.flag_faults(each.flags, whole=each.whole))
            if gaps and each.flags.get("audit-policy-file"):
                message = f"the policy of the input leaves gaps: {', '.join(sorted(gaps))}"
                faults.append(Fault(check="audit-policy-narrow", path=("audit-policy-file",), message=message))
            yield from findings(faults, each.about, catalogue)
    for spec in given.specs:
        about = Within(subject=subject(spec.manifest), manifest=spec.manifest, path=spec.path[:-1])
        yield from findings(auditflags.shipper_faults(spec), about, catalogue)


def files(given: Inputs) -> Iterator[Finding]:
    """Yield what is wrong with scripts and Dockerfiles."""
    catalogue = checks("files")
    for artifact, about in given.texts(ArtifactKind.COMMANDS):
        yield from findings(scripts.script_faults(artifact.text), about, catalogue)
    for artifact, about in given.texts(ArtifactKind.DOCKERFILE):
        yield from findings(dockerfile_faults(artifact.text, given.now), about, catalogue)


#: What finds the findings of an area; RBAC's are those of access.
AREAS: Mapping[Area, Callable[[Inputs], Iterable[Finding]]] = {
    Area.PODSEC: podsec,
    Area.ADMISSION: lambda given: admission(given.manifests),
    Area.ENCRYPTION: encryption,
    Area.ETCD: etcd,
    Area.AUDIT: audit,
    Area.FILES: files,
}
