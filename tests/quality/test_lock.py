"""The locks say all that pyproject.toml asks for, each file with its hash."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.quality.tree import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUN = PROJECT["dependencies"]
DEV = PROJECT["optional-dependencies"]["dev"]
DOCS = PROJECT["optional-dependencies"]["docs"]
PIN = re.compile(r"^(?P<pin>[A-Za-z0-9._-]+==[^ ;]+)(?: ; [^\\]+)? \\$", re.MULTILINE)


def _pins(lock: str) -> set[tuple[str, str]]:
    """Return the (canonical name, version) of each pin; one name may have a pin for each Python."""
    text = (REPOSITORY / "requirements" / lock).read_text(encoding="utf-8")
    pins = (match["pin"].split("==") for match in PIN.finditer(text))
    return {(canonicalize_name(name), version) for name, version in pins}


@pytest.mark.parametrize(("lock", "asked"), [("run.txt", RUN), ("dev.txt", [*RUN, *DEV]), ("docs.txt", [*RUN, *DOCS])])
def test_a_lock_pins_what_the_project_asks_for(lock: str, asked: list[str]) -> None:
    pins = _pins(lock)
    for requirement in map(Requirement, asked):
        versions = [version for name, version in pins if name == canonicalize_name(requirement.name)]
        assert versions, f"{requirement} has no pin: run make lock"
        outside = [version for version in versions if version not in requirement.specifier]
        assert not outside, f"{requirement} is pinned to {outside}: run make lock"


def test_development_runs_on_the_versions_that_users_get() -> None:
    assert _pins("run.txt") <= _pins("dev.txt")


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt", "docs.txt"])
def test_every_pin_has_a_hash(lock: str) -> None:
    lines = (REPOSITORY / "requirements" / lock).read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line and line[0] not in " #"]
    assert starts
    assert all(lines[number + 1].strip().startswith("--hash=sha256:") for number in starts)
