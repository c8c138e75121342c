"""Where the choices of generated clusters come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol as Interface
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Choices(Interface):
    """Where choices come from: hypothesis, which shrinks, or a seeded generator, which repeats."""

    def pick(self, options: Sequence[T]) -> T: ...


@dataclass(frozen=True)
class Seeded:
    """Choices of a seeded generator."""

    random: Random

    def pick(self, options: Sequence[T]) -> T:
        return self.random.choice(options)


@dataclass(frozen=True)
class Drawn:
    """Choices of hypothesis; the first option is the simplest."""

    draw: st.DrawFn

    def pick(self, options: Sequence[T]) -> T:
        return self.draw(st.sampled_from(options))


YES_NO = (False, True)
RARELY = (False, False, False, True)
MOSTLY = (True, True, True, False)
ALMOST_ALWAYS = (True,) * 7 + (False,)
