"""The functions that Kubernetes adds to CEL: quantities, addresses, URLs, versions, lists, regular expressions.

An opaque value is a mapping with one key, that of its kind: ``{"ip": "192.0.2.1"}``. What has no value raises an error.
Not here are ``indexOf`` of lists, which the engine has for texts alone, ``format`` and the authorizer.

Source: kubernetes.io/docs/reference/using-api/cel, "Kubernetes CEL libraries".
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from ipaddress import IPv6Address, ip_address, ip_interface
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

from netsim.posture.quantities import number_of

_SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([\w.-]+))?(?:\+[\w.-]+)?")
_V6 = 6


class Kind(Enum):
    """A type of CEL; ``OPAQUE`` is a value that Kubernetes has a type of its own for."""

    STRING = auto()
    BOOL = auto()
    INT = auto()
    DOUBLE = auto()
    OPAQUE = auto()
    LIST = auto()
    DYN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One overload; of a member the first parameter is what it is called on."""

    name: str
    parameters: tuple[Kind, ...]
    result: Kind
    run: Callable[..., Any]
    member: bool = True

    @property
    def id(self) -> str:
        """What tells it apart from the other overloads of its name."""
        return "_".join((self.name, *(each.name.lower() for each in self.parameters)))


def _parsed(kind: str, parse: Callable[[str], Any]) -> Callable[[str], Mapping[str, Any]]:
    return lambda text: {kind: parse(text)}


def _is(parse: Callable[[str], Any]) -> Callable[[str], bool]:
    def answer(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return answer


def _quantity(text: str) -> float:
    found = number_of(text)
    if found is None or re.fullmatch(r"[\d.]*[hs].*", text):
        raise ValueError(f"{text} is no quantity")
    return found


def _ip(text: str) -> str:
    found = ip_address(text)
    if isinstance(found, IPv6Address) and (found.ipv4_mapped or found.scope_id):
        raise ValueError(f"{text} is no address that Kubernetes takes")
    return str(found)


def _cidr(text: str) -> str:
    address, slash, length = text.partition("/")
    if not slash or not length.isdigit():
        raise ValueError(f"{text} is no CIDR")
    _ip(address)
    return str(ip_interface(text))


def _url(text: str) -> str:
    parts = urlsplit(text)
    if not (parts.scheme and (parts.netloc or parts.path)) and not text.startswith("/"):
        raise ValueError(f"{text} is no URL")
    _ = parts.port  # one that is no number raises
    return text


def _semver(text: str) -> str:
    if _SEMVER.fullmatch(text) is None:
        raise ValueError(f"{text} is no version")
    return text


def _order_of(value: Mapping[str, Any]) -> Any:
    """Return what an opaque value is compared by."""
    if "quantity" in value:
        return value["quantity"]
    if "semver" not in value:
        raise ValueError("no order")
    found = _SEMVER.fullmatch(value["semver"])
    numbers = tuple(int(each) for each in (found.groups()[:3] if found else ()))
    suffix = found[4] if found else None
    parts = [(0, int(each), "") if each.isdigit() else (1, 0, each) for each in (suffix or "").split(".")]
    # What is before a release is less than it.
    return (*numbers, suffix is None, parts)


def _compare(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return int(_order_of(one) > _order_of(other)) - int(_order_of(one) < _order_of(other))


def _number(value: Any) -> float:
    return float(value["quantity"]) if isinstance(value, Mapping) else float(value)


def _of(kind: str, value: Mapping[str, Any]) -> str:
    if kind not in value:
        raise ValueError(f"no {kind}")
    return str(value[kind])


def _address_of(value: Any) -> Any:
    return ip_address(_of("ip", value) if isinstance(value, Mapping) else _ip(value))


def _network_of(value: Any) -> Any:
    return ip_interface(_of("cidr", value) if isinstance(value, Mapping) else _cidr(value)).network


def _contains_ip(own: Mapping[str, Any], other: Any) -> bool:
    network, address = _network_of(own), _address_of(other)
    return bool(network.version == address.version and address in network)


def _contains_cidr(own: Mapping[str, Any], other: Any) -> bool:
    network, inner = _network_of(own), _network_of(other)
    return bool(network.version == inner.version and inner.subnet_of(network))


def _is_global(address: Any) -> bool:
    # Private addresses are global unicast in the words of Go.
    return (
        not (address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local)
        and str(address) != "255.255.255.255"
    )


def _some(values: Sequence[Any]) -> Sequence[Any]:
    if not values:
        raise ValueError("the list is empty")
    return values


_S, _B, _I, _D, _O, _L, _A = Kind.STRING, Kind.BOOL, Kind.INT, Kind.DOUBLE, Kind.OPAQUE, Kind.LIST, Kind.DYN
_PARSED: tuple[tuple[str, Callable[[str], Any]], ...] = (
    ("quantity", _quantity),
    ("ip", _ip),
    ("url", _url),
    ("semver", _semver),
    ("cidr", _cidr),
)
_TESTS = {"quantity": "isQuantity", "ip": "isIP", "url": "isURL", "semver": "isSemver", "cidr": "isCIDR"}


def functions() -> Iterator[Function]:
    """Yield every function that is known here."""
    for kind, parse in _PARSED:
        yield Function(name=kind, parameters=(_S,), result=_O, run=_parsed(kind, parse), member=False)
        yield Function(name=_TESTS[kind], parameters=(_S,), result=_B, run=_is(parse), member=False)
    for name, parameters, result, run in _MEMBERS:
        yield Function(name=name, parameters=parameters, result=result, run=run)


_MEMBERS: tuple[tuple[str, tuple[Kind, ...], Kind, Callable[..., Any]], ...] = (
    ("isGreaterThan", (_O, _O), _B, lambda a, b: _compare(a, b) > 0),
    ("isLessThan", (_O, _O), _B, lambda a, b: _compare(a, b) < 0),
    ("compareTo", (_O, _O), _I, _compare),
    ("sign", (_O,), _I, lambda a: int(_number(a) > 0) - int(_number(a) < 0)),
    ("isInteger", (_O,), _B, lambda a: _number(a).is_integer()),
    ("asInteger", (_O,), _I, lambda a: int(_number(a))),
    ("asApproximateFloat", (_O,), _D, _number),
    *(("add", (_O, other), _O, lambda a, b: {"quantity": _number(a) + _number(b)}) for other in (_O, _I)),
    *(("sub", (_O, other), _O, lambda a, b: {"quantity": _number(a) - _number(b)}) for other in (_O, _I)),
    ("major", (_O,), _I, lambda a: int(_of("semver", a).split(".")[0])),
    ("minor", (_O,), _I, lambda a: int(_of("semver", a).split(".")[1])),
    ("patch", (_O,), _I, lambda a: int(_order_of(a)[2])),
    ("family", (_O,), _I, lambda a: 6 if _address_of(a).version == _V6 else 4),
    ("isUnspecified", (_O,), _B, lambda a: _address_of(a).is_unspecified),
    ("isLoopback", (_O,), _B, lambda a: _address_of(a).is_loopback),
    ("isLinkLocalUnicast", (_O,), _B, lambda a: _address_of(a).is_link_local),
    ("isLinkLocalMulticast", (_O,), _B, lambda a: str(a["ip"]).startswith(("224.0.0.", "ff02:"))),
    ("isGlobalUnicast", (_O,), _B, lambda a: _is_global(_address_of(a))),
    *(("containsIP", (_O, other), _B, _contains_ip) for other in (_O, _S)),
    *(("containsCIDR", (_O, other), _B, _contains_cidr) for other in (_O, _S)),
    ("ip", (_O,), _O, lambda a: {"ip": _of("cidr", a).partition("/")[0]}),
    ("masked", (_O,), _O, lambda a: {"cidr": str(_network_of(a))}),
    ("prefixLength", (_O,), _I, lambda a: int(_of("cidr", a).partition("/")[2])),
    ("getScheme", (_O,), _S, lambda a: urlsplit(_of("url", a)).scheme),
    ("getHost", (_O,), _S, lambda a: urlsplit(_of("url", a)).netloc.rpartition("@")[2]),
    ("getHostname", (_O,), _S, lambda a: urlsplit(_of("url", a)).hostname or ""),
    ("getPort", (_O,), _S, lambda a: str(urlsplit(_of("url", a)).port or "")),
    ("getEscapedPath", (_O,), _S, lambda a: urlsplit(_of("url", a)).path),
    ("getQuery", (_O,), _O, lambda a: parse_qs(urlsplit(_of("url", a)).query, keep_blank_values=True)),
    ("find", (_S, _S), _S, lambda text, form: found.group() if (found := re.search(form, text)) else ""),
    ("findAll", (_S, _S), _L, lambda text, form: [each.group() for each in re.finditer(form, text)]),
    (
        "findAll",
        (_S, _S, _I),
        _L,
        lambda text, form, most: [each.group() for each in re.finditer(form, text)][: most if most >= 0 else None],
    ),
    ("isSorted", (_L,), _B, lambda own: all(a <= b for a, b in pairwise(own))),
    ("sum", (_L,), _A, sum),
    ("min", (_L,), _A, lambda own: min(_some(own))),
    ("max", (_L,), _A, lambda own: max(_some(own))),
)
