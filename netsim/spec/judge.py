"""The decision: may this flow be opened (S1)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from netsim.ir.objects import Pod
from netsim.ir.policy import Action, Direction, Policy, Rule, Tier
from netsim.ir.profile import Baseline, Profile, Ties
from netsim.ir.snapshot import Snapshot
from netsim.ir.traffic import Protocol
from netsim.ir.truth import Truth, agreed, both
from netsim.ir.verdict import Endpoint, Flow, Reason, Side, Verdict, Why
from netsim.spec.exceptions import enters_from_own_node, not_asked_of_itself, reaches_itself
from netsim.spec.isolation import isolating, selected
from netsim.spec.peers import rule_means
from netsim.spec.ports import rule_carries
from netsim.spec.world import World


def judge(snapshot: Snapshot, profile: Profile, flow: Flow, policies: Sequence[Policy] | None = None) -> Verdict:
    """Return whether the flow may be opened, and why.

    Allowed iff egress is allowed for the source and ingress for the destination, each decided on its own (S1.2).

    Args:
        policies: Ask these alone, a caller's proof that no other applies; default: all of the snapshot's.
    """
    world = World(snapshot, profile)
    asked = snapshot.policies if policies is None else policies
    egress = side(Direction.EGRESS, flow, asked, world)
    ingress = side(Direction.INGRESS, flow, asked, world)
    return Verdict(flow=flow, allowed=both(egress.allowed, ingress.allowed), egress=egress, ingress=ingress)


def side(direction: Direction, flow: Flow, policies: Sequence[Policy], world: World) -> Side:
    """Return what one direction says: the first tier with a final verdict decides (S1.3).

    An outcome that hangs on something unknown is kept and the evaluation goes on, so that the answer is unknown
    iff both outcomes are possible.
    """
    subject = flow.source if direction is Direction.EGRESS else flow.destination
    if reaches_itself(flow):  # S2.9: whatever the policies
        return _decided(direction, Reason(why=Why.ITSELF))
    if not world.is_pod(subject):  # S1.2: what is no pod decides nothing
        why = Why.HOST_NETWORK if isinstance(subject, Pod) else Why.NOT_A_POD
        return _decided(direction, Reason(why=why))
    possible: list[Outcome] = []
    for tier in Tier:
        outcomes, final = _of_tier(tier, direction, flow, policies, world)
        possible += outcomes
        if final:
            return _side(direction, tier, possible)
    possible.append((True, Reason(why=Why.NOT_ISOLATED)))  # S1.3: the default is allowed
    return _side(direction, None, possible)


#: A possible outcome: allowed or not (None: only told, as a rule that passes on), and the reason.
Outcome = tuple[Truth, Reason]


def _of_tier(
    tier: Tier, direction: Direction, flow: Flow, policies: Sequence[Policy], world: World
) -> tuple[list[Outcome], bool]:
    """Return the possible outcomes of one tier, and whether one of them is sure, so that no later tier is asked."""
    subject = flow.source if direction is Direction.EGRESS else flow.destination
    if tier is Tier.NETWORK:
        return _of_network(direction, flow, policies, world)
    if tier is Tier.NETWORK_POLICY:
        isolators = isolating(policies, subject, direction, world)
        if isolators and tier in not_asked_of_itself(flow, world):  # S4.6: then its verdict is to allow
            return [(True, Reason(why=Why.ITSELF_BY_SERVICE))], True
        # S2.1: only an isolated pod is denied what no rule allows; then the verdict is final
        return (_of_isolators(isolators, direction, flow, world), True) if isolators else ([], False)
    if tier in not_asked_of_itself(flow, world) or (
        tier is Tier.BASELINE and _out_of_baseline(policies, subject, world)
    ):
        return [], False
    return _of_ordered(_applied(tier, subject, policies, world), direction, flow, world)


def _of_network(
    direction: Direction, flow: Flow, policies: Sequence[Policy], world: World
) -> tuple[list[Outcome], bool]:
    """Return what keeps networks apart; the pod's own node is not kept out, which probes it (S2.9)."""
    subject = flow.source if direction is Direction.EGRESS else flow.destination
    own_node = enters_from_own_node(direction, flow, world)
    if own_node:
        return [], False
    found, final = _of_ordered(_applied(Tier.NETWORK, subject, policies, world), direction, flow, world)
    if found and own_node is None:
        return [*found, (None, Reason(why=Why.MAYBE_OWN_NODE))], False
    return found, final


def _applied(tier: Tier, subject: Endpoint, policies: Sequence[Policy], world: World) -> list[list[Policy]]:
    """Return the policies of a tier that apply to an endpoint, in the order in which they are asked."""
    own = [policy for policy in policies if policy.tier is tier and selected(policy, subject, world)]
    return in_order(own, world.profile)


def _out_of_baseline(policies: Sequence[Policy], subject: Endpoint, world: World) -> bool:
    """Return whether the profile reads S4.3 so that a pod which a NetworkPolicy isolates at all has no baseline."""
    unselected = world.profile.baseline is Baseline.UNSELECTED
    return unselected and any(isolating(policies, subject, each, world) for each in Direction)


def in_order(policies: Sequence[Policy], profile: Profile) -> list[list[Policy]]:
    """Return policies of one tier in the order in which they are asked, those of equal priority together (S3.3)."""
    by_name = profile.ties is Ties.BY_NAME
    ranks: dict[tuple[int, str], list[Policy]] = {}
    for policy in policies:
        ranks.setdefault((policy.priority, policy.name if by_name else ""), []).append(policy)
    return [ranks[rank] for rank in sorted(ranks)]


def _of_isolators(isolators: tuple[Policy, ...], direction: Direction, flow: Flow, world: World) -> list[Outcome]:
    own_node = enters_from_own_node(direction, flow, world)
    if own_node:
        return [(True, Reason(why=Why.OWN_NODE))]
    denied: list[Outcome] = [(False, Reason(why=Why.NO_RULE, policy=policy)) for policy in isolators]
    if flow.protocol is Protocol.OTHER:  # S2.7: undefined, never a yes or a no
        return [(True, Reason(why=Why.OTHER_PROTOCOL)), *denied]
    # S2.1: policies only ever allow; any rule of any of them will do
    rules = [(policy, rule, matches(rule, flow, world)) for policy in isolators for rule in rules_of(policy, direction)]
    sure: list[Outcome] = [(True, Reason(why=Why.RULE, policy=p, rule=rule)) for p, rule, match in rules if match]
    if sure:
        return sure
    maybe: list[Outcome] = [
        (True, Reason(why=Why.MAYBE_RULE, policy=policy, rule=rule)) for policy, rule, match in rules if match is None
    ]
    if own_node is None:
        maybe.append((True, Reason(why=Why.MAYBE_OWN_NODE)))
    return maybe + denied


def _of_ordered(
    ranks: Sequence[Sequence[Policy]], direction: Direction, flow: Flow, world: World
) -> tuple[list[Outcome], bool]:
    """Return the outcomes of a tier of ordered rules: the first that matches decides, Pass leaves the tier (S1.3).

    Of policies of one rank any may be asked first (S3.3): each one's outcome is possible.
    """
    told: list[Outcome] = []
    may_leave = False
    for rank in ranks:
        firsts = [_first(policy, direction, flow, world) for policy in rank]
        found = [outcome for outcomes, _ in firsts for outcome in outcomes]
        told += _tied(found) if sum(sure for _, sure in firsts) > 1 else found
        may_leave = may_leave or any(allowed is None for allowed, _ in found)
        if any(sure for _, sure in firsts):
            return told, not may_leave
    return told, False


def _first(policy: Policy, direction: Direction, flow: Flow, world: World) -> tuple[list[Outcome], bool]:
    """Return what the first matching rule of a policy says, after those that may match; and whether one surely does."""
    found: list[Outcome] = []
    for rule in rules_of(policy, direction):
        match = matches(rule, flow, world)
        if match is not False:
            passes = rule.action is Action.PASS
            why = Why.PASSED if passes else Why.RULE if match else Why.MAYBE_RULE
            reason = Reason(why=why, policy=policy, rule=rule)
            found.append((None if passes else rule.action is Action.ALLOW, reason))
        if match:
            return found, True
    return found, False


def _tied(outcomes: list[Outcome]) -> list[Outcome]:
    """Return the outcomes of one rank, marked where they do not agree."""
    if len({allowed for allowed, _ in outcomes}) == 1:
        return outcomes
    return [(allowed, replace(reason, why=Why.TIE)) for allowed, reason in outcomes]


def rules_of(policy: Policy, direction: Direction) -> Iterator[Rule]:
    """Yield the policy's rules of one direction, in the order written."""
    return (rule for rule in policy.rules if rule.direction is direction)


def matches(rule: Rule, flow: Flow, world: World) -> Truth:
    """Return whether a rule matches the flow: its peers and its ports are ANDed (S2.4)."""
    peer = flow.source if rule.direction is Direction.INGRESS else flow.destination
    return both(rule_means(rule.peers, peer, flow.family, world), rule_carries(rule.ports, flow, world))


def _decided(direction: Direction, reason: Reason) -> Side:
    return Side(direction=direction, allowed=True, tier=None, reasons=(reason,))


def _side(direction: Direction, tier: Tier | None, possible: list[Outcome]) -> Side:
    reasons = tuple(reason for _, reason in possible)
    allowed = agreed(allowed for allowed, _ in possible if allowed is not None)
    return Side(direction=direction, allowed=allowed, tier=tier, reasons=reasons)
