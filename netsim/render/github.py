"""Annotations of GitHub Actions: one command a line on standard output, the worst first."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from netsim.ir.finding import Check, Finding, Severity, by_severity
from netsim.render.hosted import spot, told
from netsim.render.words import safe

#: More than this of a kind GitHub drops, in each step.
MOST_OF_A_KIND = 10

KINDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


def findings(found: Iterable[Finding], checks: Mapping[str, Check]) -> Iterator[str]:
    """Yield an annotation for each finding, as many as are shown, then how many are not."""
    by_kind: dict[str, list[Finding]] = {}
    for each in by_severity(found):
        by_kind.setdefault(KINDS[each.severity], []).append(each)
    for kind, own in by_kind.items():
        yield from (_annotation(kind, each, checks[each.code]) for each in islice(own, MOST_OF_A_KIND))
    for kind, own in by_kind.items():
        if len(own) > MOST_OF_A_KIND:
            hidden = f"{len(own) - MOST_OF_A_KIND:,} of {len(own):,} annotations of the kind {kind}"
            yield f"{hidden} are hidden: GitHub shows {MOST_OF_A_KIND}\n"


def _annotation(kind: str, found: Finding, check: Check) -> str:
    place = spot(found.file, found.line)
    where = {} if place is None else {"file": place.path, **({"line": str(place.line)} if place.line else {})}
    properties = {**where, "title": f"{found.code} {check.title}"}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = "\n".join(safe(line) for part in (told(found), found.why) for line in part.splitlines())
    return f"::{kind} {written}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
