"""The cases of netpol-analyzer: manifests, and what that tool says of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import netsim
from netsim.ingest import snapshot
from netsim.ir.profile import HostNetwork, Profile
from netsim.ir.traffic import NONE
from netsim.knowledge import DEFAULT_PROFILE, profile
from tests.conformance.data import read_yaml, read_yaml_documents, root
from tests.conformance.listing import OUTSIDE, Table, table, traffic

#: The choices of that tool: a hostNetwork pod is a pod (S2.10), and no ipBlock matches a pod (S2.6).
THEIRS = Profile(name="netpol-analyzer", host_network=HostNetwork.AS_POD, blocks_match_pods=False)

#: Ours.
UPSTREAM = profile(DEFAULT_PROFILE)

#: The kinds of cases that are asked about.
KINDS = ("connectivity", "diff", "eval", "invalid")

#: What is not asked about here of what a case uses: test_netpol_analyzer_networks.py asks about several networks.
NOT_MODELLED = frozenset({"multiple_networks"})


@dataclass(frozen=True, slots=True)
class Case:
    """One case: a folder with ``expect.json`` and manifests."""

    folder: Path

    def __str__(self) -> str:
        return f"{self.kind}/{self.folder.name}"

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return self.folder.parent.name

    @property
    def said(self) -> Mapping[str, Any]:
        """What that tool says."""
        return _read_json(self.folder / "expect.json")

    @property
    def not_modelled(self) -> frozenset[str]:
        """The features and options of the case that netsim does not model."""
        options = {name for name, value in (self.said.get("options") or {}).items() if value}
        return NOT_MODELLED & {*self.said["features"], *options}

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders of manifests: one, or two of a diff."""
        return ("base", "head") if self.kind == "diff" else ("manifests",)

    def cluster(self, part: str = "manifests") -> netsim.Cluster:
        """Return the cluster of one part: ``manifests``, or ``base`` and ``head`` of a diff.

        Objects with problems are left out where the case is listed as refused, as with ``--keep-going``.
        """
        if self in listed("unquoted"):
            return _with_texts(self.folder / part)
        return _lenient(self.folder / part) if self in listed("refused") else _strict(self.folder / part)


@cache
def _read_json(file: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@cache
def _strict(folder: Path) -> netsim.Cluster:
    return netsim.load(folder)


@cache
def _lenient(folder: Path) -> netsim.Cluster:
    readable, _ = snapshot([folder], keep_going=True)
    return netsim.Cluster(readable, UPSTREAM)


@cache
def _with_texts(folder: Path) -> netsim.Cluster:
    """Return the cluster of manifests in which ``y`` is a text, as it is to the writer of those files."""
    return netsim.load(documents=[each for file in sorted(folder.glob("*.y*ml")) for each in read_yaml_documents(file)])


@cache
def cases() -> tuple[Case, ...]:
    """Return every case of KINDS, sorted."""
    folder = root() / "netpol-analyzer"
    return tuple(Case(path.parent) for kind in KINDS for path in sorted((folder / kind).glob("*/expect.json")))


def asked(kind: str) -> tuple[Case, ...]:
    """Return the cases of one kind that use nothing that netsim does not model."""
    return tuple(case for case in cases() if case.kind == kind and not case.not_modelled)


@dataclass(frozen=True, slots=True)
class Departure:
    """One choice of that tool that is not ours, and the names of the cases in which it shows."""

    choice: str
    reason: str
    clause: str
    cases: tuple[str, ...]


@cache
def departures() -> tuple[Departure, ...]:
    """Return what ``netpol_analyzer_differences.yaml`` lists."""
    entries = read_yaml(Path(__file__).with_name("netpol_analyzer_differences.yaml"))
    return tuple(Departure(e["choice"], e["reason"], e["clause"], tuple(e["cases"])) for e in entries)


@cache
def listed(choice: str) -> frozenset[Case]:
    """Return the cases that are listed under one choice."""
    names = {name for departure in departures() if departure.choice == choice for name in departure.cases}
    return frozenset(case for case in cases() if str(case) in names)


def expected(case: Case) -> Table:
    """Return the listing that is expected of a case: of connections, or of changes."""
    if case.kind == "diff":
        return table((r["src"], r["dst"], (r["type"], traffic(r["base"]), traffic(r["head"]))) for r in rows(case))
    return table((row["src"], row["dst"], (traffic(row["conn"]), NONE)) for row in rows(case))


def rows(case: Case) -> list[Mapping[str, Any]]:
    """Return the expected listing, row by row as that tool writes it."""
    found: list[Mapping[str, Any]] = case.said["expect"]
    return found


def found(case: Case, reading: Profile) -> Table:
    """Return what netsim lists for a case; of a partial case, the rows that it is complete for."""
    clusters = [netsim.Cluster(case.cluster(part).snapshot, reading) for part in case.parts]
    if case.kind == "diff":
        changes = netsim.diff(*clusters)
        assert not any(change.old_unknown or change.new_unknown for change in changes)
        return table((change.source, change.destination, (change.change, change.old, change.new)) for change in changes)
    reach = [
        row for row in clusters[0].reach() if case not in listed("ipv4") or ":" not in row.source + row.destination
    ]
    listing = table((row.source, row.destination, (row.traffic, row.unknown)) for row in reach)
    return _complete(listing, expected(case)) if case.said.get("partial") else listing


def _complete(listing: Table, wanted: Table) -> Table:
    """Return the rows of workloads, and those with addresses of the workloads that ``wanted`` has such rows of."""
    whole = {ends for ends in wanted if OUTSIDE in ends}
    return {ends: value for ends, value in listing.items() if OUTSIDE not in ends or ends in whole}
