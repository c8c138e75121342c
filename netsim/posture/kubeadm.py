"""How kubeadm starts the API server and etcd: with flags of its own, and those of a ClusterConfiguration.

Source: kubernetes ``cmd/kubeadm/app/phases/controlplane/manifests.go`` and ``.../phases/etcd/local.go``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from netsim.ingest.document import Path
from netsim.ingest.manifests import Manifest
from netsim.ingest.podspecs import mapping, mappings, text
from netsim.posture.commandlines import Flags
from netsim.posture.faults import items

_FOLDER = "/etc/kubernetes/pki"
#: The flags that kubeadm gives, as far as posture asks for them; ``{pki}`` is the folder of certificates.
_API_SERVER = {
    "allow-privileged": "true",
    "authorization-mode": "Node,RBAC",
    "client-ca-file": "{pki}/ca.crt",
    "enable-admission-plugins": "NodeRestriction",
    "kubelet-client-certificate": "{pki}/apiserver-kubelet-client.crt",
    "kubelet-client-key": "{pki}/apiserver-kubelet-client.key",
    "secure-port": "6443",
    "service-account-key-file": "{pki}/sa.pub",
    "service-account-signing-key-file": "{pki}/sa.key",
    "tls-cert-file": "{pki}/apiserver.crt",
    "tls-private-key-file": "{pki}/apiserver.key",
}
_TO_LOCAL_ETCD = {
    "etcd-servers": "https://127.0.0.1:2379",
    "etcd-cafile": "{pki}/etcd/ca.crt",
    "etcd-certfile": "{pki}/apiserver-etcd-client.crt",
    "etcd-keyfile": "{pki}/apiserver-etcd-client.key",
}
#: The address of the node stands for itself: no ClusterConfiguration holds it.
_ETCD = {
    "advertise-client-urls": "https://$(HOST_IP):2379",
    "cert-file": "{pki}/etcd/server.crt",
    "client-cert-auth": "true",
    "key-file": "{pki}/etcd/server.key",
    "listen-client-urls": "https://127.0.0.1:2379,https://$(HOST_IP):2379",
    "listen-metrics-urls": "http://127.0.0.1:2381",
    "listen-peer-urls": "https://$(HOST_IP):2380",
    "peer-cert-file": "{pki}/etcd/peer.crt",
    "peer-client-cert-auth": "true",
    "peer-key-file": "{pki}/etcd/peer.key",
    "peer-trusted-ca-file": "{pki}/etcd/ca.crt",
    "trusted-ca-file": "{pki}/etcd/ca.crt",
}
#: Folders that kubeadm mounts by itself.
_MOUNTED = ("/etc/ssl/certs", "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates")


@dataclass(frozen=True, slots=True, kw_only=True)
class ByKubeadm:
    """A program that kubeadm starts.

    Attributes:
        path: Where the ClusterConfiguration says with what more.
        mounted: The folders and files that its static pod mounts.
    """

    flags: Flags
    path: Path
    mounted: tuple[str, ...]


def by_kubeadm(manifest: Manifest) -> Iterator[ByKubeadm]:
    """Yield what kubeadm starts by a ClusterConfiguration."""
    body = manifest.body
    pki = text(body, "certificatesDir") or _FOLDER
    server, etcd = mapping(body, "apiServer"), mapping(body, "etcd")
    external = mapping(etcd, "external")
    to_etcd = _to_external(external) if external else _TO_LOCAL_ETCD
    yield _started("kube-apiserver", {**_API_SERVER, **to_etcd}, server, ("apiServer",), pki)
    if not external:
        yield _started("etcd", _ETCD, mapping(etcd, "local"), ("etcd", "local"), pki)


def _started(program: str, own: Mapping[str, str], holder: Mapping[str, Any], path: Path, pki: str) -> ByKubeadm:
    given = {name: value.replace("{pki}", pki) for name, value in own.items()}
    mounts = [text(each, "mountPath") for each in mappings(holder, "extraVolumes")]
    return ByKubeadm(
        flags=Flags(program=program, values={**given, **_arguments(holder.get("extraArgs"))}),
        path=(*path, "extraArgs"),
        mounted=(pki, *_MOUNTED, *filter(None, mounts)),
    )


def _to_external(external: Mapping[str, Any]) -> dict[str, str]:
    """Return the flags by which the API server reaches an etcd that kubeadm does not start."""
    files = {"etcd-cafile": "caFile", "etcd-certfile": "certFile", "etcd-keyfile": "keyFile"}
    given = {flag: text(external, field) for flag, field in files.items() if text(external, field)}
    return {"etcd-servers": ",".join(map(str, items(external.get("endpoints")))), **given}


def _arguments(written: Any) -> dict[str, str]:
    """Return the flags of ``extraArgs``: a mapping up to v1beta3, a list of names and values from v1beta4 on."""
    if isinstance(written, Mapping):
        return {str(name): _text(value) for name, value in written.items()}
    pairs = mappings({"extraArgs": written}, "extraArgs")
    return {text(each, "name"): _text(each.get("value", "")) for each in pairs}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
