"""Questions of network-config-analyzer, over the pods that exist, as it asks them; and where all pods say otherwise."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import netsim
from netsim import Cluster
from netsim.ir.objects import Family
from netsim.ir.policy import Direction
from netsim.ir.traffic import ALL, Protocol, Traffic
from netsim.queries import reach
from netsim.queries.operands import with_policies
from netsim.queries.proof import Over, Proof, Relation
from netsim.queries.prove import Deletion, Prover, Scope
from netsim.spec.isolation import selected
from netsim.spec.world import World
from tests.conformance.data import root
from tests.conformance.listing import Row, table, told_apart

#: Cases that rest on a choice of that tool, each with the reason why there is another answer here.
OTHERWISE = {
    "permits/tests-different-topologies--containment-permits-different-topologies--": "it refuses other pods; "
    "here those of both inputs are asked about",
    "permits/tests-different-topologies--containment-permits-different-topologies---4": "it refuses a specification "
    "without policies; here nothing is stated, and all of it is allowed",
    "semantic-diff/withEndPort--semantic_diff": "they differ in protocols without ports, which are left open",
    "connectivity/cyclonus-simple-example--connectivity_map": "`y` is a truth value to the API server's YAML, no name",
    "all-captured/resourcelist-one-path-example--resource-path--all-captured": "an owner that does not say "
    "`controller: true` is no controller: its pods are told by their own names",
    "validation/network-policy-checks-bad-path--network-policy-check-bad-path--matchla-5": "null is the empty text to "
    "the API server, which takes it",
}
#: Cases of which all pods that could exist say otherwise than those that do.
OVER_ALL_PODS = {
    "permits": 1,
    "interferes": 1,
    "two-way-containment": 1,
    "equivalence": 2,
    "containment": 1,
    "disjointness": 4,
    "semantic-diff": 1,
    "redundancy": 2,
    "emptiness": 3,
}

RELATIONS = {
    Relation.EQUAL: "equal",
    Relation.INSIDE: "base_proper_subset_of_head",
    Relation.AROUND: "head_proper_subset_of_base",
    Relation.INCOMPARABLE: "incomparable",
}

Ask = Callable[[Path, Over], Any]


def _prover(folder: Path, over: Over) -> Prover:
    return Prover(_cluster(folder), Scope(over=over))


@cache
def _cluster(folder: Path) -> Cluster:
    # Labels that are no text, which that tool reads as one: the pod is left out, and no case hangs on it.
    return netsim.load(folder, keep_going=True)


def _against(case: Path, over: Over, *, turned: bool = False) -> tuple[Prover, Cluster]:
    one, other = ("head", "base") if turned else ("base", "head")
    return _prover(case / one, over), _cluster(case / other)


def _equivalent(case: Path, over: Over) -> dict[str, object]:
    prover, other = _against(case, over)
    return {"equivalent": prover.equivalent(other).holds}


def _strongly(case: Path, over: Over) -> dict[str, object]:
    prover, other = _against(case, over)
    return {"strongly_equivalent": prover.equivalent(other, per_policy=True).holds}


def _relation(case: Path, over: Over) -> dict[str, object]:
    prover, other = _against(case, over)
    relation = prover.relate(other).relation
    return {"relation": RELATIONS[relation] if relation else None}


def _contained(case: Path, over: Over) -> dict[str, object]:
    prover, other = _against(case, over)
    return {"head_contained_in_base": prover.contains(other).holds}


def _permits(case: Path, over: Over) -> dict[str, object]:
    prover, other = _against(case, over)
    return {"base_permits_head": prover.permits(other).holds}


def _forbids(case: Path, over: Over) -> dict[str, object]:
    prover, other = _against(case, over)
    return {"base_forbids_head": prover.forbids(other).holds}


def _interferes(case: Path, over: Over) -> dict[str, object]:
    prover, other = _against(case, over, turned=True)
    return {"head_interferes_with_base": prover.interferes(other).holds}


def _vacuous(case: Path, over: Over) -> dict[str, object]:
    prover = _prover(case / "manifests", over)
    return {"vacuous": prover.equivalent(with_policies(prover.cluster, [])).holds}


def _empty(case: Path, over: Over) -> dict[str, object]:
    return _parts(_prover(case / "manifests", over).vacuous())


def _redundant(case: Path, over: Over) -> dict[str, object]:
    return _parts(_prover(case / "manifests", over).redundant(Deletion.ALONE))


def _parts(proof: Proof) -> dict[str, object]:
    found: dict[str, Any] = {"policies": [], "ingress_rules": {}, "egress_rules": {}}
    for part in (remark.part for remark in proof.remarks):
        if part.rule is None:
            found["policies"].append(str(part.policy))
        else:
            rules = found[f"{part.rule.direction.value}_rules"]
            rules.setdefault(str(part.policy), []).append(part.rule.index + 1)
    return {**found, "policies": sorted(found["policies"]), "count": len(proof.remarks)}


def _overlapping(case: Path, over: Over) -> dict[str, object]:
    remarks = _prover(case / "manifests", over).disjoint().remarks
    pairs = sorted(sorted([str(one.part.policy), str(one.other.policy)]) for one in remarks if one.other)
    return {"overlapping": pairs, "count": len(pairs)}


ASKS: dict[str, Ask] = {
    "equivalence": _equivalent,
    "semantic-diff": _equivalent,
    "strong-equivalence": _strongly,
    "two-way-containment": _relation,
    "containment": _contained,
    "permits": _permits,
    "forbids": _forbids,
    "interferes": _interferes,
    "vacuity": _vacuous,
    "emptiness": _empty,
    "redundancy": _redundant,
    "disjointness": _overlapping,
}


def _cases(*kinds: str) -> list[Path]:
    return [folder for kind in kinds for folder in sorted((root() / "nca" / kind).iterdir())]


def _name(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


def _expected(case: Path) -> dict[str, Any]:
    expected = json.loads((case / "expect.json").read_text(encoding="utf-8"))["expect"]
    if "overlapping" in expected:
        expected["overlapping"] = sorted(sorted(pair) for pair in expected["overlapping"])
    if "policies" in expected:
        expected["policies"] = sorted(expected["policies"])
    return dict(expected)


def _says(case: Path, over: Over) -> bool:
    found, expected = ASKS[case.parent.name](case, over), _expected(case)
    return all(expected.get(key) == value for key, value in found.items())


@pytest.mark.parametrize("kind", sorted(ASKS))
def test_over_the_pods_that_exist_every_case_is_answered_as_expected(kind: str) -> None:
    wrong = {_name(case) for case in _cases(kind) if not _says(case, Over.PODS)}
    assert wrong == {name for name in OTHERWISE if name.startswith(f"{kind}/")}


@pytest.mark.parametrize("kind", sorted(ASKS))
def test_over_all_pods_some_cases_have_another_answer(kind: str) -> None:
    other = [case for case in _cases(kind) if _name(case) not in OTHERWISE and not _says(case, Over.ALL_PODS)]
    assert len(other) == OVER_ALL_PODS.get(kind, 0), other


@pytest.mark.parametrize("case", _cases("connectivity"), ids=_name)
def test_the_listed_connections_are_those_expected(case: Path) -> None:
    expected = _expected(case)
    rows = [(row["src"], row["dst"], _traffic(row["conn"])) for row in expected["rows"]]
    known = {_end(end) for end in expected["endpoints"]}
    sixes = any(":" in end for row in rows for end in row[:2])
    alike = []
    for family in (".", ":") if sixes else (".",):
        found = [row for row in _listed(_cluster(case / "manifests")) if _is_asked(row, known, family)]
        wanted = [row for row in _ranged(rows) if _is_asked(row, known, family)]
        alike.append(not told_apart(table(wanted), table(found)))
    assert all(alike) is (_name(case) not in OTHERWISE)


def _traffic(text: str) -> Traffic:
    if text == "All":
        return ALL
    parts = []
    for protocol, ports in re.findall(r"(TCP|UDP|SCTP) ([\d,-]+)", text):
        for part in ports.split(","):
            first, _, last = part.partition("-")
            parts.append((Protocol(protocol), int(first), int(last or first)))
    return Traffic.of(parts)


def _end(name: str) -> str:
    return re.sub(r"\[\w+\]$", "", name) + "[]" if "/" in name else name


def _ranged(rows: list[Row]) -> Iterator[Row]:
    """Yield rows with address ranges and workloads as a listing compares them."""
    for source, destination, value in rows:
        ends = [_end(end) if "/" in end else f"{end}[External]" for end in (source, destination)]
        yield ends[0], ends[1], value


def _listed(cluster: Cluster) -> Iterator[Row]:
    # A policy about IPv6 alone is no reason here to ask about IPv4.
    for row in reach(cluster.over(frozenset({Family.IPV4})), pods=True):
        ends = [end if re.fullmatch(r"[0-9a-f:.]+/\d+", end) else f"{end}[]" for end in (row.source, row.destination)]
        yield ends[0], ends[1], row.traffic


def _is_asked(row: Row, known: set[str], family: str) -> bool:
    """Return whether both ends are asked about, as far as they are addresses of one family."""
    return all(end in known if end.endswith("[]") else family in end for end in row[:2])


@pytest.mark.parametrize("case", _cases("all-captured"), ids=_name)
def test_what_no_policy_selects_is_told_by_direction(case: Path) -> None:
    cluster, expected = _cluster(case / "manifests"), _expected(case)
    world = World(cluster.snapshot, cluster.profile)
    found, pods = {}, 0
    for direction in Direction:
        own = [policy for policy in cluster.snapshot.policies if direction in policy.isolates]
        bare = [pod for pod in cluster.snapshot.pods if not any(selected(policy, pod, world) for policy in own)]
        pods = len(bare)
        found[f"uncaptured_{direction.value}"] = {
            f"{pod.workload.namespace}/{pod.workload.name}({pod.workload.kind})" for pod in bare
        }
    if "uncaptured_ingress" in expected:
        alike = all(own == set(expected[key]) for key, own in found.items())
        assert alike is (_name(case) not in OTHERWISE)
    else:
        assert pods == expected["count"]


@pytest.mark.parametrize("case", _cases("validation"), ids=_name)
def test_what_the_api_server_refuses_is_refused(case: Path) -> None:
    judged = _expected(case)["k8s_api"]
    problems = _cluster(case / "manifests").problems
    assert bool(problems) is (judged != "accept" and _name(case) not in OTHERWISE)


def test_every_kind_and_every_exception_is_there() -> None:
    asked = {*ASKS, "connectivity", "all-captured", "validation"}
    there = {folder.name for folder in (root() / "nca").iterdir() if folder.is_dir()}
    assert there - asked == {"sanity"}  # emptiness, vacuity and redundancy in one sentence
    assert {_name(case) for case in _cases(*there)} >= OTHERWISE.keys()
