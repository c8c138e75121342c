"""YAML texts to documents."""

import textwrap
from typing import Any

import msgspec
import pytest

from netsim.errors import Problem
from netsim.ingest import yaml_reader
from netsim.ingest.document import Path
from netsim.ingest.limits import DEFAULT_LIMITS
from netsim.ingest.text import Text
from netsim.ingest.trees import TreeDocument

POLICY = """\
# two documents
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: "ü", labels: {a: b}}
spec:
  podSelector: {}
  ingress:
  - ports:
    - port: 80
      protocol: TCP
    -
      port: 90
---
kind: Last
"""
LIST = """\
apiVersion: v1
kind: List
items:
- kind: Pod
  spec:
    nodeName: é
- apiVersion: v1
  kind: List
  items:
    - {kind: Service,
  spec: {type: x}}
- kind: Node
"""


def read(text: str) -> tuple[list[TreeDocument], list[Problem]]:
    problems: list[Problem] = []
    return list(yaml_reader.read_yaml(Text("f.yaml", text.encode()), 3, problems)), problems


def trees(text: str) -> list[Any]:
    documents, problems = read(text)
    assert not problems
    return [document.tree() for document in documents]


def refused(text: str) -> Problem:
    documents, (problem,) = read(text)
    assert not documents
    return problem


@pytest.fixture(params=["exact", "again"])
def _positions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once with the positions of the first reading, once as in a text so large that it keeps none."""
    if request.param == "again":
        monkeypatch.setattr(yaml_reader, "EXACT_LIMIT", 0)


@pytest.mark.usefixtures("_positions")
@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), "f.yaml:3:1"),
        (("kind",), "f.yaml:4:1"),
        (("metadata", "labels"), "f.yaml:5:23"),
        (("metadata", "labels", "a"), "f.yaml:5:32"),
        (("spec", "ingress"), "f.yaml:8:3"),
        (("spec", "ingress", 0), "f.yaml:9:5"),
        (("spec", "ingress", 0, "ports", 0, "protocol"), "f.yaml:11:7"),
        (("spec", "ingress", 0, "ports", 1, "port"), "f.yaml:13:7"),
        (("spec", "ingress", 0, "ports", 2), "f.yaml:9:5"),
        (("spec", "ingress", 0, "ports", 0, "endPort"), "f.yaml:10:7"),
        (("spec", "podSelector", "matchLabels", "x"), "f.yaml:7:3"),
        (("kind", "x", 0), "f.yaml:4:1"),
        (("nothing", 1), "f.yaml:3:1"),
    ],
)
def test_a_field_stands_at_its_name_and_an_item_at_its_value(path: Path, place: str) -> None:
    (policy, last), _ = read(POLICY)
    assert str(policy.place(path)) == place
    assert (policy.line, last.line, str(last.place(("kind",)))) == (3, 15, "f.yaml:15:1")


@pytest.mark.usefixtures("_positions")
def test_lists_and_the_lists_in_them_are_taken_apart() -> None:
    documents, problems = read(LIST)
    assert [(d.kind, d.line, d.input, d.file) for d in documents] == [
        ("Pod", 4, 3, "f.yaml"),
        ("Service", 10, 3, "f.yaml"),
        ("Node", 12, 3, "f.yaml"),
    ]
    pod, service, _ = documents
    assert str(pod.place(("spec", "nodeName"))) == "f.yaml:6:5"
    assert str(service.place(("spec", "type"))) == "f.yaml:11:10"
    assert not problems


@pytest.mark.usefixtures("_positions")
def test_items_behind_an_alias_are_read_too() -> None:
    text = "all: &all\n- &one {kind: Pod, x: 1}\n- *one\nkind: List\nitems: *all\n"
    documents, _ = read(text)
    assert [d.tree() for d in documents] == [{"kind": "Pod", "x": 1}] * 2
    assert {d.place(("x",)).file for d in documents} == {"f.yaml"}
    documents, _ = read("a: &a {kind: Pod, x: 1}\nkind: List\nitems:\n- *a\n- kind: Node\n  x: *a\n")
    assert [d.line for d in documents] == [4, 5]
    assert documents[1].place(("x",)).line in {5, 6}


def test_items_of_a_typed_list_take_its_type_unless_they_have_their_own() -> None:
    documents, _ = read(
        "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {}\n- {apiVersion: v2, kind: Pad}\n- kind: X\n"
    )
    assert [(d.api_version, d.kind) for d in documents] == [("v1", "Pod"), ("v2", "Pad"), ("", "X")]


def test_a_list_without_items_is_empty_and_a_kind_that_only_sounds_like_one_is_an_object() -> None:
    assert trees("kind: List\n---\nkind: List\nitems: null\n---\nkind: PodList\nitems: []\n") == []
    assert [d.kind for d in read("kind: AllowList\nspec: {}\n---\nkind: DenyList\nitems: {}\n")[0]] == [
        "AllowList",
        "DenyList",
    ]


def test_empty_documents_are_skipped_and_others_need_no_type() -> None:
    assert trees("---\n---\n# only a comment\n---\na: 1\n...\n---\nnull\n--- # note\nb: 2\n") == [{"a": 1}, {"b": 2}]
    (document, *_), _ = read("apiVersion: 5\nkind: [x]\n")
    assert (document.api_version, document.kind) == ("", "")


@pytest.mark.parametrize("text", ["- a\n", "text\n", "5\n", "on"])
def test_a_document_that_is_no_object_is_yielded_without_type_to_be_counted(text: str) -> None:
    documents, problems = read(f"{text}\n---\nkind: Pod\n")
    assert [d.kind for d in documents] == ["", "Pod"]
    assert not problems


def test_an_array_of_objects_is_refused_since_nobody_means_them_to_be_passed_over() -> None:
    documents, (problem,) = read("- apiVersion: v1\n  kind: Pod\n---\nkind: Pod\n")
    assert (problem.code, problem.line, problem.message) == (
        "NS102",
        1,
        "the document is a list, no Kubernetes object",
    )
    assert [d.kind for d in documents] == ["Pod"]


def test_an_item_that_is_no_mapping_is_refused_where_it_stands() -> None:
    problem = read("kind: List\nitems:\n- kind: Pod\n- null\n")[1][0]
    assert str(problem).startswith("f.yaml:4:3: NS102 `items[1]` is null, no Kubernetes object")


def test_a_key_that_stands_twice_is_an_error_on_both_lines_and_the_last_counts() -> None:
    (document,), (problem,) = read("a: 1\nb: {c: 1,\n  c: 2}\n")
    assert document.tree() == {"a": 1, "b": {"c": 2}}
    assert (problem.code, problem.line, problem.column) == ("NS103", 3, 3)
    assert problem.message == "the key `c` stands twice in one mapping, on line 2 and on line 3"
    assert [p.code for p in read("yes: 1\n'true': 2\n")[1]] == ["NS103"]


def test_a_syntax_error_ends_the_text_but_not_what_was_read_before() -> None:
    documents, (problem,) = read("kind: Pod\n---\na: [1\nb: 2\n---\nkind: Node\n")
    assert [d.kind for d in documents] == ["Pod"]
    assert (problem.code, problem.line, problem.hint) == ("NS102", 4, "what follows in this file was not read")
    assert "that starts on line 3" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "a: {{ .Values.x }}\n",
        "a: {{ .Values.x }}-b\nc: d\n",
        "a: 1\n{{- if .Values.x }}\nb: 1\n{{- end }}\n",
        "{{- range .Values.x }}\na: 1\n{{- end }}\n",
        "a: [{{ .Values.x }}, b]\n",
    ],
)
def test_an_unrendered_template_is_recognised(text: str) -> None:
    problem = refused(f"{text}---\nkind: Pod\n")
    assert problem.code == "NS102"
    assert "helm template" in problem.hint


@pytest.mark.parametrize(
    ("text", "code", "where", "message"),
    [
        ("a:\n\t- b\n", "NS102", (2, 1), "found character that cannot start any token"),
        ("é: \x01\n", "NS102", (1, 4), "control characters are not allowed"),
        ("a: &x [*x]\n", "NS104", (1, 8), "the anchor `&x` contains itself"),
        ("a: &x {b: [*x]}\n", "NS104", (1, 12), "the anchor `&x` contains itself"),
        ("a: *x\n", "NS102", (1, 4), "no anchor `&x` before the alias `*x`"),
        ("a: b\n<<: c\n", "NS102", (2, 1), "`<<` wants a mapping"),
        ("- " * 20_000, "NS104", (1, 401), "more than 200 levels deep"),
        ("a: .nan\n", "NS102", (1, 4), "JSON has no infinity and no NaN"),
        ("a: !!int b\n", "NS102", (1, 4), "`b` is no !!int"),
        ("a: !!binary '*'\n", "NS102", (1, 4), "!!binary holds no base64 data"),
        ("? [a]\n: b\n", "NS102", (1, 3), "a mapping or a sequence is no key"),
        ("a: &x [1]\n*x : b\n", "NS102", (2, 1), "is no key"),
        ("a: 'x\n", "NS102", (2, 1), "found unexpected end of stream while scanning a quoted scalar"),
        ('a: "\\ud800"\n', "NS102", (1, 7), "invalid Unicode character"),
        ("a: !x!y z\n", "NS102", (1, 4), "undefined tag handle"),
    ],
)
def test_what_kubectl_cannot_read_is_refused_where_it_stands(
    text: str, code: str, where: tuple[int, int], message: str
) -> None:
    problem = refused(text)
    assert (problem.code, (problem.line, problem.column)) == (code, where)
    assert message in problem.message


def test_after_a_refused_document_the_next_one_is_read() -> None:
    documents, problems = read("a: {b: .inf, c: [1, 2]}\n---\nkind: Pod\n---\na: *b\n---\nkind: Node\n")
    assert [p.code for p in problems] == ["NS102", "NS102"]
    assert [d.kind for d in documents] == ["Pod", "Node"]


def test_anchors_end_with_their_document() -> None:
    assert [p.code for p in read("a: &x 1\n---\nb: *x\n")[1]] == ["NS102"]


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    problem = refused("\n".join(lines))
    assert (problem.code, problem.line) == ("NS104", 6)
    assert f"{DEFAULT_LIMITS.aliased:,}" in problem.message


def test_a_chain_of_aliases_cannot_nest_deeper_than_brackets_may() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{'[' * 50}*a{n - 1}{']' * 50}]" for n in range(1, 5)]
    problem = refused("\n".join(lines))
    assert (problem.code, problem.line) == ("NS104", 5)


def test_aliases_and_merges_are_written_out() -> None:
    text = """
    a: &a {k: 1, l: &l [1]}
    b: *a
    c: {<<: *a, k: 2}
    d: {<<: [{k: 5}, *a], m: *l}
    e: &e text
    *e : f
    """
    (tree,) = trees(textwrap.dedent(text))
    assert tree["b"] == {"k": 1, "l": [1]}
    assert tree["c"] == {"k": 2, "l": [1]}
    assert tree["d"] == {"k": 5, "l": [1], "m": [1]}
    assert tree["text"] == "f"


def test_a_merged_field_stands_at_its_merge() -> None:
    (document,), _ = read("a: &a\n  k: {x: 1}\nb:\n  <<: *a\n  l: 2\n")
    assert str(document.place(("b", "k"))) == "f.yaml:4:3"
    assert str(document.place(("b", "k", "x"))) == "f.yaml:2:7"
    assert str(document.place(("b", "l"))) == "f.yaml:5:3"


def test_tags_never_make_objects() -> None:
    text = "a: !!python/object/apply:os.system [echo]\nb: !!python/name:os.system x\nc: !own 12\nd: !!str 12\ne: ! 12\n"
    assert trees(text) == [{"a": ["echo"], "b": "x", "c": "12", "d": "12", "e": "12"}]


def test_quoted_and_block_scalars_are_texts() -> None:
    assert trees("a: '12'\nb: \"yes\"\nc: |\n  8\nd: >-\n  ~\n") == [{"a": "12", "b": "yes", "c": "8\n", "d": "~"}]


def test_a_document_becomes_a_struct_strictly() -> None:
    class Port(msgspec.Struct):
        port: int | str

    (good, bad), _ = read("port: 8e1\n---\nport: 80.5\n")
    assert good.typed(Port) == Port(80)
    with pytest.raises(msgspec.ValidationError):
        bad.typed(Port)


def test_what_nests_too_deep_is_refused_whichever_limit_is_met_first() -> None:
    # Ours of 200 levels, or the parser's own of 1,000, which some versions of it have and meet while they read ahead.
    problem = refused("[" * 20_000)
    assert (problem.code, problem.line) == ("NS104", 1)
    assert problem.column in (201, 1001)
    assert "more than 200 levels deep" in problem.message
