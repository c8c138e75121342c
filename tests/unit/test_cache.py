"""What was read before of the same bytes."""

import io
import os
import pickle
from hashlib import blake2b
from pathlib import Path
from threading import Thread

import pytest

from netsim.errors import UsageError
from netsim.ingest import Limits, cache, snapshot
from netsim.ir.snapshot import Snapshot

FIXTURES = Path(__file__).parents[2] / "fixtures"
POD = (
    '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},'
    ' "spec": {"containers": [{}]}, "status": {"podIP": "IP"}}'
)


def read(folder: Path, text: str = POD.replace("IP", "10.0.0.1"), **limits: int) -> Snapshot:
    return snapshot([io.BytesIO(text.encode())], keep_going=True, cached=folder, limits=Limits(**limits))[0]


def kept(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "of" / "mine"


@pytest.mark.parametrize("case", sorted(path.name for path in FIXTURES.iterdir() if path.is_dir()))
def test_what_comes_out_is_what_went_in(case: str, folder: Path) -> None:
    first = snapshot([FIXTURES / case], keep_going=True, cached=folder)
    again = snapshot([FIXTURES / case], keep_going=True, cached=folder)
    assert len(kept(folder)) == 1
    assert first == again == snapshot([FIXTURES / case], keep_going=True)


def test_other_bytes_another_name_and_other_limits_are_read_anew(folder: Path, tmp_path: Path) -> None:
    read(folder)
    read(folder, POD.replace("IP", "fe80::1"))
    read(folder, problems=5)
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(POD.replace("IP", "10.0.0.1"))
        snapshot([tmp_path / name], cached=folder)
    assert len(kept(folder)) == 5


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:100] + b"x" + data[101:], lambda _: b""])
def test_a_damaged_file_is_read_anew_and_mended(damage: object, folder: Path) -> None:
    fresh = read(folder)
    (file,) = kept(folder)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))  # type: ignore[operator]
    assert read(folder) == fresh
    assert file.read_bytes() == whole


class _Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("echo you have been had >&2",)


def test_a_file_of_somebody_else_runs_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fresh = read(folder)
    (file,) = kept(folder)
    for payload in (pickle.dumps((_Evil(), ())), pickle.dumps((snapshot, ())), pickle.dumps((Path("x"), ()))):
        file.write_bytes(blake2b(payload).digest() + payload)
        assert read(folder) == fresh
    assert not capfd.readouterr().err


def test_a_folder_that_others_may_write_is_refused(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    with pytest.raises(UsageError, match="may be written by others"):
        read(folder)
    (folder / "file").write_text("")
    with pytest.raises(UsageError, match="no folder"):
        read(folder / "file")


def test_what_cannot_be_read_is_not_kept(folder: Path, tmp_path: Path) -> None:
    _, problems = snapshot([tmp_path / "absent"], keep_going=True, cached=folder)
    assert [problem.code for problem in problems] == ["NS101"]
    assert not folder.exists()


def test_several_at_once_see_all_or_nothing(folder: Path) -> None:
    texts = [POD.replace("IP", f"10.0.0.{number}") for number in range(4)] * 4
    found: list[Snapshot] = []
    threads = [Thread(target=lambda text=text: found.append(read(folder, text))) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(texts)
    assert len(kept(folder)) == 4
    assert all(cache.load(folder, file.name) for file in kept(folder))
