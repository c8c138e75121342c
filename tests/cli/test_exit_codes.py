"""What a command exits with, whatever happens."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netsim.cli import diff, fleet, query, reach
from tests.cli.conftest import REPOSITORY, Netsim

SHOP, NEXT = "fixtures/online-shop", "fixtures/online-shop-next"
NETSIM = f"{sys.executable} -c 'from netsim.cli.main import run; run()'"


def _shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
    )


def test_a_listing_exits_0(netsim: Netsim) -> None:
    assert netsim("reach", SHOP).status == 0


def test_a_verdict_exits_0_when_allowed_and_1_when_denied(netsim: Netsim) -> None:
    assert netsim("query", SHOP, "--from", "shop/frontend", "--to", "shop/cart", "--port", "7070").status == 0
    assert netsim("query", SHOP, "--from", "shop/frontend", "--to", "shop/email", "--port", "8025").status == 1


def test_a_verdict_exits_3_when_unknown_or_when_cases_disagree(netsim: Netsim) -> None:
    ping = netsim("query", SHOP, "--from", "shop/frontend", "--to", "shop/cart", "--protocol", "ICMP")
    several = netsim("query", SHOP, "--from", "shop/*", "--to", "data/redis", "--port", "6379")
    assert (ping.status, several.status) == (3, 3)


def test_a_diff_exits_0_when_all_is_the_same_and_1_when_not(netsim: Netsim) -> None:
    assert netsim("diff", SHOP, SHOP).status == 0
    assert netsim("diff", SHOP, NEXT).status == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["bogus"],
        ["reach", SHOP, "--bogus"],
        ["reach", SHOP, "-o", "yaml"],
        ["reach", SHOP, "-o", "matrix"],
        ["reach", SHOP, "-o", "svg", "--summary"],
        ["reach", SHOP, "-o", "dot", "--explain"],
        ["reach", SHOP, "--summary", "--explain"],
        ["reach", SHOP, "--from", "shop/frontent"],
        ["reach", SHOP, "--port", "0"],
        ["reach", SHOP, "--cni", "no-such-network"],
        ["reach", "no/such/folder"],
        ["reach", SHOP, "-f", "no/such/folder/reach.txt"],
        ["query", SHOP, "--from", "shop/frontend", "--port", "80"],
        ["query", SHOP, "--from", "shop/frontend", "--to", "shop/cart"],
        ["diff", SHOP],
        ["diff", SHOP, SHOP, NEXT],
        ["diff", "-", "-"],
        ["diff", SHOP, "-", "--with", "-"],
        ["diff", SHOP, NEXT, "--fail-on", "everything"],
        ["diff", "--git", "..", SHOP],
        ["diff", "--git", "no-such-revision..HEAD", SHOP],
        ["diff", "--git", "--bad...HEAD", SHOP],
    ],
    ids=" ".join,
)
def test_trouble_exits_2_and_says_why_on_standard_error_alone(netsim: Netsim, arguments: list[str]) -> None:
    ran = netsim(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err


def test_no_command_shows_the_help_and_exits_2(netsim: Netsim) -> None:
    ran = netsim()
    assert ran.status == 2
    assert "reach" in ran.out + ran.err


@pytest.mark.parametrize("command", [[], ["reach"], ["query"], ["diff"], ["fleet"]])
def test_help_exits_0(netsim: Netsim, command: list[str]) -> None:
    ran = netsim(*command, "--help")
    assert ran.status == 0
    assert ran.out.startswith("Usage: netsim")


@pytest.mark.parametrize("command", [reach, query, diff, fleet])
def test_the_help_of_each_command_ends_in_examples(netsim: Netsim, command: object) -> None:
    name = str(command.__name__).rpartition(".")[2]  # type: ignore[attr-defined]
    assert f"  netsim {name} " in netsim(name, "--help").out


def test_the_version_is_the_package_s(netsim: Netsim) -> None:
    ran = netsim("--version")
    assert (ran.status, ran.out) == (0, "netsim 0.1.0\n")


@pytest.mark.parametrize("kind", [ZeroDivisionError, BrokenPipeError])
def test_a_crash_exits_70_with_its_traceback_and_asks_to_be_reported(
    netsim: Netsim, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise kind("a bug of ours")

    monkeypatch.setattr("netsim.ingest.snapshot", crash)
    ran = netsim("reach", SHOP)
    assert (ran.status, ran.out) == (70, "")
    assert f"{kind.__name__}: a bug of ours" in ran.err
    assert "Please report it" in ran.err


def test_an_interrupt_exits_130(netsim: Netsim, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("netsim.ingest.snapshot", interrupt)
    ran = netsim("reach", SHOP)
    assert (ran.status, ran.out, ran.err) == (130, "", "")


def test_a_real_interrupt_exits_130_without_a_traceback() -> None:
    code = "from netsim.cli.main import run; print('ready', flush=True); run()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, "reach", "-"], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout
        process.stdout.readline()
        time.sleep(0.5)  # now it imports, or waits for standard input
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in err


@pytest.mark.parametrize(("command", "status"), [(f"reach {SHOP}", 0), (f"diff {SHOP} {NEXT}", 1), ("--help", 0)])
def test_a_reader_that_goes_away_changes_no_exit_code(command: str, status: int) -> None:
    for reader in ("head -1", "true"):
        ran = _shell(f"{{ {NETSIM} {command}; echo $? >&3; }} 3>&2 2>/dev/null | {reader} >/dev/null")
        assert ran.stderr.strip() == str(status), reader


def test_a_reader_that_goes_away_hears_no_complaint() -> None:
    ran = _shell(f"{NETSIM} reach {SHOP} --quiet | head -1")
    assert ran.returncode == 0
    assert ran.stdout.startswith("FROM")
    assert ran.stderr == ""


def test_a_full_disk_is_trouble() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    ran = _shell(f"{NETSIM} reach {SHOP} > /dev/full")
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: cannot write standard output")


def test_without_dot_a_picture_names_the_package_and_a_graph_needs_nothing(tmp_path: Path) -> None:
    def reach(form: str) -> subprocess.CompletedProcess[str]:
        arguments = [
            sys.executable,
            "-c",
            "from netsim.cli.main import run; run()",
            "reach",
            SHOP,
            "--quiet",
            "-o",
            form,
        ]
        environment = {**os.environ, "PATH": str(tmp_path)}
        return subprocess.run(arguments, check=False, capture_output=True, text=True, cwd=REPOSITORY, env=environment)

    picture = reach("svg")
    assert (picture.returncode, picture.stdout) == (2, "")
    for told in ("`dot`", "apt install graphviz", "brew install graphviz", "`-o dot`"):
        assert told in picture.stderr
    assert reach("dot").returncode == 0
