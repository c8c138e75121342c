"""How the programs of the control plane are started: by static pods, units, scripts, kubeadm, or files of their own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from netsim.ingest.artifacts import Artifact, ArtifactKind
from netsim.ingest.document import Document, Path
from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import Container, PodSpec, mappings, pod_specs, text
from netsim.ir.place import Place
from netsim.knowledge import etcd_options
from netsim.posture.commandlines import Flags, commands, flags_of, of_environment
from netsim.posture.environments import assigned, environment_files, exported, is_environment
from netsim.posture.faults import About, InText, Within, items, subject
from netsim.posture.kubeadm import by_kubeadm

ETCD, API_SERVER = "etcd", "kube-apiserver"
PROGRAMS = frozenset({ETCD, API_SERVER})
_PREFIX = "ETCD_"
#: Switches that take no following value.
SWITCHES: frozenset[str] = frozenset(
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
        whole: Whether these are all of its flags, and not an excerpt.
        spec: The static pod, where it is one.
        mounted: What that mounts, or one that kubeadm would make; None where no pod is known.
    """

    program: str
    flags: Flags
    about: About
    whole: bool = True
    spec: PodSpec | None = None
    mounted: tuple[str, ...] | None = None


def started(manifests: Sequence[Manifest], artifacts: Iterable[Artifact]) -> Iterator[Started]:
    """Yield every start of etcd and of the API server that the inputs describe."""
    for spec in pod_specs(manifests):
        for container in spec.containers:
            yield from _of_container(container, spec)
    for manifest in manifests:
        if manifest.kind == "ClusterConfiguration":
            yield from _of_kubeadm(manifest)
    texts = [each for each in artifacts if each.kind is ArtifactKind.COMMANDS]
    files = {each.name: assigned(each.text) for each in texts if is_environment(each.text)}
    taken = {name for each in texts for name in environment_files(each.text)}
    for artifact in texts:
        if artifact.name not in files or artifact.name not in taken:
            yield from _of_text(artifact, files)


def _of_container(container: Container, spec: PodSpec) -> Iterator[Started]:
    words = [str(each) for each in (*items(container.body.get("command")), *items(container.body.get("args")))]
    program = _program(words, text(container.body, "image"))
    if program is None:
        return
    arguments = words[1:] if words and words[0].rpartition("/")[2] == program else words
    if script := next((word for word in words if " --" in word), None):
        arguments = next((found for _, name, found in commands(script, PROGRAMS) if name == program), arguments)
    variables = {text(each, "name"): text(each, "value") for each in mappings(container.body, "env")}
    flags = with_environment(flags_of(program, arguments, SWITCHES), variables)
    about = _Arguments(subject=f"{program} of {subject(spec.manifest)}", container=container, spec=spec)
    mounted = tuple(text(each, "mountPath") for each in mappings(container.body, "volumeMounts"))
    yield Started(program=program, flags=flags, about=about, spec=spec, mounted=mounted)


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


def with_environment(flags: Flags, variables: Mapping[str, str]) -> Flags:
    """Return the flags of a program with those that its environment variables stand for; they count for etcd alone."""
    if flags.program != ETCD:
        return flags
    given = of_environment(ETCD, _PREFIX, variables).values
    known = {name: value for name, value in given.items() if name in etcd_options().flags}
    twice = tuple(sorted(known.keys() & flags.values.keys()))
    return replace(flags, values={**known, **flags.values}, twice=twice)


def _of_text(artifact: Artifact, files: Mapping[str, Mapping[str, str]]) -> Iterator[Started]:
    """Yield the starts in a text; ``files`` are the environment files of the input, by their names."""
    written = artifact.text
    variables: dict[str, str] = {}
    for name in environment_files(written):
        variables |= files.get(name, {})
    variables |= exported(written)
    starts = list(commands(written, PROGRAMS))
    if not starts and is_environment(written):
        starts, variables = [(1, ETCD, [])], dict(files[artifact.name])
    for line, program, arguments in starts:
        flags = with_environment(flags_of(program, arguments, SWITCHES), variables)
        if not flags.values:
            continue  # no more than its name: `systemctl restart etcd`
        about = InText(subject=f"{program} in {artifact.name}", file=artifact.file, line=line)
        # Without this flag the API server does not start: whoever left it out shows a part of the flags.
        whole = program == ETCD or "etcd-servers" in flags.values
        yield Started(program=program, flags=flags, about=about, whole=whole)


def _of_kubeadm(manifest: Manifest) -> Iterator[Started]:
    for each in by_kubeadm(manifest):
        program = each.flags.program
        about = Within(subject=f"{program} of {subject(manifest)}", manifest=manifest, path=each.path)
        yield Started(program=program, flags=each.flags, about=about, mounted=each.mounted)


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
