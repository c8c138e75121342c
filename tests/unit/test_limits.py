"""How much of an input is read before it is refused."""

import io
import subprocess
import time
from pathlib import Path

import pytest

from netsim.errors import Problem
from netsim.ingest import Limits, read_documents, snapshot
from netsim.ingest.limits import Problems

POD = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "uid": "1"}, "spec": {"containers": [{}]}}'


def read(text: str, **limits: int) -> tuple[int, list[str]]:
    """Return how many pods a text holds, and the codes of what is wrong with it."""
    found, problems = snapshot([io.BytesIO(text.encode())], keep_going=True, limits=Limits(**limits))
    return len(found.pods), [problem.code for problem in problems]


def test_a_file_of_as_many_bytes_as_allowed_is_read_and_one_of_more_is_not() -> None:
    assert read(POD, bytes=len(POD)) == (1, [])
    assert read(POD, bytes=len(POD) - 1) == (0, ["NS104"])


def test_a_file_on_disk_is_refused_by_its_size_before_it_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(200_000_000_000)  # a sparse file: no disk has to hold it, and no memory could
    (tmp_path / "pod.json").write_text(POD)
    start = time.process_time()
    found, (problem,) = snapshot([tmp_path], keep_going=True)
    assert time.process_time() - start < 1
    assert (len(found.pods), problem.code, problem.file) == (1, "NS104", str(huge))
    assert "200,000,000,000 bytes" in problem.message
    assert "--max-bytes" in problem.hint


def test_what_goes_on_for_ever_is_read_up_to_the_limit() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1, /) -> bytes:
            return b" " * min(size, 1_000)

    found, (problem,) = snapshot([Endless()], keep_going=True, limits=Limits(bytes=1_000_000))  # type: ignore[list-item]
    assert problem.code == "NS104"
    assert not found.pods


def test_at_a_revision_a_large_file_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_text(POD + " " * 3_000_000)
    (tmp_path / "b.json").write_text(POD)
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run(["git", *identity, *arguments], check=True)
    found, (problem,) = snapshot(["git:HEAD:."], keep_going=True, limits=Limits(bytes=1_000_000))
    assert (len(found.pods), problem.code, problem.file) == (1, "NS104", "git:HEAD:a.json")


def test_the_aliases_of_all_documents_of_a_file_count_together() -> None:
    document = "a: &a [1, 2, 3, 4]\nb: [*a, *a]\n---\n"
    assert read(document * 10, aliased=100) == (0, [])
    assert read(document * 11, aliased=100) == (0, ["NS104"])


def test_an_anchor_on_a_key_that_stood_before_is_known() -> None:
    problems: list[Problem] = []
    (document,) = read_documents([io.BytesIO(b"a: 1\nb: {&x a: 2}\nc: *x\n")], problems)
    assert not problems
    assert document.tree()["c"] == "a"


def test_so_many_problems_are_kept_and_the_rest_is_counted() -> None:
    text = '{"kind": "List", "items": [' + "1, " * 99 + "1]}"
    _, problems = snapshot([io.BytesIO(text.encode())], keep_going=True, limits=Limits(problems=10))
    assert [problem.code for problem in problems] == ["NS102"] * 10 + ["NS104"]
    assert problems[-1].message == "90 more problems are not listed"


def test_every_way_to_add_a_problem_is_counted() -> None:
    problems, one = Problems(Limits(problems=2)), Problem(file="a", code="NS101", message="m")
    problems.append(one)
    problems.extend([one, one])
    problems += [one]
    assert len(problems) == 2
    assert [each.code for each in problems.all()] == ["NS101", "NS104"]


def test_a_problem_quotes_the_beginning_of_what_is_endless() -> None:
    pod = POD.replace('"a"', f'"{"x" * 1_000_000}"')
    _, (problem,) = snapshot([io.BytesIO(pod.encode())], keep_going=True)
    assert problem.code == "NS109"
    assert len(str(problem)) < 5_000


DEEP = 100_000
_CHAIN = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a0, *a0]\n" for n in range(1, 9))
_BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 10}]\n" for n in range(1, 10))
_MERGES = "a0: &a0 {k: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{f'*a{n - 1}, ' * 10}]}}\n" for n in range(1, 9))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("[" * DEEP, ["NS104"]),
        ('{"a":' * DEEP, ["NS104"]),
        ('{"kind":"List","items":[' * DEEP, ["NS104"]),
        ("- " * DEEP, ["NS104"]),
        ('{"kind": "Pod", "x": ' + "[" * 300 + "]" * 300 + "}", ["NS104"]),
        ("a: " + "x" * 5_000_000, []),
        ('{"a": "' + "x" * 5_000_000 + '"}', []),
        ("a: " + "9" * 1_000_000, []),
        ('{"kind": "Pod", "x": ' + "9" * 1_000_000 + "}", ["NS102"]),
        ("{}\n" * 20_000, []),
        ("a: 1\n---\n" * 10_000, []),
        ("---\n" * 100_000, []),
        (_CHAIN, []),
        (_BOMB, ["NS104"]),
        (_MERGES, []),
    ],
    ids=range(15),
)
def test_hostile_texts_are_refused_or_read_in_little_time(text: str, codes: list[str]) -> None:
    start = time.process_time()
    _, problems = snapshot([io.BytesIO(text.encode())], keep_going=True)
    assert [problem.code for problem in problems] == codes
    assert time.process_time() - start < 10
