"""Messages on standard error."""

import os
import select
import sys
from typing import TextIO


def coloured(stream: TextIO) -> bool:
    """Return whether to colour what goes to a stream: a terminal that can, and nobody who minds."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def say(text: str) -> None:
    """Write a message to standard error; nobody listening is no failure."""
    try:
        print(text, file=sys.stderr, flush=True)
    except BrokenPipeError:
        hang_up(sys.stderr)


def hang_up(stream: TextIO) -> None:
    """Send what is left for a reader that has gone (`head`, `less`) to nowhere.

    The interpreter flushes once more at its end, which must not fail either.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def is_heard(stream: TextIO | None) -> bool:
    """Return whether somebody may still read what goes to a stream; False where this machine cannot tell."""
    if stream is None or not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(stream, select.POLLOUT)
    return not any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))


def marked(word: str, colour: str) -> str:
    """Return the word that starts a message, coloured on a terminal: ``error:``, ``warning:``."""
    return f"\x1b[{colour}m{word}:\x1b[0m" if coloured(sys.stderr) else f"{word}:"
