"""Each gap is found where it is, and not where it is not."""

from datetime import date
from ipaddress import ip_network
from typing import Any

import pytest

import netsim
from netsim.ingest.selectors import selector
from netsim.ir.finding import Finding
from netsim.knowledge import checks
from netsim.queries.gaps.accepted import accepted
from netsim.queries.gaps.answer import gaps
from netsim.queries.gaps.doors import example
from netsim.queries.gaps.traffic import purpose_of
from netsim.spec.labels import selects

Objects = list[dict[str, Any]]


def namespace(name: str, **labels: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def pod(name: str, space: str, port: int | None = 80, ip: str = "", **labels: str) -> dict[str, Any]:
    ports = [{"name": "http", "containerPort": port}] if port else []
    status = {"status": {"podIP": ip}} if ip else {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": space, "labels": labels},
        "spec": {"containers": [{"name": "c", "image": "i", "ports": ports}]},
        **status,
    }


def policy(name: str, space: str, spec: dict[str, Any], **annotations: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": space, "annotations": annotations}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def app(name: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": {"app": name}}}


DENY = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
WEB_DB: Objects = [
    namespace("shop"),
    pod("web", "shop", 8080, app="web"),
    pod("db", "shop", 5432, app="db"),
]


def ingress(to: str, peer: dict[str, Any], *ports: Any) -> dict[str, Any]:
    return {**app(to), "ingress": [{"from": [peer], **({"ports": list(ports)} if ports else {})}]}


def egress(of: str, peer: dict[str, Any], *ports: Any) -> dict[str, Any]:
    rule = {"to": [peer], **({"ports": list(ports)} if ports else {})}
    return {**app(of), "policyTypes": ["Egress"], "egress": [rule]}


def names(*objects: dict[str, Any]) -> set[str]:
    codes = {found.code for found in netsim.load(documents=list(objects)).gaps()}
    return {name for name, check in checks("gaps").items() if check.code in codes}


CASES: dict[str, tuple[Objects, Objects]] = {
    # What has the gap, and what does not, beside WEB_DB.
    "pod-unprotected": (
        [policy("db", "shop", ingress("db", app("web")))],
        [policy("deny", "shop", DENY)],
    ),
    "no-default-deny": ([], [policy("deny", "shop", DENY)]),
    "ingress-open": ([policy("out", "shop", egress("web", app("db")))], [policy("deny", "shop", DENY)]),
    "egress-open": ([policy("in", "shop", ingress("db", app("web")))], [policy("deny", "shop", DENY)]),
    "pod-half-protected": (
        [policy("in", "shop", ingress("db", app("web"))), policy("out", "shop", egress("web", app("db")))],
        [policy("deny", "shop", DENY)],
    ),
    "dns-blocked": (
        [policy("out", "shop", egress("web", app("db"), {"port": 5432}))],
        [policy("out", "shop", egress("web", {"namespaceSelector": {}}, {"port": 53, "protocol": "UDP"}))],
    ),
    "intra-namespace-blocked": (
        [policy("o", "shop", {**DENY, "egress": [{"to": [{"ipBlock": {"cidr": "8.8.8.0/24"}}]}]})],
        [policy("o", "shop", {**DENY, "egress": [{"to": [{"podSelector": {}}]}]})],
    ),
    "one-sided-egress": (
        [policy("deny", "shop", DENY), policy("out", "shop", egress("web", app("db")))],
        [policy("out", "shop", egress("web", app("db")))],
    ),
    "one-sided-ingress": (
        [policy("deny", "shop", DENY), policy("in", "shop", ingress("db", app("web")))],
        [policy("in", "shop", ingress("db", app("web")))],
    ),
    "claim-not-enforced": (
        [policy("in", "shop", ingress("db", app("web")))],
        [policy("deny", "shop", DENY), policy("in", "shop", ingress("db", app("web")))],
    ),
    "selects-nothing": (
        [policy("in", "shop", ingress("cache", app("web")))],
        [policy("in", "shop", ingress("db", app("web")))],
    ),
    "peer-selects-nothing": (
        [policy("in", "shop", ingress("db", app("api")))],
        [policy("in", "shop", ingress("db", app("web")))],
    ),
    "port-not-listened": (
        [policy("in", "shop", ingress("db", app("web"), {"port": 5433}))],
        [policy("in", "shop", ingress("db", app("web"), {"port": 5400, "endPort": 5500}))],
    ),
    "named-port-nowhere": (
        [policy("in", "shop", ingress("db", app("web"), {"port": "sql"}))],
        [policy("in", "shop", ingress("db", app("web"), {"port": "http"}))],
    ),
    "block-covers-cluster": (
        [pod("x", "shop", ip="10.1.2.3"), policy("o", "shop", egress("web", {"ipBlock": {"cidr": "10.1.0.0/16"}}))],
        [
            pod("x", "shop", ip="10.1.2.3"),
            policy("o", "shop", egress("web", {"ipBlock": {"cidr": "10.1.0.0/16", "except": ["10.1.2.0/24"]}})),
        ],
    ),
    "block-covers-metadata": (
        [policy("o", "shop", egress("web", {"ipBlock": {"cidr": "169.254.0.0/16"}}))],
        [policy("o", "shop", ingress("web", {"ipBlock": {"cidr": "169.254.0.0/16"}}))],
    ),
    "private-cidr": (
        [policy("o", "shop", egress("web", {"ipBlock": {"cidr": "192.168.0.0/16"}}))],
        [policy("o", "shop", egress("web", {"ipBlock": {"cidr": "8.8.8.0/24"}}))],
    ),
    "whole-namespace-allowed": (
        [policy("in", "shop", ingress("db", {"namespaceSelector": {}}))],
        [policy("in", "shop", ingress("db", {"podSelector": {}}))],
    ),
    "all-ports": (
        [policy("in", "shop", ingress("db", app("web")))],
        [policy("in", "shop", ingress("db", app("web"), {"port": 5432}))],
    ),
    "anywhere": (
        [policy("in", "shop", ingress("db", {"ipBlock": {"cidr": "0.0.0.0/0"}}))],
        [policy("in", "shop", ingress("db", {"ipBlock": {"cidr": "8.0.0.0/8"}}))],
    ),
    "redundant": (
        [policy("a", "shop", ingress("db", app("web"))), policy("b", "shop", ingress("db", app("web")))],
        [policy("a", "shop", ingress("db", app("web"))), policy("b", "shop", ingress("web", app("db")))],
    ),
    "spoofable-namespace-label": (
        [policy("in", "shop", ingress("db", {"namespaceSelector": {"matchLabels": {"team": "a"}}}))],
        [
            policy(
                "in",
                "shop",
                ingress("db", {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}),
            )
        ],
    ),
    "plaintext-port": (
        [policy("in", "shop", ingress("db", app("web"), {"port": 80}))],
        [policy("in", "shop", ingress("db", app("web"), {"port": 443}))],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_gap_is_found_where_it_is_and_not_where_it_is_not(name: str) -> None:
    bad, good = CASES[name]
    assert name in names(*WEB_DB, *bad)
    assert name not in names(*WEB_DB, *good)


DNS_PODS: Objects = [
    namespace("kube-system"),
    pod("coredns", "kube-system", 5353, **{"k8s-app": "kube-dns"}),
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "kube-dns", "namespace": "kube-system"},
        "spec": {"selector": {"k8s-app": "kube-dns"}, "ports": [{"port": 53, "protocol": "UDP", "targetPort": 5353}]},
    },
]
API = pod("api", "shop", 8080, app="api")
IN_DB = policy("in", "shop", ingress("db", app("web"), {"port": 5432}))
NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "spec": {"podCIDR": "10.244.1.0/24"}}
MORE: dict[str, tuple[str, Objects, Objects]] = {
    # Beside WEB_DB, too: a gap that a policy by itself has, and the same where it has none.
    "a rule that another rule of its policy repeats": (
        "redundant",
        [policy("in", "shop", {**app("db"), "ingress": [{"from": [app("web")]}] * 2})],
        [policy("in", "shop", {**app("db"), "ingress": [{"from": [app("web")]}]})],
    ),
    "DNS at the port that the pods listen on, and not at the Service's": (
        "dns-blocked",
        [*DNS_PODS, policy("o", "shop", egress("web", {"namespaceSelector": {}}, {"port": 53, "protocol": "UDP"}))],
        [*DNS_PODS, policy("o", "shop", egress("web", {"namespaceSelector": {}}, {"port": 5353, "protocol": "UDP"}))],
    ),
    "one peer of a rule, which the other end stops": (
        "one-sided-egress",
        [
            API,
            policy("deny", "shop", DENY),
            IN_DB,
            policy(
                "out", "shop", {**app("web"), "policyTypes": ["Egress"], "egress": [{"to": [app("db"), app("api")]}]}
            ),
        ],
        [API, policy("deny", "shop", DENY), IN_DB, policy("out", "shop", egress("web", app("db"), {"port": 5432}))],
    ),
    "a name of a port that means pods, for the rule names nobody": (
        "named-port-nowhere",
        [policy("o", "shop", {**app("web"), "policyTypes": ["Egress"], "egress": [{"ports": [{"port": "sql"}]}]})],
        [policy("o", "shop", {**app("web"), "policyTypes": ["Egress"], "egress": [{"ports": [{"port": "http"}]}]})],
    ),
    "where pods of a node have their addresses": (
        "block-covers-cluster",
        [NODE, policy("o", "shop", egress("web", {"ipBlock": {"cidr": "10.244.0.0/16"}}))],
        [
            NODE,
            policy("o", "shop", egress("web", {"ipBlock": {"cidr": "10.244.0.0/16", "except": ["10.244.0.0/23"]}})),
        ],
    ),
}


@pytest.mark.parametrize("told", MORE)
def test_a_gap_of_another_form_is_found_where_it_is_and_not_where_it_is_not(told: str) -> None:
    name, bad, good = MORE[told]
    assert name in names(*WEB_DB, *bad)
    assert name not in names(*WEB_DB, *good)


ALLOW_ALL = {"action": "Accept", "from": [{"namespaces": {}}]}
DENY_ALL = {"action": "Deny", "from": [{"namespaces": {}}]}


def admin(name: str, priority: int, *rules: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": name},
        "spec": {"tier": "Admin", "priority": priority, "subject": {"namespaces": {}}, "ingress": list(rules)},
    }


def test_an_admin_rule_after_one_of_the_same_peers_decides_nothing_and_is_contradicted() -> None:
    found = names(*WEB_DB, admin("a", 1, ALLOW_ALL), admin("b", 2, DENY_ALL))
    assert {"shadowed", "contradictory"} <= found
    assert not {"shadowed", "contradictory"} & names(*WEB_DB, admin("a", 1, ALLOW_ALL))


def test_a_rule_that_denies_who_nobody_is_means_nobody_and_an_exception_is_no_contradiction() -> None:
    nobody = {"action": "Deny", "from": [{"namespaces": {"matchLabels": {"team": "x"}}}]}
    part = {"action": "Accept", "from": [{"namespaces": {"matchLabels": {"team": "a"}}}]}
    assert "peer-selects-nothing" in names(*WEB_DB, admin("a", 1, nobody))
    assert not {"contradictory", "shadowed", "redundant"} & names(*WEB_DB, admin("a", 1, part, DENY_ALL))
    assert {"contradictory", "shadowed"} <= names(*WEB_DB, admin("a", 1, ALLOW_ALL, DENY_ALL))


def test_replicas_that_policies_tell_apart_are_told() -> None:
    def replica(name: str, **labels: str) -> dict[str, Any]:
        made = pod(name, "shop", 80, "", app="api", **labels)
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "api", "uid": "u", "controller": True}
        return {**made, "metadata": {**made["metadata"], "ownerReferences": [owner]}}

    by_version = policy("v", "shop", {"podSelector": {"matchLabels": {"v": "2"}}, "policyTypes": ["Ingress"]})
    assert "uneven-replicas" in names(*WEB_DB, replica("a", v="1"), replica("b", v="2"), by_version)
    assert "uneven-replicas" not in names(*WEB_DB, replica("a", v="2"), replica("b", v="2"), by_version)


def rights(verb: str, resource: str, group: str = "", space: str | None = "shop") -> Objects:
    kind = "Role" if space else "ClusterRole"
    rule = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
    placed = {"namespace": space} if space else {}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": "r", **placed}}
    binding = {"apiVersion": role["apiVersion"], "kind": f"{kind}Binding", "metadata": {"name": "b", **placed}}
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": "r"}
    user = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "eve"}
    return [{**role, "rules": [rule]}, {**binding, "roleRef": ref, "subjects": [user]}]


def test_a_label_opens_a_door_to_whoever_may_create_pods_and_not_change_the_policy() -> None:
    in_db = policy("in", "shop", ingress("db", app("web")))
    assert "door-by-pod" in names(*WEB_DB, in_db, *rights("create", "pods"))
    assert "door-by-pod" in names(*WEB_DB, in_db, *rights("patch", "deployments", "apps"))
    assert "door-by-pod" not in names(*WEB_DB, in_db, *rights("get", "pods"))
    assert "door-by-pod" not in names(*WEB_DB, in_db, *rights("create", "pods", space="other"))
    assert "door-by-pod" not in names(*WEB_DB, in_db, *rights("*", "*", "*"))  # who may change the policy anyway


def test_a_namespace_label_opens_a_door_unless_it_is_the_name_that_nobody_can_forge() -> None:
    by_team = policy("in", "shop", ingress("db", {"namespaceSelector": {"matchLabels": {"team": "a"}}}))
    named = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "web"}}}
    by_name = policy("in", "shop", ingress("db", named))
    assert "door-by-namespace" in names(*WEB_DB, by_team, *rights("patch", "namespaces", space=None))
    assert "door-by-namespace" not in names(*WEB_DB, by_name, *rights("patch", "namespaces", space=None))
    assert "door-by-namespace" not in names(*WEB_DB, by_team, *rights("list", "namespaces", space=None))


def test_doors_are_of_namespaces_that_somebody_may_label_or_make_by_a_role_of_one_alone_too() -> None:
    def named(operator: str, name: str) -> dict[str, Any]:
        wanted = {"key": "kubernetes.io/metadata.name", "operator": operator, "values": [name]}
        peer = {"namespaceSelector": {"matchExpressions": [wanted]}}
        return policy("in", "shop", ingress("db", peer))

    by_team = policy("in", "shop", ingress("db", {"namespaceSelector": {"matchLabels": {"team": "a"}}}))
    dev = namespace("dev")
    assert "door-by-namespace" in names(*WEB_DB, dev, by_team, *rights("patch", "namespaces", space="dev"))
    assert "door-by-namespace" in names(*WEB_DB, named("In", "later"), *rights("create", "namespaces", space=None))
    assert "door-by-namespace" not in names(*WEB_DB, named("In", "shop"), *rights("create", "namespaces", space=None))
    assert "door-by-namespace" not in names(*WEB_DB, dev, named("NotIn", "dev"), *rights("patch", "namespaces"))
    assert "door-by-namespace" in names(
        *WEB_DB, dev, named("NotIn", "dev"), *rights("create", "namespaces", space=None)
    )


def test_whoever_may_change_an_admin_policy_opens_no_door_by_a_label() -> None:
    by_app = {"action": "Accept", "from": [{"pods": {"namespaceSelector": {}, **app("web")}}]}
    owned = "clusternetworkpolicies", "policy.networking.k8s.io"
    assert "door-by-pod" in names(*WEB_DB, admin("a", 1, by_app), *rights("create", "pods"))
    assert "door-by-pod" not in names(*WEB_DB, admin("a", 1, by_app), *rights("*", "*", "*", space=None))
    eve = [*rights("create", "pods"), *_renamed(rights("patch", *owned, space=None))]
    assert "door-by-pod" not in names(*WEB_DB, admin("a", 1, by_app), *eve)


def _renamed(objects: Objects) -> Objects:
    role, binding = objects
    named = {"name": "other"}
    return [{**role, "metadata": named}, {**binding, "metadata": named, "roleRef": {**binding["roleRef"], **named}}]


@pytest.mark.parametrize("text", ["app=a", "app", "!app", "app notin (a, any)", "app in (a,b),app!=a", "app,app!=any"])
def test_an_example_is_selected(text: str) -> None:
    labels = example(selector(text))
    assert labels is not None
    assert selects(selector(text), labels)


def test_a_selector_that_nothing_meets_has_no_example() -> None:
    assert example(selector("app=a,app!=a")) is None
    assert example(selector("app,!app")) is None


def _annotated(text: str) -> tuple[set[str], int, list[str]]:
    in_db = policy("in", "shop", ingress("db", app("web")), **{"netsim.dev/accept": text})
    answer = gaps(netsim.load(documents=[*WEB_DB, in_db]), today=date(2027, 1, 1))
    told = [str(notice) for notice in answer.warnings if "netsim" in str(notice) or "NS" in str(notice)]
    return {each.code for each in answer}, answer.accepted, told


def test_an_annotation_accepts_what_is_found_of_its_object_until_its_day() -> None:
    assert "NS168" in _annotated("NS999 no such thing")[0]
    assert _annotated("NS168 the probe needs it")[:2] == (_annotated("NS999")[0] - {"NS168"}, 1)
    assert _annotated("NS168 until 2027-01-01 soon")[1] == 1
    codes, taken, told = _annotated("NS168 until 2026-12-31 soon")
    assert "NS168" in codes
    assert taken == 0
    assert "expired" in told[0]


def test_an_annotation_without_a_reason_accepts_and_is_told_to_say_why() -> None:
    _, taken, told = _annotated("NS168")
    assert taken == 1
    assert "says not why" in told[0]


@pytest.mark.parametrize("text", ["NS177", "NS168 until tomorrow", "all of it"])
def test_an_annotation_that_accepts_nothing_is_told(text: str) -> None:
    _, taken, told = _annotated(text)
    assert taken == 0
    assert len(told) == 1


def test_findings_of_other_objects_are_not_accepted() -> None:
    found = Finding(code="NS168", severity=checks("gaps")["all-ports"].severity, object="X y/z", message="m")
    keys, _ = accepted(netsim.load(documents=WEB_DB).manifests, [found])
    assert not keys


def test_every_code_has_a_name_and_one_row() -> None:
    codes = [check.code for check in checks("gaps").values()]
    assert codes == [f"NS{number}" for number in range(150, 150 + len(codes))]


@pytest.mark.parametrize(
    ("block", "purpose"),
    [
        ("10.1.0.0/16", "private addresses"),
        ("198.51.100.0/25", "addresses for documentation, which nobody has"),
        ("192.0.2.7/32", "addresses for documentation, which nobody has"),
        ("203.0.113.0/24", "addresses for documentation, which nobody has"),
        ("2001:db8:1::/48", "addresses for documentation, which nobody has"),
        ("198.18.0.0/15", "addresses for benchmarks"),
        ("100.64.0.0/10", "addresses shared behind a carrier's NAT"),
        ("169.254.169.254/32", "link-local addresses"),
        ("8.8.8.0/24", None),
        ("198.51.100.0/23", None),
        ("0.0.0.0/0", None),
        ("2001:dba::/32", None),
    ],
)
def test_a_block_that_is_not_of_the_internet_is_called_by_its_proper_name(block: str, purpose: str | None) -> None:
    assert purpose_of(ip_network(block)) == purpose


def _keys(*rules: dict[str, Any]) -> list[str]:
    objects = [*WEB_DB, policy("db", "shop", {**app("db"), "ingress": list(rules)})]
    return [each.key for each in netsim.load(documents=objects).gaps() if each.position]


def test_a_finding_of_a_rule_is_known_by_what_the_rule_says_and_not_by_its_number() -> None:
    every_port, web = {"from": [app("web")]}, {"from": [app("web"), app("db")], "ports": [{"port": 5432}]}
    assert _keys(every_port)
    assert set(_keys(every_port)) <= set(_keys(web, every_port))
    assert not set(_keys(every_port)) & set(_keys({"from": [app("db")]}))  # what was accepted of one is not of another


def test_a_finding_of_a_peer_or_a_port_does_not_hang_on_what_stands_beside_it() -> None:
    block, other = ({"ipBlock": {"cidr": f"{net}.0/24"}} for net in ("192.0.2", "203.0.113"))
    for beside in ([block, other], [other, block]):
        assert set(_keys({"from": [block], "ports": [{"port": 22}]})) & set(
            _keys({"from": beside, "ports": [{"port": 22}]})
        )
    assert {key for key in _keys({"from": [block], "ports": [{"port": 22}]}) if "NS162" in key} <= set(
        _keys({"from": [block], "ports": [{"port": 23}, {"port": 22}]})
    )
    # A block that another port is opened to is another finding.
    assert not {k for k in _keys({"from": [block], "ports": [{"port": 22}]}) if "NS166" in k} & set(
        _keys({"from": [block], "ports": [{"port": 23}]})
    )
