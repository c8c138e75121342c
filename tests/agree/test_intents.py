"""Intents say what the definition says of every flow that they speak of, on generated clusters."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from ipaddress import ip_address
from itertools import product
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netsim.cluster import Compiled
from netsim.ingest import Given
from netsim.ingest.intents import read_intents
from netsim.ir.intents import Claim, Intent, Over, Party
from netsim.ir.objects import ContainerPort, Family, Pod
from netsim.ir.policy import NamedPort, PortMatch
from netsim.ir.traffic import PORT_PROTOCOLS, Protocol
from netsim.ir.truth import Truth, any_of
from netsim.ir.verdict import Endpoint, Flow
from netsim.queries.intents import Checked, Reason, Result, check, infer, possible
from netsim.queries.outside import INTERNET, address_of, outside_classes
from netsim.queries.peers import choose
from netsim.queries.query import common_families
from netsim.render import written
from netsim.spec import judge
from netsim.spec.labels import selects
from tests.agree.generate import Case, boundary_ports, cases
from tests.agree.test_exposure import LABELS, Newcomer
from tests.effort import tries

PEERS = ("ns:app", "pod:app=a", "pod:!env", "ns:env=b,pod:app in (a, b)", "internet", "10.0.0.0/8", "pod:app notin (a)")
PORTS = (None, 80, "80/UDP", "443-8080/TCP", "http", ["80/TCP", "53/UDP"])


@dataclass(frozen=True)
class Wish:
    """An intent, drawn."""

    claim: str
    one: tuple[int, ...]
    other: tuple[int, ...]
    port: int
    entry: int

    def written(self) -> dict:
        own: dict = {
            "from": [PEERS[n] for n in self.one],
            "to": [PEERS[n] for n in self.other],
            "port": PORTS[self.port],
        }
        if self.claim in ("allow", "deny"):
            return {"name": "drawn", self.claim: own}
        only, subject = ("from", "to") if self.claim == "only-from" else ("to", "from")
        entries = [{"peer": text, "port": PORTS[self.entry]} for text in own[only]]
        return {"name": "drawn", subject: own[subject], self.claim: entries, "port": own["port"]}

    def intent(self) -> Intent:
        problems: list = []
        (found,) = read_intents([Given(documents=[{"intents": [self.written()]}])], problems)
        assert not problems
        return found


numbers = st.lists(st.integers(0, len(PEERS) - 1), min_size=1, max_size=2, unique=True).map(tuple)
wishes = st.builds(
    Wish,
    claim=st.sampled_from([str(claim) for claim in Claim]),
    one=numbers,
    other=numbers,
    port=st.integers(0, len(PORTS) - 1),
    entry=st.integers(0, len(PORTS) - 1),
)


def _ends(cluster: Compiled) -> list[Endpoint]:
    program = cluster.program
    pods = [endpoint for endpoint in program.endpoints if isinstance(endpoint, Pod)]
    named = {address for endpoint in program.endpoints for address in endpoint.addresses}
    outer = []
    for member, ranges in outside_classes(cluster, INTERNET).items():
        family = program.classes[member].family
        assert family is not None
        # 10.0.0.0/8 is what intents ask about: both of its sides, and its inside.
        starts = {start for start, _ in ranges} | {end for _, end in ranges} | {10 << 24, (11 << 24) - 1, 11 << 24}
        inside = [n for n in starts if any(start <= n <= end for start, end in ranges)]
        outer += [a for n in sorted(inside) if (a := address_of(family, n)) not in named]
    return [*pods, *outer]


def _means(party: Party, endpoint: Endpoint, cluster: Compiled) -> bool:
    peer = party.peer
    if hasattr(peer, "pods"):
        if not isinstance(endpoint, Pod):
            return False
        namespace = cluster.snapshot.namespaces[endpoint.namespace]
        return selects(peer.pods.namespaces, namespace.labels) and selects(peer.pods.pods, endpoint.labels)
    if isinstance(endpoint, Pod):
        return False
    return any(endpoint in block for block in choose(peer.text, cluster).blocks)


def _carries(ports: tuple[PortMatch, ...] | None, destination: Endpoint, protocol: Protocol, port: int) -> bool:
    if ports is None:
        return True
    for match in ports:
        if isinstance(match, NamedPort):
            declared = destination.ports if isinstance(destination, Pod) else ()
            if any(
                (p.name, p.protocol, p.number) == (match.name, match.protocol, port) and protocol is p.protocol
                for p in declared
            ):
                return True
        elif match.protocol is protocol and match.first <= port <= match.last:
            return True
    return False


def _spoken(intent: Intent, cluster: Compiled, ends: list[Endpoint]) -> Iterator[Flow]:
    """Yield every flow that an intent speaks of, on the boundary ports of rules and intent."""
    own = product(PORT_PROTOCOLS, (52, 53, 54, 79, 80, 81, 442, 443, 8080, 8081))
    ports = {*boundary_ports(cluster.snapshot), *own}
    ports |= {(p.protocol, p.number) for e in ends if isinstance(e, Pod) for p in e.ports}
    for source, destination in product(ends, ends):
        families = _families(cluster, source, destination)
        for protocol, port in sorted(ports) if families else ():
            if _speaks_of(intent, cluster, source, destination, protocol, port):
                for family in families:
                    yield Flow(source=source, destination=destination, protocol=protocol, port=port, family=family)


def _families(cluster: Compiled, source: Endpoint, destination: Endpoint) -> tuple[Family, ...]:
    """Return the families of the connections between two ends; none where there is no connection."""
    if not isinstance(source, Pod) and not isinstance(destination, Pod):
        return ()
    if source is destination and isinstance(source, Pod) and not source.template:
        return ()
    found = common_families(cluster.program, source, destination)
    pods = [end for end in (source, destination) if isinstance(end, Pod)]
    if len(pods) == 1 and pods[0].addresses and all(a.version not in found for a in pods[0].addresses):
        return ()
    return found


def _speaks_of(
    intent: Intent, cluster: Compiled, source: Endpoint, destination: Endpoint, protocol: Protocol, port: int
) -> bool:
    if protocol is Protocol.OTHER or not port or not _carries(intent.ports, destination, protocol, port):
        return False
    one = [party for party in intent.sources if _means(party, source, cluster)]
    other = [party for party in intent.destinations if _means(party, destination, cluster)]
    match intent.claim:
        case Claim.ALLOW | Claim.DENY:
            return bool(one and other)
        case Claim.ONLY_FROM:
            return bool(other) and not any(_carries(p.ports, destination, protocol, port) for p in one)
        case Claim.ONLY_TO:
            return bool(one) and not any(_carries(p.ports, destination, protocol, port) for p in other)


def _expected(intent: Intent, cluster: Compiled) -> Result:
    broken: Truth = False
    spoken = False
    for flow in _spoken(intent, cluster, _ends(cluster)):
        spoken = True
        allowed = judge(cluster.snapshot, cluster.profile, flow).allowed
        if intent.claim is not Claim.ALLOW:
            allowed = any_of([allowed, *_elsewhere(cluster, flow)])
        breaks = None if allowed is None else allowed is not (intent.claim is Claim.ALLOW)
        broken = any_of([broken, breaks])
        if broken:
            return Result.FAILS
    if intent.claim in (Claim.ONLY_FROM, Claim.ONLY_TO):
        every = replace(intent, claim=Claim.DENY, sources=(), destinations=())
        spoken = _is_meant(every, intent, cluster)
    if not spoken:
        return Result.VACUOUS
    return Result.UNKNOWN if broken is None else Result.HOLDS


def _elsewhere(cluster: Compiled, flow: Flow) -> Iterator[Truth]:
    """Yield what each secondary network that both ends are on says of a flow."""
    for view in cluster.secondary.values():
        own = {str(pod): pod for pod in view.snapshot.pods}
        one, other = own.get(str(flow.source)), own.get(str(flow.destination))
        if one and other:
            yield judge(view.snapshot, view.profile, replace(flow, source=one, destination=other)).allowed


def _is_meant(every: Intent, intent: Intent, cluster: Compiled) -> bool:
    """Return whether somebody is meant on the side that an only-claim bounds, and some port of a destination."""
    ends = _ends(cluster)
    only_from = intent.claim is Claim.ONLY_FROM
    subjects = intent.destinations if only_from else intent.sources
    meant = [end for end in ends if any(_means(party, end, cluster) for party in subjects)]
    destinations = meant if only_from else ends
    return bool(meant) and any(
        _carries(every.ports, end, protocol, port)
        for end in destinations
        for protocol in PORT_PROTOCOLS
        for port in (53, 80, 443, *(p.number for p in (end.ports if isinstance(end, Pod) else ())))
    )


def _checked(cluster: Compiled, intent: Intent) -> Checked:
    (found,) = check(cluster, [intent])
    return found


@tries(30)
@given(cases(), wishes)
def test_an_intent_holds_iff_the_definition_says_so_of_every_flow_that_it_speaks_of(case: Case, wish: Wish) -> None:
    cluster = Compiled(case.snapshot, case.profile)
    intent = wish.intent()
    found, expected = _checked(cluster, intent), _expected(intent, cluster)
    if found.reason is Reason.SECONDARY:  # S5: what the pod network denies, another network of both ends may allow
        assert (intent.claim, expected) == (Claim.ALLOW, Result.FAILS)
        assert cluster.secondary
    else:
        assert found.result is expected


@tries(15)
@given(cases())
def test_inferred_intents_hold(case: Case) -> None:
    cluster = Compiled(case.snapshot, case.profile)
    problems: list = []
    file = StringIO("".join(written(infer(cluster), "text")))
    inferred = infer(cluster)
    if inferred.accepted or inferred.opened or inferred.needs:
        intents = read_intents([file], problems)
        assert not problems
        found = check(cluster, intents)
        broken = [checked for checked in found if not checked.holds and checked.reason is not Reason.SECONDARY]
        assert not broken


@settings(
    tries(20),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cases(), wishes)
def test_the_solver_says_of_an_intent_over_all_pods_what_trying_a_pod_of_each_kind_says(
    monkeypatch: pytest.MonkeyPatch, case: Case, wish: Wish
) -> None:
    cluster = Compiled(case.snapshot, case.profile)
    intent = replace(wish.intent(), over=Over.ALL_PODS)
    tried = _checked(cluster, intent)
    with monkeypatch.context() as patched:
        patched.setattr(possible, "MOST_SUPPOSED", -1)
        asked = _checked(cluster, intent)
    if asked.reason is Reason.NODES:
        return
    assert (asked.result, asked.reason) == (tried.result, tried.reason)


@tries(15)
@given(cases(), wishes, st.randoms(use_true_random=False))
def test_an_intent_over_all_pods_that_holds_is_broken_by_no_pod(case: Case, wish: Wish, random: Random) -> None:
    cluster = Compiled(case.snapshot, case.profile)
    intent = replace(wish.intent(), over=Over.ALL_PODS)
    if _checked(cluster, intent).result is not Result.HOLDS:
        return
    names = [*case.snapshot.namespaces, "new-1", "new-2"]
    newcomers = [
        Newcomer(random.choice(names), random.randrange(len(LABELS)), random.randrange(len(LABELS))) for _ in range(2)
    ]
    joined = cluster.snapshot
    for number, newcomer in enumerate(newcomers):
        declared = [ContainerPort("http", Protocol.TCP, random.choice((80, 443, 9999)))]
        address = ip_address(random.choice(("10.0.0.77", "10.5.0.1", "192.0.2.77")))
        pod = replace(
            newcomer.pod(tuple(declared[: random.randrange(2)])),
            name=f"newcomer-{number}",
            template=True,
            addresses=(address,)[: random.randrange(2)],
        )
        joined = newcomer.joined(joined, pod)
    assert _expected(replace(intent, over=Over.EXISTING_PODS), Compiled(joined, case.profile)) in (
        Result.HOLDS,
        Result.VACUOUS,
    )
