"""Every package of the tree is in the wheel."""

import tomllib

from tests.quality.tree import PACKAGE, REPOSITORY


def test_every_package_is_shipped() -> None:
    # The list is written by hand, because `netsim.models` lies outside `netsim/`: a forgotten package would fail
    # only after installation.
    pyproject = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    folders = (path.parent.relative_to(REPOSITORY) for path in PACKAGE.rglob("__init__.py"))
    packages = {".".join(folder.parts) for folder in folders} | {"netsim.models"}
    assert sorted(pyproject["tool"]["setuptools"]["packages"]) == sorted(packages)


def test_every_folder_of_modules_is_a_package() -> None:
    bare = {path.parent for path in PACKAGE.rglob("*.py") if not (path.parent / "__init__.py").exists()}
    assert not bare
