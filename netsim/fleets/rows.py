"""From a plan to rows."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Unpack

from netsim.fleets.conduct import Engine, Finished, conduct
from netsim.fleets.jobs import failed
from netsim.fleets.members import Inputs, Member
from netsim.fleets.plan import Options, Plan, plan
from netsim.fleets.work import Done, Task
from netsim.ingest import Input, Limits
from netsim.queries.fleet import Drift, Fleet, Row, State, fleet_of, typical

#: Is told how many pieces of work are done, of how many.
Progress = Callable[[int, int], None]


def nobody(done: int, total: int) -> None:
    """Take no interest in progress."""


def rows(plan: Plan, progress: Progress = nobody) -> Generator[Row]:
    """Yield the rows as soon as they are known, in no order; all at the end where clusters are compared.

    Closing the generator ends the work.
    """
    beside = [] if plan.reference is None or plan.reference in plan.members else [plan.reference]
    everyone = [*plan.members, *beside]
    with closing(plan.engine()) as engine:
        work = _Work(plan, engine, progress, len(everyone))
        if not plan.examination.question.fingerprint:
            yield from work.examined(everyone)
            return
        found = {row.cluster: row for row in work.examined(everyone)}
        drifts = work.drifts(tuple(found.values()))
        for member in plan.members:
            yield drifts(found[member.name])


@dataclass(slots=True)
class _Work:
    """The work of one plan; used once, then dropped."""

    plan: Plan
    engine: Engine
    progress: Progress
    total: int
    done: int = 0

    def _conducted(self, tasks: Sequence[Task]) -> Iterator[Finished]:
        for finished in conduct(tasks, self.engine, retries=self.plan.retries, limit=self.plan.timeout):
            self.done += 1
            self.progress(self.done, self.total)
            yield finished

    def examined(self, everyone: Sequence[Member]) -> Iterator[Row]:
        """Yield the row of each cluster, without drift."""
        self.progress(0, self.total)
        examine, limits = self.plan.examination.row, self.plan.examination.limits
        tasks = [Task(each.name, partial(each.fetch, limits), partial(examine, each.name)) for each in everyone]
        for finished in self._conducted(tasks):
            outcome = finished.outcome
            if isinstance(outcome, Done):
                row: Row = outcome.value
                yield replace(row, attempts=finished.attempts)
            else:
                yield failed(finished.task.name, outcome, finished.attempts)

    def drifts(self, found: tuple[Row, ...]) -> Callable[[Row], Row]:
        """Return what adds the drift to a row. Clusters with the same connections are compared once."""
        wanted = self.plan.reference
        reference = typical(found) if wanted is None else next(row for row in found if row.cluster == wanted.name)
        if reference is None:
            return lambda row: row
        if not reference.reply.fingerprint:
            why = f"{reference.cluster}: {reference.error}"
            return lambda row: row if row.cluster == reference.cluster else _undrifted(row, State.USAGE, why)
        known = {member.name: member for member in [*self.plan.members, *filter(None, [wanted])]}
        others = {row.reply.fingerprint: row.cluster for row in reversed(_by_name(found)) if row.reply.fingerprint}
        del others[reference.reply.fingerprint]
        limits = self.plan.examination.limits
        compare = partial(self.plan.examination.drift, reference.cluster)
        tasks = [
            Task(str(mark), partial(_both, known[reference.cluster], known[own], limits), compare)
            for mark, own in others.items()
        ]
        self.total += len(tasks)
        told = {finished.task.name: finished for finished in self._conducted(tasks)}
        return lambda row: _with_drift(row, reference, told)


def _by_name(found: Iterable[Row]) -> list[Row]:
    return sorted(found, key=lambda row: row.cluster)


def _both(old: Member, new: Member, limits: Limits) -> tuple[tuple[Input, ...], tuple[Input, ...]]:
    return old.fetch(limits), new.fetch(limits)


def _with_drift(row: Row, reference: Row, told: Mapping[str, Finished]) -> Row:
    mark = row.reply.fingerprint
    if mark is None:
        return row
    if mark not in told:
        return replace(row, drift=Drift(reference=reference.cluster))
    outcome = told[mark].outcome
    if isinstance(outcome, Done):
        return replace(row, drift=outcome.value)
    return _undrifted(row, outcome.state, outcome.error)


def _undrifted(row: Row, state: State, why: str) -> Row:
    """Return a row whose drift could not be told."""
    error = "\n".join(filter(None, [row.error, f"its drift is not known: {why}"]))
    return replace(row, state=state if row.ok else row.state, error=error)


def fleet(
    inputs: Sequence[Input] | Mapping[str, Inputs],
    *,
    progress: Progress = nobody,
    **options: Unpack[Options],
) -> Fleet:
    """Return what becomes of the same questions in many clusters, one row each, sorted by name.

    Args:
        inputs: A cluster each: a file, a folder, ``git:REV:PATH``, or a glob for several. Or clusters by name,
            ``{"prod": "prod.json", "next": ["prod.json", "policies/"]}``.
        progress: Is told how many pieces of work are done, of how many.
        options: See ``Options``.

    Raises:
        UsageError: Something cannot be asked or done. No failure of one cluster is raised: its row has it.
    """
    planned = plan(inputs, **options)
    return fleet_of(tuple(rows(planned, progress)), planned.examination.question)
