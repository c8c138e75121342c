"""The entry point, where everything that can happen gets its exit code."""

import sys
from typing import NoReturn

from netsim.cli.messages import hang_up, is_heard, say
from netsim.errors import InputError, InternalError, NetsimError

INTERRUPTED = 130
BUG = 70


def run() -> NoReturn:
    """Run the command line and exit."""
    sys.exit(status())


def run_as_plugin() -> NoReturn:
    """Run the command line as ``kubectl netsim`` and exit."""
    sys.exit(status("kubectl netsim"))


def status(name: str = "netsim") -> int:
    """Run the command line; return 0 to 3 as the command says, 2 for trouble, 70 for a bug, 130 for Ctrl-C."""
    try:
        from netsim.cli.app import app

        app(prog_name=name)
    except SystemExit as leaving:
        return _of(leaving)
    except NetsimError as error:
        _tell(error)
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:  # noqa: BLE001 - whatever else is raised is ours to mend, and must not look like an answer
        _confess()
        return BUG
    return 0


def _of(leaving: SystemExit) -> int:
    if isinstance(leaving.__context__, BrokenPipeError):  # typer makes an exit of it, whatever pipe it was
        if is_heard(sys.__stdout__):
            _confess()
            return BUG
        hang_up(sys.stdout)  # help that nobody reads to its end is no failure
        return 0
    return leaving.code if isinstance(leaving.code, int) else 0


def _tell(error: NetsimError) -> None:
    from netsim.cli import notes

    if isinstance(error, InputError):
        notes.problems(error.problems, analysed=False)
    else:
        notes.error(error)
    if isinstance(error, InternalError):
        _ask()


def _confess() -> None:
    import traceback

    say(traceback.format_exc())
    _ask()


def _ask() -> None:
    say("This is a bug of netsim, not of your input. Please report it with the lines above and, if you may, the input.")
