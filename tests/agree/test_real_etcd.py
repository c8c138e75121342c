"""What is predicted of etcd is what a real one does: started on loopback with the flags under test."""

import os
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from netsim.posture.certificates import Held, certificate_faults, certificates
from netsim.posture.commandlines import flags_of
from netsim.posture.controlplane import SWITCHES, with_environment
from netsim.posture.etcd import Etcd, etcd_faults, refusals
from tests.tools import etcd, etcdctl

_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The files of certificates and keys, by name: ``ca.crt``, ``server.crt``, ``server.key``, ..."""

    folder: Path

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _made(name: str, issuer: tuple[Any, Any] | None, *, san: bool = True, ca: bool = False) -> tuple[Any, Any]:
    """Return a certificate and its key, signed by an issuer, or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(tz=UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer[0].subject if issuer else _name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    if san and not ca:
        names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Make an authority, a server's certificate with names and one without, and a client's."""
    folder = tmp_path_factory.mktemp("keys")
    authority = _made("ca", None, ca=True)
    made = {
        "ca": authority,
        "server": _made("127.0.0.1", authority),
        "bare": _made("127.0.0.1", authority, san=False),
        "client": _made("client", authority),
    }
    for name, (certificate, key) in made.items():
        (folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        form = (
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        (folder / f"{name}.key").write_bytes(key.private_bytes(*form))
    return Keys(folder=folder)


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass(frozen=True, kw_only=True)
class Running:
    """An etcd that was started; ``exited`` says that it stopped by itself."""

    port: int
    exited: bool
    folder: Path

    def answers(self, scheme: str, keys: Keys | None = None, client: str = "") -> bool:
        """Does it answer a request, over TLS with a client's certificate or without?"""
        context = None
        if scheme == "https":
            context = ssl._create_unverified_context()  # noqa: S323, SLF001 - what it asks of us is under test
            if client and keys is not None:
                context.load_cert_chain(keys[f"{client}.crt"], keys[f"{client}.key"])
        try:
            with urllib.request.urlopen(f"{scheme}://127.0.0.1:{self.port}/version", timeout=5, context=context) as got:  # noqa: S310
                return bool(got.status == 200)
        except (urllib.error.URLError, OSError, ssl.SSLError):
            return False


@contextmanager
def _running(folder: Path, arguments: list[str], port: int, environment: Mapping[str, str]) -> Iterator[Running]:
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [etcd(), *arguments], cwd=folder, stdout=log, stderr=log, env={"PATH": os.environ["PATH"], **environment}
    )
    try:
        yield Running(port=port, exited=not _is_up(process, port), folder=folder)
    finally:
        process.kill()
        process.wait()
        log.close()


def _is_up(process: "subprocess.Popen[bytes]", port: int) -> bool:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            return False
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.1)
    return False


@dataclass(frozen=True, kw_only=True)
class Case:
    """A set of flags; ``{port}`` is the client's port, and ``file`` a configuration instead."""

    flags: Callable[[Keys], Mapping[str, str]] = lambda _: {}
    scheme: str = "http"
    file: Callable[[Keys, str], Mapping[str, Any]] | None = None
    beside: Mapping[str, str] = field(default_factory=dict)


def _pair(keys: Keys, name: str = "server") -> dict[str, str]:
    return {"cert-file": keys[f"{name}.crt"], "key-file": keys[f"{name}.key"]}


def _section(keys: Keys, url: str) -> Mapping[str, Any]:
    return {
        "listen-client-urls": url,
        "advertise-client-urls": url,
        "client-transport-security": {**_pair(keys), "trusted-ca-file": keys["ca.crt"], "client-cert-auth": True},
    }


CASES = {
    "nothing": Case(),
    "certificates and an http address": Case(
        flags=lambda keys: {**_pair(keys), "trusted-ca-file": keys["ca.crt"], "client-cert-auth": "true"}
    ),
    "https without an authority": Case(flags=_pair, scheme="https"),
    "https with an authority alone": Case(
        flags=lambda keys: {**_pair(keys), "trusted-ca-file": keys["ca.crt"]}, scheme="https"
    ),
    "https with client-cert-auth": Case(
        flags=lambda keys: {**_pair(keys), "trusted-ca-file": keys["ca.crt"], "client-cert-auth": "true"},
        scheme="https",
    ),
    "auto-tls with client-cert-auth": Case(
        flags=lambda keys: {"auto-tls": "true", "trusted-ca-file": keys["ca.crt"], "client-cert-auth": "true"},
        scheme="https",
    ),
    "an unknown flag": Case(flags=lambda _: {"encryption-provider-config": "/nowhere"}),
    "a file": Case(file=_section, scheme="https"),
    "a file with an unknown option": Case(
        file=lambda _, url: {
            "listen-client-urls": url,
            "advertise-client-urls": url,
            "experimental": {"encryption-provider-config": "/nowhere"},
        }
    ),
    "a file beside flags": Case(
        file=lambda _, url: {"listen-client-urls": url, "advertise-client-urls": url},
        beside={"cert-file": "/nowhere.crt", "key-file": "/nowhere.key"},
    ),
}


def _started(case: Case, keys: Keys, folder: Path) -> tuple[Etcd, list[str], int]:
    port, peer = _port(), _port()
    url, peers = f"{case.scheme}://127.0.0.1:{port}", f"http://127.0.0.1:{peer}"
    rest = {"listen-peer-urls": peers, "initial-advertise-peer-urls": peers, "initial-cluster": f"default={peers}"}
    if case.file is not None:
        body = {**case.file(keys, url), **rest, "name": "default", "data-dir": str(folder / "data")}
        (folder / "etcd.yaml").write_text(yaml.safe_dump(body), encoding="utf-8")
        given = {"config-file": str(folder / "etcd.yaml"), **case.beside}
    else:
        body = None
        own = {"listen-client-urls": url, "advertise-client-urls": url, "data-dir": str(folder / "data")}
        given = {**own, **rest, **case.flags(keys)}
    arguments = [f"--{name}={value}" for name, value in given.items()]
    return Etcd(flags=flags_of("etcd", arguments), file=body), arguments, port


@pytest.mark.parametrize("name", CASES)
def test_an_etcd_behaves_as_predicted(name: str, keys: Keys, tmp_path: Path) -> None:
    case = CASES[name]
    predicted, arguments, port = _started(case, keys, tmp_path)
    faults = {fault.check for fault in etcd_faults(predicted)}
    with _running(tmp_path, arguments, port, {}) as real:
        told = (tmp_path / "log").read_text(encoding="utf-8", errors="replace")
        refuses = "etcd-unknown-option" in faults and case.file is None
        assert real.exited is refuses, told
        if refuses:
            assert "flag provided but not defined" in told
            return
        plain = "etcd-client-plaintext-loopback" in faults
        assert real.answers("http") is plain
        assert real.answers("https") is (not plain and "etcd-client-cert-auth-off" in faults)
        assert real.answers("https", keys, "client") is not plain
        if "etcd-tls-ignored" in faults:
            assert "ignor" in (tmp_path / "log").read_text(encoding="utf-8", errors="replace").lower()


@pytest.mark.parametrize(
    ("more", "environment"),
    [
        (["--enable-pprof", "true"], {}),
        (["--enable-pprof=yes"], {}),
        (["--name=b"], {"ETCD_NAME": "a"}),
        (["--listen-peer-urls=http://host.example:1"], {}),
        (["--listen-client-urls=https://127.0.0.1:1"], {}),
        (["--listen-client-urls=https://127.0.0.1:1", "--cert-file=server.crt"], {}),
    ],
)
def test_an_etcd_refuses_flags_as_predicted(
    more: list[str], environment: dict[str, str], keys: Keys, tmp_path: Path
) -> None:
    _, arguments, port = _started(CASES["nothing"], keys, tmp_path)
    assert not list(refusals(flags_of("etcd", arguments)))
    said = with_environment(flags_of("etcd", [*arguments, *more], SWITCHES), environment)
    assert [fault.check for fault in refusals(said)] == ["etcd-refuses-flags"]
    with _running(tmp_path, [*arguments, *more], port, environment) as real:
        assert real.exited


def test_environment_variables_are_flags_and_a_file_passes_over_them(keys: Keys, tmp_path: Path) -> None:
    _, arguments, port = _started(CASES["a file beside flags"], keys, tmp_path)
    with _running(tmp_path, arguments, port, {"ETCD_CERT_FILE": "/nowhere.crt"}) as real:
        assert not real.exited
        assert real.answers("http")


@pytest.mark.parametrize("server", ["server", "bare"])
def test_a_certificate_is_accepted_by_a_go_client_as_predicted(server: str, keys: Keys, tmp_path: Path) -> None:
    held = [each for name in ("ca", server) for each in certificates(Path(keys[f"{name}.crt"]).read_bytes(), name)]
    (found,) = [each for each in held if isinstance(each, Held) and each.file == server]
    others = [each for each in held if isinstance(each, Held)]
    refused = "cert-no-san" in {each.check for each in certificate_faults(found, others, datetime.now(tz=UTC))}
    assert refused is (server == "bare")
    case = Case(
        flags=lambda own: {**_pair(own, server), "trusted-ca-file": own["ca.crt"], "client-cert-auth": "true"},
        scheme="https",
    )
    _, arguments, port = _started(case, keys, tmp_path)
    client = [f"--cacert={keys['ca.crt']}", f"--cert={keys['client.crt']}", f"--key={keys['client.key']}"]
    with _running(tmp_path, arguments, port, {}) as real:
        assert not real.exited
        asked = [etcdctl(), f"--endpoints=https://127.0.0.1:{port}", *client, "get", "x"]
        ran = subprocess.run(asked, env={"ETCDCTL_API": "3"}, capture_output=True, check=False, timeout=60)
        assert (ran.returncode != 0) is refused, ran.stderr
