"""What long work is at: one line on standard error, gone when the work is done."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

#: Seconds before anything is shown: short work shows nothing, and does not wait for rich to be imported.
DELAY = 0.4
#: What is being done is told in so many characters.
WIDEST = 50


class Line:
    """The line; it does nothing at all unless it is shown."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._text = ""
        self._done, self._total = 0, 0
        self._shown: tuple[Progress, TaskID] | None = None
        self._closed = False

    def at(self, text: str) -> None:
        """Say what is being done."""
        from netsim.render.words import safe

        with self._lock:
            self._text, self._done, self._total = safe(text if len(text) <= WIDEST else f"{text[:WIDEST]}..."), 0, 0
            self._update()

    def count(self, done: int, total: int) -> None:
        """Say how much of it is done."""
        with self._lock:
            self._done, self._total = done, total
            self._update()

    def _update(self) -> None:
        if self._shown:
            progress, task = self._shown
            count = f"{self._done:,}/{self._total:,}" if self._total else ""
            progress.update(task, description=self._text, completed=self._done, total=self._total or None, count=count)

    def show(self) -> None:
        """Draw it from now on."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (
            SpinnerColumn("line"),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[count]}", markup=False),
            TimeElapsedColumn(),
        )
        with self._lock:
            if self._closed:
                return
            progress = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
            self._shown = progress, progress.add_task(self._text, total=self._total or None, count="")
            self._update()
            progress.start()

    def close(self) -> None:
        """Wipe it."""
        with self._lock:
            self._closed = True
            if self._shown:
                self._shown[0].stop()


@contextmanager
def progress(*, quiet: bool) -> Iterator[Line]:
    """Show what is being done, where standard error is a terminal that can, and nobody minds."""
    line = Line()
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") in ("dumb", "unknown"):
        yield line
        return
    timer = Timer(DELAY, line.show)
    timer.daemon = True
    timer.start()
    try:
        yield line
    finally:
        timer.cancel()
        line.close()


@contextmanager
def doing(text: str, *, quiet: bool) -> Iterator[None]:
    """Show that this is being done."""
    with progress(quiet=quiet) as line:
        line.at(text)
        yield
