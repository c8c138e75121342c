"""Where the conformance cases are, and what to do where they are not."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]


def root() -> Path:
    """Return the folder of the conformance cases; skip the test where it is absent, fail in CI."""
    named = os.environ.get("NETSIM_CONFORMANCE")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "conformance"
    if folder.is_dir():
        return folder
    reason = f"no conformance cases at {folder}: set NETSIM_CONFORMANCE to their folder"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason, allow_module_level=True)


@cache
def read_yaml_documents(path: Path) -> tuple[Any, ...]:
    """Return the documents of one YAML file of the corpus (trusted data)."""
    return tuple(yaml.load_all(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


@cache
def read_yaml(path: Path) -> Any:
    """Return one YAML file of the corpus (trusted data)."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
