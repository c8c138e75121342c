"""Work on the worker processes of a Dask scheduler, here or on other machines."""

from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from netsim.errors import UsageError
from netsim.fleets.local import local_workers, processors, silent, uninterrupted
from netsim.fleets.work import Failed, Outcome, Task, attempted, crash
from netsim.queries.fleet import State

if TYPE_CHECKING:
    from distributed import Client, Future

LOCAL = "local"

#: Seconds that a worker has to say, after the limit, that the limit was passed. One that says nothing is stuck.
GRACE = 10.0
#: Seconds within which a scheduler, and a worker of it, must be found.
PATIENCE = 15.0


class Dask:
    """An engine of worker processes."""

    def __init__(self, scheduler: str, workers: int | None = None) -> None:
        """Start workers on this machine (``local``), or find those of a scheduler by its address.

        Raises:
            UsageError: distributed is not installed, or there is no scheduler, or its workers cannot run netsim.
        """
        try:
            import distributed  # noqa: F401
        except ImportError as missing:
            hint = "pip install 'netsim[fleet]'"
            raise UsageError("--scheduler needs distributed, which is not installed", hint=hint) from missing
        self._held = ExitStack()
        self._own = scheduler == LOCAL
        self._stuck: set[str] = set()
        self._most = 1
        try:
            self._client = self._started(workers or processors()) if self._own else self._found(scheduler)
            self._held.callback(self._client.close, timeout=5)
            self._client.wait_for_workers(1, timeout=PATIENCE)
            theirs = self._client.submit(_version, pure=False).result(timeout=PATIENCE)
        except Exception as error:
            self.close()
            hint = "workers need netsim, in this version; docs/fleet.md says how to start them"
            raise UsageError(f"cannot work on `{scheduler}`: {error or 'no answer'}", hint=hint) from error
        except BaseException:
            self.close()
            raise
        if theirs != _version():
            self.close()
            raise UsageError(f"the workers of `{scheduler}` run netsim {theirs}, and this is {_version()}")

    def _started(self, workers: int) -> "Client":
        from distributed import Client

        return Client(self._held.enter_context(local_workers(workers)))

    def _found(self, address: str) -> "Client":
        from distributed import Client

        self._held.enter_context(silent())
        return Client(address, timeout=PATIENCE)

    @property
    def slots(self) -> int:
        """The threads of all workers; those that have joined since count, and those that are being started anew."""
        self._most = max(self._most, sum(map(int, self._client.nthreads().values())))
        return self._most

    def run(self, task: Task, limit: float | None) -> Outcome[Any]:
        """Fetch here, send, wait."""
        fetched = attempted(task.fetch, limit)
        if isinstance(fetched, Failed):
            return fetched
        try:
            return self._result(task.work, fetched.value, limit)
        except Exception as error:  # noqa: BLE001 - whatever befalls one piece of work, the others go on
            return _of(error)

    def _result(self, work: Callable[[Any], Any], given: Any, limit: float | None) -> Outcome[Any]:
        others = [worker for worker in self._client.nthreads() if worker not in self._stuck] if self._stuck else None
        future = self._client.submit(
            _there, work, given, limit, pure=False, retries=0, workers=others or None, allow_other_workers=bool(others)
        )
        try:
            outcome: Outcome[Any] = future.result(timeout=None if limit is None else limit + GRACE)
        except TimeoutError:
            self._free(future)
            return Failed(state=State.LOST, error="its worker no longer answers")
        finally:
            future.release()
        return outcome

    def _free(self, future: "Future[Any]") -> None:
        """Take back work that a worker is stuck with; start the worker anew, or avoid it where it is not ours."""
        stuck = [worker for worker, keys in self._client.processing().items() if future.key in keys]
        future.cancel()
        if self._own and stuck:
            self._client.restart_workers(stuck, timeout=PATIENCE, raise_for_error=False)
        else:
            self._stuck.update(stuck)

    def close(self) -> None:
        """End our own workers; leave those of others."""
        with uninterrupted():
            self._held.close()


def _of(error: Exception) -> Failed:
    from concurrent.futures import CancelledError

    from distributed import KilledWorker
    from distributed.comm.core import CommClosedError

    if isinstance(error, KilledWorker | CancelledError | CommClosedError):
        return Failed(state=State.LOST, error="its worker died: out of memory, killed, or cut off")
    return Failed(state=State.CRASH, error=crash(error))


def _there(work: Callable[[Any], Any], given: Any, limit: float | None) -> Outcome[Any]:
    """Do a piece of work, on the worker."""
    return attempted(lambda: work(given), limit)


def _version() -> str:
    return version("netsim")
