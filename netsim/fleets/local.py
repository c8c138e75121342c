"""Worker processes of our own: started quietly, ended at once, whatever the terminal says meanwhile."""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.resource_tracker import ensure_running
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import LocalCluster

#: Up to what size arrays come from memory that the process keeps; glibc takes no more than 32 MiB. Dask starts workers
#: with MALLOC_TRIM_THRESHOLD_=65536, by which glibc asks the system for every larger array anew and gives it back at
#: once: for a loop over rows of 512 kB that is twice the time of glibc as it is, and ten times that of this.
_KEPT = 32 << 20
_WORKER_ENVIRONMENT = {
    "MALLOC_TRIM_THRESHOLD_": _KEPT,
    "MALLOC_MMAP_THRESHOLD_": _KEPT,
    "OMP_NUM_THREADS": 1,
    "MKL_NUM_THREADS": 1,
    "OPENBLAS_NUM_THREADS": 1,
}
_SETTINGS = {
    "distributed.nanny.pre-spawn-environ": _WORKER_ENVIRONMENT,
    # Whoever worked when a worker died is tried again by netsim, which knows how.
    "distributed.scheduler.allowed-failures": 0,
}


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def local_workers(number: int) -> Iterator["LocalCluster"]:
    """Start so many workers of one thread each, which only this machine can reach, and end them."""
    import dask
    from distributed import LocalCluster
    from distributed.utils import LoopRunner

    runner = LoopRunner()
    with ExitStack() as held:
        held.enter_context(dask.config.set(_SETTINGS))
        held.enter_context(silent())
        with _deaf():
            runner.start()
        held.callback(runner.stop)
        with uninterrupted():
            cluster = LocalCluster(
                loop=runner.loop,
                n_workers=number,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
            held.callback(_end, cluster)
        yield cluster


def _end(cluster: "LocalCluster") -> None:
    """End our workers at once: asked politely, one that works has four seconds to finish what nobody waits for."""
    for nanny in cluster.workers.values():
        nanny.auto_restart = False
        if nanny.pid:
            with suppress(ProcessLookupError):
                os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    cluster.close(timeout=10)


@contextmanager
def silent() -> Iterator[None]:
    """Let the library not tell of workers that die: netsim does, once, where it matters."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _deaf() -> Iterator[None]:
    """Let threads that are started meanwhile, and all that these start, not hear the terminal's interrupt.

    Ctrl-C goes to every process of a terminal. Workers would die of it with a traceback each; netsim ends them anyway.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    ensure_running()  # which would listen again, were it started later
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Put an interrupt off until this is done: workers that are half started, or half ended, outlive netsim."""
    if current_thread() is not main_thread():  # where none is heard
        yield
        return
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if heard:
        raise KeyboardInterrupt
