"""Verdicts, and the flows that they are about, as JSON."""

from typing import Annotated, NotRequired, TypedDict

from netsim.ir.objects import Family, Node
from netsim.ir.policy import Action, Tier
from netsim.ir.shapes import EndsShape, NamedShape, PlaceShape, named
from netsim.ir.traffic import Protocol
from netsim.ir.verdict import Condition, Endpoint, Flow, Reason, Side, Why
from netsim.queries.controllers import INGRESS_CONTROLLER, is_unknown


class FlowShape(EndsShape):
    """One connection; no port where the protocol has none."""

    protocol: Annotated[str, Protocol]
    port: int | None
    family: Annotated[str, tuple(map(str, Family))]


class JudgedShape(FlowShape):
    """One connection, and what is said of it: null for unknown."""

    allowed: bool | None


class NearMissShape(PlaceShape):
    """A rule that nearly matched, and the condition that it failed by: the one at ``at``."""

    rule: str
    at: str
    condition: Annotated[str, Condition]
    wanted: str
    found: str


class ReasonShape(NamedShape, PlaceShape):
    """What speaks for a verdict: a rule, a policy that isolates, or neither."""

    policy: str | None
    kind: str | None
    rule: str | None
    action: Annotated[str | None, Action]
    why: Annotated[str, Why]
    near_misses: list[NearMissShape]


class SideShape(TypedDict):
    """What one direction says, and the tier that decides."""

    allowed: bool | None
    tier: Annotated[str | None, tuple(tier.name for tier in Tier)]
    reasons: list[ReasonShape]


class NetworksShape(TypedDict):
    """The known networks on which the verdict is another."""

    differ: list[str]


class VerdictShape(EndsShape):
    """Whether one may connect to another, and why; null where that is unknown, or where ``flows`` do not agree."""

    port: str
    network: NotRequired[str]
    allowed: bool | None
    profiles: NotRequired[NetworksShape]
    egress: SideShape
    ingress: SideShape
    flow: FlowShape
    flows: list[JudgedShape]


def flow_dict(flow: Flow) -> FlowShape:
    """Return a flow as JSON values."""
    return {
        "from": written(flow.source),
        "to": written(flow.destination),
        "protocol": str(flow.protocol),
        "port": flow.port or None,
        "family": str(flow.family),
    }


def written(endpoint: Endpoint) -> str:
    """Return an endpoint as users write it."""
    if is_unknown(endpoint):
        return INGRESS_CONTROLLER
    return f"node:{endpoint.name}" if isinstance(endpoint, Node) else str(endpoint)


def side_dict(side: Side) -> SideShape:
    """Return what one direction says as JSON values."""
    return {
        "allowed": side.allowed,
        "tier": side.tier.name if side.tier else None,
        "reasons": [_reason_dict(reason) for reason in side.reasons],
    }


def _reason_dict(reason: Reason) -> ReasonShape:
    place = reason.rule.place if reason.rule else reason.policy.place if reason.policy else None
    return {
        "policy": str(reason.policy) if reason.policy else None,
        "kind": reason.policy.kind if reason.policy else None,
        "rule": str(reason.rule) if reason.rule else None,
        **named(reason.rule.name if reason.rule else None),
        "action": reason.rule.action.value if reason.rule else "deny" if reason.policy else None,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "why": reason.why.value,
        "near_misses": [
            {
                "rule": str(rule),
                "at": miss.at,
                "condition": miss.condition.value,
                "wanted": miss.wanted,
                "found": miss.found,
                "file": miss.place.file,
                "line": miss.place.line,
            }
            for rule, miss in reason.mismatches
        ],
    }
