"""Certificates that the library which makes the others of our tests does not sign."""

from datetime import UTC, datetime

from netsim.posture.certificates import Held, certificate_faults, certificates

#: Made by openssl: an authority, and a certificate that it signed with SHA-1.
AUTHORITY = b"""
-----BEGIN CERTIFICATE-----
MIIBcDCCARWgAwIBAgIUVcbz7VWM/x1H4MfVAz1LYW6K6IAwCgYIKoZIzj0EAwIw
DTELMAkGA1UEAwwCY2EwHhcNMjYxMTI0MjIzMDU1WhcNMzYxMTIxMjIzMDU1WjAN
MQswCQYDVQQDDAJjYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEfhBfq4P6N0
/hcTGyUE1W01S9BE3mvu+LqbzJK5sRZjL0/rF1kEDBwr83rtrRKajNytbRYAnwmS
+BCPHGeGv+SjUzBRMB0GA1UdDgQWBBS9T1EhtFI5KMjjPNiGUPnSUD68RjAfBgNV
HSMEGDAWgBS9T1EhtFI5KMjjPNiGUPnSUD68RjAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0kAMEYCIQCSSOIi60D0bo1xHCYMYbVVgmjQYQHuNzrliHlHWE5V
BgIhAJcLLdYoeYhzAKqJmJmvG2TF3Ckoi5wqiaTQ1DLsg3kc
-----END CERTIFICATE-----
"""
SIGNED = b"""
-----BEGIN CERTIFICATE-----
MIIBEDCBuQIUTJW1jHdrN16L1prtojII4NxVD1EwCQYHKoZIzj0EATANMQswCQYD
VQQDDAJjYTAeFw0yNjExMjQyMjMwNTVaFw0zNjExMjEyMjMwNTVaMAwxCjAIBgNV
BAMMAXMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARPILF6p0MCBftaaAUPxWxb
1G0kewU4jZgrMWJUTjwNNDsGP5mr57n6KmAvCnEijx+W1PbnC768eQsDFczbHaJA
MAkGByqGSM49BAEDRwAwRAIgNVmbRLyThq/R42pyK/r5PoKXuG0ZmGlQUV9I/P21
+YcCIBTEdtFcrP+C3uqjxUCVxMU6Jy4+cyZC8V8hApt8Otrf
-----END CERTIFICATE-----
"""


def test_who_signed_a_certificate_by_sha1_is_known_by_name_since_no_library_checks_it() -> None:
    held = [each for text in (AUTHORITY, SIGNED) for each in certificates(text, "server.crt") if isinstance(each, Held)]
    found = {fault.check for fault in certificate_faults(held[1], held, datetime(2027, 1, 1, tzinfo=UTC))}
    assert "cert-weak-signature" in found
    assert "cert-unknown-issuer" not in found
