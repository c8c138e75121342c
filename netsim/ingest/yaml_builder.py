"""Values and positions from the events of PyYAML's C parser.

PyYAML's own constructors have neither kubectl's scalars nor positions, take the last of two equal keys in silence,
and need eight times as long.
"""

from collections.abc import Callable
from typing import Any

from yaml import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent
from yaml.error import Mark

from netsim.ingest.refusals import MAX_DEPTH, TEMPLATE_HINT, TOO_DEEP
from netsim.ingest.yaml_scalars import HINTS, json_value, key_text, plain, tagged

#: PyYAML's events have no types of use.
Event = Any

MERGE = "<<"
ITEMS = "items"

_STARTS = (MappingStartEvent, SequenceStartEvent)

Marks = dict[int, dict[str, Mark] | list[Mark]]


class Refused(Exception):  # noqa: N818  (it is a verdict on the text, not a failure of ours)
    """The document cannot be read: the code of the problem, where, why, and the way out.

    ``final``: what follows is not worth reading: it is hostile, or no YAML but a template for it.
    """

    def __init__(self, code: str, mark: Mark, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.mark, self.message, self.hint = code, mark, message, hint
        self.final = code == "NS104" or hint == TEMPLATE_HINT


class Aliases:
    """What the aliases of a text have added so far, in values; each costs time where the value is looked at.

    The documents of a text count together, for a text may hold a million of them.
    """

    __slots__ = ("_limit", "_spent")

    def __init__(self, limit: int) -> None:
        self._limit, self._spent = limit, 0

    def add(self, size: int, mark: Mark) -> None:
        """Count one alias.

        Raises:
            Refused: They add more than is allowed.
        """
        self._spent += size
        if self._spent > self._limit:
            raise Refused("NS104", mark, f"aliases add more than {self._limit:,} values to the file")


class Builder:
    """Build one document.

    Containers are told apart by ``id``, which holds as long as the document's value is alive.

    Args:
        next_event: The parser's; it stands behind the document's start.
        keys: The texts of plain keys, read before; shared by the documents of a text so that equal keys are one string.
        aliases: The count of the text.
        exact: Whether to keep the position of every field and item in ``marks``.
        repeated: Is told of a key that stands twice, where first and where again; the last value counts.

    Attributes:
        marks: By container: the positions of a mapping's keys, of a sequence's items.
        spans: By container, for the document itself and the mappings in any sequence named ``items`` (those of a List):
            where it starts and where it ends.
    """

    def __init__(
        self,
        next_event: Callable[[], Event],
        keys: dict[str, str],
        aliases: Aliases,
        *,
        exact: bool,
        repeated: Callable[[str, Mark, Mark], None],
    ) -> None:
        self.marks: Marks = {}
        self.spans: dict[int, tuple[Mark, Mark]] = {}
        self._next = next_event
        self._keys = keys
        self._exact = exact
        self._repeated = repeated
        self._depth = 0
        self._end: Any = None
        self._anchors: dict[str, Any] = {}
        self._open: set[int] = set()
        self._sizes: dict[int, tuple[int, int]] = {}
        self._aliases = aliases

    def build(self, event: Event) -> Any:
        """Return the value that starts with ``event``: dicts with text keys, lists, texts, numbers, booleans, None.

        Raises:
            Refused: The value is none that kubectl would read, too deep, too large or cyclic.
            yaml.YAMLError: The text is no YAML.
        """
        value = self._value(event)
        self._span(value, event)
        return value

    def _value(self, event: Event) -> Any:
        kind = type(event)
        if kind is ScalarEvent:
            return self._scalar(event)
        if kind is MappingStartEvent:
            return self._mapping(event)
        if kind is SequenceStartEvent:
            return self._sequence(event)
        return self._alias(event)

    def _mapping(self, start: Event) -> dict[str, Any]:
        result: dict[str, Any] = {}
        marks: dict[str, Mark] = {}
        inherited: dict[str, Mark] = {}
        self._enter(start, result)
        next_event, known = self._next, self._keys
        while type(event := next_event()) is not MappingEndEvent:
            plainly = type(event) is ScalarEvent and event.implicit[0] and event.anchor is None
            key = known.get(event.value) if plainly else None
            if key is None:
                if _means_merge(event):
                    self._merge(self._value(next_event()), event, result, inherited)
                    continue
                key = self._key(event)
            if key in marks:
                self._repeated(key, marks[key], event.start_mark)
            marks[key] = event.start_mark
            following = next_event()
            if key == ITEMS and type(following) is SequenceStartEvent:
                result[key] = self._sequence(following, listed=True)
            else:
                result[key] = self._value(following)
        self._leave(start, event, result, inherited | marks if inherited else marks)
        return result

    def _sequence(self, start: Event, *, listed: bool = False) -> list[Any]:
        result: list[Any] = []
        marks: list[Mark] = []
        self._enter(start, result)
        while type(event := self._next()) is not SequenceEndEvent:
            marks.append(event.start_mark)
            result.append(self._value(event))
            if listed and isinstance(result[-1], dict):
                self._span(result[-1], event)
        self._leave(start, event, result, marks)
        return result

    def _enter(self, start: Event, container: dict[str, Any] | list[Any]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Refused("NS104", start.start_mark, TOO_DEEP)
        if start.anchor is not None:
            self._anchors[start.anchor] = container
            self._open.add(id(container))

    def _leave(self, start: Event, end: Event, container: Any, marks: dict[str, Mark] | list[Mark]) -> None:
        self._depth -= 1
        self._end = end.end_mark
        if start.anchor is not None:
            self._open.discard(id(container))
        if self._exact:
            self.marks[id(container)] = marks

    def _span(self, value: Any, event: Event) -> None:
        self.spans[id(value)] = event.start_mark, self._end if type(event) in _STARTS else event.end_mark

    def _scalar(self, event: Event) -> Any:
        value: Any = event.value
        if event.tag is not None or (event.implicit[0] and value[:1] in HINTS):
            try:
                value = json_value(_meaning(event))
            except ValueError as error:
                raise Refused("NS102", event.start_mark, str(error)) from None
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        return value

    def _key(self, event: Event) -> str:
        kind = type(event)
        if kind in _STARTS:
            raise Refused("NS102", event.start_mark, "a mapping or a sequence is no key", TEMPLATE_HINT)
        try:
            key = key_text(_meaning(event) if kind is ScalarEvent else self._alias(event))
        except ValueError as error:
            raise Refused("NS102", event.start_mark, str(error)) from None
        if kind is ScalarEvent and event.anchor is not None:
            self._anchors[event.anchor] = key
        if kind is ScalarEvent and _is_plain(event):
            self._keys[event.value] = key
        return key

    def _merge(self, source: Any, event: Event, target: dict[str, Any], inherited: dict[str, Mark]) -> None:
        """Put the entries of one or several mappings into ``target``; as with kubectl, over those that stand before."""
        sources = source if isinstance(source, list) else [source]
        if not all(isinstance(one, dict) for one in sources):
            raise Refused("NS102", event.start_mark, "`<<` wants a mapping, or a sequence of mappings")
        for one in reversed(sources):
            target.update(one)
            inherited.update(dict.fromkeys(one, event.start_mark))

    def _alias(self, event: Event) -> Any:
        name, mark = event.anchor, event.start_mark
        if name not in self._anchors:
            raise Refused("NS102", mark, f"no anchor `&{name}` before the alias `*{name}`")
        value = self._anchors[name]
        if id(value) in self._open:
            raise Refused("NS104", mark, f"the anchor `&{name}` contains itself")
        size, height = self._expanded(value)
        self._aliases.add(size, mark)
        if self._depth + height > MAX_DEPTH:
            raise Refused("NS104", mark, TOO_DEEP)
        return value

    def _expanded(self, value: Any) -> tuple[int, int]:
        """Return how many values there are once aliases are written out, and how deep; each container is met once."""
        if not isinstance(value, dict | list):
            return 1, 0
        if id(value) not in self._sizes:
            children = [self._expanded(child) for child in (value.values() if isinstance(value, dict) else value)]
            size = 1 + sum(size for size, _ in children)
            self._sizes[id(value)] = size, 1 + max((height for _, height in children), default=0)
        return self._sizes[id(value)]


def _is_plain(event: Event) -> bool:
    return bool(event.tag is None and event.implicit[0])


def _means_merge(event: Event) -> bool:
    return isinstance(event, ScalarEvent) and event.value == MERGE and _is_plain(event)


def _meaning(event: Event) -> Any:
    if _is_plain(event):
        return plain(event.value)
    return event.value if event.tag in (None, "!") else tagged(event.tag, event.value)
