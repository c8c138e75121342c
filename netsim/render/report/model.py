"""A report as JSON values: everything that the page shows, each text once, all else by number."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netsim.ir.finding import Finding
from netsim.ir.traffic import Traffic
from netsim.ir.truth import Truth
from netsim.ir.verdict import Reason, Side
from netsim.queries.entries import WayIn
from netsim.queries.explain import Explanation
from netsim.queries.report import Governed, Highlight, Hop, Report
from netsim.queries.risk import block_of, namespace_of
from netsim.render.beside import MARKS, beside
from netsim.render.blocks import as_rows
from netsim.render.entries import as_rows as ways_as_rows
from netsim.render.explained import called_in, miss_told
from netsim.render.report.layout import balance, grid, ranked
from netsim.render.report.written import text_of
from netsim.render.review import because_of, headline, moved
from netsim.render.shown import rows
from netsim.render.verdict import sentence
from netsim.render.words import safe, where

_TRUTHS: dict[Truth, int] = {True: 1, False: 0, None: 2}


@dataclass(slots=True)
class Numbered:
    """Values by number, each once, in the order in which they came."""

    values: list[Any] = field(default_factory=list)
    _known: dict[Hashable, int] = field(default_factory=dict)

    def of(self, value: Hashable) -> int:
        """Return the number of a value."""
        if value not in self._known:
            self._known[value] = len(self.values)
            self.values.append(value)
        return self._known[value]


class Model:
    """The work of one page; used once, then dropped."""

    def __init__(self, answer: Report) -> None:
        self._answer = answer
        self._names = Numbered()
        self._traffics = Numbered()
        self._sides = Numbered()
        self._grounds = Numbered()
        self._told: dict[int, int] = {}
        self._kept: list[Side] = []  # so that no `id` of a side is used twice
        self._policies = {f"{each.policy.kind} {each.policy}": at for at, each in enumerate(answer.policies)}

    def values(self) -> dict[str, Any]:
        """Return the page's data."""
        answer = self._answer
        for place in answer.places:
            self._names.of(place.name)
        edges = self._edges(answer.explained)
        denied = self._edges(answer.denied)
        differ = self._diff()
        highlights = [self._highlight(each) for each in answer.highlights]
        return {
            "summary": answer.facts()["summary"],
            "nodes": self._nodes(edges, differ),
            "traffics": [[_written(traffic), _ranges(traffic)] for traffic in self._traffics.values],
            "edges": [number for row in edges for number in row],
            "denied": [number for row in denied for number in (row[0], row[1], row[4])],
            "deniedTold": answer.denied_told,
            "grounds": self._grounds.values,
            "sides": self._sides.values,
            "policies": [self._policy(each) for each in answer.policies],
            "findings": [_finding(each) for each in answer.findings],
            "checks": {
                code: [check.title, check.description, check.help]
                for code, check in answer.checks.items()
                if code in {found.code for found in answer.findings}
            },
            "entries": [_entry(way) for way in dict.fromkeys(ways_as_rows(answer.entries))],
            "diff": differ,
            "highlights": highlights,
            "assumptions": list(answer.assumptions),
            "warnings": [safe(str(notice)) for notice in answer.warnings],
        }

    def _edges(self, pairs: Iterable[Explanation]) -> list[tuple[int, int, int, int, int]]:
        """Return rows of numbers: source, destination, traffic that is allowed, that may be, reasons."""
        found = []
        for pair, _ in as_rows((pair, (id(pair.parts), pair.family, pair.network)) for pair in pairs):
            ends = self._names.of(pair.source), self._names.of(pair.destination)
            traffics = self._traffics.of(pair.allowed), self._traffics.of(pair.unknown)
            found.append((*ends, *traffics, self._grounds.of(self._reasons(pair))))
        return found

    def _reasons(self, pair: Explanation) -> tuple[Any, ...]:
        beside = " ".join(f"on {what}" for what in (pair.family, pair.network) if what)
        parts = (
            (_TRUTHS[p.allowed], called_in(p, pair), self._side(p.egress), self._side(p.ingress)) for p in pair.parts
        )
        return (beside, *parts)

    def _side(self, side: Side) -> int:
        if id(side) not in self._told:
            self._kept.append(side)
            self._told[id(side)] = self._sides.of(tuple(self._reason(reason, side) for reason in side.reasons))
        return self._told[id(side)]

    def _reason(self, reason: Reason, side: Side) -> tuple[Any, ...]:
        """Return a sentence, the policy that it names, the rule, and why each other rule did not match."""
        policy = self._policies.get(f"{reason.policy.kind} {reason.policy}", -1) if reason.policy else -1
        misses = reason.mismatches if self._answer.denied_told else ()
        told = tuple(miss_told(rule, miss, side) for rule, miss in misses)
        return sentence(reason, side), policy, str(reason.rule) if reason.rule else "", told

    def _nodes(self, edges: Sequence[tuple[int, ...]], differ: Mapping[str, Any] | None) -> dict[str, Any]:
        names: list[str] = self._names.values
        arrows = [(names[row[0]], names[row[1]]) for row in edges]
        arrows += [(names[row[1]], names[row[2]]) for row in (differ or {"rows": []})["rows"]]
        spaces = {name: None if _is_block(name) else namespace_of(name) for name in names}
        leanings = balance(names, arrows)
        between = [(a, b) for one, two in arrows if (a := spaces[one]) and (b := spaces[two]) and a != b]
        inside: dict[str, list[str]] = {}
        for name, space in spaces.items():
            if space:
                inside.setdefault(space, []).append(name)
        order = ranked(list(inside), balance(inside, between))
        numbers = {space: number for number, space in enumerate(order)}
        spots = {name: spot for own in inside.values() for name, spot in grid(own, leanings).items()}
        places = {place.name: place for place in self._answer.places}
        return {
            "namespaces": order,
            "all": [
                [
                    safe(name),
                    numbers.get(spaces[name] or "", -1),
                    ",".join(f"{key}={value}" for key, value in places[name].labels) if name in places else "",
                    places[name].pods if name in places else 0,
                    [spots[name].column, spots[name].row] if name in spots else [int(leanings.get(name, 0) < 0), 0],
                    _is_block(name),
                ]
                for name in names
            ],
        }

    def _policy(self, each: Governed) -> dict[str, Any]:
        policy = each.policy
        text, spans = text_of(each.written) if each.written is not None else ("", {})
        return {
            "name": safe(f"{policy.kind} {policy}"),
            "kind": policy.kind,
            "namespace": policy.namespace or "",
            "where": where(policy.place),
            "tier": policy.tier.name.lower().replace("_", " "),
            "priority": policy.priority,
            "isolates": sorted(direction.value for direction in policy.isolates),
            "subjects": [self._names.of(name) for name in each.subjects],
            "rules": [
                [
                    str(rule),
                    safe(rule.name or ""),
                    rule.action.value,
                    where(rule.place),
                    [*spans.get(str(rule), (0, -1))],
                ]
                for rule in policy.rules
            ],
            "text": "\n".join(safe(line) for line in text.split("\n")),
        }

    def _diff(self) -> dict[str, Any] | None:
        answer = self._answer.diff
        if answer is None:
            return None
        shown = rows(answer)
        return {
            "headline": headline(answer, shown),
            "rows": [
                [
                    row.change,
                    self._names.of(row.source),
                    self._names.of(row.destination),
                    f"{MARKS[row.change]} {moved(row)}",
                    [str(risk) for risk in row.risks],
                    list(because_of(row)),
                ]
                for row in shown
            ],
            "others": [[each.title, list(each.lines)] for each in beside(answer)],
        }

    def _highlight(self, each: Highlight) -> dict[str, Any]:
        return {
            "title": safe(each.title),
            "start": self._names.of(each.start),
            "hops": [[self._names.of(hop.source), self._names.of(hop.target)] for hop in each.hops],
            "steps": [_hop(hop) for hop in each.hops],
        }


def _hop(hop: Hop) -> str:
    sure = f" ({hop.certainty.label})" if hop.certainty is not None else ""
    return safe(f"{hop.how}{': ' if hop.how else ''}{hop.source} → {hop.target}{sure}")


def _is_block(name: str) -> bool:
    """Return whether an end of a row is addresses, be they gathered: ``0.0.0.0/0 except 10.0.0.0/8``."""
    return block_of(name.partition(" ")[0].rstrip(",")) is not None


def _written(traffic: Traffic) -> str:
    return str(traffic) if traffic else ""


def _ranges(traffic: Traffic) -> list[list[Any]]:
    return [[str(protocol), first, last] for protocol, first, last in traffic]


def _finding(found: Finding) -> list[Any]:
    place = f"{safe(found.file)}:{found.line}" if found.line else safe(found.file)
    texts = [safe(text) for text in (found.object, found.message, found.why, found.hint)]
    evidence = [[safe(name), safe(value)] for name, value in found.evidence]
    return [found.code, str(found.severity), found.severity.rank, *texts, place, evidence]


def _entry(way: WayIn) -> list[Any]:
    cells = (f"{way.kind} {way.name}", way.via, way.source, way.destination, str(way.traffic))
    return [*map(safe, cells), _TRUTHS[way.allowed]]
