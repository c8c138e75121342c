"""What a user should know beside the answer: problems, assumptions, warnings, what is not modelled."""

from collections.abc import Iterable, Sequence

from netsim.cli.messages import marked, say
from netsim.errors import NetsimError, Problem
from netsim.ir.snapshot import Snapshot
from netsim.queries.answer import Answer
from netsim.render.words import counted, safe, where

#: Without --verbose, this many warnings.
MOST_WARNINGS = 10


def problems(found: Sequence[Problem], *, analysed: bool) -> None:
    """Say everything that is wrong with the inputs, with its hints, then how much there is."""
    for problem in found:
        say(_lines(str(problem)))
    rest = "the rest was analysed" if analysed else "nothing was analysed; --keep-going analyses the rest"
    say(f"\n{marked(counted(len(found), 'problem'), '31')} {rest}")


def error(error: NetsimError) -> None:
    """Say what went wrong, with the way out."""
    say(f"{marked('error', '31')} {_lines(str(error))}")


def _lines(text: str) -> str:
    return "\n".join(safe(line) for line in text.split("\n"))


def warning(text: str) -> None:
    """Say something that a user should know."""
    say(f"{marked('warning', '33')} {text}")


def slow(file: str, size: int) -> None:
    """Say that a large file of YAML is going to be read."""
    much = f"{safe(file)} is {size // 1_000_000:,} MB of YAML"
    say(f"{marked('hint', '36')} {much}; JSON (`kubectl get -o json`) takes a fifth of the time")


def beside(answer: Answer, *, verbose: bool) -> None:
    """Say the answer's assumptions and warnings."""
    for assumption in answer.assumptions:
        say(f"{marked('assumption', '36')} {safe(assumption)}")
    shown = answer.warnings if verbose else answer.warnings[:MOST_WARNINGS]
    for notice in shown:
        place = f"{where(notice.place)}: " if notice.place else ""
        warning(f"{place}{safe(notice.message)}")
    more = len(answer.warnings) - len(shown)
    if more:
        say(f"... and {counted(more, 'warning')} more: --verbose shows all")


def unmodelled(snapshots: Iterable[Snapshot]) -> None:
    """Say what was read and not modelled, what several inputs share once."""
    for entry in dict.fromkeys(entry for snapshot in snapshots for entry in snapshot.unmodelled):
        kind = safe(f"{entry.api_version} {entry.kind}".strip())
        what = kind or f"document{'s' if entry.count > 1 else ''} that {'are' if entry.count > 1 else 'is'} no object"
        say(f"not modelled: {entry.count:,} {what}, first at {where(entry.place)}")
