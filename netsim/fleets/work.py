"""One attempt at a piece of work: it ends in time, and never raises."""

import ctypes
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from netsim.errors import InputError, NetsimError, Problem
from netsim.queries.fleet import State

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """It was done."""

    value: T


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """It was not.

    Values, not the exception: what an exception holds does not always come through to another process.
    """

    state: State
    error: str
    problems: tuple[Problem, ...] = ()


Outcome = Done[T] | Failed

#: Problems that another attempt may not have: an input that cannot be read, on a disk of the network.
_PASSING = "NS101"


def may_pass(failed: Failed) -> bool:
    """Return whether another attempt may end otherwise; what an input says does not change."""
    if failed.state is State.INPUT:
        return any(problem.code == _PASSING for problem in failed.problems)
    return failed.state is not State.USAGE


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work: something is fetched where netsim runs, then worked on where the engine says.

    ``work`` and what goes into it and comes out of it can be pickled.
    """

    name: str
    fetch: Callable[[], Any]
    work: Callable[[Any], Any]


class _OverdueError(BaseException):
    """Thrown into a thread whose time is up; no handler for errors may catch it."""


def attempted(work: Callable[[], T], limit: float | None) -> Outcome[T]:
    """Return what came of a piece of work, after ``limit`` seconds at most.

    It runs in a thread of its own, for that can be left behind. Python cannot end a thread, only ask it to end, which
    it does at its next step; one that waits for the system (a pipe that nobody writes to) stays until the process ends.
    """
    box: SimpleQueue[Outcome[T]] = SimpleQueue()
    thread = Thread(target=lambda: box.put(_outcome(work)), daemon=True)
    thread.start()
    try:
        return box.get(timeout=limit)
    except Empty:
        if thread.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_OverdueError))
        return overdue(limit)


def overdue(limit: float | None) -> Failed:
    """Return that it took too long."""
    return Failed(state=State.TIMEOUT, error=f"took longer than {limit:g} s")


def _outcome(work: Callable[[], T]) -> Outcome[T]:
    try:
        return Done(work())
    except InputError as error:
        return Failed(state=State.INPUT, error=str(error), problems=error.problems)
    except NetsimError as error:
        return Failed(state=State.USAGE, error=str(error))
    except _OverdueError:
        return overdue(0)
    except Exception as error:  # noqa: BLE001 - a cluster that breaks netsim must not take the others with it
        return Failed(state=State.CRASH, error=crash(error))


def crash(error: BaseException) -> str:
    """Return what went wrong that should not, then where, for a report."""
    return f"{type(error).__name__}: {error}\n{''.join(traceback.format_exception(error))}"
