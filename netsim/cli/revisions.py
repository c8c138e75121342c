"""``--git BASE..HEAD``: the two states of some paths."""

import subprocess

from netsim.errors import MissingProgramError, UsageError

HINT = "write main..HEAD, main...HEAD (since they parted), or main (against the files as they are now)"


def states(revisions: str, paths: list[str]) -> tuple[list[str], list[str]]:
    """Return the inputs before and after.

    ``A..B`` compares two revisions, ``A...B`` the one where they parted with B, ``A`` alone A with the files on disk;
    a side left out is HEAD, as in git.

    Raises:
        UsageError: Git knows no such revisions.
        MissingProgramError: Git is not installed.
    """
    base, dots, head = revisions.partition("...")
    if not dots:
        base, dots, head = revisions.partition("..")
    if not base and not head:
        raise UsageError(f"`--git {revisions}` names no revision", hint=HINT)
    if not dots:
        return [f"git:{base}:{path}" for path in paths], paths
    old, new = base or "HEAD", head or "HEAD"
    if dots == "...":
        old = _parted(old, new)
    return [f"git:{old}:{path}" for path in paths], [f"git:{new}:{path}" for path in paths]


def _parted(one: str, other: str) -> str:
    """Return the merge base of two revisions, shortened as git does."""
    if one.startswith("-") or other.startswith("-"):
        raise UsageError(f"`{one}...{other}` names no revision", hint=HINT)
    try:
        # A list, never a shell; which git is the user's own affair.
        found = subprocess.run(["git", "merge-base", one, other], capture_output=True, text=True, check=False)  # noqa: S603, S607
    except FileNotFoundError:
        raise MissingProgramError("git is not installed", hint="install it, or name two folders") from None
    if found.returncode:
        why = found.stderr.strip().removeprefix("fatal: ") or "they have no common ancestor"
        raise UsageError(
            f"cannot tell where `{one}` and `{other}` parted: {why}",
            hint="a shallow clone holds few revisions: git fetch --unshallow",
        )
    return found.stdout.strip()[:12]
