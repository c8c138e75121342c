"""etcd's flags and its configuration file, and the API server's side of the connection.

Source: etcd.io/docs transport security; what is marked "run" in the catalogue was seen on a real etcd.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from netsim.knowledge import etcd_options
from netsim.posture.commandlines import Flags
from netsim.posture.faults import Fault, mapping

_CLIENTS = ("listen-client-urls", "http://localhost:2379")
_PEERS = ("listen-peer-urls", "http://localhost:2380")
_SECTIONS = {"client-transport-security": "", "peer-transport-security": "peer-"}
_WEAK = ("_RC4_", "_3DES_", "_CBC_")
_SWITCHES = ("auto-tls", "client-cert-auth", "enable-pprof", "peer-auto-tls", "peer-client-cert-auth")
_RSA_EXCHANGE = "TLS_RSA_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Etcd:
    """How an etcd is started.

    Attributes:
        flags: Those of its command line and environment.
        file: Its configuration file; None where it has none. With one, every flag is passed over.
        cluster_ca: The file of the API server's ``--client-ca-file``; empty where unknown.
    """

    flags: Flags
    file: Mapping[str, Any] | None = None
    cluster_ca: str = ""

    @property
    def effective(self) -> Flags:
        """The flags that count."""
        return self.flags if self.file is None else of_file(self.file)


def of_file(file: Mapping[str, Any]) -> Flags:
    """Return the flags that a configuration file stands for."""
    values: dict[str, str] = {}
    for key, value in file.items():
        if key in _SECTIONS:
            values |= {f"{_SECTIONS[key]}{name}": _text(inner) for name, inner in mapping(value).items()}
        else:
            values[str(key)] = _text(value)
    return Flags(program="etcd", values=values)


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return ""
        case list():
            return ",".join(str(each) for each in value)
        case _:
            return str(value)


def etcd_faults(etcd: Etcd) -> Iterator[Fault]:
    """Yield what is wrong with the way that an etcd is started."""
    flags = etcd.effective
    yield from _of_options(etcd)
    yield from _of_urls(flags)
    yield from _of_clients(flags, etcd.cluster_ca)
    yield from _of_peers(flags)
    weak = [suite for suite in flags.urls("cipher-suites") if is_weak(suite)]
    if weak:
        yield Fault(check="etcd-weak-cipher", path=("cipher-suites",), message=f"allows {', '.join(weak)}")
    if flags.is_on("enable-pprof"):
        yield Fault(check="etcd-pprof", path=("enable-pprof",))


def _of_options(etcd: Etcd) -> Iterator[Fault]:
    known = etcd_options()
    others = sorted(etcd.flags.values.keys() - {"config-file"})
    if etcd.file is not None and others:
        yield Fault(check="etcd-flags-ignored-by-config-file", message=f"passed over: {', '.join(others)}")
    for name in [] if etcd.file is not None else others:
        if name not in known.flags:
            yield Fault(check="etcd-unknown-option", path=(name,), message="is no flag of etcd: it does not start")
    for key, value in (etcd.file or {}).items():
        if key in _SECTIONS:
            for name in sorted(mapping(value).keys() - known.transport):
                yield Fault(check="etcd-unknown-option", path=(key, name), message="is passed over without a word")
        elif key not in known.flags:
            yield Fault(check="etcd-unknown-option", path=(str(key),), message="is passed over without a word")


def refusals(flags: Flags) -> Iterator[Fault]:
    """Yield why an etcd does not start with its flags, beside that it has no such flag."""
    why = [f"`{each}` is neither a flag nor the value of one" for each in flags.stray if "$" not in each]
    why += [f"{_variable(name)} says again what --{name} says" for name in flags.twice]
    why += [
        f"--{name} is {flags.get(name)}, neither true nor false"
        for name in _SWITCHES
        if flags.is_neither(name) and "$" not in flags.get(name)
    ]
    for name, default, pair in (
        (*_CLIENTS, ("cert-file", "key-file", "auto-tls")),
        (*_PEERS, ("peer-cert-file", "peer-key-file", "peer-auto-tls")),
    ):
        urls = [url for url in flags.urls(name, default) if "$" not in url]
        why += [f"--{name} holds {url}: to listen takes an IP address" for url in urls if not _can_listen(url)]
        certificate, key, automatic = pair
        if any(urlsplit(url).scheme == "https" for url in urls) and not flags.is_on(automatic):
            why += [
                f"--{name} holds https, and there is no --{each}" for each in (certificate, key) if not flags.get(each)
            ]
    if "listen-client-urls" in flags.values and "advertise-client-urls" not in flags.values:
        why.append("--listen-client-urls needs --advertise-client-urls")
    if why:
        yield Fault(check="etcd-refuses-flags", message=f"etcd does not start: {'; '.join(why)}")


def _variable(flag: str) -> str:
    return f"ETCD_{flag.upper().replace('-', '_')}"


def _can_listen(url: str) -> bool:
    """Is a URL of an address that can be listened on, or of a socket?"""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.hostname == "localhost":
        return True
    try:
        ip_address(parts.hostname or "")
    except ValueError:
        return False
    return True


def _of_urls(flags: Flags) -> Iterator[Fault]:
    ignored = []
    for who, (name, default), given in (
        ("client", _CLIENTS, ("cert-file", "key-file", "client-cert-auth", "trusted-ca-file")),
        ("peer", _PEERS, ("peer-cert-file", "peer-key-file", "peer-client-cert-auth", "peer-trusted-ca-file")),
    ):
        plain = [url for url in flags.urls(name, default) if urlsplit(url).scheme == "http"]
        said = name if name in flags.values else f"{name} (default)"
        beyond = [url for url in plain if not _is_loopback(url)]
        if beyond:
            yield Fault(check=f"etcd-{who}-plaintext", path=(name,), message=f"holds {', '.join(beyond)}")
        if local := [url for url in plain if url not in beyond]:
            yield Fault(check=f"etcd-{who}-plaintext-loopback", message=f"`{said}` holds {', '.join(local)}")
        if plain and any(flags.is_on(each) if each.endswith("auth") else flags.get(each) for each in given):
            ignored += plain
    if ignored:
        yield Fault(
            check="etcd-tls-ignored", message=f"certificates are given, and passed over for {', '.join(ignored)}"
        )
    metrics = [url for url in flags.urls("listen-metrics-urls") if urlsplit(url).scheme == "http"]
    if beyond := [url for url in metrics if not _is_loopback(url)]:
        yield Fault(check="etcd-metrics-plaintext", path=("listen-metrics-urls",), message=f"holds {', '.join(beyond)}")


def _of_clients(flags: Flags, cluster_ca: str) -> Iterator[Fault]:
    has_certificate = bool(flags.get("cert-file") and flags.get("key-file"))
    makes_its_own = flags.is_on("auto-tls") and not has_certificate
    if not has_certificate:
        yield Fault(check="etcd-cert-missing")
    if makes_its_own:
        yield Fault(check="etcd-auto-tls", path=("auto-tls",))
    ca, demands = flags.get("trusted-ca-file"), flags.is_on("client-cert-auth")
    if makes_its_own or not (ca or demands):
        yield Fault(check="etcd-client-cert-auth-off")
    elif not demands:
        yield Fault(check="etcd-client-cert-auth-implied")
    elif not ca:
        yield Fault(check="etcd-trusted-ca-missing")
    if ca and ca == cluster_ca:
        yield Fault(check="etcd-ca-shared", path=("trusted-ca-file",), message=f"is {ca}, the cluster's own")


def _of_peers(flags: Flags) -> Iterator[Fault]:
    has_certificate = bool(flags.get("peer-cert-file") and flags.get("peer-key-file"))
    makes_its_own = flags.is_on("peer-auto-tls") and not has_certificate
    if not has_certificate:
        yield Fault(check="etcd-peer-cert-missing")
    if makes_its_own:
        yield Fault(check="etcd-peer-auto-tls", path=("peer-auto-tls",))
    if makes_its_own or not (flags.get("peer-trusted-ca-file") or flags.is_on("peer-client-cert-auth")):
        yield Fault(check="etcd-peer-client-cert-auth-off")


def apiserver_faults(flags: Flags) -> Iterator[Fault]:
    """Yield what is wrong with the API server's connection to etcd."""
    plain = [url for url in flags.urls("etcd-servers") if urlsplit(url).scheme == "http"]
    if plain:
        yield Fault(check="apiserver-etcd-plaintext", path=("etcd-servers",), message=f"holds {', '.join(plain)}")
    if not flags.get("etcd-cafile"):
        yield Fault(check="apiserver-etcd-cafile-missing")
    if not (flags.get("etcd-certfile") and flags.get("etcd-keyfile")):
        yield Fault(check="apiserver-etcd-client-cert-missing")


def is_weak(suite: str) -> bool:
    """Is a cipher suite one of RC4, 3DES, CBC, or with an exchange of keys by RSA?"""
    return suite.startswith(_RSA_EXCHANGE) or any(part in suite for part in _WEAK)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
