"""YAML means here what it means to kubectl: its recorded answers, and kubectl itself where it is installed."""

import io
import json
import shutil
import subprocess
from typing import Any

import pytest

from netsim.errors import Problem
from netsim.ingest.document import Document
from netsim.ingest.documents import read_documents
from tests.conformance.data import read_yaml, root

CASES: list[dict[str, Any]] = read_yaml(root() / "apiserver" / "validation" / "yaml" / "cases.yaml")
REFUSED_BY_READER = {"label-infinity": "NS102", "template": "NS102"}

#: Plain scalars of every form that some reader of YAML takes for something else than text.
SCALARS = """
    y Y yes Yes YES yEs n N no No NO on On ON off Off OFF oFF true True TRUE tRUE false False FALSE t f
    ~ null Null NULL nULL nil none 0 -0 +0 00 08 09 010 0644 0o644 0O17 0o8 0o 0x50 0X1F 0x 0xg +0x50 -0x10 0b101 0B101
    0b2 0b -0b101 0b_ 8_0 1__0 0_ -_1 _1 1_ 1_0.5 1:20 1:20:30 190:20:30.15 2001-01-01 2001-1-1 2001-12-14t21:59:43.10Z
    1 1.5 1. .5 .5_0 ._5 -.5 +.5 1e3 1E3 1e+3 1e-3 1.5e3 1_e3 .e3 1e 8e1 80.0 09.5 1e999 1e-999 .1e400 1e20 1e21 0x1p3
    9223372036854775807 -9223372036854775808 1.10.1 1.10 v1.10 = - + . .. ... 12e03 -2e+05 nan inf infinity
    .iNf 0777777777777777777777777 0xFFFFFFFFFFFFFFFFF 99999999999999999999 e3 1a 1,000 127.0.0.1 10.0.0.0/8
    !!str$12 !!int$"12" !!float$1 !!bool$"yes" !!null$"" !!binary$aGVsbG8= !!binary$/w== !own$12 !$12 !!str !!str$~
    "12" 'yes' "" '' "~" "\\u00e9"
""".split()  # noqa: SIM905  (a table is easier to read)
ERRORS = [".inf", ".Inf", "-.INF", "+.inf", ".nan", ".NaN", "!!int foo", "!!float foo", "!!int 1.0", "!!null x", "*no"]
KEYS = """
    1.5 1e3 3.14159265 100000.0 1e6 1234567.0 -0.00001 0.0001 123456.7 1e-7 -0.0 16777217.0 1e39 08 1_0.5 2.50 999999.96
    0x10 yes "yes" off .inf -.INF .nan 010 2001-01-01 1:20 18446744073709551616 -1 a "<<" = !!str$1
""".split()  # noqa: SIM905  (as above)
BAD_KEYS = ["~", "null", "{a: b}", "[a]", "{ .Values.x }", "18446744073709551615"]


def read(manifest: str) -> tuple[list[Document], list[Problem]]:
    problems: list[Problem] = []
    return list(read_documents(["-"], problems, stdin=io.BytesIO(manifest.encode()))), problems


@pytest.mark.parametrize("case", [c for c in CASES if c["accepted"]], ids=lambda case: case["name"])
def test_an_accepted_text_arrives_as_it_did_at_the_server(case: dict[str, Any]) -> None:
    documents, problems = read(case["manifest"])
    assert [p.code for p in problems] == (["NS103"] if case["name"] == "duplicate-key" else [])
    assert [d.tree()["metadata"]["name"] for d in documents] == [each["name"] for each in case["defaulted"]]
    for document, each in zip(documents, case["defaulted"], strict=True):
        assert covers(each["spec"], document.tree()["spec"])


@pytest.mark.parametrize("case", [c for c in CASES if not c["accepted"]], ids=lambda case: case["name"])
def test_a_refused_text_is_refused_here_or_arrives_as_what_the_server_refused(case: dict[str, Any]) -> None:
    documents, problems = read(case["manifest"])
    if code := REFUSED_BY_READER.get(case["name"]):
        assert (documents, [p.code for p in problems]) == ([], [code])
        return
    labels = documents[0].tree()["spec"]["podSelector"]["matchLabels"]
    sent = json.dumps(labels, separators=(",", ":"))
    assert f'"matchLabels":{sent}' in case["stderr"] or f'Invalid value: "{labels["a"]}"' in case["stderr"]


def covers(defaulted: Any, written: Any) -> bool:
    """Is ``written`` what the server has, but for the defaults that it added and the nulls that it dropped?"""
    match written:
        case dict():
            return all(v is None or (k in defaulted and covers(defaulted[k], v)) for k, v in written.items())
        case list():
            return len(written) == len(defaulted) and all(map(covers, defaulted, written))
        case _:
            return type(defaulted) is type(written) and bool(defaulted == written)


def kubectl(fields: str) -> Any:
    """Return the field ``x`` as kubectl writes it into JSON, None where it refuses the text."""
    command = ["kubectl", "label", "--local", "-f", "-", "a=b", "-o", "json"]
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: p}}\n{fields}"
    answer = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    return json.loads(answer.stdout)["x"] if answer.returncode == 0 else None


def ours(fields: str) -> Any:
    documents, problems = read(fields)
    return None if problems else documents[0].tree()["x"]


needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")


@needs_kubectl
def test_kubectl_reads_the_same_values() -> None:
    fields = "x:\n" + "".join(f"- {scalar.replace('$', ' ')}\n" for scalar in SCALARS)
    for scalar, theirs, mine in zip(SCALARS, kubectl(fields), ours(fields), strict=True):
        assert (scalar, theirs, type(theirs)) == (scalar, mine, type(mine))


@needs_kubectl
def test_kubectl_reads_the_same_keys() -> None:
    fields = "x:\n" + "".join(f"- {key.replace('$', ' ')}: v\n" for key in KEYS)
    assert ours(fields) == kubectl(fields)


@needs_kubectl
@pytest.mark.parametrize("fields", [f"x: [{e}]\n" for e in ERRORS] + [f"x: {{{key}: v}}\n" for key in BAD_KEYS])
def test_kubectl_refuses_the_same_texts(fields: str) -> None:
    assert (ours(fields), kubectl(fields)) == (None, None)


@needs_kubectl
@pytest.mark.parametrize(
    "fields",
    [
        "d: &a {k: 1, j: 2}\nx: {<<: *a, k: 5}\n",
        "d: &a {k: 1, j: 2}\nx: {k: 5, <<: *a}\n",
        "d: &a {k: 1, j: 2}\ne: &b {k: 3, l: 4}\nx: {<<: [*a, *b]}\n",
        "x: {<<: {k: 1}}\n",
        "x: {'<<': 5}\n",
        "d: &a 1\ne: &a 2\nx: *a\n",
        "x: {k: 1, k: 2}\n",
    ],
)
def test_kubectl_merges_and_repeats_alike(fields: str) -> None:
    documents, problems = read(fields)
    assert documents[0].tree()["x"] == kubectl(fields)
    assert [p.code for p in problems] == (["NS103"] if "k: 2" in fields else [])
