"""Where the fields of a JSON value stand, found by walking over its tokens."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from netsim.ingest.document import Path
from netsim.ir.place import Place

# A text, a bracket, or anything else between separators. The JSON is known to be well-formed.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s{}\[\],:"]+', re.DOTALL)


@dataclass(slots=True)
class _Part:
    """A container: where its entries start (a field's at its name), as offsets; and those that are containers."""

    starts: dict[str | int, int] = field(default_factory=dict)
    parts: "dict[str | int, _Part]" = field(default_factory=dict)


class JsonLayout:
    """The layout of one value.

    Args:
        text: The value's, without blanks before it.
        start: Where it starts.
    """

    __slots__ = ("_lines", "_repeated", "_root", "_start")

    def __init__(self, text: str, start: Place) -> None:
        self._start = start
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self._root, self._repeated = _parts_of(text)

    def place(self, path: Path) -> Place:
        """Return where the field at ``path`` stands or, where it is absent, the nearest one around it."""
        found, at = 0, self._root.parts.get(0)
        for step in path:
            if at is None or step not in at.starts:
                break
            found, at = at.starts[step], at.parts.get(step)
        return self.at(found)

    def at(self, offset: int) -> Place:
        """Return where a character of the text stands."""
        line = bisect_right(self._lines, offset) - 1
        column = offset - self._lines[line] + (1 if line else self._start.column)
        return Place(self._start.file, self._start.line + line, column)

    def repeated(self) -> Iterator[tuple[str, Place, Place]]:
        """Yield each key that stands twice in one object, where first and where again."""
        for key, first, again in self._repeated:
            yield key, self.at(first), self.at(again)


def _parts_of(text: str) -> tuple[_Part, list[tuple[str, int, int]]]:
    """Return the containers, the value itself being the entry 0 of the result, and the keys that stand twice."""
    root = _Part()
    repeated: list[tuple[str, int, int]] = []
    around: list[tuple[_Part, bool]] = [(root, False)]
    key: str | None = None
    for match in _TOKEN.finditer(text):
        piece, offset = match[0], match.start()
        part, is_object = around[-1]
        if piece in ("}", "]"):
            around.pop()
        elif is_object and key is None:
            key = json.loads(piece) if "\\" in piece else piece[1:-1]
            if key in part.starts:
                repeated.append((key, part.starts[key], offset))
            part.starts[key] = offset
        else:
            step = len(part.starts) if key is None else key
            part.starts.setdefault(step, offset)
            key = None
            if piece in ("{", "["):
                part.parts[step] = _Part()
                around.append((part.parts[step], piece == "{"))
    return root, repeated
