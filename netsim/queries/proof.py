"""What became of a claim about policies, with what proves or refutes it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, NotRequired, TypedDict

from netsim.ir.labels import Labels
from netsim.ir.objects import Pod
from netsim.ir.place import NOWHERE
from netsim.ir.proof import Outcome, Part, Support, Witness
from netsim.ir.shapes import PlaceShape
from netsim.queries.answer import Answer
from netsim.queries.judged import FlowShape, VerdictShape, flow_dict
from netsim.queries.query import Verdict


class Claim(StrEnum):
    """What can be proved."""

    ISOLATED = "isolated"
    REACHABLE = "reachable"
    ONLY_FROM = "only-from"
    EQUIVALENT = "equivalent"
    CONTAINS = "contains"
    RELATE = "relate"
    PERMITS = "permits"
    FORBIDS = "forbids"
    INTERFERES = "interferes"
    REDUNDANT = "redundant"
    SHADOWED = "shadowed"
    CONTRADICTED = "contradicted"
    VACUOUS = "vacuous"
    DISJOINT = "disjoint"


class Over(StrEnum):
    """Which pods a claim is about."""

    ALL_PODS = "all-pods"
    """Every pod that could exist."""
    PODS = "pods"
    """Those that do."""


#: What becomes of a claim, as answers write it.
Word = Literal["proved", "refuted", "unknown"]


class Relation(StrEnum):
    """How what two sets of policies allow relates."""

    EQUAL = "equal"
    INSIDE = "inside"
    """The second allows more."""
    AROUND = "around"
    """The first allows more."""
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A policy or rule that a claim is about.

    Attributes:
        other: The one that stands against it.
        witness: What proves it.
        exception: Of a contradiction: the other only takes an exception from it, as whoever denies the rest does.
    """

    part: Part
    other: Part | None = None
    witness: Witness | None = None
    exception: bool = False

    def to_dict(self) -> "RemarkShape":
        """Return it as JSON values."""
        against: OtherShape = {"other": part_dict(self.other)} if self.other else {}
        return {**part_dict(self.part), **against, **self._seen()}

    def _seen(self) -> "SeenShape":
        if self.witness is None:
            return {}
        made = list(objects(self.witness))
        return {"witness": flow_dict(self.witness.flow), "objects": made, "exception": self.exception}


class PartShape(PlaceShape):
    """A policy, or a rule of it."""

    policy: str
    kind: str
    rule: str | None


class OtherShape(TypedDict):
    """What a policy or a rule is set against."""

    other: NotRequired[PartShape]


class SeenShape(TypedDict):
    """A flow that a remark is about, what is to be made for it, and whether it is but an exception."""

    witness: NotRequired[FlowShape]
    objects: NotRequired[list[dict[str, Any]]]
    exception: NotRequired[bool]


class RemarkShape(PartShape, OtherShape, SeenShape):
    """A policy or a rule that a claim is about."""


class SupportShape(PartShape):
    """A policy that a proof rests on: a flow that is allowed without it, and what becomes of the claim then."""

    without: FlowShape | None
    objects: list[dict[str, Any]]
    alone: Word


class WitnessShape(TypedDict):
    """What refutes a claim: the objects to be made for it, and the verdict of each operand on it."""

    objects: list[dict[str, Any]]
    verdicts: dict[str, VerdictShape]


class ProofShape(TypedDict):
    """What became of a claim."""

    claim: Annotated[str, Claim]
    over: Annotated[str, Over]
    about: dict[str, str]
    outcome: Word
    reason: str
    relation: NotRequired[Annotated[str, Relation]]
    witness: WitnessShape | None
    remarks: list[RemarkShape]
    core: NotRequired[list[SupportShape]]


def part_dict(part: Part) -> PartShape:
    """Return a policy or rule as JSON values."""
    place = part.rule.place if part.rule else part.policy.place
    return {
        "policy": str(part.policy),
        "kind": part.policy.kind,
        "rule": str(part.rule) if part.rule else None,
        "file": place.file,
        "line": place.line,
    }


def _support_dict(support: Support) -> SupportShape:
    return {
        **part_dict(Part(support.policy)),
        "without": flow_dict(support.without.flow) if support.without else None,
        "objects": list(objects(support.without)) if support.without else [],
        "alone": WORDS[support.alone],
    }


@dataclass(frozen=True, kw_only=True)
class Proof(Answer):
    """What became of a claim.

    Attributes:
        about: What it is about, as it was asked: ``(("from", "web/*"), ("to", "db/*"))``.
        reason: Why it is unknown.
        witness: The connection that refutes it; of ``interferes``, that proves it.
        verdicts: What the definition says of the witness, by the operand: ``(("", ...),)`` where there is one.
        relation: What ``relate`` found.
        remarks: The policies and rules that a claim about policies is about.
        core: Of an isolation that is proved, the policies that it rests on; None where that was not asked.
    """

    kind: ClassVar[str] = "Proof"

    claim: Claim
    over: Over
    about: tuple[tuple[str, str], ...] = ()
    outcome: Outcome
    reason: str = ""
    witness: Witness | None = None
    verdicts: tuple[tuple[str, Verdict], ...] = ()
    relation: Relation | None = None
    remarks: tuple[Remark, ...] = ()
    core: tuple[Support, ...] | None = None

    def __bool__(self) -> bool:
        return self.holds

    @property
    def holds(self) -> bool:
        """Whether it is proved."""
        return self.outcome is Outcome.HOLDS

    def facts(self) -> ProofShape:
        """Return the proof as JSON values."""
        shape: ProofShape = {
            "claim": str(self.claim),
            "over": str(self.over),
            "about": dict(self.about),
            "outcome": WORDS[self.outcome],
            "reason": self.reason,
            "witness": _witness_dict(self) if self.witness else None,
            "remarks": [remark.to_dict() for remark in self.remarks],
        }
        if self.relation:
            shape["relation"] = str(self.relation)
        if self.core is not None:
            shape["core"] = [_support_dict(support) for support in self.core]
        return shape


WORDS: Mapping[Outcome, Word] = {Outcome.HOLDS: "proved", Outcome.REFUTED: "refuted", Outcome.UNKNOWN: "unknown"}


def _witness_dict(proof: Proof) -> WitnessShape:
    return {
        "objects": list(objects(proof.witness)) if proof.witness else [],
        "verdicts": {name or "verdict": verdict.facts() for name, verdict in proof.verdicts},
    }


def objects(witness: Witness) -> Iterator[dict[str, Any]]:
    """Yield the namespaces and pods that would have to be made for a witness, as manifests."""
    for namespace in witness.namespaces:
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": _metadata(namespace.name, None, namespace.labels)}
    for pod in (witness.flow.source, witness.flow.destination):
        if isinstance(pod, Pod) and pod.place == NOWHERE:
            ports = [
                {"name": port.name, "protocol": str(port.protocol), "containerPort": port.number} for port in pod.ports
            ]
            container = {"name": "main", "image": "example", **({"ports": ports} if ports else {})}
            yield {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": _metadata(pod.name, pod.namespace, pod.labels),
                "spec": {"containers": [container]},
                **({"status": {"podIP": str(pod.addresses[0])}} if pod.addresses else {}),
            }


def _metadata(name: str, namespace: str | None, labels: Labels) -> dict[str, Any]:
    placed = {"namespace": namespace} if namespace else {}
    return {"name": name, **placed, **({"labels": dict(labels)} if labels else {})}
