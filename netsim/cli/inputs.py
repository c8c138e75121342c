"""Inputs to Clusters."""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from netsim.cli.progress import Line, progress
from netsim.errors import InputError, Problem, UsageError

if TYPE_CHECKING:
    from netsim.api import Cluster


def load_rights(
    inputs: Sequence[str] | None,
    *,
    kubernetes: str | None,
    defaults: str,
    keep_going: bool,
    verbose: bool,
    quiet: bool,
) -> tuple["Cluster", bool]:
    """Return the cluster of the inputs, for questions about roles and bindings, and whether it is whole.

    Raises:
        InputError: There are problems, and ``keep_going`` is false.
        UsageError: Nothing is known of this release.
    """
    from netsim.api import Cluster
    from netsim.cli import notes
    from netsim.ingest import Manifests, snapshot
    from netsim.knowledge import defaults_of, profile, release

    chosen, manifests = defaults_of(defaults), Manifests()
    version = release(kubernetes) if kubernetes else None
    side = inputs or ["."]
    with _told([side], quiet=quiet):
        found, problems = snapshot(side, keep_going=True, manifests=manifests)
    if problems and not keep_going:
        raise InputError(problems)
    if problems:
        notes.problems(problems, analysed=True)
    if not quiet and not found.bindings:
        notes.warning("the input holds no RoleBinding and no ClusterRoleBinding: nobody is granted anything")
    if verbose:
        notes.unmodelled([found])
    cluster = Cluster(found, profile(), manifests=manifests.all(), release=version, defaults=chosen)
    return cluster, not problems


def load_posture(
    inputs: Sequence[str] | None, *, kubernetes: str | None, keep_going: bool, verbose: bool, quiet: bool
) -> tuple["Cluster", bool]:
    """Return the cluster of the inputs, what is no object among them, and whether it is whole.

    Raises:
        InputError: There are problems, and ``keep_going`` is false.
        UsageError: Nothing is known of this release.
    """
    from netsim.api import Cluster
    from netsim.cli import notes
    from netsim.cli.settings import SETTINGS
    from netsim.ingest import Limits, Manifests, read_artifacts, snapshot, unnamed
    from netsim.knowledge import profile, release

    manifests, own = Manifests(), list[Problem]()
    version = release(kubernetes) if kubernetes else None
    limits = Limits(bytes=SETTINGS.get().max_bytes)
    objects, artifacts, notices = read_artifacts(inputs or ["."], own, limits=limits)
    found, problems = snapshot(objects, keep_going=True, manifests=manifests, limits=limits)
    if every := sorted([*own, *problems]):
        if not keep_going:
            raise InputError(every)
        notes.problems(every, analysed=True)
    if verbose:
        notes.unmodelled([found])
    cluster = Cluster(
        found,
        profile(),
        manifests=manifests.all(),
        release=version,
        artifacts=artifacts,
        notices=(*notices, *manifests.notices()),
    )
    if not quiet and not (cluster.manifests or artifacts):
        named = ", ".join(unnamed(inputs or ["."]))
        notes.warning(f"the input holds no object{f'; of a folder, name what is none: {named}' if named else ''}")
    return cluster, not every


def load(
    *sides: Sequence[str],
    cni: str | None,
    keep_going: bool,
    verbose: bool,
    quiet: bool,
    dns: str | None = None,
    kubernetes: str | None = None,
    whole: bool = False,
) -> tuple[tuple["Cluster", ...], bool]:
    """Return the cluster of each list of inputs, and whether all are whole.

    With ``keep_going``, problems are said and passed over. ``dns`` is the file of what domain names resolve to.
    ``whole`` keeps the objects as they were written, for the questions that need more of them than a Snapshot holds.

    Raises:
        InputError: There are problems, and ``keep_going`` is false; it holds those of every side.
        UsageError: There is no profile ``cni``, or nothing is known of the release ``kubernetes``.
    """
    from netsim.api import Cluster
    from netsim.cli import notes
    from netsim.cli.settings import SETTINGS
    from netsim.ingest import Limits, Manifests, read_names, snapshot
    from netsim.knowledge import DEFAULT_PROFILE, profile, release

    settings = SETTINGS.get()
    chosen = profile(cni or DEFAULT_PROFILE)
    version = release(kubernetes) if kubernetes else None
    problems: set[Problem] = set()
    clusters = []
    with _kept(), _told(sides, quiet=quiet) as line:
        shared = sys.stdin.buffer.read(settings.max_bytes + 1) if sum("-" in side for side in sides) > 1 else None
        of_names: list[Problem] = []
        names = None if dns is None else read_names(Path(dns), of_names)
        problems.update(of_names)
        for side in sides:
            line.at(_reading(side))
            stdin = None if shared is None else BytesIO(shared)
            manifests = Manifests() if whole else None
            found, own = snapshot(
                side,
                keep_going=True,
                stdin=stdin,
                names=names,
                manifests=manifests,
                limits=Limits(bytes=settings.max_bytes),
                cached=settings.cache,
                slow=None if quiet else notes.slow,
            )
            problems.update(own)
            clusters.append(Cluster(found, chosen, manifests=manifests.all() if manifests else (), release=version))
    if problems and not keep_going:
        raise InputError(problems)
    if problems:
        notes.problems(sorted(problems), analysed=True)
    if not quiet:
        _missed(clusters)
    if verbose:
        notes.unmodelled(cluster.snapshot for cluster in clusters)
    return tuple(clusters), not problems


def read_once(given: Sequence[str], places: str) -> None:
    """Refuse to read standard input twice.

    Args:
        given: Everything that is to be read. ``places``: where ``-`` may stand, for the hint.

    Raises:
        UsageError: ``-`` is given more than once.
    """
    if given.count("-") > 1:
        raise UsageError("standard input can be read once only", hint=f"`-` may be {places}")


def _missed(clusters: Sequence["Cluster"]) -> None:
    """Warn of what the inputs hold none of."""
    from netsim.cli import notes

    if not any(cluster.snapshot.pods for cluster in clusters):
        notes.warning("the input holds no pod and no workload")
    elif not any(cluster.snapshot.policies for cluster in clusters):
        notes.warning("the input holds no policy: nothing denies a connection")


@contextmanager
def _told(sides: Sequence[Sequence[str]], *, quiet: bool) -> Iterator[Line]:
    """Show what is read, the first side of it at first; not to who types it, who is not to be overwritten."""
    typed = sys.stdin.isatty() and any("-" in side for side in sides)
    with progress(quiet=quiet or typed) as line:
        line.at(_reading(sides[0]))
        yield line


def _reading(side: Sequence[str]) -> str:
    return f"reading {' '.join('standard input' if each == '-' else each for each in side)}"


@contextmanager
def _kept() -> Iterator[None]:
    """Tell the garbage collector to pass over what is made here from now on: it stays until the process ends."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
