"""Many pieces of work on one engine: again after a failure, and none lost for another's fault."""

from collections import deque
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol

from netsim.fleets.work import Done, Outcome, Task, attempted, may_pass
from netsim.queries.fleet import State


class Engine(Protocol):
    """Where work is done."""

    @property
    def slots(self) -> int:
        """How many pieces at a time; at least 1."""
        ...

    def run(self, task: Task, limit: float | None) -> Outcome[Any]:
        """Return what came of one attempt; called from several threads at a time. Never raises."""
        ...

    def close(self) -> None:
        """Let go of what the engine holds."""
        ...


@dataclass(frozen=True, slots=True)
class Threads:
    """In this process, in so many threads."""

    slots: int = 1

    def run(self, task: Task, limit: float | None) -> Outcome[Any]:
        """Do it."""
        return attempted(lambda: task.work(task.fetch()), limit)

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A piece of work that will not be tried again."""

    task: Task
    outcome: Outcome[Any]
    attempts: int


@dataclass(slots=True)
class _Try:
    task: Task
    attempts: int = 0
    alone: bool = False


@dataclass(slots=True)
class Conductor:
    """The work in hand of one ``conduct``.

    Whoever worked when a worker died may have been its death: such suspects wait until nobody else works, then work
    one at a time. So the guilty one takes no other with it, and an innocent one is never given up for it.
    """

    engine: Engine
    retries: int
    limit: float | None
    waiting: deque[_Try]
    suspects: deque[_Try] = field(default_factory=deque)
    running: int = 0
    ended: SimpleQueue[tuple[_Try, Outcome[Any]]] = field(default_factory=SimpleQueue)

    def finished(self) -> Generator[Finished]:
        """Yield each piece of work when it is finished."""
        while self.waiting or self.suspects or self.running:
            while self.waiting and self.running < max(1, self.engine.slots):
                self._start(self.waiting.popleft())
            if not self.running:
                self.suspects[0].alone = True
                self._start(self.suspects.popleft())
            tried, outcome = self.ended.get()
            self.running -= 1
            if not self._again(tried, outcome):
                yield Finished(tried.task, outcome, tried.attempts)

    def _start(self, tried: _Try) -> None:
        tried.attempts += 1
        self.running += 1
        # A daemon, so that an interrupt does not wait for it.
        Thread(
            target=lambda: self.ended.put((tried, self.engine.run(tried.task, self.limit))),
            name=f"netsim: {tried.task.name}",
            daemon=True,
        ).start()

    def _again(self, tried: _Try, outcome: Outcome[Any]) -> bool:
        """Put work back that deserves another attempt; return whether it does."""
        if isinstance(outcome, Done) or not may_pass(outcome):
            return False
        lost = outcome.state is State.LOST
        if tried.attempts > self.retries and (tried.alone or not lost):
            return False
        (self.suspects if lost else self.waiting).append(tried)
        return True


def conduct(tasks: Iterable[Task], engine: Engine, *, retries: int, limit: float | None) -> Generator[Finished]:
    """Yield each task with its outcome as soon as it is known, in the order in which they end.

    Args:
        retries: How often a failure is tried again that may pass.
        limit: The seconds of one attempt; None for no limit.
    """
    return Conductor(engine, retries, limit, deque(map(_Try, tasks))).finished()
