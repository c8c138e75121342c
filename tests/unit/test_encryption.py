"""EncryptionConfiguration: what the loader makes of names, providers and keys; what a dump of etcd shows."""

import base64
from pathlib import Path
from typing import Any

import pytest

import netsim
from netsim.ingest.etcddump import Value, values
from netsim.posture.encryption import AtRest, at_rest
from netsim.posture.encryptionresources import of_key

_KEY = base64.b64encode(bytes(range(32))).decode()
_BOX = {"secretbox": {"keys": [{"name": "k", "secret": _KEY}]}}
_OBJECT = "/registry/secrets/a/x"


def entry(*resources: Any, providers: Any = (_BOX,)) -> dict[str, Any]:
    """Return an entry of a file."""
    return {"resources": list(resources), "providers": list(providers)}


def file(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a file with some entries."""
    head = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration"}
    return {**head, "resources": list(entries), **more}


def refusals(found: AtRest) -> list[str]:
    """Return the rows for which the API server would not start."""
    return [each.check for each in found.refused]


def kms(name: str, version: str) -> dict[str, Any]:
    """Return a KMS provider."""
    return {"kms": {"apiVersion": version, "name": name, "endpoint": "unix:///k.sock"}}


@pytest.mark.parametrize(
    ("entries", "refused", "secrets"),
    [
        ([entry("secrets.")], [], "secretbox k"),
        ([entry("secrets", "secrets.")], ["resource-overlap"], None),
        ([entry("*."), entry("secrets.")], ["resource-overlap"], None),
        ([entry("*.apps"), entry("*."), entry("*.*")], [], "secretbox k"),
        ([entry("secret*")], [], "plaintext"),
        ([entry("")], [], "plaintext"),
        ([entry(None)], [], "plaintext"),
        ([entry("secrets", providers=[{"identity": None}, _BOX])], ["provider-invalid"], None),
        ([entry("secrets", providers=[{**_BOX, "identity": None}])], [], "secretbox k"),
        ([entry("secrets", providers=[{"identity": []}])], ["provider-invalid"], None),
        ([entry("a", providers=[kms("x", "v1")]), entry("b", providers=[kms("x", "v2")])], ["kms-invalid"], None),
        ([entry("a", providers=[kms("x", "v2")]), entry("b", providers=[kms("x", "v1")])], [], "plaintext"),
    ],
)
def test_a_name_a_provider_and_a_plugin_are_read_as_the_loader_reads_them(
    entries: list[dict[str, Any]], refused: list[str], secrets: str | None
) -> None:
    found = at_rest(file(*entries))
    written = found.written("secrets")
    assert refusals(found) == refused
    assert (None if written is None else str(written)) == secrets


def test_a_file_has_no_metadata() -> None:
    assert refusals(at_rest(file(entry("secrets"), metadata={"name": "x"}))) == ["unknown-field"]


def test_a_name_that_covers_nothing_is_told() -> None:
    for name in ("", "secret*", "*s.apps"):
        assert "resource-name-suspicious" in [each.check for each in at_rest(file(entry(name))).faults], name


def test_padding_that_fills_nothing_up_is_no_base64() -> None:
    longer = {"secretbox": {"keys": [{"name": "k", "secret": f"{_KEY}="}]}}
    assert refusals(at_rest(file(entry("secrets", providers=[longer])))) == ["key-invalid"]


@pytest.mark.parametrize(
    ("key", "resource"),
    [
        (_OBJECT, "secrets"),
        ("/registry/deployments/a/x", "deployments.apps"),
        ("/registry/example.com/widgets/a/x", "widgets.example.com"),
        ("/registry/services/specs/a/x", "services"),
        ("/registry/services/endpoints/a/x", "endpoints"),
        ("/registry/minions/n", "nodes"),
        ("/registry/ranges/serviceips", ""),
    ],
)
def test_a_key_of_etcd_is_an_object_of_a_resource(key: str, resource: str) -> None:
    assert of_key(key) == resource


def _hexdump(data: bytes) -> str:
    rows = [data[at : at + 16] for at in range(0, len(data), 16)]
    return "".join(f"{16 * number:08x}  {row.hex(' ')}  |...|\n" for number, row in enumerate(rows))


_PRINTED = f"{_OBJECT}\nk8s:enc:aescbc:v1:key1:\x01\x02\n".encode()
_HEXED = "\n".join("".join(f"\\x{byte:02x}" for byte in line) for line in _PRINTED.split(b"\n"))
_FIELDS = f""""ClusterID" : 1
"Key" : "{_OBJECT}"
"ModRevision" : 2
"Value" : "k8s:enc:aescbc:v1:key1:\\x01\\x02"
"Lease" : 0
"""


@pytest.mark.parametrize("dump", [_PRINTED.decode(), _hexdump(_PRINTED), _HEXED, _FIELDS])
def test_every_form_in_which_etcdctl_prints_values_is_read(dump: str, tmp_path: Path) -> None:
    assert list(values(dump.encode())) == [Value(key=_OBJECT, provider="aescbc:v1:key1")]
    (tmp_path / "dump.txt").write_text(dump, encoding="utf-8")
    answer = netsim.load(tmp_path / "dump.txt", documents=[file(entry("secrets"))]).posture("encryption")
    assert "NS534" in {each.code for each in answer}


def test_a_dump_is_measured_by_the_providers_of_each_resource(tmp_path: Path) -> None:
    lines = [
        "/registry/deployments/a/x",
        "k8s",
        "/registry/ranges/serviceips",
        "k8s",
        _OBJECT,
        "k8s:enc:secretbox:v1:k:",
    ]
    (tmp_path / "dump").write_text("\n".join(lines), encoding="utf-8")
    answer = netsim.load(tmp_path / "dump", documents=[file(entry("*.apps"))]).posture("encryption")
    said = {each.code: each.message for each in answer}
    assert "/registry/deployments/a/x" in said["NS533"]
    assert "ranges" not in said["NS533"]
    assert _OBJECT in said["NS534"]
