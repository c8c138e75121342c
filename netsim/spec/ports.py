"""Which protocols and ports an entry means (S2.7, S2.8)."""

from typing import assert_never

from netsim.ir.policy import NamedPort, PortMatch, Ports
from netsim.ir.profile import NamedPorts
from netsim.ir.verdict import Flow
from netsim.spec.world import World


def rule_carries(ports: tuple[PortMatch, ...] | None, flow: Flow, world: World) -> bool:
    """Return whether some entry means the flow: entries are ORed (S2.7), none written means everything (S2.3)."""
    return ports is None or any(port_matches(entry, flow, world) for entry in ports)


def port_matches(entry: PortMatch, flow: Flow, world: World) -> bool:
    """Return whether one entry means the flow's protocol and destination port."""
    match entry:
        case Ports():
            # S2.7: a plugin without endPort applies the single port
            last = entry.last if world.profile.end_port or not entry.ranged else entry.first
            return entry.protocol is flow.protocol and entry.first <= flow.port <= last
        case NamedPort():
            return name_matches(entry, flow, world)
    assert_never(entry)


def name_matches(entry: NamedPort, flow: Flow, world: World) -> bool:
    """Return whether the destination pod declares the name for this protocol and this number (S2.8)."""
    if world.profile.named_ports is NamedPorts.EVERY_PORT and entry.protocol is not None:
        return entry.protocol is flow.protocol
    if not world.is_pod(flow.destination):  # S2.8: what is no pod has no named ports
        return False
    return any(
        declared.name == entry.name
        and declared.number == flow.port
        and declared.protocol is flow.protocol
        and entry.protocol in (None, flow.protocol)
        for declared in flow.destination.ports
    )
