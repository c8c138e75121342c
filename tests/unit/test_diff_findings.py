"""Findings, attack steps and attack paths in a diff."""

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import netsim
from netsim.api import Cluster
from netsim.errors import UnknownPeerError, UsageError
from netsim.ir.finding import Finding
from netsim.posture.areas import AREAS
from netsim.queries.found import is_of_network
from netsim.queries.gaps.answer import QUICK, findings_of
from netsim.queries.posture import inputs_of, posture

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SHOP, NEXT = FIXTURES / "online-shop", FIXTURES / "online-shop-next"
STORY = FIXTURES / "attack-story"
FIXED = (STORY / "manifests", STORY / "fixes" / "rbac.yaml")

WEB = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, securityContext: {privileged: true}}]}
"""
POLICY = """---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 80}]}]}
"""


CHANGES = ("added", "removed", "changed")


def read(*texts: str) -> Cluster:
    return netsim.load(*(io.StringIO(text) for text in texts))


def story(*parts: Path) -> Cluster:
    return netsim.load(*map(str, parts))


@pytest.fixture(scope="module")
def clusters() -> dict[str, Cluster]:
    """Return the clusters that are compared, each read once."""
    return {
        "shop": story(SHOP),
        "next": story(NEXT),
        "story": story(STORY / "manifests"),
        "fixed": story(*FIXED),
        "nothing": read(POLICY),
        "tenants": story(FIXTURES / "multi-tenant"),
    }


def every(cluster: Cluster) -> dict[str, Finding]:
    """Return all that is found, each by where it stands: no rule of these clusters has moved."""
    accepted = {each.key for each in findings_of(cluster)} - {each.key for each in cluster.gaps()}
    found = (*posture(cluster), *findings_of(cluster, QUICK))
    return {_where(each): each for each in found if each.key not in accepted}


def _where(found: Finding) -> str:
    return replace(found, identity=found.position or found.identity).key


@pytest.mark.parametrize(
    ("old", "new"),
    [("next", "shop"), ("story", "fixed"), ("nothing", "tenants")],
)
def test_a_diff_finds_what_the_whole_listings_of_both_sides_differ_in(
    clusters: dict[str, Cluster], old: str, new: str
) -> None:
    before, after = clusters[old], clusters[new]
    was, now = every(before), every(after)
    answer = netsim.diff(before, after, severity="info")
    told = {change: {_where(d.item) for d in answer.findings if d.change == change} for change in CHANGES}
    assert told == {
        "added": now.keys() - was.keys(),
        "removed": was.keys() - now.keys(),
        "changed": {k for k in was.keys() & now.keys() if _says(was[k]) != _says(now[k])},
    }


def _says(found: Finding) -> tuple[object, ...]:
    return found.severity, found.message, found.evidence


def test_no_area_of_posture_looks_at_objects_of_the_network(clusters: dict[str, Cluster]) -> None:
    seen = 0
    for cluster in clusters.values():
        given = inputs_of(cluster)
        less = replace(given, manifests=[each for each in given.manifests if not is_of_network(each)])
        seen += len(given.manifests) - len(less.manifests)
        for area, finds in AREAS.items():
            assert list(finds(given)) == list(finds(less)), area
    assert seen > 20


def test_what_moves_to_another_line_is_no_difference() -> None:
    answer = netsim.diff(read(WEB + POLICY), read("# moved\n\n" + WEB, POLICY), severity="info")
    assert (answer.findings, answer.steps, answer.opens, answer.closes) == ((), (), False, False)


RULES = """---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {}
  ingress: [%s]
"""
EVERY_PORT = "{from: [{podSelector: {matchLabels: {app: web}}}]}"
DOCUMENTATION = "{from: [{ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 443}]}"


def _rules(*rules: str) -> Cluster:
    return read(WEB, RULES % ", ".join(rules))


def _about_rules(old: Cluster, new: Cluster) -> list[tuple[str, str, str]]:
    told = netsim.diff(old, new, only=["gaps"], severity="info").findings
    return [(d.change, d.item.code, d.item.position) for d in told if d.item.position]


def test_what_is_found_of_a_rule_that_moves_is_no_difference() -> None:
    moved = _rules(DOCUMENTATION, EVERY_PORT)
    assert _about_rules(_rules(EVERY_PORT, DOCUMENTATION), moved) == []
    assert {"NS166", "NS168"} <= {d.code for d in moved.gaps()}


def test_what_is_found_of_a_rule_that_is_put_before_others_is_all_that_is_new() -> None:
    told = _about_rules(_rules(EVERY_PORT), _rules(DOCUMENTATION, EVERY_PORT))
    assert ("added", "NS166", "ingress[0] peer 0") in told
    assert {(change, where.split()[0]) for change, _, where in told} == {("added", "ingress[0]")}


def test_what_is_found_of_a_rule_that_is_edited_stays_found() -> None:
    other = EVERY_PORT.replace("app: web", "app: db")
    assert ("added", "NS168") not in {told[:2] for told in _about_rules(_rules(EVERY_PORT), _rules(other))}


def test_findings_and_steps_follow_a_renamed_workload() -> None:
    renamed = WEB.replace("{name: web, namespace", "{name: front, namespace")
    answer = netsim.diff(read(WEB), read(renamed), severity="info")
    assert [each.new for each in answer.workloads] == ["shop/front[Deployment]"]
    assert ([str(d.key) for d in answer.findings], [str(d.key) for d in answer.steps]) == ([], [])


def test_another_pod_of_a_namespace_is_found_by_itself() -> None:
    other = WEB.replace("web", "api")
    answer = netsim.diff(read(WEB), read(f"{WEB}---\n{other}"), only=["podsec"], severity="info")
    assert {(d.change, d.item.object) for d in answer.findings} == {("added", "Deployment shop/api")}


def test_an_account_that_is_granted_something_changes_what_is_found_of_pods_that_stay() -> None:
    grant = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: default, namespace: shop}]
"""
    old, new = read(WEB), read(WEB, grant)
    was, now = every(old), every(new)
    answer = netsim.diff(old, new, severity="info")
    assert {str(d.key) for d in answer.findings if d.change == "added"} == now.keys() - was.keys()
    assert {str(d.key) for d in answer.findings if d.change == "removed"} == was.keys() - now.keys()


def test_lesser_findings_are_counted_and_left_out() -> None:
    closed, opened = read(POLICY), read(WEB, POLICY)
    whole = netsim.diff(closed, opened, severity="info")
    high = netsim.diff(closed, opened, severity="high")
    assert high.lesser + len(high.findings) == len(whole.findings)
    assert 0 < len(high.findings) < len(whole.findings)
    assert f"{high.lesser} lesser findings not shown" in str(high)


def test_parts_that_are_named_are_compared_alone() -> None:
    old, new = read(POLICY), read(WEB, POLICY)
    answer = netsim.diff(old, new, only=["podsec"])
    assert answer.to_dict()["compared"] == ["podsec"]
    assert (answer.changes, answer.steps, answer.workloads) == ((), (), ())
    assert answer.findings
    assert str(answer).startswith("+")
    assert str(netsim.diff(old, old, only=["podsec"])) == "nothing differs"
    assert not netsim.diff(old, new, only=["connections"]).findings
    with pytest.raises(UsageError, match="no part `pods`"):
        netsim.diff(old, new, only=["pods"])
    with pytest.raises(UsageError, match="no severity `bad`"):
        netsim.diff(old, new, severity="bad")


def test_what_takes_a_proof_is_compared_where_it_is_asked_for() -> None:
    twice = POLICY + POLICY.replace("name: web", "name: again")
    old, new = read(WEB, POLICY), read(WEB, twice)
    answer = netsim.diff(old, new, only=["proofs"], severity="low")
    assert {(d.change, d.item.code) for d in answer.findings} == {("added", "NS171")}
    assert answer.assumptions == ()
    assert not [d for d in netsim.diff(old, new, severity="low").findings if d.item.code == "NS171"]


def test_what_is_not_compared_is_said() -> None:
    old, new = read(WEB), read(WEB, POLICY)
    assert any("was not compared: `--only proofs`" in each for each in netsim.diff(old, new).assumptions)
    narrow = netsim.diff(old, new, destination="shop/web")
    assert narrow.to_dict()["compared"] == ["connections"]
    assert any("connections alone were compared" in each for each in narrow.assumptions)
    assert not netsim.diff(old, old).assumptions
    with pytest.raises(UsageError, match="cannot be narrowed"):
        netsim.diff(old, new, destination="shop/web", only=["gaps"])


def test_what_an_annotation_accepts_is_no_finding_of_a_diff() -> None:
    answer = netsim.diff(read(WEB), read(WEB, POLICY), only=["gaps"], severity="info")
    codes = {d.item.code for d in answer.findings if d.item.object == "NetworkPolicy shop/web"}
    assert len(codes) == 1
    accepted = POLICY.replace(
        "namespace: shop}", f"namespace: shop, annotations: {{netsim.dev/accept: {codes.pop()}}}}}"
    )
    told = netsim.diff(read(WEB), read(WEB, accepted), only=["gaps"], severity="info").findings
    assert {d.item.object for d in told} == {d.item.object for d in answer.findings} - {"NetworkPolicy shop/web"}


def _paths(old: Cluster, new: Cluster, attackers: Sequence[str] = ()) -> set[tuple[str, str]]:
    return {(d.change, str(d.key)) for d in netsim.diff(old, new, only=["paths"], attackers=attackers).paths}


def test_attack_paths_that_a_change_opens_and_closes_are_told(clusters: dict[str, Cluster]) -> None:
    wide, narrow = clusters["story"], clusters["fixed"]
    opened = _paths(narrow, wide)
    assert {("added", "internet => cluster-admin"), ("added", "internet => node")} <= opened
    assert {(change.replace("added", "removed"), key) for change, key in opened} == _paths(wide, narrow)
    assert ("added", "ci/runner-0 => cluster-admin") in _paths(narrow, wide, ["ci/runner-0"])
    with pytest.raises(UnknownPeerError):
        netsim.diff(wide, narrow, attackers=["ci/nobody"])


def test_every_attack_path_of_a_diff_is_one_that_the_paths_of_its_side_have(clusters: dict[str, Cluster]) -> None:
    wide, narrow = clusters["story"], clusters["fixed"]
    for delta in netsim.diff(narrow, wide, only=["paths"]).paths:
        route = delta.item
        assert wide.paths(route.source, route.target)
        assert route.steps[-1].target.startswith(route.target.partition(":")[0])
        assert bool(narrow.paths(route.source, route.target)) is (delta.old is not None)


def test_who_becomes_cluster_admin_is_told_and_not_all_that_follows() -> None:
    grant = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: default, namespace: shop}]
"""
    for old, new, mark in ((WEB, WEB + "---" + grant, "+"), (WEB + "---" + grant, WEB, "-")):
        answer = netsim.diff(read(old), read(new), only=["steps"])
        lines = str(answer).partition("ATTACK STEPS\n")[2].splitlines()
        told = [line for line in lines if "sa:shop/default ->" in line]
        assert len(told) == 1
        assert all(line.startswith(f"{mark} rbac.") and "-> cluster-admin (" in line for line in told)
        assert lines[-1].endswith(" more that follow from cluster-admin")
        assert len(answer.steps) > 30


def test_steps_that_differ_only_in_where_they_lead_share_a_line(clusters: dict[str, Cluster]) -> None:
    answer = netsim.diff(clusters["fixed"], clusters["story"], only=["steps"])
    lines = str(answer).splitlines()
    told = [line for line in lines if line.startswith("+ rbac.workload-sa:")]
    count = sum(d.item.id == "rbac.workload-sa" for d in answer.steps)
    assert len(told) == 1
    assert count > 5
    assert f" and {count - 5} more (" in told[0]
