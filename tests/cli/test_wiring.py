"""What users copy works as it stands: the action, the hooks, the pipeline, kubectl, completion."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from junitparser import JUnitXml

from tests.cli.conftest import REPOSITORY, Netsim
from tests.cli.wiring import Workflow, git, pull_request, read, with_netsim

pytestmark = pytest.mark.skipif(not shutil.which("bash") or not shutil.which("git"), reason="needs bash and git")

ACTION = read("action.yml")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return pull_request(tmp_path / "a repository")


def _workflow(repository: Path, tmp_path: Path, /, *, base: str = "", **inputs: str) -> Workflow:
    event = {"github.event.pull_request.base.sha": base or git(repository, "rev-parse", "main")}
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    environment = with_netsim(tmp_path / "bin")
    work = Workflow(ACTION, repository, tmp_path / "scratch", environment, given, event)
    return work.run(without="Install netsim")


def test_the_action_reports_a_pull_request_and_stops_it(repository: Path, tmp_path: Path) -> None:
    ran = _workflow(repository, tmp_path, path="k8s/")
    assert ran.status == 1
    assert "::warning file=k8s/policies-data.yaml,line=39," in ran.printed
    assert "::error::netsim: the change holds what fail-on names: added" in ran.printed
    assert ran.output("changed") == "true"
    assert ran.output("comment").startswith(
        "<!-- netsim:diff -->\n### netsim: +4 connections, -2, ~2; +4 findings (1 high); "
    )
    assert ran.output("comment") == Path(ran.output("comment-file")).read_text(encoding="utf-8").rstrip("\n")
    assert ran.output("result-file").endswith("result.md")
    assert "+4 connections" in ran.summary
    sarif = json.loads(Path(ran.output("sarif-file")).read_text(encoding="utf-8"))
    assert sarif["version"] == "2.1.0"
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in sarif["runs"][0]["results"]}
    assert "k8s/policies-data.yaml" in uris


@pytest.mark.slow
def test_the_action_lets_through_what_its_gate_allows(repository: Path, tmp_path: Path) -> None:
    ran = _workflow(repository, tmp_path, path="k8s/", fail_on="none")
    assert (ran.status, ran.output("changed")) == (0, "true")


@pytest.mark.slow
def test_the_action_compares_the_parts_that_it_is_told(repository: Path, tmp_path: Path) -> None:
    ran = _workflow(repository, tmp_path, path="k8s/", only="connections", fail_on="none")
    assert ran.output("comment").splitlines()[1] == "### netsim: +4 connections, -2, ~2"


@pytest.mark.slow
def test_the_action_compares_with_where_the_branches_parted(repository: Path, tmp_path: Path) -> None:
    git(repository, "checkout", "-q", "main")
    (repository / "k8s" / "policies-shop.yaml").unlink()
    git(repository, "commit", "-q", "-a", "-m", "a later change of main")
    git(repository, "checkout", "-q", "change")
    ran = _workflow(repository, tmp_path, path="k8s/", fail_on="none")
    assert "+4 connections, -2, ~2" in ran.output("comment")


@pytest.mark.slow
def test_the_action_fetches_what_a_shallow_clone_lacks(repository: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=1", "--branch=change", f"file://{repository}", str(clone))
    ran = _workflow(clone, tmp_path, base=git(repository, "rev-parse", "main"), path="k8s/", fail_on="none")
    assert ran.status == 0, ran.printed
    assert "+4 connections, -2, ~2" in ran.output("comment")


@pytest.mark.slow
def test_the_action_says_nothing_of_a_change_that_opens_nothing(repository: Path, tmp_path: Path) -> None:
    git(repository, "checkout", "-q", "-b", "idle", "main")
    git(repository, "commit", "-q", "--allow-empty", "-m", "idle")
    ran = _workflow(repository, tmp_path, path="k8s/")
    assert (ran.status, ran.output("changed")) == (0, "false")
    assert "::warning" not in ran.printed


@pytest.mark.slow
def test_the_action_checks_intents(repository: Path, tmp_path: Path) -> None:
    ran = _workflow(repository, tmp_path, path="k8s/", fail_on="none", intents="intents.yaml")
    assert ran.status == 1
    assert "fails    only its clients reach postgres (intents.yaml:" in ran.printed
    assert "::error::netsim: an intent does not hold" in ran.printed
    assert "`only its clients reach postgres`" in ran.summary
    report = JUnitXml.fromfile(ran.output("intents-file"))
    assert (report.tests, report.failures) == (6, 1)


def test_the_action_fails_on_trouble_at_once(repository: Path, tmp_path: Path) -> None:
    (repository / "k8s" / "broken.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: A_b}\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "broken")
    ran = _workflow(repository, tmp_path, path="k8s/", fail_on="none")
    assert ran.status == 2
    assert "NS109" in ran.printed


def test_the_action_needs_a_base(repository: Path, tmp_path: Path) -> None:
    ran = _workflow(repository, tmp_path, base="0" * 40, path="k8s/")
    assert ran.status == 2
    assert "set the input `base`" in ran.printed


@pytest.mark.slow
def test_the_action_takes_the_inputs_of_netpol_diff_gh_action(repository: Path, tmp_path: Path) -> None:
    old = str(REPOSITORY / "fixtures" / "online-shop")
    new = str(REPOSITORY / "fixtures" / "online-shop-next")
    ran = _workflow(repository, tmp_path, old_path=old, new_path=new, output_format="txt", fail_on="none")
    assert ran.status == 0, ran.printed
    assert Path(ran.output("result-file")).read_text(encoding="utf-8").startswith("+4 connections, -2, ~2")


@pytest.mark.slow
def test_the_action_takes_several_paths_with_blanks(repository: Path, tmp_path: Path) -> None:
    (repository / "more policies").mkdir()
    (repository / "k8s" / "policies-data.yaml").rename(repository / "more policies" / "data.yaml")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "moved")
    ran = _workflow(repository, tmp_path, path="k8s/\nmore policies/\n", fail_on="none")
    assert ran.status == 0, ran.printed
    assert "more policies/data.yaml:39" in ran.output("comment")


def test_no_script_of_the_action_holds_an_expression() -> None:
    # What an expression puts into a script is run: a branch can be named `$(...)`.
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_every_input_of_the_action_is_used_and_none_is_unknown() -> None:
    steps = json.dumps(ACTION["runs"]["steps"])
    assert set(re.findall(r"inputs\.([a-z-]+)", steps)) == ACTION["inputs"].keys()


def test_the_install_step_installs_the_action_itself(tmp_path: Path) -> None:
    # pip is told apart here: what it installs, a wheel's own test proves.
    (step,) = (each for each in ACTION["runs"]["steps"] if each["name"] == "Install netsim")
    programs = tmp_path / "bin"
    programs.mkdir()
    fake = programs / "python3"
    fake.write_text(f'#!/bin/sh\nif [ "$1" = -m ]; then mkdir -p "$3/bin"; cp \'{programs}/pip\' "$3/bin/python"; fi\n')
    (programs / "pip").write_text('#!/bin/sh\necho "$@" >"$RUNNER_TEMP/told"\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_ACTION_PATH": "the/action",
    }
    subprocess.run(["bash", "-c", step["run"]], env=environment, check=True)
    assert (tmp_path / "told").read_text().split() == ["-m", "pip", "install", "--quiet", "the/action"]


# The pipeline of GitLab.


@pytest.mark.slow
def test_the_script_for_gitlab_reports_a_merge_request_and_stops_it(repository: Path, tmp_path: Path) -> None:
    job = read("docs/examples/gitlab-ci.yml")["netsim"]
    environment = with_netsim(tmp_path / "bin") | {
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(repository, "rev-parse", "main")
    }
    statuses = [
        subprocess.run(
            ["bash", "-c", line], cwd=repository, env=environment, check=False, capture_output=True
        ).returncode
        for line in job["script"]
    ]
    assert statuses == [0, 1, 1]
    quality = json.loads((repository / job["artifacts"]["reports"]["codequality"]).read_text())
    assert quality[0]["location"]["path"] == "k8s/policies-platform.yaml"
    assert {issue["check_name"] for issue in quality} > {"NS162", "NS902", "NS904", "NS906"}
    assert JUnitXml.fromfile(str(repository / job["artifacts"]["reports"]["junit"])).failures == 1


# Hooks of pre-commit.


def _hooks(repository: Path, tmp_path: Path, **arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the hooks by pre-commit itself, with this netsim in the place of one that it would install."""
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    chosen = [
        {**hook, "language": "system", **({"args": arguments[hook["id"]]} if arguments[hook["id"]] else {})}
        for hook in hooks
        if hook["id"] in arguments
    ]
    config = repository / ".pre-commit-config.yaml"
    config.write_text(json.dumps({"repos": [{"repo": "local", "hooks": chosen}]}), encoding="utf-8")
    git(repository, "add", "-A")
    environment = with_netsim(tmp_path / "bin") | {"PRE_COMMIT_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color=never"]
    return subprocess.run(command, cwd=repository, env=environment, check=False, capture_output=True, text=True)


@pytest.mark.slow
def test_the_hook_of_manifests_takes_the_names_of_files(repository: Path, tmp_path: Path) -> None:
    ran = _hooks(repository, tmp_path, **{"netsim-manifests": []})
    assert ran.returncode == 0, ran.stdout
    assert "netsim manifests....." in ran.stdout
    (repository / "k8s" / "broken.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: A_b}\n")
    ran = _hooks(repository, tmp_path, **{"netsim-manifests": []})
    assert ran.returncode == 1
    assert "k8s/broken.yaml:3:12: NS109" in ran.stdout


@pytest.mark.slow
def test_the_hook_of_intents_is_about_the_whole(repository: Path, tmp_path: Path) -> None:
    ran = _hooks(repository, tmp_path, **{"netsim-check": ["k8s/", "--intent", "intents.yaml"]})
    assert ran.returncode == 1
    assert "fails    only its clients reach postgres" in ran.stdout
    git(repository, "checkout", "-q", "-f", "main")
    ran = _hooks(repository, tmp_path, **{"netsim-check": ["k8s/", "--intent", "intents.yaml"]})
    assert ran.returncode == 0, ran.stdout


@pytest.mark.slow
def test_the_hook_of_differences_looks_at_the_working_tree(repository: Path, tmp_path: Path) -> None:
    assert _hooks(repository, tmp_path, **{"netsim-diff": ["k8s/"]}).returncode == 0
    (repository / "k8s" / "policies-payments.yaml").unlink()
    ran = _hooks(repository, tmp_path, **{"netsim-diff": ["k8s/"]})
    assert ran.returncode == 1
    assert "payments/ledger" in ran.stdout


# kubectl, and shells.

SCRIPTS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]


def _script(name: str, folder: Path) -> None:
    """Write the program that an installation would, for one of the project's scripts."""
    module, _, function = SCRIPTS[name].partition(":")
    program = folder / name
    code = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); from {module} import {function}; {function}()"
    program.write_text(f"#!{sys.executable}\n{code}\n", encoding="utf-8")
    program.chmod(0o755)


def _kubectl() -> str | None:
    beside = Path(sys.executable).with_name("kubectl")
    return str(beside) if beside.exists() else shutil.which("kubectl")


@pytest.mark.skipif(_kubectl() is None, reason="needs kubectl")
def test_kubectl_finds_netsim_and_passes_its_exit_code_on(tmp_path: Path) -> None:
    _script("kubectl-netsim", tmp_path)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = [
        str(_kubectl()),
        "netsim",
        "query",
        "fixtures/online-shop",
        "--from",
        "shop/cart",
        "--to",
        "data/postgres",
    ]
    ran = subprocess.run(
        [*command, "--port", "5432", "-q"], cwd=REPOSITORY, env=environment, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout.startswith("denied: shop/cart -> data/postgres TCP 5432")
    usage = subprocess.run([*command[:2], "--help"], env=environment, check=True, capture_output=True, text=True)
    assert usage.stdout.startswith("Usage: kubectl netsim [OPTIONS] COMMAND")


def test_kubectl_completes_commands_and_options(tmp_path: Path) -> None:
    _script("kubectl_complete-netsim", tmp_path)

    def completed(*words: str) -> list[str]:
        command = [str(tmp_path / "kubectl_complete-netsim"), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()

    assert completed("rea") == ["reach", ":0"]
    assert completed("check", "--must") == ["--must-allow", "--must-deny", ":0"]
    assert completed("reach", "k8s/") == [":0"]


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        ("bash", "complete -o default -F _netsim_completion netsim"),
        ("zsh", "#compdef netsim"),
        ("fish", "complete --command netsim"),
        ("powershell", "Register-ArgumentCompleter -Native -CommandName netsim"),
    ],
)
def test_any_shell_is_told_how_to_complete(netsim: Netsim, shell: str, said: str) -> None:
    ran = netsim("completion", shell)
    assert (ran.status, ran.err) == (0, "")
    assert said in ran.out
    assert "_NETSIM_COMPLETE" in ran.out


def test_a_shell_that_nobody_knows_is_refused(netsim: Netsim) -> None:
    ran = netsim("completion", "csh")
    assert (ran.status, ran.out) == (2, "")
    assert "'bash', 'zsh', 'fish', 'powershell'" in ran.err


def test_bash_completes_what_it_was_told(tmp_path: Path) -> None:
    script = """source <(netsim completion bash) && COMP_WORDS=(netsim rea) && COMP_CWORD=1 && _netsim_completion netsim
    echo "${COMPREPLY[@]}"
    netsim --show-completion"""  # which asks who calls: a shell of its own, whatever runs the tests
    environment = with_netsim(tmp_path / "bin")
    ran = subprocess.run(
        ["bash", "-c", f"{script}; exit $?"], env=environment, check=True, capture_output=True, text=True
    )
    assert ran.stdout.startswith("reach\n_netsim_completion() {")
