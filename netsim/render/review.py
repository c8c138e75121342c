"""What every format of a diff for people says: the counts, rows by risk, and sentences for what did it."""

from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from netsim.ir.finding import Finding, Severity
from netsim.queries import Diff
from netsim.queries.blame import Cause
from netsim.queries.both import Part
from netsim.queries.changes import Change, Changes
from netsim.queries.entrances import Entrance
from netsim.queries.moved import Risk
from netsim.queries.renames import Fate
from netsim.queries.risk import block_of
from netsim.queries.seam import Delta
from netsim.render.blocks import cover
from netsim.render.shown import Row, Shown
from netsim.render.words import before_or_after, counted, named, safe, where

#: What a group of rows has in common, by the gravest risk of each.
TITLES: dict[Risk | None, str] = {
    Risk.INTERNET: "newly open to the internet",
    Risk.CROSS_NAMESPACE: "new across namespaces",
    Risk.CROWN_JEWEL: "new access to crown jewels",
    Risk.INTERNET_EGRESS: "new ways out to the internet",
    None: "the rest",
}


def groups(shown: Shown) -> Iterator[tuple[Risk | None, Shown]]:
    """Yield rows by their gravest risk, the gravest first; those without one last, under None."""
    for risk in TITLES:
        own = tuple(each for each in shown.stretches if (each[0].risks[0] if each[0].risks else None) is risk)
        if own:
            yield risk, Shown(own)


def headline(answer: Diff, shown: Shown) -> str:
    """Return the counts: ``+3 connections, -1; 1 newly exposed to 0.0.0.0/0``, and the rows where fewer."""
    compared = Part.CONNECTIONS in answer.parts
    parts = [_connections(answer, shown.connections) if compared else "", _exposed(answer), *_others(answer)]
    return "; ".join(part for part in parts if part) or "nothing differs"


def _connections(answer: Diff, shown: int) -> str:
    if not answer.changes:
        return "no connection differs"
    counts = answer.counts
    noun = "connection" if counts["added"] == 1 else "connections"
    changed = f", ~{counts['changed']:,}" if counts["changed"] else ""
    fewer = f", in {counted(shown, 'row')}" if shown < len(answer) else ""
    return f"+{counts['added']:,} {noun}, -{counts['removed']:,}{changed}{fewer}"


def _exposed(answer: Diff) -> str:
    """Return to whom how many workloads are newly open: blocks that hold all, unless a controller is among them."""
    if not answer.exposed:
        return ""
    connections = Changes.of(answer.changes).of_kinds(lambda kind: Risk.INTERNET in kind.risks)
    entries = {each.source for each in answer.entries if Risk.INTERNET in each.risks}
    blocks = [block_of(name) for name in sorted(connections.sources | entries)]
    families = [[block for block in blocks if block and block.version == version] for version in (4, 6)]
    names = " and ".join(str(cover(own)) for own in families if own)
    return f"{len(answer.exposed):,} newly exposed to {'the internet' if None in blocks else names}"


def _others(answer: Diff) -> Iterator[str]:
    fates = [each.fate for each in answer.workloads]
    for fate, word in ((Fate.ADDED, "new"), (Fate.REMOVED, "gone"), (Fate.RENAMED, "renamed")):
        if fate in fates:
            yield f"{counted(fates.count(fate), 'workload')} {word}"
    for name, deltas in (("attack path", answer.paths), ("finding", answer.findings), ("attack step", answer.steps)):
        if deltas:
            new, changed, gone = (sum(delta.change == word for delta in deltas) for word in _WORDS)
            parts = (("+", new, _worst(deltas)), ("-", gone, ""), ("~", changed, ""))
            (mark, number, worst), *rest = (part for part in parts if part[1])
            yield f"{mark}{counted(number, name)}{worst}" + "".join(f", {own}{more:,}" for own, more, _ in rest)
    if answer.lesser:
        yield f"{counted(answer.lesser, 'lesser finding')} not shown"
    if answer.accepted:
        yield f"{answer.accepted:,} accepted by the baseline"


_WORDS = ("added", "changed", "removed")


def _worst(deltas: Sequence[Delta[Any]]) -> str:
    """Return how many of the new findings are grave: `` (1 critical, 2 high)``; empty where none is."""
    severities = [delta.new.severity for delta in deltas if delta.change == "added" and isinstance(delta.new, Finding)]
    counts = [(each, severities.count(each)) for each in (Severity.CRITICAL, Severity.HIGH)]
    told = ", ".join(f"{number:,} {each}" for each, number in counts if number)
    return f" ({told})" if told else ""


def network(row: Row) -> str:
    """Return the secondary network that a row is on; empty for the pod network and those that take its place."""
    return (row.network or "") if isinstance(row, Change) else ""


def moved(row: Row) -> str:
    """Return what a row does to the traffic: ``TCP 80``, or ``TCP 80 => TCP 443``, and by which way in."""
    old = before_or_after(row.old, row.old_unknown)
    new = before_or_after(row.new, row.new_unknown)
    told = {"added": new, "removed": old}.get(row.change, f"{old} => {new}")
    match row:
        case Change():
            family = f" over {row.family}" if row.family else ""
            network = f" on {safe(row.network)}" if row.network else ""
            return told + family + network
        case Entrance():
            return f"{told} by {row.kind} {safe(row.name)}"
        case _:
            assert_never(row)


def tags(row: Row) -> str:
    """Return what a row has to say of its risks beyond its group: that it is about a crown jewel."""
    return "crown jewel" if Risk.CROWN_JEWEL in row.risks else ""


#: What a policy or an object did to a connection, by its side and its deed.
DEEDS = {
    ("old", "allows"): "no longer allows {it}",
    ("new", "allows"): "allows {it} now",
    ("old", "may allow"): "no longer may allow {it}",
    ("new", "may allow"): "may allow {it} now",
    ("old", "denies"): "no longer denies {it}",
    ("new", "denies"): "denies {it} now",
    ("old", "may deny"): "no longer may deny {it}",
    ("new", "may deny"): "may deny {it} now",
    ("old", "passes"): "no longer passes {it} on",
    ("new", "passes"): "passes {it} on now",
    ("old", "may pass"): "no longer may pass {it} on",
    ("new", "may pass"): "may pass {it} on now",
    ("old", "isolates"): "no longer keeps {it} out",
    ("new", "isolates"): "keeps {it} out now",
    ("old", "removed"): "is gone",
    ("new", "added"): "is new",
    ("new", "changed"): "has changed",
}


def because_of(change: Row) -> tuple[str, ...]:
    """Return the causes of a change as sentences, each with its place.

    That a policy isolates goes without saying where one of its rules is named.
    """
    ruled = {cause.object for cause in change.because if cause.rule}
    it = "some of it" if change.change == "changed" else "it"
    return tuple(_cause(cause, it) for cause in change.because if cause.rule or cause.object not in ruled)


def _cause(cause: Cause, it: str) -> str:
    rule = f" {named(cause.rule, cause.name)}" if cause.rule else ""
    deed = DEEDS[cause.side, cause.what].format(it=it)
    return f"{safe(cause.object)}{rule} {deed} ({where(cause.place)})"
