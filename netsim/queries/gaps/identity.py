"""What a rule, or a part of one, is known by in findings: what it says, not where it stands."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any, assert_never

from netsim.ir.place import Place
from netsim.ir.policy import AddressPeer, DomainPeer, NamedPort, NodePeer, Peer, PodPeer, PortMatch, Ports, Rule

#: Characters of a digest: enough for the rules of one policy.
_LENGTH = 8


#: Of a rule, a peer or a port, or the rule with fewer of either; None for all of it.
Part = Rule | Peer | PortMatch | None


def narrowed(rule: Rule, part: Part) -> Rule:
    """Return the rule as if it had nothing but a part of it."""
    match part:
        case None:
            return rule
        case Rule():
            return part
        case Ports() | NamedPort():
            return replace(rule, ports=(part,))
        case PodPeer() | AddressPeer() | NodePeer() | DomainPeer():
            return replace(rule, peers=(part,))
        case _:
            assert_never(part)


def identity_of(rule: Rule, part: Part) -> str:
    """Return what a rule, or a part of it, is known by: ``ingress#3f9a01c2``.

    It stays the same when rules are put before it, when its peers or ports are put in another order, and, of a part,
    when others of its kind are added to the rule or taken away. Two rules that say the same have the same.
    """
    own = narrowed(rule, part)
    said = f"{own.action.value} {_listed(own.peers, _peer)}: {_listed(own.ports, _port)}"
    return f"{rule.direction.value}#{sha256(said.encode()).hexdigest()[:_LENGTH]}"


def position(rule: Rule, part: Part) -> str:
    """Return where a rule, or a part of it, stands, by number: ``ingress[0]``, ``ingress[0] peer 2, port 1``."""
    numbers = [f"{name} {place}" for name, place, _ in _steps(rule, narrowed(rule, part))]
    return f"{rule} {', '.join(numbers)}".strip()


def place_of(rule: Rule, part: Part) -> Place:
    """Return where to look: at the peer, else at the port, else at the rule."""
    return next((place for _, _, place in _steps(rule, narrowed(rule, part))), rule.place)


def _steps(rule: Rule, own: Rule) -> Iterator[tuple[str, int, Place]]:
    """Yield what a part of a rule is narrowed to: the first peer and port of it, with their numbers in the rule."""
    for name, few, every in (("peer", own.peers, rule.peers), ("port", own.ports, rule.ports)):
        if few is not every and few and every:
            yield name, every.index(few[0]), few[0].place


def _listed(parts: Iterable[Any] | None, said: Callable[[Any], str]) -> str:
    return "any" if parts is None else ", ".join(sorted(map(said, parts)))


def _peer(peer: Peer) -> str:
    match peer:
        case PodPeer():
            return f"pods {peer.pods} of {peer.namespaces}"
        case AddressPeer():
            return " but ".join(map(str, (peer.block, *sorted(map(str, peer.excepts)))))
        case NodePeer():
            return f"nodes {peer.nodes}"
        case DomainPeer():
            return f"domain {peer.name}"
        case _:
            assert_never(peer)


def _port(port: PortMatch) -> str:
    match port:
        case Ports():
            return f"{port.protocol} {port.first}-{port.last}"
        case NamedPort():
            return f"{port.protocol or 'any'} {port.name}"
        case _:
            assert_never(port)
