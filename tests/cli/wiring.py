"""What users copy, run as it stands: an action's steps, a pipeline's script, hooks."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from netsim.ingest.documents import read_documents
from tests.cli.conftest import REPOSITORY

#: So that commits, and so the names of revisions in outputs, are the same on every run.
GIT = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def read(file: str) -> dict[str, Any]:
    """Return what a YAML file of the repository holds, as strictly read as any input."""
    problems: list[Any] = []
    (document,) = read_documents([REPOSITORY / file], problems)
    assert not problems
    return document.tree()


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder; return what it prints."""
    ran = subprocess.run(["git", *arguments], cwd=folder, env={**os.environ, **GIT}, check=True, capture_output=True)
    return ran.stdout.decode().strip()


def pull_request(folder: Path) -> Path:
    """Return a repository whose branch `change` brings online-shop-next to what `main` has of online-shop."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for branch, case in (("main", "online-shop"), ("change", "online-shop-next")):
        if branch != "main":
            git(folder, "checkout", "-q", "-b", branch)
        (folder / "k8s").mkdir(exist_ok=True)
        for file in sorted((REPOSITORY / "fixtures" / case / "manifests").iterdir()):
            (folder / "k8s" / file.name).write_bytes(file.read_bytes())
        (folder / "intents.yaml").write_bytes((REPOSITORY / "docs" / "examples" / "intents.yaml").read_bytes())
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", branch)
    return folder


def with_netsim(folder: Path) -> dict[str, str]:
    """Return the environment in which `netsim` is this one, as a program on PATH."""
    folder.mkdir(exist_ok=True)
    program = folder / "netsim"
    code = "from netsim.cli.main import run; run()"
    path = f'PYTHONPATH="{REPOSITORY}"'
    program.write_text(f"#!/bin/sh\n{path} exec '{sys.executable}' -c '{code}' \"$@\"\n", encoding="utf-8")
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    return {**kept, **GIT, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")


def evaluated(text: str, known: Mapping[str, str]) -> str:
    """Return a text with its expressions evaluated, as far as actions use them here: names, and `a || b`."""

    def value(found: re.Match[str]) -> str:
        return next((v for name in found[1].split("||") if (v := known.get(name.strip(), ""))), "")

    return _EXPRESSION.sub(value, text)


@dataclass
class Workflow:
    """The steps of a composite action, run in a folder as a runner would."""

    action: Mapping[str, Any]
    folder: Path
    scratch: Path
    environment: Mapping[str, str]
    inputs: Mapping[str, str]
    event: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""
    status: int = 0
    _outputs: dict[str, str] = field(default_factory=dict)

    def run(self, *, without: str) -> "Workflow":
        """Run the steps but one, until one fails."""
        self.scratch.mkdir()
        given = {name: str(each.get("default", "")) for name, each in self.action["inputs"].items()} | dict(self.inputs)
        known = {f"inputs.{name}": value for name, value in given.items()} | dict(self.event)
        for number, step in enumerate(self.action["runs"]["steps"]):
            if step["name"] != without and self.status == 0:
                output = self.scratch / f"output-{number}"
                output.touch()
                own = {name: evaluated(text, known) for name, text in step.get("env", {}).items()}
                self._step(step["run"], {**own, "GITHUB_OUTPUT": str(output)})
                found = _read(output.read_text(encoding="utf-8"))
                known |= {f"steps.{step.get('id')}.outputs.{name}": value for name, value in found.items()}
        self._outputs = {n: evaluated(each["value"], known) for n, each in self.action["outputs"].items()}
        return self

    def _step(self, script: str, own: Mapping[str, str]) -> None:
        runner = {"RUNNER_TEMP": str(self.scratch), "GITHUB_STEP_SUMMARY": str(self.scratch / "summary.md")}
        environment = {**self.environment, **runner, **own}
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
        ran = subprocess.run(command, cwd=self.folder, env=environment, check=False, capture_output=True)
        self.printed += ran.stdout.decode() + ran.stderr.decode()
        self.status = ran.returncode

    def output(self, name: str) -> str:
        """Return an output of the action."""
        return self._outputs[name]

    @property
    def summary(self) -> str:
        """The summary of the job."""
        return (self.scratch / "summary.md").read_text(encoding="utf-8")


def _read(text: str) -> dict[str, str]:
    """Return what a step wrote to its outputs: `name=value`, or `name<<END`, lines and `END`."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, several, end = line.partition("<<")
        if several:
            found[name] = "\n".join(takewhile(end.__ne__, lines))
        else:
            name, _, value = line.partition("=")
            found[name] = value
    return found
