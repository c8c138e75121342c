"""Where the fields of a JSON value stand, found by walking over its entries."""

import json
import re
from collections.abc import Iterator

from netsim.ingest.document import Path
from netsim.ir.place import Place

_TEXT = r'[^"\\]*+(?:\\.[^"\\]*+)*+'
_LITERAL = r'[^\s{}\[\],:"]++'
# A key with its scalar (2) or with the bracket that opens its value (3); an opening bracket (4), a closing one (5), or
# a scalar of its own. One match an entry, because a match is what costs here. The JSON is known to be well-formed.
_ENTRY = re.compile(
    rf'"({_TEXT})"(?:\s*+(:)\s*+(?:([{{\[])|"{_TEXT}"|{_LITERAL}))?|([{{\[])|([}}\]])|{_LITERAL}', re.DOTALL
)
_KEYED, _OPENING, _CLOSING = (2, 3), (3, 4), 5


#: A container, by key or number: where each entry starts (a field at its name), as an offset; and what it contains.
_Part = dict[str | int, tuple[int, "_Part | None"]]


class JsonLayout:
    """The layout of one value.

    Args:
        text: The value's, without blanks before it.
        start: Where it starts.
    """

    __slots__ = ("_repeated", "_root", "_start", "_text")

    def __init__(self, text: str, start: Place) -> None:
        self._start = start
        self._text = text
        self._root, self._repeated = _parts_of(text)

    def place(self, path: Path) -> Place:
        """Return where the field at ``path`` stands or, where it is absent, the nearest one around it."""
        found, part = self._root[0]
        for step in path:
            if part is None or step not in part:
                break
            found, part = part[step]
        return self.at(found)

    def at(self, offset: int) -> Place:
        """Return where a character of the text stands."""
        line = self._text.count("\n", 0, offset)
        column = offset - self._text.rfind("\n", 0, offset) if line else self._start.column + offset
        return Place(self._start.file, self._start.line + line, column)

    def repeated(self) -> Iterator[tuple[str, Place, Place]]:
        """Yield each key that stands twice in one object, where first and where again."""
        for key, first, again in self._repeated:
            yield key, self.at(first), self.at(again)


def _parts_of(text: str) -> tuple[_Part, list[tuple[str, int, int]]]:
    """Return the containers, the value itself being the entry 0 of the result, and the keys that stand twice."""
    root: _Part = {}
    part, around = root, [root]
    repeated: list[tuple[str, int, int]] = []
    for match in _ENTRY.finditer(text):
        what = match.lastindex
        if what == _CLOSING:
            part = around.pop()
            continue
        step: str | int = len(part)
        if what in _KEYED:
            step = match[1] if "\\" not in match[1] else json.loads(f'"{match[1]}"')
            if step in part:
                repeated.append((str(step), part[step][0], match.start()))
        if what in _OPENING:
            inner: _Part = {}
            part[step] = match.start(), inner
            around.append(part)
            part = inner
        else:
            part[step] = match.start(), None
    return root, repeated
