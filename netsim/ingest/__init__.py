"""Text to Snapshot."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import IO

from netsim.errors import InputError, Problem
from netsim.ingest.assemble import assemble
from netsim.ingest.documents import Given, Input, read_documents
from netsim.ingest.limits import DEFAULT_LIMITS, Limits, Problems
from netsim.ingest.manifests import Manifest, Manifests
from netsim.ingest.names import Names, read_names
from netsim.ir.snapshot import Snapshot

__all__ = [
    "DEFAULT_LIMITS",
    "Given",
    "Input",
    "Limits",
    "Manifest",
    "Manifests",
    "Names",
    "assemble",
    "read_documents",
    "read_names",
    "snapshot",
]


def snapshot(
    inputs: Sequence[Input],
    *,
    keep_going: bool = False,
    stdin: IO[bytes] | None = None,
    names: Names | None = None,
    manifests: Manifests | None = None,
    limits: Limits = DEFAULT_LIMITS,
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

    Raises:
        InputError: There are problems, and ``keep_going`` is false.
    """
    problems = Problems(limits)
    with _no_collection():
        documents = read_documents(inputs, problems, stdin=stdin, limits=limits)
        kept = documents if manifests is None else manifests.keep(documents)
        found = replace(assemble(kept, problems), names=names)
    if problems and not keep_going:
        raise InputError(problems.all())
    return found, problems.all()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector still: nothing that is read is cyclic, and to look takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
