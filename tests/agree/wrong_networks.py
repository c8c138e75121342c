"""Deliberately wrong semantics of primary networks, and of pods that Services lead back to themselves."""

from dataclasses import replace
from typing import Any

from netsim.ir.objects import Pod
from netsim.ir.policy import Action, Direction, Tier
from netsim.ir.profile import SelfViaService
from netsim.ir.truth import Truth
from tests.agree.wrong import Wrong, judge


def _none(_: Any) -> Any:
    return lambda *_args: ([], False)


def _own_node(answer: Any) -> Any:
    """Return a reading in which the own node's exception is another, for networks alone."""

    def make(right: Any) -> Any:
        def of_network(direction: Any, flow: Any, policies: Any, world: Any) -> Any:
            known = judge.enters_from_own_node
            judge.enters_from_own_node = lambda *args: answer(known(*args), *args)  # type: ignore[attr-defined]
            try:
                return right(direction, flow, policies, world)
            finally:
                judge.enters_from_own_node = known  # type: ignore[attr-defined]

        return of_network

    return make


def _is_host_coming(own: Truth, direction: Direction, flow: Any, world: Any) -> Truth:
    return True if direction is Direction.INGRESS and world.is_host(flow.source) else own


def _after_admin(right: Any) -> Any:
    swapped = {Tier.NETWORK: Tier.ADMIN, Tier.ADMIN: Tier.NETWORK}
    return lambda tier, *rest: right(swapped.get(tier, tier), *rest)


def _one_way(kept: Direction) -> Any:
    def make(right: Any) -> Any:
        return lambda direction, *rest: right(direction, *rest) if direction is kept else ([], False)

    return make


def _allowing(right: Any) -> Any:
    """Read what keeps networks apart as what a policy denies: an Allow of the Admin tier opens it."""

    def side(direction: Direction, flow: Any, policies: Any, world: Any) -> Any:
        admitted = [
            policy
            for policy in policies
            if policy.tier is Tier.ADMIN and any(rule.action is Action.ALLOW for rule in policy.rules)
        ]
        kept = [policy for policy in policies if policy.tier is not Tier.NETWORK or not admitted]
        return right(direction, flow, kept, world)

    return side


def _asked(via: SelfViaService) -> Any:
    return lambda right: (
        lambda flow, world: right(flow, replace(world, profile=replace(world.profile, self_via_service=via)))
    )


WRONG: tuple[Wrong, ...] = (
    Wrong("networks do not keep pods apart", "S1.3", judge, "_of_network", _none),
    Wrong("a network keeps in and not out", "S1.3", judge, "_of_network", _one_way(Direction.EGRESS)),
    Wrong("the own node is kept out of a network", "S2.9", judge, "_of_network", _own_node(lambda *_: False)),
    Wrong("every node is let into a network", "S2.9", judge, "_of_network", _own_node(_is_host_coming)),
    Wrong(
        "an unknown node is another one to a network",
        "S2.9",
        judge,
        "_of_network",
        _own_node(lambda own, *_: own is True),
    ),
    Wrong("the Admin tier comes before networks", "S1.3", judge, "_of_tier", _after_admin),
    Wrong("an admin policy opens networks", "S1.3", judge, "side", _allowing),
    Wrong(
        "bare pods are on no network",
        "S1.3",
        judge,
        "selected",
        lambda right: lambda policy, end, world: world.is_governed(end) and right(policy, end, world),
    ),
    Wrong(
        "by a Service, too, a pod reaches itself",
        "S4.6",
        judge,
        "reaches_itself",
        lambda _: lambda flow: isinstance(flow.source, Pod) and flow.source == flow.destination,
    ),
    Wrong(
        "of itself by a Service no policy is asked",
        "S4.6",
        judge,
        "not_asked_of_itself",
        _asked(SelfViaService.NO_POLICY),
    ),
    Wrong(
        "of itself by a Service every policy is asked",
        "S4.6",
        judge,
        "not_asked_of_itself",
        _asked(SelfViaService.EVERY_POLICY),
    ),
)
