"""Protocols, ports, and sets of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from netsim.ir.shapes import TrafficShape

FIRST_PORT, LAST_PORT = 1, 65535


class Protocol(StrEnum):
    """A transport protocol; OTHER stands for all that have no ports (ICMP, GRE, ...), which S2.7 leaves undefined."""

    TCP = "TCP"
    UDP = "UDP"
    SCTP = "SCTP"
    OTHER = "OTHER"

    __hash__ = str.__hash__  # an enum's own hash is a Python call, and protocols are hashed millions of times


#: The protocols that have ports, in the order in which they are written.
PORT_PROTOCOLS = (Protocol.TCP, Protocol.UDP, Protocol.SCTP)

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Traffic:
    """A set of protocols and destination ports.

    ``ranges[i]`` belongs to ``PORT_PROTOCOLS[i]``: inclusive port ranges, sorted, disjoint and not adjacent,
    so that equal sets are equal values.

    ``str`` writes ``TCP 80,443,8000-8080; UDP 53``, ``TCP`` for every port of a protocol, ``all`` or ``none``.
    """

    ranges: tuple[tuple[Range, ...], tuple[Range, ...], tuple[Range, ...]] = ((), (), ())

    @staticmethod
    def of(parts: Iterable[tuple[Protocol, int, int]]) -> "Traffic":
        """Return the set of (protocol, first port, last port), which may overlap."""
        by_protocol: dict[Protocol, list[Range]] = {protocol: [] for protocol in PORT_PROTOCOLS}
        for protocol, first, last in parts:
            by_protocol[protocol].append((first, last))
        tcp, udp, sctp = (_merged(by_protocol[protocol]) for protocol in PORT_PROTOCOLS)
        return Traffic((tcp, udp, sctp))

    def __bool__(self) -> bool:
        return any(self.ranges)

    def __iter__(self) -> Iterator[tuple[Protocol, int, int]]:
        for protocol, ranges in zip(PORT_PROTOCOLS, self.ranges, strict=True):
            for first, last in ranges:
                yield protocol, first, last

    def __contains__(self, flow: tuple[Protocol, int]) -> bool:
        protocol, port = flow
        return any(p is protocol and first <= port <= last for p, first, last in self)

    def __and__(self, other: "Traffic") -> "Traffic":
        return Traffic.of(
            (p, max(a, c), min(b, d)) for p, a, b in self for q, c, d in other if p is q and max(a, c) <= min(b, d)
        )

    def __or__(self, other: "Traffic") -> "Traffic":
        return Traffic.of([*self, *other])

    def __sub__(self, other: "Traffic") -> "Traffic":
        return self & other.complement()

    def complement(self) -> "Traffic":
        """Return every protocol and port that is not in this set."""
        parts: list[tuple[Protocol, int, int]] = []
        for protocol, ranges in zip(PORT_PROTOCOLS, self.ranges, strict=True):
            start = FIRST_PORT
            for first, last in ranges:
                if start < first:
                    parts.append((protocol, start, first - 1))
                start = last + 1
            if start <= LAST_PORT:
                parts.append((protocol, start, LAST_PORT))
        return Traffic.of(parts)

    def to_json(self) -> TrafficShape:
        """Return ``"all"`` or ``{"TCP": "80,443", "UDP": "1-65535"}``, as in the JSON contract."""
        if self == ALL:
            return "all"
        return {
            str(protocol): _written(ranges)
            for protocol, ranges in zip(PORT_PROTOCOLS, self.ranges, strict=True)
            if ranges
        }

    def __str__(self) -> str:
        if self == ALL:
            return "all"
        if not self:
            return "none"
        return "; ".join(
            str(protocol) if ranges == (_EVERY_PORT,) else f"{protocol} {_written(ranges)}"
            for protocol, ranges in zip(PORT_PROTOCOLS, self.ranges, strict=True)
            if ranges
        )


def _merged(ranges: list[Range]) -> tuple[Range, ...]:
    merged: list[Range] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def _written(ranges: tuple[Range, ...]) -> str:
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


_EVERY_PORT: Range = (FIRST_PORT, LAST_PORT)
NONE = Traffic()
ALL = Traffic.of((protocol, FIRST_PORT, LAST_PORT) for protocol in PORT_PROTOCOLS)
