"""Comparing a tree of plain values with a Struct type, so that every fault is reported and not the first alone.

The fast path is msgspec's own conversion; this slow walk explains what it refused.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from threading import Lock
from typing import Any, ClassVar, TypeVar

import msgspec
from msgspec import inspect

from netsim.ingest.document import Path

T = TypeVar("T")


class Model(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """The fields of an API type that netsim reads; every one may be absent or null, which are the same.

    ``siblings`` are legal fields that netsim does not read and whose names look like ones that it does.
    ``renamed`` are fields that other APIs have here, each with the field that has its place.
    """

    siblings: ClassVar[frozenset[str]] = frozenset()
    renamed: ClassVar[Mapping[str, str]] = {}


class Closed(Model, forbid_unknown_fields=True, frozen=True, gc=False):
    """An API type of which every field is here: any other is a mistake."""


class Growing(Closed, forbid_unknown_fields=True, frozen=True, gc=False):
    """An API type that newer versions of its API extend: a field that looks like none of these is one of theirs."""


_ready: set[Any] = set()
_preparing = Lock()


def prepared(model: T) -> T:
    """Return a type that several threads may convert to.

    msgspec finds out about a class when it is first converted to, and lets other threads see what is half found: they
    crash, the process with them. So the first time is one thread's at a time.
    """
    if model not in _ready:
        with _preparing:
            msgspec.json.Decoder(model)
            _ready.add(model)
    return model


_TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongType:
    """A value that is no ``wanted``."""

    path: Path
    wanted: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownField:
    """A field that the type does not have; ``meant`` is the known one that it looks like, or None."""

    path: Path
    meant: str | None
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewerField:
    """A field that a newer version of the API must know."""

    path: Path


Fault = WrongType | UnknownField | NewerField


@dataclass(frozen=True, slots=True)
class _Shape:
    """What ``msgspec.inspect`` says of a Model, as it is asked for here.

    ``parts`` are the fields that hold Models: the field, the Model, and whether there is a list of them.
    """

    types: dict[str, inspect.Type]
    closed: bool
    growing: bool
    legal: frozenset[str]
    parts: tuple[tuple[str, type[Model], bool], ...]


@cache
def _shape(model: type[Model]) -> _Shape:
    info = inspect.type_info(model)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - a Model is one
    types = {each.encode_name: each.type for each in info.fields}
    parts = [(name, *part) for name, wanted in types.items() if (part := _part(wanted))]
    growing = issubclass(model, Growing)
    return _Shape(types, info.forbid_unknown_fields, growing, model.siblings | types.keys(), tuple(parts))


def _part(wanted: inspect.Type) -> tuple[type[Model], bool] | None:
    for option in _options(wanted):
        match option:
            case inspect.StructType(cls=model) if issubclass(model, Model):
                return model, False
            case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item) if part := _part(item):
                return part[0], True
    return None


def _options(wanted: inspect.Type) -> tuple[inspect.Type, ...]:
    return wanted.types if isinstance(wanted, inspect.UnionType) else (wanted,)


def faults(tree: Any, model: type[Model]) -> Iterator[Fault]:
    """Yield every wrong type and every unknown field of an object, in the order of its fields."""
    yield from _of_struct(tree, model, ())


def _of_struct(tree: Any, model: type[Model], path: Path) -> Iterator[Fault]:
    if not isinstance(tree, dict):
        yield WrongType(path=path, wanted="a mapping", value=tree)
        return
    shape = _shape(model)
    for name, value in tree.items():
        if name in shape.types:
            yield from _of_type(value, shape.types[name], (*path, name))
        elif name not in shape.legal:
            meant = _meant(name, model)
            if shape.growing and not meant:
                yield NewerField(path=(*path, name))
            elif meant or shape.closed:
                yield UnknownField(path=(*path, name), meant=meant, known=tuple(shape.types))


def unknown_fields(tree: dict[str, Any], model: type[Model], path: Path = ()) -> Iterator[UnknownField]:
    """Yield the unknown fields alone, of an object whose types are right: ``faults`` is far slower."""
    shape = _shape(model)
    for name in tree.keys() - shape.legal:
        if (meant := _meant(name, model)) or shape.closed:
            yield UnknownField(path=(*path, name), meant=meant, known=tuple(shape.types))
    for name, part, is_list in shape.parts:
        value = tree.get(name)
        for index, item in enumerate(value if is_list else (value,)) if value else ():
            if item:
                yield from unknown_fields(item, part, (*path, name, index) if is_list else (*path, name))


@lru_cache(maxsize=2**14)
def _meant(name: str, model: type[Model]) -> str | None:
    """Return the field that ``name`` looks like: one of another case or another API, or a letter or two away."""
    if name in model.renamed:
        return model.renamed[name]
    known = _shape(model).types
    same = next((each for each in known if each.lower() == name.lower()), None)
    return same or next(iter(get_close_matches(name, known, n=1, cutoff=0.8)), None)


def _of_type(value: Any, wanted: inspect.Type, path: Path) -> Iterator[Fault]:
    options = _options(wanted)
    for option in options:
        match option:
            case inspect.StructType() if isinstance(value, dict) and issubclass(option.cls, Model):
                yield from _of_struct(value, option.cls, path)
                return
            case inspect.ListType() | inspect.VarTupleType() if isinstance(value, list):
                for index, item in enumerate(value):
                    yield from _of_type(item, option.item_type, (*path, index))
                return
            case inspect.DictType() if isinstance(value, dict):
                for key, item in value.items():
                    yield from _of_type(item, option.value_type, (*path, key))
                return
            case _ if _is_scalar(value, option):
                return
    yield WrongType(path=path, wanted=" or ".join(_named(o) for o in options if _named(o)), value=value)


def _is_scalar(value: Any, wanted: inspect.Type) -> bool:
    match wanted:
        case inspect.AnyType():
            return True
        case inspect.NoneType():
            return value is None
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case inspect.StrType():
            return isinstance(value, str)
        case _:
            return False


def _named(wanted: inspect.Type) -> str:
    match wanted:
        case inspect.StructType() | inspect.DictType():
            return "a mapping"
        case inspect.ListType() | inspect.VarTupleType():
            return "a list"
        case inspect.StrType():
            return _TEXT
        case inspect.IntType():
            return "a whole number"
        case inspect.BoolType():
            return "true or false"
        case _:
            return ""


def mended(tree: Any, found: list[Fault]) -> Any:
    """Return a copy of the tree with what lacks only its quotes quoted, and what is at fault otherwise left out.

    In a list, null is left instead.
    """
    return _mended(tree, (), {fault.path: unquoted(fault) for fault in found})


def unquoted(fault: Fault) -> str | None:
    """Return the text that a value was meant to be, where only its quotes are missing.

    A number with a point is not mended: ``1.10`` has become 1.1.
    """
    if isinstance(fault, WrongType) and fault.wanted == _TEXT and isinstance(fault.value, bool | int):
        return json.dumps(fault.value)
    return None


def _mended(value: Any, path: Path, changes: dict[Path, str | None]) -> Any:
    if path in changes:
        return changes[path]
    if isinstance(value, dict):
        kept = [key for key in value if changes.get((*path, key), "") is not None]
        return {key: _mended(value[key], (*path, key), changes) for key in kept}
    if isinstance(value, list):
        return [_mended(item, (*path, index), changes) for index, item in enumerate(value)]
    return value
