"""Long work on a real terminal: progress, colour, Ctrl-C, and readers that go away."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.build import PODS
from tests.cli.conftest import REPOSITORY

SHOP, NEXT = "fixtures/online-shop", "fixtures/online-shop-next"
NETSIM = f"{sys.executable} -m tests.cli.as_netsim"
COLOUR = re.compile(rb"\x1b\[[0-9;]*[1-9][0-9;]*m")
WAIT = 60


@dataclass(frozen=True)
class Seen:
    """What a command did: its status, what a terminal saw of standard error, and what standard output got."""

    status: int
    terminal: bytes
    out: bytes


def _on_terminal(command: str, out: Path, meanwhile: Callable[[int, bytes], bool], **environment: str) -> Seen:
    """Run a command whose standard error is a terminal, its own, and whose standard output is a file.

    ``meanwhile`` is told of the terminal and of all that it has shown, until it says that it needs no more.
    """
    master, slave = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM", "FORCE_COLOR")}
    # The first terminal that the leader of a session opens is its own: what is typed there is meant for it.
    script = f"exec 2<>{os.ttyname(slave)}; exec {command} >{out}"
    process = subprocess.Popen(
        ["bash", "-c", script],
        stdin=subprocess.DEVNULL,
        cwd=REPOSITORY,
        start_new_session=True,
        env={**variables, "TERM": "xterm", "COLUMNS": "100", **environment},
    )
    shown, wants, deadline = b"", True, time.monotonic() + WAIT
    try:
        while process.poll() is None and time.monotonic() < deadline:
            shown += _read(master)
            wants = wants and not meanwhile(master, shown)
        assert process.poll() is not None, shown
        shown += _read(master)
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)
    return Seen(process.returncode, shown, out.read_bytes())


def _read(terminal: int) -> bytes:
    shown = b""
    while select.select([terminal], [], [], 0.05)[0]:
        shown += os.read(terminal, 65536)
    return shown


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A file that comes when it is written: a pipe."""
    path = tmp_path / "slow.yaml"
    os.mkfifo(path)
    return path


def _feeds(pipe: Path, when: Callable[[bytes], bool]) -> Callable[[int, bytes], bool]:
    """Return what writes a cluster into the pipe as soon as the terminal shows so much."""

    def meanwhile(_: int, shown: bytes) -> bool:
        if not when(shown):
            return False
        pipe.write_text(PODS)
        return True

    return meanwhile


def _after(seconds: float) -> Callable[[bytes], bool]:
    started = time.monotonic()
    return lambda _: time.monotonic() - started > seconds


def _reading(shown: bytes) -> bool:
    return b"reading" in shown


@pytest.mark.parametrize(
    "command",
    [
        "reach {} -o json",
        f"reach {SHOP} {{}} --summary",
        "query {} --from shop/web --to shop/db --port 80",
        f"diff {SHOP} {{}} --fail-on none",
    ],
    ids=lambda command: command.split()[0],
)
def test_long_work_says_on_the_terminal_what_it_is_at_and_leaves_nothing_behind(
    slow: Path, tmp_path: Path, command: str
) -> None:
    seen = _on_terminal(f"{NETSIM} {command.format(slow)}", tmp_path / "out", _feeds(slow, _reading))
    assert seen.status == 0
    assert b"reading" in seen.terminal
    assert b"reading" not in seen.out
    assert b"\x1b[2K" in seen.terminal.rpartition(b"reading")[2]  # the line is wiped
    assert seen.terminal.count(b"\x1b[?25l") == seen.terminal.count(b"\x1b[?25h")  # and the cursor is back
    expected = subprocess.run(
        [*NETSIM.split(), *command.format("-").split()],
        input=PODS.encode(),
        capture_output=True,
        check=False,
        cwd=REPOSITORY,
    ).stdout.replace(b"<stdin>", str(slow).encode())
    assert seen.out == expected


def test_a_fleet_says_how_many_clusters_are_done(slow: Path, tmp_path: Path) -> None:
    seen = _on_terminal(
        f"{NETSIM} fleet {SHOP} {NEXT} {slow} --workers 2 -o jsonl",
        tmp_path / "out",
        _feeds(slow, lambda shown: b"2/3" in shown),
    )
    assert seen.status == 0
    assert b"analysing clusters" in seen.terminal
    assert len(seen.out.splitlines()) == 3


@pytest.mark.parametrize(
    ("option", "environment"),
    [("--quiet", {}), ("", {"TERM": "dumb"})],
    ids=["quiet", "dumb"],
)
def test_who_minds_progress_sees_none(slow: Path, tmp_path: Path, option: str, environment: dict[str, str]) -> None:
    seen = _on_terminal(f"{NETSIM} reach {slow} {option}", tmp_path / "out", _feeds(slow, _after(3)), **environment)
    assert seen.status == 0
    assert b"reading" not in seen.terminal
    assert b"\x1b" not in seen.terminal


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=["usual", "NO_COLOR"]
)
def test_progress_is_coloured_unless_somebody_minds(
    slow: Path, tmp_path: Path, environment: dict[str, str], *, coloured: bool
) -> None:
    seen = _on_terminal(f"{NETSIM} reach {slow}", tmp_path / "out", _feeds(slow, _reading), **environment)
    assert seen.status == 0
    assert b"reading" in seen.terminal
    assert bool(COLOUR.search(seen.terminal)) is coloured


def test_work_that_is_short_shows_nothing(tmp_path: Path) -> None:
    seen = _on_terminal(f"{NETSIM} --version", tmp_path / "out", lambda _, __: True)
    assert (seen.status, seen.terminal) == (0, b"")


def test_without_a_terminal_long_work_says_nothing(slow: Path) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*NETSIM.split(), "reach", str(slow), "-o", "json"], stdout=pipe, stderr=pipe, cwd=REPOSITORY
    ) as process:
        time.sleep(2)
        slow.write_text(PODS)
        out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, err) == (0, b"warning: the input holds no policy: nothing denies a connection\n")
    assert json.loads(out)["kind"] == "Reachability"


@pytest.mark.parametrize("command", ["reach {}", f"diff {SHOP} {{}}", f"fleet {SHOP} {{}}", "reach {} -f there.json"])
def test_an_interrupt_at_the_terminal_ends_the_work_cleanly(slow: Path, tmp_path: Path, command: str) -> None:
    def interrupt(terminal: int, shown: bytes) -> bool:
        if b"reading" not in shown and b"analysing" not in shown:
            return False
        os.write(terminal, b"\x03")
        return True

    target = tmp_path / "there.json"
    seen = _on_terminal(
        f"{NETSIM} {command.format(slow).replace('there.json', str(target))}", tmp_path / "out", interrupt
    )
    assert (seen.status, seen.out) == (130, b"")
    assert b"Traceback" not in seen.terminal
    assert b"Error" not in seen.terminal
    assert seen.terminal.count(b"\x1b[?25l") == seen.terminal.count(b"\x1b[?25h")
    assert not target.exists()


def _pods(number: int) -> str:
    spec = "spec: {containers: [{name: c, image: c}]}"
    return "---\n".join(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{n}, namespace: shop, labels: {{app: a{n}}}}}\n{spec}\n"
        for n in range(number)
    )


@pytest.mark.parametrize("signals", [1, 2])
def test_an_interrupt_in_the_middle_of_the_engine_s_work_exits_130(tmp_path: Path, signals: int) -> None:
    (tmp_path / "many.yaml").write_text(_pods(400))
    command = [*NETSIM.split(), "reach", str(tmp_path / "many.yaml"), "--pods", "--quiet", "-o", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=REPOSITORY) as process:
        assert process.stdout
        process.stdout.read(10)  # it lists, and has far more to say than a pipe holds
        for _ in range(signals):
            process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=WAIT)
    assert (process.returncode, err) == (130, b"")


@pytest.mark.parametrize("form", ["text", "json", "csv", "md", "dot"])
def test_a_reader_that_has_seen_enough_of_a_long_answer_is_no_error(tmp_path: Path, form: str) -> None:
    (tmp_path / "many.yaml").write_text(_pods(120))
    command = f"{NETSIM} reach {tmp_path}/many.yaml --pods -o {form} --quiet"
    ran = subprocess.run(
        ["bash", "-c", f"{{ {command}; echo $? >{tmp_path}/status; }} | head -c 10 | wc -c"],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
    )
    # All at once: where nothing was read, the status and standard error say why.
    assert (ran.stdout.strip(), ran.stderr, (tmp_path / "status").read_text().strip()) == ("10", "", "0")
