"""The pytest plugin, in projects that are not ours."""

import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

# What a run in this process imports first is dropped with it, and would be imported a second time by later tests.
import netsim.api
import netsim.render  # noqa: F401
from tests.build import PODS, policy

pytest_plugins = ["pytester"]

REPOSITORY = Path(__file__).resolve().parents[2]
DB = policy(
    "db",
    "{podSelector: {matchLabels: {app: db}}, "
    "ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}",
)
INTENTS = """
intents:
- name: web reaches the database
  allow: {from: shop/web, to: shop/db, port: 5432}
- name: batch reaches the database
  allow: {from: ops/batch, to: shop/db, port: 5432}
"""


@cache
def _installed() -> bool:
    """Return whether the entry point is: an older installation of the tree may lack it.

    Asked from elsewhere, as projects do: here, what an editable installation left in the tree would answer.
    """
    code = "from importlib.metadata import entry_points; print(*(e.value for e in entry_points(group='pytest11')))"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd="/")
    return "netsim.pytest_plugin" in ran.stdout.split()


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with manifests, whose own pytest has the plugin."""
    (pytester.path / "k8s").mkdir()
    (pytester.path / "k8s" / "cluster.yaml").write_text(f"{PODS}\n---\n{DB}", encoding="utf-8")
    pytester.makeini("[pytest]\nnetsim_input = k8s\n")
    return pytester


def _run(project: pytest.Pytester, *arguments: str, alone: bool = False) -> pytest.RunResult:
    """Run a project's tests: in this process, which has imported everything long ago, or in one of their own."""
    plugin = () if _installed() else ("-p", "netsim.pytest_plugin")
    run = project.runpytest_subprocess if alone else project.runpytest_inprocess
    return run("-p", "no:cacheprovider", "-p", "no:xdist", *plugin, *arguments)


def test_the_plugin_is_an_entry_point() -> None:
    pyproject = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert pyproject["project"]["entry-points"]["pytest11"] == {"netsim": "netsim.pytest_plugin"}


def test_assertions_that_hold_pass(project: pytest.Pytester) -> None:
    project.makepyfile("""
        def test_it(netsim_cluster):
            assert netsim_cluster.allows("shop/web", "shop/db", 5432)
            assert not netsim_cluster.allows("ops/batch", "shop/db", 5432)
            assert netsim_cluster.denies("ops/batch", "shop/db", 5432)
            assert netsim_cluster.only_reached_by("shop/db", ["shop/web"])
            assert netsim_cluster.only_reached_by("shop/db", "ns:team=shop", port=[5432, "53/UDP"])
            assert netsim_cluster.query("shop/web", "shop/db", port=5432).allowed
            assert netsim_cluster.check([{"name": "a", "deny": {"from": "ops/batch", "to": "shop/db"}}])
    """)
    _run(project).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("assertion", "trace"),
    [
        ('allows("ops/batch", "shop/db", 5432)', "*from[[]0] wants *; the source*"),
        ('denies("shop/web", "shop/db", 5432)', "*NetworkPolicy shop/db ingress[[]0] (*k8s/cluster.yaml:*) allows it"),
        ('only_reached_by("shop/db", [])', "*allowed: shop/web -> shop/db TCP 5432"),
    ],
)
def test_a_failure_prints_the_trace_of_the_verdict(project: pytest.Pytester, assertion: str, trace: str) -> None:
    project.makepyfile(f"def test_it(netsim_cluster):\n    assert netsim_cluster.{assertion}\n")
    result = _run(project)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f">*assert netsim_cluster.{assertion.replace('[]', '[[][]]')}", "*- netsim -*", trace])


def test_a_failure_does_not_print_what_an_earlier_test_asked(project: pytest.Pytester) -> None:
    project.makepyfile("""
        def test_one(netsim_cluster):
            assert not netsim_cluster.allows("ops/batch", "shop/db", 5432)
        def test_other(netsim_cluster):
            assert False
    """)
    result = _run(project)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*- netsim -*")


def test_intent_files_are_collected_one_test_an_intent(project: pytest.Pytester) -> None:
    (project.path / "test_shop.netsim.yaml").write_text(INTENTS, encoding="utf-8")
    (project.path / "shop.netsim.yaml").write_text("no intents", encoding="utf-8")
    result = _run(project, "-v")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*test_shop.netsim.yaml::web reaches the database PASSED*",
            "*test_shop.netsim.yaml::batch reaches the database FAILED*",
            "fails: batch reaches the database (*test_shop.netsim.yaml:5)",
            "denied: ops/batch -> shop/db TCP 5432",
            "*NetworkPolicy shop/db (*) isolates it; no rule of it matches",
        ]
    )


def test_one_intent_can_be_chosen(project: pytest.Pytester) -> None:
    (project.path / "test_shop.netsim.yaml").write_text(INTENTS, encoding="utf-8")
    _run(project, "-k", "web").assert_outcomes(passed=1, deselected=1)


def test_an_intent_about_nothing_fails(project: pytest.Pytester) -> None:
    (project.path / "test_shop.netsim.yaml").write_text(INTENTS.replace("ops/batch", "ops/botch"), encoding="utf-8")
    result = _run(project)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["vacuous: *", "*did you mean ops/batch*"])


def test_a_broken_intent_file_is_an_error_with_its_place(project: pytest.Pytester) -> None:
    (project.path / "test_shop.netsim.yaml").write_text(INTENTS.replace("allow:", "alow:"), encoding="utf-8")
    result = _run(project)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*test_shop.netsim.yaml:4:*NS106*", "*did you mean `allow`?"])


def test_the_option_goes_before_the_configuration(project: pytest.Pytester) -> None:
    (project.path / "open.yaml").write_text(PODS, encoding="utf-8")
    project.makepyfile('def test_it(netsim_cluster):\n    assert netsim_cluster.allows("ops/batch", "shop/db", 5432)\n')
    _run(project).assert_outcomes(failed=1)
    _run(project, "--netsim-input", "open.yaml").assert_outcomes(passed=1)


def test_a_peer_that_is_not_there_is_an_error_of_the_test_s_own_line(project: pytest.Pytester) -> None:
    project.makepyfile('def test_it(netsim_cluster):\n    assert netsim_cluster.allows("shop/wep", "shop/db", 5432)\n')
    result = _run(project)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*UnknownPeerError: `shop/wep` names nothing in the input", "*did you mean shop/web*"])
    result.stdout.no_fnmatch_line("*netsim/queries/*")


def test_what_is_rendered_may_be_the_input(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it(netsim_cluster):\n    pass\n")
    result = _run(project, "--netsim-input", "kustomize:nowhere")
    result.stdout.fnmatch_lines(["kustomize:nowhere: NS101 cannot be read: no folder `nowhere`"])


def test_no_input_is_said_with_the_way_out(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\n")
    project.makepyfile("def test_it(netsim_cluster):\n    pass\n")
    result = _run(project)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["netsim has no input: say which manifests: --netsim-input k8s/*"])


def test_manifests_that_cannot_be_read_are_told_as_everywhere(project: pytest.Pytester) -> None:
    (project.path / "k8s" / "bad.yaml").write_text(DB.replace("port: 5432", "port: 0"), encoding="utf-8")
    project.makepyfile("def test_it(netsim_cluster):\n    pass\n")
    (project.path / "test_shop.netsim.yaml").write_text(INTENTS, encoding="utf-8")
    result = _run(project)
    result.assert_outcomes(errors=1, failed=2)
    result.stdout.fnmatch_lines(["*bad.yaml:*NS113*"])


def test_the_plugin_costs_a_project_nothing_that_does_not_use_it(project: pytest.Pytester) -> None:
    project.makeconftest("""
        import sys
        def pytest_unconfigure():
            print("loaded:", *sorted(name for name in sys.modules if name.startswith(("netsim.", "numpy", "yaml"))))
    """)
    project.makepyfile("def test_it():\n    pass\n")
    result = _run(project, "-s", alone=True)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["loaded: netsim.pytest_plugin"])


def test_importing_the_plugin_imports_pytest_alone() -> None:
    code = (
        "import pytest, sys; before = set(sys.modules); import netsim.pytest_plugin; print(set(sys.modules) - before)"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() in ("{'netsim', 'netsim.pytest_plugin'}", "{'netsim.pytest_plugin', 'netsim'}")
