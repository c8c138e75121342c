"""What the repository's files must not say: where one machine keeps things, or where packages came from."""

import re
from pathlib import Path

import pytest

from tests.quality.tree import REPOSITORY, tracked

#: Absolute folders of somebody's machine; a path that merely ends in such a name is innocent.
MACHINE_PATH = re.compile(r"(?<![\w.~}-])/(?:work|root|(?:home|Users)/\w+)/")

#: The hosts that packages are fetched from.
REGISTRY = re.compile(r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|deb\.debian\.org|proxy\.golang\.org)\b")

#: Any address on the network, which a lock must not hold.
ADDRESS = re.compile(r"\w+://|--(?:extra-)?index-url|--find-links")


def _found(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    """Return ``file:line: text`` for each match in the files that are text."""
    found = []
    for path in files:
        content = path.read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode("utf-8", errors="replace").splitlines(), start=1):
            if match := pattern.search(line):
                found.append(f"{path.relative_to(REPOSITORY)}:{number}: {match.group()}")
    return found


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY], ids=["machine path", "registry"])
def test_no_file_names_a_machine_or_a_registry(pattern: re.Pattern[str]) -> None:
    # A manifest may mount any folder of its own node, and a table says which of them give it away.
    nodes = (REPOSITORY / "fixtures", REPOSITORY / "models" / "attack")
    files = [path for path in tracked() if not any(path.is_relative_to(folder) for folder in nodes)]
    assert not _found(pattern, files)


def test_no_lock_names_an_address() -> None:
    locks = sorted((REPOSITORY / "requirements").glob("*.txt"))
    assert locks
    assert not _found(ADDRESS, locks)


@pytest.mark.parametrize("folder", ["work", "root", "home/me", "Users/me"])
@pytest.mark.parametrize("written", ["cd {}", "see `{}`", "FROM={}", "file://{}"])
def test_a_machine_path_is_recognised(folder: str, written: str) -> None:
    assert MACHINE_PATH.search(written.format(f"/{folder}/netsim"))


@pytest.mark.parametrize("text", ["docs/work/plan.md", "../root/x", "$HOME/work/x", "${dir}/root/a", "net/work"])
def test_an_innocent_path_is_let_be(text: str) -> None:
    assert not MACHINE_PATH.search(text)
