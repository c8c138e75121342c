"""What is said of intents."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import Annotated, Any, ClassVar, NotRequired, TypedDict

from netsim.ir.intents import Over
from netsim.ir.place import Place
from netsim.ir.shapes import PlaceShape
from netsim.queries.answer import Answer, frame
from netsim.queries.intents.breaches import Breach
from netsim.queries.judged import FlowShape, VerdictShape, flow_dict
from netsim.queries.query import Verdict

#: Beside the counterexample that is explained, so many more are listed.
MOST_OTHERS = 10


class Result(StrEnum):
    """What is said of an intent."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"
    VACUOUS = "vacuous"
    """It speaks of nothing: a selector that matches nothing is a slip more often than a wish."""


class Reason(Enum):
    """Why an intent neither holds nor fails; the value is its name in JSON."""

    MAYBE = "connection-unknown"
    NO_SOURCE = "no-source"
    NO_DESTINATION = "no-destination"
    NO_CONNECTION = "no-connection"
    NODES = "nodes-beside-too-many-pods-could-exist"
    GAVE_UP = "solver-gave-up"
    NETWORKS = "networks-of-pods-that-could-exist"
    ADDRESSES = "addresses-of-pods-that-could-exist"
    SECONDARY = "secondary-network-alone"


class CheckedShape(PlaceShape):
    """One intent, and what is said of it."""

    name: str
    claim: str
    over: Annotated[str, Over]
    result: Annotated[str, Result]
    reason: Annotated[str | None, Reason]
    hint: NotRequired[str]
    counterexample: VerdictShape | None
    others: list[FlowShape]


class CheckSummary(TypedDict):
    """How many intents there are of each result."""

    intents: int
    holds: int
    fails: int
    unknown: int
    vacuous: int


class CheckShape(TypedDict):
    """What is said of each intent."""

    summary: CheckSummary
    intents: list[CheckedShape]


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """One intent, and what is said of it.

    Attributes:
        claim: What is wanted: ``allow``, ``deny``, ``only-from``, ``only-to``, ``must-allow`` or ``must-deny``.
        counterexample: The first flow that breaks it; the first that may where the result is unknown.
        others: More flows that break it, some of them.
        hint: Where nobody is meant: who may have been.
    """

    name: str
    claim: str
    over: Over = Over.EXISTING_PODS
    place: Place
    result: Result
    reason: Reason | None = None
    counterexample: Verdict | None = None
    others: tuple[Verdict, ...] = ()
    hint: str = ""

    @property
    def holds(self) -> bool:
        """Whether it surely holds, of somebody."""
        return self.result is Result.HOLDS

    def judged(self, breaches: Iterable[Breach]) -> "Checked":
        """Return what breaches say: the first sure one breaks the intent, one that is not sure leaves it open."""
        sure: list[Verdict] = []
        maybe: Verdict | None = None
        for breach in breaches:
            if breach.sure:
                sure.append(breach.verdict)
            maybe = breach.verdict if maybe is None else maybe
            if len(sure) > MOST_OTHERS:
                break
        if sure:
            return replace(self, result=Result.FAILS, counterexample=sure[0], others=tuple(sure[1:]))
        if maybe is not None:
            return replace(self, result=Result.UNKNOWN, reason=Reason.MAYBE, counterexample=maybe)
        return self

    def to_dict(self) -> CheckedShape:
        """Return it as JSON values."""
        shape: CheckedShape = {
            "name": self.name,
            "claim": self.claim,
            "over": str(self.over),
            "result": str(self.result),
            "reason": self.reason.value if self.reason else None,
            "file": self.place.file,
            "line": self.place.line or None,
            "counterexample": None if self.counterexample is None else self.counterexample.facts(),
            "others": [flow_dict(verdict.deciding.flow) for verdict in self.others],
        }
        if self.hint:
            shape["hint"] = self.hint
        return shape


@dataclass(frozen=True, kw_only=True)
class Check(Answer):
    """What is said of each intent, in their order; true in a condition iff all hold."""

    kind: ClassVar[str] = "Check"

    results: tuple[Checked, ...]

    def __iter__(self) -> Iterator[Checked]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def __bool__(self) -> bool:
        return all(checked.holds for checked in self.results)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many intents there are of each result."""
        return {str(result): sum(each.result is result for each in self.results) for result in Result}

    def facts(self) -> CheckShape:
        """Return the results as JSON values."""
        counts = Counter(each.result for each in self.results)
        return {
            "summary": {
                "intents": len(self.results),
                "holds": counts[Result.HOLDS],
                "fails": counts[Result.FAILS],
                "unknown": counts[Result.UNKNOWN],
                "vacuous": counts[Result.VACUOUS],
            },
            "intents": [checked.to_dict() for checked in self.results],
        }

    def to_frame(self) -> Any:
        """Return an intent a row as a pandas DataFrame: name, claim, over, result, reason, file, line."""
        columns = ("name", "claim", "over", "result", "reason", "file", "line")
        rows: Iterable[Mapping[str, Any]] = (each.to_dict() for each in self.results)
        return frame(columns, ([row[column] for column in columns] for row in rows))
