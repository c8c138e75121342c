"""Seconds of each kind of proof: ``python -m benchmarks.prove --policies 200``; 50 label keys, 30 namespaces."""

import argparse
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network
from random import Random

from netsim.ir.labels import NAME_LABEL, Operator, Requirement, Selector, namespace_named
from netsim.ir.objects import Family, Namespace
from netsim.ir.place import NOWHERE
from netsim.ir.policy import Action, AddressPeer, Direction, PodPeer, Policy, Ports, Rule, Tier
from netsim.ir.profile import Profile
from netsim.ir.proof import Part
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import Protocol
from netsim.smt import claims
from netsim.smt.policies import redundant
from netsim.smt.question import Outside, Pods, Question, Side

KEYS, VALUES, NAMESPACES, TEAMS = 50, 20, 30, 5
EVERYWHERE = Outside((ip_network("0.0.0.0/0"), ip_network("::/0")))
EVERYBODY = Question(
    sources=(Pods(), EVERYWHERE), destinations=(Pods(), EVERYWHERE), families=(Family.IPV4, Family.IPV6)
)


def main() -> int:
    """Print what each proof takes, in seconds of this process's own time."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prove", description=__doc__)
    parser.add_argument("--policies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--redundant", type=int, default=200, help="ask what is redundant up to so many policies")
    options = parser.parse_args()
    random = Random(options.seed)
    policies = [_policy(random, number) for number in range(options.policies)]
    side = _side(policies)
    print(f"{options.policies} policies, {KEYS} keys, seed {options.seed}, {platform.machine()}")
    replaced = policies[5:] + [_policy(random, number) for number in range(5)]
    one, other = (Pods(spaces=namespace_named(f"ns{number}")) for number in (1, 2))
    asked = Question(sources=(one,), destinations=(other,))
    _timed(
        "equivalent, all written otherwise",
        lambda: claims.equivalent(side, _side(map(_rewritten, policies)), EVERYBODY),
    )
    _timed("equivalent, 5 replaced", lambda: claims.equivalent(side, _side(replaced), EVERYBODY))
    _timed("contains, 5 fewer", lambda: claims.contains(side, _side(policies[5:]), EVERYBODY))
    _timed("isolated, two namespaces", lambda: claims.isolated(side, asked))
    if options.policies <= options.redundant:
        parts = [Part(policy) for policy in policies]
        _timed("redundant, policies", lambda: redundant(side, EVERYBODY, parts))
    return 0


def _timed(name: str, prove: Callable[[], object]) -> None:
    start = time.process_time()
    found = prove()
    told = getattr(getattr(found, "outcome", None), "value", "") or f"{len(getattr(found, 'parts', ()))} found"
    print(f"{name:<36} {time.process_time() - start:>8.2f} s  {told}", flush=True)


def _side(policies: object) -> Side:
    spaces = {
        name: Namespace(name=name, labels={NAME_LABEL: name, "team": f"t{number % TEAMS}"}, place=NOWHERE)
        for number, name in enumerate(f"ns{number}" for number in range(NAMESPACES))
    }
    snapshot = Snapshot(namespaces=spaces, pods=(), policies=tuple(policies))  # type: ignore[arg-type]
    return Side(snapshot=snapshot, profile=Profile(name="upstream"), policies=snapshot.policies)


def _rewritten(policy: Policy) -> Policy:
    """Return the policy with a subject that is written otherwise: In says Exists, too."""
    (first, *rest) = policy.subject.pods.requirements
    pods = Selector.of([first, *rest, Requirement(first.key, Operator.EXISTS)])
    return replace(policy, subject=replace(policy.subject, pods=pods))


def _selector(random: Random) -> Selector:
    values = random.sample([f"v{number}" for number in range(VALUES)], random.randint(1, 2))
    return Selector.of([Requirement(f"k{random.randrange(KEYS)}", Operator.IN, tuple(sorted(values)))])


def _policy(random: Random, number: int) -> Policy:
    space = namespace_named(f"ns{random.randrange(NAMESPACES)}")
    directions = random.choice(((Direction.INGRESS,), (Direction.EGRESS,), tuple(Direction)))
    rules = [_rule(random, space, d, index) for d in directions for index in range(random.randint(1, 3))]
    return Policy(
        kind="NetworkPolicy",
        namespace=space.requirements[0].values[0],
        name=f"p{number}",
        tier=Tier.NETWORK_POLICY,
        subject=PodPeer(namespaces=space, pods=_selector(random), place=NOWHERE),
        isolates=frozenset(directions),
        rules=tuple(rules),
        place=NOWHERE,
    )


def _rule(random: Random, space: Selector, direction: Direction, index: int) -> Rule:
    team = Selector.of([Requirement("team", Operator.IN, (f"t{random.randrange(TEAMS)}",))])
    peers: list[PodPeer | AddressPeer] = [
        PodPeer(namespaces=random.choice((space, team)), pods=_selector(random), place=NOWHERE)
        for _ in range(random.randint(1, 2))
    ]
    if random.random() < 0.2:
        peers.append(AddressPeer(block=ip_network(f"10.{random.randrange(256)}.0.0/16"), place=NOWHERE))
    port = random.randint(1, 60_000)
    ports = (Ports(protocol=Protocol.TCP, first=port, last=port, place=NOWHERE),)
    return Rule(direction=direction, index=index, action=Action.ALLOW, peers=tuple(peers), ports=ports, place=NOWHERE)


if __name__ == "__main__":
    sys.exit(main())
