"""What workers are made to do: at the top of a module, so that a worker can import it."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from netsim.fleets.work import Task


def nothing() -> None:
    """Fetch nothing."""


def task(name: str, work: Any) -> Task:
    """Return a task that does this."""
    return Task(name, nothing, work)


def name_itself(given: object) -> str:
    return f"got {given}"


def die(_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def freeze(_: object) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def sleep(_: object) -> None:
    time.sleep(600)


def spin(_: object) -> None:
    while True:
        pass


def fail(_: object) -> None:
    raise ZeroDivisionError("a bug of ours")


def environment(_: object) -> dict[str, str]:
    return dict(os.environ)


def die_once(marker: Path, _: object) -> str:
    """Die the first time, and be done the second."""
    if not marker.exists():
        marker.touch()
        die(None)
    return "done"


def fail_until(marker: Path, times: int, _: object) -> int:
    """Fail so many times, then return how often it was tried."""
    tried = len(marker.read_text()) + 1 if marker.exists() else 1
    marker.write_text("x" * tried)
    if tried <= times:
        raise OSError("the disk is away")
    return tried
