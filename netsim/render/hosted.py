"""Places as code hosts want them: a path from the root of the repository, and a line of the file there."""

import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

from netsim.ir.finding import Finding
from netsim.render.catalogue import catalogue

#: What a kustomization is called, where it has the first of its three names.
_KUSTOMIZATION = "kustomization.yaml"


def told(found: Finding) -> str:
    """Return a finding as a sentence that stands by itself.

    Those of a diff and of intents name all that they are about; the others say something of their object.
    """
    return found.message if found.code in catalogue("diff", "intents") else f"{found.object}: {found.message}"


class Spot(NamedTuple):
    """A path from the root of the repository, with ``/``, and a line from 1; 0 where no line is meant."""

    path: str
    line: int


def spot(file: str, line: int) -> Spot | None:
    """Return where a code host shows a place; None for what is no file: standard input, a dict.

    Of ``git:REV:PATH`` it is the path. What kustomize or helm rendered has no lines in the repository: it is the
    kustomization, or the template.
    """
    if not file or file.startswith("<"):
        return None
    tool, _, rest = file.partition(":")
    if tool in ("kustomize", "helm"):
        path = _without_revision(rest)
        return Spot(_from_root(f"{path}/{_KUSTOMIZATION}" if tool == "kustomize" else path), 0)
    return Spot(_from_root(_without_revision(file)), line)


def _without_revision(file: str) -> str:
    return file.split(":", 2)[2] if file.startswith("git:") and file.count(":") > 1 else file


def _from_root(path: str) -> str:
    """Return a path from the root of the repository that holds the current folder; as it is where it lies outside."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - links are not followed: the host shows the link
    root = _root(Path.cwd())
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else whole.as_posix()


@cache
def _root(folder: Path) -> Path:
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)
