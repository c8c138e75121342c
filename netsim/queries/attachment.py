"""Which routes of the Gateway API are attached to which Gateways, and which Services they may lead to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netsim.ir.entries import Backend, Entry, Gateway, Listener, Parent
from netsim.ir.snapshot import Notice, Snapshot
from netsim.spec.labels import selects

#: The kinds of entries that are attached to Gateways.
GATEWAY_KINDS = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"})


@dataclass(frozen=True, slots=True)
class Attachments:
    """What a snapshot says of Gateways."""

    snapshot: Snapshot

    @property
    def _gateways(self) -> Mapping[str, Gateway]:
        return {str(gateway): gateway for gateway in self.snapshot.gateways}

    def gateways(self, entry: Entry) -> tuple[tuple[Parent, Gateway | None], ...]:
        """Return the Gateways that take a route; None for one that the input does not hold: it is taken to do so."""
        known = self._gateways
        found = ((parent, known.get(str(parent))) for parent in entry.parents)
        return tuple((parent, gateway) for parent, gateway in found if gateway is None or self._takes(gateway, entry))

    def _takes(self, gateway: Gateway, entry: Entry) -> bool:
        parents = [parent for parent in entry.parents if str(parent) == str(gateway)]
        return any(self._listens(each, gateway, entry, parent) for each in gateway.listeners for parent in parents)

    def _listens(self, listener: Listener, gateway: Gateway, entry: Entry, parent: Parent) -> bool:
        if parent.section not in (None, listener.name) or parent.port not in (None, listener.port):
            return False
        if entry.kind not in listener.kinds or not _share_a_name(listener, entry):
            return False
        if listener.namespaces is None:
            return entry.namespace == gateway.namespace
        return selects(listener.namespaces, self.snapshot.namespaces[entry.namespace].labels)

    def notices(self, entry: Entry) -> Iterator[Notice]:
        """Yield what there is to say of a route's attachment."""
        known, taken = self._gateways, {str(parent) for parent, _ in self.gateways(entry)}
        for parent in dict.fromkeys(entry.parents):
            if str(parent) not in known:
                message = f"{entry.kind} {entry}: Gateway {parent} is not in the input: it is taken to accept the route"
                yield Notice(message, parent.place)
            elif str(parent) not in taken:
                message = f"{entry.kind} {entry}: no listener of Gateway {parent} takes it: nothing enters there"
                yield Notice(message, parent.place)

    def granted(self, entry: Entry, backend: Backend) -> bool:
        """Return whether an entry may name a Service; one of another namespace only where a ReferenceGrant says so."""
        if entry.namespace == backend.namespace:
            return True
        return any(
            grant.namespace == backend.namespace
            and (entry.kind, entry.namespace) in grant.sources
            and not grant.services.isdisjoint({None, backend.name})
            for grant in self.snapshot.grants
        )


def _share_a_name(listener: Listener, entry: Entry) -> bool:
    """Return whether some name is one of the listener's and of the route's; where either has none it means every."""
    return listener.host is None or not entry.hosts or any(_overlap(listener.host, host) for host in entry.hosts)


def _overlap(one: str, other: str) -> bool:
    """Return whether some name is both: ``*.`` stands for one or more labels, so that the bare name is not meant."""
    if one.startswith("*.") and other.startswith("*."):
        return f".{one[2:]}".endswith(other[1:]) or f".{other[2:]}".endswith(one[1:])
    if one.startswith("*."):
        return other.endswith(one[1:])
    return one.endswith(other[1:]) if other.startswith("*.") else one == other
