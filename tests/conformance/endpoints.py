"""Peers as the cases write them, and what the compiled form says of two."""

from ipaddress import ip_address, ip_network

import netsim
from netsim.bits.reach import Answer
from netsim.ir.objects import Address, Family, Node, Pod
from netsim.ir.verdict import Endpoint
from netsim.lower.program import EndpointClass, Program


def endpoint(text: str, program: Program) -> Endpoint:
    """Return the pod ``namespace/name``, or the node or the outside address of an address."""
    if "/" in text:
        return next(end for end in program.endpoints if isinstance(end, Pod) and str(end) == text)
    address = ip_address(text)
    return next((end for end in program.endpoints if isinstance(end, Node) and address in end.addresses), address)


def endpoints(text: str, program: Program) -> list[Endpoint]:
    """Return the endpoint of a name or an address; of a CIDR, an address of each region that rules tell apart."""
    try:
        block = ip_network(text)
    except ValueError:
        return [endpoint(text, program)]
    if block.num_addresses == 1:
        return [endpoint(str(block[0]), program)]
    firsts = (first for member in program.classes if member.family == block.version for first, _ in member.ranges)
    return [block[first - int(block[0])] for first in firsts if int(block[0]) <= first <= int(block[-1])]


def between(cluster: netsim.Cluster, source: Endpoint, destination: Endpoint, family: Family) -> Answer:
    """Return the traffic that one may open to the other, and that of which it is unknown, by the compiled form."""
    reach, program = cluster.reachability, cluster.program
    if isinstance(source, Pod | Node) and isinstance(destination, Pod | Node):
        return reach.between(program.endpoints.index(source), program.endpoints.index(destination), family)
    one, other = (_class_of(end, program) for end in (source, destination))
    return reach.traffic(reach.cell(one, other, family))


def _class_of(end: Endpoint, program: Program) -> int:
    if isinstance(end, Pod | Node):
        return program.class_of[program.endpoints.index(end)]
    return next(number for number, member in enumerate(program.classes) if _holds(member, end))


def _holds(member: EndpointClass, address: Address) -> bool:
    return member.family == address.version and any(first <= int(address) <= last for first, last in member.ranges)


def common_family(source: Endpoint, destination: Endpoint) -> Family:
    """Return the one family in which the two may connect; IPv4 where neither has an address."""
    one, other = _versions(source), _versions(destination)
    (version,) = (one & other) or {4}
    return Family(version)


def _versions(end: Endpoint) -> set[int]:
    addresses = end.addresses if isinstance(end, Pod | Node) else (end,)
    return {address.version for address in addresses}
