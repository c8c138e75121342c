"""What every check of gaps asks of a cluster, worked out once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from netsim.cluster import Compiled
from netsim.ir.finding import Finding
from netsim.ir.objects import Pod
from netsim.ir.place import NOWHERE, Place
from netsim.ir.policy import Action, Direction, PodPeer, Policy, Rule, Tier
from netsim.knowledge import checks
from netsim.queries.gaps.identity import Part, identity_of, place_of, position
from netsim.spec.labels import selects
from netsim.spec.world import World


@dataclass(frozen=True)
class Facts:
    """A cluster, as its gaps are looked for."""

    cluster: Compiled

    @cached_property
    def world(self) -> World:
        """The snapshot as its network reads it."""
        return World(self.cluster.snapshot, self.cluster.profile)

    @cached_property
    def pods(self) -> tuple[Pod, ...]:
        """The pods that policies may apply to."""
        return tuple(p for p in self.cluster.snapshot.pods if not p.finished and self.world.is_pod(p))

    @cached_property
    def by_namespace(self) -> dict[str, list[int]]:
        """The pods of each namespace that has some, by number."""
        found: dict[str, list[int]] = {}
        for number, pod in enumerate(self.pods):
            found.setdefault(pod.namespace, []).append(number)
        return found

    @cached_property
    def _meant(self) -> dict[PodPeer, tuple[int, ...]]:
        return {}

    def meant(self, peer: PodPeer) -> tuple[int, ...]:
        """Return the pods that a peer, or a subject, means."""
        if peer not in self._meant:
            spaces = self.cluster.snapshot.namespaces
            self._meant[peer] = tuple(
                number
                for name, numbers in self.by_namespace.items()
                if selects(peer.namespaces, spaces[name].labels)
                for number in numbers
                if selects(peer.pods, self.pods[number].labels)
            )
        return self._meant[peer]

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The NetworkPolicies."""
        return tuple(p for p in self.cluster.snapshot.policies if p.tier is Tier.NETWORK_POLICY)

    @cached_property
    def rules(self) -> tuple[tuple[Policy, Rule], ...]:
        """The rules of any policy that allow something."""
        return tuple((policy, rule) for policy, rule in self.every_rule if rule.action is Action.ALLOW)

    @cached_property
    def every_rule(self) -> tuple[tuple[Policy, Rule], ...]:
        """The rules of any policy that somebody wrote."""
        every = (p for p in self.cluster.snapshot.policies if p.tier is not Tier.NETWORK)
        return tuple((policy, rule) for policy in every for rule in policy.rules)

    @cached_property
    def isolating(self) -> dict[Direction, dict[int, list[Policy]]]:
        """The policies that restrict each pod in each direction; those that deny by rules are among them."""
        found: dict[Direction, dict[int, list[Policy]]] = {direction: {} for direction in Direction}
        for policy in self.cluster.snapshot.policies:
            for direction in restricting(policy):
                for number in self.meant(policy.subject):
                    found[direction].setdefault(number, []).append(policy)
        return found

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return {id(pod): number for number, pod in enumerate(self.pods)}

    def number_of(self, pod: object) -> int:
        """Return the number of one of the pods."""
        return self._numbers[id(pod)]

    @cached_property
    def _applied(self) -> dict[int, list[Policy]]:
        found: dict[int, list[Policy]] = {}
        for policy in self.cluster.snapshot.policies:
            for number in self.meant(policy.subject):
                found.setdefault(number, []).append(policy)
        return found

    def applying(self, number: int) -> list[Policy]:
        """Return the policies that select a pod."""
        return self._applied.get(number, [])

    def traffic_ends(self, policy: Policy, rule: Rule) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the pods that a rule lets open connections, and those that it lets accept them."""
        own = self.meant(policy.subject)
        peers = tuple(dict.fromkeys(n for peer in pod_peers(rule) for n in self.meant(peer)))
        return (own, peers) if rule.direction is Direction.EGRESS else (peers, own)

    def kinds(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """Return one pod of each kind that rules tell apart."""
        found: dict[object, int] = {}
        for number in numbers:
            pod = self.pods[number]
            found.setdefault((pod.namespace, tuple(sorted(pod.labels.items())), pod.ports), number)
        return tuple(found.values())


def restricting(policy: Policy) -> frozenset[Direction]:
    """Return the directions in which a policy restricts who it selects."""
    if policy.tier is Tier.NETWORK:
        return frozenset()
    return policy.isolates | {rule.direction for rule in policy.rules if rule.action is Action.DENY}


def pod_peers(rule: Rule) -> Iterator[PodPeer]:
    """Yield the peers of a rule that mean pods."""
    yield from (peer for peer in rule.peers or () if isinstance(peer, PodPeer))


def finding(
    name: str,
    *,
    about: str,
    place: Place = NOWHERE,
    message: str,
    evidence: Iterable[tuple[str, str]] = (),
    identity: str = "",
    position: str = "",
    why: str = "",
) -> Finding:
    """Return a finding of one check of the catalogue."""
    check = checks("gaps")[name]
    return Finding(
        code=check.code,
        severity=check.severity,
        object=about,
        file="" if place == NOWHERE else place.file,
        line=0 if place == NOWHERE else place.line,
        message=message,
        why=why or check.description,
        hint=check.help,
        evidence=tuple(evidence),
        identity=identity,
        position=position,
    )


def of_rule(name: str, policy: Policy, rule: Rule, message: str, *, part: Part = None, **more: object) -> Finding:
    """Return a finding about a rule, or a part of it."""
    evidence = tuple((key, str(value)) for key, value in more.items())
    return finding(
        name,
        about=f"{policy.kind} {policy}",
        place=place_of(rule, part),
        message=f"{rule} {message}",
        evidence=evidence,
        identity=identity_of(rule, part),
        position=position(rule, part),
    )


def listed(names: Iterable[str], most: int = 5) -> str:
    """Return some names, sorted, the first few of them."""
    every = sorted(set(names))
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")
