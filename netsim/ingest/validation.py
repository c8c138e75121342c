"""What the API server says of single values: names, labels, ports, protocols, addresses and blocks.

Each rule returns the sentence that completes "... is refused: it", or None for a value that is fine.

Source:
    apimachinery ``util/validation``, kubernetes ``apis/core/validation`` and ``apis/networking/validation``,
    compared with the recorded answers of an API server.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from netsim.ir.objects import Address, Network
from netsim.ir.traffic import FIRST_PORT, LAST_PORT, PORT_PROTOCOLS

#: A rule over texts: what is wrong with the text, or None.
Rule = Callable[[str], str | None]

PROTOCOLS = frozenset(str(protocol) for protocol in PORT_PROTOCOLS)

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_PORT_NAME = re.compile(r"[-a-z0-9]+")
_DIGITS = re.compile(r"[0-9]+")
_HOST_LABEL = r"[A-Za-z0-9](?:[-A-Za-z0-9_]*[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_HOST_LABEL}\.)+{_HOST_LABEL}\.?")

_LABEL_LENGTH, _SUBDOMAIN_LENGTH, _PORT_NAME_LENGTH = 63, 253, 15
_OCTETS = {str(number): number for number in range(256)}
#: An IPv4 address written in IPv6 stands below ::ffff:0:0/96.
_MAPPED_BITS = 96


@lru_cache(maxsize=2**16)
def dns_label(text: str) -> str | None:
    """RFC 1123 label: the name of a namespace."""
    if len(text) > _LABEL_LENGTH:
        return f"has {len(text)} characters, more than {_LABEL_LENGTH}"
    if not _LABEL.fullmatch(text):
        return "must be lower-case letters, digits and `-`, starting and ending with a letter or digit"
    return None


def dns_1035_label(text: str) -> str | None:
    """RFC 1035 label: the name of a Service."""
    if len(text) > _LABEL_LENGTH:
        return f"has {len(text)} characters, more than {_LABEL_LENGTH}"
    if not _LABEL_1035.fullmatch(text):
        return "must be lower-case letters, digits and `-`, starting with a letter, ending with a letter or digit"
    return None


def dns_subdomain(text: str) -> str | None:
    """RFC 1123 subdomain: the name of most objects."""
    if len(text) > _SUBDOMAIN_LENGTH:
        return f"has {len(text)} characters, more than {_SUBDOMAIN_LENGTH}"
    if not _SUBDOMAIN.fullmatch(text):
        return "must be lower-case letters, digits, `-` and `.`, each part starting and ending with a letter or digit"
    return None


def path_segment(text: str) -> str | None:
    """A part of a URL's path: the name of a role or a binding."""
    if text in (".", ".."):
        return f"must not be `{text}`"
    held = [mark for mark in "/%" if mark in text]
    return f"must not contain `{held[0]}`" if held else None


@lru_cache(maxsize=2**16)
def label_key(text: str) -> str | None:
    """A qualified name: ``name`` or ``prefix/name``."""
    prefix, slash, name = text.rpartition("/")
    if slash and not prefix:
        return "has nothing before its `/`"
    if prefix and (wrong := dns_subdomain(prefix)):
        return f"has a prefix that {wrong}"
    if not name:
        return "has an empty name"
    if len(name) > _LABEL_LENGTH:
        return f"has a name of {len(name)} characters, more than {_LABEL_LENGTH}"
    if not _QUALIFIED.fullmatch(name):
        return "must be letters, digits, `-`, `_` and `.`, starting and ending with a letter or digit"
    return None


@lru_cache(maxsize=2**16)
def label_value(text: str) -> str | None:
    """A label's value, which may be empty."""
    if len(text) > _LABEL_LENGTH:
        return f"has {len(text)} characters, more than {_LABEL_LENGTH}"
    if text and not _QUALIFIED.fullmatch(text):
        return "must be empty, or letters, digits, `-`, `_` and `.`, starting and ending with a letter or digit"
    return None


def port_number(number: int) -> str | None:
    """A port that can be connected to."""
    return None if FIRST_PORT <= number <= LAST_PORT else f"must be between {FIRST_PORT} and {LAST_PORT}"


@lru_cache(maxsize=2**12)
def port_name(text: str) -> str | None:
    """A port's name, as IANA has them."""
    if len(text) > _PORT_NAME_LENGTH:
        return f"has {len(text)} characters, more than {_PORT_NAME_LENGTH}"
    if not _PORT_NAME.fullmatch(text):
        return "must be lower-case letters, digits and `-`"
    if not any(character.isalpha() for character in text):
        return "must contain a letter"
    if "--" in text:
        return "must not contain two hyphens in a row"
    if text.startswith("-") or text.endswith("-"):
        return "must not begin or end with a hyphen"
    return None


def domain_name(text: str) -> str | None:
    """A domain name of at least two labels; a final dot is allowed."""
    if _DOMAIN.fullmatch(text):
        return None
    return "must be labels of letters, digits, `-` and `_`, joined by dots, at least two, each with no mark at its ends"


def domain_pattern(text: str) -> str | None:
    """A domain name, or ``*.`` and one."""
    if text.partition("*.")[2].count("*") or ("*" in text and not text.startswith("*.")):
        return "may have a `*` only as the whole of its first label"
    return domain_name(text.removeprefix("*."))


def address(text: str) -> Address | None:
    """Return the address, an IPv4-mapped one as IPv4; None where the text is none: no zone, no leading zeros."""
    try:  # ipaddress takes ten times as long, and every pod has one
        first, second, third, fourth = text.split(".")
        return IPv4Address(_OCTETS[first] << 24 | _OCTETS[second] << 16 | _OCTETS[third] << 8 | _OCTETS[fourth])
    except (KeyError, ValueError):
        return _other_address(text)


@lru_cache(maxsize=2**12)
def _other_address(text: str) -> Address | None:
    if "%" in text:
        return None
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


@lru_cache(maxsize=2**14)
def block(text: str) -> Network | None:
    """Return the block with its host bits masked; None where the text is no CIDR.

    A prefix length may have leading zeros (``/08``), an octet may not. An IPv4-mapped block is IPv4, as Go has it.
    """
    base, slash, length = text.partition("/")
    if not slash or "%" in base or not _DIGITS.fullmatch(length):
        return None
    try:
        network = ip_network(f"{base}/{int(length)}", strict=False)
    except ValueError:
        return None
    return _unmapped(network) if isinstance(network, IPv6Network) else network


def excepts_inside(cidr: str, excepted: str) -> bool:
    """Is ``excepted`` a strict part of ``cidr``, both CIDRs? Prefix lengths are compared as written, as Go does."""
    outer, inner = block(cidr), block(excepted)
    if outer is None or inner is None or outer.version != inner.version:
        return False
    lengths = [int(text.partition("/")[2]) for text in (cidr, excepted)]
    return lengths[0] < lengths[1] and inner.network_address in outer


def _unmapped(network: IPv6Network) -> Network:
    mapped = network.network_address.ipv4_mapped
    if mapped is None or network.prefixlen < _MAPPED_BITS:
        return network
    return ip_network((mapped, network.prefixlen - _MAPPED_BITS))
