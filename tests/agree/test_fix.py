"""A fix that is offered does what the intents ask, by the definition, and nothing else; what it changes is needed."""

from collections import Counter
from ipaddress import ip_network
from itertools import product
from random import Random
from typing import Any

import pytest

import netsim
from netsim.cluster import Compiled
from netsim.ingest import Given
from netsim.ingest.edits import with_policy
from netsim.ingest.intents import read_intents
from netsim.ir.intents import Claim, Intent
from netsim.ir.labels import EVERYTHING, namespace_named
from netsim.ir.objects import Pod
from netsim.ir.place import NOWHERE
from netsim.ir.policy import Action, Direction, PodPeer, Policy, Rule, Tier
from netsim.ir.verdict import Flow
from netsim.queries.fix import Fix, Outcome, fix
from netsim.queries.fix.search import Search
from netsim.queries.intents import check
from netsim.spec import judge
from tests.agree.generate import boundary_ports
from tests.agree.test_intents import _ends, _families, _speaks_of
from tests.effort import LONGER

#: By day, seeds of clusters in which there is something to fix, and some others; more at night.
SEEDS = (1, 4, 8, 11, 14, 15, 22, 25, 35, 43, 44, 57) if LONGER == 1 else tuple(range(14 * LONGER))
POD_CIDR = "10.0.0.0/8"
SPACES, APPS = ("web", "db", "dev"), ("a", "b", "c")


def _cluster(random: Random) -> list[dict[str, Any]]:
    """Return a small cluster of pods, some with addresses, and NetworkPolicies."""
    found: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"env": random.choice("xy")}}}
        for name in SPACES
    ]
    for number in range(random.randint(3, 5)):
        metadata = {"name": f"p{number}", "namespace": random.choice(SPACES), "labels": {"app": random.choice(APPS)}}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [{"name": "c"}]}}
        found.append({**pod, "status": {"podIP": f"10.0.0.{number + 1}"}} if random.random() < 0.5 else pod)
    for number in range(random.randint(0, 4)):
        kind, key = random.choice((("Ingress", "from"), ("Ingress", "from"), ("Egress", "to")))
        rules = [_rule(random, key) for _ in range(random.randint(0, 2))]
        spec = {"podSelector": _labels(random), "policyTypes": [kind], kind.lower(): rules}
        metadata = {"name": f"np{number}", "namespace": random.choice(SPACES)}
        found.append(
            {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}
        )
    return found


def _labels(random: Random) -> dict[str, Any]:
    return {"matchLabels": {"app": random.choice(APPS)}} if random.random() < 0.7 else {}


def _rule(random: Random, key: str) -> dict[str, Any]:
    peers: list[dict[str, Any]] = [
        random.choice(
            (
                {"podSelector": _labels(random)},
                {"namespaceSelector": {"matchLabels": {"env": "x"}}, "podSelector": _labels(random)},
                {"namespaceSelector": {}},
                {"ipBlock": {"cidr": "0.0.0.0/0", "except": [POD_CIDR]}},
            )
        )
        for _ in range(random.randint(1, 2))
    ]
    ports = [{"port": port} for port in random.sample((80, 443, 5432), random.randint(1, 2))]
    return {key: peers, **({"ports": ports} if random.random() < 0.6 else {})}


def _intents(random: Random) -> tuple[Intent, ...]:
    def peer() -> str:
        space, app = random.choice(SPACES), random.choice(APPS)
        return random.choice((f"ns:kubernetes.io/metadata.name={space},pod:app={app}", f"pod:app={app}", "ns:env=x"))

    written = []
    for number in range(random.choice((1, 1, 2))):
        own: dict[str, Any] = {"port": random.choice((None, "80/TCP", "5432/TCP"))}
        claim = random.choice(("allow", "allow", "deny", "only-from"))
        if claim == "only-from":
            written.append({"name": f"i{number}", "to": peer(), "only-from": [peer()], **own})
        else:
            written.append({"name": f"i{number}", claim: {"from": peer(), "to": peer(), **own}})
    problems: list[Any] = []
    found = read_intents([Given(documents=[{"intents": written}])], problems)
    assert not problems
    return tuple(found)


def _answer(seed: int) -> tuple[tuple[Intent, ...], Compiled, Fix]:
    random = Random(seed)  # noqa: S311 - no secret hangs on it
    cluster = netsim.load(documents=_cluster(random))
    intents = _intents(random)
    return intents, cluster, fix(cluster, intents, (ip_network(POD_CIDR),))


def _with(cluster: Compiled, found: Fix, without: int = -1) -> Compiled:
    snapshot = cluster.snapshot
    for number, edited in enumerate(found):
        snapshot = snapshot if number == without else with_policy(snapshot, edited.document)
    return Compiled(snapshot, cluster.profile)


def _is_of_pods(flow: Flow) -> bool:
    inside = ip_network(POD_CIDR)
    return any(not hasattr(end, "name") and end in inside for end in (flow.source, flow.destination))


@pytest.fixture(scope="module")
def answers() -> list[tuple[tuple[Intent, ...], Compiled, Fix]]:
    return [_answer(seed) for seed in SEEDS]


def test_what_is_fixed_holds_and_no_other_connection_is_changed(
    answers: list[tuple[tuple[Intent, ...], Compiled, Fix]],
) -> None:
    for intents, cluster, found in answers:
        if found.outcome is not Outcome.FIXED:
            continue
        after = _with(cluster, found)
        assert check(after, intents)
        ends = [end for end in _ends(cluster) if not (isinstance(end, Pod) and end.host_network)]
        for source in ends:
            for destination in ends:
                for family in _families(cluster, source, destination):
                    for protocol, port in sorted(boundary_ports(after.snapshot)):
                        flow = Flow(source=source, destination=destination, protocol=protocol, port=port, family=family)
                        before, then = (judge(each.snapshot, each.profile, flow).allowed for each in (cluster, after))
                        spoken = any(_speaks_of(i, cluster, source, destination, protocol, port) for i in intents)
                        assert before is then or spoken or _is_of_pods(flow), flow


def test_every_policy_that_a_fix_changes_is_needed(answers: list[tuple[tuple[Intent, ...], Compiled, Fix]]) -> None:
    for intents, cluster, found in answers:
        for number in range(len(found)):
            fewer = _with(cluster, found, without=number)
            search = Search(cluster, intents, (ip_network(POD_CIDR),))
            assert not check(fewer, intents) or list(search.differs(fewer))


def test_a_conflict_is_a_connection_of_which_two_intents_speak_otherwise(
    answers: list[tuple[tuple[Intent, ...], Compiled, Fix]],
) -> None:
    for intents, cluster, found in answers:
        if found.outcome is Outcome.CONFLICT and len(found.conflict) == 2 and len(found.flows) == 1:
            (flow,) = found.flows
            spoken = {
                intent.claim is Claim.ALLOW
                for intent in intents
                if _speaks_of(intent, cluster, flow.source, flow.destination, flow.protocol, flow.port)
            }
            assert spoken == {True, False}


def test_what_one_intent_cannot_have_no_networkpolicies_bring_about(
    answers: list[tuple[tuple[Intent, ...], Compiled, Fix]],
) -> None:
    for intents, cluster, found in answers:
        if found.outcome is not Outcome.CONFLICT or len(found.conflict) != 1 or len(found.flows) != 1:
            continue
        (flow,) = found.flows
        others = tuple(p for p in cluster.snapshot.policies if p.tier is not Tier.NETWORK_POLICY)
        allows = next(i for i in intents if i.name == found.conflict[0]).claim is Claim.ALLOW
        own = [end for end in (flow.source, flow.destination) if isinstance(end, Pod)]
        choices = [(None, *(_isolating(end, d, rules) for d in Direction for rules in (0, 1))) for end in own]
        for chosen in product(*choices):
            made = tuple(each for each in chosen if each is not None)
            assert judge(cluster.snapshot, cluster.profile, flow, (*others, *made)).allowed is not allows


def _isolating(pod: Pod, direction: Direction, rules: int) -> Policy:
    spaces = namespace_named(pod.namespace)
    every = Rule(direction=direction, index=0, action=Action.ALLOW, peers=None, ports=None, place=NOWHERE)
    return Policy(
        kind="NetworkPolicy",
        namespace=pod.namespace,
        name=f"{direction.value}-{rules}",
        tier=Tier.NETWORK_POLICY,
        subject=PodPeer(namespaces=spaces, pods=EVERYTHING, place=NOWHERE),
        isolates=frozenset({direction}),
        rules=(every,) * rules,
        place=NOWHERE,
    )


def test_there_are_answers_of_every_kind(answers: list[tuple[tuple[Intent, ...], Compiled, Fix]]) -> None:
    found = Counter(answer.outcome for _, _, answer in answers)
    assert found[Outcome.FIXED] >= 3, found
    assert found[Outcome.NOT_FOUND] >= 1, found
