"""Real worker processes: killed, stuck, started elsewhere; they say what this process says."""

from functools import partial
from pathlib import Path

import pytest

import netsim
from netsim.errors import UsageError
from netsim.fleets import dask as dask_engine
from netsim.fleets.conduct import conduct
from netsim.fleets.dask import Dask
from netsim.fleets.work import Done, Failed, Outcome, Task
from netsim.queries.fleet import Fleet, State
from tests.fleets import deeds
from tests.fleets.deeds import task

pytestmark = pytest.mark.slow

NAMES = [f"n{number}" for number in range(8)]


def _conducted(engine: Dask, tasks: list[Task], *, retries: int = 1, limit: float = 60) -> dict[str, Outcome]:
    others = [task(name, deeds.name_itself) for name in NAMES]
    finished = conduct([*tasks, *others], engine, retries=retries, limit=limit)
    outcomes = {each.task.name: each.outcome for each in finished}
    assert [outcomes.pop(name) for name in NAMES] == [Done("got None")] * len(NAMES)
    return outcomes


def _state(outcome: Outcome) -> State:
    assert isinstance(outcome, Failed)
    return outcome.state


@pytest.mark.parametrize("retries", [0, 2])
def test_a_task_that_kills_its_worker_each_time_is_lost_and_no_other(dask: Dask, retries: int) -> None:
    outcomes = _conducted(dask, [task("dies", deeds.die)], retries=retries)
    assert _state(outcomes["dies"]) is State.LOST


def test_a_task_whose_worker_is_killed_once_is_done_by_another(dask: Dask, tmp_path: Path) -> None:
    outcomes = _conducted(dask, [task("dies once", partial(deeds.die_once, tmp_path / "died"))])
    assert outcomes["dies once"] == Done("done")


def test_tasks_that_hang_and_spin_and_fail_hold_up_no_other(dask: Dask) -> None:
    deeds_ = {"sleeps": deeds.sleep, "spins": deeds.spin, "fails": deeds.fail}
    outcomes = _conducted(dask, [task(name, deed) for name, deed in deeds_.items()], limit=1.5)
    assert {name: _state(outcome) for name, outcome in outcomes.items()} == {
        "sleeps": State.TIMEOUT,
        "spins": State.TIMEOUT,
        "fails": State.CRASH,
    }


def test_a_worker_that_no_longer_answers_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_engine, "GRACE", 2.0)
    engine = Dask("local", 1)
    try:
        outcomes = _conducted(engine, [task("freezes", deeds.freeze)], retries=0, limit=3)
    finally:
        engine.close()
    assert _state(outcomes["freezes"]) is State.LOST


def test_workers_do_not_give_memory_back_at_every_turn(dask: Dask) -> None:
    outcome = dask.run(task("environment", deeds.environment), 60)
    assert isinstance(outcome, Done)
    kept = (outcome.value["MALLOC_TRIM_THRESHOLD_"], outcome.value["MALLOC_MMAP_THRESHOLD_"])
    assert kept == ("33554432", "33554432")  # Dask's own is 65536, and none
    assert outcome.value["OMP_NUM_THREADS"] == "1"


@pytest.fixture
def asked(clusters: Path) -> partial[Fleet]:
    """Every question, of every cluster; one is broken."""
    return partial(
        netsim.fleet,
        [str(clusters / "*")],
        source="shop/web",
        destination="shop/db",
        port="pg",
        exposes="shop/db",
        drift=True,
    )


def test_local_workers_say_what_this_process_says(asked: partial[Fleet]) -> None:
    here, threads, there = asked(), asked(workers=3), asked(scheduler="local", workers=2)
    assert here == threads == there
    assert [Path(row.cluster).name for row in there.failed] == ["broken.yaml"]


@pytest.mark.usefixtures("clusters")
def test_the_workers_of_a_scheduler_say_what_this_process_says(
    asked: partial[Fleet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import LocalCluster

    with monkeypatch.context() as elsewhere:  # the workers see other files: what they need is sent to them
        (tmp_path / "elsewhere").mkdir()
        elsewhere.chdir(tmp_path / "elsewhere")
        cluster = LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None)
    with cluster:
        assert asked(scheduler=cluster.scheduler_address) == asked()


@pytest.mark.usefixtures("clusters")
def test_a_scheduler_that_is_not_there_is_trouble_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_engine, "PATIENCE", 1.0)
    with pytest.raises(UsageError, match=r"cannot work on `tcp://127\.0\.0\.1:1`"):
        netsim.fleet(["clusters/*"], scheduler="tcp://127.0.0.1:1")


@pytest.mark.usefixtures("clusters")
def test_without_the_extra_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(UsageError, match=r"needs distributed, which is not installed\n.*pip install 'netsim\[fleet\]'"):
        netsim.fleet(["clusters/*"], scheduler="local")
