"""Who forwards what enters: what ``{ingress-controller}`` means, where it is listed and where it is asked about."""

from collections.abc import Collection
from dataclasses import dataclass

from netsim.cluster import Compiled
from netsim.queries.controllers import Controllers
from netsim.queries.doors import Door, Doors


@dataclass(frozen=True, slots=True)
class Forwarders:
    """The pods of the input that forward, by number; and whether there is a controller that the input does not hold."""

    pods: tuple[int, ...]
    unknown: bool


def forwarders(cluster: Compiled, destinations: Collection[int] = ()) -> Forwarders:
    """Return who forwards to some endpoints; to anything at all where nothing is forwarded to them.

    Where no object leads anywhere, those pods are meant that are recognised as controllers, and if there are none, one
    that nobody knows.
    """
    doors = [door for door in Doors.of(cluster).found if not door.blocks]
    if doors:
        leading = [door for door in doors if not door.targets.keys().isdisjoint(destinations)]
        return _serving(leading or doors)
    everyone = Controllers(cluster.program).everyone
    return Forwarders(everyone, unknown=not everyone)


def _serving(doors: Collection[Door]) -> Forwarders:
    pods = {number for door in doors for number in door.controllers or ()}
    return Forwarders(tuple(sorted(pods)), unknown=any(door.unknown for door in doors))
