"""Ways in, and Services as destinations, say what the definition says of each pod behind them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_network
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsim import queries
from netsim.cluster import Compiled
from netsim.errors import UnknownPeerError, UnknownPortError
from netsim.ir.objects import Address, Family, Node, Pod, Service, ServicePort
from netsim.ir.traffic import Protocol
from netsim.ir.truth import Truth, agreed
from netsim.ir.verdict import Flow
from netsim.queries.entries import WayIn
from netsim.spec import judge
from tests.agree.choices import Seeded
from tests.agree.generate import Case, boundary_ports, served, with_ways
from tests.agree.ways import (
    EDGES,
    NOBODY_KNOWS,
    Way,
    behind,
    by_address,
    by_nobody_known,
    by_pod,
    common,
    families_of,
    running,
    target,
    ways,
)
from tests.agree.wrong import Wrong
from tests.agree.wrong_ways import WRONG

#: The kind and the name of an object, who comes, the pod, the protocol and the port.
Came = tuple[str, str, str, str, Protocol, int]

#: Few by default, as many more by night as of other questions.
EXAMPLES = (settings.default or settings()).max_examples // 8

#: A wrong reading must show within this many generated clusters.
SEEDS = 240


def compiled(case: Case) -> Compiled:
    return Compiled(case.snapshot, case.profile)


@dataclass(frozen=True)
class Sample:
    """What is asked about: some addresses that nobody of the input has, and some ports."""

    addresses: tuple[Address, ...]
    ports: tuple[tuple[Protocol, int], ...]

    @staticmethod
    def of(case: Case, chance: Random) -> "Sample":
        """Return a sample in which there are ports of Services more often than others."""
        ends: list[Pod | Node] = [*case.snapshot.pods, *case.snapshot.nodes]
        named = {address for end in ends for address in end.addresses}
        targets = [(port.protocol, port.target) for service in case.snapshot.services for port in service.ports]
        declared = [(port.protocol, port.number) for pod in case.snapshot.pods for port in pod.ports]
        own = [(protocol, target) for protocol, target in targets if isinstance(target, int)] + declared
        others = chance.sample(boundary_ports(case.snapshot), 2)
        return Sample(
            addresses=tuple(chance.sample([address for address in EDGES if address not in named], 5)),
            ports=tuple(dict.fromkeys((*chance.sample(own, min(7, len(own))), *others))),
        )

    def sources(self, row: WayIn) -> list[str]:
        """Return who is asked about of those that a row is about."""
        if ":" not in row.source and not row.source[0].isdigit():
            return [row.source]
        return [str(address) for address in self.addresses if address in ip_network(row.source)]


def expected(case: Case, cluster: Compiled, sample: Sample) -> dict[Came, Truth]:
    """Return what may enter, surely or perhaps: what is denied is left out."""
    found: dict[Came, Truth] = {}
    for way in ways(case.snapshot):
        for protocol, port in sample.ports:
            if protocol is way.protocol and way.ports[0] <= port <= way.ports[1]:
                for source, truth in _coming(case, way, port, cluster.program.families, sample):
                    found[way.kind, way.name, source, str(way.pod), protocol, port] = truth
    return {came: truth for came, truth in found.items() if truth is not False}


def _coming(case: Case, way: Way, port: int, known: Sequence[Family], sample: Sample) -> Iterator[tuple[str, Truth]]:
    if not way.blocks and way.controllers is None:
        yield NOBODY_KNOWS, by_nobody_known(case, way, port, known)
    for source in way.controllers or ():
        if source is not way.pod:
            yield str(source), by_pod(case, source, way, port, known)
    for address in sample.addresses:
        if any(address in block for block in way.blocks) and address.version in families_of(way.pod, known):
            yield str(address), by_address(case, way, address, port)


def listed(cluster: Compiled, sample: Sample) -> dict[Came, Truth]:
    """Return what a listing says may enter."""
    return {
        (row.kind, row.name, source, row.destination, protocol, port): row.allowed
        for row in queries.reach(cluster, pods=True).entries
        if row.allowed is not False
        for source in sample.sources(row)
        for protocol, port in sample.ports
        if (protocol, port) in row.traffic
    }


@given(served(), st.randoms(use_true_random=False))
@settings(max_examples=EXAMPLES)
def test_ways_in_are_what_the_definition_says_of_each_pod_behind_them(case: Case, chance: Random) -> None:
    cluster, sample = compiled(case), Sample.of(case, chance)
    assert listed(cluster, sample) == expected(case, cluster, sample)


def asked(cluster: Compiled, source: Pod, service: Service, port: ServicePort) -> Truth | str:
    """Return what is said of a Service's port, by number; the name of an error where nothing is."""
    try:
        return queries.query(
            cluster, str(source), f"svc:{service}", port=port.port, protocol=str(port.protocol)
        ).allowed
    except (UnknownPeerError, UnknownPortError) as error:
        return type(error).__name__


def answered(case: Case, cluster: Compiled, source: Pod, service: Service, port: ServicePort) -> Truth | str:
    """Return what the definition says of the pods behind a Service, each at its own port."""
    pods = behind(case.snapshot, service)
    if not pods:
        return "UnknownPeerError"
    numbers = {pod.name: port.port if service.headless else target(port, pod) for pod in pods}
    apart = service.headless and len(pods) > 1  # by the pods' own addresses, of which one may be the client's own
    flows = [
        Flow(
            source=source,
            destination=pod,
            protocol=port.protocol,
            port=number,
            family=family,
            by_service=not service.headless,
        )
        for pod in pods
        if (number := numbers[pod.name]) is not None and not (apart and pod is source)
        for family in common(source, pod, cluster.program.families)
    ]
    if not flows:
        return "UnknownPortError"
    return agreed(judge(case.snapshot, case.profile, flow).allowed for flow in flows)


def questions(case: Case) -> Iterator[tuple[Pod, Service, ServicePort]]:
    for service in case.snapshot.services:
        for source in running(case.snapshot):
            yield from ((source, service, port) for port in service.ports)


@given(served(), st.data())
@settings(max_examples=EXAMPLES)
def test_a_service_is_asked_about_as_the_pods_behind_it(case: Case, data: st.DataObject) -> None:
    cluster = compiled(case)
    every = list(questions(case))
    for question in data.draw(st.lists(st.sampled_from(every), max_size=6)) if every else ():
        assert asked(cluster, *question) == answered(case, cluster, *question), question


def _seeded(seed: int) -> Case:
    return with_ways(Seeded(Random(seed)))  # noqa: S311  (no secret hangs on it)


@cache
def _answers(seed: int) -> tuple[Case, Sample, dict[Came, Truth], tuple[Truth | str, ...]]:
    """Return what the definition says of the cluster of a seed."""
    case = _seeded(seed)
    cluster, sample = compiled(case), Sample.of(case, Random(seed))  # noqa: S311
    services = tuple(answered(case, cluster, *question) for question in questions(case))
    return case, sample, expected(case, cluster, sample), services


def _differs(seed: int) -> bool:
    case, sample, enters, services = _answers(seed)
    cluster = compiled(case)
    return listed(cluster, sample) != enters or services != tuple(asked(cluster, *each) for each in questions(case))


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name.replace(" ", "-"))
def test_a_wrong_way_in_is_caught(wrong: Wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrong.module, wrong.function, wrong.make(getattr(wrong.module, wrong.function)))
    assert any(_differs(seed) for seed in range(SEEDS)), f"{wrong.clause} is not tested"


def test_the_right_ways_in_are_not_caught() -> None:
    assert not [seed for seed in range(10) if _differs(seed)]
