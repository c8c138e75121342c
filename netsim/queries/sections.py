"""What a diff compares beside connections: lists of both sides, item by item, by a stable key.

A new list is one line of SECTIONS: who finds the items in one cluster, what an item is known by, and what it says.
Findings of another area also want its catalogue in ``render.catalogue.DIFF_AREAS``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from netsim.cluster import Compiled
from netsim.queries.seam import Delta, compared
from netsim.queries.steps import compared_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One list of a diff.

    Attributes:
        name: The field of ``Diff`` and of its JSON.
        items: Finds the items in one cluster.
        key: What an item is known by, the same on both sides whatever lines have moved; a text.
        told: Returns an item as JSON values; two that say the same, places apart, are the same item.
    """

    name: Literal["findings", "steps"]
    items: Callable[[Compiled], Iterable[Any]]
    key: Callable[[Any], str]
    told: Callable[[Any], dict[str, Any]]

    def compared(self, old: Compiled, new: Compiled) -> tuple[Delta[Any], ...]:
        """Return where the two clusters differ."""
        return compared(self.items(old), self.items(new), key=self.key, says=self._says)

    def _says(self, item: Any) -> dict[str, Any]:
        return {name: value for name, value in self.told(item).items() if name not in _PLACES}

    def facts(self, delta: Delta[Any]) -> dict[str, Any]:
        """Return a difference as JSON values: the item, as it is or as it was, and what became of it."""
        return {**self.told(delta.item), "change": delta.change}

    def key_of(self, delta: Delta[Any]) -> str:
        """Return what a difference is known by in a baseline."""
        return f"{self.name} {delta.change} {delta.key}"


#: Where an item stands is not what it says.
_PLACES = frozenset({"file", "line", "because"})


def _nothing(_cluster: Compiled) -> tuple[()]:
    return ()


#: Every list that is compared, in the order in which answers hold them.
SECTIONS: tuple[Section, ...] = (
    Section(name="findings", items=_nothing, key=lambda finding: finding.key, told=lambda finding: finding.to_dict()),
    Section(name="steps", items=compared_steps, key=lambda step: step.key, told=lambda step: step.to_dict()),
)
