"""What no NetworkPolicies could do: intents that other tiers keep from holding, or pods that nothing tells apart.

Contract: a conflict is told only where no set of NetworkPolicies meets its connections. They may say anything of a
direction in which no other tier has had the last word; but of pods that no selector, port name or block tells apart
they say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netsim.ir.objects import Node, Pod
from netsim.ir.policy import Direction, Tier
from netsim.ir.proof import Part
from netsim.ir.verdict import Endpoint, Flow
from netsim.queries.fix.effects import Effects, peer_of, subject_of
from netsim.spec import judge

#: The label of what no intent speaks of, and is to stay.
KEPT = "kept"
#: More connections than this are not looked at.
MOST = 2_000


@dataclass(frozen=True, slots=True)
class Need:
    """A connection that is to be let through, or not; by an intent, whose number its label is, or to stay as it is."""

    flow: Flow
    let_through: bool
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Connections of which no NetworkPolicies do what is wanted.

    Attributes:
        flows: None of them could be left out.
        intents: Who wants it, by number.
        kept: Whether it hangs on that all else is to stay as it is.
        by: The rules of other tiers that have the last word of some of the connections.
    """

    flows: tuple[Flow, ...]
    intents: tuple[int, ...]
    kept: bool = False
    by: tuple[Part, ...] = ()


def impossible(effects: Effects, needs: Sequence[Need]) -> Conflict | None:
    """Return needs that no NetworkPolicies meet together, as few as can be; None where they might."""
    from netsim.smt.repair import conflicting

    if len(needs) > MOST:
        return None
    terms = {str(number): [_wanted(effects, need)] for number, need in enumerate(needs)}
    by_intent: dict[str, list[Any]] = {}
    for number, need in enumerate(needs):
        by_intent.setdefault(need.label, []).extend(terms[str(number)])
    kept = by_intent.pop(KEPT, [])
    blamed = conflicting(by_intent, kept)
    if not blamed:
        return None
    own = [str(number) for number, need in enumerate(needs) if need.label in blamed]
    others = [str(number) for number, need in enumerate(needs) if need.label == KEPT]
    found = conflicting({number: terms[number] for number in (*others, *own)}) or ()
    shown = [needs[int(number)] for number in found]
    return Conflict(
        flows=tuple(need.flow for need in shown),
        intents=tuple(sorted({int(need.label) for need in shown if need.label != KEPT})),
        kept=any(need.label == KEPT for need in shown),
        by=tuple(dict.fromkeys(part for need in shown for part in _last_words(effects, need.flow))),
    )


def _wanted(effects: Effects, need: Need) -> Any:
    from netsim.smt import terms

    sides = [_side(effects, need.flow, direction, sure=need.let_through) for direction in Direction]
    return terms.all_of(sides) if need.let_through else terms.any_of(map(terms.negation, sides))


def _side(effects: Effects, flow: Flow, direction: Direction, *, sure: bool) -> Any:
    """Return that a direction allows a connection, surely or perhaps, under NetworkPolicies that are free to choose."""
    from netsim.smt import terms

    if not effects.hangs_on_edits(flow, direction):
        return effects.isolated_without(flow, direction, sure=sure)
    subject, peer = subject_of(flow, direction), peer_of(flow, direction)
    isolated = terms.variable(f"isolated {direction} {_kind(subject)}")
    ends = f"{_kind(subject)} {_kind(peer)} {_addresses(peer)}"
    allowed = terms.variable(f"allowed {direction} {ends} {flow.protocol} {flow.port} {flow.family}")
    return terms.any_of(
        [
            terms.all_of([isolated, allowed, effects.isolated_with_all(flow, direction, sure=sure)]),
            terms.all_of([isolated, terms.negation(allowed), effects.isolated_without(flow, direction, sure=sure)]),
            terms.all_of([terms.negation(isolated), effects.not_isolated(flow, direction, sure=sure)]),
        ]
    )


def _kind(end: Endpoint) -> str:
    """Return what selectors and names of ports tell an end by."""
    match end:
        case Pod():
            return f"{end.namespace} {_sorted(end.labels)} {sorted(map(str, end.ports))}"
        case Node():
            return f"node {end.name}"
        case _:
            return str(end)


def _sorted(labels: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(labels.items())


def _addresses(end: Endpoint) -> list[str]:
    """Return what blocks tell an end by."""
    return sorted(map(str, end.addresses)) if isinstance(end, Pod | Node) else []


def _last_words(effects: Effects, flow: Flow) -> Iterator[Part]:
    """Yield the rules of other tiers that decide a direction before NetworkPolicies are asked."""
    cluster = effects.cluster
    found = judge(cluster.snapshot, cluster.profile, flow)
    for direction, side in ((Direction.EGRESS, found.egress), (Direction.INGRESS, found.ingress)):
        if not effects.hangs_on_edits(flow, direction):
            yield from _parts(
                reason for reason in side.reasons if reason.policy is not None and reason.rule is not None
            )


def _parts(reasons: Iterable[Any]) -> Iterator[Part]:
    yield from (Part(each.policy, each.rule) for each in reasons if each.policy.tier is not Tier.NETWORK_POLICY)
