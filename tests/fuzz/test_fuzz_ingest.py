"""Damaged inputs, a few hundred at a time; ``make fuzz`` goes on for an hour."""

from random import Random
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.agree.choices import Drawn, Seeded
from tests.fuzz.checks import read_without_a_traceback, refused_or_right, torn_text

#: Each takes a tenth of a second; the nightly takes the time that it is given instead.
FEWER = settings(max_examples=60)


@FEWER
@given(st.data())
def test_a_damaged_cluster_is_refused_or_means_what_it_says(data: st.DataObject) -> None:
    refused_or_right(Drawn(cast("st.DrawFn", data.draw)))


@given(st.data())
def test_a_torn_text_gives_problems_and_never_a_traceback(data: st.DataObject) -> None:
    read_without_a_traceback(torn_text(Drawn(cast("st.DrawFn", data.draw))))


@given(st.binary(max_size=300))
def test_any_bytes_give_problems_and_never_a_traceback(text: bytes) -> None:
    read_without_a_traceback(text)


def test_of_the_damaged_clusters_many_are_refused_and_many_are_compared() -> None:
    refused = sum(refused_or_right(Seeded(Random(seed))) for seed in range(40))  # noqa: S311
    assert 8 < refused < 35
