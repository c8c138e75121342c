"""Role, ClusterRole, RoleBinding, ClusterRoleBinding, ServiceAccount."""

import pytest

from netsim.ir.access import Binding, Role, Subject
from netsim.ir.labels import EVERYTHING
from tests.unit.ingested import ingested, refused

_API = "apiVersion: rbac.authorization.k8s.io/v1"


def _role(rest: str, kind: str = "Role", metadata: str = "name: r, namespace: shop") -> str:
    return f"{_API}\nkind: {kind}\nmetadata: {{{metadata}}}\n{rest}"


def _binding(rest: str, kind: str = "RoleBinding") -> str:
    return f"{_API}\nkind: {kind}\nmetadata: {{name: b, namespace: shop}}\n{rest}"


def _read(rest: str, kind: str = "Role") -> Role:
    (found,) = ingested(_role(rest, kind)).roles
    return found


def _bound(rest: str, kind: str = "RoleBinding") -> Binding:
    (found,) = ingested(_binding(rest, kind)).bindings
    return found


REF = "roleRef: {kind: ClusterRole, name: r}\n"


def test_a_rule_is_read_as_it_is_written_and_where() -> None:
    (rule,) = _read("rules:\n- {apiGroups: ['', apps], resources: [pods/log], resourceNames: [a], verbs: [get]}").rules
    assert (rule.groups, rule.resources, rule.names, rule.verbs) == (("", "apps"), ("pods/log",), ("a",), ("get",))
    assert rule.place.line == 5


def test_null_in_a_list_is_the_empty_text() -> None:
    (rule,) = _read("rules: [{apiGroups: [null], resources: [pods], verbs: [get]}]").rules
    assert rule.groups == ("",)


@pytest.mark.parametrize("rules", ["", "rules: null", "rules: []"])
def test_a_role_may_have_no_rules(rules: str) -> None:
    assert _read(rules).rules == ()


def test_a_cluster_role_is_in_no_namespace_and_a_role_in_the_default_one() -> None:
    assert _read("rules: []", "ClusterRole").namespace == ""
    (role,) = ingested(_role("rules: []", metadata="name: r")).roles
    assert (role.namespace, str(role)) == ("default", "Role default/r")


def test_a_role_that_a_server_wrote_has_a_resource_version() -> None:
    (role,) = ingested(_role("rules: []", metadata="name: r, resourceVersion: '1'")).roles
    assert role.served


def test_an_empty_selector_aggregates_every_cluster_role() -> None:
    assert _read("aggregationRule: {clusterRoleSelectors: [{}]}", "ClusterRole").aggregates == (EVERYTHING,)


@pytest.mark.parametrize(
    ("subject", "meant"),
    [
        ("{kind: ServiceAccount, name: a}", Subject.account("shop", "a")),
        ("{kind: ServiceAccount, name: a, namespace: lab}", Subject.account("lab", "a")),
        ("{kind: User, name: a, namespace: lab}", Subject.user("a")),
        ("{kind: Group, name: 'system:masters', apiGroup: rbac.authorization.k8s.io}", Subject.group("system:masters")),
    ],
)
def test_whom_a_subject_means(subject: str, meant: Subject) -> None:
    assert _bound(f"{REF}subjects: [{subject}]").subjects == (meant,)


def test_a_binding_may_have_no_subjects_and_its_group_is_filled_in() -> None:
    assert _bound(REF).subjects == ()


def test_roles_of_an_older_version_are_read_as_the_current_one() -> None:
    text = _role("rules: []").replace("/v1", "/v1beta1")
    assert any("no server serves that version" in str(notice) for notice in ingested(text).warnings)


@pytest.mark.parametrize(
    ("text", "refusals"),
    [
        (
            _role("rules: [{}]"),
            [("NS108", "rules[0].apiGroups"), ("NS108", "rules[0].resources"), ("NS108", "rules[0].verbs")],
        ),
        (
            _role("rules: [null]"),
            [("NS108", "rules[0].apiGroups"), ("NS108", "rules[0].resources"), ("NS108", "rules[0].verbs")],
        ),
        (_role("rules: [{nonResourceURLs: [/a], verbs: [get]}]"), [("NS125", "rules[0].nonResourceURLs")]),
        (_role("rules: [{nonResourceURLs: [/a], verbs: []}]", "ClusterRole"), [("NS108", "rules[0].verbs")]),
        (_role("aggregationRule: {}", "Role"), [("NS106", "aggregationRule")]),
        (_role("aggregationRule: {}", "ClusterRole"), [("NS108", "aggregationRule.clusterRoleSelectors")]),
        (_role("rules: []", metadata="name: '..'"), [("NS109", "metadata.name")]),
        (_role("rules: []", metadata="name: a%b"), [("NS109", "metadata.name")]),
        (_binding("roleRef: {kind: Role, name: r}", "ClusterRoleBinding"), [("NS123", "roleRef.kind")]),
        (_binding("roleRef: {kind: Role}"), [("NS108", "roleRef.name")]),
        (_binding("subjects: []"), [("NS108", "roleRef.kind"), ("NS108", "roleRef.name")]),
        (
            _binding(f"{REF}subjects: [{{kind: ServiceAccount, name: a}}]", "ClusterRoleBinding"),
            [("NS108", "subjects[0].namespace")],
        ),
        (_binding(f"{REF}subjects: [{{kind: Robot, name: a}}]"), [("NS123", "subjects[0].kind")]),
        (_binding(f"{REF}subjects: [{{kind: User, name: a, apiGroup: v1}}]"), [("NS123", "subjects[0].apiGroup")]),
        (_binding(f"{REF}subjects: [null]"), [("NS108", "subjects[0].kind"), ("NS108", "subjects[0].name")]),
    ],
)
def test_what_the_server_refuses(text: str, refusals: list[tuple[str, str]]) -> None:
    assert refused(text) == refusals


def test_names_of_roles_may_have_colons_and_capitals() -> None:
    assert ingested(_role("rules: []", metadata="name: 'system:Foo_bar'")).roles


def test_an_account_says_what_is_mounted_and_pulled_with() -> None:
    (account,) = ingested(
        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a, annotations: {x: z}}, secrets: [{name: s}, {}],"
        " imagePullSecrets: [{name: p}], automountServiceAccountToken: false}"
    ).accounts
    assert (account.automount, account.secrets, account.pull_secrets) == (False, ("s",), ("p",))
    assert account.annotations == {"x": "z"}
