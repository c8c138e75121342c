"""The user's own git, asked and never told: nothing is fetched, locked or changed."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Nothing is fetched (a partial clone would), nothing is locked, and messages are not translated.
ENVIRONMENT = {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
#: What a hook of git sets, and what would make a submodule's git ask the repository around it.
_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")


class GitError(Exception):
    """Git cannot answer: why, and the way out."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.why, self.hint = why, hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository: the one around the current folder, or a submodule of it.

    Attributes:
        options: What git is told to find it: ``-C FOLDER``, ``--git-dir FOLDER``; nothing for the current one.
    """

    options: tuple[str, ...] = ()

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a question."""
        return ["git", *self.options, *arguments]

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment to ask in."""
        own = {name: value for name, value in os.environ.items() if not self.options or name not in _OF_A_HOOK}
        return {**own, **ENVIRONMENT}

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Return what git says.

        Raises:
            GitError: There is no git, or it cannot be asked such a thing.
        """
        try:
            return subprocess.run(self.command(*arguments), capture_output=True, check=False, env=self.environment)  # noqa: S603
        except FileNotFoundError:
            raise GitError("git is not installed", "install git, or name a folder that holds the old state") from None
        except ValueError as error:
            raise GitError(str(error)) from None

    def says(self, *arguments: str) -> str:
        """Return git's answer as a text without its line break; empty where it has none.

        Raises:
            GitError: There is no git.
        """
        answer = self.ask(*arguments)
        return os.fsdecode(answer.stdout).strip() if answer.returncode == 0 else ""


HERE = Repository()


def refusal(answer: subprocess.CompletedProcess[bytes], name: str) -> GitError:
    """Return what git complains of, in its own words, where it was asked for ``REV`` or ``TREE:./path``."""
    told = answer.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
    if "promisor remote" in told:
        return partial(name)
    if told.startswith("not a git repository"):
        return GitError(told, "run netsim inside the repository, or name two folders")
    why, *rest = told.splitlines() or ["git says nothing"]
    return GitError(why, " ".join(filter(None, map(str.strip, rest))))


def partial(name: str) -> GitError:
    """Return what there is to say where a partial clone does not hold all of ``REV`` or ``TREE:./path``."""
    revision, _, _ = name.partition(":")
    hint = f"`git archive {revision} >/dev/null` fetches the rest"
    return GitError("this clone is partial, and does not hold all of it", hint)


def unknown(revision: str) -> GitError:
    """Return what there is to say of a revision that the repository does not hold."""
    return GitError(f"no revision `{revision}` in this repository", _way_to(revision))


def _way_to(revision: str) -> str:
    name = revision.removeprefix("origin/")
    plain = not set(name) & set("~^@{}:")
    if plain and not revision.startswith("origin/") and HERE.says("rev-parse", "--verify", "-q", f"origin/{revision}"):
        return f"this clone has no branch {revision} of its own, but it has `origin/{revision}`: name that"
    if HERE.says("rev-parse", "--is-shallow-repository") != "true":
        fetched = "; `git fetch origin` brings what others have pushed" if HERE.says("remote") else ""
        return f"`git branch --all` lists the branches{fetched}"
    if not plain:
        return f"this clone is shallow: {DEEPEN}"
    fetch = f"git fetch --depth=1 origin +{name}:refs/remotes/origin/{name}"
    return f"this clone is shallow: `{fetch}` brings it as origin/{name}; {IN_WORKFLOWS}"


IN_WORKFLOWS = "in a GitHub workflow, give actions/checkout `fetch-depth: 0`"
DEEPEN = f"`git fetch --unshallow`, or `git fetch --deepen=100`; {IN_WORKFLOWS}"


def merge_base(one: str, other: str) -> str:
    """Return the revision where two parted.

    Raises:
        GitError: Git knows none.
    """
    for revision in (one, other):
        if (answer := HERE.ask("rev-parse", "--verify", "-q", f"{revision}^{{commit}}")).returncode:
            raise refusal(answer, revision) if answer.stderr else unknown(revision)
    answer = HERE.ask("merge-base", one, other)
    if answer.returncode == 0:
        return os.fsdecode(answer.stdout).strip()
    if HERE.says("rev-parse", "--is-shallow-repository") == "true":
        raise GitError("this clone is shallow, and holds no common ancestor of the two", DEEPEN)
    raise refusal(answer, one) if answer.stderr else GitError("they have no common ancestor")


def is_repository(folder: Path) -> bool:
    """Return whether a folder is the top of a repository's files."""
    return (folder / ".git").exists()
