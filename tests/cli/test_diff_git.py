"""``netsim diff --git`` in real repositories: every state that a pull request comes in."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Netsim, Ran
from tests.cli.repositories import MOVED, NARROW, PODS, WIDE, WIDENED, Repository, new_repository


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, netsim: Netsim) -> Repository:  # noqa: ARG001
    """A repository whose main is narrow, in which the test stands; `netsim` has gone elsewhere before."""
    found = new_repository(tmp_path / "repository")
    found.commit("first", k8s__pods_yaml=PODS, k8s__policy_yaml=NARROW)
    monkeypatch.chdir(found.folder)
    return found


def clone(repository: Repository, folder: Path, *options: str) -> Repository:
    repository.git("clone", *options, f"file://{repository.folder}", str(folder))
    return Repository(folder)


def changes(ran: Ran) -> list[tuple[str, str, str]]:
    return [(each["from"], each["to"], each["change"]) for each in json.loads(ran.out)["changes"]]


def test_two_branches_are_compared_and_nothing_is_touched(repository: Repository, netsim: Netsim) -> None:
    repository.git("switch", "--create", "branch")
    repository.commit(k8s__policy_yaml=WIDE)
    repository.git("switch", "main")
    repository.write("k8s/policy.yaml", "not: [yaml")  # the work tree is not looked at
    repository.write("k8s/untracked.yaml", PODS.replace("name: web,", "name: other,"))
    before = repository.state()
    ran = netsim("diff", "--git", "main..branch", "k8s")
    assert ran.status == 1
    assert ran.out.startswith("+0 connections, -0, ~1\n")
    assert WIDENED in ran.out
    assert "git:branch:k8s/policy.yaml:7" in ran.out
    assert repository.state() == before


def test_a_pull_request_is_compared_with_where_it_started_and_after_a_merge_with_what_it_brings(
    repository: Repository, netsim: Netsim
) -> None:
    repository.git("switch", "--create", "branch")
    repository.commit(k8s__policy_yaml=WIDE)
    repository.git("switch", "main")
    repository.commit(k8s__more_yaml=PODS.replace("web", "other").partition("---")[0])
    assert "shop/other[Pod]" in netsim("diff", "--git", "main..branch", "k8s").out
    assert "shop/other[Pod]" not in netsim("diff", "--git", "main...branch", "k8s").out
    repository.git("switch", "branch")
    repository.git("merge", "--no-edit", "main")
    ran = netsim("diff", "--git", "main...HEAD", "k8s")
    assert WIDENED in ran.out
    assert "shop/other[Pod]" not in ran.out


def test_a_file_that_moves_is_no_change(repository: Repository, netsim: Netsim) -> None:
    repository.git("mv", "k8s/policy.yaml", "k8s/renamed.yaml")
    repository.commit("rename")
    ran = netsim("diff", "--git", "HEAD~1..HEAD", "k8s")
    assert (ran.status, ran.out) == (0, "no connection differs\n")


def test_a_policy_whose_file_is_deleted_is_blamed_where_it_stood(repository: Repository, netsim: Netsim) -> None:
    repository.commit(k8s__policy_yaml=None)
    ran = netsim("diff", "--git", "HEAD~1..HEAD", "k8s")
    assert ran.status == 1
    assert "no longer keeps it out (git:HEAD~1:k8s/policy.yaml:1)" in ran.out


@pytest.mark.parametrize(("path", "said"), [("k8s/policy.yaml", "TCP 80 => all"), ("k8s/new.yaml", "all => TCP 80")])
def test_a_path_that_one_side_alone_has_is_an_empty_side(
    repository: Repository, netsim: Netsim, path: str, said: str
) -> None:
    repository.commit(k8s__policy_yaml=None, k8s__new_yaml=NARROW)
    ran = netsim("diff", "--git", "HEAD~1..HEAD", path, "--with", "k8s/pods.yaml")
    assert ran.status == 1
    assert f"~ shop/web[Pod]  shop/db[Pod]  {said}\n" in ran.out
    assert "holds nothing to read: that side is empty there" in ran.err


def test_a_folder_that_is_new_is_compared_with_nothing(repository: Repository, netsim: Netsim) -> None:
    repository.commit(extra__pods_yaml=PODS.replace("shop", "extra"))
    ran = netsim("diff", "--git", "HEAD~1..HEAD", "extra", "-o", "json")
    assert ran.status == 1
    assert {change for _, _, change in changes(ran)} == {"added"}
    assert {each["change"] for each in json.loads(ran.out)["workloads"]} == {"added"}


def test_a_path_that_neither_side_has_is_trouble(repository: Repository, netsim: Netsim) -> None:
    repository.commit(k8s__policy_yaml=WIDE)
    ran = netsim("diff", "--git", "HEAD~1..HEAD", "absent")
    assert (ran.status, ran.out) == (2, "")
    assert "no file or folder `absent` at this revision" in ran.err


def test_paths_with_spaces_and_letters_of_any_alphabet_are_paths(repository: Repository, netsim: Netsim) -> None:
    repository.commit(**{"a b__ключ ü_yaml": NARROW})
    repository.commit(**{"a b__ключ ü_yaml": WIDE})
    ran = netsim("diff", "--git", "HEAD~1..HEAD", "a b", "--with", "k8s/pods.yaml")
    assert WIDENED in ran.out
    assert "(git:HEAD:a b/ключ ü.yaml:7)" in ran.out


def test_paths_are_relative_to_the_current_folder(
    repository: Repository, netsim: Netsim, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(k8s__policy_yaml=WIDE)
    monkeypatch.chdir(repository.folder / "k8s")
    assert WIDENED in netsim("diff", "--git", "HEAD~1..HEAD").out
    assert WIDENED in netsim("diff", "--git", "HEAD~1..HEAD", "../k8s").out


def test_one_revision_is_compared_with_the_files_as_they_are_also_where_they_are_gone(
    repository: Repository, netsim: Netsim
) -> None:
    repository.write("k8s/policy.yaml", WIDE)
    assert WIDENED in netsim("diff", "--git", "HEAD", "k8s").out
    repository.write("k8s/policy.yaml", None)
    ran = netsim("diff", "--git", "HEAD", "k8s/policy.yaml", "--with", "k8s/pods.yaml")
    assert (ran.status, "TCP 80 => all" in ran.out) == (1, True)


def test_a_shallow_clone_says_what_to_fetch_and_then_works(
    repository: Repository, netsim: Netsim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.git("switch", "--create", "branch")
    repository.commit(k8s__policy_yaml=WIDE)
    shallow = clone(repository, tmp_path / "shallow", "--depth", "1", "--branch", "branch")
    monkeypatch.chdir(shallow.folder)
    ran = netsim("diff", "--git", "main..HEAD", "k8s")
    assert (ran.status, ran.out) == (2, "")
    assert "no revision `main` in this repository" in ran.err
    fetch = "git fetch --depth=1 origin +main:refs/remotes/origin/main"
    assert f"this clone is shallow: `{fetch}` brings it as origin/main" in ran.err
    assert "fetch-depth: 0" in ran.err
    shallow.git(*fetch.split()[1:])
    assert (
        "this clone has no branch main of its own, but it has `origin/main`"
        in netsim("diff", "--git", "main..", "k8s").err
    )
    assert WIDENED in netsim("diff", "--git", "origin/main..HEAD", "k8s").out
    ran = netsim("diff", "--git", "origin/main...HEAD", "k8s")
    assert (ran.status, ran.out) == (2, "")
    assert "this clone is shallow, and holds no common ancestor of the two" in ran.err
    assert "git fetch --unshallow" in ran.err
    assert "git fetch --deepen" in netsim("diff", "--git", "HEAD~5..HEAD", "k8s").err
    shallow.git("fetch", "--unshallow")
    assert WIDENED in netsim("diff", "--git", "origin/main...HEAD", "k8s").out


@pytest.mark.parametrize("left_out", ["blob:none", "tree:0"])
def test_a_partial_clone_says_what_to_fetch_and_then_works(
    repository: Repository, netsim: Netsim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_out: str
) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.git("switch", "--create", "branch")
    repository.commit(k8s__policy_yaml=WIDE)
    partial = clone(repository, tmp_path / "partial", f"--filter={left_out}")
    monkeypatch.chdir(partial.folder)
    ran = netsim("diff", "--git", "origin/main..HEAD", "k8s")
    if ran.status != 2:
        pytest.skip("this git fetches though it was told not to")
    assert "NS101 cannot be read: this clone is partial, and does not hold all of it" in ran.err
    archive = ran.err.partition("`git ")[2].partition(" >/dev/null`")[0]
    partial.git(*archive.split())
    assert WIDENED in netsim("diff", "--git", "origin/main..HEAD", "k8s").out


@pytest.mark.parametrize("dots", ["..", "..."])
def test_a_repository_that_git_does_not_trust_is_told_of_in_git_s_words(
    repository: Repository, netsim: Netsim, monkeypatch: pytest.MonkeyPatch, dots: str
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    ran = netsim("diff", "--git", f"main{dots}HEAD", "k8s")
    assert (ran.status, ran.out) == (2, "")
    assert f"detected dubious ownership in repository at '{repository.folder}'" in ran.err
    assert f"call: git config --global --add safe.directory {repository.folder}" in ran.err


@pytest.mark.parametrize("dots", ["..", "..."])
def test_outside_of_a_repository_there_are_no_revisions(
    netsim: Netsim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dots: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    ran = netsim("diff", "--git", f"main{dots}HEAD", "k8s")
    assert (ran.status, ran.out) == (2, "")
    assert "not a git repository" in ran.err
    assert "hint: run netsim inside the repository, or name two folders" in ran.err


@pytest.fixture
def with_submodule(repository: Repository, tmp_path: Path) -> Repository:
    """The repository with a submodule of policies, which its last commit moves from narrow to wide."""
    policies = new_repository(tmp_path / "policies")
    policies.commit(net__policy_yaml=NARROW, hidden__readme_md="nothing")
    repository.commit(k8s__policy_yaml=None)
    repository.git("submodule", "add", f"file://{policies.folder}", "k8s/policies")
    repository.commit("with submodule")
    policies.commit(net__policy_yaml=WIDE)
    Repository(repository.folder / "k8s" / "policies").git("pull")
    repository.commit("submodule moves")
    return repository


@pytest.mark.parametrize("path", ["k8s", "k8s/policies", "k8s/policies/net", "k8s/policies/net/policy.yaml"])
def test_a_submodule_is_read_at_the_commit_that_each_revision_has_of_it(
    with_submodule: Repository, netsim: Netsim, path: str
) -> None:
    before = with_submodule.state()
    ran = netsim("diff", "--git", "HEAD~1..HEAD", path, "--with", "k8s/pods.yaml")
    assert ran.status == 1, ran.err
    assert WIDENED in ran.out
    assert "git:HEAD:k8s/policies/net/policy.yaml:7" in ran.out
    assert with_submodule.state() == before


def test_a_submodule_that_is_gone_is_read_from_where_git_keeps_it(with_submodule: Repository, netsim: Netsim) -> None:
    with_submodule.git("rm", "k8s/policies")
    with_submodule.commit("without submodule")
    ran = netsim("diff", "--git", "HEAD~1..HEAD", "k8s")
    assert (ran.status, "TCP 80,443 => all" in ran.out) == (1, True), ran.err


def test_a_submodule_that_was_never_fetched_is_trouble_with_the_way_out(
    with_submodule: Repository, netsim: Netsim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clone(with_submodule, tmp_path / "bare").folder)
    ran = netsim("diff", "--git", "HEAD~1..HEAD", "k8s")
    assert (ran.status, ran.out) == (2, "")
    assert "`k8s/policies` is a submodule, and its commit " in ran.err
    assert "git submodule update --init k8s/policies" in ran.err


def test_yaml_that_is_broken_on_one_side_is_trouble_and_with_keep_going_the_rest_is_told(
    repository: Repository, netsim: Netsim
) -> None:
    repository.commit(k8s__policy_yaml=MOVED, k8s__broken_yaml="kind: [Pod\n")
    ran = netsim("diff", "--git", "HEAD~1..HEAD", "k8s")
    assert (ran.status, ran.out) == (2, "")
    assert "git:HEAD:k8s/broken.yaml:" in ran.err
    assert "NS102" in ran.err
    ran = netsim("diff", "--git", "HEAD~1..HEAD", "k8s", "--keep-going")
    assert ran.status == 2
    assert "~ shop/web[Pod]  shop/db[Pod]  TCP 80 => TCP 443" in ran.out
    assert "could not be read whole" in ran.err
    ran = netsim("diff", "--git", "HEAD~1..HEAD", "k8s", "--keep-going", "-o", "json")
    assert "could not be read whole" in json.loads(ran.out)["warnings"][0]["message"]


def test_a_dump_of_the_cluster_is_context_under_both_sides(repository: Repository, netsim: Netsim) -> None:
    repository.commit(k8s__pods_yaml=None)
    repository.commit(k8s__policy_yaml=WIDE)
    repository.write("dump.yaml", PODS + "---\n" + NARROW)  # the policy of the revision overrides that of the dump
    ran = netsim("diff", "--git", "HEAD~1..HEAD", "k8s", "--with", "dump.yaml")
    assert ran.status == 1
    assert WIDENED in ran.out


@pytest.mark.parametrize("path", ["-", "git:HEAD:k8s"])
def test_what_has_no_revisions_is_refused(repository: Repository, netsim: Netsim, path: str) -> None:
    repository.commit(k8s__policy_yaml=WIDE)
    ran = netsim("diff", "--git", "HEAD~1..HEAD", path)
    assert (ran.status, ran.out) == (2, "")
    assert f"`{path}` has no revisions" in ran.err


def test_a_hook_of_git_does_not_lead_astray(with_submodule: Repository) -> None:
    (with_submodule.folder / ".git" / "hooks" / "post-commit").write_text(
        f"#!/bin/sh\n{sys.executable} -c 'from netsim.cli.main import run; run()' "
        'diff --git HEAD~2..HEAD~1 k8s > "$PWD/../told" 2>&1\nexit 0\n'
    )
    (with_submodule.folder / ".git" / "hooks" / "post-commit").chmod(0o755)
    with_submodule.commit("hooked", readme_md="x")
    assert WIDENED in (with_submodule.folder.parent / "told").read_text()


def test_the_installed_command_does_as_much(repository: Repository) -> None:
    repository.commit(k8s__policy_yaml=WIDE)
    command = [sys.executable, "-c", "from netsim.cli.main import run; run()", "diff", "--git", "HEAD~1..", "k8s"]
    ran = subprocess.run(command, cwd=repository.folder, check=False, capture_output=True, text=True)
    assert (ran.returncode, WIDENED in ran.stdout) == (1, True), ran.stderr
