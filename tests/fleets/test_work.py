"""One attempt: it ends in time, and never raises."""

import pickle
import threading
import time

import pytest

from netsim.errors import InputError, Problem, UsageError
from netsim.fleets.work import Done, Failed, attempted, may_pass
from netsim.queries.fleet import State
from tests.fleets import deeds

MISSING = Problem(file="a.yaml", code="NS101", message="cannot be read: no such file")
WRONG = Problem(file="a.yaml", line=3, code="NS106", message="is unknown", hint="leave it out")


def _raise(error: Exception) -> None:
    raise error


def test_what_is_done_comes_back() -> None:
    assert attempted(lambda: 7, 5) == Done(7)


def test_a_wait_that_does_not_end_is_given_up_in_time() -> None:
    started = time.monotonic()
    outcome = attempted(lambda: threading.Event().wait(60), 0.2)
    assert isinstance(outcome, Failed)
    assert (outcome.state, outcome.error) == (State.TIMEOUT, "took longer than 0.2 s")
    assert time.monotonic() - started < 30


def test_a_loop_that_does_not_end_is_ended() -> None:
    before = set(threading.enumerate())
    attempted(lambda: deeds.spin(None), 0.2)
    deadline = time.monotonic() + 30
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not set(threading.enumerate()) - before


@pytest.mark.parametrize(
    ("error", "state", "passes"),
    [
        (InputError([WRONG]), State.INPUT, False),
        (InputError([WRONG, MISSING]), State.INPUT, True),
        (UsageError("no such peer"), State.USAGE, False),
        (OSError("the disk is away"), State.CRASH, True),
        (MemoryError(), State.CRASH, True),
        (RecursionError(), State.CRASH, True),
    ],
)
def test_an_error_is_told_and_only_what_may_pass_is_worth_another_attempt(
    error: Exception, state: State, *, passes: bool
) -> None:
    outcome = attempted(lambda: _raise(error), 5)
    assert isinstance(outcome, Failed)
    assert outcome.state is state
    assert may_pass(outcome) is passes


def test_a_failure_comes_whole_through_to_another_process() -> None:
    outcome = attempted(lambda: _raise(InputError([WRONG])), 5)
    again = pickle.loads(pickle.dumps(outcome))  # noqa: S301 - our own
    assert again == outcome
    assert again.problems == (WRONG,)


def test_what_should_not_happen_is_told_with_where() -> None:
    outcome = attempted(lambda: deeds.fail(None), 5)
    assert isinstance(outcome, Failed)
    assert outcome.error.startswith("ZeroDivisionError: a bug of ours\n")
    assert "deeds.py" in outcome.error
