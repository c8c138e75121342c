"""The arrow from inputs to documents."""

import datetime
import io
import json
import random
from collections import UserDict
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netsim.errors import Problem
from netsim.ingest import json_reader, yaml_reader
from netsim.ingest.document import Document
from netsim.ingest.documents import Given, Input, read_documents


def read(*inputs: Input, stdin: bytes = b"") -> tuple[list[Document], list[Problem]]:
    problems: list[Problem] = []
    return list(read_documents(inputs, problems, stdin=io.BytesIO(stdin))), problems


def test_what_is_wrong_with_one_file_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: [\n")
    (tmp_path / "b.json").write_text('{"kind": "Pod"')
    (tmp_path / "c.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "d.yaml").write_text("kind: Node\n")
    documents, problems = read(tmp_path / "absent", str(tmp_path), "-", stdin=b"kind: Last")
    assert [(d.kind, d.input) for d in documents] == [("Node", 1), ("Last", 2)]
    assert [(p.code, Path(p.file).name) for p in problems] == [
        ("NS101", "absent"),
        ("NS102", "a.yaml"),
        ("NS102", "b.json"),
        ("NS102", "c.yaml"),
    ]


def test_an_empty_text_holds_nothing() -> None:
    for empty in (b"", b" \n", b"\xef\xbb\xbf", b"---\n", b"# x"):
        assert read("-", stdin=empty) == ([], [])


def test_json_and_yaml_say_the_same() -> None:
    tree = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "é", "labels": {"a": "yes"}},
        "spec": {"x": [1, 1.5]},
    }
    (from_json,), _ = read("-", stdin=json.dumps(tree).encode())
    (from_yaml,), _ = read("-", stdin=b"\n---\n" + json.dumps(tree).encode())
    assert type(from_json) is not type(from_yaml)
    assert from_json.tree() == from_yaml.tree() == tree
    assert (from_json.api_version, from_json.kind) == (from_yaml.api_version, from_yaml.kind) == ("v1", "Pod")


def test_given_mappings_have_no_lines_but_paths() -> None:
    pods = {"apiVersion": "v1", "kind": "PodList", "items": [{"spec": {}}, 5]}
    documents, problems = read("-", Given([UserDict({"kind": "Node", "x": UserDict(a=1)}), pods]))
    assert [(d.kind, d.line, d.input, str(d.place(("spec",)))) for d in documents] == [
        ("Node", 0, 1, "<documents>"),
        ("Pod", 0, 1, "<documents>"),
    ]
    assert documents[0].tree() == {"kind": "Node", "x": {"a": 1}}
    assert str(documents[0].problem("NS107", ("x", "a"), "is wrong")) == "<documents>: NS107 `x.a` is wrong"
    assert [(p.code, p.field) for p in problems] == [("NS102", "items[1]")]


def test_given_values_are_made_plain_or_refused() -> None:
    cyclic: dict[str, Any] = {"kind": "Pod"}
    cyclic["x"] = cyclic
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    plain = {"x": (1, 2), "when": datetime.date(2026, 1, 2), 3: None}
    given = Given([cyclic, {"x": deep}, {"x": object()}, plain, [1]])  # type: ignore[list-item]
    documents, problems = read(given)
    assert [d.tree() for d in documents] == [{"x": [1, 2], "when": "2026-01-02", "3": None}]
    assert [p.code for p in problems] == ["NS104", "NS104", "NS107", "NS102"]


def test_given_mappings_are_not_shared_with_their_owner() -> None:
    labels = {"a": "b"}
    (document,), _ = read(Given([{"metadata": {"labels": labels}}]))
    labels["a"] = "c"
    assert document.tree() == {"metadata": {"labels": {"a": "b"}}}


MANIFESTS = [
    b"""
apiVersion: v1
kind: Pod
metadata: {name: a, labels: {x: 'y', 1: on}}
spec:
  containers:
  - ports:
    - &p {containerPort: 80}
    - <<: *p
      name: "h\\u00e9"
  text: |
    - a
---
kind: List
items:
- *p
- {}
""",
    b"""{"apiVersion": "v1", "kind": "List", "items": [
{"kind": "Pod", "x": [1, 2.5e3, true, null, "\\u00e9\\n"]},
 {"kind": "NodeList", "items": [{"a": {"b": []}}]}]}
{"kind": "Last"}
""",
    b"""{kind: NetworkPolicy, spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}],
  ports: [{port: 0x50}]}]}}
""",
]
PIECES = [
    b"{",
    b"}",
    b"[",
    b"]",
    b": ",
    b"- ",
    b"\n",
    b"  ",
    b'"',
    b"'",
    b"*p",
    b"&p ",
    b"!!int ",
    b"---\n",
    b"{{ .x }}",
]
PIECES += [
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"1e999",
    b".inf",
    b"\\u",
    b"\\ud800",
    b"#",
    b"%",
    b"\t",
    b"<<: ",
    b"|",
]


class Anything(msgspec.Struct):
    kind: str
    spec: dict[str, Any] | None = None
    items: list[int] | None = None


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A manifest with bytes cut out, pieces put in, and perhaps without its end; or any bytes at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    text = draw(st.sampled_from(MANIFESTS))
    for _ in range(draw(st.integers(0, 4))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 5))
        text = text[:at] + draw(st.sampled_from([b"", *PIECES])) + text[at + length :]
    return text[: draw(st.integers(0, len(text)))] if draw(st.booleans()) else text


@pytest.mark.parametrize("limit", [0, 5_000_000])
@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=damaged())
def test_bad_input_gives_problems_and_never_a_traceback(
    limit: int, text: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_reader, "EXACT_LIMIT", limit)
    monkeypatch.setattr(yaml_reader, "EXACT_LIMIT", limit)
    documents, problems = read("-", stdin=text)
    for document in documents:
        tree = document.tree()
        assert isinstance(tree, dict)
        lines = text.count(b"\n") + text.count(b"\r") + 1
        for path in [(), *((key,) for key in tree), ("spec", "containers", 0, "ports", 1), ("items", 0)]:
            assert 1 <= document.place(path).line <= lines
        with suppress(msgspec.ValidationError):
            document.typed(Anything)
    assert all(problem.code in {"NS102", "NS103", "NS104"} and str(problem) for problem in problems)


def test_large_texts_with_every_kind_of_character_are_placed_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(1)  # noqa: S311  (no secret hangs on it)
    names = ["a", "é", "日本", "🦊", "x" * 30]
    items: list[dict[str, Any]] = [
        {"kind": dice.choice(names), "spec": {dice.choice(names): [{"a": n}]}} for n in range(200)
    ]
    text = "kind: List\nitems:\n" + "".join(
        f"- kind: {each['kind']}\n  spec:\n"
        + "".join(f"    {k}: [{{a: {v[0]['a']}}}]\n" for k, v in each["spec"].items())
        for each in items
    )
    placed = []
    for limit in (0, 5_000_000):
        monkeypatch.setattr(yaml_reader, "EXACT_LIMIT", limit)
        documents, _ = read("-", stdin=text.encode())
        assert [d.tree() for d in documents] == items
        placed.append([d.place(("spec", next(iter(d.tree()["spec"])), 0, "a")) for d in documents])
    assert placed[0] == placed[1]
