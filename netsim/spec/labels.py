"""Label selectors over labels (S2.5)."""

from typing import assert_never

from netsim.ir.labels import Labels, Operator, Requirement, Selector


def satisfies(requirement: Requirement, labels: Labels) -> bool:
    """Return whether ``labels`` satisfy one requirement."""
    value = labels.get(requirement.key)
    match requirement.operator:
        case Operator.IN:  # S2.5: an absent key is in no list, not even in one that holds ""
            return value is not None and value in requirement.values
        case Operator.NOT_IN:  # S2.5: an absent key matches NotIn
            return value is None or value not in requirement.values
        case Operator.EXISTS:  # S2.5: an empty value exists
            return value is not None
        case Operator.DOES_NOT_EXIST:
            return value is None
    assert_never(requirement.operator)


def selects(selector: Selector, labels: Labels) -> bool:
    """Return whether ``labels`` satisfy every requirement; the empty selector selects everything (S2.5)."""
    return all(satisfies(requirement, labels) for requirement in selector.requirements)
