"""One intent in one cluster: who is meant, what is spoken of, and what breaks it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from netsim.cluster import Compiled
from netsim.ir.intents import Claim, Intent, Party
from netsim.ir.snapshot import Notice
from netsim.ir.traffic import NONE, Traffic
from netsim.queries.controllers import INGRESS_CONTROLLER
from netsim.queries.forwarders import forwarders
from netsim.queries.intents.breaches import Breach, Search, Wanted
from netsim.queries.intents.ends import End, Ends, Parties
from netsim.queries.intents.meaning import Meaning, Meanings, port_names
from netsim.queries.intents.results import Checked, Reason, Result
from netsim.queries.judge import Judge
from netsim.queries.query import query

_NOBODY: Parties = frozenset()


@dataclass(slots=True)
class Question:
    """One intent in one cluster; used once, then dropped.

    Attributes:
        outside: Whether addresses that the snapshot does not name are asked about.
        network: The network that the cluster is a view of; None for the pod network.
    """

    cluster: Compiled
    meanings: Meanings
    intent: Intent
    outside: bool = True
    network: str | None = None
    sources: Meaning = field(init=False)
    destinations: Meaning = field(init=False)
    _ends: Ends = field(init=False)
    _search: Search = field(init=False)

    def __post_init__(self) -> None:
        intent = self.intent
        self.sources, self.destinations = self.meanings.of(intent.sources), self.meanings.of(intent.destinations)
        used = (intent.ports, *(party.ports for party in (*intent.sources, *intent.destinations)))
        self._ends = Ends([self.cluster.program], port_names(used))
        wanted = Wanted.ALLOWED if intent.claim is Claim.ALLOW else Wanted.DENIED
        self._search = Search(self.cluster, None, wanted, self._speaks_of, self.network)

    def notices(self) -> Iterator[Notice]:
        """Yield the peers that mean nobody."""
        for party, hint in (*self.sources.nobody, *self.destinations.nobody):
            more = f": {hint}" if hint else ""
            yield Notice(f"`{party.peer}` matches nothing{more}", party.peer.place)

    @property
    def unanswered(self) -> Checked:
        """The intent, as one that holds until something is said against it."""
        intent = self.intent
        return Checked(
            name=intent.name, claim=str(intent.claim), over=intent.over, place=intent.place, result=Result.HOLDS
        )

    def answer(self) -> Checked:
        """Return what is said of the intent."""
        nothing = self.vacuous()
        if nothing is not None:
            return nothing
        found = self.unanswered.judged(self.breaches())
        if found.holds and not self._spoke():
            return replace(found, result=Result.VACUOUS, reason=Reason.NO_CONNECTION)
        return found

    def _spoke(self) -> bool:
        """Return whether some connection is meant; of ``ONLY_`` claims, be it a permitted one."""
        if self.intent.claim in (Claim.ALLOW, Claim.DENY):
            return self._search.spoke
        return any(end.traffic(self.intent.ports) for end in self._accepting())

    def vacuous(self) -> Checked | None:
        """Return that nobody is meant on a side where somebody must be."""
        claim = self.intent.claim
        if not self.sources and claim is not Claim.ONLY_FROM:
            return self._nothing(Reason.NO_SOURCE, self.sources)
        if not self.destinations and claim is not Claim.ONLY_TO:
            return self._nothing(Reason.NO_DESTINATION, self.destinations)
        return None

    def _nothing(self, reason: Reason, side: Meaning) -> Checked:
        hint = next((hint for _, hint in side.nobody if hint), "")
        return replace(self.unanswered, result=Result.VACUOUS, reason=reason, hint=hint)

    def breaches(self) -> Iterator[Breach]:
        """Yield what breaks the intent, or may."""
        sources = self._side(self.sources, every=self.intent.claim is Claim.ONLY_FROM)
        destinations = self._accepting()
        yield from self._search.breaches(sources, destinations)
        if self.outside:
            yield from self._by_controller([end for end in destinations if end.endpoints])

    def _accepting(self) -> tuple[End, ...]:
        return self._side(self.destinations, every=self.intent.claim is Claim.ONLY_TO)

    def _side(self, meaning: Meaning, *, every: bool) -> tuple[End, ...]:
        """Return the ends of one side, of which ``every`` is all that is not a node."""
        inner = self._every_pod(meaning) if every else self._ends.of_endpoints(meaning.endpoints)
        return (*inner, *(self._ends.outside(meaning.blocks, every=every) if self.outside else ()))

    def _every_pod(self, meaning: Meaning) -> Iterator[End]:
        """Yield the ends of all pods: most of them are as for any other intent."""
        names = bool(self._ends.names)
        for end in self.meanings.every_pod:
            own = {number: meaning.endpoints.get(number, _NOBODY) for number in end.endpoints}
            if names or any(own.values()):
                yield from self._ends.of_endpoints(own)
            else:
                yield end

    def _speaks_of(self, source: End, destination: End) -> Traffic:
        intent = self.intent
        return destination.traffic(intent.ports) - self._permitted(source.parties, destination)

    def _permitted(self, sources: Parties, destination: End) -> Traffic:
        """Return what an ``ONLY_`` claim permits of the traffic between two ends."""
        match self.intent.claim:
            case Claim.ONLY_FROM:
                parties: Sequence[Party] = [self.intent.sources[number] for number in sources]
            case Claim.ONLY_TO:
                parties = [self.intent.destinations[number] for number in destination.parties]
            case Claim.ALLOW | Claim.DENY:
                parties = ()
        permitted = NONE
        for party in parties:
            permitted = permitted | destination.traffic(party.ports)
        return permitted

    def _by_controller(self, destinations: Sequence[End]) -> Iterator[Breach]:
        """Yield what a controller that is not in the input breaks."""
        if self.intent.claim is Claim.ONLY_FROM:
            own = self.sources.controller or _NOBODY
            for end in destinations:
                for number in end.endpoints:
                    if number in self.meanings.entered:
                        spoken = end.traffic(self.intent.ports) - self._permitted(own, end)
                        allowed, unknown = self.meanings.entered[number]
                        yield from self._entering(number, spoken & allowed, spoken & unknown)
        elif self.sources.controller:
            judge = Judge(self.cluster)
            for end in (end for end in destinations if forwarders(self.cluster, end.endpoints).unknown):
                spoken = end.traffic(self.intent.ports) - self._permitted(_NOBODY, end)
                parts = judge.split(end.endpoints[0], spoken)
                self._search.spoke = self._search.spoke or bool(spoken)
                broken = parts.get(not self._search.wanted.value, NONE)
                yield from self._entering(end.endpoints[0], broken, parts.get(None, NONE))

    def _entering(self, number: int, sure: Traffic, maybe: Traffic) -> Iterator[Breach]:
        for traffic, surely in ((sure, True), (maybe, False)):
            for protocol, port, _ in list(traffic)[:1]:
                destination = _named(self.cluster, number)
                answer = query(self.cluster, INGRESS_CONTROLLER, destination, port=port, protocol=str(protocol))
                yield Breach(answer, surely)


def _named(cluster: Compiled, number: int) -> str:
    endpoint = cluster.program.endpoints[number]
    return str(endpoint.workload) if getattr(endpoint, "template", False) else str(endpoint)  # type: ignore[union-attr]
