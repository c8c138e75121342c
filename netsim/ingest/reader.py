"""One document to one value, with everything that is wrong with it."""

import json
from typing import Any, assert_never

import msgspec

from netsim.ingest.document import Document
from netsim.ingest.kinds.kind import AnyKind, Reading, Value
from netsim.ingest.kinds.metadata import Metadata, check_metadata
from netsim.ingest.schema import (
    Fault,
    Model,
    NewerField,
    UnknownField,
    WrongType,
    faults,
    mended,
    unknown_fields,
    unquoted,
)

_NO_METADATA = Metadata()

#: Values, by what they have in common with others of their kind.
Models = dict[Any, Value]

#: Problems that leave no doubt about what an object means: a repeated, a badly named or a badly labelled one, an except
#: that takes nothing, a template that its own selector does not select, a selector that is missing and so is empty.
_DOUBTLESS = frozenset({"NS105", "NS109", "NS110", "NS111", "NS117", "NS120", "NS122", "NS126"})
#: Of objects that are read in part: what a server without strict field checking drops, and what is missing, too.
_DOUBTLESS_IN_PART = _DOUBTLESS | {"NS106", "NS108"}


def read_object(document: Document, kind: AnyKind, serial: int, models: Models) -> tuple[Reading, Value | None]:
    """Return what was read and its value, which is None where the problems leave a doubt about what it means.

    Args:
        serial: A number that ends the name of an object that has only a ``generateName``.
        models: Objects without problems that replicas are told by; added to.
    """
    model, found = _typed(document, kind.model)
    metadata: Metadata = model.metadata or _NO_METADATA
    reading = Reading(
        document=document,
        kind=kind.name,
        namespace=(metadata.namespace or document.namespace) if kind.namespaced else "",
        name=metadata.name or (f"{metadata.generate_name}{serial:05}" if metadata.generate_name else ""),
    )
    if not model.metadata and not document.tree():
        # The document has said why there is nothing to be read.
        return reading, None
    likeness = kind.replicas and not found and kind.replicas.likeness(model)
    if kind.replicas and likeness in models and (value := kind.replicas.copy(models[likeness], model, reading)):
        return reading, value
    mendable = [fault for fault in found if unquoted(fault) is not None]
    reading.newer = tuple(fault.path for fault in found if isinstance(fault, NewerField))
    for fault in found:
        if fault not in mendable and not isinstance(fault, NewerField):
            _refuse(fault, reading)
            reading.left_out = (*reading.left_out, fault.path)
    if metadata.namespace and not kind.namespaced:
        # As kubectl and the server do: the field is dropped, and nothing is said of it.
        reading.warn(("metadata", "namespace"), f"is ignored: a {kind.name} is in no namespace")
    check_metadata(metadata, kind.naming, reading)
    kind.check(model, reading)
    value = kind.read(model, reading) if _is_clear(reading, kind) else None
    for fault in mendable:
        _refuse(fault, reading)
    if likeness and value and not reading.problems and not reading.notices:
        models.setdefault(likeness, value)
    return reading, value


def _is_clear(reading: Reading, kind: AnyKind) -> bool:
    tolerated = _DOUBTLESS if _is_closed(kind.model) else _DOUBTLESS_IN_PART
    return bool(reading.name) and all(problem.code in tolerated for problem in reading.problems)


def _is_closed(model: type[Model]) -> bool:
    return model.__struct_config__.forbid_unknown_fields


def _typed(document: Document, model: type[Model]) -> tuple[Any, list[Fault]]:
    """Return the object as a Model, with the fields mended or left out that are at fault, and the faults."""
    try:
        typed: Any = document.typed(model)
    except msgspec.ValidationError:
        tree = document.tree()
        found = list(faults(tree, model))
        return msgspec.convert(mended(tree, found), model), found
    if _is_of_a_server(typed.metadata):
        return typed, []
    # Some documents find out only now what else is wrong with them: keys that stand twice.
    tree = document.tree()
    return typed, [] if _is_closed(model) else list(unknown_fields(tree, model))


def _is_of_a_server(metadata: Metadata | None) -> bool:
    """Was the object written by a server or a controller? Neither stores a field that is unknown."""
    return metadata is not None and bool(metadata.uid or metadata.owner_references)


def _refuse(fault: Fault, reading: Reading) -> None:
    if not isinstance(fault, NewerField):  # What it means for the object is its kind's decision.
        code, message, hint = told(fault)
        reading.refuse(code, fault.path, message, hint=hint)


def told(fault: WrongType | UnknownField) -> tuple[str, str, str]:
    """Return the code of a fault, what is wrong, and the way out."""
    match fault:
        case WrongType(wanted=wanted, value=value):
            return "NS107", f"must be {wanted}, and is {_described(value)}", _quoting(wanted, value)
        case UnknownField(meant=meant, known=known):
            hint = f"did you mean `{meant}`?" if meant else f"the fields here are {', '.join(sorted(known))}"
            return "NS106", "is no field of this kind of object", hint
    assert_never(fault)


def _described(value: Any) -> str:
    match value:
        case None:
            return "null"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return f'the text "{value}"'
        case bool():
            return f"the truth value {json.dumps(value)}"
        case _:
            return f"the number {value}"


def _quoting(wanted: str, value: Any) -> str:
    if wanted == "text" and isinstance(value, bool | int | float):
        return f'quote it: "{json.dumps(value)}"'
    if wanted == "a whole number" and isinstance(value, str) and value.isdigit():
        return f"write {value} without quotes"
    return "write a list: start each element with `- `" if wanted == "a list" else ""
