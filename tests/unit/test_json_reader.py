"""JSON texts to documents."""

import io
import json
from typing import Any

import msgspec
import pytest

from netsim.errors import Problem
from netsim.ingest import json_reader
from netsim.ingest.document import Document, Path
from netsim.ingest.documents import read_documents

POD = '{"kind": "Pod", "é\\u0041": [1, {"b": [],\n "c": "x, y: {"}],\n  "é": {"d": 1}}'
LIST = """
{"kind": "List", "metadata": {}, "items": [
 {"kind": "é", "x": 1}, {"kind": "Pod",
  "x": {"y": 1}}, {"kind": "List", "items": [{"kind": "Node",
 "x": 1}]} , {}
]} {"kind": "Last"}
"""


def read(text: str) -> tuple[list[Document], list[Problem]]:
    problems: list[Problem] = []
    return list(read_documents(["-"], problems, stdin=io.BytesIO(text.encode()))), problems


def refused(text: str) -> Problem:
    documents, (problem,) = read(text)
    assert not documents
    return problem


@pytest.fixture
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every text counts as too large to be read in full."""
    monkeypatch.setattr(json_reader, "EXACT_LIMIT", 0)


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ((), (1, 4)),
        (("kind",), (1, 5)),
        (("éA",), (1, 20)),
        (("éA", 0), (1, 32)),
        (("éA", 1), (1, 35)),
        (("éA", 1, "b"), (1, 36)),
        (("éA", 1, "b", 0), (1, 36)),
        (("éA", 1, "c"), (2, 2)),
        (("éA", 1, "c", "z"), (2, 2)),
        (("é", "d"), (3, 9)),
        (("absent", 1), (1, 4)),
    ],
)
def test_a_field_stands_at_its_name_and_an_item_at_its_value(path: Path, where: tuple[int, int]) -> None:
    _, document = read("{} " + POD)[0]
    place = document.place(path)
    assert (place.file, place.line, place.column) == ("<stdin>", *where)


def test_lists_and_the_lists_in_them_are_taken_apart_where_they_stand() -> None:
    documents, problems = read(LIST)
    places = [(d.kind, d.line, d.place().column, d.place(("x", "y")).line) for d in documents]
    assert places == [("é", 3, 2, 3), ("Pod", 3, 25, 4), ("Node", 4, 46, 5), ("", 5, 14, 5), ("Last", 6, 4, 6)]
    assert not problems


def test_items_of_a_typed_list_take_its_type_unless_they_have_their_own() -> None:
    items = '{"x": 1}, {"apiVersion": "v2", "kind": "Pad"}, {"kind": "X"}'
    text = f'{{"items": [{items}], "kind": "PodList", "apiVersion": "v1"}}'
    documents, _ = read(text)
    assert [(d.api_version, d.kind) for d in documents] == [("v1", "Pod"), ("v2", "Pad"), ("", "X")]
    assert documents[0].tree() == {"x": 1}


def test_a_list_without_items_is_empty_and_a_kind_that_only_sounds_like_one_is_an_object() -> None:
    assert read('{"kind": "List"} {"kind": "PodList", "items": null} {"kind": "PodList", "items": []}') == ([], [])
    kinds = [d.kind for d in read('{"kind": "AllowList"} {"kind": "DenyList", "items": {}} {"items": [1]}')[0]]
    assert kinds == ["AllowList", "DenyList", ""]


@pytest.mark.usefixtures("_large")
def test_the_text_of_the_first_item_may_stand_before_it() -> None:
    documents, _ = read('{"kind": "List", "metadata": {}, "x": {"items": [1]},\n"items": [\n{},\n{"a": 1}]}')
    assert [(d.line, d.place().column) for d in documents] == [(3, 1), (4, 1)]


def test_what_is_no_object_is_refused_where_it_stands() -> None:
    documents, problems = read('{"kind": "List", "items": [{}, null,\n 5, "a", true, [1], {}]}')
    assert [(p.code, p.line, p.column, p.field) for p in problems] == [
        ("NS102", 1, 32, "items[1]"),
        ("NS102", 2, 2, "items[2]"),
        ("NS102", 2, 5, "items[3]"),
        ("NS102", 2, 10, "items[4]"),
        ("NS102", 2, 16, "items[5]"),
    ]
    assert [p.message.split(",")[0] for p in problems] == [
        "is null", "is a number", "is a text", "is a truth value", "is a list"
    ]  # fmt: skip
    assert len(documents) == 2
    assert refused("[{}]").message == "the document is a list, no Kubernetes object"


def test_flow_style_yaml_is_no_json() -> None:
    documents, problems = read("{kind: Pod, x: [a, {b: c}]}\n---\nkind: Node\n")
    assert [d.kind for d in documents] == ["Pod", "Node"]
    assert not problems
    assert refused("[{kind: Pod}]").message == "the document is a list, no Kubernetes object"


@pytest.mark.parametrize(
    ("text", "code", "where", "message"),
    [
        ('{"a": 1', "NS102", (1, 8), "Expecting ',' delimiter"),
        ('{"é": "b', "NS102", (1, 7), "Unterminated string"),
        ('{"a": 1,\n "b": ]}', "NS102", (2, 7), "Expecting value"),
        ('{"a": NaN}', "NS102", (1, 7), "invalid character"),
        ('{"a": -Infinity}', "NS102", (1, 8), "invalid"),
        ('{"a": b}', "NS102", (1, 7), "Expecting value"),
        ('{"a": "\\ud800"}', "NS102", (1, 1), "half of a surrogate pair"),
        ('{"a": 1,\n"b": 1e400}', "NS102", (2, 6), "1e400 is out of range"),
        ('{"a": ' + "9" * 5000 + "}", "NS102", (1, 1), "a number is out of range"),
        ('{"a": ' + "[" * 20_000, "NS104", (1, 1), "more than 200 levels deep"),
        ('{"a": ' + "[" * 200 + "]" * 200 + "}", "NS104", (1, 1), "more than 200 levels deep"),
    ],
)
def test_what_is_no_json_is_refused_where_it_stands(text: str, code: str, where: tuple[int, int], message: str) -> None:
    problem = refused(text)
    assert (problem.code, (problem.line, problem.column)) == (code, where)
    assert message in problem.message


def test_what_stands_before_an_error_is_read() -> None:
    documents, (problem,) = read('{"kind": "é"}\n{"kind": "Pod"}\n{"kind":')
    assert [(d.kind, d.line) for d in documents] == [("é", 1), ("Pod", 2)]
    assert (problem.line, problem.column, problem.hint) == (3, 9, "what follows in this file was not read")


def test_an_unrendered_template_is_recognised() -> None:
    assert "helm template" in refused('{"a": 1,\n "b": {{ .Values.b }}}').hint


def test_a_key_that_stands_twice_is_an_error_on_both_lines_and_the_last_counts() -> None:
    (document,), problems = read('{"a": 1, "b": [{"c": 1,\n "c": {}}],\n "\\u0061": 2}')
    assert document.tree() == {"a": 2, "b": [{"c": {}}]}
    assert [(p.code, p.line, p.column) for p in problems] == [("NS103", 2, 2), ("NS103", 3, 2)]
    assert problems[1].message == "the key `a` stands twice in one mapping, on line 1 and on line 3"


@pytest.mark.usefixtures("_large")
def test_in_a_large_text_what_is_wrong_inside_an_object_is_found_when_its_tree_is_asked_for() -> None:
    deep = "[" * 300 + "]" * 300
    text = f'{{"kind": "List", "items": [{{"a": 1,\n"a": 2}}, {{"a": 1e400}}, {{"a": {deep}}}]}}'
    documents, problems = read(text)
    assert not problems
    assert [d.tree() for d in documents] == [{"a": 2}, {}, {}]
    assert [d.tree() for d in documents] == [{"a": 2}, {}, {}]
    assert [(p.code, p.line) for p in problems] == [("NS103", 2), ("NS102", 2), ("NS104", 2)]


def test_lists_in_lists_end() -> None:
    text = '{"kind": "List", "items": [' * 150 + "]}" * 150
    assert [p.code for p in read(text)[1]] == ["NS104"]


@pytest.mark.usefixtures("_large")
def test_lists_in_lists_end_in_a_large_text_too() -> None:
    text = '{"kind": "List", "items": [' * 150 + "]}" * 150
    assert [p.code for p in read(text)[1]] == ["NS104"]


@pytest.mark.parametrize("number", ["80", "80.0", "8e1"])
def test_an_integral_number_is_an_integer_however_it_is_written(number: str) -> None:
    class Port(msgspec.Struct):
        port: int | str
        other: Any = None

    (document,), _ = read(f'{{"port": {number}, "other": {number}}}')
    assert document.typed(Port) == Port(80, 80)
    assert isinstance(document.tree()["other"], int)
    (wrong,), _ = read('{"port": 80.5}')
    with pytest.raises(msgspec.ValidationError):
        wrong.typed(Port)


def test_a_dump_on_one_line_has_columns() -> None:
    items = [{"kind": "Pod", "metadata": {"name": f"é{n}"}} for n in range(100)]
    text = json.dumps({"kind": "List", "items": items}, ensure_ascii=False, separators=(",", ":"))
    documents, _ = read(text)
    for document in documents:
        column = document.place(("metadata", "name")).column
        assert text[column - 1 :].startswith(f'"name":"{document.tree()["metadata"]["name"]}"')
