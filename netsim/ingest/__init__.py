"""Text to Snapshot."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from netsim.errors import InputError, Problem
from netsim.ingest import cache
from netsim.ingest.artifacts import Artifact, ArtifactKind, read_artifacts, unnamed
from netsim.ingest.assemble import assemble
from netsim.ingest.baseline import read_baseline
from netsim.ingest.documents import Given, Input, Slow, documents_of_files, read_documents
from netsim.ingest.limits import DEFAULT_LIMITS, Limits, Problems
from netsim.ingest.manifests import Manifest, Manifests
from netsim.ingest.names import Names, read_names
from netsim.ingest.presence import at_revision, is_there
from netsim.ingest.rendered import is_rendered
from netsim.ingest.sources import Fetched, Source, fetch, files
from netsim.ir.snapshot import Snapshot
from netsim.ir.still import still

__all__ = [
    "DEFAULT_LIMITS",
    "Artifact",
    "ArtifactKind",
    "Fetched",
    "Given",
    "Input",
    "Limits",
    "Manifest",
    "Manifests",
    "Names",
    "assemble",
    "at_revision",
    "fetch",
    "is_rendered",
    "is_there",
    "read_artifacts",
    "read_baseline",
    "read_documents",
    "read_names",
    "snapshot",
    "unnamed",
]


def snapshot(
    inputs: Sequence[Input],
    *,
    keep_going: bool = False,
    stdin: IO[bytes] | None = None,
    names: Names | None = None,
    manifests: Manifests | None = None,
    limits: Limits = DEFAULT_LIMITS,
    cached: Path | None = None,
    slow: Slow | None = None,
) -> tuple[Snapshot, tuple[Problem, ...]]:
    """Return what the inputs say, and everything that is wrong with them, sorted.

    Args:
        inputs: Paths of files and folders, ``-``, ``git:REV:PATH``, open files, ``Given`` mappings; a later one
            overrides the objects of an earlier one.
        keep_going: Return in spite of problems. Objects whose meaning is in doubt are left out then.
        stdin: What ``-`` reads; the process's standard input where None.
        names: What domain names resolve to, where that is known.
        manifests: Keeps the objects whole, where the question needs more of them than a Snapshot holds.
        limits: How much of an input is read before it is refused.
        slow: Is told of a large file of YAML before it is read.
        cached: A folder of what was read before; not asked where ``manifests``, ``Given`` or rendered inputs are.

    Raises:
        InputError: There are problems, and ``keep_going`` is false.
        UsageError: The folder ``cached`` is open to others, or cannot be written.
    """
    if cached is None or manifests is not None or any(map(_is_made, inputs)):
        found, problems = _read(inputs, stdin, manifests, limits, slow)
    else:
        sources = [each for each in inputs if not isinstance(each, Given)]
        found, problems = _remembered(sources, stdin, limits, slow, cached)
    if problems and not keep_going:
        raise InputError(problems)
    return replace(found, names=names), problems


def _is_made(each: Input) -> bool:
    """Return whether an input is made for the question, and no file: what it holds is not of its content alone."""
    return isinstance(each, Given | Fetched) or (isinstance(each, str) and is_rendered(each))


def _read(
    inputs: Sequence[Input],
    stdin: IO[bytes] | None,
    manifests: Manifests | None,
    limits: Limits,
    slow: Slow | None,
) -> tuple[Snapshot, tuple[Problem, ...]]:
    problems = Problems(limits)
    with still():
        documents = read_documents(inputs, problems, stdin=stdin, limits=limits, slow=slow)
        kept = documents if manifests is None else manifests.keep(documents)
        return assemble(kept, problems), problems.all()


def _remembered(
    inputs: Sequence[Source], stdin: IO[bytes] | None, limits: Limits, slow: Slow | None, folder: Path
) -> tuple[Snapshot, tuple[Problem, ...]]:
    problems = Problems(limits)
    held = [
        (number, *each)
        for number, source in enumerate(inputs)
        for each in files(source, problems, stdin=stdin, limits=limits)
    ]
    key = cache.key_of(held, limits)
    unread = bool(problems)
    with still():
        if not unread and (known := cache.load(folder, key)):
            return known
        found = assemble(documents_of_files(held, problems, limits, slow), problems), problems.all()
        if not unread:  # what could not be read is not of the content
            cache.store(folder, key, found)
    return found
