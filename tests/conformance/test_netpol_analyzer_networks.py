"""The cases of netpol-analyzer about several networks, each row with the network that it is on.

That tool reads a kind whatever its API group, and calls a UserDefinedNetwork by its namespace: the groups are mended,
and the names translated. Manifests that are refused for something else are read as with ``--keep-going``.
"""

from collections.abc import Mapping
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import netsim
from netsim.ingest import snapshot
from netsim.ir.networks import POD_NETWORK
from netsim.ir.traffic import NONE
from tests.conformance.analyzer import UPSTREAM, Case
from tests.conformance.data import root
from tests.conformance.listing import INGRESS_CONTROLLER, Table, table, told_apart, traffic

#: How many cases of each kind there are.
ASKED = {"connectivity": 13, "diff": 1, "eval": 1, "invalid": 4}

#: Groups that no server knows these kinds in: another project's, a misspelt one, and that of Deployments.
MEANT = {
    "nmstate.io/v1": "k8s.ovn.org/v1",
    "k8s.cni.cnf.io/v1": "k8s.cni.cncf.io/v1",
    "apps/v1\nkind: Pod\n": "v1\nkind: Pod\n",
}

#: The cases whose manifests are refused for something that has nothing to do with networks, and the codes.
REFUSED = {
    "connectivity/nad_test_13": {"NS111"},
    "connectivity/nad_test_14": {"NS111"},
    "connectivity/udn_with_ingress_controller": {"NS120", "NS121"},
    "connectivity/udn_with_ingress_controller_two_pods": {"NS120", "NS121"},
    "connectivity/udn_with_vm_and_ingress_controller": {"NS120"},
}

#: What that tool calls networks: ``primary UDN blue`` where ours says ``UserDefinedNetwork blue/NAME``.
KINDS = {
    "UserDefinedNetwork": "primary UDN",
    "ClusterUserDefinedNetwork": "primary CUDN",
    "NetworkAttachmentDefinition": "secondary NAD",
}


@cache
def _cases(kind: str) -> tuple[Case, ...]:
    folders = (path.parent for path in sorted((root() / "netpol-analyzer" / kind).glob("*/expect.json")))
    return tuple(case for case in map(Case, folders) if (case.said.get("options") or {}).get("multiple_networks"))


def of_kind(kind: str) -> pytest.MarkDecorator:
    """Ask a test of every case of a kind."""
    return pytest.mark.parametrize("case", _cases(kind), ids=str)


@cache
def _cluster(folder: Path) -> netsim.Cluster:
    found, _ = snapshot([StringIO(_mended(file)) for file in sorted(folder.rglob("*.y*ml"))], keep_going=True)
    return netsim.Cluster(found, UPSTREAM)


def _mended(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    for wrong, right in MEANT.items():
        text = text.replace(wrong, right)
    return text


def _expected(rows: list[Mapping[str, Any]]) -> dict[str, Table]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        if row["src"] != INGRESS_CONTROLLER:  # others ask about those
            ends = (row[end].replace("[udn]", "") for end in ("src", "dst"))
            found.setdefault(row["network"], []).append((*ends, (traffic(row["conn"]), NONE)))
    return {network: table(own) for network, own in found.items()}


def _listed(cluster: netsim.Cluster) -> dict[str, Table]:
    found: dict[str, list[Any]] = {}
    for row in cluster.reach():
        if row.source != INGRESS_CONTROLLER:
            own = found.setdefault(_called(row.network), [])
            own.append((row.source, row.destination, (row.traffic, row.unknown)))
    return {network: table(own) for network, own in found.items()}


def _called(network: str | None) -> str:
    """Return a network as that tool calls it."""
    kind, _, name = (network or POD_NETWORK).partition(" ")
    return f"{KINDS[kind]} {name.partition('/')[0]}" if name else kind


def _told_apart(one: dict[str, Table], other: dict[str, Table]) -> object:
    return {n: apart for n in one.keys() | other.keys() if (apart := told_apart(one.get(n, {}), other.get(n, {})))}


def test_every_case_about_networks_is_counted() -> None:
    assert {kind: len(_cases(kind)) for kind in ASKED} == ASKED


@of_kind("connectivity")
def test_a_listing_means_the_same_on_every_network(case: Case) -> None:
    assert not _told_apart(_expected(case.said["expect"]), _listed(_cluster(case.folder / "manifests")))


@of_kind("connectivity")
def test_manifests_are_refused_only_for_what_has_nothing_to_do_with_networks(case: Case) -> None:
    _, problems = snapshot([case.folder / "manifests"], keep_going=True)
    assert {problem.code for problem in problems} == REFUSED.get(str(case), set())


@of_kind("diff")
def test_pods_that_move_to_networks_of_their_own_lose_each_other_and_nothing_else(case: Case) -> None:
    old, new = (_cluster(case.folder / part) for part in case.parts)
    changes = {(c.source, c.destination): (c.change, c.old, c.new) for c in netsim.diff(old, new)}
    wanted = {(r["src"], r["dst"]): (r["type"], traffic(r["base"]), traffic(r["head"])) for r in case.said["expect"]}
    assert changes == wanted


@of_kind("eval")
def test_a_verdict_between_networks_is_as_said(case: Case) -> None:
    cluster = _cluster(case.folder / "manifests")
    for query in case.said["queries"]:
        verdict = cluster.query(query["src"], query["dst"], port=query["port"], protocol=query["protocol"])
        assert verdict.allowed is query["allowed"]
        assert verdict.network is None


@of_kind("invalid")
def test_a_network_that_would_isolate_nothing_is_refused(case: Case) -> None:
    with pytest.raises(netsim.InputError) as refused:
        netsim.load(case.folder / "manifests")
    codes = {"udn-name-default": {"NS123"}, "udn-namespace": {"NS123"}}
    assert {problem.code for problem in refused.value.problems} == codes.get(case.said["category"], {"NS120"})
