"""Three answers: yes, no, and unknown (``None``)."""

from collections.abc import Iterable

Truth = bool | None


def both(left: Truth, right: Truth) -> Truth:
    """Return Kleene's conjunction: unknown unless one side is no."""
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def any_of(values: Iterable[Truth]) -> Truth:
    """Return Kleene's disjunction: yes beats unknown beats no."""
    unknown = False
    for value in values:
        if value:
            return True
        unknown = unknown or value is None
    return None if unknown else False


def agreed(values: Iterable[Truth]) -> Truth:
    """Return the one value that all share, else unknown (also for no value at all)."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None
