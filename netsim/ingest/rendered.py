"""Kustomizations and Helm charts, rendered by the user's own programs.

Nothing of an input is executed by netsim. The programs run without a shell, with a home of their own and without the
network: what a rendering would fetch is an error, not a surprise.
"""

import os
import re
import signal
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from urllib.parse import parse_qsl

from netsim.errors import Problem
from netsim.ingest.folders import unreadable
from netsim.ingest.git import HERE, GitError, refusal
from netsim.ingest.git_source import parts, tree_of
from netsim.ingest.text import DEFAULT_NAMESPACE

#: Seconds that a rendering may take.
MOST_SECONDS = 120
#: How kubectl says what went wrong: as a line of a log.
_LOGGED = re.compile(r'^[EFIW]\d{4} \S+ +\d+ \S+\] .*\berr="(.*)"$')
#: Lines of a program's complaint that are passed on.
MOST_LINES = 20

KUSTOMIZE, HELM = "kustomize:", "helm:"
#: What stands between a chart and its options.
_OPTIONS = "?"
#: Nobody listens there: a program that wants the network is refused at once.
_NOWHERE = "http://127.0.0.1:9"


class _RenderError(Exception):
    """A rendering that failed: why, and the way out."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.why, self.hint = why, hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One text that came out: its name, its bytes, and the namespace of the objects that name none."""

    file: str
    content: bytes
    namespace: str = DEFAULT_NAMESPACE


def is_rendered(source: str) -> bool:
    """Return whether an input is to be rendered."""
    return source.startswith((KUSTOMIZE, HELM))


def path_of(source: str) -> str:
    """Return the path of an input that is to be rendered, which may be ``git:REV:PATH``."""
    return source.partition(":")[2].partition(_OPTIONS)[0] or "."


def at_revision(source: str, revision: str) -> str:
    """Return the input as it stood at a revision."""
    tool, _, rest = source.partition(":")
    return f"{tool}:git:{revision}:{rest}"


def rendered(source: str, problems: list[Problem]) -> Iterator[Rendered]:
    """Yield what ``kustomize:PATH`` or ``helm:PATH?values=FILE&set=KEY=VALUE&namespace=NAME&release=NAME`` renders to.

    The path may be ``git:REV:PATH``: then that revision is unpacked into a folder of its own, and forgotten again.
    NS101 says what went wrong, with the program's own words.
    """
    path, options = path_of(source), source.partition(_OPTIONS)[2]
    try:
        with _unpacked(path) as (folder, inside):
            if source.startswith(KUSTOMIZE):
                yield from _kustomized(source, inside, options, folder)
            else:
                yield from _helmed(source, inside, options, folder)
    except (GitError, _RenderError) as error:
        problems.append(unreadable(source, error.why, hint=error.hint))


@contextmanager
def _unpacked(path: str) -> Iterator[tuple[Path, str]]:
    """Give the folder to run in and the path from there: the current one, or a copy of it as it was at a revision."""
    if not path.startswith("git:"):
        yield Path(), path
        return
    revision, inside = parts(path)
    tree = tree_of(revision)
    prefix = HERE.says("rev-parse", "--show-prefix")
    # The whole tree: overlays name what stands beside them, and above them.
    top = HERE.says("rev-parse", "--show-toplevel")
    answer = HERE.ask("-C", top, "archive", "--format=tar", tree)
    if answer.returncode:
        raise refusal(answer, revision)
    with TemporaryDirectory(prefix="netsim-") as copy:
        with tarfile.open(fileobj=BytesIO(answer.stdout)) as archive:
            archive.extractall(copy, filter="data")
        folder = Path(copy, prefix)
        folder.mkdir(parents=True, exist_ok=True)
        yield folder, os.path.relpath(inside)


def _kustomized(source: str, path: str, options: str, folder: Path) -> Iterator[Rendered]:
    if options:
        raise _RenderError("a kustomization takes no options", "write kustomize:PATH")
    if not Path(folder, path).is_dir():
        raise _RenderError(f"no folder `{path}`", "name the folder that holds the kustomization")
    yield Rendered(file=source, content=_output([*_kustomize(), _argument(path)], folder))


def _kustomize() -> Sequence[str]:
    """Return the command that renders kustomizations: what the user names, else kustomize, else kubectl."""
    for variable, rest in (("NETSIM_KUSTOMIZE", ["build"]), ("NETSIM_KUBECTL", ["kustomize"])):
        if os.environ.get(variable):
            return [_program(os.environ[variable], variable), *rest]
    if found := which("kustomize"):
        return [found, "build"]
    if found := which("kubectl"):
        return [found, "kustomize"]
    raise _RenderError(
        "neither kustomize nor kubectl is installed",
        "install one of them or name it in NETSIM_KUBECTL; or render first: `kubectl kustomize PATH | netsim ... -`",
    )


def _program(named: str, variable: str) -> str:
    found = which(named)
    if found is None:
        raise _RenderError(f"{variable} names `{named}`, which is no program")
    return os.path.abspath(found)  # noqa: PTH100 - it is run from another folder; links are not followed


_HELM_OPTIONS = ("values", "set", "set-string", "namespace", "release", "kube-version", "api-versions")
_HELM_HINT = "write helm:PATH?values=FILE&set=KEY=VALUE&namespace=NAME&release=NAME, each but the last two repeatedly"


def _helmed(source: str, path: str, options: str, folder: Path) -> Iterator[Rendered]:
    given = parse_qsl(options, keep_blank_values=True, separator="&") if options else []
    unknown = sorted({name for name, _ in given} - {*_HELM_OPTIONS})
    if unknown or any("=" not in each for each in options.split("&") if options):
        raise _RenderError(f"`{unknown[0] if unknown else options}` is no option of a chart", _HELM_HINT)
    last = dict(given)
    namespace, release = last.get("namespace") or DEFAULT_NAMESPACE, last.get("release") or "release-name"
    flags = [f"--{name}={value}" for name, value in given if name not in ("namespace", "release")]
    command = [_helm(), "template", f"--namespace={namespace}", *flags, "--", release, _argument(path)]
    start = HELM + path_of(source)
    for name, content in _templates(_output(command, folder)):
        yield Rendered(file=f"{start}/{name}" if name else start, content=content, namespace=namespace)


def _helm() -> str:
    if named := os.environ.get("NETSIM_HELM"):
        return _program(named, "NETSIM_HELM")
    if found := which("helm"):
        return found
    hint = "install it or name it in NETSIM_HELM; or render first: `helm template PATH | netsim ... -`"
    raise _RenderError("helm is not installed", hint)


_SOURCE = b"# Source: "


def _templates(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of what helm printed, each with its template's path below the chart; lines count from its start.

    So does ``helm template --show-only``. Helm names the template of each document in a comment.
    """
    found: dict[str, list[bytes]] = {}
    for part in content.split(b"\n---\n"):
        text = part.removeprefix(b"---\n")
        first = text.partition(b"\n")[0]
        name = first.removeprefix(_SOURCE).decode() if first.startswith(_SOURCE) else ""
        # The first part of the path is the chart's name, which need not be its folder's.
        found.setdefault(name.partition("/")[2], []).append(text.rstrip(b"\n"))
    for name, texts in found.items():
        yield name, b"".join(b"---\n%s\n" % text for text in texts)


def _argument(path: str) -> str:
    """Return a path that no program takes for an option, or for a name of something on the network."""
    return path if path.startswith(("/", "./", "../")) else f"./{path}"


def _output(command: Sequence[str], folder: Path) -> bytes:
    """Return what a program prints.

    Raises:
        _RenderError: It cannot be run, fails, or takes too long.
    """
    with TemporaryDirectory(prefix="netsim-") as home:
        try:
            status, printed, complaint = _run(command, folder, home)
        except OSError as error:
            raise _RenderError(f"{command[0]} cannot be run: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise _RenderError(f"{_said(command)} took more than {MOST_SECONDS} seconds") from None
    if status:
        raise _RenderError(f"{_said(command)} failed: {_told(complaint)}", _way_out(complaint))
    return printed


def _run(command: Sequence[str], folder: Path, home: str) -> tuple[int, bytes, bytes]:
    """Return a program's exit code and what it prints; whatever it started is gone afterwards."""
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=folder,
        env=_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        start_new_session=True,
    ) as process:
        try:
            printed, complaint = process.communicate(timeout=MOST_SECONDS)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode, printed, complaint


def _said(command: Sequence[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:2]])


def _told(complaint: bytes) -> str:
    lines = [_LOGGED.sub(r"\1", line) for line in complaint.decode(errors="replace").strip().splitlines()]
    lines = lines or ["it says nothing"]
    more = [f"... and {len(lines) - MOST_LINES} lines more"] if len(lines) > MOST_LINES else []
    return "\n    ".join([*lines[:MOST_LINES], *more])


def _way_out(complaint: bytes) -> str:
    if b"unknown flag" in complaint and b"helm" in complaint:
        return "this kubectl is too old for this helm: kustomize of kubectl 1.37 works with helm 4"
    if b"enable-helm" in complaint:
        how = "`kubectl kustomize --enable-helm PATH | netsim ... -`"
        return f"kustomizations with charts of their own are not rendered: {how}"
    if any(word in complaint for word in (b"127.0.0.1:9", b"not allowed", b"missing in charts/", b"dependency build")):
        return "nothing is fetched while netsim renders: keep a copy of what it needs beside it"
    return ""


#: What the programs may see of the user's environment.
_KEPT = ("PATH", "LANG", "SYSTEMROOT", "TZ")


def _environment(home: str) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), _NOWHERE)
    return {
        **kept,
        **proxies,
        "HOME": home,
        "TMPDIR": home,
        "KUBECONFIG": os.devnull,
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
