"""``--git BASE..HEAD``: the two states of some paths; and sides that hold nothing."""

from collections.abc import Callable, Sequence
from pathlib import Path

from netsim.errors import MissingProgramError, UsageError

HINT = "write main..HEAD, main...HEAD (since they parted), or main (against the files as they are now)"


def states(revisions: str, paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the inputs before and after.

    ``A..B`` compares two revisions, ``A...B`` the one where they parted with B, ``A`` alone A with the files on disk;
    a side left out is HEAD, as in git.

    Raises:
        UsageError: Git knows no such revisions, or a path is none that has revisions.
        MissingProgramError: Git is not installed.
    """
    base, dots, head = revisions.partition("...")
    if not dots:
        base, dots, head = revisions.partition("..")
    if not base and not head:
        raise UsageError(f"`--git {revisions}` names no revision", hint=HINT)
    for path in paths:
        if path == "-" or path.startswith("git:"):
            raise UsageError(f"`{path}` has no revisions", hint="with --git, name files and folders")
    old, new = base or "HEAD", head or "HEAD"
    if dots == "...":
        old = _parted(old, new)
    return [_at(old, path) for path in paths], [_at(new, path) for path in paths] if dots else list(paths)


def _at(revision: str, path: str) -> str:
    from netsim.ingest import at_revision

    return at_revision(path, revision)


def _parted(one: str, other: str) -> str:
    """Return the merge base of two revisions, shortened as git does."""
    from netsim.ingest.git import GitError, merge_base

    if one.startswith("-") or other.startswith("-"):
        raise UsageError(f"`{one}...{other}` names no revision", hint=HINT)
    try:
        return merge_base(one, other)[:12]
    except GitError as error:
        if error.why == "git is not installed":
            raise MissingProgramError(error.why, hint=error.hint) from None
        raise UsageError(f"cannot tell where `{one}` and `{other}` parted: {error.why}", hint=error.hint) from None


def without_absent(
    old: Sequence[str], new: Sequence[str], note: Callable[[str], None], *, by_revision: bool
) -> tuple[list[str], list[str]]:
    """Return the inputs of two sides without those that one of them does not hold: that side is empty there.

    Where neither side holds one, it stays, to be complained of. A file or folder on disk that is not there at all is a
    slip of the pen, except beside a revision that holds it.
    """
    from netsim.ingest import is_there

    before, after = [], []
    for one, other in zip(old, new, strict=True):
        there = is_there(one), is_there(other)
        empty = [
            side
            for side, held in zip((one, other), there, strict=True)
            if not held and (by_revision or _is_folder(side))
        ]
        if any(there) and empty:
            note(f"{empty[0]} holds nothing to read: that side is empty there")
        before += [one] if there[0] or not any(there) or not empty else []
        after += [other] if there[1] or not any(there) or not empty else []
    return before, after


def _is_folder(source: str) -> bool:
    return source.startswith("git:") or Path(source).is_dir()
