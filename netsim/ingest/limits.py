"""How much is read of an input before it is refused, so that hostile or mistaken ones cost neither memory nor time."""

from collections.abc import Iterable
from dataclasses import dataclass

from netsim.errors import Problem

_RAISE = "`netsim --max-bytes N` and NETSIM_MAX_BYTES set the limit; reading takes three to five times N of memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be adjusted; ``docs/reference.md`` has the table of these limits and of the fixed ones.

    Attributes:
        bytes: Of one file. A hundred thousand pods are 90 MB to 400 MB of JSON.
        aliased: The values that the aliases of one YAML file may add; a thousand times what any manifest in use adds.
        problems: How many are kept; the others are counted.
    """

    bytes: int = 1_000_000_000
    aliased: int = 1_000_000
    problems: int = 10_000


DEFAULT_LIMITS = Limits()


def too_large(file: str, size: int | None, limits: Limits) -> Problem:
    """Return the problem (NS104) of a file of ``size`` bytes; None where all that is known is that it is too large."""
    has = "more" if size is None else f"{size:,} bytes, more"
    return Problem(file=file, code="NS104", message=f"has {has} than the limit of {limits.bytes:,} bytes", hint=_RAISE)


class Problems(list[Problem]):
    """A list that keeps so many problems and counts the rest."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self._limit = limits.problems
        self._passed_over = 0

    def append(self, problem: Problem, /) -> None:
        if len(self) < self._limit:
            super().append(problem)
        else:
            self._passed_over += 1

    def extend(self, problems: Iterable[Problem], /) -> None:
        for problem in problems:
            self.append(problem)

    def __iadd__(self, problems: Iterable[Problem], /) -> "Problems":  # type: ignore[override,misc]
        self.extend(problems)
        return self

    def all(self) -> tuple[Problem, ...]:
        """Return the problems without repetition, sorted, and last how many more there are."""
        found = sorted(set(self))
        if self._passed_over:
            message = f"{self._passed_over:,} more problems are not listed"
            hint = "mend the first ones: they often share one cause"
            found.append(Problem(file=found[-1].file, code="NS104", message=message, hint=hint))
        return tuple(found)
