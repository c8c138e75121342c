"""What became of the search for a fix."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypedDict

from netsim.ir.place import Place
from netsim.ir.policy import Policy, Rule
from netsim.ir.proof import Part
from netsim.ir.shapes import PlaceShape
from netsim.ir.verdict import Flow
from netsim.queries.answer import Answer
from netsim.queries.intents import Check
from netsim.queries.judged import FlowShape, flow_dict
from netsim.queries.proof import PartShape, part_dict


class Outcome(StrEnum):
    """What became of it."""

    FIXED = "fixed"
    """The edits are found, and proved."""
    NOTHING = "nothing-to-fix"
    """Every intent holds."""
    CONFLICT = "conflict"
    """Intents cannot hold together, whatever NetworkPolicies say: proved."""
    NOT_FOUND = "not-found"
    """No edit of the kinds that are tried does it; others might."""


class EditedShape(PlaceShape):
    """One NetworkPolicy that is changed, or new, as it is to be."""

    policy: str
    kind: str
    change: Annotated[str, ("added", "changed")]
    rules_added: int
    rules_removed: int
    manifest: dict[str, Any]


class ConflictShape(TypedDict):
    """Intents that cannot hold together, the flows that show it, and the rules of other tiers that forbid it."""

    intents: list[str]
    flow: FlowShape
    flows: list[FlowShape]
    kept: bool
    by: list[PartShape]


class FixShape(TypedDict):
    """What became of the search, how many intents there are of each result before and after, and the edits."""

    outcome: Annotated[str, Outcome]
    before: dict[str, int]
    after: dict[str, int] | None
    edits: list[EditedShape]
    conflict: ConflictShape | None
    blamed: list[str]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """One NetworkPolicy that is changed, or new.

    Attributes:
        document: It as a manifest, as it is to be.
        written: It as a manifest, as it was; None where it is new.
        added, removed: The rules that it gains and loses; one that is narrowed is in both.
        place: Where it stands; of a new one nowhere.
    """

    policy: Policy
    document: Mapping[str, Any]
    written: Mapping[str, Any] | None
    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]
    place: Place

    @property
    def new(self) -> bool:
        """Whether there is no such policy yet."""
        return self.written is None

    def to_dict(self) -> EditedShape:
        """Return it as JSON values."""
        return {
            "policy": str(self.policy),
            "kind": self.policy.kind,
            "change": "added" if self.new else "changed",
            "file": None if self.new else self.place.file,
            "line": None if self.new else self.place.line,
            "rules_added": len(self.added),
            "rules_removed": len(self.removed),
            "manifest": dict(self.document),
        }


@dataclass(frozen=True, kw_only=True)
class Fix(Answer):
    """The smallest change of NetworkPolicies after which every intent holds and nothing else has changed.

    Attributes:
        before, after: What is said of the intents as it is, and, where there is a fix, with it.
        conflict: The names of intents that no NetworkPolicies make hold together, and none of which could be left out.
        flows: The connections that show it: two intents want otherwise of one; another tier has the last word;
            nothing tells the pods of several apart of which otherwise is wanted.
        kept: Whether it hangs on that all else is to stay as it is.
        by: The rules of other tiers that have the last word.
        blamed: Of what was not found: the names of intents that could not be met while all else stays.
        reason: Why nothing was found.
    """

    kind: ClassVar[str] = "Fix"

    outcome: Outcome
    before: Check
    after: Check | None = None
    edits: tuple[Edited, ...] = ()
    conflict: tuple[str, ...] = ()
    flows: tuple[Flow, ...] = ()
    kept: bool = False
    by: tuple[Part, ...] = ()
    blamed: tuple[str, ...] = ()
    reason: str = ""

    def __iter__(self) -> Iterator[Edited]:
        return iter(self.edits)

    def __len__(self) -> int:
        return len(self.edits)

    def __bool__(self) -> bool:
        return self.outcome in (Outcome.FIXED, Outcome.NOTHING)

    def facts(self) -> FixShape:
        """Return it as JSON values."""
        return {
            "outcome": str(self.outcome),
            "before": dict(self.before.counts),
            "after": dict(self.after.counts) if self.after else None,
            "edits": [edited.to_dict() for edited in self.edits],
            "conflict": self._conflict() if self.flows else None,
            "blamed": list(self.blamed),
            "reason": self.reason,
        }

    def _conflict(self) -> ConflictShape:
        return {
            "intents": list(self.conflict),
            "flow": flow_dict(self.flows[0]),
            "flows": [flow_dict(flow) for flow in self.flows],
            "kept": self.kept,
            "by": [part_dict(part) for part in self.by],
        }
