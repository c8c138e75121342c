"""Damaged inputs, steered by which lines they reach: ``pip install atheris; python -m tests.fuzz.with_atheris``.

The arguments are libFuzzer's: ``-max_total_time=3600``, a folder of inputs to start from.
"""

import sys
from collections.abc import Sequence
from typing import Any, TypeVar

import atheris

T = TypeVar("T")

with atheris.instrument_imports(include=["netsim.ingest"]):
    from tests.fuzz.checks import read_without_a_traceback, refused_or_right, torn_text


class Consumed:
    """Choices of the fuzzer's bytes."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider

    def pick(self, options: Sequence[T]) -> T:
        return options[self._provider.ConsumeIntInRange(0, len(options) - 1)]


def one(data: bytes) -> None:
    """Take the bytes as a text, as choices, and as both."""
    if data[:1] < b"\x55":
        read_without_a_traceback(data[1:])
    elif data[:1] < b"\xaa":
        refused_or_right(Consumed(atheris.FuzzedDataProvider(data[1:])))
    else:
        read_without_a_traceback(torn_text(Consumed(atheris.FuzzedDataProvider(data[1:]))))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
