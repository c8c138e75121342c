"""Files and functions that a person can hold in the head."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.quality.tree import modules, parsed

MODULE_LINES = 450
FUNCTION_LINES = 60

#: The functions that may be longer, each because cutting it would hide more than it shows.
LONG: frozenset[str] = frozenset()


def _functions(module: str, path: Path) -> Iterator[tuple[str, int]]:
    """Yield each function's dotted name and its lines, decorators and docstring included."""

    def walk(node: ast.AST, owner: str) -> Iterator[tuple[str, int]]:
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    name = f"{owner}.{child.name}"
                    first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
                    yield name, (child.end_lineno or first) - first + 1
                    yield from walk(child, name)
                case ast.ClassDef():
                    yield from walk(child, f"{owner}.{child.name}")
                case _:
                    yield from walk(child, owner)

    return walk(parsed(path), module)


def test_no_module_is_longer_than_a_sitting() -> None:
    lines = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in modules().items()}
    long = {module: count for module, count in lines.items() if count > MODULE_LINES}
    assert not long


def test_long_functions_are_exactly_those_listed() -> None:
    sizes = {name: lines for module, path in modules().items() for name, lines in _functions(module, path)}
    assert {name for name, lines in sizes.items() if lines > FUNCTION_LINES} == LONG
