"""Files as they stood at a git revision, read through the user's git."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, cast

from netsim.errors import Problem
from netsim.ingest.folders import is_manifest, unreadable, without_manifests
from netsim.ingest.limits import Limits, too_large

#: Nothing is fetched (a partial clone would), nothing is locked, and messages are not translated.
_ENVIRONMENT = {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
_UNKNOWN_REVISION = "a shallow clone holds few revisions: `git fetch --unshallow`, or `git fetch origin` the one needed"


_CHUNK = 1 << 20


class _GitError(Exception):
    """Git cannot answer: why, and the way out."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.why, self.hint = why, hint


def git_files(source: str, problems: list[Problem], limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Yield the name (``git:REV:path``) and the bytes of a file, or of the manifests below a folder, at a revision.

    Args:
        source: ``git:REV:PATH``; the path is relative to the current folder, as all paths are.
        problems: NS101 says what cannot be read, NS104 what is too large.
    """
    _, revision, path = (*source.split(":", 2), ".")[:3]
    try:
        tree = _tree(revision)
        root = f"{tree}:./{os.path.relpath(path or '.')}"
        folder = _kind(root, path) == "tree"
        names = _below(root) if folder else [""]
    except _GitError as error:
        problems.append(unreadable(source, error.why, hint=error.hint))
        return
    if not names:
        problems.append(without_manifests(source))
    shown = {name: f"git:{revision}:{PurePosixPath(path, name)}" for name in names}
    yield from _contents({shown[name]: f"{root}/{name}" if folder else root for name in names}, problems, limits)


def _tree(revision: str) -> str:
    if not revision or revision.startswith("-"):
        raise _GitError(f"`{revision}` is no revision", "write git:REV:PATH, such as git:HEAD~1:deploy/")
    answer = _git("rev-parse", "--verify", "--quiet", revision + "^{tree}")
    if answer.returncode == 0:
        return answer.stdout.decode().strip()
    if answer.stderr:
        raise _GitError(_complaint(answer))
    raise _GitError(f"no revision `{revision}` in this repository", _UNKNOWN_REVISION)


def _kind(root: str, path: str) -> str:
    answer = _git("cat-file", "-t", root)
    if answer.returncode:
        raise _GitError(f"no file or folder `{path}` at this revision", "the path is relative to the current folder")
    return answer.stdout.decode().strip()


def _below(root: str) -> list[str]:
    answer = _git("ls-tree", "-r", "-z", "--full-tree", "--name-only", root)
    if answer.returncode:
        raise _GitError(_complaint(answer))
    paths = [PurePosixPath(os.fsdecode(name)) for name in answer.stdout.split(b"\0") if name]
    visible = [p for p in paths if is_manifest(p.name) and not any(part.startswith(".") for part in p.parts[:-1])]
    # The order in which a folder on disk is read.
    return [str(p) for p in sorted(visible, key=lambda p: (p.parts[:-1], p.name))]


def _contents(objects: dict[str, str], problems: list[Problem], limits: Limits) -> Iterator[tuple[str, bytes]]:
    command = ["git", "cat-file", "--batch", "--follow-symlinks"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env={**os.environ, **_ENVIRONMENT}) as process:  # noqa: S603
        asked, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        for shown, name in objects.items():
            if "\n" in name:
                problems.append(unreadable(shown, "its name holds a line break"))
                continue
            asked.write(os.fsencode(name) + b"\n")
            asked.flush()
            *_, kind, size = (b"", b"", *answers.readline().split())
            length = int(size) if size.isdigit() else -1  # no size, no content
            if length > limits.bytes:
                problems.append(too_large(shown, length, limits))
                _skip(answers, length + 1)
                continue
            content = answers.read(length + 1)[:-1]
            if kind == b"blob":
                yield shown, content
            else:
                problems.append(
                    unreadable(shown, "git has it not: a link that leads out of the repository, or not fetched")
                )


def _skip(file: IO[bytes], length: int) -> None:
    while length > 0 and (passed := len(file.read(min(length, _CHUNK)))):
        length -= passed


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], capture_output=True, check=False, env={**os.environ, **_ENVIRONMENT})  # noqa: S603, S607
    except FileNotFoundError:
        raise _GitError("git is not installed", "install git, or name a folder that holds the old state") from None
    except ValueError as error:
        raise _GitError(str(error)) from None


def _complaint(answer: subprocess.CompletedProcess[bytes]) -> str:
    return answer.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
