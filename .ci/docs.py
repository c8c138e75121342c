"""Build docs/ into pages: lay out a copy with the pages that are made from the code, then let Sphinx read it.

A link that leads out of docs/ has no page to lead to: it becomes the path that it names.
Usage: python .ci/docs.py [--no-build]
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "build" / "docs-source"
PAGES = ROOT / "build" / "docs"
#: Files of the repository that are pages, too.
OTHERS = {
    "README.md": "readme.md",
    "README.ko.md": "readme-ko.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
#: A heading's own anchor, which Sphinx wants on the line before.
ANCHOR = re.compile(r'^(#+ )<a id="([^"]+)"></a>', re.MULTILINE)
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


def main() -> int:
    """Return Sphinx's exit status: a warning is an error."""
    lay_out()
    if "--no-build" in sys.argv[1:]:
        return 0
    shutil.rmtree(PAGES, ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(SOURCE), str(PAGES)]
    return subprocess.run(command, check=False).returncode


def lay_out() -> None:
    """Write every page to build/docs-source."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(ROOT / "docs", SOURCE, ignore=shutil.ignore_patterns("__pycache__"))
    for page in sorted(SOURCE.rglob("*.md")):
        original = ROOT / "docs" / page.relative_to(SOURCE)
        page.write_text(_relinked(page.read_text("utf-8"), original, page), "utf-8")
    for name, page in OTHERS.items():
        if (ROOT / name).exists():
            text = (ROOT / name).read_text("utf-8")
            (SOURCE / page).write_text(_relinked(text, ROOT / name, SOURCE / page), "utf-8")
    decisions = sorted(path.stem for path in (SOURCE / "decisions").glob("*.md"))
    listed = "\n".join(f"decisions/{name}" for name in decisions)
    (SOURCE / "decisions.md").write_text(f"# Decisions\n\n```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n", "utf-8")
    for page, made in (("cli.md", commands()), ("codes.md", codes()), ("schemas.md", schemas())):
        (SOURCE / page).write_text("".join(made), "utf-8")


def _relinked(text: str, original: Path, page: Path) -> str:
    """Return a page whose links lead to pages: those to other files become code."""
    pages = {(ROOT / name).resolve(): SOURCE / to for name, to in OTHERS.items()}
    pages[(ROOT / "docs" / "decisions").resolve()] = SOURCE / "decisions.md"

    def link(match: re.Match[str]) -> str:
        said, where = match.groups()
        file, _, anchor = where.partition("#")
        if "://" in where or not file:
            return match[0]
        target = (original.parent / file).resolve()
        here = pages.get(target)
        if here is None and target.is_relative_to(ROOT / "docs") and target.suffix == ".md":
            here = SOURCE / target.relative_to(ROOT / "docs")
        if here is None:
            path = target.relative_to(ROOT).as_posix()
            return said if said.strip("`") == path else f"{said} (`{path}`)"
        relative = Path(*[".."] * (len(page.relative_to(SOURCE).parts) - 1), here.relative_to(SOURCE)).as_posix()
        return f"[{said}]({relative}{'#' + anchor if anchor else ''})"

    return LINK.sub(link, ANCHOR.sub(r"(\2)=\n\n\1", text))


def commands() -> Iterator[str]:
    """Yield the page of every command's help."""
    from typer.main import get_command

    from netsim.cli.app import app

    yield "# Commands\n\nWhat `netsim COMMAND --help` prints.\n"
    for names, command in _walk(("netsim",), get_command(app)):
        context = command.make_context(" ".join(names), [], resilient_parsing=True, terminal_width=100)
        yield f"\n## {' '.join(names)}\n\n````text\n{command.get_help(context).rstrip()}\n````\n"


def _walk(names: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield names, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _walk((*names, name), below)


def codes() -> Iterator[str]:
    """Yield the page of every code of a problem or a finding."""
    from netsim.queries.codes import meanings
    from netsim.render.codes import area_name, severity_of

    yield "# Codes\n\nWhat `netsim explain CODE` prints. Each example has what its code says: a test holds it to it.\n"
    area = ""
    for each in sorted(meanings(), key=lambda each: (each.area != "inputs", each.area)):
        if each.area != area:
            area = each.area
            name = area_name(area)
            yield f"\n## {name[0].upper()}{name[1:]}\n"
        check = each.check
        yield f"\n({check.code.lower()})=\n\n### {check.code}: {check.title}\n\n"
        yield f"*{severity_of(each)}.* {check.description}\n"
        for file, text in each.files:
            caption = f":caption: {file}\n" if len(each.files) > 1 else ""
            yield f"\n````{{code-block}} {_language(file)}\n{caption}\n{text.rstrip()}\n````\n"
        yield f"\n{check.help}\n"


def _language(file: str) -> str:
    return "yaml" if file.endswith((".yaml", ".yml")) else "none"


def schemas() -> Iterator[str]:
    """Yield the page of the JSON schemas that netsim prints."""
    from netsim.cli.schema import schemas

    yield "# JSON schemas\n\nWhat `netsim schema` prints: of each command, what it answers with `-o json`; "
    yield "of `intents`, what a file of them may hold.\n`netsim schema answer` puts all answers into one. "
    yield "[The reference](reference.md#json) tells the fields in words.\n"
    for name, made in schemas().items():
        if name != "answer":
            yield f"\n## {name}\n\n```json\n{json.dumps(made(), indent=2)}\n```\n"


if __name__ == "__main__":
    sys.exit(main())
