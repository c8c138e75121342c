"""Kubeconfigs in Secrets: whom they name, and what they do not say."""

import json
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from tests.unit.attacked import account, cluster, namespace, pod, right

#: No token of the API server says who bears it, but those of accounts.
_OPAQUE = "opaque"


def _jwt(subject: str) -> str:
    parts = ({"alg": "RS256"}, {"sub": subject})
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + ".c2ln"


@cache
def _certificate(user: str, group: str) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    key = Ed25519PrivateKey.generate()
    names = [(NameOID.ORGANIZATION_NAME, group), (NameOID.COMMON_NAME, user)]
    subject = x509.Name([x509.NameAttribute(oid, name) for oid, name in names])
    day = datetime(2030, 1, 1, tzinfo=UTC)
    built = x509.CertificateBuilder(subject, subject, key.public_key(), 1, day, day.replace(year=2031)).sign(key, None)
    return b64encode(built.public_bytes(Encoding.PEM)).decode()


def _kubeconfig(**user: str) -> str:
    whole = {"apiVersion": "v1", "kind": "Config", "users": [{"name": "u", "user": user}]}
    return json.dumps(whole)


def _secret(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "lab"}, **fields}


def _encoded(value: str) -> str:
    return b64encode(value.encode()).decode()


#: What a Secret holds, and whom one is who reads it.
SECRETS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a token of an account": (
        {"stringData": {"kubeconfig": _kubeconfig(token=_jwt("system:serviceaccount:lab:rich"))}},
        ["sa:lab/rich"],
    ),
    "encoded, and by another name": (
        {"data": {"value": _encoded(_kubeconfig(token=_jwt("system:serviceaccount:lab:rich")))}},
        ["sa:lab/rich"],
    ),
    "a certificate": (
        {
            "data": {
                "admin.conf": _encoded(
                    _kubeconfig(**{"client-certificate-data": _certificate("ann", "system:masters")})
                )
            }
        },
        ["group:system:masters", "user:ann"],
    ),
    "a token that is no account's": ({"stringData": {"kubeconfig": _kubeconfig(token=_jwt("ann"))}}, []),
    "a token that says nothing": ({"stringData": {"kubeconfig": _kubeconfig(token=_OPAQUE)}}, []),
    "damaged": ({"data": {"kubeconfig": "!!"}, "stringData": {"config": "users: [{"}}, []),
    "nothing of the kind": ({"stringData": {"users": "ann, bob: users"}}, []),
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_kubeconfig_makes_its_reader_whom_it_names(name: str) -> None:
    fields, expected = SECRETS[name]
    reading = cluster(namespace("lab"), account("rich"), _secret(**fields))
    found = [each for each in reading.steps() if each.id == "cred.kubeconfig"]
    assert sorted(each.target for each in found) == expected
    assert {(each.source, each.certainty.label) for each in found} <= {("secret:lab/s", "likely")}


def test_a_pod_that_mounts_the_kubeconfig_of_an_administrator_is_likely_to_have_the_cluster() -> None:
    volumes = [{"name": "v", "secret": {"secretName": "s"}}]
    container = {"volumeMounts": [{"name": "v", "mountPath": "/v"}]}
    fields, _ = SECRETS["a certificate"]
    held = cluster(namespace("lab"), _secret(**fields), pod(volumes=volumes, container=container))
    assert held.paths("lab/p", "cluster-admin", level="likely").reachable
    assert not held.paths("lab/p", "cluster-admin", level="certain").reachable


def test_a_kubeconfig_whose_value_is_left_out_is_said_to_be_unknown() -> None:
    unsaid = cluster(
        namespace("lab"), account("x"), _secret(data={"kubeconfig": ""}), right("get", "secrets", at="lab")
    )
    (said,) = [each for each in unsaid.blast("sa:lab/x").assumptions if "kubeconfig" in each]
    assert "secret:lab/s" in said
