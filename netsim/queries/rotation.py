"""A change of keys, file by file: what can be read at each step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, TypedDict

from netsim.ingest.manifests import Manifest
from netsim.posture.encryption import at_rest
from netsim.posture.rotation import After, Step, is_readable, rotation
from netsim.queries.answer import Answer


class RotationStepShape(TypedDict):
    """What is true after one step: whether the API server starts, and how each resource's objects are stored."""

    step: int
    title: str
    starts: bool
    unreadable: list[str]
    stored: dict[str, str]
    torn: bool


class RotationShape(TypedDict):
    """What is true after each step."""

    resource: str
    safe: bool
    steps: list[RotationStepShape]


@dataclass(frozen=True, kw_only=True)
class Rotated(Answer):
    """What is true after each step.

    Attributes:
        steps: What is true once every API server has loaded the step's file.
        torn: The numbers of the steps whose objects an API server that still has the file before cannot read.
    """

    kind: ClassVar[str] = "Rotation"

    resource: str
    steps: tuple[After, ...]
    torn: frozenset[int]

    def __iter__(self) -> Iterator[After]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def is_safe(self) -> bool:
        """Can every object be read at every step, by every API server?"""
        return not self.torn and not any(each.unreadable or each.refused for each in self.steps)

    def facts(self) -> RotationShape:
        """Return the steps as JSON values."""
        return {
            "resource": self.resource,
            "safe": self.is_safe,
            "steps": [
                {
                    "step": number,
                    "title": after.step.title,
                    "starts": not after.refused,
                    "unreadable": list(after.unreadable),
                    "stored": {name: stored_as(value) for name, value in sorted(after.stored.items())},
                    "torn": number in self.torn,
                }
                for number, after in enumerate(self.steps)
            ],
        }


def stored_as(value: Any) -> str:
    """Return how a value is stored: ``aescbc key1``, ``identity``."""
    return " ".join(filter(None, (value.kind, value.name)))


def rotated(steps: Sequence[tuple[str, Manifest | None]], resource: str = "secrets") -> Rotated:
    """Return what is true after each step.

    Args:
        steps: A title, and the file that every API server loads; None where every object is rewritten under the one
            before.
    """
    made: list[Step] = []
    current: Mapping[str, Any] | None = None
    for title, manifest in steps:
        current = current if manifest is None else manifest.body
        made.append(Step(configuration=current, rewrite=manifest is None, title=title))
    return Rotated(resource=resource, steps=tuple(rotation(made, resource)), torn=frozenset(_torn(made, resource)))


def _torn(steps: Sequence[Step], resource: str) -> Iterator[int]:
    for number, (before, after) in enumerate(pairwise(steps), start=1):
        old, new = at_rest(before.configuration), at_rest(after.configuration)
        written = new.written(resource)
        if written is not None and not old.refused and not is_readable(written, old, resource):
            yield number
