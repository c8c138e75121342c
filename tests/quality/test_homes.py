"""One home a library: the rest of netsim sees our own names, so that a library can be read about in one place."""

import sys
from collections.abc import Iterator

from tests.quality.tree import imports, modules

#: The one package that may import each library; whatever is not here may not be imported at all.
HOMES = {
    "cel_expr_python": "netsim.posture",
    "cryptography": "netsim.posture",
    "dask": "netsim.fleets",
    "distributed": "netsim.fleets",
    "graphviz": "netsim.render",
    "msgspec": "netsim.ingest",
    "networkx": "netsim.graph",
    "numpy": "netsim.bits",
    "pandas": "netsim.queries.answer",
    "pyarrow": "netsim.render.fleet",
    "pytest": "netsim.pytest_plugin",
    "regopy": "netsim.posture",
    "rich": "netsim.cli",
    "typer": "netsim.cli",
    "yaml": "netsim.ingest",
    "z3": "netsim.smt",
}


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _imports_from(package: str) -> Iterator[tuple[str, str, str]]:
    """Yield (importing module, imported module, ``file:line``) for each import within a package."""
    for module, path in modules().items():
        if _within(module, package):
            yield from ((module, name, f"{path}:{line}") for name, line in imports(path))


def test_each_library_is_imported_in_its_one_home() -> None:
    homeless = []
    for module, name, where in _imports_from("netsim"):
        library = name.partition(".")[0]
        if library == "netsim" or library in sys.stdlib_module_names:
            continue
        home = HOMES.get(library)
        if home is None or not _within(module, home):
            homeless.append(f"{where}: {module} imports {library}, whose home is {home or 'nowhere: see HOMES'}")
    assert not homeless, "\n".join(homeless)


def test_the_vocabulary_imports_only_the_standard_library_and_itself() -> None:
    foreign = [
        f"{where}: {module} imports {name}"
        for module, name, where in _imports_from("netsim.ir")
        if not _within(name, "netsim.ir") and name.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert not foreign, "\n".join(foreign)


def test_the_definition_and_the_compiler_share_no_code() -> None:
    # Shared code is shared bugs: tests/agree could not see them.
    shared = [
        f"{where}: {module} imports {name}"
        for package, other in (("netsim.spec", "netsim.lower"), ("netsim.lower", "netsim.spec"))
        for module, name, where in _imports_from(package)
        if _within(name, other)
    ]
    assert not shared, "\n".join(shared)


def test_nothing_inside_imports_the_public_names() -> None:
    # `netsim/__init__.py` stands above every floor, where the floors' contract does not look.
    upward = [f"{where}: {module}" for module, name, where in _imports_from("netsim") if name == "netsim"]
    assert not upward, "\n".join(upward)
