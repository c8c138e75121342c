"""What a user states of a cluster beside its inputs: intents as files or as dicts, policies as demands."""

from collections.abc import Mapping, Sequence
from typing import Any

from netsim.errors import Problem
from netsim.ingest import snapshot
from netsim.ingest.documents import Given, Input
from netsim.ir.policy import Policy, Tier

#: An intent file, or what stands in one.
Intents = Input | Mapping[str, Any] | Sequence[Mapping[str, Any]]


def intents_input(intents: Intents) -> Input:
    """Return intents as an input, however they were written."""
    if isinstance(intents, Mapping):
        return Given(documents=[intents])
    if isinstance(intents, Sequence) and not isinstance(intents, str):
        return Given(documents=[{"intents": list(intents)}])
    return intents


def demanded_policies(files: Sequence[Input], problems: list[Problem]) -> tuple[Policy, ...]:
    """Return the NetworkPolicies of some files; no other policy states what must be allowed, or denied."""
    found, own = snapshot(files, keep_going=True)
    problems += own
    for policy in found.policies:
        if policy.tier is not Tier.NETWORK_POLICY:
            place, message = policy.place, "states no demand: only NetworkPolicies are read as what must be"
            subject = f"{policy.kind} {policy}"
            problems.append(Problem(file=place.file, line=place.line, code="NS121", message=message, subject=subject))
    return found.policies
