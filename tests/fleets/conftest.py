"""Clusters that differ, fail and agree."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from netsim.fleets.dask import Dask
from tests.build import PODS, policy

FENCED = policy("db", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}]}]}")
OPEN = policy("db", "{podSelector: {matchLabels: {app: db}}, ingress: [{}]}")
SHUT = policy("db", "{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}")
BROKEN = policy("db", "{podSelectors: {}}")


@pytest.fixture
def clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three fenced clusters, one open, one shut, one without the database, one broken, one missing."""
    folder = tmp_path / "clusters"
    folder.mkdir()
    texts = dict.fromkeys(("east", "north", "west"), f"{PODS}\n---\n{FENCED}")
    texts |= {"open": f"{PODS}\n---\n{OPEN}", "shut": f"{PODS}\n---\n{SHUT}"}
    texts |= {
        "without": PODS.replace("name: db, namespace", "name: cache, namespace"),
        "broken": f"{PODS}---\n{BROKEN}",
    }
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    (folder / "README.md").write_text("no cluster")
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture(scope="session")
def dask() -> Iterator[Dask]:
    """Two real worker processes."""
    engine = Dask("local", 2)
    yield engine
    engine.close()


@pytest.fixture
def fixtures() -> list[str]:
    root = Path(__file__).resolve().parents[2] / "fixtures"
    return [str(path) for path in sorted(root.rglob("manifests"))]
