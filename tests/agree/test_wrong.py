"""Each wrong reading of the standard is caught by the agreement of the definition with the fast form."""

from collections.abc import Iterator
from functools import cache
from itertools import chain

import pytest

from netsim import spec
from tests.agree.compare import Asked, asked
from tests.agree.generate import Case, seeded
from tests.agree.wrong import WRONG, Wrong

#: A wrong reading must show within this many generated clusters.
SEEDS = 120


@cache
def _case(seed: int) -> tuple[Case, tuple[Asked, ...]]:
    case = seeded(seed)
    return case, tuple(asked(case))


def _wrong_verdicts() -> Iterator[int]:
    for seed in range(SEEDS):
        case, questions = _case(seed)
        yield from (
            seed
            for question in questions
            if spec.judge(case.snapshot, case.profile, question.flow).allowed is not question.fast
        )


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name.replace(" ", "-"))
def test_a_wrong_reading_is_caught(wrong: Wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    right = getattr(wrong.module, wrong.function)
    monkeypatch.setattr(wrong.module, wrong.function, wrong.make(right))
    assert next(chain(_wrong_verdicts(), [None]), None) is not None, f"{wrong.clause} is not tested"


def test_the_table_has_enough_wrong_readings_and_no_name_twice() -> None:
    assert len({wrong.name for wrong in WRONG}) == len(WRONG) >= 25
