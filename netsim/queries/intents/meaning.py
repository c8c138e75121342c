"""What the parties of intents mean in a cluster."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netsim.bits.reach import Answer as Traffics
from netsim.cluster import Compiled
from netsim.errors import InputError, Problem, UnknownPeerError, UsageError
from netsim.ir.intents import NamedPeer, Party, SelectedPeer
from netsim.ir.objects import Network, Pod
from netsim.ir.policy import NamedPort, PodPeer, PortMatch
from netsim.lower.index import LabelIndex
from netsim.queries.entries import Ways
from netsim.queries.focus import every_pod
from netsim.queries.intents.ends import End, Ends, Parties
from netsim.queries.intents.names import exact
from netsim.queries.peers import Chosen, choose


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one side of an intent means.

    Attributes:
        endpoints: Each endpoint that some party means, with the parties.
        blocks: Blocks of outside addresses, each with the number of its party.
        controller: The parties that mean a controller that is not in the input; None where none does.
        nobody: The parties that mean nothing, each with a hint.
    """

    endpoints: Mapping[int, Parties]
    blocks: tuple[tuple[int, Network], ...]
    controller: Parties | None
    nobody: tuple[tuple[Party, str], ...]

    def __bool__(self) -> bool:
        return bool(self.endpoints or self.blocks or self.controller)


@dataclass(slots=True)
class Meanings:
    """What peers mean in one cluster; each peer is looked up once.

    Attributes:
        named: The cluster in which names are looked up, where it is another: one without pods that could be.
    """

    cluster: Compiled
    named: Compiled | None = None
    _pods: LabelIndex | None = None
    _namespaces: LabelIndex | None = None
    _within: Mapping[str, set[int]] = field(default_factory=dict)
    _known: dict[object, tuple[Chosen, str]] = field(default_factory=dict)
    _exact: Mapping[str, tuple[int, ...]] | None = None
    _pod_ends: tuple[End, ...] | None = None
    _entered: Mapping[int, Traffics] | None = None

    @property
    def every_pod(self) -> tuple[End, ...]:
        """The ends of all pods, meant by no party."""
        if self._pod_ends is None:
            nobody: Parties = frozenset()
            program = self.cluster.program
            self._pod_ends = Ends([program]).of_endpoints(dict.fromkeys(every_pod(program), nobody))
        return self._pod_ends

    @property
    def entered(self) -> Mapping[int, Traffics]:
        """What a controller that is not in the input may open to each endpoint that it comes to."""
        if self._entered is None:
            opened = Ways(self.named or self.cluster).opened()
            self._entered = {number: found for unit, found in opened.items() for number in unit.endpoints}
        return self._entered

    def of(self, parties: Sequence[Party]) -> Meaning:
        """Return what the parties of one side mean.

        Raises:
            InputError: A peer is no peer, or a name means several things.
        """
        endpoints: dict[int, set[int]] = {}
        blocks: list[tuple[int, Network]] = []
        controller: set[int] = set()
        nobody: list[tuple[Party, str]] = []
        for number, party in enumerate(parties):
            chosen, hint = self._chosen(party.peer)
            for endpoint in chosen.endpoints:
                endpoints.setdefault(endpoint, set()).add(number)
            blocks += ((number, block) for block in chosen.blocks)
            if chosen.controller:
                controller.add(number)
            if not (chosen.endpoints or chosen.blocks or chosen.controller):
                nobody.append((party, hint))
        return Meaning(
            endpoints={number: frozenset(own) for number, own in endpoints.items()},
            blocks=tuple(blocks),
            controller=frozenset(controller) or None,
            nobody=tuple(nobody),
        )

    def _chosen(self, peer: NamedPeer | SelectedPeer) -> tuple[Chosen, str]:
        key = (type(peer), peer.pods if isinstance(peer, SelectedPeer) else peer.text)
        if key not in self._known:
            self._known[key] = self._looked_up(peer)
        return self._known[key]

    def _looked_up(self, peer: NamedPeer | SelectedPeer) -> tuple[Chosen, str]:
        if isinstance(peer, SelectedPeer):
            return Chosen(endpoints=tuple(sorted(self._selected(peer.pods)))), ""
        named = self.named or self.cluster
        if self._exact is None:
            self._exact = exact(named.program)
        if peer.text in self._exact:
            return self._mapped(Chosen(endpoints=self._exact[peer.text])), ""
        try:
            return self._mapped(choose(peer.text, named)), ""
        except UnknownPeerError as error:
            return Chosen(), error.hint
        except UsageError as error:
            raise InputError([_problem(peer, error)]) from error

    def _mapped(self, chosen: Chosen) -> Chosen:
        """Return what a name means by the numbers of this cluster, in which more pods stand before the nodes."""
        if self.named is None:
            return chosen
        pods = sum(isinstance(each, Pod) for each in self.named.program.endpoints)
        more = len(self.cluster.program.endpoints) - len(self.named.program.endpoints)
        return replace(chosen, endpoints=tuple(n if n < pods else n + more for n in chosen.endpoints))

    def _selected(self, peer: PodPeer) -> set[int]:
        if self._pods is None or self._namespaces is None:
            self._index()
        assert self._pods is not None  # noqa: S101 - made just now
        assert self._namespaces is not None  # noqa: S101
        pods = self._pods.select(peer.pods)
        if not peer.namespaces.requirements:
            return pods
        names = sorted(self.cluster.snapshot.namespaces)
        chosen = (self._within.get(names[number], set()) for number in self._namespaces.select(peer.namespaces))
        return pods & set().union(*chosen)

    def _index(self) -> None:
        numbered = [(n, e) for n, e in enumerate(self.cluster.program.endpoints) if isinstance(e, Pod)]
        within: dict[str, set[int]] = {}
        for number, pod in numbered:
            within.setdefault(pod.namespace, set()).add(number)
        namespaces = self.cluster.snapshot.namespaces
        self._within = within
        self._pods = LabelIndex((number, pod.labels) for number, pod in numbered)
        self._namespaces = LabelIndex((n, namespaces[name].labels) for n, name in enumerate(sorted(namespaces)))


def _problem(peer: NamedPeer, error: UsageError) -> Problem:
    place = peer.place
    return Problem(
        file=place.file, line=place.line, column=place.column, code="NS118", message=error.message, hint=error.hint
    )


def port_names(groups: Iterable[tuple[PortMatch, ...] | None]) -> frozenset[str]:
    """Return the port names that some ports use."""
    return frozenset(_names(groups))


def _names(groups: Iterable[tuple[PortMatch, ...] | None]) -> Iterator[str]:
    yield from (match.name for ports in groups for match in ports or () if isinstance(match, NamedPort))
