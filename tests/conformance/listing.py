"""Listings of connections in a form that compares by meaning, whatever the spelling of address ranges."""

import re
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address, ip_network
from typing import Any

from netsim.ir.traffic import ALL, NONE, Protocol, Traffic

#: A line of a listing: source, destination, and what is said of the two.
Row = tuple[str, str, Any]

#: What is said of two workloads, or, as ranges, of a workload and the addresses outside.
Table = dict[tuple[str, str], Any]

#: The end of a Table's key that stands for addresses.
OUTSIDE = "outside"

#: What forwards for Ingress and Route objects, where the input does not hold it.
INGRESS_CONTROLLER = "{ingress-controller}"

_EXTERNAL = "[External]"
_OF_PROTOCOL = re.compile(r"(SCTP|TCP|UDP) ([\d,-]+?)(?=,[A-Z]|$)")


def traffic(text: str) -> Traffic:
    """Return the traffic that netpol-analyzer writes as ``SCTP 1-65535,TCP 80,8080-8090``."""
    if text == "All Connections":
        return ALL
    if text == "No Connections":
        return NONE
    return Traffic.of(part for protocol, ports in _OF_PROTOCOL.findall(text) for part in _ports(protocol, ports))


def _ports(protocol: str, text: str) -> Iterator[tuple[Protocol, int, int]]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield Protocol(protocol), int(first), int(last or first)


def table(rows: Iterable[Row]) -> Table:
    """Return the meaning of a listing: address ranges are sorted and merged, so that equal meanings are equal tables.

    Rows of a workload and itself are left out.
    """
    found: Table = {}
    ranges: dict[tuple[str, str], list[Range]] = {}
    for source, destination, value in rows:
        if source == destination:
            continue
        spans = [_span(source), _span(destination)]
        ends = (OUTSIDE if spans[0] else source, OUTSIDE if spans[1] else destination)
        span = spans[0] or spans[1]
        if span:
            ranges.setdefault(ends, []).append((*span, value))
        else:
            found[ends] = value
    return found | {ends: _merged(entries) for ends, entries in ranges.items()}


#: The first address and the last as numbers, and what is said of them.
Range = tuple[int, int, Any]


def _span(peer: str) -> tuple[int, int] | None:
    """Return the addresses of ``10.0.0.0-10.0.0.255[External]`` or of a CIDR; None for a workload."""
    if peer.endswith(_EXTERNAL):
        first, last = peer.removesuffix(_EXTERNAL).split("-")
        return int(ip_address(first)), int(ip_address(last))
    if "[" in peer or peer == INGRESS_CONTROLLER:
        return None
    block = ip_network(peer)
    return int(block.network_address), int(block.broadcast_address)


def _merged(entries: list[Range]) -> tuple[Range, ...]:
    merged: list[Range] = []
    for first, last, value in sorted(entries, key=lambda entry: entry[:2]):
        if merged and merged[-1][1] + 1 == first and merged[-1][2] == value:
            merged[-1] = (merged[-1][0], last, value)
        else:
            merged.append((first, last, value))
    return tuple(merged)


def without(rows: Table, leave_out: Callable[[str], bool]) -> Table:
    """Return a table without the rows from or to some workloads."""
    return {ends: value for ends, value in rows.items() if not any(leave_out(end) for end in ends)}


def told_apart(expected: Table, found: Table) -> list[str]:
    """Return where two tables differ, one line each, sorted; empty where they mean the same."""
    return [
        f"{source} -> {destination}: expected {wanted}, found {got}"
        for source, destination in sorted(expected.keys() | found.keys())
        if (wanted := expected.get((source, destination))) != (got := found.get((source, destination)))
    ]
