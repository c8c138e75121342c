"""What the README shows is what the commands print, and its Python runs."""

import os
import re
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import REPOSITORY, Netsim

README = REPOSITORY / "README.md"
#: The pages whose every command and Python block is run.
PAGES = (README, REPOSITORY / "docs" / "fleet.md")
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _run(block: str, netsim: Netsim) -> str:
    """Return a block with each command's output below it, as it is now."""
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    printed = [f"{line}\n{netsim(*shlex.split(line)[2:], '--quiet').out}" for line in commands]
    return "\n".join(printed)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_output_on_a_page_is_real(netsim: Netsim, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    now = CONSOLE.sub(lambda block: f"```console\n{_run(block[1], netsim)}```", text)
    if os.environ.get("NETSIM_GOLDEN") == "rewrite":
        page.write_text(now, encoding="utf-8")
    assert text.count("$ netsim ") >= 1
    assert page.read_text(encoding="utf-8") == now, "`NETSIM_GOLDEN=rewrite pytest tests/cli/test_readme.py`"


@pytest.mark.parametrize(
    ("page", "told"), [(PAGES[0], "data/redis[StatefulSet] TCP 6379"), (PAGES[1], "fixtures/multi-tenant ok 84")]
)
def test_the_python_on_a_page_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], page: Path, told: str
) -> None:
    monkeypatch.chdir(REPOSITORY)
    (block,) = PYTHON.findall(page.read_text(encoding="utf-8"))
    exec(compile(block, str(page), "exec"), {})  # noqa: S102 - our own text
    assert told in capsys.readouterr().out


def test_the_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert links
    assert not [link for link in links if not Path(REPOSITORY, link.partition("#")[0]).exists()]


def test_the_readme_names_every_command(netsim: Netsim) -> None:
    text = README.read_text(encoding="utf-8").partition("## Commands")[2].partition("## Python")[0]
    commands = re.findall(r"^  ([a-z-]+)  ", netsim("--help").out.partition("Commands:")[2], re.MULTILINE)
    assert "reach" in commands
    assert [each for each in commands if not re.search(rf"`(netsim )?{each}\b", text)] == []
