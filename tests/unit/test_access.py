"""Who may ask the API server for what, beyond the plain request."""

from io import StringIO
from textwrap import dedent
from typing import Any

import pytest

import netsim
from netsim.access.connect import ways_into_pod, ways_to_kubelet
from netsim.access.identity import identity
from netsim.access.near import Part
from netsim.ir.access import Authority, Defaults, Refusal, Request, Subject, Warrant
from netsim.ir.release import NEWEST, OLDEST, Release
from netsim.knowledge import gates, known_resources, release, rights_checks, shipped_rights

_API = "apiVersion: rbac.authorization.k8s.io/v1"


def _cluster(text: str, **options: Any) -> netsim.Cluster:
    return netsim.load(StringIO(dedent(text)), **options)


def _granting(rules: str, subject: str = "{kind: User, name: ann}", **options: Any) -> netsim.Cluster:
    """Return a cluster in which one subject holds these rules cluster-wide."""
    return _cluster(
        f"{_API}\nkind: ClusterRole\nmetadata: {{name: r}}\nrules: {rules}\n---\n"
        f"{_API}\nkind: ClusterRoleBinding\nmetadata: {{name: b}}\n"
        f"roleRef: {{kind: ClusterRole, name: r}}\nsubjects: [{subject}]\n",
        **options,
    )


def _bound(role: str, namespace: str = "") -> str:
    kind, where = ("RoleBinding", f", namespace: {namespace}") if namespace else ("ClusterRoleBinding", "")
    return (
        f"{_API}\nkind: {kind}\nmetadata: {{name: b{where}}}\n"
        f"roleRef: {{kind: ClusterRole, name: {role}}}\nsubjects: [{{kind: User, name: ann}}]\n"
    )


def test_an_answer_carries_the_places_of_binding_role_and_rule() -> None:
    answer = _granting("[{apiGroups: [''], resources: [pods], verbs: [get]}]").can("User:ann", "get", "pods")
    (grant,) = answer.grants
    assert [grant.binding.place.line, grant.role.place.line, grant.rule.place.line] == [6, 1, 4]
    assert answer.to_dict()["grants"][0]["binding"] == {
        "kind": "ClusterRoleBinding",
        "name": "b",
        "file": "<input>",
        "line": 6,
    }


def test_an_answer_is_true_in_a_condition_iff_it_is_allowed() -> None:
    cluster = _granting("[{apiGroups: [''], resources: [pods], verbs: [get]}]")
    assert cluster.can("User:ann", "get", "pods")
    assert not cluster.can("User:ann", "list", "pods")


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ({"verb": "list", "resource": "pods"}, Part.VERB),
        ({"verb": "get", "resource": "pods.apps"}, Part.GROUP),
        ({"verb": "get", "resource": "pods/log"}, Part.RESOURCE),
    ],
)
def test_a_denial_tells_the_rules_that_only_one_thing_keeps_from_it(asked: dict[str, str], part: Part) -> None:
    answer = _granting("[{apiGroups: [''], resources: [pods], verbs: [get]}]").can("User:ann", **asked)
    assert [miss.part for miss in answer.near] == [part]


@pytest.mark.parametrize(
    "text", ["ann", "User:", "ServiceAccount:web", "ServiceAccount:a/b/c", "ServiceAccount:/b", "Robot:x", ":x"]
)
def test_what_names_no_subject_is_told_so(text: str) -> None:
    with pytest.raises(netsim.UsageError) as error:
        _cluster(_bound("view")).can(text, "get", "pods")
    assert error.value.hint


def test_a_user_name_of_an_account_is_answered_with_the_account() -> None:
    with pytest.raises(netsim.UsageError) as error:
        _cluster(_bound("view")).can("system:serviceaccount:shop:web", "get", "pods")
    assert "ServiceAccount:shop/web" in error.value.hint


@pytest.mark.parametrize(
    "asked",
    [
        {"resource": None},
        {"resource": "pods/log", "subresource": "exec"},
        {"resource": "pods.apps", "group": "batch"},
        {"path": "/x", "namespace": "shop"},
        {"path": "x"},
    ],
)
def test_parts_of_a_request_that_do_not_go_together_are_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(netsim.UsageError):
        _cluster(_bound("view")).can("User:ann", "get", **asked)


def test_a_default_role_is_used_where_a_binding_names_it_and_the_answer_says_so() -> None:
    cluster = _cluster(_bound("view", "shop"))
    answer = cluster.can("User:ann", "list", "pods", namespace="shop")
    assert answer.allowed
    assert answer.assumptions == (
        f"ClusterRole view is taken as Kubernetes {NEWEST} makes it: the input does not hold it",
    )
    assert not cluster.can("User:ann", "list", "secrets", namespace="shop").allowed


def test_the_input_overrides_a_default_role() -> None:
    cluster = _cluster(f"{_API}\nkind: ClusterRole\nmetadata: {{name: view}}\nrules: []\n---\n{_bound('view')}")
    answer = cluster.can("User:ann", "list", "pods")
    assert (answer.allowed, answer.assumptions) == (False, ())


def test_without_defaults_a_binding_of_one_dangles() -> None:
    answer = _cluster(_bound("view"), defaults="none").can("User:ann", "list", "pods")
    assert not answer.allowed
    assert "does not exist" in str(answer.warnings[0])


def test_with_all_defaults_their_bindings_count_too() -> None:
    text = "{apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}}"
    paths = {
        choice: _cluster(text, defaults=choice).can("ServiceAccount:shop/web", "get", path="/healthz")
        for choice in Defaults
    }
    assert {choice: bool(answer) for choice, answer in paths.items()} == {
        Defaults.NONE: False,
        Defaults.NAMED: False,
        Defaults.ALL: True,
    }


def test_a_label_of_the_input_adds_to_a_default_role_also_by_way_of_others() -> None:
    labelled = (
        f"{_API}\nkind: ClusterRole\nmetadata:\n  name: w\n"
        "  labels: {rbac.authorization.k8s.io/aggregate-to-view: 'true'}\n"
        "rules: [{apiGroups: [example.com], resources: [widgets], verbs: [get]}]\n---\n"
    )
    for role in ("view", "edit", "admin"):
        answer = _cluster(labelled + _bound(role)).can("User:ann", "get", "widgets", group="example.com")
        assert [str(grant.origin) for grant in answer.grants] == ["ClusterRole w"]


@pytest.mark.parametrize(
    ("role", "verb", "resource", "since"),
    [
        ("edit", "create", "serviceaccounts/token", "1.24"),
        ("admin", "create", "serviceaccounts/token", "1.24"),
        ("view", "get", "endpointslices.discovery.k8s.io", "1.22"),
        ("edit", "create", "events", "1.22"),
        ("edit", "create", "pods/eviction", "1.24"),
        ("system:kubelet-api-admin", "get", "nodes/configz", "1.33"),
    ],
)
def test_default_roles_are_those_of_the_release(role: str, verb: str, resource: str, since: str) -> None:
    asked = {"name": "x"} if "/" in resource else {}
    before = str(Release(1, release(since).minor - 1))
    answers = [
        _cluster(_bound(role), kubernetes=version).can("User:ann", verb, resource, **asked).allowed
        for version in (before, since)
    ]
    assert answers == [False, True]


def test_endpoints_could_be_written_by_editors_until_1_21() -> None:
    answers = [
        _cluster(_bound("edit"), kubernetes=v).can("User:ann", "update", "endpoints").allowed for v in ("1.21", "1.22")
    ]
    assert answers == [True, False]


def test_cluster_admin_may_everything_and_view_reads_no_secret_in_any_release() -> None:
    for minor in range(OLDEST.minor, NEWEST.minor + 1):
        version = f"1.{minor}"
        assert _cluster(_bound("cluster-admin"), kubernetes=version).can("User:ann", "*", "*", group="*").allowed
        assert not _cluster(_bound("view"), kubernetes=version).can("User:ann", "get", "secrets").allowed


@pytest.mark.parametrize(
    ("text", "meant"), [("1.33", (1, 33)), ("v1.29.4", (1, 29)), ("1.30.1-gke.2", (1, 30)), ("", NEWEST)]
)
def test_a_release_is_read_from_what_clusters_say(text: str, meant: tuple[int, int]) -> None:
    assert release(text) == meant


@pytest.mark.parametrize("text", ["latest", "1", "1.19", "1.99", "2.0"])
def test_an_unknown_release_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(netsim.UsageError) as error:
        release(text)
    assert str(NEWEST) in error.value.hint


def test_the_tables_are_whole() -> None:
    for minor in range(OLDEST.minor, NEWEST.minor + 1):
        shipped = shipped_rights(Release(1, minor))
        names = {role.name for role in shipped.roles}
        assert {binding.role for binding in shipped.bindings} <= names
        assert all(role.rules or role.aggregates for role in shipped.roles)
    assert all(OLDEST < since <= NEWEST for since in gates().values())
    assert known_resources()[0]["apps", "deployments"]
    codes = [row.check.code for row in rights_checks()]
    assert len(set(codes)) == len(codes)


def test_a_request_for_one_namespace_is_in_it() -> None:
    rules = "[{apiGroups: [''], resources: [namespaces], verbs: [get, list, delete]}]"
    text = (
        f"{_API}\nkind: Role\nmetadata: {{name: r, namespace: shop}}\nrules: {rules}\n---\n"
        f"{_API}\nkind: RoleBinding\nmetadata: {{name: b, namespace: shop}}\n"
        "roleRef: {kind: Role, name: r}\nsubjects: [{kind: User, name: ann}]\n"
    )
    cluster = _cluster(text)
    assert cluster.can("User:ann", "delete", "namespaces", name="shop").allowed
    assert not cluster.can("User:ann", "delete", "namespaces", name="lab").allowed
    assert not cluster.can("User:ann", "list", "namespaces", name="shop").allowed


def test_the_name_of_a_proxied_service_is_the_whole_text_with_scheme_and_port() -> None:
    rules = "[{apiGroups: [''], resources: [services/proxy], resourceNames: ['https:web:8443', api], verbs: [get]}]"
    cluster = _granting(rules)
    names = ("https:web:8443", "web", "api", "api:80", "https:api:")
    found = {
        name: bool(cluster.can("User:ann", "get", "services/proxy", namespace="shop", name=name)) for name in names
    }
    assert found == {"https:web:8443": True, "web": False, "api": True, "api:80": False, "https:api:": False}


def test_a_name_that_a_create_cannot_carry_is_left_out_and_the_answer_says_so() -> None:
    cluster = _granting("[{apiGroups: [''], resources: [pods], resourceNames: [a], verbs: [create]}]")
    answer = cluster.can("User:ann", "create", "pods", name="a")
    assert not answer.allowed
    assert "carries no name" in answer.assumptions[0]


@pytest.mark.parametrize(("version", "word"), [("1.34", "is enough"), ("1.35", "opens no WebSocket")])
def test_a_get_of_exec_is_explained_by_the_release(version: str, word: str) -> None:
    cluster = _granting("[{apiGroups: [''], resources: [pods/exec], verbs: [get]}]", kubernetes=version)
    assert any(word in note for note in cluster.can("User:ann", "get", "pods/exec").assumptions)


def test_the_ways_into_a_pod_depend_on_the_release() -> None:
    def verbs(version: Release) -> list[list[str]]:
        ways = ways_into_pod("exec", namespace="n", name="p", release=version, websocket_create=Release(1, 35))
        return [[request.verb for request in way] for way in ways]

    assert verbs(Release(1, 34)) == [["create"], ["get"]]
    assert verbs(Release(1, 35)) == [["create"]]


@pytest.mark.parametrize(
    ("method", "path", "version", "asked"),
    [
        ("GET", "/exec/ns/pod/c", "1.36", ["get nodes/proxy"]),
        ("POST", "/run/ns/pod/c", "1.36", ["create nodes/proxy"]),
        ("GET", "/pods", "1.32", ["get nodes/proxy"]),
        ("GET", "/pods", "1.33", ["get nodes/pods", "get nodes/proxy"]),
        ("GET", "/runningpods/", "1.33", ["get nodes/proxy"]),
        ("GET", "/runningPods/", "1.33", ["get nodes/pods", "get nodes/proxy"]),
        ("GET", "/metrics/cadvisor", "1.36", ["get nodes/metrics"]),
        ("GET", "/stats/summary", "1.36", ["get nodes/stats"]),
        ("GET", "/logs/", "1.36", ["get nodes/log"]),
        ("GET", "/logsx", "1.36", ["get nodes/proxy"]),
        ("POST", "/checkpoint/ns/pod/c", "1.36", ["create nodes/checkpoint"]),
        ("GET", "/configz", "1.36", ["get nodes/configz", "get nodes/proxy"]),
    ],
)
def test_what_a_kubelet_asks_for_a_request_to_it(method: str, path: str, version: str, asked: list[str]) -> None:
    since = gates()["kubelet-fine-grained"]
    ways = ways_to_kubelet(method, path, "w1", release=release(version), fine_grained=since)
    assert [f"{request.verb} nodes/{request.subresource}" for (request,) in ways] == asked


WRITER = "{apiGroups: [rbac.authorization.k8s.io], resources: ['*'], verbs: [create, update, patch]}"


def _target(rest: str = "rules: []", kind: str = "ClusterRole") -> dict[str, Any]:
    import yaml

    found: dict[str, Any] = yaml.safe_load(f"{_API}\nkind: {kind}\nmetadata: {{name: new}}\n{rest}")
    return found


def test_a_write_says_why_it_may_not() -> None:
    cluster = _granting(f"[{WRITER}]")
    refusals = [
        cluster.may_write("User:bob", "create", _target()).refusal,
        cluster.may_write(
            "User:ann", "create", _target("rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]")
        ).refusal,
        cluster.may_write(
            "User:ann", "create", _target("roleRef: {kind: ClusterRole, name: gone}", "ClusterRoleBinding")
        ).refusal,
        cluster.may_write("User:ann", "create", _target("aggregationRule: {clusterRoleSelectors: [{}]}")).refusal,
    ]
    assert refusals == [Refusal.REQUEST, Refusal.HELD, Refusal.ABSENT, Refusal.HELD]


def test_a_write_says_why_it_may() -> None:
    cluster = _granting(f"[{WRITER}]")
    assert cluster.may_write("User:ann", "create", _target(f"rules: [{WRITER}]")).warrant is Warrant.HELD
    assert cluster.may_write("Group:system:masters", "create", _target(f"rules: [{WRITER}]")).warrant is Warrant.MASTERS
    verbs = _granting(f"[{WRITER}, {{apiGroups: ['*'], resources: [clusterroles], verbs: [escalate]}}]")
    assert (
        verbs.may_write("User:ann", "create", _target("rules: [{nonResourceURLs: [/x], verbs: [get]}]")).warrant
        is Warrant.VERB
    )


def test_escalate_of_one_role_does_not_help_to_create_it() -> None:
    named = "{apiGroups: ['*'], resources: [clusterroles], resourceNames: [new], verbs: [escalate]}"
    cluster = _granting(f"[{WRITER}, {named}]")
    wide = _target("rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]")
    assert not cluster.may_write("User:ann", "create", wide).allowed
    assert cluster.may_write("User:ann", "update", wide).allowed


def test_a_role_that_aggregates_may_only_be_changed_by_who_holds_everything() -> None:
    there = (
        f"{_API}\nkind: ClusterRole\nmetadata: {{name: new}}\naggregationRule: {{clusterRoleSelectors: [{{}}]}}\n---\n"
    )
    rules = f"[{WRITER}]"
    text = there + (f"{_API}\nkind: ClusterRole\nmetadata: {{name: r}}\nrules: {rules}\n---\n{_bound('r')}")
    assert not _cluster(text).may_write("User:ann", "update", _target()).allowed
    assert _cluster(text).may_write("User:ann", "create", _target()).allowed


@pytest.mark.parametrize("given", [{"kind": "Pod"}, {"kind": "Role", "verb": "delete"}])
def test_what_is_no_write_of_a_role_is_refused(given: dict[str, str]) -> None:
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}
    with pytest.raises(netsim.UsageError):
        _granting("[]").may_write("User:ann", given.get("verb", "create"), manifest)


def test_an_impersonation_says_who_one_is_then_and_what_was_asked() -> None:
    cluster = _granting("[{apiGroups: [''], resources: [serviceaccounts, groups, users], verbs: [impersonate]}]")
    found = cluster.may_impersonate("User:ann", user="system:serviceaccount:shop:web")
    assert found.groups == {"system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"}
    assert [str(request) for request, _ in found.checks] == ['impersonate serviceaccounts "web" in shop']
    given = cluster.may_impersonate("User:ann", user="bob", as_groups=["system:masters"])
    assert given.groups == {"system:masters", "system:authenticated"}
    assert not cluster.may_impersonate("User:ann", user="bob", uid="1").allowed


def test_constrained_impersonation_is_for_an_action_and_from_its_release_on() -> None:
    rules = """[
      {apiGroups: [authentication.k8s.io], resources: [users], resourceNames: [bob], verbs: ['impersonate:user-info']},
      {apiGroups: [''], resources: [pods], verbs: ['impersonate-on:user-info:list']}]"""
    asked: dict[str, Any] = {"user": "bob", "action": {"verb": "list", "resource": "pods"}}
    found = _granting(rules).may_impersonate("User:ann", **asked)
    assert (found.allowed, found.mode) == (True, "impersonate:user-info")
    assert not _granting(rules, kubernetes="1.35").may_impersonate("User:ann", **asked).allowed
    assert not _granting(rules).may_impersonate("User:ann", user="bob").allowed
    other = {"verb": "get", "resource": "pods"}
    assert not _granting(rules).may_impersonate("User:ann", user="bob", action=other).allowed


@pytest.mark.parametrize(
    ("write", "signer", "allowed"),
    [
        (
            "{resources: [APPROVAL], verbs: [update]}",
            "{resources: [signers], resourceNames: [example.com/a], VERB}",
            True,
        ),
        (
            "{resources: [APPROVAL], verbs: [patch]}",
            "{resources: [signers], resourceNames: [example.com/*], VERB}",
            True,
        ),
        ("{resources: [APPROVAL], verbs: [update]}", "{resources: [signers], resourceNames: ['*'], VERB}", False),
        ("{resources: [APPROVAL], verbs: [get]}", "{resources: [signers], VERB}", False),
        ("{resources: [STATUS], verbs: [update]}", "{resources: [signers], VERB}", False),
        ("{resources: [none], verbs: [get]}", "{resources: [signers], VERB}", False),
        ("{resources: [APPROVAL], resourceNames: [x], verbs: [update]}", "{resources: [signers], VERB}", False),
        ("{resources: ['*'], verbs: ['*']}", "{resources: [none], verbs: [get]}", True),
    ],
)
def test_approving_needs_the_write_and_the_signer(write: str, signer: str, *, allowed: bool) -> None:
    text = f"[{write}, {signer}]".replace("VERB", "verbs: [approve]").replace(
        "{res", "{apiGroups: [certificates.k8s.io], res"
    )
    for word in ("APPROVAL", "STATUS"):
        text = text.replace(word, f"certificatesigningrequests/{word.lower()}")
    assert _granting(text).may_certify("User:ann", "approve", "example.com/a") is allowed


def test_a_node_reads_what_its_pods_use_and_nothing_else() -> None:
    cluster = _cluster(
        """\
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop}
        spec:
          nodeName: w1
          serviceAccountName: web
          imagePullSecrets: [{name: registry}]
          volumes:
          - {name: a, secret: {secretName: tls}}
          - {name: b, configMap: {name: conf}}
          - {name: c, persistentVolumeClaim: {claimName: data}}
          - {name: d, projected: {sources: [{secret: {name: more}}]}}
          containers: [{name: c, env: [{name: P, valueFrom: {secretKeyRef: {name: db, key: p}}}]}]
        ---
        apiVersion: v1
        kind: PersistentVolume
        metadata: {name: pv1}
        spec: {claimRef: {namespace: shop, name: data}, csi: {nodePublishSecretRef: {namespace: storage, name: key}}}
        """
    )

    def may(verb: str, written: str, name: str, namespace: str = "shop", node: str = "w1") -> bool:
        resource, _, group = written.partition(".")
        asked = {"name": name, "namespace": namespace, "group": group}
        answer = cluster.can(f"User:system:node:{node}", verb, resource, groups=["system:nodes"], **asked)
        assert answer.by in (Authority.NODE, None)
        return answer.allowed

    assert all(may("get", "secrets", name) for name in ("tls", "registry", "db", "more"))
    assert may("get", "secrets", "key", "storage")
    assert may("get", "configmaps", "conf")
    assert may("get", "persistentvolumes", "pv1", "")
    assert may("create", "serviceaccounts/token", "web")
    assert not may("get", "secrets", "other")
    assert not may("list", "secrets", "")
    assert not may("get", "secrets", "tls", node="w2")
    assert not may("update", "secrets", "tls")
    assert may("get", "pods", "web")
    assert not may("get", "pods", "other")
    assert not may("list", "pods", "")
    assert may("get", "nodes", "w1", "")
    assert not may("get", "nodes", "w2", "")
    assert may("patch", "nodes/status", "w1", "")
    assert may("create", "certificatesigningrequests.certificates.k8s.io", "", "")
    assert may("update", "leases.coordination.k8s.io", "w1", "kube-node-lease")
    assert not may("update", "leases.coordination.k8s.io", "w2", "kube-node-lease")
    assert not may("update", "leases.coordination.k8s.io", "w1", "shop")
    assert not may("create", "pods/exec", "web")
    user = cluster.can("User:system:node:w1", "get", "secrets", name="tls", namespace="shop")
    assert not user.allowed  # not in system:nodes


def test_names_tell_what_a_rule_for_names_allows() -> None:
    access = _granting("[{apiGroups: [''], resources: [pods/exec], resourceNames: [a, b], verbs: [create]}]").access
    asked = Request(verb="create", resource="pods", subresource="exec", namespace="shop")
    assert access.names(identity(Subject.user("ann")), asked) == frozenset(("a", "b"))
    assert access.names(identity(Subject.user("bob")), asked) == frozenset()
    assert access.names(identity(Subject.group("system:masters")), asked) is None


def test_permissions_are_listed_cluster_wide_first_and_show_themselves() -> None:
    cluster = _cluster(f"{_bound('view')}---\n{_bound('system:node-bootstrapper', 'shop')}")
    found = cluster.permissions("User:ann")
    assert [grant.binding.namespace for grant in found][-1] == "shop"
    assert found.to_frame().shape == (len(found), 9)
    assert "cluster-wide" in str(found)
    assert "<table>" in found._repr_html_()
    assert cluster.permissions("Group:system:masters").everything


def test_holders_are_the_subjects_with_their_proofs() -> None:
    found = _granting("[{apiGroups: [''], resources: [pods], verbs: [get]}]").holders("get", "pods")
    assert (list(found), len(found.grants[0])) == (["User:ann"], 1)
    assert found.to_dict()["kind"] == "WhoCan"
    assert found.to_frame().shape == (1, 5)
    assert "<table>" in found._repr_html_()


def _codes(text: str, **options: Any) -> set[tuple[str, str]]:
    return {(found.code, found.object) for found in _cluster(text, **options).rights_findings}


def test_what_dangles_and_what_nobody_uses_is_found() -> None:
    text = f"""\
    {_API}
    kind: Role
    metadata: {{name: idle, namespace: shop}}
    rules: []
    ---
    {_API}
    kind: RoleBinding
    metadata: {{name: gone, namespace: shop}}
    roleRef: {{kind: Role, name: gone}}
    subjects: [{{kind: ServiceAccount, name: nobody}}, {{kind: ServiceAccount, name: web}}]
    ---
    {_API}
    kind: RoleBinding
    metadata: {{name: used, namespace: shop}}
    roleRef: {{kind: ClusterRole, name: view}}
    subjects: [{{kind: ServiceAccount, name: web}}]
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {{name: web, namespace: shop}}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {{name: p, namespace: shop}}
    spec: {{containers: [{{name: c}}]}}
    """
    assert _codes(text) >= {
        ("NS201", "RoleBinding shop/gone"),
        ("NS202", "RoleBinding shop/gone"),
        ("NS203", "Role shop/idle"),
        ("NS204", "ServiceAccount shop/web"),
    }


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ("{apiGroups: ['*'], resources: ['*'], verbs: ['*']}", "NS221"),
        ("{apiGroups: [''], resources: ['*'], verbs: [delete]}", "NS222"),
        ("{apiGroups: [''], resources: [secrets], verbs: [watch]}", "NS223"),
        ("{apiGroups: [''], resources: [nodes/proxy], verbs: [get]}", "NS224"),
        ("{apiGroups: [''], resources: [pods/exec], verbs: [create]}", "NS225"),
        ("{apiGroups: [''], resources: ['*/proxy'], verbs: [get]}", "NS227"),
        ("{apiGroups: [''], resources: [pods/log], verbs: [get]}", "NS228"),
        ("{apiGroups: [''], resources: [serviceaccounts/token], verbs: [create]}", "NS229"),
        ("{apiGroups: [batch], resources: [cronjobs], verbs: [create]}", "NS230"),
        ("{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [bind]}", "NS231"),
        ("{apiGroups: [''], resources: [groups], verbs: [impersonate]}", "NS232"),
        ("{apiGroups: [certificates.k8s.io], resources: [signers], verbs: [approve]}", "NS233"),
        ("{apiGroups: ['*'], resources: [mutatingwebhookconfigurations], verbs: [patch]}", "NS234"),
        ("{apiGroups: [''], resources: [pods], resourceNames: [a], verbs: [create]}", "NS206"),
    ],
)
def test_what_grants_too_much_is_found(rules: str, code: str) -> None:
    found = {each.code for each in _granting(f"[{rules}]").rights_findings}
    assert code in found
    harmless = {each.code for each in _granting("[{apiGroups: [''], resources: [pods], verbs: [get]}]").rights_findings}
    assert code not in harmless


def test_a_get_of_exec_is_found_before_1_35() -> None:
    rules = "[{apiGroups: [''], resources: [pods/exec], verbs: [get]}]"
    assert [
        any(each.code == "NS226" for each in _granting(rules, kubernetes=v).rights_findings) for v in ("1.34", "1.35")
    ] == [
        True,
        False,
    ]


def test_an_identity_of_a_finding_outlives_moved_lines() -> None:
    rules = "{apiGroups: [''], resources: [secrets], verbs: [get]}"
    keys = [
        {each.key for each in _granting(f"[{before}{rules}]").rights_findings if each.code == "NS223"}
        for before in ("", "{apiGroups: [''], resources: [pods], verbs: [get]}, ")
    ]
    assert keys[0] == keys[1]
