"""What docs/ci.md shows is what the commands print, in a repository with such a pull request; links lead somewhere."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from netsim.ingest.intents import read_intents
from tests.cli.conftest import REPOSITORY, Netsim
from tests.cli.wiring import git, pull_request, with_netsim

CI = REPOSITORY / "docs" / "ci.md"
PAGE = REPOSITORY / "docs" / "tutorial.md"
TUTORIAL = REPOSITORY / "docs" / "examples" / "tutorial"
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _run(block: str, repository: Path, environment: dict[str, str]) -> str:
    """Return a block with each command's output below it, as it is now."""
    (command,) = (line for line in block.splitlines() if line.startswith("$ "))
    words = [*shlex.split(command)[1:], "--quiet"]
    ran = subprocess.run(words, cwd=repository, env=environment, check=False, capture_output=True, text=True)
    assert ran.returncode == 1, ran.stderr
    return f"{command}\n{ran.stdout}"


def test_the_pull_request_in_the_page_on_continuous_integration_is_real(tmp_path: Path) -> None:
    repository, environment = pull_request(tmp_path / "shop"), with_netsim(tmp_path / "bin")
    assert git(repository, "branch", "--show-current") == "change"
    text = CI.read_text(encoding="utf-8")
    now = CONSOLE.sub(lambda block: f"```console\n{_run(block[1], repository, environment)}```", text)
    if os.environ.get("NETSIM_GOLDEN") == "rewrite":
        CI.write_text(now, encoding="utf-8")
    assert text.count("$ netsim ") >= 4
    assert CI.read_text(encoding="utf-8") == now, "`NETSIM_GOLDEN=rewrite pytest tests/cli/test_docs.py`"


@pytest.mark.parametrize("block", YAML.findall((REPOSITORY / "docs" / "intents.md").read_text(encoding="utf-8")))
def test_the_intents_in_the_page_on_intents_are_read(block: str, tmp_path: Path) -> None:
    file = tmp_path / "intents.yaml"
    file.write_text(block, encoding="utf-8")
    problems: list = []
    assert read_intents([file], problems)
    assert not problems


def test_the_tutorial_shows_what_the_commands_print(netsim: Netsim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(TUTORIAL)
    text = PAGE.read_text(encoding="utf-8")

    def run(block: re.Match[str]) -> str:
        (command,) = (line for line in block[1].splitlines() if line.startswith("$ netsim "))
        ran = netsim(*shlex.split(command)[2:])
        assert ran.out, ran.err
        return f"```console\n{command}\n{ran.out}```"

    now = CONSOLE.sub(run, text)
    if os.environ.get("NETSIM_GOLDEN") == "rewrite":
        PAGE.write_text(now, encoding="utf-8")
    assert text.count("$ netsim ") >= 10
    assert PAGE.read_text(encoding="utf-8") == now, "`NETSIM_GOLDEN=rewrite pytest tests/cli/test_docs.py`"


def test_the_files_that_the_tutorial_quotes_hold_what_it_quotes() -> None:
    blocks = YAML.findall(PAGE.read_text(encoding="utf-8"))
    quoted = [re.match(r"# ([\w-]+\.yaml).*\n", block) for block in blocks]
    assert len(quoted) == 2
    for block, first in zip(blocks, quoted, strict=True):
        assert first is not None
        assert block[first.end() :] in (TUTORIAL / first[1]).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["ci.md", "intents.md", "pytest.md", "tutorial.md"])
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    folder = REPOSITORY / "docs"
    links = re.findall(r"\]\(([^)]+)\)", (folder / page).read_text(encoding="utf-8"))
    assert links
    assert not [link for link in links if not Path(folder, link).exists()]


def test_the_python_of_the_page_on_notebooks_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    text = (REPOSITORY / "docs" / "notebooks.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        exec(compile(block, "docs/notebooks.md", "exec"), names)  # noqa: S102 - our own text
    assert "shop/frontend[Deployment]" in names["graph"]
