"""Many pieces of work: again after a failure, and none lost for another's fault."""

import threading
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from netsim.fleets.conduct import Threads, conduct
from netsim.fleets.work import Done, Failed, Outcome, Task
from netsim.queries.fleet import State
from tests.fleets import deeds
from tests.fleets.deeds import task

NAMES = [f"n{number}" for number in range(5)]


def test_every_task_is_done_once() -> None:
    finished = list(conduct([task(name, deeds.name_itself) for name in NAMES], Threads(2), retries=3, limit=60))
    assert sorted(each.task.name for each in finished) == NAMES
    assert {(each.outcome, each.attempts) for each in finished} == {(Done("got None"), 1)}


@pytest.mark.parametrize(("retries", "done"), [(0, False), (1, False), (2, True), (5, True)])
def test_what_may_pass_is_tried_again_so_often_and_no_more(tmp_path: Path, retries: int, *, done: bool) -> None:
    (finished,) = conduct(
        [task("n", partial(deeds.fail_until, tmp_path / "tries", 2))], Threads(), retries=retries, limit=60
    )
    assert isinstance(finished.outcome, Done) is done
    assert finished.attempts == min(3, retries + 1)


def test_a_task_that_hangs_holds_up_no_other() -> None:
    tasks = [task("hangs", deeds.sleep), *(task(name, deeds.name_itself) for name in NAMES)]
    finished = {each.task.name: each for each in conduct(tasks, Threads(), retries=1, limit=0.3)}
    outcome = finished.pop("hangs").outcome
    assert isinstance(outcome, Failed)
    assert outcome.state is State.TIMEOUT
    assert [*finished] == NAMES
    assert all(isinstance(each.outcome, Done) for each in finished.values())


def test_no_more_work_is_in_hand_than_there_are_slots() -> None:
    lock, at_once, most = threading.Lock(), [0], [0]

    def count(_: object) -> None:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        threading.Event().wait(0.01)
        with lock:
            at_once[0] -= 1

    assert len(list(conduct([task(str(n), count) for n in range(12)], Threads(3), retries=0, limit=60))) == 12
    assert most[0] <= 3


@dataclass
class Deadly:
    """An engine of which a worker dies on the tasks named ``poison``, and takes with it whatever else it works on."""

    slots: int = 3
    together: set[str] = field(default_factory=set)
    died_with: list[set[str]] = field(default_factory=list)

    def run(self, task: Task, limit: float | None) -> Outcome[Any]:  # noqa: ARG002
        self.together.add(task.name)
        threading.Event().wait(0.05)  # so that three work together
        company = set(self.together)
        threading.Event().wait(0.05)
        self.together.discard(task.name)
        if any(name.startswith("poison") for name in company):
            self.died_with.append(company)
            return Failed(state=State.LOST, error="its worker died")
        return Done(task.name)

    def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_who_works_beside_the_death_of_a_worker_is_never_lost_for_it(retries: int) -> None:
    engine = Deadly()
    names = ["poison-1", *NAMES, "poison-2"]
    finished = {
        each.task.name: each
        for each in conduct([task(name, deeds.name_itself) for name in names], engine, retries=retries, limit=60)
    }
    assert {name for name, each in finished.items() if isinstance(each.outcome, Failed)} == {"poison-1", "poison-2"}
    assert any(len(company) > 1 for company in engine.died_with)  # the test is about company
    assert {"poison-1"} in engine.died_with  # the verdict is not
