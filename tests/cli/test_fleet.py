"""``netsim fleet``: many clusters, as a user meets them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.build import PODS, policy
from tests.cli.conftest import REPOSITORY, Netsim

SHOP, NEXT, TENANTS = "fixtures/online-shop", "fixtures/online-shop-next", "fixtures/multi-tenant"
NETSIM = [sys.executable, "-m", "tests.cli.as_netsim"]
ASKED = ("--from", "shop/frontend", "--to", "shop/cart", "--port", "7070")


def _rows(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_all_is_well_exits_0(netsim: Netsim) -> None:
    ran = netsim("fleet", SHOP, NEXT, "--quiet")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("CLUSTER")
    assert ran.out.endswith("\n2 clusters\n")


def test_a_failed_cluster_exits_2_and_the_others_are_told(netsim: Netsim) -> None:
    ran = netsim("fleet", SHOP, "no/such/cluster")
    assert ran.status == 2
    assert "fixtures/online-shop         17" in ran.out
    assert "no/such/cluster       input: no/such/cluster: NS101 cannot be read" in ran.out
    assert ran.out.endswith("2 clusters, 1 failed\n")


def test_below_the_table_stands_who_says_what(netsim: Netsim) -> None:
    ran = netsim("fleet", SHOP, NEXT, TENANTS, *ASKED, "--exposes", "shop/frontend", "--reference", SHOP)
    assert ran.status == 0
    assert (
        f"shop/frontend -> shop/cart 7070/TCP:\n  allowed in 2: {SHOP}, {NEXT}\n  absent from 1: {TENANTS}\n" in ran.out
    )
    assert f"shop/frontend:\n  exposed in 2: {SHOP}, {NEXT}\n  absent from 1: {TENANTS}\n" in ran.out
    assert f"connections, compared with {SHOP}:\n  differ in 2: {TENANTS}, {NEXT}\n  the same in 1: {SHOP}\n" in ran.out
    assert " +4 -2 ~2\n" in ran.out  # as `netsim diff` counts


def test_json_lines_are_one_versioned_row_a_cluster_by_name(netsim: Netsim) -> None:
    ran = netsim("fleet", NEXT, SHOP, "nowhere", *ASKED, "-o", "jsonl")
    found = _rows(ran.out)
    assert [row["cluster"] for row in found] == [SHOP, NEXT, "nowhere"]
    assert {(row["schema"], row["kind"]) for row in found} == {("netsim/v1", "FleetRow")}
    assert [row["allowed"] for row in found] == ["yes", "yes", None]
    assert "error: nowhere: nowhere: NS101 cannot be read" in ran.err


def test_the_suffix_says_the_format_and_parquet_holds_what_json_lines_hold(netsim: Netsim, tmp_path: Path) -> None:
    from pyarrow import parquet

    question = ("fleet", SHOP, NEXT, "nowhere", "--drift", "--exposes", "shop/frontend")
    for name in ("fleet.jsonl", "fleet.parquet"):
        ran = netsim(*question, "-f", str(tmp_path / name))
        assert (ran.status, ran.out) == (2, "")
    lines = _rows((tmp_path / "fleet.jsonl").read_text())
    rows = parquet.read_table(tmp_path / "fleet.parquet").to_pylist()
    assert [{**row, "schema": "netsim/v1", "kind": "FleetRow"} for row in rows] == lines
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fleet.jsonl", "fleet.parquet"]


def test_a_column_of_parquet_has_its_type_even_where_no_cluster_has_a_value(netsim: Netsim, tmp_path: Path) -> None:
    from pyarrow import parquet

    netsim("fleet", "nowhere", "-f", str(tmp_path / "none.parquet"))
    netsim("fleet", SHOP, "--drift", *ASKED, "-f", str(tmp_path / "some.parquet"))
    assert parquet.read_schema(tmp_path / "none.parquet") == parquet.read_schema(tmp_path / "some.parquet")


@pytest.mark.parametrize(
    "arguments",
    [
        ["-o", "parquet"],
        ["--from", "shop/frontend"],
        ["--with", "a.yaml", "fixtures/multi-tenant"],
        ["--scheduler", "nowhere"],
        ["--timeout", "0"],
        ["fixtures/*.json"],
        ["--dns", "no/such/file"],
    ],
    ids=" ".join,
)
def test_trouble_exits_2_and_says_why_on_standard_error_alone(netsim: Netsim, arguments: list[str]) -> None:
    ran = netsim("fleet", SHOP, *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err


def test_a_slip_of_the_pen_is_trouble_though_every_cluster_could_be_read(netsim: Netsim) -> None:
    ran = netsim("fleet", SHOP, NEXT, "--exposes", "shop/frontent")
    assert ran.status == 2
    assert "error: `shop/frontent` names nothing in the input, in none of the clusters" in ran.err


def test_without_a_majority_the_user_is_told_what_was_compared_with(netsim: Netsim) -> None:
    assert (
        f"no majority: the connections are of 2 kinds; compared with {SHOP}"
        in netsim("fleet", SHOP, NEXT, "--drift").err
    )
    assert "no majority" not in netsim("fleet", SHOP, NEXT, "--reference", NEXT).err


def test_a_cluster_from_standard_input_stands_beside_the_others(netsim: Netsim) -> None:
    ran = netsim("fleet", "-", SHOP, "-o", "jsonl", stdin=PODS)
    assert [(row["cluster"], row["endpoints"]) for row in _rows(ran.out)] == [("-", 3), (SHOP, 17)]


def test_revisions_are_clusters(netsim: Netsim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = ("-c", "user.name=netsim", "-c", "user.email=netsim@example.invalid")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")

    def git(*arguments: str) -> None:
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--initial-branch", "main")
    for number in range(3):
        (tmp_path / "k8s.yaml").write_text(
            PODS + "---\n".join(["", *(policy(f"p{n}", "{podSelector: {}}") for n in range(number))])
        )
        git("add", "--all")
        git("commit", "--message", str(number))
        git("tag", f"v{number}")
    monkeypatch.chdir(tmp_path)
    ran = netsim("fleet", *(f"git:v{number}:k8s.yaml" for number in range(3)), "-o", "jsonl")
    assert [(row["cluster"], row["policies"]) for row in _rows(ran.out)] == [
        (f"git:v{n}:k8s.yaml", n) for n in range(3)
    ]


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Twelve clusters that take a moment each."""
    for number in range(12):
        pods = "".join(
            f'{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "p{n}", "namespace": "n{n % 7}",'
            f' "labels": {{"app": "a{n}"}}}}, "spec": {{"containers": [{{"name": "c", "image": "c"}}]}}}},'
            for n in range(3_000 + number)
        )
        (tmp_path / f"c{number:02}.json").write_text(f'{{"apiVersion": "v1", "kind": "List", "items": [{pods[:-1]}]}}')
    return tmp_path


def _worker(parent: int) -> int | None:
    """Return a worker process of a command, of those that it has now."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
            command = status.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == parent and b"spawn_main" in command:
            return int(status.parent.name)
    return None


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to find the worker in")
def test_a_worker_that_is_killed_costs_no_cluster(netsim: Netsim, many: Path) -> None:
    command = [*NETSIM, "fleet", f"{many}/*.json", "--scheduler", "local", "--workers", "2", "-o", "jsonl"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=REPOSITORY) as process:
        assert process.stdout
        assert process.stderr
        first = process.stdout.readline()  # written before the others are known
        worker = _worker(process.pid)
        assert worker is not None
        os.kill(worker, signal.SIGKILL)
        rest, err = process.stdout.read(), process.stderr.read()
    assert (process.returncode, err) == (0, "")
    expected = _rows(netsim("fleet", f"{many}/*.json", "-o", "jsonl").out)
    found = _rows(first + rest)
    assert [{**row, "attempts": 1} for row in found] == expected
    assert len(found) == 12


@pytest.mark.slow
@pytest.mark.parametrize("scheduler", [[], ["--scheduler", "local", "--workers", "1"]], ids=["here", "local"])
def test_a_cluster_that_hangs_is_given_up_in_time(tmp_path: Path, scheduler: list[str]) -> None:
    os.mkfifo(tmp_path / "hangs.yaml")
    started = time.monotonic()
    ran = subprocess.run(
        [*NETSIM, "fleet", SHOP, str(tmp_path / "hangs.yaml"), "--timeout", "2", "--retries", "0", *scheduler],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        timeout=120,
    )
    assert ran.returncode == 2
    assert "timeout: took longer than 2 s" in ran.stdout
    assert "fixtures/online-shop" in ran.stdout
    assert time.monotonic() - started < 60


@pytest.mark.slow
@pytest.mark.parametrize("scheduler", [[], ["--scheduler", "local", "--workers", "2"]], ids=["here", "local"])
def test_an_interrupt_exits_130_with_what_was_known_and_without_a_traceback(many: Path, scheduler: list[str]) -> None:
    os.mkfifo(many / "z.json")
    command = [*NETSIM, "fleet", f"{many}/*.json", "-o", "jsonl", *scheduler]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd=REPOSITORY
    ) as process:
        assert process.stdout
        first = process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the workers hear it, too
        _, err = process.communicate(timeout=60)
    assert json.loads(first)["cluster"].endswith("c00.json")
    assert (process.returncode, err) == (130, "")


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error(many: Path) -> None:
    command = " ".join(f"'{part}'" for part in [sys.executable, "-m", "tests.cli.as_netsim"])
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{command} fleet '{many}/*.json' --scheduler local -o jsonl | head -1"],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(_rows(ran.stdout)) == 1
