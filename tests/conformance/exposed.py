"""The exposure cases of netpol-analyzer, and netsim's exposure, as tables that compare by meaning."""

import re
from functools import cache
from pathlib import Path

import netsim
from netsim.ingest import snapshot
from netsim.ir.labels import EVERYTHING, Operator, Requirement, Selector, namespace_named
from netsim.ir.traffic import ALL, NONE, Protocol, Traffic
from netsim.queries.distinct import PotentialPeer
from netsim.queries.exposure import ENTIRE_CLUSTER, Exposed
from tests.conformance.analyzer import THEIRS, Case
from tests.conformance.data import read_yaml, root

#: What is open: traffic by number, and by the names of ports.
Open = tuple[Traffic, frozenset[str]]

#: What each workload, direction and potential peer have open.
Rows = dict[tuple[str, str, str], Open]

_REQUIREMENT = re.compile(r"\{Key:([^,]*),Operator:(\w+),Values:\[([^\]]*)\],\}|([^,{}=]+)=([^,{}]*)")
_PART = re.compile(r"\[(?:namespace|pod) with \{(.*)\}\]")
_OF_PROTOCOL = re.compile(r"(SCTP|TCP|UDP|(?=\s)) ([\w,-]+?)(?=,[A-Z]{3}|$)")


@cache
def cases() -> tuple[Case, ...]:
    """Return every exposure case, sorted."""
    return tuple(Case(path.parent) for path in sorted((root() / "netpol-analyzer" / "exposure").glob("*/expect.json")))


@cache
def answer(case: Case) -> Exposed:
    """Return netsim's exposure of a case, under the choices of that tool; what is refused is left out."""
    readable, _ = snapshot([case.folder / "manifests"], keep_going=True)
    return netsim.Cluster(readable, THEIRS).exposure()


def expected(case: Case) -> Rows:
    """Return what that tool says of pods that could be; its rows of outside addresses are connections here."""
    rows = (row for row in case.said["exposure"] if "[External]" not in row["peer"])
    return {(row["workload"], row["direction"], peer(row["peer"])): conn(row["conn"]) for row in rows}


def found(case: Case) -> Rows:
    """Return what netsim says of them."""
    return {
        (row.workload, row.direction.value, str(row.peer or ENTIRE_CLUSTER)): (row.traffic, frozenset(row.named))
        for row in answer(case).exposure
        if not row.existing
    }


def unprotected(case: Case) -> frozenset[tuple[str, str]]:
    """Return the workloads and directions that that tool calls unprotected."""
    return frozenset((entry["workload"], entry["direction"]) for entry in case.said["unprotected"])


def peer(text: str) -> str:
    """Return a potential peer as netsim writes it.

    That tool writes ``[namespace with {a=b}]/[pod with {{Key:c,Operator:Exists,Values:[],}}]``.
    """
    if text == ENTIRE_CLUSTER:
        return text
    namespaces, _, pods = text.rpartition("/[")  # label keys hold slashes, too
    inside = _selector(namespaces) if namespaces.startswith("[") else namespace_named(namespaces)
    return str(PotentialPeer(None, inside, _selector(f"[{pods}")))


def _selector(text: str) -> Selector:
    part = _PART.fullmatch(text)
    return (
        EVERYTHING if part is None else Selector.of(_requirement(*m.groups()) for m in _REQUIREMENT.finditer(part[1]))
    )


def _requirement(key: str | None, operator: str, values: str, label: str, value: str) -> Requirement:
    if key is None:
        return Requirement(label, Operator.IN, (value,))
    return Requirement(key, Operator(operator), tuple(sorted(values.split())))


def conn(text: str) -> Open:
    """Return what that tool writes as ``TCP 80,http,UDP 53``; a name without a protocol is of every one."""
    if text == "All Connections":
        return ALL, frozenset()
    if text == "No Connections":
        return NONE, frozenset()
    parts: list[tuple[Protocol, int, int]] = []
    names: set[str] = set()
    for written, ports in _OF_PROTOCOL.findall(text):
        for port in ports.split(","):
            first, _, last = port.partition("-")
            if first.isdigit():
                parts.append((Protocol(written), int(first), int(last or first)))
            else:
                names.update(f"{protocol} {port}" for protocol in ([written] if written else ("SCTP", "TCP", "UDP")))
    return Traffic.of(parts), frozenset(names)


def told_apart(case: Case) -> list[str]:
    """Return the rows in which the two differ, one a line, sorted."""
    theirs, ours = expected(case), found(case)
    return [
        f"{workload} {direction} {whom}: expected {_written(theirs.get(key))}, found {_written(ours.get(key))}"
        for key in sorted(theirs.keys() | ours.keys())
        if theirs.get(key) != ours.get(key)
        for workload, direction, whom in [key]
    ]


def _written(open_: Open | None) -> str:
    if open_ is None:
        return "no row"
    traffic, names = open_
    return "; ".join([str(traffic)] * (bool(traffic) or not names) + sorted(names))


@cache
def differences() -> dict[str, tuple[str, list[str]]]:
    """Return, for each listed case, the reason and the rows of ``netpol_analyzer_exposure.yaml``."""
    entries = read_yaml(Path(__file__).with_name("netpol_analyzer_exposure.yaml"))
    return {name: (entry["reason"], rows) for entry in entries for name, rows in entry["cases"].items()}
