"""Claims over all pods that could exist: the solver's answer is that of trying every one of a small universe."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from ipaddress import ip_address, ip_network
from itertools import product
from random import Random
from typing import Any

import pytest

from netsim.errors import InternalError
from netsim.ingest.selectors import selector
from netsim.ir.labels import EVERYTHING, NAME_LABEL, Operator, Requirement, Selector, namespace_named
from netsim.ir.objects import Address, ContainerPort, Family, Namespace, Pod, Workload
from netsim.ir.place import NOWHERE
from netsim.ir.policy import Direction, NamedPort, PodPeer, Policy, Ports
from netsim.ir.profile import HostNetwork, Profile
from netsim.ir.proof import Outcome
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import Protocol, Traffic
from netsim.ir.truth import Truth
from netsim.ir.verdict import Flow
from netsim.smt import claims, encode, endpoints, terms
from netsim.smt.alike import Touched, touched
from netsim.smt.endpoints import AnyAddress, AnyPod
from netsim.smt.question import End, Outside, Pods, Question, Side
from netsim.smt.solve import Satisfiable, Solver
from netsim.smt.universe import universe
from netsim.spec.judge import judge
from netsim.spec.labels import selects
from tests.agree.generate import BLOCKS, NAMES, NAMESPACES, Case, seeded
from tests.agree.wrong import Wrong
from tests.agree.wrong_smt import WRONG

#: Of the first seeds those whose selectors see few kinds of pods, so that all of them can be tried.
SEEDS = (6, 14, 15, 19, 24)
EVERYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))
PORTS = ((Protocol.TCP, 80), (Protocol.UDP, 53), (Protocol.TCP, 8080))
_TRAFFIC = Traffic.of((protocol, port, port) for protocol, port in PORTS)
EVERYTHING_ASKED = Question(
    sources=(Pods(), Outside(EVERYWHERE)),
    destinations=(Pods(), Outside(EVERYWHERE)),
    families=(Family.IPV4, Family.IPV6),
    traffic=_TRAFFIC,
)
#: Namespaces and pods that questions are about.
ASKED_SPACES = (EVERYTHING, *map(namespace_named, NAMESPACES), selector("env=a"), selector("!app"))
ASKED_PODS = (
    EVERYTHING,
    selector("app=a"),
    selector("app"),
    selector("app notin (a, b)"),
    selector("app,app notin (a, b),app!="),
)
DECLARED = (
    (),
    (ContainerPort("http", Protocol.TCP, 80), ContainerPort("dns", Protocol.UDP, 53)),
    (ContainerPort("gone", Protocol.TCP, 80), ContainerPort("dns", Protocol.TCP, 8080)),
    (ContainerPort("dns", Protocol.TCP, 80),),
)


@cache
def _universe(seed: int) -> tuple[Case, tuple[Pod, ...], Snapshot]:
    """Return a cluster, one pod for each way in which its selectors see pods, and a snapshot that they live in."""
    case = seeded(seed)
    case = Case(case.snapshot, replace(case.profile, host_network=HostNetwork.AS_NODE))
    spaces = dict(case.snapshot.namespaces)
    for number, labels in enumerate(_every_label()):
        spaces[f"new{number}"] = Namespace(
            name=f"new{number}", labels={**labels, NAME_LABEL: f"new{number}"}, place=NOWHERE
        )
    peers = {
        (peer.namespaces, peer.pods)
        for policy in case.snapshot.policies
        for peer in (policy.subject, *(each for rule in policy.rules for each in rule.peers or ()))
        if isinstance(peer, PodPeer)
    }
    peers |= set(product(ASKED_SPACES, ASKED_PODS))
    found: dict[tuple[bool, ...], Pod] = {}
    for space, labels in product(spaces.values(), _every_label()):
        seen = tuple(selects(ns, space.labels) and selects(pods, labels) for ns, pods in sorted(peers, key=str))
        pod = Pod(namespace=space.name, name="p", labels=labels, workload=Workload(space.name, "p", "X"), place=NOWHERE)
        found.setdefault(seen, pod)
    return case, tuple(found.values()), replace(case.snapshot, namespaces=spaces)


def _every_label() -> list[dict[str, str]]:
    values = ("a", "b", "", "else", None)
    return [
        {key: value for key, value in (("app", app), ("env", env)) if value is not None}
        for app, env in product(values, values)
    ]


def _outside(case: Case) -> list[Address]:
    taken = {address for pod in case.snapshot.pods for address in pod.addresses}
    taken |= {address for node in case.snapshot.nodes for address in node.addresses}
    edges = {address for name in NAMES for address in NAMES[name]}
    for text, holes in BLOCKS:
        for block in map(ip_network, (text, *holes)):
            low, high = int(block.network_address), int(block.broadcast_address)
            bits = 2 ** (32 if block.version == 4 else 128)
            edges |= {
                ip_address(each)
                for each in (low, high, low - 1, high + 1)
                if 2**32 <= each < bits or bits == 2**32 > each >= 0
            }
    return sorted(edges - taken, key=lambda each: (each.version, int(each)))


def _flows(seed: int) -> Iterator[Flow]:
    case, pods, _ = _universe(seed)
    outside = _outside(case)
    rules = [rule for policy in case.snapshot.policies for rule in policy.rules]
    # Where no rule asks for a port's name, what a pod declares tells it from no other.
    asks_names = any(isinstance(port, NamedPort) for rule in rules for port in rule.ports or ())
    declared = DECLARED if asks_names else DECLARED[:1]
    named = [replace(pod, ports=ports, name="q") for pod in pods for ports in declared]
    ends: list[tuple[Pod | Address, Pod | Address, Family]] = []
    ends += [(a, b, Family.IPV4) for a in pods for b in named]
    ends += [(a, b, Family(a.version)) for a in outside for b in named]
    ends += [(a, b, Family(b.version)) for a in pods for b in outside]
    for source, destination, family in ends:
        for protocol, port in PORTS:
            yield Flow(source=source, destination=destination, protocol=protocol, port=port, family=family)


@cache
def _tried(seed: int, dropped: int = -1) -> tuple[tuple[Flow, Truth], ...]:
    """Return what the definition says of every connection, without one of the policies if that is asked for."""
    case, _, snapshot = _universe(seed)
    policies = _without(snapshot.policies, dropped)
    if dropped < 0:
        return tuple((flow, judge(snapshot, case.profile, flow, policies).allowed) for flow in _flows(seed))
    subject = snapshot.policies[dropped].subject
    # A policy says nothing of connections neither end of which it applies to.
    return tuple(
        (flow, judge(snapshot, case.profile, flow, policies).allowed if _has_end(flow, subject, snapshot) else said)
        for flow, said in _tried(seed)
    )


def _has_end(flow: Flow, subject: PodPeer, snapshot: Snapshot) -> bool:
    pods = (end for end in (flow.source, flow.destination) if isinstance(end, Pod))
    return any(_selected(subject, pod, snapshot.namespaces) for pod in pods)


def _without(policies: tuple[Policy, ...], dropped: int) -> tuple[Policy, ...]:
    return tuple(policy for number, policy in enumerate(policies) if number != dropped)


def _side(case: Case, dropped: int = -1) -> Side:
    return Side(snapshot=case.snapshot, profile=case.profile, policies=_without(case.snapshot.policies, dropped))


def _asked(seed: int, number: int) -> Question:
    """Return a question about some ends and some traffic."""
    random = Random(f"{seed} {number}")  # noqa: S311 - no secret hangs on it

    def ends() -> tuple[Pods | Outside, ...]:
        space, pods = random.choice(ASKED_SPACES), random.choice(ASKED_PODS)
        return random.choice(((Pods(spaces=space, pods=pods),), (Outside(EVERYWHERE),), (Pods(), Outside(EVERYWHERE))))

    protocol, port = random.choice(PORTS)
    return Question(
        sources=ends(),
        destinations=ends(),
        families=(Family.IPV4, Family.IPV6),
        traffic=Traffic.of([(protocol, port, port)]),
    )


def _is_asked(flow: Flow, question: Question, spaces: Mapping[str, Namespace]) -> bool:
    return (
        (flow.protocol, flow.port) in question.traffic
        and flow.family in question.families
        and any(_is_end(flow.source, end, spaces) for end in question.sources)
        and any(_is_end(flow.destination, end, spaces) for end in question.destinations)
    )


def _is_end(endpoint: Any, end: End, spaces: Mapping[str, Namespace]) -> bool:
    if isinstance(endpoint, Pod) and isinstance(end, Pods):
        return selects(end.spaces, spaces[endpoint.namespace].labels) and selects(end.pods, endpoint.labels)
    outside = isinstance(end, Outside) and not isinstance(endpoint, Pod)
    return outside and any(endpoint in block for block in getattr(end, "blocks", ()))


def _expected(said: Iterable[Truth], *, refuted_by: bool) -> Outcome:
    found = set(said)
    if refuted_by in found:
        return Outcome.REFUTED
    return Outcome.UNKNOWN if None in found else Outcome.HOLDS


@pytest.mark.parametrize("seed", SEEDS)
def test_ends_are_isolated_or_reachable_iff_trying_every_pod_says_so(seed: int) -> None:
    assert not list(_disagreements(seed))


def _disagreements(seed: int) -> Iterator[Question]:
    """Yield the questions of which the solver says something else than trying every pod does."""
    case, _, snapshot = _universe(seed)
    for number in range(6):
        question = _asked(seed, number)
        said = [truth for flow, truth in _tried(seed) if _is_asked(flow, question, snapshot.namespaces)]
        for prove, refuted_by in ((claims.isolated, True), (claims.reachable, False)):
            try:
                found = prove(_side(case), question).outcome
            except InternalError:  # a witness that the definition does not confirm
                yield question
            else:
                if found is not _expected(said, refuted_by=refuted_by):
                    yield question


def _misread() -> Iterator[object]:
    """Yield what is read otherwise than by the definition, alone: requirements, blocks, values that nobody mentions."""
    for operator, label in product(Operator, (None, "a", "b", "else")):
        values = ("a",) if operator in (Operator.IN, Operator.NOT_IN) else ()
        requirement = Requirement("app", operator, values)
        choices: dict[str | None, bool] = {value: label == value for value in ("a", "b")}
        choices[None] = label == "else"
        wanted = selects(Selector.of([requirement]), {} if label is None else {"app": label})
        if endpoints._satisfied(requirement, choices) is not wanted:  # noqa: SLF001 - read alone
            yield requirement, label
    block, hole = ip_network("10.0.0.0/8"), ip_network("10.1.0.0/16")
    for text, inside in (("10.2.0.1", True), ("10.1.0.1", False), ("11.0.0.1", False)):
        address = AnyAddress("a", Family.IPV4, [ip_network(text)], [])
        if (Solver(address.constraints).ask(address.within(block, [hole])[0]).answer is Satisfiable.YES) is not inside:
            yield text
    flow = encode.Flow(
        AnyAddress("a", Family.IPV4, EVERYWHERE, []), AnyAddress("b", Family.IPV4, EVERYWHERE, []), Family.IPV4
    )
    carried = encode.Encoder(policies=(), profile=Profile(name="upstream"), flow=flow)._carries(  # noqa: SLF001
        Ports(protocol=Protocol.TCP, first=10, last=20, ranged=True, place=NOWHERE)
    )
    for port in (9, 10, 15, 20, 21):
        met = Solver(flow.constraints).ask(carried, terms.between(flow.port, port, port)).answer is Satisfiable.YES
        if met is not (10 <= port <= 20):
            yield port
    asked = selector("app,app notin (a)")
    pod = AnyPod("p", universe([], {}, [(EVERYTHING, asked)]), Family.IPV4)
    if Solver(pod.constraints).ask(pod.selected(EVERYTHING, asked)).answer is not Satisfiable.YES:
        yield asked


def test_requirements_and_blocks_are_read_as_the_definition_reads_them() -> None:
    assert not list(_misread())


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name.replace(" ", "-"))
def test_a_wrong_encoding_is_caught(wrong: Wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    right = getattr(wrong.module, wrong.function)
    monkeypatch.setattr(wrong.module, wrong.function, wrong.make(right))
    caught = list(_misread()) or any(True for seed in SEEDS for _ in _disagreements(seed))
    assert caught, f"{wrong.clause} is not tested"


def test_the_table_has_enough_wrong_encodings_and_no_name_twice() -> None:
    assert len({wrong.name for wrong in WRONG}) == len(WRONG) >= 25


@pytest.mark.parametrize("seed", SEEDS)
def test_one_set_of_policies_contains_or_equals_another_iff_trying_every_pod_says_so(seed: int) -> None:
    case, _, snapshot = _universe(seed)
    dropped = seed % len(case.snapshot.policies)
    less, whole = _side(case, dropped), _side(case)
    changed = touched(less.policies, whole.policies, case.profile)
    both = list(zip(_tried(seed, dropped), _tried(seed), strict=True))
    pairs = {(one, other) for (_, one), (_, other) in both}
    # What is unknown under both hangs on the same where nothing that is asked of it differs.
    doubts = {(a, b) for (flow, a), (_, b) in both if _is_touched(flow, changed, snapshot.namespaces)}
    for outer, inner, turned in ((less, whole, False), (whole, less, True)):
        own = {(b, a) if turned else (a, b) for a, b in pairs}
        doubtful = any(
            out is not True and inside is not False for out, inside in ((b, a) if turned else (a, b) for a, b in doubts)
        )
        expected = Outcome.UNKNOWN if doubtful else Outcome.HOLDS
        found = claims.contains(outer, inner, EVERYTHING_ASKED).outcome
        assert found is (Outcome.REFUTED if (False, True) in own else expected)
    differ = {(True, False), (False, True)} & pairs
    doubtful = any(a is None or b is None for a, b in doubts)
    expected = Outcome.REFUTED if differ else Outcome.UNKNOWN if doubtful else Outcome.HOLDS
    assert claims.equivalent(less, whole, EVERYTHING_ASKED).outcome is expected


def _is_touched(flow: Flow, changed: Touched, spaces: Mapping[str, Namespace]) -> bool:
    for direction, subjects in changed.items():
        end = flow.source if direction is Direction.EGRESS else flow.destination
        for subject in subjects:
            if isinstance(end, Pod) and _selected(subject, end, spaces):
                return True
    return False


def _selected(subject: PodPeer, pod: Pod, spaces: Mapping[str, Namespace]) -> bool:
    return selects(subject.namespaces, spaces[pod.namespace].labels) and selects(subject.pods, pod.labels)


def test_the_questions_have_every_answer() -> None:
    found = Counter(
        claims.isolated(_side(_universe(seed)[0]), _asked(seed, number)).outcome
        for seed in SEEDS
        for number in range(6)
    )
    assert min(found[outcome] for outcome in Outcome) >= 1, found
