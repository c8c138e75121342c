"""Documents that are plain values already: those of YAML texts, and Python dicts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import msgspec

from netsim.errors import Problem
from netsim.ingest.document import Document, Path
from netsim.ingest.lists import is_list, item_type, type_of
from netsim.ingest.refusals import holds_objects, no_object
from netsim.ingest.schema import prepared
from netsim.ir.place import Place

T = TypeVar("T")


class Layout(Protocol):
    """Where the fields of values stand."""

    def position(self, tree: Any, path: Path) -> tuple[int, int]:
        """Return line and column, from 1, of a field of ``tree`` (or of the nearest one around it); 0 where unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where values were read: the number of the input, the file, and the layout of the fields."""

    input: int
    file: str
    layout: Layout

    def place(self, tree: Any, path: Path) -> Place:
        """Return where a field of ``tree`` stands, or the nearest one around it."""
        return Place(self.file, *self.layout.position(tree, path))


class TreeDocument(Document):
    """An object that is a dict already."""

    __slots__ = ("_origin", "_tree")

    def __init__(self, tree: dict[str, Any], origin: Origin, inherited: tuple[str, str]) -> None:
        self._tree = tree
        self._origin = origin
        self.input = origin.input
        self.file = origin.file
        self.line = origin.layout.position(tree, ())[0]
        self.api_version, self.kind = type_of(tree.get("apiVersion"), tree.get("kind"), inherited)

    def typed(self, model: type[T]) -> T:
        return msgspec.convert(self._tree, prepared(model))

    def tree(self) -> dict[str, Any]:
        return self._tree

    def place(self, path: Path = ()) -> Place:
        return self._origin.place(self._tree, path)


def documents_of(
    tree: Any, origin: Origin, problems: list[Problem], inherited: tuple[str, str] = ("", "")
) -> Iterator[TreeDocument]:
    """Yield the object, or those of a list and of the lists in it.

    A document that is no mapping is no Kubernetes object: it is yielded empty, to be counted. NS102 where it is an
    array of what would be objects, which nobody writes to have passed over, and where an item of a list is no mapping.
    """
    if not isinstance(tree, dict):
        if holds_objects(tree):
            problems.append(no_object(tree, origin.place(tree, ())))
        else:
            yield TreeDocument({}, origin, inherited)
        return
    document = TreeDocument(tree, origin, inherited)
    items = tree.get("items", [] if document.kind == "List" else ...)
    if not is_list(document.kind) or not isinstance(items, list | None):
        yield document
        return
    inherited = item_type(document.api_version, document.kind)
    for index, item in enumerate(items or ()):
        if isinstance(item, dict):
            yield from documents_of(item, origin, problems, inherited)
        else:
            path = ("items", index)
            problems.append(no_object(item, origin.place(tree, path), path))
