"""What an API server of 1.20.2 accepted, refused and defaulted, and what netsim says of the same objects."""

from io import StringIO
from typing import Any

import pytest
import yaml

from netsim.errors import Problem
from netsim.ingest import snapshot
from netsim.ir.snapshot import Snapshot
from tests.conformance.data import read_yaml, root

Case = dict[str, Any]

#: Of other kinds than these there is nothing to compare.
MODELLED = {"Namespace", "NetworkPolicy", "Pod", "Service"}

#: Cases about the request and not about the object.
OUT_OF_SCOPE = {
    "apiversion-absent": "the server takes it from the request; files have no request",
    "json-array": "a body of several objects; files may hold several",
    "json-empty-body": "an empty body; an empty file holds nothing, which is fine",
    "json-null": "a null body; a null document is an empty one",
    "json-number-exponent": "kubectl, like netsim, writes 8e1 as 80 before it sends it",
    "json-yaml-body": "YAML sent as JSON; files may be YAML",
    "kind-absent": "the server takes it from the request; files have no request",
    "kind-list": "a list cannot be created; files may hold lists",
    "kind-other": "an Ingress sent to networkpolicies; files have no request",
    "namespace-mismatch": "body and request differ in the namespace; files have no request",
    "update-name": "body and request differ in the name; files have no request",
}

#: Where netsim refuses what that server accepted. It accepts nothing that the server refused.
STRICTER = {
    "endport-out-of-range": "endPort came with 1.21, and that server dropped it",
    "endport-without-port": "endPort came with 1.21, and that server dropped it",
    "expr-in-value-64": "servers since 1.27 refuse such values of new objects",
    "expr-in-value-bad": "servers since 1.27 refuse such values of new objects",
    "json-duplicate-key": "strict field checking refuses a key that stands twice",
    "json-duplicate-key-lists": "strict field checking refuses a key that stands twice",
    "unknown-in-spec": "strict field checking refuses unknown fields",
    "unknown-port-in-rule": "strict field checking refuses unknown fields",
    "unknown-port-number": "strict field checking refuses unknown fields",
}

#: Fields that the server complained of and netsim does not, in a case that both refuse.
OTHER_FIELDS = {
    "generatename-upper": "the server also complains of the name that it generated",
    "ownerreference-incomplete": "the server leaves out the index of the owner",
}


def _cases() -> list[Case]:
    folder = root() / "apiserver" / "validation"
    cases = [case for part in ("core", "networkpolicy") for case in read_yaml(folder / part / "cases.yaml")]
    return [case for case in cases if _kind(case) in MODELLED]


def _kind(case: Case) -> str:
    """Return the kind that the request is about."""
    path = case["request"]["path"]
    plurals = {"networkpolicies": "NetworkPolicy", "pods": "Pod", "services": "Service"}
    named = [kind for plural, kind in plurals.items() if f"/{plural}" in path]
    return named[0] if named else "Namespace" if path.startswith("/api/v1/namespaces?") else ""


def _in_scope() -> list[Case]:
    return [case for case in _cases() if case["name"] not in OUT_OF_SCOPE]


def _read(text: str) -> tuple[Snapshot, tuple[Problem, ...]]:
    return snapshot([StringIO(text)], keep_going=True)


def _text(case: Case) -> str:
    return str(case["manifest"] if "manifest" in case else case["body"])


def _named(cases: list[Case]) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in cases]


@pytest.mark.parametrize("case", _named(_in_scope()))
def test_netsim_and_the_server_accept_and_refuse_the_same(case: Case) -> None:
    _, problems = _read(_text(case))
    differs = case["name"] in STRICTER
    assert (not problems) == (case["accepted"] != differs), problems


@pytest.mark.parametrize("case", _named([case for case in _in_scope() if case.get("causes")]))
def test_netsim_complains_of_the_fields_that_the_server_complains_of(case: Case) -> None:
    _, problems = _read(_text(case))
    unheard = {cause["field"] for cause in case["causes"]} - {problem.field for problem in problems}
    assert bool(unheard) == (case["name"] in OTHER_FIELDS), unheard


@pytest.mark.parametrize(
    "case",
    _named(
        [
            case
            for case in _in_scope()
            if case["accepted"] and case["name"] not in STRICTER and _kind(case) == "NetworkPolicy"
        ]
    ),
)
def test_the_defaults_of_a_policy_are_those_of_the_server(case: Case) -> None:
    (ours,) = _read(_text(case))[0].policies
    metadata = {"name": ours.name, "namespace": case["metadata"]["namespace"]}
    head = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata}
    theirs, problems = _read(yaml.safe_dump(head | _with_end_ports(case)))
    assert not problems
    assert theirs.policies == (ours,)


def _with_end_ports(case: Case) -> dict[str, Any]:
    """Return the defaulted object, with the endPort that this server did not know yet."""
    defaulted: dict[str, Any] = case["defaulted"]
    if case["name"] == "endport-with-port":
        defaulted["spec"]["ingress"][0]["ports"][0]["endPort"] = 90
    return defaulted


def test_no_exception_names_a_case_that_does_not_exist() -> None:
    names = {case["name"] for case in _cases()}
    assert {*OUT_OF_SCOPE, *STRICTER, *OTHER_FIELDS} <= names


def test_only_accepted_cases_are_stricter() -> None:
    accepted = {case["name"] for case in _cases() if case["accepted"]}
    assert STRICTER.keys() <= accepted
