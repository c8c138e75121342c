"""The RBAC cases: each answer by the public API, by the definition and by the compiled form."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import netsim
from netsim.access import identity
from netsim.access.certificates import may_certify
from netsim.access.escalation import may_write
from netsim.access.impersonation import may_impersonate
from netsim.ingest import Given, snapshot
from netsim.ir.access import Binding, CsrAction, Disguise, Request, Role, Subject, SubjectKind
from netsim.ir.release import NEWEST
from netsim.spec import access, grants
from tests.conformance.data import root

Entry = dict[str, Any]


def _cases() -> list[Path]:
    return sorted((root() / "rbac").glob("*/case.json"))


@cache
def _cluster(folder: Path) -> netsim.Cluster:
    # The manifests hold everything there is.
    return netsim.load(*sorted(folder.glob("manifests.*")), defaults="none")


def _entries(kind: str) -> list[Any]:
    return list(_each(kind))


def _each(kind: str) -> Iterator[Any]:
    for path in _cases():
        for number, entry in enumerate(json.loads(path.read_text(encoding="utf-8")).get(kind, ())):
            yield pytest.param(path.parent, entry, id=f"{path.parent.name}-{number}")


def _text(subject: Entry) -> str:
    name = f"{subject['namespace']}/{subject['name']}" if "namespace" in subject else subject["name"]
    return f"{subject['kind']}:{name}"


def _subject(subject: Entry) -> tuple[Subject, tuple[str, ...]]:
    kind = SubjectKind(subject["kind"])
    return Subject(kind, subject["name"], subject.get("namespace", "")), tuple(subject.get("groups", ()))


def _request(entry: Entry) -> Request:
    return Request(
        verb=entry["verb"],
        group=entry.get("apiGroup", ""),
        resource=entry.get("resource", ""),
        subresource=entry.get("subresource") or "",
        name=entry.get("name") or "",
        namespace=entry.get("namespace") or "",
        path=entry.get("path", ""),
    )


def _asked(entry: Entry) -> Entry:
    """Return the keywords of the public API for a request."""
    if "path" in entry:
        return {"path": entry["path"]}
    return {
        "resource": entry["resource"],
        "group": entry["apiGroup"],
        "subresource": entry.get("subresource"),
        "name": entry.get("name"),
        "namespace": entry.get("namespace"),
    }


@pytest.mark.parametrize(("folder", "entry"), _entries("queries"))
def test_a_request_is_allowed_or_not(folder: Path, entry: Entry) -> None:
    cluster = _cluster(folder)
    groups = entry["subject"].get("groups", ())
    answer = cluster.can(_text(entry["subject"]), entry["verb"], **_asked(entry), groups=groups)
    assert answer.allowed is entry["allowed"]
    subject, request = _subject(entry["subject"])[0], _request(entry)
    compiled = cluster.access.allows(subject, request, groups)
    assert compiled == access.authorize(cluster.rights, subject, request, groups)
    assert compiled.grants == answer.grants


@pytest.mark.parametrize(("folder", "entry"), _entries("who_can"))
def test_those_who_may_are_exactly_those(folder: Path, entry: Entry) -> None:
    cluster = _cluster(folder)
    assert cluster.who_can(entry["verb"], **_asked(entry)) == entry["subjects"]
    compiled = cluster.access.who_can(_request(entry))
    assert compiled == access.who_can(cluster.rights, _request(entry))


@pytest.mark.parametrize(("folder", "entry"), _entries("grants"))
def test_a_role_or_a_binding_may_be_written_or_not(folder: Path, entry: Entry) -> None:
    cluster = _cluster(folder)
    subject, groups = _subject(entry["subject"])
    answer = cluster.may_write(_text(entry["subject"]), entry["verb"], entry["object"], groups=groups)
    found = snapshot([Given([entry["object"]])])[0]
    targets: list[Role | Binding] = [*found.roles, *found.bindings]
    compiled = may_write(cluster.access, identity(subject, groups), entry["verb"], targets[0])
    right = grants.may_write(cluster.rights, subject, entry["verb"], targets[0], groups)
    assert answer.allowed is compiled.allowed is right is entry["allowed"]


@pytest.mark.parametrize(("folder", "entry"), _entries("impersonations"))
def test_impersonation_headers_are_accepted_or_not(folder: Path, entry: Entry) -> None:
    cluster, wanted = _cluster(folder), entry["as"]
    subject, own = _subject(entry["subject"])
    groups, extra = wanted.get("groups", []), wanted.get("extra", {})
    answer = cluster.may_impersonate(
        _text(entry["subject"]),
        user=wanted["user"],
        as_groups=groups,
        uid=wanted.get("uid", ""),
        extra=extra,
        groups=own,
    )
    fields = tuple((key, tuple(values)) for key, values in extra.items())
    disguise = Disguise(user=wanted["user"], groups=tuple(groups), uid=wanted.get("uid", ""), extra=fields)
    compiled = may_impersonate(cluster.access, identity(subject, own), disguise)
    right = grants.may_impersonate(cluster.rights, subject, disguise, own, release=NEWEST)
    assert answer.allowed is compiled.allowed is right is entry["allowed"]


def test_certificates_are_had_by_those_who_may() -> None:
    for path in _cases():
        for entry in json.loads(path.read_text(encoding="utf-8")).get("csr", ()):
            cluster = _cluster(path.parent)
            subject, groups = _subject(entry["subject"])
            action = CsrAction(entry["action"])
            answer = cluster.may_certify(_text(entry["subject"]), entry["action"], entry["signer"], groups=groups)
            compiled, _ = may_certify(cluster.access, identity(subject, groups), action, entry["signer"])
            right = grants.may_certify(cluster.rights, subject, action, entry["signer"], groups)
            assert answer is compiled is right is entry["allowed"], (path.parent.name, entry)
