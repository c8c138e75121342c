"""What a user waits for before netsim has done anything."""

import subprocess
import sys
import time

import pytest

#: Loaded on first use, each for its own reason: 0.1 to 1 second, or tens of MB.
HEAVY = ("graphviz", "networkx", "numpy", "pandas", "rich", "typer", "yaml", "z3")

HELP = "import sys; sys.argv[1:] = ['--help']; from netsim.cli.main import run; run()"


def _python(code: str) -> str:
    ran = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def _best_seconds(code: str, runs: int = 5) -> float:
    def once() -> float:
        start = time.perf_counter()
        _python(code)
        return time.perf_counter() - start

    return min(once() for _ in range(runs))


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    return set(_python("import netsim, sys; print(*sys.modules)").split())


@pytest.mark.parametrize("library", HEAVY)
def test_importing_netsim_leaves_a_heavy_library_alone(loaded: set[str], library: str) -> None:
    assert library not in loaded


@pytest.mark.parametrize("library", ["networkx", "numpy", "pandas", "yaml", "z3"])
def test_help_leaves_a_heavy_library_alone(library: str) -> None:
    spied = f"import atexit; atexit.register(lambda: print('loaded' if {library!r} in sys.modules else 'absent')); "
    assert _python(spied + HELP).split()[-1] == "absent"


def test_help_is_fast() -> None:
    # On a busy machine the bare interpreter is slow too: then the ratio is the measure.
    bare = _best_seconds("pass")
    helped = _best_seconds(HELP)
    assert helped < max(0.25, 6 * bare), f"netsim --help takes {helped:.2f} s; python -c pass takes {bare:.2f} s"
