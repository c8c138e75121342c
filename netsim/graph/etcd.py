"""etcd as who has no right in the API sees it: where it listens, and what it asks of its clients."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from netsim.ingest.manifests import Manifest
from netsim.ir.attack import Guard
from netsim.ir.objects import Address, Node
from netsim.knowledge import attack_table
from netsim.posture.controlplane import API_SERVER, ETCD, Started, started
from netsim.posture.etcd import Etcd, etcd_faults

PORT = 2379

#: What `etcd_faults` says of an etcd that everybody may ask who can connect to it, with the flag to change.
_FOR_ALL = {
    "etcd-client-plaintext": "listen-client-urls",  # for which certificates are passed over: the other does not help
    "etcd-client-cert-auth-off": "client-cert-auth",
}

_TLS = "kubernetes.io/tls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """etcd, as far as the input says.

    Attributes:
        endpoints: Where it listens for clients.
        open: The settings by which it asks its clients for no certificate; empty where it asks, or nobody knows.
        secrets: The Secrets that hold the private key of a client, by namespace and name.
    """

    endpoints: tuple[tuple[Address, int], ...]
    open: tuple[Guard, ...]
    secrets: frozenset[tuple[str, str]]


def store_of(manifests: Sequence[Manifest], nodes: Iterable[Node]) -> Store:
    """Return etcd.

    Args:
        nodes: Those that run it.
    """
    own = [m for m in manifests if m.kind == "Pod" and m.namespace == "kube-system"]  # static pods, as the API has them
    programs = list(started(own, ()))
    listens = [(address, PORT) for node in nodes for address in node.addresses]
    named = [pair for each in programs if each.program == API_SERVER for pair in _servers(each)]
    return Store(
        endpoints=tuple(dict.fromkeys((*listens, *named))),
        open=tuple(guard for each in programs if each.program == ETCD for guard in _open(each)),
        secrets=frozenset(
            (m.namespace or "default", m.name) for m in manifests if m.kind == "Secret" and _is_clients(m)
        ),
    )


def _servers(program: Started) -> Iterator[tuple[Address, int]]:
    """Yield where an API server finds etcd, beyond its own node."""
    for url in program.flags.urls("etcd-servers"):
        parts = urlsplit(url)
        try:
            address = ip_address(parts.hostname or "")
        except ValueError:
            continue  # a name: the addresses of nodes are what is left
        if not address.is_loopback:
            yield address, parts.port or PORT


def _open(program: Started) -> Iterator[Guard]:
    listens = [urlsplit(url).hostname or "" for url in program.flags.urls("listen-client-urls", "http://localhost")]
    if all(host == "localhost" or host.startswith("127.") or host == "::1" for host in listens):
        return
    found = {fault.check: fault for fault in etcd_faults(Etcd(flags=program.flags))}
    check = next((each for each in _FOR_ALL if each in found), None)
    if check and program.spec is not None and not program.flags.get("config-file"):
        manifest = program.spec.manifest
        object_ = f"{manifest.namespace}/{manifest.name}[{manifest.kind}]"
        yield Guard("pod", object_, _FOR_ALL[check], program.about.place(found[check].path))


def _is_clients(secret: Manifest) -> bool:
    """Does a Secret hold the private key of a client of etcd?"""
    always, named = _keys()
    body = secret.body
    held = {str(key) for part in ("data", "stringData") for key in body.get(part) or ()}
    held |= {"tls.key"} if body.get("type") == _TLS else set()
    return bool(held & always or ("etcd" in secret.name and held & named))


@cache
def _keys() -> tuple[frozenset[str], frozenset[str]]:
    found = attack_table("etcd")
    return frozenset(found["keys"]), frozenset(found["named_keys"])
