"""Labels and the selectors over them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

Labels = Mapping[str, str]

#: The label that the API server keeps on every namespace (S2.5).
NAME_LABEL = "kubernetes.io/metadata.name"


class Operator(StrEnum):
    """The four operators of a LabelSelector requirement."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"

    __hash__ = str.__hash__  # as for Protocol: an enum's own hash is a Python call


@dataclass(frozen=True, slots=True, order=True)
class Requirement:
    """One term of a selector; ``values`` is sorted, without repetition, empty for Exists and DoesNotExist."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        match self.operator:
            case Operator.IN if len(self.values) == 1:
                return f"{self.key}={self.values[0]}"
            case Operator.IN:
                return f"{self.key} in ({', '.join(self.values)})"
            case Operator.NOT_IN:
                return f"{self.key} notin ({', '.join(self.values)})"
            case Operator.EXISTS:
                return self.key
            case Operator.DOES_NOT_EXIST:
                return f"!{self.key}"


@dataclass(frozen=True, slots=True)
class Selector:
    """A conjunction of requirements over labels; the empty one selects everything.

    Requirements are sorted and distinct, so that equal texts are equal values.
    ``str`` writes it as kubectl's ``-l`` does, the empty selector as ``""``.
    """

    requirements: tuple[Requirement, ...] = ()

    def __str__(self) -> str:
        return ",".join(str(requirement) for requirement in self.requirements)

    @staticmethod
    def of(requirements: Iterable[Requirement]) -> "Selector":
        """Return the canonical selector of these requirements."""
        return Selector(tuple(sorted(set(requirements))))


EVERYTHING = Selector()


def namespace_named(name: str) -> Selector:
    """Return the selector of exactly the namespace ``name``; S2.5 makes the label as good as the name."""
    return Selector((Requirement(NAME_LABEL, Operator.IN, (name,)),))
