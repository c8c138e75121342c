"""All labels that could be, as far as some selectors tell them apart: regions, each with one example."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from netsim.ir.labels import Labels, Operator, Requirement, Selector
from netsim.spec.labels import satisfies, selects

#: Beyond this many regions of one space, the selectors' own and those of their pairs are told apart, and no more;
#: beyond this many selectors, not even those of pairs.
MOST_REGIONS = 1_000
MOST_PAIRED = 200

#: A value, or the lack of the key.
Value = str | None


@dataclass(frozen=True, slots=True)
class Region:
    """Labels that no selector tells apart.

    Attributes:
        selected: The numbers of the selectors that select them.
        example: Some such labels, as few as can be.
    """

    selected: frozenset[int]
    example: Labels


@dataclass(frozen=True, slots=True)
class LabelSpace:
    """The regions of a space; ``whole`` is false where there are more than are listed."""

    regions: tuple[Region, ...]
    whole: bool


def label_space(selectors: Sequence[Selector], present: Mapping[str, Sequence[str]]) -> LabelSpace:
    """Return the regions that the selectors tell apart.

    Contradictory selectors select nothing, and so are in no region.

    Args:
        present: Keys that are always there, each with the values that it may have.
    """
    values = _values(selectors, present)
    found: dict[int, dict[str, str]] = {(1 << len(selectors)) - 1: {}}
    for key, options in values.items():
        found = _split(found, key, _distinguished(key, options, selectors))
        if len(found) > MOST_REGIONS:
            return LabelSpace(tuple(_bounded(selectors, values)), whole=False)
    return LabelSpace(tuple(Region(_numbers(mask), labels) for mask, labels in found.items()), whole=True)


def _values(selectors: Sequence[Selector], present: Mapping[str, Sequence[str]]) -> dict[str, tuple[Value, ...]]:
    """Return, for each key that selectors mention, all that its value may be: absent, any mentioned, any other."""
    mentioned: dict[str, set[str]] = {key: set() for key in sorted(present)}
    for selector in selectors:
        for requirement in selector.requirements:
            mentioned.setdefault(requirement.key, set()).update(requirement.values)
    return {
        key: tuple(present[key]) if key in present else (None, *sorted(own), unmentioned(own))
        for key, own in sorted(mentioned.items())
    }


def unmentioned(values: Iterable[str], wanted: str = "other") -> str:
    """Return a label value that is none of these."""
    taken, found, number = set(values), wanted, 1
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    return found


def _distinguished(key: str, options: Sequence[Value], selectors: Sequence[Selector]) -> dict[int, Value]:
    """Return one value for each set of selectors that a value of the key leaves satisfiable."""
    found: dict[int, Value] = {}
    for value in options:
        labels = {} if value is None else {key: value}
        mask = 0
        for number, selector in enumerate(selectors):
            if all(satisfies(requirement, labels) for requirement in selector.requirements if requirement.key == key):
                mask |= 1 << number
        found.setdefault(mask, value)
    return found


def _split(found: Mapping[int, dict[str, str]], key: str, options: Mapping[int, Value]) -> dict[int, dict[str, str]]:
    split: dict[int, dict[str, str]] = {}
    for mask, labels in found.items():
        for left, value in options.items():
            example = labels if value is None else {**labels, key: value}
            if mask & left not in split or len(example) < len(split[mask & left]):
                split[mask & left] = example
    return split


def _numbers(mask: int) -> frozenset[int]:
    return frozenset(number for number in range(mask.bit_length()) if mask >> number & 1)


def _bounded(selectors: Sequence[Selector], values: Mapping[str, Sequence[Value]]) -> Iterator[Region]:
    """Yield the regions of no labels, of other labels, of each selector and of each pair that both can select."""
    always = {key: options[0] for key, options in values.items() if options[0] is not None}
    others = {key: options[-1] for key, options in values.items() if options[-1] is not None}
    examples: list[Labels] = [always, others]
    pairs = combinations(selectors, 2) if len(selectors) <= MOST_PAIRED else ()
    for chosen in (*((selector,) for selector in selectors), *pairs):
        joint = conjunction(chosen)
        example = None if joint is None else _example(joint, values)
        if example is not None:
            examples.append({**always, **example})
    seen = set()
    for labels in examples:
        selected = frozenset(number for number, selector in enumerate(selectors) if selects(selector, labels))
        if selected not in seen:
            seen.add(selected)
            yield Region(selected, labels)


def _example(selector: Selector, values: Mapping[str, Sequence[Value]]) -> dict[str, str] | None:
    """Return few labels that the selector selects; None where there are none."""
    found: dict[str, str] = {}
    for key in {requirement.key for requirement in selector.requirements}:
        own = Selector(tuple(requirement for requirement in selector.requirements if requirement.key == key))
        fitting = [value for value in values[key] if selects(own, {} if value is None else {key: value})]
        if not fitting:
            return None
        if fitting[0] is not None:
            found[key] = fitting[0]
    return found


def conjunction(selectors: Iterable[Selector]) -> Selector | None:
    """Return the selector of what all of these select, with nothing said twice; None where that is nothing."""
    by_key: dict[str, list[Requirement]] = {}
    for selector in selectors:
        for requirement in selector.requirements:
            by_key.setdefault(requirement.key, []).append(requirement)
    merged: list[Requirement] = []
    for key, requirements in by_key.items():
        own = _merged(key, requirements)
        if own is None:
            return None
        merged += own
    return Selector.of(merged)


def _merged(key: str, requirements: Sequence[Requirement]) -> list[Requirement] | None:
    operators = {requirement.operator for requirement in requirements}
    without = {v for r in requirements if r.operator is Operator.NOT_IN for v in r.values}
    lists = [set(r.values) for r in requirements if r.operator is Operator.IN]
    positive = Operator.EXISTS in operators or bool(lists)
    if Operator.DOES_NOT_EXIST in operators:
        return None if positive else [Requirement(key, Operator.DOES_NOT_EXIST)]
    if lists:
        left = set.intersection(*lists) - without
        return [Requirement(key, Operator.IN, tuple(sorted(left)))] if left else None
    found = [Requirement(key, Operator.EXISTS)] if positive else []
    return [*found, Requirement(key, Operator.NOT_IN, tuple(sorted(without)))] if without else found
