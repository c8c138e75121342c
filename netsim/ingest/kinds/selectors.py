"""LabelSelector: a conjunction over labels (S2.5)."""

from netsim.ingest.document import Path
from netsim.ingest.kinds.kind import Reading
from netsim.ingest.kinds.metadata import Texts, check_labels
from netsim.ingest.schema import Closed
from netsim.ingest.validation import label_key, label_value
from netsim.ir.labels import EVERYTHING, Labels, Operator, Requirement, Selector


class LabelRequirement(Closed, frozen=True):
    """One element of matchExpressions."""

    key: str | None = None
    operator: str | None = None
    values: list[str | None] | None = None


class LabelSelector(Closed, frozen=True):
    """matchLabels and matchExpressions, ANDed."""

    match_labels: Texts | None = None
    match_expressions: list[LabelRequirement | None] | None = None


_NO_REQUIREMENT = LabelRequirement()
_OPERATORS = {str(operator): operator for operator in Operator}
_WITH_VALUES = ("In", "NotIn")


def selector(written: LabelSelector | None) -> Selector:
    """Return the selector; an absent one is the empty one, which selects everything (S2.3)."""
    if written is None or not (written.match_labels or written.match_expressions):
        return EVERYTHING
    labels = (written.match_labels or {}).items()
    # S2.5: `matchLabels {k: v}` is `In [v]`, so that with `v: ""` the key must be there.
    equalities = [Requirement(key, Operator.IN, (value or "",)) for key, value in labels]
    return Selector.of(equalities + [_requirement(each) for each in written.match_expressions or () if each])


def _requirement(written: LabelRequirement) -> Requirement:
    values = tuple(sorted({value or "" for value in written.values or ()}))
    return Requirement(written.key or "", _OPERATORS[written.operator or ""], values)


def matches(chosen: Selector, labels: Labels) -> bool:
    """Return whether labels match a selector (S2.5)."""
    return all(_holds(requirement, labels.get(requirement.key)) for requirement in chosen.requirements)


def _holds(requirement: Requirement, value: str | None) -> bool:
    match requirement.operator:
        case Operator.IN:
            return value in requirement.values
        case Operator.NOT_IN:
            return value not in requirement.values
        case Operator.EXISTS:
            return value is not None
        case Operator.DOES_NOT_EXIST:
            return value is None


def check_selector(written: LabelSelector | None, path: Path, reading: Reading) -> bool:
    """Note what the API server would refuse of a selector; return whether it can be read."""
    if written is None:
        return True
    before = len(reading.problems)
    check_labels(written.match_labels, (*path, "matchLabels"), reading)
    for index, each in enumerate(written.match_expressions or ()):
        _check_requirement(each or _NO_REQUIREMENT, (*path, "matchExpressions", index), reading)
    return len(reading.problems) == before and not any(gone[: len(path)] == path for gone in reading.left_out)


def _check_requirement(written: LabelRequirement, path: Path, reading: Reading) -> None:
    operator, values = written.operator or "", written.values or []
    if operator not in _OPERATORS:
        message = f'"{operator}" is none of {", ".join(_OPERATORS)}'
        reading.refuse("NS112", (*path, "operator"), message, hint=_operator_hint(operator))
    elif operator in _WITH_VALUES and not values:
        hint = "list the values, or use Exists or DoesNotExist"
        reading.refuse("NS112", (*path, "values"), f"is empty, and `operator` {operator} needs a value", hint=hint)
    elif operator not in _WITH_VALUES and values:
        message = f"holds {', '.join(map(repr, values))}, and `operator` {operator} takes no value"
        reading.refuse("NS112", (*path, "values"), message, hint="drop `values`, or use In or NotIn")
    if wrong := label_key(written.key or ""):
        reading.refuse("NS110", (*path, "key"), f'"{written.key or ""}" {wrong}')
    for index, value in enumerate(values):
        if value and (wrong := label_value(value)):
            reading.refuse("NS111", (*path, "values", index), f'"{value}" {wrong}; no label can have it')


def _operator_hint(operator: str) -> str:
    same = {name.lower(): name for name in _OPERATORS}.get(operator.lower())
    return f"write {same}" if same else "Gt and Lt are for node affinity alone" if operator in ("Gt", "Lt") else ""
