"""A listing with its reasons: for each pair the classes of traffic, and for each class what either direction says."""

from collections.abc import Iterator

from netsim.ir.policy import Rule
from netsim.ir.traffic import ALL
from netsim.ir.verdict import Mismatch, Side
from netsim.queries.explain import Explained, Explanation
from netsim.queries.reasons import PORTS, Part, size
from netsim.render.blocks import as_rows
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.text import summary
from netsim.render.verdict import TRUTHS, near_miss, sentence
from netsim.render.words import called, safe, where

#: The last class of several is called "everything else" where its ports would take more than this to write.
LONGEST = 30

OTHERS = "pairs with nothing allowed are left out; name both ends, with --from and --to, to see why they are denied"


def text(answer: Explained, palette: Palette = PLAIN) -> Iterator[str]:
    """Yield each pair with its classes of traffic; where every pair is told, also why each rule did not match."""
    rows = gathered(answer)
    for pair in rows:
        beside = f" over {pair.family}" if pair.family else ""
        beside += f" on {pair.network}" if pair.network else ""
        yield paint(f"{safe(pair.source)} -> {safe(pair.destination)}{beside}", palette.head) + "\n"
        for part in pair.parts:
            yield from _part(part, called_in(part, pair), palette, misses=answer.every_pair)
        yield "\n"
    yield summary(answer, sum(bool(pair.allowed or pair.unknown) for pair in rows)) + "\n"
    if not answer.every_pair:
        yield OTHERS + "\n"


def gathered(answer: Explained) -> list[Explanation]:
    """Return the pairs, with the blocks gathered that fare alike."""
    return [pair for pair, _ in as_rows((pair, (id(pair.parts), pair.family, pair.network)) for pair in answer)]


def called_in(part: Part, pair: Explanation) -> str:
    """Return the traffic of a class as it is called among the others of its pair."""
    told = str(part.traffic)
    whole = sum(size(each.traffic) for each in pair.parts) == size(ALL)
    last = part is pair.parts[-1] and len(pair.parts) > 1
    return "everything else" if whole and last and len(told) > LONGEST else told


def _part(part: Part, called: str, palette: Palette, *, misses: bool) -> Iterator[str]:
    colour = {True: palette.good, False: palette.bad, None: palette.doubt}[part.allowed]
    yield f"  {paint(f'{TRUTHS[part.allowed]:7}', colour)}  {called}\n"
    for side in (part.egress, part.ingress):
        start = f"{side.direction.value:7}"
        for line in said(side, misses=misses):
            yield f"    {paint(start, palette.faint)}  {line}\n"
            start = " " * len(start)


def said(side: Side, *, misses: bool) -> Iterator[str]:
    """Yield what one direction says, a line a reason; with ``misses``, why each rule of a denial did not match."""
    for reason in side.reasons:
        yield sentence(reason, side)
        if misses:
            yield from (f"  {miss_told(rule, miss, side)}" for rule, miss in reason.mismatches)


def miss_told(rule: Rule, miss: Mismatch, side: Side) -> str:
    """Return why a rule of a denial did not match, as it holds for its whole class of traffic."""
    if miss.at == PORTS:
        return f"{called(rule)} ({where(miss.place)}): it is about {safe(miss.wanted)} only"
    return near_miss(rule, miss, side.direction)
