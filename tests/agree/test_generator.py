"""What the generator generates: agreement on clusters where nothing happens would prove nothing."""

from collections import Counter
from ipaddress import ip_address
from random import Random

import pytest

from netsim.ir.labels import Operator
from netsim.ir.objects import Family, Pod
from netsim.ir.policy import AddressPeer, Direction, DomainPeer, NamedPort, NodePeer, PodPeer, Tier
from netsim.ir.snapshot import Snapshot
from netsim.ir.verdict import Endpoint, Flow, Verdict, Why
from netsim.spec import judge
from netsim.spec.isolation import isolating
from netsim.spec.peers import block_matches, domain_matches, nodes_match, pods_match
from netsim.spec.ports import name_matches
from netsim.spec.world import World
from tests.agree.choices import Seeded
from tests.agree.compare import asked
from tests.agree.generate import seeded, with_ways
from tests.agree.generate_services import ROUTES
from tests.agree.ways import ways

SEEDS = range(120)


@pytest.fixture(scope="module")
def counted() -> Counter[str]:
    """Return how often each thing happens, over many seeds."""
    found: Counter[str] = Counter()
    for seed in SEEDS:
        case = seeded(seed)
        world = World(case.snapshot, case.profile)
        for pod in case.snapshot.pods:
            found["pods"] += 1
            for direction in Direction:
                found[f"isolated {direction.value}"] += bool(isolating(case.snapshot.policies, pod, direction, world))
        _count_peers(case.snapshot, world, found)
        _count_cluster_peers(case.snapshot, world, found)
        _count_networks_and_services(case.snapshot, found)
        for number, question in enumerate(asked(case)):
            if number % 7 == 0:
                verdict = judge(case.snapshot, case.profile, question.flow)
                found["flows"] += 1
                found[f"flows {verdict.allowed}"] += 1
                _count_names(case.snapshot, question.flow, world, found)
                _count_reasons(verdict, found)
    return found


def _count_peers(snapshot: Snapshot, world: World, found: Counter[str]) -> None:
    for policy in snapshot.policies:
        for rule in policy.rules:
            for peer in rule.peers or ():
                for pod in snapshot.pods:
                    if isinstance(peer, PodPeer):
                        found["selections"] += 1
                        found["selections that match"] += pods_match(peer, pod, world)
                        absent = any(
                            r.operator is Operator.NOT_IN and r.key not in pod.labels for r in peer.pods.requirements
                        )
                        found["NotIn on an absent key"] += absent
                    elif isinstance(peer, AddressPeer) and pod.addresses:
                        family = Family(pod.addresses[0].version)
                        whole = AddressPeer(block=peer.block, place=peer.place)
                        found["pods in a block"] += block_matches(whole, pod, family, world) is True
                        found["pods in an except"] += (
                            block_matches(whole, pod, family, world) is True
                            and block_matches(peer, pod, family, world) is False
                        )


def _count_cluster_peers(snapshot: Snapshot, world: World, found: Counter[str]) -> None:
    ends: list[Endpoint] = [*snapshot.pods, *snapshot.nodes, ip_address("192.0.2.1"), ip_address("192.0.2.2")]
    for policy in snapshot.policies:
        found["policies"] += 1
        found["policies of ordered rules"] += policy.tier is not Tier.NETWORK_POLICY
        for peer in (peer for rule in policy.rules for peer in rule.peers or ()):
            for end in ends:
                if isinstance(peer, NodePeer):
                    found[f"nodes {nodes_match(peer, end, world)}"] += 1
                elif isinstance(peer, DomainPeer):
                    found[f"names {domain_matches(peer, end, Family.IPV4, world)}"] += 1


def _count_networks_and_services(snapshot: Snapshot, found: Counter[str]) -> None:
    found["clusters"] += 1
    own = [network for network in snapshot.networks if network.primary]
    found["clusters with primary networks"] += bool(own)
    found["clusters with a secondary network"] += len(own) < len(snapshot.networks)
    found["policies of secondary networks"] += sum(len(network.policies) for network in snapshot.networks)
    found["clusters with Services"] += bool(snapshot.services)
    for way in ways(snapshot):
        found[f"ways in by {way.kind}"] += 1
        found["ways in by controllers of the input"] += bool(way.controllers)
        found["ways in by a controller that is not in the input"] += not way.controllers and not way.blocks


def _count_reasons(verdict: Verdict, found: Counter[str]) -> None:
    for side in (verdict.egress, verdict.ingress):
        found["sides of pods"] += side.reasons[0].why not in (Why.NOT_A_POD, Why.HOST_NETWORK, Why.ITSELF)
        found[f"sides decided in {side.tier.name if side.tier else None}"] += 1
        for reason in side.reasons:
            found[f"why {reason.why.name}"] += 1


def _count_names(snapshot: Snapshot, flow: Flow, world: World, found: Counter[str]) -> None:
    for policy in snapshot.policies:
        for rule in policy.rules:
            for entry in rule.ports or ():
                if isinstance(entry, NamedPort) and isinstance(flow.destination, Pod):
                    found["names"] += 1
                    found["names that match"] += name_matches(entry, flow, world)


@pytest.mark.parametrize(
    ("what", "of", "least", "most"),
    [
        ("isolated ingress", "pods", 0.2, 0.8),
        ("isolated egress", "pods", 0.2, 0.8),
        ("selections that match", "selections", 0.15, 0.7),
        ("flows True", "flows", 0.3, 0.85),
        ("flows False", "flows", 0.1, 0.6),
        ("flows None", "flows", 0.005, 0.3),
        ("names that match", "names", 0.005, 0.5),
        ("policies of ordered rules", "policies", 0.3, 0.7),
        (f"sides decided in {Tier.ADMIN.name}", "sides of pods", 0.05, 0.4),
        (f"sides decided in {Tier.NETWORK_POLICY.name}", "sides of pods", 0.1, 0.6),
        (f"sides decided in {Tier.BASELINE.name}", "sides of pods", 0.02, 0.4),
        (f"sides decided in {Tier.NETWORK.name}", "sides of pods", 0.01, 0.3),
        ("clusters with primary networks", "clusters", 0.1, 0.4),
        ("clusters with a secondary network", "clusters", 0.1, 0.4),
        ("policies of secondary networks", "clusters with a secondary network", 0.3, 2.0),
        ("clusters with Services", "clusters", 0.2, 0.5),
    ],
)
def test_a_fair_share_of_what_is_generated_matters(
    counted: Counter[str], what: str, of: str, least: float, most: float
) -> None:
    assert least <= counted[what] / counted[of] <= most


@pytest.fixture(scope="module")
def led() -> Counter[str]:
    """Return how often what leads to Services is generated, where clusters are made for it."""
    found: Counter[str] = Counter()
    for seed in SEEDS:
        _count_networks_and_services(with_ways(Seeded(Random(seed))).snapshot, found)  # noqa: S311
    return found


@pytest.mark.parametrize(
    "what",
    [
        *(f"ways in by {kind}" for kind in ("Ingress", *ROUTES, "Route", "externalIP")),
        "ways in by controllers of the input",
        "ways in by a controller that is not in the input",
        "clusters with primary networks",
    ],
)
def test_what_leads_to_services_is_visited(led: Counter[str], what: str) -> None:
    assert led[what] >= len(SEEDS) / 20


@pytest.mark.parametrize(
    "what",
    [
        "NotIn on an absent key",
        "pods in a block",
        "pods in an except",
        *(f"{peer} {match}" for peer in ("nodes", "names") for match in (True, False, None)),
        "why PASSED",
        "why TIE",
        "why MAYBE_RULE",
        "why ITSELF_BY_SERVICE",
        "why MAYBE_OWN_NODE",
        "ways in by LoadBalancer",
        "ways in by NodePort",
        "ways in by hostPort",
    ],
)
def test_the_rare_corners_are_visited(counted: Counter[str], what: str) -> None:
    assert counted[what] >= len(SEEDS) / 5
