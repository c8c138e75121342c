"""YAML texts to documents, one at a time, as kubectl reads them."""

from collections.abc import Iterator
from typing import Any

import yaml
from yaml import DocumentStartEvent
from yaml.error import Mark

from netsim.errors import Problem
from netsim.ingest.limits import DEFAULT_LIMITS, Limits
from netsim.ingest.refusals import TEMPLATE_HINT, TOO_DEEP, problem, repeated_key
from netsim.ingest.text import EXACT_LIMIT, Text, problem_at
from netsim.ingest.trees import Origin, TreeDocument, documents_of
from netsim.ingest.yaml_builder import Aliases, Builder, Refused
from netsim.ingest.yaml_layout import YamlLayout
from netsim.ir.place import Place


def read_yaml(
    text: Text, number: int, problems: list[Problem], limits: Limits = DEFAULT_LIMITS
) -> Iterator[TreeDocument]:
    """Yield the objects of a text, empty documents left out and lists taken apart.

    What is no YAML (NS102), or too deep or too large (NS104), ends the reading of the text. A document that kubectl
    would refuse (NS102), or in which a key stands twice (NS103), does not.

    Args:
        number: The number of the input.
        limits: What the aliases of the whole text may add.
    """
    # Of the loader only the parser is used: get_event.
    parser = yaml.CBaseLoader(text.data)
    keys: dict[str, str] = {}
    aliases = Aliases(limits.aliased)
    while True:
        try:
            found = _next_document(parser, keys, aliases, text, problems)
        except (yaml.YAMLError, Refused) as error:
            problems.append(_problem(error, text))
            if isinstance(error, Refused) and not error.final:
                continue
            return
        if found is None:
            return
        value, layout = found
        if value is not None:
            yield from documents_of(value, Origin(input=number, file=text.file, layout=layout), problems)


def _next_document(
    parser: yaml.CBaseLoader, keys: dict[str, str], aliases: Aliases, text: Text, problems: list[Problem]
) -> tuple[Any, YamlLayout] | None:
    # This passes over what is left of a document that was refused, too.
    while type(event := parser.get_event()) is not DocumentStartEvent:
        if event is None:
            return None

    def repeated(key: str, first: Mark, again: Mark) -> None:
        problems.append(repeated_key(key, _place(text, first), _place(text, again)))

    exact = len(text.data) <= EXACT_LIMIT
    builder = Builder(parser.get_event, keys, aliases, exact=exact, repeated=repeated)
    value = builder.build(parser.get_event())
    return value, YamlLayout(builder, value, text)


_PARSER_TOO_DEEP = "maximum nesting depth"


def _problem(error: yaml.YAMLError | Refused, text: Text) -> Problem:
    if isinstance(error, Refused):
        return problem(_place(text, error.mark), error.code, error.message, hint=error.hint)
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        if _PARSER_TOO_DEEP in (error.problem or ""):  # PyYAML 6.0.4 reads ahead, and has a limit of its own
            return problem(_place(text, mark), "NS104", TOO_DEEP)
        return problem(_place(text, mark), "NS102", _complaint(error, mark), hint=_hint(error, mark, text))
    position = getattr(error, "position", 0)
    return problem_at(text.file, text.data, position, "NS102", f"no YAML: {getattr(error, 'reason', error)}")


def _complaint(error: yaml.MarkedYAMLError, mark: Any) -> str:
    context = f" {error.context}" if error.context else ""
    start = error.context_mark
    since = f" that starts on line {start.line + 1}" if context and start and start.line != mark.line else ""
    return f"no YAML: {error.problem}{context}{since}"


def _hint(error: yaml.MarkedYAMLError, mark: Any, text: Text) -> str:
    start = error.context_mark or mark
    lines = text.data.splitlines()[start.line : mark.line + 1]
    if any(b"{{" in line for line in lines):
        return TEMPLATE_HINT
    if text.between(mark.index, mark.index + 1) == "\t":
        return "indent with spaces: YAML has no tabs here"
    return "what follows in this file was not read"


def _place(text: Text, mark: Any) -> Place:
    return Place(text.file, mark.line + 1, mark.column + 1)
