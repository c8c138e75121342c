"""Which texts an input holds."""

import io
import os
import subprocess
from pathlib import Path

import pytest

from netsim.errors import Problem
from netsim.ingest.sources import Source, texts


def read(source: Source, *, stdin: bytes = b"") -> tuple[list[tuple[str, bytes]], list[Problem]]:
    problems: list[Problem] = []
    found = [(text.file, text.data) for text in texts(source, problems, stdin=io.BytesIO(stdin))]
    return found, problems


def refused(source: Source) -> Problem:
    found, problems = read(source)
    assert not found
    (problem,) = problems
    return problem


def write(folder: Path, **files: str) -> None:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose first revision differs from the files on disk."""
    git(tmp_path, "init", "-q")
    write(tmp_path, k8s__a_yaml="old", k8s__sub__b_json="{}", k8s___hidden__c_yaml="hidden", notes_txt="text")
    (tmp_path / "k8s" / "link.yml").symlink_to("a.yaml")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    write(tmp_path, k8s__a_yaml="new")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_named_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    write(tmp_path, notes_txt="kind: Pod")
    assert read(str(tmp_path / "notes.txt")) == ([(str(tmp_path / "notes.txt"), b"kind: Pod")], [])


def test_a_folder_gives_its_manifests_sorted_and_nothing_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, z_yaml="1", b__c_json="2", b__a_yml="3", readme_md="4", a_yaml="5")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.yaml").write_text("6")
    monkeypatch.chdir(tmp_path)
    assert [file for file, _ in read(".")[0]] == ["a.yaml", "z.yaml", "b/a.yml", "b/c.json"]


def test_a_link_to_a_folder_above_is_no_loop(tmp_path: Path) -> None:
    write(tmp_path, a__b_yaml="1")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "same.yaml").symlink_to("b.yaml")
    found, problems = read(tmp_path)
    assert [Path(file).name for file, _ in found] == ["b.yaml", "same.yaml"]
    assert not problems


def test_a_missing_path_a_folder_without_manifests_and_a_broken_link_are_problems(tmp_path: Path) -> None:
    assert refused(str(tmp_path / "absent.yaml")).code == "NS101"
    assert refused("bad\0name").code == "NS101"
    write(tmp_path, empty__readme_md="")
    assert refused(tmp_path / "empty").message.endswith("no file below this folder ends in .yaml, .yml, .json")
    (tmp_path / "broken.yaml").symlink_to("nowhere")
    assert refused(tmp_path).file == str(tmp_path / "broken.yaml")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_does_not_hide_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path, a_yaml="1", b_yaml="2")
    (tmp_path / "a.yaml").chmod(0)
    found, problems = read(tmp_path)
    assert [data for _, data in found] == [b"2"]
    assert [problem.code for problem in problems] == ["NS101"]


def test_standard_input_and_open_files_are_read(tmp_path: Path) -> None:
    assert read("-", stdin=b"kind: Pod") == ([("<stdin>", b"kind: Pod")], [])
    assert read(io.StringIO("é")) == ([("<input>", "é".encode())], [])
    write(tmp_path, a_yaml="1")
    with (tmp_path / "a.yaml").open("rb") as file:
        assert read(file) == ([(str(tmp_path / "a.yaml"), b"1")], [])
        file.close()
        assert refused(file).code == "NS101"


def test_a_path_object_is_never_standard_input() -> None:
    assert refused(Path("-")).file == "-"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_tolerated(encoding: str) -> None:
    assert read("-", stdin="é: ü".encode(encoding))[0] == [("<stdin>", "é: ü".encode())]


def test_what_is_no_text_is_refused_with_its_byte_and_line() -> None:
    for content in (b"a: b\nc: \xff", b"a: b\nc: \0"):
        _, (problem,) = read("-", stdin=content)
        assert (problem.code, problem.line, problem.column) == ("NS102", 2, 4)
        assert problem.message.startswith("byte 8 is ")


def test_a_character_across_two_chunks_is_one_character() -> None:
    content = b"#" * ((1 << 20) - 1) + "é".encode()
    assert read("-", stdin=content)[0] == [("<stdin>", content)]
    _, (problem,) = read("-", stdin=content + b"\xc3")
    assert problem.column == (1 << 20) + 1


def test_a_text_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff")
    with (tmp_path / "a.yaml").open(encoding="utf-8") as file:
        assert refused(file).code == "NS102"


def test_a_folder_at_a_revision_is_read_as_on_disk(repository: Path) -> None:
    found, problems = read("git:HEAD:k8s")
    assert found == [
        ("git:HEAD:k8s/a.yaml", b"old"),
        ("git:HEAD:k8s/link.yml", b"old"),
        ("git:HEAD:k8s/sub/b.json", b"{}"),
    ]
    assert not problems
    assert [Path(file).name for file, _ in found] == [Path(file).name for file, _ in read("k8s")[0]]
    assert found == read("git:HEAD:k8s/")[0]
    assert [data for _, data in found] == [data for _, data in read(f"git:HEAD:{repository}/k8s")[0]]


def test_a_path_at_a_revision_is_relative_to_the_current_folder(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "k8s")
    assert read("git:HEAD:a.yaml") == ([("git:HEAD:a.yaml", b"old")], [])
    assert read("git:HEAD:../notes.txt") == ([("git:HEAD:../notes.txt", b"text")], [])
    assert [file for file, _ in read("git:HEAD:.")[0]] == [
        "git:HEAD:a.yaml",
        "git:HEAD:link.yml",
        "git:HEAD:sub/b.json",
    ]


def test_an_unknown_revision_or_path_says_what_to_do(repository: Path) -> None:
    unknown = refused("git:v9:k8s")
    assert (unknown.code, unknown.message) == ("NS101", "cannot be read: no revision `v9` in this repository")
    assert "git branch" in unknown.hint
    assert refused("git:HEAD:absent").message == "cannot be read: no file or folder `absent` at this revision"
    assert refused("git:HEAD:../outside").code == "NS101"
    assert refused("git:--help:k8s").message == "cannot be read: `--help` is no revision"
    assert refused(f"git:HEAD:{repository / 'notes'}").code == "NS101"
    (repository / "empty").mkdir()
    write(repository, empty__readme_md="")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "second")
    assert "no file below this folder" in refused("git:HEAD:empty").message


def test_a_link_out_of_the_repository_is_a_problem(repository: Path) -> None:
    (repository / "k8s" / "out.yaml").symlink_to("/etc/hostname")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "second")
    found, problems = read("git:HEAD:k8s")
    assert [file for file, _ in found][-1] == "git:HEAD:k8s/sub/b.json"
    assert [problem.file for problem in problems] == ["git:HEAD:k8s/out.yaml"]


def test_a_folder_outside_any_repository_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert "not a git repository" in refused("git:HEAD:k8s").message


def test_without_git_there_is_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    problem = refused("git:HEAD:k8s")
    assert (problem.code, problem.message) == ("NS101", "cannot be read: git is not installed")
    assert problem.hint
