"""An inverted index over labels: which of many label maps a selector selects, without looking at each."""

from collections.abc import Iterable

from netsim.ir.labels import Labels, Operator, Requirement, Selector


class LabelIndex:
    """Label maps numbered from 0, by key and by key and value.

    ``members`` are the numbers in the index; a selector is answered as a set of them.
    """

    def __init__(self, labelled: Iterable[tuple[int, Labels]]) -> None:
        self._with_value: dict[tuple[str, str], set[int]] = {}
        self._with_key: dict[str, set[int]] = {}
        self.members: set[int] = set()
        for number, labels in labelled:
            self.members.add(number)
            for key, value in labels.items():
                self._with_value.setdefault((key, value), set()).add(number)
                self._with_key.setdefault(key, set()).add(number)

    def select(self, selector: Selector) -> set[int]:
        """Return the numbers whose labels the selector selects (S2.5)."""
        narrowing = [self._having(r) for r in selector.requirements if r.operator in _POSITIVE]
        if len(narrowing) == 1:
            found = set(narrowing[0])
        else:  # the smallest set first: an intersection costs its smaller side
            found = set.intersection(*sorted(narrowing, key=len)) if narrowing else set(self.members)
        for requirement in selector.requirements:
            if requirement.operator not in _POSITIVE:
                found -= self._having(requirement)
        return found

    def _having(self, requirement: Requirement) -> set[int]:
        """Return who has the key, with one of the values where the requirement names values."""
        if not requirement.values:
            return self._with_key.get(requirement.key, set())
        postings = [self._with_value.get((requirement.key, value), set()) for value in requirement.values]
        return postings[0] if len(postings) == 1 else set().union(*postings)


_POSITIVE = frozenset({Operator.IN, Operator.EXISTS})


class Vocabulary:
    """The label keys and values that some selector mentions: all that selectors can tell apart.

    A value that nobody mentions is as good as any other such value, so labels are reduced to what is mentioned:
    unique labels that no policy names cost nothing.
    """

    #: Stands for a value that no selector mentions; no legal label value holds a NUL.
    OTHER = "\0"

    def __init__(self, selectors: Iterable[Selector]) -> None:
        self._known: dict[str, dict[str, tuple[str, str]]] = {}
        for selector in selectors:
            for requirement in selector.requirements:
                known = self._known.setdefault(requirement.key, {})
                known.update((value, (requirement.key, value)) for value in requirement.values)
        self._other = {key: (key, self.OTHER) for key in self._known}

    def reduced(self, labels: Labels) -> tuple[tuple[str, str], ...]:
        """Return the mentioned labels, sorted, each value that nobody mentions replaced by OTHER."""
        known, other = self._known, self._other
        found = [known[key].get(value, other[key]) for key, value in labels.items() if key in known]
        found.sort()
        return tuple(found)


def meets(selector: Selector, labels: Labels) -> bool:
    """Return whether a selector selects one label map (S2.5)."""
    return all(_met(requirement, labels) for requirement in selector.requirements)


def _met(requirement: Requirement, labels: Labels) -> bool:
    having = requirement.key in labels and (not requirement.values or labels[requirement.key] in requirement.values)
    return having is (requirement.operator in _POSITIVE)
