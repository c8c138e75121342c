"""regopy in a process of its own: it may die of what it is given, or never end, and netsim goes on."""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from threading import Timer
from typing import Any

from netsim.ir.admission import NotEvaluatedError

_SECONDS = 20


def asked(modules: Sequence[str], input_: Mapping[str, Any], query: str) -> Any:
    """Return what a query over modules of version 1 says of an input.

    Raises:
        NotEvaluatedError: regopy is not there, says an error, dies, or takes too long.
    """
    if find_spec("regopy") is None:
        raise NotEvaluatedError("no engine for Rego: install netsim[admission], or put opa on PATH")
    return _client(os.getpid()).ask(tuple(modules), input_, query)


class _Client:
    """A process that evaluates, one request a line; started when it is first needed, and again when it died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._deadly: dict[tuple[str, ...], str] = {}

    def ask(self, modules: tuple[str, ...], input_: Mapping[str, Any], query: str) -> Any:
        if modules in self._deadly:
            raise NotEvaluatedError(self._deadly[modules])
        line = self._answer(json.dumps({"modules": modules, "input": input_, "query": query}).encode())
        if not line:
            self.stop()
            self._deadly[modules] = "regopy died of it, or did not end: put opa on PATH"
            raise NotEvaluatedError(self._deadly[modules])
        found = json.loads(line)
        if "error" in found:
            raise NotEvaluatedError(f"regopy: {found['error']}")
        return found["value"]

    def _answer(self, request: bytes) -> bytes:
        if self._process is None:
            # -P: what is imported is never a file of the folder that netsim is run in.
            command = [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"]
            # A session of its own: an interrupt is told by netsim alone, and its end is that of the standard input.
            self._process = subprocess.Popen(  # noqa: S603 - this Python, on a module of ours
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        into, out = self._process.stdin, self._process.stdout
        if into is None or out is None:  # there are pipes to both
            return b""
        timer = Timer(_SECONDS, self._process.kill)
        timer.start()
        try:
            into.write(request + b"\n")
            into.flush()
            return out.readline()
        except OSError:
            return b""
        finally:
            timer.cancel()

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@cache
def _client(process: int) -> _Client:  # noqa: ARG001 - a process that forks has one of its own
    client = _Client()
    atexit.register(client.stop)
    return client


def serve() -> None:
    """Answer each line of standard input, as the process that evaluates."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the library prints is no answer
    for line in sys.stdin:
        try:
            found = {"value": _evaluated(**json.loads(line))}
        except Exception as error:  # noqa: BLE001 - whatever it is, the other side is told
            found = {"error": str(error).strip()[:300] or type(error).__name__}
        answers.write(json.dumps(found) + "\n")
        answers.flush()


def _evaluated(modules: Sequence[str], input: Mapping[str, Any], query: str) -> Any:  # noqa: A002 - its name in Rego
    interpreter = _interpreter(tuple(modules))
    interpreter.set_input(input)
    answer = interpreter.query(query)
    if not answer.ok():
        raise ValueError(str(answer))
    return json.loads(str(answer))["expressions"][0]


@cache
def _interpreter(modules: tuple[str, ...]) -> Any:
    from regopy import Interpreter, LogLevel

    interpreter = Interpreter()
    interpreter.log_level = LogLevel.NONE
    for number, module in enumerate(modules):
        interpreter.add_module(f"module{number}", module)
    return interpreter
