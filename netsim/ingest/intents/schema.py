"""The JSON schema of intent files, for editors: what the reader's own types say, written another way."""

from collections.abc import Iterator
from typing import Any

import msgspec

from netsim.ingest.intents.model import Written, WrittenEntry, WrittenFile, WrittenIntent, WrittenPair, WrittenPeer

_MODELS: tuple[type[Written], ...] = (WrittenFile, WrittenIntent, WrittenPair, WrittenPeer, WrittenEntry)


def intents_schema() -> dict[str, Any]:
    """Return the schema as JSON values."""
    _, parts = msgspec.json.schema_components(_MODELS, ref_template="#/$defs/{name}")
    for model in _MODELS:
        _complete(parts[model.__name__], model)
    file = parts.pop(WrittenFile.__name__)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "netsim intents",
        **file,
        "$defs": parts,
    }


def _complete(part: dict[str, Any], model: type[Written]) -> None:
    """Add what a model says beside its types; an absent field is absent to an editor, not null."""
    part.pop("title", None)
    for name, field in part["properties"].items():
        field.pop("default", None)
        _without_null(field)
        if name in model.told:
            field["description"] = model.told[name]
        if name in model.choices:
            field["enum"] = list(model.choices[name])
        if name in model.filled:
            for option in _lists(field):
                option["minItems"] = 1
    part["required"] = list(model.required)
    rules = list(_rules(model))
    if rules:
        part["allOf"] = rules


def _without_null(field: dict[str, Any]) -> None:
    options = [option for option in field.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:
        del field["anyOf"]
        field.update(options[0])
    elif options:
        field["anyOf"] = options


def _lists(field: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (option for option in (field, *field.get("anyOf", ())) if option.get("type") == "array")


def _rules(model: type[Written]) -> Iterator[dict[str, Any]]:
    if model.one_of:
        yield {"oneOf": [{"required": [name]} for name in model.one_of]}
    if model.some_of:
        yield {"anyOf": [{"required": [name]} for name in model.some_of]}
    needs = {name: list(others) for name, others in model.needs.items()}
    if needs:
        yield {"dependentRequired": needs}
    for name, others in model.excludes.items():
        for other in others:
            yield {"not": {"required": [name, other]}}
