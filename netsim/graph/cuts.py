"""What cuts every path: what each hangs on, the smallest set that hits them all, and the kinds that there are."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from netsim.graph.horn import Closure
from netsim.ir.attack import Guard

#: Asks again, without some guards and, where that is not None, with steps of some kinds alone; None: out of reach.
Again = Callable[[Collection[Guard], Collection[str] | None], Closure | None]

#: No question is asked again more often than this.
MOST_QUESTIONS = 160
#: No more kinds of paths than this are told.
MOST_KINDS = 12

_ORDER = ("binding", "pod", "namespace", "service", "account", "policy", "scheduling")


@dataclass(slots=True)
class Cuts:
    """The work of one goal; used once, then dropped.

    Attributes:
        again: Asks whether the goal is in reach, and by which proof.
        guards_of: The guards of a closure's proof of the goal.
        kinds_of: The step kinds of it.
        asked: How often it was asked so far.
        exact: Whether the chokes and the cut are proved.
        complete: Whether every kind of path was found.
    """

    again: Again
    guards_of: Callable[[Closure], frozenset[Guard]]
    kinds_of: Callable[[Closure], frozenset[str]]
    asked: int = 0
    exact: bool = True
    complete: bool = True
    _proofs: list[frozenset[Guard]] = field(default_factory=list)

    def _ask(self, removed: Collection[Guard], kinds: Collection[str] | None = None) -> Closure | None:
        self.asked += 1
        return self.again(removed, kinds)

    @property
    def _spent(self) -> bool:
        return self.asked >= MOST_QUESTIONS

    def chokes(self) -> tuple[Guard, ...]:
        """Return what every proof hangs on, each by itself."""
        first = self._ask(())
        if first is None:
            return ()
        self._proofs.append(self.guards_of(first))
        candidates = set(self._proofs[0])
        found = []
        while candidates:
            if self._spent:
                self.exact = False
                break
            guard = min(candidates, key=_rank)
            other = self._ask((guard,))
            candidates.discard(guard)
            if other is None:
                found.append(guard)
            else:  # what that proof does without is in no cut by itself
                self._proofs.append(self.guards_of(other))
                candidates &= self._proofs[-1]
        return tuple(sorted(found, key=_rank))

    def smallest(self) -> tuple[Guard, ...] | None:
        """Return the smallest set of guards without which nothing leads to the goal; None where there is none.

        Source:
            Implicit hitting sets: Moreno-Centeno and Karp, 2013. A set that hits every proof seen is tried; the proof
            that survives it joins them.
        """
        if not self._proofs:
            first = self._ask(())
            if first is None:
                return ()
            self._proofs.append(self.guards_of(first))
        while True:
            chosen = hitting_set(self._proofs)
            if chosen is None:
                return None
            if self._spent:
                self.exact = False
                return chosen
            survivor = self._ask(chosen)
            if survivor is None:
                return tuple(sorted(chosen, key=_rank))
            self._proofs.append(self.guards_of(survivor))

    def kinds(self, everything: Collection[str]) -> tuple[frozenset[str], ...]:
        """Return the sets of step kinds that are enough to get to the goal, none more than it must be."""
        found: list[frozenset[str]] = []
        tried: set[frozenset[str]] = set()
        while len(found) < MOST_KINDS:
            new = self._next_kinds(found, tried, everything)
            if new is None:
                break
            found.append(new)
        else:
            self.complete = False
        return tuple(sorted(found, key=lambda kinds: (len(kinds), sorted(kinds))))

    def _next_kinds(
        self, found: Sequence[frozenset[str]], tried: set[frozenset[str]], everything: Collection[str]
    ) -> frozenset[str] | None:
        for left_out in _transversals(found):
            if left_out in tried:
                continue
            if self._spent:
                self.complete = False
                return None
            tried.add(left_out)
            closure = self._ask((), frozenset(everything) - left_out)
            if closure is not None:
                return self._least(self.kinds_of(closure))
        return None

    def _least(self, kinds: frozenset[str]) -> frozenset[str]:
        for kind in sorted(kinds):
            if kind in kinds and not self._spent:
                fewer = self._ask((), kinds - {kind})
                if fewer is not None:
                    kinds = self.kinds_of(fewer)
        return kinds


def _rank(guard: Guard) -> tuple[int, str, str]:
    return _ORDER.index(guard.kind) if guard.kind in _ORDER else len(_ORDER), guard.object, guard.setting


def hitting_set(sets: Sequence[frozenset[Guard]]) -> tuple[Guard, ...] | None:
    """Return the smallest set with a member in each of some sets, the first of those; None where one is empty."""
    least = [each for each in sets if not any(other < each for other in sets)]
    if not all(least):
        return None
    members = sorted({guard for each in least for guard in each}, key=_rank)
    counts = {guard: sum(guard in each for each in least) for guard in members}
    for size in range(len(least) + 1):
        found = _hit(list(dict.fromkeys(least)), size, counts)
        if found is not None:
            return found
    return None


def _hit(sets: Sequence[frozenset[Guard]], size: int, counts: dict[Guard, int]) -> tuple[Guard, ...] | None:
    if not sets:
        return ()
    if size == 0:
        return None
    narrow = min(sets, key=lambda each: (len(each), sorted(map(_rank, each))))
    for guard in sorted(narrow, key=lambda each: (-counts[each], _rank(each))):
        rest = _hit([each for each in sets if guard not in each], size - 1, counts)
        if rest is not None:
            return (guard, *rest)
    return None


def _transversals(sets: Sequence[frozenset[str]]) -> Iterable[frozenset[str]]:
    """Yield the minimal sets with a member in each of some sets."""
    found = [frozenset[str]()]
    for each in sets:
        grown = {
            chosen if chosen & each else chosen | {member} for chosen in found for member in (sorted(each) or [""])
        }
        found = [one for one in grown if not any(other < one for other in grown)]
    return sorted(found, key=lambda chosen: (len(chosen), sorted(chosen)))


def smallest_by_trying(
    guards: Collection[Guard], cuts: Callable[[Collection[Guard]], bool]
) -> tuple[Guard, ...] | None:
    """Return the smallest set of guards that cuts, by the definition: every set is tried. ``Cuts`` must agree."""
    for size in range(len(guards) + 1):
        for chosen in combinations(sorted(guards, key=_rank), size):
            if cuts(chosen):
                return chosen
    return None
