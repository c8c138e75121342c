"""Certificates: would Go's TLS accept them, how long do they last, and who signed them?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from netsim.posture.faults import Fault

if TYPE_CHECKING:  # imported on first use, so that `netsim --help` stays fast
    from cryptography.x509 import Certificate, ExtensionType, ObjectIdentifier

E = TypeVar("E", bound="ExtensionType")

_BEGIN = b"-----BEGIN CERTIFICATE-----"
_KEY = b"PRIVATE KEY-----"
_WEAK_HASHES = frozenset({"md5", "sha1"})
_LEAST_RSA, _LEAST_EC = 2048, 256
_SOON = timedelta(days=30)
_LONG_FOR_AUTHORITY = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A certificate of a file, and the line that it starts on."""

    certificate: "Certificate"
    file: str
    line: int

    @property
    def subject(self) -> str:
        """Whom it names, as findings name it."""
        return f"certificate {self.certificate.subject.rfc4514_string() or '(no name)'}"

    @property
    def common_names(self) -> tuple[str, ...]:
        """The common names of whom it names: to an API server the first is the user."""
        from cryptography.x509.oid import NameOID

        return self._named(NameOID.COMMON_NAME)

    @property
    def organizations(self) -> tuple[str, ...]:
        """The organizations of whom it names: to an API server the user's groups."""
        from cryptography.x509.oid import NameOID

        return self._named(NameOID.ORGANIZATION_NAME)

    def _named(self, attribute: "ObjectIdentifier") -> tuple[str, ...]:
        return tuple(str(each.value) for each in self.certificate.subject.get_attributes_for_oid(attribute))


def certificates(data: bytes, file: str) -> Iterator[Held | Fault]:
    """Yield every certificate of a PEM text, and a fault for what cannot be read."""
    from cryptography import x509

    at = data.find(_BEGIN)
    if at < 0 and _KEY not in data:
        yield Fault(check="cert-unreadable", message="holds no certificate in PEM")
    while at >= 0:
        end = data.find(_BEGIN, at + 1)
        line = data.count(b"\n", 0, at) + 1
        try:
            yield Held(
                certificate=x509.load_pem_x509_certificate(data[at : end if end > 0 else None]), file=file, line=line
            )
        except (ValueError, TypeError) as error:
            yield Fault(check="cert-unreadable", line=line, message=f"cannot be read: {error}")
        at = end
    if (key := data.find(_KEY)) >= 0:
        yield Fault(check="cert-key-beside", line=data.count(b"\n", 0, key) + 1)


def certificate_faults(held: Held, others: Sequence[Held], now: datetime) -> Iterator[Fault]:
    """Yield what is wrong with a certificate.

    Args:
        others: Every certificate of the input, among which its issuer may be.
        now: With a time zone.
    """
    found = held.certificate
    signs = is_authority(held, others)
    yield from _of_time(found, now, signs=signs)
    yield from _of_strength(found)
    if found.version.value == 0:
        yield Fault(check="cert-v1", message="is of version 1: it has no extensions")
    if not signs:
        yield from _of_server(found, held.file)
        if (authorities := [each for each in others if is_authority(each, others)]) and not any(
            _signed(found, each.certificate) for each in authorities
        ):
            yield Fault(check="cert-unknown-issuer", message=f"names {found.issuer.rfc4514_string()} as its issuer")


def is_authority(held: Held, others: Iterable[Held]) -> bool:
    """Is a certificate one of an authority: by its constraints or, where it has none, because it signed another?"""
    from cryptography.x509 import BasicConstraints

    constraints = _extension(held.certificate, BasicConstraints)
    if constraints is not None:
        return bool(constraints.ca)
    return any(
        each.certificate is not held.certificate and _signed(each.certificate, held.certificate) for each in others
    )


def _of_time(found: "Certificate", now: datetime, *, signs: bool) -> Iterator[Fault]:
    begin, end = found.not_valid_before_utc, found.not_valid_after_utc
    if end < now:
        yield Fault(check="cert-expired", message=f"expired on {end.date()}")
    elif begin > now:
        yield Fault(check="cert-not-yet-valid", message=f"is valid from {begin.date()} on")
    elif end - now < _SOON:
        yield Fault(check="cert-expires-soon", message=f"expires on {end.date()}, in {(end - now).days} days")
    if signs and end - begin > _LONG_FOR_AUTHORITY:
        yield Fault(check="cert-long-lived-ca", message=f"is valid for {(end - begin).days // 365} years")


def _of_strength(found: "Certificate") -> Iterator[Fault]:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    match found.public_key():
        case RSAPublicKey() as key if key.key_size < _LEAST_RSA:
            yield Fault(check="cert-weak-key", message=f"has an RSA key of {key.key_size} bits")
        case EllipticCurvePublicKey() as key if key.key_size < _LEAST_EC:
            yield Fault(check="cert-weak-key", message=f"has an elliptic curve of {key.key_size} bits")
        case _:
            pass
    algorithm = found.signature_hash_algorithm
    if algorithm is not None and algorithm.name in _WEAK_HASHES:
        yield Fault(check="cert-weak-signature", message=f"is signed with {algorithm.name.upper()}")


def _of_server(found: "Certificate", file: str) -> Iterator[Fault]:
    from cryptography.x509 import ExtendedKeyUsage, SubjectAlternativeName
    from cryptography.x509.oid import ExtendedKeyUsageOID

    usage = _extension(found, ExtendedKeyUsage)
    uses = set() if usage is None else set(usage)
    serves, asks = ExtendedKeyUsageOID.SERVER_AUTH in uses, ExtendedKeyUsageOID.CLIENT_AUTH in uses
    name = file.rpartition("/")[2]
    is_client = usage is not None and asks and not serves
    if is_client and not any(word in name for word in ("server", "peer", "apiserver.")):
        return
    if _extension(found, SubjectAlternativeName) is None:
        yield Fault(check="cert-no-san", message=f"names {found.subject.rfc4514_string()} and no alternative")
    anything = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in uses
    if usage is not None and not serves and not anything:
        yield Fault(check="cert-no-server-auth")
    if "peer" in name and usage is not None and not asks and not anything:
        yield Fault(check="cert-peer-no-client-auth")


def _extension(found: "Certificate", kind: type[E]) -> E | None:
    from cryptography.x509 import ExtensionNotFound

    try:
        return found.extensions.get_extension_for_class(kind).value
    except (ExtensionNotFound, ValueError):
        return None


def _signed(found: "Certificate", issuer: "Certificate") -> bool:
    from cryptography.exceptions import InvalidSignature

    algorithm = found.signature_hash_algorithm
    if algorithm is not None and algorithm.name in _WEAK_HASHES:
        return found.issuer == issuer.subject  # of which the library checks no signature
    try:
        found.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def today() -> datetime:
    """Return the time now."""
    return datetime.now(tz=UTC)
