"""Secrets that hold a kubeconfig: whoever reads one is whom it names, to the API server that it names.

Of which cluster that server is, nothing in the input says: the steps that follow are likely, and not certain.
"""

import json
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from netsim.access.identity import account_of
from netsim.ingest.documents import documents_of_files
from netsim.ingest.limits import DEFAULT_LIMITS
from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import mapping, mappings, text
from netsim.posture.certificates import Held, certificates

#: What a key is called that holds one; where its value is left out, nobody knows whom it names.
_NAMES = ("kubeconfig", "admin.conf", "super-admin.conf")
_ENDINGS = (".kubeconfig", ".kubeconfig.yaml")
#: A part of each kubeconfig: other values are not parsed.
_MARK = b"users"


def kubeconfigs(secrets: Iterable[Manifest]) -> dict[str, tuple[str, ...]]:
    """Return the identities in the kubeconfigs of Secrets, as vertices, by the Secret's; none where nobody knows."""
    found = {}
    for secret in secrets:
        values = dict(_values(secret))
        named = [name for name in values if name in _NAMES or name.endswith(_ENDINGS)]
        whole = tuple(dict.fromkeys(each for name in sorted(values) for each in _identities(values[name])))
        if whole or named:
            found[f"secret:{secret.namespace or 'default'}/{secret.name}"] = whole
    return found


def _values(secret: Manifest) -> Iterator[tuple[str, bytes]]:
    for key, value in mapping(secret.body, "data").items():
        yield str(key), _decoded(value)
    for key, value in mapping(secret.body, "stringData").items():
        yield str(key), value.encode() if isinstance(value, str) else b""


def _identities(value: bytes) -> Iterator[str]:
    if _MARK not in value:
        return
    for document in documents_of_files([(0, "a kubeconfig", value)], [], DEFAULT_LIMITS, None):
        for user in mappings(document.tree(), "users") if document.kind == "Config" else ():
            yield from _of_token(text(mapping(user, "user"), "token"))
            yield from _of_certificate(_decoded(mapping(user, "user").get("client-certificate-data")))


def _of_token(token: str) -> Iterator[str]:
    """Yield the account of a token; other tokens do not say how the API server calls their users."""
    _, _, rest = token.partition(".")
    payload, dot, _ = rest.partition(".")
    try:
        said = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4))) if dot else None
    except ValueError:
        return
    subject = said.get("sub") if isinstance(said, Mapping) else None
    account = account_of(subject) if isinstance(subject, str) else None
    if account:
        yield f"sa:{account.namespace}/{account.name}"


def _of_certificate(data: bytes) -> Iterator[str]:
    """Yield the user and the groups of a client certificate: its common name and its organizations."""
    held = [each for each in certificates(data, "a kubeconfig") if isinstance(each, Held)] if data else []
    for kind, names in (("user", held[0].common_names[:1]), ("group", held[0].organizations)) if held else ():
        yield from (f"{kind}:{name}" for name in names)


def _decoded(value: Any) -> bytes:
    try:
        return b64decode(value, validate=True) if isinstance(value, str) else b""
    except ValueError:
        return b""
