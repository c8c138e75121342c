"""Ports as users type them: ``80``, ``80/UDP``, ``dns``, ``8000-8080``."""

import re
from dataclasses import dataclass, replace

from netsim.errors import UsageError
from netsim.ir.objects import Pod
from netsim.ir.traffic import FIRST_PORT, LAST_PORT, PORT_PROTOCOLS, Protocol, Traffic
from netsim.ir.verdict import Endpoint

_FORM = re.compile(r"(?P<port>[^/\s]+)(?:/(?P<protocol>\w+))?")
_NUMBERS = re.compile(r"(\d+)(?:-(\d+))?")


@dataclass(frozen=True, slots=True)
class Asked:
    """What port a question is about.

    ``first`` to ``last`` is 0 to 0 where ``name`` is asked, and for a protocol without ports.
    ``protocol`` is None where none was named: TCP for one verdict, every protocol for a filter.
    """

    protocol: Protocol | None
    first: int = 0
    last: int = 0
    name: str | None = None

    def __str__(self) -> str:
        port = self.name or (str(self.first) if self.first == self.last else f"{self.first}-{self.last}")
        return f"{port}/{self.protocol}" if self.protocol else port

    def of_one_protocol(self) -> "Asked":
        """Return the question as one verdict asks it: about TCP where no protocol was named."""
        return replace(self, protocol=self.protocol or Protocol.TCP)

    def numbers(self, destination: Endpoint) -> tuple[int, ...]:
        """Return the numbers that the asked name has on a destination, for the asked protocol (S2.8)."""
        if not isinstance(destination, Pod):
            return ()
        wanted = self.protocol or Protocol.TCP
        return tuple(sorted({p.number for p in destination.ports if p.name == self.name and p.protocol is wanted}))

    def traffic(self, destination: Endpoint | None) -> Traffic:
        """Return the traffic that is asked about, towards a destination."""
        protocols = PORT_PROTOCOLS if self.protocol is None else (self.protocol,)
        if self.name is None:
            return Traffic.of((protocol, self.first, self.last) for protocol in protocols)
        declared = destination.ports if isinstance(destination, Pod) else ()
        return Traffic.of(
            (p.protocol, p.number, p.number) for p in declared if p.name == self.name and p.protocol in protocols
        )


def asked(port: int | str, protocol: str | Protocol | None = None) -> Asked:
    """Return what port is asked about.

    Args:
        port: A number, a range, a port name, each with an optional ``/PROTOCOL``.
        protocol: The protocol where ``port`` names none; ICMP and other protocols without ports are OTHER.

    Raises:
        UsageError: The text is no port, or names two protocols.
    """
    form = _FORM.fullmatch(str(port).strip())
    if form is None:
        raise UsageError(f"`{port}` is no port", hint=_HINT)
    if protocol is not None and form["protocol"] and form["protocol"].upper() != str(protocol).upper():
        raise UsageError(f"port `{port}` and protocol `{protocol}` name two protocols", hint="name it once")
    named = form["protocol"] or protocol
    chosen = None if named is None else _protocol(str(named))
    if chosen is Protocol.OTHER:
        return Asked(chosen)
    numbers = _NUMBERS.fullmatch(form["port"])
    if numbers is None:
        if not re.search("[a-z]", form["port"]):
            raise UsageError(f"`{port}` is no port", hint=_HINT)
        return Asked(chosen, name=form["port"])
    first = int(numbers[1])
    last = int(numbers[2] or first)
    if not FIRST_PORT <= first <= last <= LAST_PORT:
        raise UsageError(f"port `{port}` is not within {FIRST_PORT} to {LAST_PORT}", hint=_HINT)
    return Asked(chosen, first, last)


_HINT = "write 80, 80/UDP, 8000-8080, or the name of a container port such as http"
_PORTLESS = {"ICMP", "ICMPV6", "GRE", "ESP", "AH", "ARP", "IGMP", "OTHER"}


def _protocol(name: str) -> Protocol:
    upper = name.upper()
    if upper in _PORTLESS:
        return Protocol.OTHER
    if upper not in {str(protocol) for protocol in PORT_PROTOCOLS}:
        raise UsageError(f"`{name}` is no protocol that netsim knows", hint="write TCP, UDP, SCTP or ICMP")
    return Protocol(upper)
