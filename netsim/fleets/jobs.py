"""What is done for one cluster, wherever that is: everything here can be pickled."""

from collections.abc import Sequence
from dataclasses import dataclass

from netsim.cluster import Compiled
from netsim.errors import InputError, Problem, UsageError
from netsim.fleets.work import Failed
from netsim.ingest import DEFAULT_LIMITS, Input, Limits, Names, snapshot
from netsim.ir.snapshot import Snapshot
from netsim.knowledge import profile
from netsim.queries import diff
from netsim.queries.across import Question, Reply, reply
from netsim.queries.answer import assumptions_of
from netsim.queries.fleet import Drift, Row, State
from netsim.queries.measures import measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Measures a cluster and asks it.

    Attributes:
        cni: The name of the profile.
        names: What domain names resolve to, where that is known.
        keep_going: Analyse what can be read in spite of problems.
        limits: How much of an input is read before it is refused.
    """

    question: Question
    cni: str
    names: Names | None = None
    keep_going: bool = False
    limits: Limits = DEFAULT_LIMITS

    def row(self, name: str, inputs: Sequence[Input]) -> Row:
        """Return the row of the cluster of some inputs.

        Raises:
            InputError: There are problems, and ``keep_going`` is false.
        """
        found, problems = self._snapshot(inputs)
        if problems and not self.keep_going:
            raise InputError(problems)
        cluster = Compiled(found, profile(self.cni))
        counts = measured(cluster)
        state, error = (State.PARTIAL, str(InputError(problems))) if problems else (State.OK, "")
        said = Reply()
        try:
            said = reply(cluster, self.question)
        except UsageError as refused:  # the question has no meaning there; the measures have
            state, error = State.USAGE, str(refused)
        return Row(
            cluster=name,
            state=state,
            error=error,
            problems=problems,
            counts=counts,
            reply=said,
            assumptions=assumptions_of(cluster),
        )

    def _snapshot(self, inputs: Sequence[Input]) -> tuple[Snapshot, tuple[Problem, ...]]:
        return snapshot(inputs, keep_going=True, names=self.names, limits=self.limits)

    def drift(self, reference: str, sides: tuple[Sequence[Input], Sequence[Input]]) -> Drift:
        """Return how the connections of the second inputs differ from those of the first."""
        old, new = (Compiled(self._snapshot(side)[0], profile(self.cni)) for side in sides)
        counts = diff(old, new).counts
        return Drift(reference=reference, **counts)


def failed(name: str, failure: Failed, attempts: int) -> Row:
    """Return the row of a cluster that could not be analysed."""
    tried = f" ({attempts} attempts)" if attempts > 1 else ""
    first, line, rest = failure.error.partition("\n")
    return Row(
        cluster=name,
        state=failure.state,
        error=f"{first}{tried}{line}{rest}",
        problems=failure.problems,
        attempts=attempts,
    )
