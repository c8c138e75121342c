"""What policies can tell apart: the label values, namespaces and port names that they mention.

A label of a symbolic pod is absent, or one of the values that some selector mentions, or another one. That is complete:
a selector's four operators cannot tell two values apart that it does not mention.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from netsim.ir.labels import Selector
from netsim.ir.objects import Namespace, Network
from netsim.ir.policy import NamedPort, PodPeer, Policy
from netsim.ir.traffic import PORT_PROTOCOLS, Protocol

#: Label keys, each with the values that some selector mentions, sorted.
Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Universe:
    """What symbolic endpoints are made of.

    Attributes:
        namespaces: Those that exist; a symbolic pod lives in one of them, or in a new one.
        pods, spaces: The labels of pods and of namespaces that some selector mentions.
        ports: The names of ports that some rule mentions, each with the protocols that it may be declared for.
        blocks: Where pods have their addresses. Empty: they have none that an ipBlock could match (S2.12).
    """

    namespaces: Mapping[str, Namespace]
    pods: Values
    spaces: Values
    ports: tuple[tuple[str, Protocol], ...]
    blocks: tuple[Network, ...] = ()


def universe(
    policies: Iterable[Policy],
    namespaces: Mapping[str, Namespace],
    selectors: Iterable[tuple[Selector, Selector]] = (),
    *,
    blocks: tuple[Network, ...] = (),
    names: Iterable[str] = (),
) -> Universe:
    """Return what the policies, and the selectors of a question, can tell apart.

    Args:
        selectors: Pairs of a selector over namespaces and one over pods.
        names: The names of ports that a question uses.
    """
    asked = list(policies)
    pairs = [*selectors, *((peer.namespaces, peer.pods) for peer in _pod_peers(asked))]
    ports = [port for policy in asked for rule in policy.rules for port in rule.ports or ()]
    named = {*names, *(port.name for port in ports if isinstance(port, NamedPort))}
    return Universe(
        namespaces=namespaces,
        pods=_values(pods for _, pods in pairs),
        spaces=_values(spaces for spaces, _ in pairs),
        ports=tuple((name, protocol) for name in sorted(named) for protocol in PORT_PROTOCOLS),
        blocks=blocks,
    )


def _pod_peers(policies: Iterable[Policy]) -> Iterator[PodPeer]:
    for policy in policies:
        yield policy.subject
        for rule in policy.rules:
            yield from (peer for peer in rule.peers or () if isinstance(peer, PodPeer))


def _values(selectors: Iterable[Selector]) -> Values:
    found: dict[str, set[str]] = {}
    for selector in selectors:
        for requirement in selector.requirements:
            found.setdefault(requirement.key, set()).update(requirement.values)
    return {key: tuple(sorted(values)) for key, values in sorted(found.items())}
