"""Where the fields of YAML documents stand."""

from typing import Any

import yaml
from yaml.error import Mark

from netsim.ingest.document import Path
from netsim.ingest.limits import DEFAULT_LIMITS
from netsim.ingest.text import Text
from netsim.ingest.yaml_builder import Aliases, Builder, Marks, Refused


class YamlLayout:
    """The layout of one document.

    Of a field the place is that of its name, of an item of a sequence that of its value.

    Args:
        builder: What built the document.
        root: The document's value.
        text: Where the document stands. Without positions in the builder, the object that is asked for is read again,
            once; where it cannot be read alone (an alias of an anchor outside), its fields stand where it starts.
    """

    __slots__ = ("_again", "_marks", "_root", "_spans", "_text")

    def __init__(self, builder: Builder, root: Any, text: Text) -> None:
        self._marks = builder.marks
        self._spans = builder.spans
        self._root = root
        self._text = text
        self._again: dict[int, tuple[Any, Marks]] = {}

    def position(self, tree: Any, path: Path) -> tuple[int, int]:
        alone = path and not self._marks and id(tree) in self._spans
        # An item that a list only points at (``items: *all``) has no span.
        start, _ = self._spans.get(id(tree)) or self._spans[id(self._root)]
        value, marks = self._read_again(tree) if alone else (tree, self._marks)
        mark = _nearest(value, marks, path)
        if mark is None:
            return start.line + 1, start.column + 1
        return mark.line + 1 + (start.line if alone else 0), mark.column + 1

    def _read_again(self, tree: Any) -> tuple[Any, Marks]:
        if id(tree) not in self._again:
            start, end = self._spans[id(tree)]
            # A block keeps its indentation, so that its columns are those of the whole text.
            self._again[id(tree)] = _alone(" " * start.column + self._text.between(start.index, end.index))
        return self._again[id(tree)]


def _alone(fragment: str) -> tuple[Any, Marks]:
    parser = yaml.CBaseLoader(fragment.encode())
    try:
        parser.get_event()
        parser.get_event()
        builder = Builder(parser.get_event, {}, Aliases(DEFAULT_LIMITS.aliased), exact=True, repeated=lambda *_: None)
        return builder.build(parser.get_event()), builder.marks
    except (yaml.YAMLError, Refused):
        return None, {}


def _nearest(value: Any, marks: Marks, path: Path) -> Mark | None:
    """Return where the field at ``path`` stands, or the nearest enclosing field that is present; None for the root."""
    found = None
    for step in path:
        entries = marks.get(id(value)) if isinstance(value, dict | list) else None
        try:
            found = entries[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            break
        value = value[step]
    return found
