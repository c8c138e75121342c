"""Comparing trees with types."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from netsim.ingest.schema import (
    Closed,
    Fault,
    Growing,
    Model,
    NewerField,
    UnknownField,
    WrongType,
    faults,
    mended,
    unknown_fields,
)


class Inner(Closed, frozen=True):
    name: str | None = None
    numbers: list[int | None] | None = None


class Open(Growing, frozen=True):
    renamed: ClassVar[Mapping[str, str]] = {"cidr": "networks"}

    networks: list[str | None] | None = None


class Outer(Model, frozen=True):
    siblings: ClassVar[frozenset[str]] = frozenset({"innerOne"})

    inner: Inner | None = None
    inners: list[Inner | None] | None = None
    labels: dict[str, str | None] | None = None
    port: int | str | None = None
    is_on: bool | None = None


def _found(tree: Any) -> list[tuple[Any, ...]]:
    return [_written(fault) for fault in faults(tree, Outer)]


def _written(fault: Fault) -> tuple[Any, ...]:
    match fault:
        case WrongType(path=path, wanted=wanted):
            return (*path, wanted)
        case UnknownField(path=path, meant=meant):
            return (*path, meant)
        case NewerField(path=path):
            return (*path, "newer")


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"inner": None, "inners": None, "labels": None, "port": None, "isOn": None},
        {"inner": {"name": None, "numbers": [None, 1]}, "inners": [None, {}], "labels": {"a": None}},
        {"port": 1, "isOn": True},
        {"port": "http", "somethingElse": 1, "innerOne": 1},
    ],
)
def test_a_tree_may_be(tree: Any) -> None:
    assert _found(tree) == []


@pytest.mark.parametrize(
    ("tree", "fault"),
    [
        ([], ("a mapping",)),
        ({"inner": []}, ("inner", "a mapping")),
        ({"inners": {}}, ("inners", "a list")),
        ({"inners": [1]}, ("inners", 0, "a mapping")),
        ({"labels": {"a": 1}}, ("labels", "a", "text")),
        ({"labels": []}, ("labels", "a mapping")),
        ({"port": True}, ("port", "a whole number or text")),
        ({"port": 1.5}, ("port", "a whole number or text")),
        ({"isOn": 1}, ("isOn", "true or false")),
        ({"isOn": "true"}, ("isOn", "true or false")),
        ({"inner": {"numbers": [1, "2"]}}, ("inner", "numbers", 1, "a whole number")),
        ({"inner": {"nam": "x"}}, ("inner", "nam", "name")),
        ({"inner": {"other": "x"}}, ("inner", "other", None)),
        ({"Inner": {}}, ("Inner", "inner")),
        ({"label": {}}, ("label", "labels")),
    ],
)
def test_a_tree_may_not_be(tree: Any, fault: tuple[Any, ...]) -> None:
    assert _found(tree) == [fault]


def test_every_fault_is_found() -> None:
    tree = {"inner": {"nam": 1, "numbers": ["x", "z"]}, "port": [], "isON": True}
    assert _found(tree) == [
        ("inner", "nam", "name"),
        ("inner", "numbers", 0, "a whole number"),
        ("inner", "numbers", 1, "a whole number"),
        ("port", "a whole number or text"),
        ("isON", "isOn"),
    ]


def test_unknown_fields_alone_are_those_among_all_faults() -> None:
    tree = {"inner": {"nam": "x"}, "inners": [{}, {"other": 1}, None], "lables": {"name": "x"}, "port": 1}
    expected = [fault for fault in faults(tree, Outer) if isinstance(fault, UnknownField)]
    assert len(expected) == 3
    assert sorted(map(_written, unknown_fields(tree, Outer)), key=str) == sorted(map(_written, expected), key=str)


def test_what_is_at_fault_is_left_out_and_null_in_a_list() -> None:
    tree = {"port": [], "inners": [1, {"name": "x", "nam": 1}], "labels": {"a": None}, "other": 1}
    expected = {"inners": [None, {"name": "x"}], "labels": {"a": None}, "other": 1}
    assert mended(tree, list(faults(tree, Outer))) == expected


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (1, "1"), (-1, "-1")])
def test_a_value_that_lacks_only_its_quotes_is_quoted(value: Any, text: str) -> None:
    tree = {"labels": {"a": value, "b": "x"}}
    assert mended(tree, list(faults(tree, Outer))) == {"labels": {"a": text, "b": "x"}}


def test_a_number_with_a_point_may_have_lost_a_zero() -> None:
    tree = {"labels": {"a": 1.1, "b": "x"}}
    assert mended(tree, list(faults(tree, Outer))) == {"labels": {"b": "x"}}


@pytest.mark.parametrize(
    ("field", "found"),
    [("network", "networks"), ("Networks", "networks"), ("cidr", "networks"), ("accounts", "newer")],
)
def test_a_field_of_a_type_that_grows_is_a_mistake_where_it_looks_like_one(field: str, found: str) -> None:
    assert [_written(fault) for fault in faults({field: []}, Open)] == [(field, found)]


def test_a_field_of_a_newer_api_is_left_out_of_what_is_read() -> None:
    tree = {"networks": ["a"], "accounts": {}}
    assert mended(tree, list(faults(tree, Open))) == {"networks": ["a"]}
