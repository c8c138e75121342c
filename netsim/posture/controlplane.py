"""How the programs of the control plane are started: by static pods, units, scripts, kubeadm, or files of their own."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netsim.ingest.artifacts import Artifact, ArtifactKind
from netsim.ingest.document import Document, Path
from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import Container, PodSpec, mapping, mappings, pod_specs, text
from netsim.ir.place import Place
from netsim.posture.commandlines import Flags, commands, flags_of, of_environment
from netsim.posture.faults import About, InText, Within, items, subject

ETCD, API_SERVER = "etcd", "kube-apiserver"
PROGRAMS = frozenset({ETCD, API_SERVER})
_PREFIX = "ETCD_"
_VARIABLE = re.compile(r'^\s*(?:Environment=|export\s+)?"?(ETCD_[A-Z_]+)=("?)([^"\n]*)\2', re.MULTILINE)
#: Switches that take no following value.
_SWITCHES: frozenset[str] = frozenset(
    {
        "allow-privileged",
        "anonymous-auth",
        "auto-tls",
        "client-cert-auth",
        "enable-pprof",
        "peer-auto-tls",
        "peer-client-cert-auth",
        "profiling",
        "service-account-lookup",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """One way that a program is started.

    Attributes:
        about: Where that is said.
        whole: Whether these are all of its flags: not of kubeadm, which adds its own, and not of an excerpt.
        spec: The static pod, where it is one.
    """

    program: str
    flags: Flags
    about: About
    whole: bool = True
    spec: PodSpec | None = None


def started(manifests: Sequence[Manifest], artifacts: Iterable[Artifact]) -> Iterator[Started]:
    """Yield every start of etcd and of the API server that the inputs describe."""
    for spec in pod_specs(manifests):
        for container in spec.containers:
            yield from _of_container(container, spec)
    for manifest in manifests:
        if manifest.kind == "ClusterConfiguration":
            yield from _of_kubeadm(manifest)
    for artifact in artifacts:
        if artifact.kind is ArtifactKind.COMMANDS:
            yield from _of_text(artifact)


def _of_container(container: Container, spec: PodSpec) -> Iterator[Started]:
    words = [str(each) for each in (*items(container.body.get("command")), *items(container.body.get("args")))]
    program = _program(words, text(container.body, "image"))
    if program is None:
        return
    arguments = words[1:] if words and words[0].rpartition("/")[2] == program else words
    if script := next((word for word in words if " --" in word), None):
        arguments = next((found for _, name, found in commands(script, PROGRAMS) if name == program), arguments)
    variables = {text(each, "name"): text(each, "value") for each in mappings(container.body, "env")}
    flags = _with_environment(flags_of(program, arguments, _SWITCHES), variables)
    about = _Arguments(subject=f"{program} of {subject(spec.manifest)}", container=container, spec=spec)
    yield Started(program=program, flags=flags, about=about, spec=spec)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arguments:
    """The command line of a container."""

    subject: str
    container: Container
    spec: PodSpec

    def place(self, path: Path = ()) -> Place:
        """Return where a flag stands; the container's command where it is not there."""
        at = (*self.spec.path, self.container.field, self.container.index)
        flag = f"--{path[0]}" if path else ""
        for field in ("command", "args"):
            for index, word in enumerate(items(self.container.body.get(field))):
                if flag and str(word).partition("=")[0] == flag:
                    return self.spec.manifest.place((*at, field, index))
        return self.spec.manifest.place((*at, "command"))


def _program(words: Sequence[str], image: str) -> str | None:
    named = [word.rpartition("/")[2] for word in words[:1]]
    if words and any(" --" in word for word in words):
        named += [name for word in words for _, name, _ in commands(word, PROGRAMS)]
    if not named or named[0].startswith("-"):
        named = [image.rpartition("/")[2].partition("@")[0].partition(":")[0]] if words else []
    return next((name for name in named if name in PROGRAMS), None)


def _with_environment(flags: Flags, variables: Mapping[str, str]) -> Flags:
    if flags.program != ETCD:
        return flags
    # A flag that is given wins.
    return Flags(program=ETCD, values={**of_environment(ETCD, _PREFIX, variables).values, **flags.values})


def _of_text(artifact: Artifact) -> Iterator[Started]:
    written = artifact.text
    variables = {name: value for name, _, value in _VARIABLE.findall(written)}
    for line, program, arguments in commands(written, PROGRAMS):
        flags = _with_environment(flags_of(program, arguments, _SWITCHES), variables)
        if not flags.values:
            continue  # no more than its name: `systemctl restart etcd`
        about = InText(subject=f"{program} in {artifact.name}", file=artifact.file, line=line)
        # Without this flag the API server does not start: whoever left it out shows a part of the flags.
        whole = program == ETCD or "etcd-servers" in flags.values
        yield Started(program=program, flags=flags, about=about, whole=whole)


def _of_kubeadm(manifest: Manifest) -> Iterator[Started]:
    body = manifest.body
    for program, holder, path in (
        (API_SERVER, mapping(body, "apiServer"), ("apiServer", "extraArgs")),
        (ETCD, mapping(mapping(body, "etcd"), "local"), ("etcd", "local", "extraArgs")),
    ):
        if "extraArgs" in holder:
            about = Within(subject=f"{program} of {subject(manifest)}", manifest=manifest, path=path)
            flags = Flags(program=program, values=_arguments(holder["extraArgs"]))
            yield Started(program=program, flags=flags, about=about, whole=False)


def _arguments(written: Any) -> dict[str, str]:
    """Return the flags of ``extraArgs``: a mapping up to v1beta3, a list of names and values from v1beta4 on."""
    if isinstance(written, Mapping):
        return {str(name): str(value) for name, value in written.items()}
    pairs = mappings({"extraArgs": written}, "extraArgs")
    return {text(each, "name"): str(each.get("value", "")) for each in pairs}


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A configuration file of etcd."""

    body: Mapping[str, Any]
    about: About


@dataclass(frozen=True, slots=True, kw_only=True)
class _InFile:
    """A document that is no object."""

    subject: str
    document: Document

    def place(self, path: Path = ()) -> Place:
        """Return where a field stands."""
        return self.document.place(path)


def configured(artifacts: Iterable[Artifact]) -> Iterator[Configured]:
    """Yield every configuration file of etcd."""
    for artifact in artifacts:
        if artifact.document is not None:
            about = _InFile(subject=f"etcd configuration {artifact.name}", document=artifact.document)
            yield Configured(body=artifact.document.tree(), about=about)
