"""Every notebook runs from the top, and imports nothing of netsim but its public names."""

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
JUPYTER = sorted((ROOT / "notebooks").glob("*.ipynb"))

#: What a notebook must show, beside running: the point that it makes.
SAID = {
    "04-proving-a-claim": ("proved", "refuted", "app: catalog", "inside", "monitoring/grafana"),
    "05-posture": ("NS223", "NS512", "mended:", "NS310"),
}


def _code(notebook: Path) -> str:
    """Return the Python of a notebook."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


@pytest.mark.slow
@pytest.mark.parametrize("notebook", JUPYTER, ids=lambda path: path.stem)
def test_a_jupyter_notebook_runs_and_shows_something(notebook: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    read = nbformat.read(notebook, as_version=4)
    nbclient.NotebookClient(read, timeout=300, resources={"metadata": {"path": str(ROOT)}}).execute()
    shown = [output for cell in read.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("text/html" in output.get("data", {}) for output in shown)
    text = "\n".join(str(output.get("text") or output.get("data")) for output in shown)
    assert not [said for said in SAID.get(notebook.stem, ()) if said not in text]


@pytest.mark.parametrize("notebook", JUPYTER, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_its_outputs(notebook: Path) -> None:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in cells)


@pytest.mark.parametrize("notebook", JUPYTER, ids=lambda path: path.stem)
def test_a_notebook_imports_only_the_public_names(notebook: Path) -> None:
    tree = ast.parse(_code(notebook))
    inner = [
        n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and (n.module or "").startswith("netsim.")
    ]
    inner += [
        a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names if a.name.startswith("netsim.")
    ]
    assert inner == []
