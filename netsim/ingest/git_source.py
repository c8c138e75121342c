"""Files as they stood at a git revision, read through the user's git: no work tree is touched."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from netsim.errors import Problem
from netsim.ingest.folders import is_manifest, unreadable, without_manifests
from netsim.ingest.git import HERE, GitError, Repository, is_repository, partial, refusal, unknown
from netsim.ingest.limits import Limits, too_large

#: The mode of an entry of a tree that is a commit of a submodule.
_LINK = "160000"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Root:
    """A file or a folder at a revision.

    Attributes:
        name: What git calls it: ``TREE:./path``.
        folder: Where it is in the work tree, if it is there.
    """

    repository: Repository
    name: str
    folder: Path


def git_files(source: str, problems: list[Problem], limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Yield the name (``git:REV:path``) and the bytes of a file, or of the manifests below a folder, at a revision.

    Submodules are read at the commit that the revision has of them, where the clone holds it.

    Args:
        source: ``git:REV:PATH``; the path is relative to the current folder, as all paths are.
        problems: NS101 says what cannot be read, NS104 what is too large.
    """
    revision, path = parts(source)
    try:
        root = _root(revision, path)
        kind = _kind(root)
        start, shown = f"git:{revision}:", PurePosixPath(path)
        if kind == "tree":
            yield from _below(root, start, shown, problems, limits)
        else:
            yield from _contents(root.repository, {f"{start}{shown}": root.name}, problems, limits)
    except GitError as error:
        problems.append(unreadable(source, error.why, hint=error.hint))


def parts(source: str) -> tuple[str, str]:
    """Return the revision and the path of ``git:REV:PATH``."""
    _, revision, path = (*source.split(":", 2), ".")[:3]
    return revision, path or "."


def is_there(source: str, *, manifests: bool = True) -> bool:
    """Return whether a revision holds a path; of a folder, some manifest in it. True also where git cannot tell."""
    revision, path = parts(source)
    try:
        tree_of(revision)
    except GitError:
        return True
    try:
        root = _root(revision, path)
        if _kind(root) != "tree" or not manifests:
            return True
        names, links = _entries(root)
    except GitError:
        return False
    return bool(names or links)


def _root(revision: str, path: str) -> _Root:
    """Return what stands at a path; within a submodule, at the commit that the revision has of it."""
    tree = tree_of(revision)
    relative = os.path.relpath(path)
    root = _Root(repository=HERE, name=f"{tree}:./{relative}", folder=Path(relative))
    if HERE.says("cat-file", "-t", root.name):
        return root
    return _in_submodule(tree, relative) or root


def _in_submodule(tree: str, path: str) -> _Root | None:
    for above in (PurePosixPath(path), *PurePosixPath(path).parents):
        entry = HERE.says("ls-tree", tree, "--", str(above))
        if entry.startswith(_LINK):
            commit = entry.split()[2]
            repository = _submodule(HERE, Path(above), commit)
            return _Root(repository=repository, name=f"{commit}:{_inside(path, above)}", folder=Path(path))
    return None


def _inside(path: str, above: PurePosixPath) -> str:
    inside = str(PurePosixPath(path).relative_to(above))
    return "" if inside == "." else inside


def _submodule(around: Repository, folder: Path, commit: str) -> Repository:
    """Return the repository of a submodule: in its folder, or where git keeps it while the folder is not there.

    Raises:
        GitError: The clone does not hold the commit.
    """
    kept = around.says("rev-parse", "--git-path", f"modules/{folder}")
    candidates: list[tuple[str, ...]] = [("-C", str(folder))] if is_repository(folder) else []
    candidates += [("--git-dir", kept, "--work-tree", ".")] if kept and Path(kept).is_dir() else []
    for options in candidates:
        repository = Repository(options=options)
        if repository.says("cat-file", "-t", commit) == "commit":
            return repository
    hint = f"`git submodule update --init {folder}`, or `git -C {folder} fetch`"
    raise GitError(f"`{folder}` is a submodule, and its commit {commit[:12]} is not in this clone", hint)


def tree_of(revision: str) -> str:
    """Return the tree of a revision.

    Raises:
        GitError: Git knows no such revision.
    """
    if not revision or revision.startswith("-"):
        raise GitError(f"`{revision}` is no revision", "write git:REV:PATH, such as git:HEAD~1:deploy/")
    answer = HERE.ask("rev-parse", "--verify", "--quiet", revision + "^{tree}")
    if answer.returncode == 0:
        return answer.stdout.decode().strip()
    raise refusal(answer, revision) if answer.stderr else unknown(revision)


def _kind(root: _Root) -> str:
    kind = root.repository.says("cat-file", "-t", root.name)
    if not kind:
        shown = os.fspath(root.folder)
        raise GitError(f"no file or folder `{shown}` at this revision", "the path is relative to the current folder")
    return kind


def _below(
    root: _Root, start: str, path: PurePosixPath, problems: list[Problem], limits: Limits
) -> Iterator[tuple[str, bytes]]:
    """Yield the manifests below a folder, those of submodules last; names start with ``start`` and the path."""
    names, links = _entries(root)
    if not names and not links:
        problems.append(without_manifests(f"{start}{path}"))
    objects = {f"{start}{path / name}": _joined(root.name, name) for name in names}
    yield from _contents(root.repository, objects, problems, limits)
    for name, commit in links.items():
        try:
            repository = _submodule(root.repository, root.folder / name, commit)
            inner = _Root(repository=repository, name=f"{commit}:", folder=root.folder / name)
            yield from _below(inner, start, path / name, problems, limits)
        except GitError as error:
            problems.append(unreadable(f"{start}{path / name}", error.why, hint=error.hint))


def _joined(root: str, name: str) -> str:
    return root + name if root.endswith(":") else f"{root}/{name}"


def _entries(root: _Root) -> tuple[list[str], Mapping[str, str]]:
    """Return the manifests below a folder, in the order of a folder on disk, and the submodules with their commits."""
    answer = root.repository.ask("ls-tree", "-r", "-z", "--full-tree", root.name)
    if answer.returncode:
        raise refusal(answer, root.name)
    names: list[PurePosixPath] = []
    links: dict[str, str] = {}
    for entry in answer.stdout.split(b"\0"):
        told, _, name = os.fsdecode(entry).partition("\t")
        path = PurePosixPath(name)
        if not name or any(part.startswith(".") for part in path.parts[:-1]):
            continue
        if told.startswith(_LINK):
            links[name] = told.split()[2]
        elif is_manifest(path.name):
            names.append(path)
    return [str(p) for p in sorted(names, key=lambda p: (p.parts[:-1], p.name))], dict(sorted(links.items()))


def _contents(
    repository: Repository, objects: Mapping[str, str], problems: list[Problem], limits: Limits
) -> Iterator[tuple[str, bytes]]:
    command = repository.command("cat-file", "--batch", "--follow-symlinks")
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere, env=repository.environment) as process:  # noqa: S603
        asked, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        for shown, name in objects.items():
            if "\n" in name:
                problems.append(unreadable(shown, "its name holds a line break"))
                continue
            asked.write(os.fsencode(name) + b"\n")
            asked.flush()
            answer = answers.readline()
            if not answer:  # git ends where it may not fetch what it lacks
                raise partial(name)
            *_, kind, size = (b"", b"", *answer.split())
            length = int(size) if size.isdigit() else -1  # no size, no content
            if length > limits.bytes:
                problems.append(too_large(shown, length, limits))
                _skip(answers, length + 1)
                continue
            content = answers.read(length + 1)[:-1]
            if kind == b"blob":
                yield shown, content
            else:
                problems.append(unreadable(shown, "git has it not: a link that leads out of the repository"))


def _skip(file: IO[bytes], length: int) -> None:
    while length > 0 and (passed := len(file.read(min(length, _CHUNK)))):
        length -= passed
