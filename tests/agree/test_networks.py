"""Networks that take the pod network's place keep apart whom they should, and nobody else, on generated clusters."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netsim.ingest import networks
from netsim.ingest.kinds.kind import DeclaredNetwork
from netsim.ingest.networks import READY, Networks
from netsim.ir.labels import EVERYTHING
from netsim.ir.objects import Node, Pod
from netsim.ir.policy import Direction, NodePeer, PodPeer, Policy, Tier
from netsim.ir.profile import HostNetwork
from netsim.ir.truth import Truth, both
from netsim.ir.verdict import Flow
from netsim.spec import judge
from netsim.spec.labels import selects
from tests.agree.choices import Choices, Drawn, Seeded
from tests.agree.compare import asked
from tests.agree.generate import Case, bare
from tests.agree.generate_networks import joined, primary
from tests.agree.wrong import Wrong

#: Few by default, as many more by night as of other questions.
EXAMPLES = (settings.default or settings()).max_examples // 10

#: A wrong reading must show within this many generated clusters.
SEEDS = 40


@dataclass(frozen=True)
class Networked:
    """A cluster, and the networks as they were declared, before it is known which pods are on them."""

    case: Case
    declared: tuple[DeclaredNetwork, ...]

    def home(self, pod: Pod) -> DeclaredNetwork | None:
        """Return the network that a pod is on instead of the pod network."""
        labels = self.case.snapshot.namespaces[pod.namespace].labels
        if pod.host_network or READY not in labels:
            return None
        meant = (
            each
            for each in self.declared
            if (each.namespace == pod.namespace if each.namespaces is None else selects(each.namespaces, labels))
        )
        return next(meant, None)


def networked(choices: Choices) -> Networked:
    """Return a cluster with primary networks; hostNetwork pods are their nodes (S2.10)."""
    found = bare(choices)
    snapshot, declared = primary(choices, found.snapshot)
    profile = replace(found.profile, host_network=HostNetwork.AS_NODE)
    return Networked(Case(joined(snapshot, declared, ()), profile), tuple(declared))


@st.composite
def clusters(draw: st.DrawFn) -> Networked:
    return networked(Drawn(draw))


def expected(found: Networked, flow: Flow) -> Truth:
    """Return what networks make of what policies say of a flow."""
    snapshot = found.case.snapshot
    policies = [policy for policy in snapshot.policies if policy.tier is not Tier.NETWORK]
    said = judge(snapshot, found.case.profile, flow, policies).allowed
    return both(said, _let(found, flow))


def _let(found: Networked, flow: Flow) -> Truth:
    """Return whether the networks of two ends let them meet."""
    match flow.source, flow.destination:
        case Pod(host_network=False) as one, Pod(host_network=False) as other:
            return found.home(one) == found.home(other)
        case (Pod() | Node()) as host, Pod(host_network=False) as pod if found.home(pod) is not None:
            if not found.case.profile.own_node_enters:
                return False
            node = host.name if isinstance(host, Node) else host.node
            return None if None in (node, pod.node) else node == pod.node
    return True


def differing(found: Networked) -> Iterator[tuple[Flow, Truth, Truth]]:
    """Yield the flows of which the fast form says something else than it should, with both."""
    for question in asked(found.case):
        truth = expected(found, question.flow)
        if question.fast is not truth:
            yield question.flow, truth, question.fast


@given(clusters())
@settings(max_examples=EXAMPLES)
def test_networks_keep_apart_whom_they_should_and_nobody_else(found: Networked) -> None:
    assert next(differing(found), None) is None


def _policy(change: Callable[[Policy], Policy]) -> Callable[[Any], Any]:
    return lambda right: lambda *args: change(right(*args))


def _rules(*directions: Direction, without: type | None = None) -> Callable[[Policy], Policy]:
    """Return a change of what keeps a network apart: it has these rules alone, and none of their peers of one kind."""

    def change(policy: Policy) -> Policy:
        rules = tuple(
            replace(rule, peers=tuple(p for p in rule.peers or () if without is None or not isinstance(p, without)))
            for rule in policy.rules
            if rule.direction in directions
        )
        return replace(policy, rules=rules)

    return change


def _everybody(policy: Policy) -> Policy:
    rules = tuple(replace(rule, peers=None) for rule in policy.rules)
    return replace(policy, rules=rules)


def _first_peer(policy: Policy) -> Policy:
    pods = (tuple(p for p in rule.peers or () if isinstance(p, PodPeer)) for rule in policy.rules)
    return replace(
        policy,
        rules=tuple(
            replace(r, peers=(*own[:1], *(r.peers or ())[len(own) :]))
            for r, own in zip(policy.rules, pods, strict=True)
        ),
    )


def _hosts_both_ways(policy: Policy) -> Policy:
    hosts = NodePeer(nodes=EVERYTHING, place=policy.place)
    return replace(policy, rules=tuple(replace(rule, peers=(*(rule.peers or ()), hosts)) for rule in policy.rules))


IN, OUT = Direction.INGRESS, Direction.EGRESS
WRONG = (
    Wrong("no policy keeps networks apart", "S1.3", networks, "_isolation", _policy(_rules())),
    Wrong("networks keep pods in", "S1.3", networks, "_isolation", _policy(_rules(OUT))),
    Wrong("networks keep pods out", "S1.3", networks, "_isolation", _policy(_rules(IN))),
    Wrong("nodes enter networks", "S1.3", networks, "_isolation", _policy(_rules(IN, OUT, without=NodePeer))),
    Wrong("only nodes are kept out", "S1.3", networks, "_isolation", _policy(_rules(IN, OUT, without=PodPeer))),
    Wrong("networks have no way out", "S1.3", networks, "_isolation", _policy(_everybody)),
    Wrong("networks do not lead to nodes", "S1.3", networks, "_isolation", _policy(_hosts_both_ways)),
    Wrong("every namespace is ready", "S1.3", networks, "READY", lambda _: "kubernetes.io/metadata.name"),
    Wrong(
        "a network is of every namespace", "S1.3", Networks, "_selected", lambda _: lambda self, _: [*self.namespaces]
    ),
    Wrong("only what fails the first requirement is apart", "S2.5", networks, "_isolation", _policy(_first_peer)),
)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name.replace(" ", "-"))
def test_a_wrong_network_is_caught(wrong: Wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrong.module, wrong.function, wrong.make(getattr(wrong.module, wrong.function)))
    assert any(_differs(seed) for seed in range(SEEDS)), f"{wrong.clause} is not tested"


def _differs(seed: int) -> bool:
    return next(differing(networked(Seeded(Random(seed)))), None) is not None  # noqa: S311


def test_the_right_networks_are_not_caught() -> None:
    assert not [seed for seed in range(10) if _differs(seed)]
