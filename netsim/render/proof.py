"""What became of a claim, in words, with the pods that would show it as manifests."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from netsim.ir.proof import Outcome, Part, Support, Witness
from netsim.queries.judged import flow_dict
from netsim.queries.proof import WORDS, Claim, Over, Proof, objects
from netsim.render import verdict
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import called, counted, safe, where

_OVER = {Over.ALL_PODS: "every pod that could exist", Over.PODS: "the pods that exist"}
#: What a claim says, by the claim.
SAYS = {
    Claim.ISOLATED: "no connection is allowed",
    Claim.REACHABLE: "every connection is allowed",
    Claim.ONLY_FROM: "nobody else may connect",
    Claim.EQUIVALENT: "both allow the same connections",
    Claim.CONTAINS: "whatever the second allows, the first allows",
    Claim.RELATE: "what both allow is known",
    Claim.PERMITS: "all that is stated is allowed",
    Claim.FORBIDS: "nothing that is stated is allowed",
    Claim.INTERFERES: "a rule of the first allows what no rule of the second does",
    Claim.REDUNDANT: "something could be deleted, and no answer would change",
    Claim.SHADOWED: "some rules decide nothing",
    Claim.CONTRADICTED: "some rules deny what an earlier one allows",
    Claim.VACUOUS: "some policies or rules mean nobody",
    Claim.DISJOINT: "no pod is selected by two policies",
}
_BESIDE = {Claim.CONTRADICTED: "denies what is allowed by", Claim.DISJOINT: "overlaps", Claim.EQUIVALENT: "is not"}


def text(answer: Proof, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield the outcome, what it is about, and what proves or refutes it."""
    colour = {Outcome.HOLDS: palette.good, Outcome.REFUTED: palette.bad, Outcome.UNKNOWN: palette.doubt}
    about = " ".join(f"{name} {safe(value)}" for name, value in answer.about)
    said = f"{answer.claim}{f' {about}' if about else ''}: {SAYS[answer.claim]}, for {_OVER[answer.over]}"
    yield f"{paint(WORDS[answer.outcome], colour[answer.outcome])}: {said}\n"
    if answer.reason:
        yield f"  {safe(answer.reason)}\n"
    if answer.relation:
        yield f"  {answer.relation}\n"
    for remark in answer.remarks:
        beside = f"\n    {_BESIDE.get(answer.claim, 'beside')} {_part(remark.other)}" if remark.other else ""
        told = ", which takes an exception from it" if remark.exception else ""
        yield f"  {_part(remark.part)}{beside}{told}\n"
        if remark.witness:
            yield f"    {_flow(remark.witness)}\n"
    if answer.core is not None:
        yield from _core(answer.core)
    if answer.witness:
        yield from _witness(answer, palette)


def _core(supports: Sequence[Support]) -> Iterator[str]:
    """Yield the policies that an isolation rests on, each with what it stops."""
    if not supports:
        yield "  rests on no policy: nobody is meant who could connect\n"
        return
    each = "which" if len(supports) == 1 else "any one of which"
    yield f"  rests on {counted(len(supports), 'policy')}, without {each} it fails:\n"
    for support in supports:
        yield f"  {_part(Part(support.policy))}\n"
        yield f"    without it: {_flow(support.without) if support.without else 'not known to be closed'}\n"
        if support.alone is Outcome.HOLDS:
            yield "    while all other policies stay it could be deleted: they hold the same\n"


def _part(part: Part) -> str:
    place = part.rule.place if part.rule else part.policy.place
    rule = f" {called(part.rule)}" if part.rule else ""
    return f"{part.policy.kind} {safe(str(part.policy))}{rule} ({where(place)})"


def _flow(witness: Witness) -> str:
    flow = flow_dict(witness.flow)
    return safe(f"{flow['from']} to {flow['to']}, {flow['protocol']} {flow['port']}, {flow['family']}")


def _witness(answer: Proof, palette: Palette) -> Iterator[str]:
    assert answer.witness is not None  # noqa: S101 - the caller looked
    yield f"\n{paint('witness', palette.head)}: {_flow(answer.witness)}\n"
    for made in objects(answer.witness):
        yield "  ---\n"
        yield from (f"  {line}\n" for line in _yaml(made))
    for name, judged in answer.verdicts:
        yield f"\n{f'{name}: ' if name else ''}"
        yield from verdict.query(judged, palette)


def _yaml(value: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Yield a mapping as YAML, its leaves and lists as JSON, which YAML reads."""
    for key, each in value.items():
        if isinstance(each, Mapping):
            yield f"{indent}{_scalar(key)}:"
            yield from _yaml(each, indent + "  ")
        else:
            yield f"{indent}{_scalar(key)}: {_scalar(each)}"


def _scalar(value: object) -> str:
    plain = isinstance(value, str) and value.replace("-", "").replace("/", "").replace(".", "").isalpha()
    return (
        str(value) if plain and value not in ("true", "false", "null", "yes", "no", "on", "off") else json.dumps(value)
    )
