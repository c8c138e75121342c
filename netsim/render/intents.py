"""What is said of intents; and inferred intents as a file of them."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from netsim.ir.intents import Over
from netsim.ir.traffic import ALL, Traffic
from netsim.queries import Verdict
from netsim.queries.intents import Check, Checked, Inferred, Reason, Result
from netsim.queries.intents.infer import Bound, Need, Peers
from netsim.render import verdict
from netsim.render.md import code
from netsim.render.palette import PLAIN, Palette, paint
from netsim.render.words import counted, safe, where

REASONS = {
    Reason.MAYBE: "whether a connection is allowed is not known",
    Reason.NO_SOURCE: "nobody is meant who would connect",
    Reason.NO_DESTINATION: "nobody is meant who would be connected to",
    Reason.NO_CONNECTION: "no connection is meant: check the ports, and who is permitted",
    Reason.NODES: "rules tell too many pods apart that could exist to ask what nodes may open to each, and it to them",
    Reason.GAVE_UP: "the solver gave up",
    Reason.NETWORKS: "the input has several networks: which of them a pod that could exist is on is not known",
    Reason.ADDRESSES: "it hangs on the address that a pod that could exist gets",
    Reason.SECONDARY: "some connections are allowed on a secondary network alone",
}
WAYS_OUT = {
    Reason.NO_SOURCE: "correct the peer; labels with `over: all-pods` speak of pods that may come, too",
    Reason.NO_DESTINATION: "correct the peer; labels with `over: all-pods` speak of pods that may come, too",
    Reason.NODES: "name no node and no hostNetwork pod, or ask about the pods that exist",
    Reason.GAVE_UP: "name fewer namespaces, or ask about the pods that exist",
    Reason.ADDRESSES: "let no ipBlock cover the addresses of pods, or ask about the pods that exist",
}


def text(answer: Check, palette: Palette = PLAIN, *, explain: bool = False) -> Iterator[str]:
    """Yield the results, those that do not hold with what breaks them; with ``explain``, with its trace."""
    colours = {
        Result.HOLDS: palette.good,
        Result.FAILS: palette.bad,
        Result.UNKNOWN: palette.doubt,
        Result.VACUOUS: palette.doubt,
    }
    for checked in answer:
        place = paint(f"({where(checked.place)})", palette.faint)
        yield f"{paint(f'{checked.result.value:7}', colours[checked.result])}  {safe(checked.name)} {place}\n"
        yield from (f"         {line}\n" if line else "\n" for line in details(checked, explain=explain))
    yield paint(("\n" if answer.results else "") + summary(answer), palette.head) + "\n"


def explained(answer: Check) -> Iterator[str]:
    """Yield what breaks each intent that does not hold, with its trace."""
    for checked in answer:
        if not checked.holds:
            yield f"{checked.result.value}: {safe(checked.name)} ({where(checked.place)})\n"
            yield from (f"{line}\n" for line in details(checked, explain=True))


def summary(answer: Check) -> str:
    """Return how many intents there are of each result."""
    told = [f"{count:,} {_verb(result, count)}" for result, count in answer.counts.items() if count]
    return f"{counted(len(answer), 'intent')}: {', '.join(told)}" if told else "no intent"


def _verb(result: str, count: int) -> str:
    return result.removesuffix("s") if count > 1 and result in (Result.HOLDS, Result.FAILS) else result


def details(checked: Checked, *, explain: bool) -> Iterator[str]:
    """Yield what there is to say of an intent that does not hold, line by line."""
    if checked.reason:
        yield REASONS[checked.reason] + (f": {safe(checked.hint)}" if checked.hint else "")
    if checked.counterexample is not None:
        yield _headline(checked.counterexample)
        if explain:
            yield from trace(checked.counterexample)
        else:
            yield from (f"  {line}" for line in grounds(checked.counterexample))
    for other in checked.others:
        yield _headline(other)
    way = WAYS_OUT.get(checked.reason) if checked.reason else None
    if way and not (checked.over is Over.ALL_PODS and "over:" in way):
        yield f"way out: {way}"


def _headline(answer: Verdict) -> str:
    return verdict.headline(answer)


def trace(answer: Verdict) -> Iterator[str]:
    """Yield what decided a flow, in full, without its first line."""
    yield from (f"  {line}" if line else "" for line in "".join(verdict.query(answer)).splitlines()[1:])


def grounds(answer: Verdict) -> Iterator[str]:
    """Yield the reasons of a flow, one a line: for what is denied those of the side that denies it."""
    sides = (answer.egress, answer.ingress)
    telling = sides if answer.allowed else [side for side in sides if side.allowed is answer.allowed]
    for side in telling:
        yield from dict.fromkeys(f"{side.direction.value}: {verdict.sentence(r, side)}" for r in side.reasons)


def md(answer: Check) -> Iterator[str]:
    """Yield the results as Markdown: a table of what does not hold."""
    yield f"**{summary(answer)}**\n"
    broken = [checked for checked in answer if not checked.holds]
    if broken:
        yield "\n| Result | Intent | Because |\n| --- | --- | --- |\n"
    for checked in broken:
        because = "<br>".join(code(line.strip()) for line in details(checked, explain=False))
        yield f"| {checked.result.value} | {code(checked.name)} | {because} |\n"


def junit(answer: Check) -> Iterator[str]:
    """Yield the results as JUnit's XML: a test case an intent."""
    counts = {
        "tests": str(len(answer)),
        "failures": str(answer.counts[Result.FAILS]),
        "errors": str(answer.counts[Result.UNKNOWN] + answer.counts[Result.VACUOUS]),
    }
    root = Element("testsuites", {"name": "netsim check", **counts})
    by_file: dict[str, list[Checked]] = {}
    for checked in answer:
        by_file.setdefault(checked.place.file, []).append(checked)
    for file, own in by_file.items():
        told = Check(results=tuple(own)).counts
        errors = told[Result.UNKNOWN] + told[Result.VACUOUS]
        attributes = {"tests": str(len(own)), "failures": str(told[Result.FAILS]), "errors": str(errors)}
        suite = SubElement(root, "testsuite", {"name": safe(file), **attributes})
        for checked in own:
            _case(suite, checked)
    indent(root)
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield tostring(root, encoding="unicode") + "\n"


def _case(suite: Element, checked: Checked) -> None:
    place = {"file": safe(checked.place.file), **({"line": str(checked.place.line)} if checked.place.line else {})}
    case = SubElement(suite, "testcase", {"name": safe(checked.name), "classname": safe(checked.place.file), **place})
    if not checked.holds:
        lines = [*details(checked, explain=True)]
        kind = "failure" if checked.result is Result.FAILS else "error"
        SubElement(case, kind, {"type": checked.result.value, "message": lines[0] if lines else ""}).text = "\n".join(
            lines
        )


def inferred(answer: Inferred) -> Iterator[str]:
    """Yield inferred intents as an intent file."""
    yield "# What holds today, as `netsim intents infer` found it: keep what is meant, delete what is chance.\n"
    for name, peers in (
        ("everybody reaches these, at every port", answer.open),
        ("these reach every address outside, at every port", answer.opening),
    ):
        if peers:
            yield f"# {name[0].upper()}{name[1:]}, of which no intent can be broken: {', '.join(peers)}\n"
    if answer.groups:
        yield "groups:\n"
        for peers, name in answer.groups.items():
            yield f"  {scalar(name)}:\n"
            yield from (f"  - {scalar(peer)}\n" for peer in peers)
    yield "intents:\n" if answer.accepted or answer.opened or answer.needs else "intents: []\n"
    names: set[str] = set()
    for bound in answer.accepted:
        yield from _bound(
            bound, answer, names, "to", "only-from", f"nobody else reaches {_several(bound.workloads)}", []
        )
    for bound in answer.opened:
        said = f"{_several(bound.workloads)}: nothing else outside the cluster"
        yield from _bound(bound, answer, names, "from", "only-to", said, ['{namespaces: ""}'])
    for need in answer.needs:
        yield from _need(need, answer, names)


def _bound(
    bound: Bound, answer: Inferred, names: set[str], subject: str, only: str, said: str, always: Sequence[str]
) -> Iterator[str]:
    yield f"- name: {scalar(_unique(said, names))}\n  {subject}: {_peers(bound.workloads, answer)}\n"
    entries = [*always, *(entry for peers, traffic in bound.permits for entry in _entries(peers, traffic, answer))]
    yield f"  {only}:{'' if entries else ' []'}\n"
    yield from (f"  - {entry}\n" for entry in entries)


def _entries(peers: Peers, traffic: Traffic, answer: Inferred) -> Iterator[str]:
    named = [f"group:{answer.groups[peers]}"] if peers in answer.groups else peers
    for peer in named:
        yield scalar(peer) if traffic == ALL else f"{{peer: {scalar(peer, flow=True)}, port: {_ports(traffic)}}}"


def _need(need: Need, answer: Inferred, names: set[str]) -> Iterator[str]:
    said = f"{_several(need.sources)} to {_several(need.destinations)}: {need.traffic}"
    yield f"- name: {scalar(_unique(said, names))}\n  allow:\n"
    yield f"    from: {_peers(need.sources, answer)}\n    to: {_peers(need.destinations, answer)}\n"
    if need.traffic != ALL:
        yield f"    port: {_ports(need.traffic)}\n"


def _peers(peers: Peers, answer: Inferred) -> str:
    if peers in answer.groups:
        return scalar(f"group:{answer.groups[peers]}")
    return scalar(peers[0]) if len(peers) == 1 else _listed(peers)


def _ports(traffic: Traffic) -> str:
    ports = [f"{first}/{p}" if first == last else f"{first}-{last}/{p}" for p, first, last in traffic]
    return scalar(ports[0], flow=True) if len(ports) == 1 else _listed(ports)


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(scalar(text, flow=True) for text in texts)}]"


def _several(peers: Peers) -> str:
    return peers[0] if len(peers) == 1 else f"{peers[0]} and {len(peers) - 1:,} more"


def _unique(name: str, taken: set[str]) -> str:
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name} ({number})"
    taken.add(found)
    return found


_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 /._\[\]()-]*|\d[\d.-]*/\w+")
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z][A-Za-z0-9/._-]*|\d[\d.-]*/\w+")
_NAMED = re.compile(r"group:[A-Za-z0-9-]+")


def scalar(text: str, *, flow: bool = False) -> str:
    """Return a text as YAML; in quotes unless it surely needs none."""
    plain = _PLAIN_IN_FLOW if flow else _PLAIN
    words = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
    return text if (plain.fullmatch(text) or _NAMED.fullmatch(text)) and text.lower() not in words else json.dumps(text)
