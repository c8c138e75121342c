"""From inputs to rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, TypedDict

from netsim.errors import InputError, Problem, UsageError
from netsim.fleets.conduct import Engine, Threads
from netsim.fleets.jobs import Examination
from netsim.fleets.members import Inputs, Member, members
from netsim.ingest import DEFAULT_LIMITS, Given, Input, Limits, Names, read_names
from netsim.knowledge import DEFAULT_PROFILE, profile
from netsim.queries.across import Question

#: The seconds that one attempt at one cluster may take.
TIMEOUT = 600.0


class Options(TypedDict, total=False):
    """What a fleet is asked, and how it is worked on.

    Attributes:
        patches: What-ifs: the one cluster as it is, and with each of these over it.
        source, destination, port, protocol: A verdict that is asked of each.
        exposes: A peer: which clusters open it to the outside?
        drift: Compare the connections of each with those that most have; of what-ifs, with the cluster as it is.
        reference: Compare them with those of this cluster, or of this input, instead.
        cni, dns, keep_going, limits: As for one cluster.
        scheduler: ``local`` for worker processes on this machine, ``tcp://...`` for those of a Dask scheduler; threads
            of this process where None.
        workers: How many threads (1 where not given) or local processes (one a processor).
        retries: How often a failure is tried again that may pass.
        timeout: The seconds of one attempt at one cluster; None for no limit.
        stdin: What ``-`` reads; the process's standard input where None.
    """

    patches: Sequence[Input]
    source: str | None
    destination: str | None
    port: int | str | None
    protocol: str | None
    exposes: str | None
    drift: bool
    reference: str | None
    cni: str
    dns: Input | Mapping[str, Sequence[str]] | None
    keep_going: bool
    limits: Limits
    scheduler: str | None
    workers: int | None
    retries: int
    timeout: float | None
    stdin: IO[bytes] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done.

    Attributes:
        members: The clusters of the rows, sorted by name.
        reference: What connections are compared with; None for what most clusters have.
        examination: What is done with each.
        engine: Makes who does it.
        retries: How often a failure is tried again.
        timeout: The seconds of one attempt; None for no limit.
    """

    members: tuple[Member, ...]
    reference: Member | None
    examination: Examination
    engine: Callable[[], Engine]
    retries: int
    timeout: float | None


def plan(
    inputs: Sequence[Input] | Mapping[str, Inputs],
    *,
    patches: Sequence[Input] = (),
    source: str | None = None,
    destination: str | None = None,
    port: int | str | None = None,
    protocol: str | None = None,
    exposes: str | None = None,
    drift: bool = False,
    reference: str | None = None,
    cni: str = DEFAULT_PROFILE,
    dns: Input | Mapping[str, Sequence[str]] | None = None,
    keep_going: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    scheduler: str | None = None,
    workers: int | None = None,
    retries: int = 1,
    timeout: float | None = TIMEOUT,
    stdin: IO[bytes] | None = None,
) -> Plan:
    """Return what is to be done.

    Args:
        inputs: A cluster each: a file, a folder, ``git:REV:PATH``, or a glob for several. Or clusters by name.
        patches, source, destination, port, protocol, exposes, drift, reference, cni, dns, keep_going, limits,
            scheduler, workers, retries, timeout, stdin: See ``Options``.

    Raises:
        UsageError: It cannot be done. InputError: There is something wrong with ``dns``.
    """
    compares = drift or reference is not None
    question = Question(
        source=source,
        destination=destination,
        port=port,
        protocol=protocol,
        exposes=exposes,
        fingerprint=compares,
    )
    question.check()
    profile(cni)
    found = members(inputs, patches, stdin=stdin)
    base = found[0].name if patches else None  # the others' names begin with its name
    return Plan(
        members=found,
        reference=_reference(found, reference or base) if compares else None,
        examination=Examination(question=question, cni=cni, names=_names(dns), keep_going=keep_going, limits=limits),
        engine=_engine(scheduler, workers),
        retries=_at_least(0, retries, "retries"),
        timeout=timeout if timeout is None else _at_least(0.001, timeout, "seconds"),
    )


def _at_least(least: float, given: Any, what: str) -> Any:
    if given < least:
        raise UsageError(f"{given} {what} are too few", hint=f"the least is {least}")
    return given


def _reference(found: tuple[Member, ...], reference: str | None) -> Member | None:
    """Return the cluster to compare with: one of the fleet, or one beside it."""
    if reference is None:
        return None
    known = {member.name: member for member in found}
    return known.get(reference) or members([reference], ())[0]


def _names(dns: Input | Mapping[str, Sequence[str]] | None) -> Names | None:
    if dns is None:
        return None
    problems: list[Problem] = []
    names = read_names(Given(documents=[dns]) if isinstance(dns, Mapping) else dns, problems)
    if problems:
        raise InputError(problems)
    return names


def _engine(scheduler: str | None, workers: int | None) -> Callable[[], Engine]:
    if workers is not None:
        _at_least(1, workers, "workers")
    if scheduler is None:
        return lambda: Threads(workers or 1)
    if scheduler != "local" and "://" not in scheduler:
        raise UsageError(f"`{scheduler}` is no scheduler", hint="write local, or tcp://HOST:8786")
    if scheduler != "local" and workers is not None:
        raise UsageError("a scheduler that runs has its workers", hint="leave --workers out")

    def start() -> Engine:
        from netsim.fleets.dask import Dask

        return Dask(scheduler, workers)

    return start
