"""Lists of two sides compared item by item, by a key that stays the same when lines move."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Item = TypeVar("Item")

#: How something differs between two sides.
Word = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta(Generic[Item]):
    """One item that is not on both sides the same; ``old`` or ``new`` is None where that side has it not."""

    key: Hashable
    old: Item | None
    new: Item | None

    @property
    def item(self) -> Item:
        """The item as it is, or as it was where it is gone."""
        found = self.old if self.new is None else self.new
        if found is None:
            raise ValueError(f"{self.key} is on neither side")
        return found

    @property
    def change(self) -> Word:
        """``added``, ``removed`` or ``changed``."""
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "changed"


def compared(
    old: Iterable[Item],
    new: Iterable[Item],
    *,
    key: Callable[[Item], Hashable],
    says: Callable[[Item], object],
    place: Callable[[Item], Hashable] = lambda _: None,
    follow: Callable[[Item], Item] = lambda item: item,
) -> tuple[Delta[Item], ...]:
    """Return where two lists differ, in the order of the new list, then of what is gone.

    Args:
        key: What an item is known by; of several with one key the first counts.
        says: What of an item must differ for it to count as changed.
        place: Where an item stands. Of what one side alone has, an old and a new item of one place are one that has
            changed; None stands nowhere.
        follow: Returns an old item as it would be called now; a difference holds it as it was.
    """
    before, after = _by_key(old, lambda item: key(follow(item))), _by_key(new, key)
    gone = {name: item for name, item in before.items() if name not in after}
    left = {at: name for name, item in gone.items() if (at := place(follow(item))) is not None}
    found = []
    for name, item in after.items():
        was = before.get(name)
        if was is None and (at := place(item)) in left:
            was = gone.pop(left.pop(at))
        found.append(Delta(key=name, old=was, new=item))
    lost = [Delta(key=name, old=item, new=None) for name, item in gone.items()]
    return tuple(
        delta
        for delta in (*found, *lost)
        if delta.old is None or delta.new is None or says(follow(delta.old)) != says(delta.new)
    )


def _by_key(items: Iterable[Item], key: Callable[[Item], Hashable]) -> dict[Hashable, Item]:
    found: dict[Hashable, Item] = {}
    for item in items:
        found.setdefault(key(item), item)
    return found
