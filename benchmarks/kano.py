"""Reachability by packed matrices over pods, as Kano does it: ours, written from the paper, to compare with.

Source: Li et al., "Kano: Efficient Container Network Policy Verification", HotI 2020. A label has a bit vector of the
pods that have it; a policy's subjects and peers are intersections of such vectors; the matrix has a row of bits for
each pod, and a policy adds its peers to the rows of its subjects. Ports play no part: two pods are connected if some
policy of each direction allows some traffic. The paper has no blocks of addresses: here one means the pods in it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netsim.ir.labels import Labels, Operator, Requirement, Selector
from netsim.ir.objects import Network, Pod
from netsim.ir.policy import AddressPeer, Direction, Peer, PodPeer
from netsim.ir.snapshot import Snapshot

Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Matrices:
    """Who may open something to whom, and who may accept something from whom, before the two are joined.

    Shapes:
        opens, accepts: ``(pods, ceil(pods / 8))``, ``uint8``: bit ``column`` of a row is set iff the pod of that
        column is a peer; eight columns a byte.
    """

    opens: Bits
    accepts: Bits

    def connected(self) -> int:
        """Return how many ordered pairs of pods are connected, a pod and itself left out."""
        count = len(self.opens)
        total = 0
        for start in range(0, count, 1024):  # the transpose a strip at a time: whole it takes eight times the memory
            rows = np.unpackbits(self.opens[start : start + 1024], axis=1, count=count)
            strip = self.accepts[:, start // 8 : start // 8 + 128]
            columns = np.unpackbits(strip, axis=1)[:, : len(rows)].T
            met = rows & columns
            total += int(met.sum()) - int(met[np.arange(len(rows)), np.arange(start, start + len(rows))].sum())
        return total


class Vectors:
    """The bit vectors of the labels of pods, and of their namespaces'."""

    def __init__(self, snapshot: Snapshot, pods: tuple[Pod, ...]) -> None:
        self._pods = _Index([pod.labels for pod in pods])
        self._namespaces = _Index([snapshot.namespaces[pod.namespace].labels for pod in pods])

        owned = [(number, int(a)) for number, pod in enumerate(pods) for a in pod.addresses if a.version == 4]
        self._owners = np.asarray([number for number, _ in owned], dtype=np.intp)
        self._addresses = np.asarray([address for _, address in owned], dtype=np.int64)

    def of(self, peer: Peer) -> NDArray[np.bool_]:
        """Return the pods that a peer means; nodes, domain names and IPv6 mean none here."""
        if isinstance(peer, PodPeer):
            return self._pods.selected(peer.pods) & self._namespaces.selected(peer.namespaces)
        met = np.zeros(self._pods.count, dtype=np.bool_)
        if isinstance(peer, AddressPeer):
            inside = self._inside(peer.block)
            for hole in peer.excepts:
                inside &= ~self._inside(hole)
            met[self._owners[inside]] = True
        return met

    def _inside(self, block: Network) -> NDArray[np.bool_]:
        first, last = int(block.network_address), int(block.broadcast_address)
        if block.version != 4:
            return np.zeros(len(self._addresses), dtype=np.bool_)
        return (self._addresses >= first) & (self._addresses <= last)


class _Index:
    def __init__(self, labels: list[Labels]) -> None:
        self.count = len(labels)
        found: dict[tuple[str, str | None], list[int]] = {}
        for number, own in enumerate(labels):
            for key, value in own.items():
                found.setdefault((key, value), []).append(number)
                found.setdefault((key, None), []).append(number)
        self._found = found

    def selected(self, selector: Selector) -> NDArray[np.bool_]:
        """Return who matches every requirement."""
        met = np.ones(self.count, dtype=np.bool_)
        for requirement in selector.requirements:
            met &= self._required(requirement)
        return met

    def _required(self, requirement: Requirement) -> NDArray[np.bool_]:
        met = np.zeros(self.count, dtype=np.bool_)
        for value in requirement.values or (None,):
            met[self._found.get((requirement.key, value), [])] = True
        negative = requirement.operator in (Operator.NOT_IN, Operator.DOES_NOT_EXIST)
        return ~met if negative else met


def matrices(snapshot: Snapshot) -> Matrices:
    """Return the matrices of the pods that are not finished, in the snapshot's order."""
    pods = tuple(pod for pod in snapshot.pods if not pod.finished)
    vectors = Vectors(snapshot, pods)
    made = {direction: _matrix(snapshot, vectors, len(pods), direction) for direction in Direction}
    return Matrices(made[Direction.EGRESS], made[Direction.INGRESS])


def _matrix(snapshot: Snapshot, vectors: Vectors, count: int, direction: Direction) -> Bits:
    matrix: Bits = np.zeros((count, -(-count // 8)), dtype=np.uint8)
    isolated = np.zeros(count, dtype=np.bool_)
    for policy in snapshot.policies:
        if direction in policy.isolates:
            subjects = np.flatnonzero(vectors.of(policy.subject))
            isolated[subjects] = True
            for rule in policy.rules:
                if rule.direction is direction:
                    matrix[subjects] |= _packed(vectors, rule.peers, count)
    matrix[~isolated] = np.packbits(np.ones(count, dtype=np.bool_))
    return matrix


def _packed(vectors: Vectors, peers: tuple[Peer, ...] | None, count: int) -> Bits:
    met = np.full(count, peers is None, dtype=np.bool_)
    for peer in peers or ():
        met |= vectors.of(peer)
    return np.packbits(met)
